package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	runs "secretome/internal/run"
	"secretome/internal/task"
)

// things launches the protocol in which things are made from things, and returns
// a robot whose barcodes end with number.
func things(t *testing.T, l *laboratory, number int) *robot {
	t.Helper()
	r := launchAll(t, l, "testdata/lots.yaml")
	code := func(prefix string) string { return fmt.Sprintf("%s-%04d", prefix, number) }
	r.values = map[string]string{
		"consent/donor.code": code("D"), "culture/seed.vessel": code("CV"), "culture/seed.medium": "BM-1",
		"fill/fill.lot": code("CM"), "fill/fill.blank": code("UCM"), "fill/fill.volume": "0.5 mL", "fill/fill.number": "4 1", "release/release.lot": code("CM"),
		"take-from-stock/lots.lot_1": code("CM"), "prepare/seed.plate": code("PL"), "thaw-aliquot/scan.volume": "0.5 mL",
		"treat/apply.plate": code("PL"), "take-samples/a.plate": code("PL"),
	}
	return r
}

// medium registers and releases a bottle of medium.
func medium(t *testing.T, l *laboratory, amount string) {
	t.Helper()
	toLot(t, l, "technician", "BM-1", client.LotAct{Verb: "add", Body: record.LotAct{Kind: "reagent", Title: "medium", Amount: amount}})
	toLot(t, l, "quality", "BM-1", client.LotAct{Verb: "release"})
}

func toLot(t *testing.T, l *laboratory, who, barcode string, a client.LotAct) client.LotActed {
	t.Helper()
	acted, err := l.as(who).ActOnLot(t.Context(), client.NewRequest(), barcode, a)
	if err != nil {
		t.Fatalf("%s %s: %v", a.Verb, barcode, err)
	}
	return acted
}

// before plays until the task with this ID in the protocol is open, and returns
// it.
func (r *robot) before(id string) client.Task {
	r.t.Helper()
	var found client.Task
	r.until(func(open client.Task) bool {
		if strings.Contains(open.ID, "/"+id+"/") {
			found = open
		}
		return found.ID != ""
	})
	if found.ID == "" {
		r.t.Fatalf("task %s is never asked", id)
	}
	return found
}

func (r *robot) control(verb runs.Verb, reason string) client.Controlled {
	r.t.Helper()
	done, err := r.l.as("manager").Control(r.t.Context(), client.NewRequest(), r.run, client.Control{Verb: verb, Reason: reason})
	if err != nil {
		r.t.Fatalf("%s: %v", verb, err)
	}
	return done
}

// wants fails unless err is of a kind and says some words.
func wants(t *testing.T, what string, err error, kind fault.Kind, words string) {
	t.Helper()
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v, want %s with %q", what, err, kind, words)
	}
}

func TestThingsAreMadeFromThingsAndKnown(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "150 mL")
	r := things(t, l, 1)
	r.held = map[string]func(client.Task){}
	culture := r.before("culture")
	technician := l.as("technician")
	r.act(technician, culture.ID, client.Act{Verb: task.Claim})
	seed := client.Act{Verb: task.Step, Step: "seed", Entries: []record.Entry{{Field: "vessel", Value: "CV-0001"}, {Field: "medium", Value: "BM-1"}}}
	r.act(technician, culture.ID, seed)
	_, err := technician.Act(t.Context(), client.NewRequest(), culture.ID, client.Act{Verb: task.Complete})
	wants(t, "complete before the check", err, fault.Conflict, "waits for a second person")
	_, err = technician.Act(t.Context(), client.NewRequest(), culture.ID, client.Act{Verb: task.Check, Step: "seed"})
	wants(t, "own check", err, fault.Refused, `technician did step "seed"`)
	r.act(l.as("quality"), culture.ID, client.Act{Verb: task.Check, Step: "seed"})
	r.act(technician, culture.ID, client.Act{Verb: task.Complete})
	r.done[culture.ID] = true

	if ended := r.play(); ended.State != "done" {
		t.Fatalf("the run is %s: %s", ended.State, ended.Why)
	}
	lot, err := l.as("auditor").Lot(t.Context(), "CM-0001")
	if err != nil {
		t.Fatal(err)
	}
	if lot.State != "released" || lot.Left.String() != "1.5 mL" || lot.Matched != "UCM-0001" || !slices.Equal(lot.Donors, []string{"D-0001"}) {
		t.Errorf("the lot is %+v", lot.Lot)
	}
	if got := codes(lot.Ancestors); !slices.Equal(got, []string{"CV-0001", "D-0001", "BM-1"}) && !slices.Equal(got, []string{"D-0001", "CV-0001", "BM-1"}) {
		t.Errorf("the lot was made from %v", got)
	}
	if got := codes(lot.Descendants); !slices.Equal(got, []string{"PL-0001"}) {
		t.Errorf("from the lot was made %v", got)
	}
	l.keepHistory(t, "lot/CM-0001", "Lot-drawn")
	l.keepHistory(t, "lot/D-0001", "Lot-donor")
	if m, err := l.as("auditor").Lot(t.Context(), "BM-1"); err != nil || m.Left.String() != "50 mL" {
		t.Errorf("of the medium is left %v, %v", m.Left, err)
	}
	other := things(t, l, 2)
	second := other.before("culture")
	other.act(technician, second.ID, client.Act{Verb: task.Claim})
	_, err = technician.Act(t.Context(), client.NewRequest(), second.ID, seed)
	wants(t, "a label that is used", err, fault.Conflict, "CV-0001 is the label of a vessel already")
	seed.Entries = []record.Entry{{Field: "vessel", Value: "CV-0002"}, {Field: "medium", Value: "BM-1"}}
	_, err = technician.Act(t.Context(), client.NewRequest(), second.ID, seed)
	wants(t, "more than is left", err, fault.Refused, "BM-1 has 50 mL left, 100 mL is asked for")
}

func codes(all []client.Relative) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.Barcode)
	}
	return out
}

// Two runs want the last millilitre: one gets it.
func TestTwoRunsCannotDrawTheLastMillilitre(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	one, other := things(t, l, 1), things(t, l, 2)
	for _, r := range []*robot{one, other} {
		r.values["culture/seed.medium"] = "BM-1"
		secondPerson(r)
	}
	one.before("thaw-aliquot")
	other.values["take-from-stock/lots.lot_1"] = "CM-0001"
	other.before("thaw-aliquot")
	toLot(t, l, "technician", "CM-0001", client.LotAct{Verb: "draw", Body: record.LotAct{Amount: "1 mL"}}) // 1 mL is left

	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, r := range []*robot{one, other} {
		open := r.before("thaw-aliquot")
		r.act(l.as("technician"), open.ID, client.Act{Verb: task.Claim})
		act := client.Act{Verb: task.Step, Step: "scan", Entries: []record.Entry{{Field: "lot", Value: "CM-0001"}, {Field: "volume", Value: "1000 uL"}}}
		both.Go(func() { _, errs[i] = l.as("technician").Act(t.Context(), client.NewRequest(), open.ID, act) })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("the last millilitre: %v and %v, want one of them refused", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil {
			wants(t, "the second one", err, fault.Refused, "CM-0001 has 0 mL left")
		}
	}
	lot, err := l.as("manager").Lot(t.Context(), "CM-0001")
	if err != nil || lot.State != "depleted" || lot.Left.String() != "0 mL" {
		t.Errorf("the lot is %s with %s, %v", lot.State, lot.Left, err)
	}
}

// secondPerson has quality check the step that needs it.
func secondPerson(r *robot) client.Task {
	open := r.before("culture")
	technician := r.l.as("technician")
	r.act(technician, open.ID, client.Act{Verb: task.Claim})
	r.act(technician, open.ID, client.Act{Verb: task.Step, Step: "seed", Entries: []record.Entry{{Field: "vessel", Value: r.values["culture/seed.vessel"]}, {Field: "medium", Value: "BM-1"}}})
	r.act(r.l.as("quality"), open.ID, client.Act{Verb: task.Check, Step: "seed"})
	r.act(technician, open.ID, client.Act{Verb: task.Complete})
	r.done[open.ID] = true
	return open
}

func TestAWithdrawnConsentHoldsAllThatWasMade(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	r := things(t, l, 1)
	secondPerson(r)
	thaw := r.before("thaw-aliquot")
	if _, err := l.as("technician").Recall(t.Context(), client.NewRequest(), "D-0001", client.Recall{Why: "no"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a technician recalls: %v", err)
	}
	request := client.NewRequest()
	if _, err := l.as("manager").Recall(t.Context(), request, "D-0001", client.Recall{Why: "consent withdrawn in writing"}); err != nil {
		t.Fatal(err)
	}
	var lot client.LotView
	eventually(t, "a hold on the lot", func() bool {
		var err error
		lot, err = l.as("manager").Lot(t.Context(), "CM-0001")
		return err == nil && lot.Held != ""
	})
	technician := l.as("technician")
	r.act(technician, thaw.ID, client.Act{Verb: task.Claim})
	_, err := technician.Act(t.Context(), client.NewRequest(), thaw.ID, client.Act{Verb: task.Step, Step: "scan", Entries: []record.Entry{{Field: "lot", Value: "CM-0001"}, {Field: "volume", Value: "0.5 mL"}}})
	wants(t, "a draw from a lot on hold", err, fault.Refused, "consent withdrawn in writing")
	hold := r.open("/hold-")
	if view, err := l.as("manager").Run(t.Context(), r.run); err != nil || !strings.Contains(view.Why, "D-0001 was recalled") {
		t.Errorf("the run is %q, %v", view.Why, err)
	}
	r.values["decide-deviation/decide.choice"] = "discard"
	r.do(hold)
	r.closed(thaw)
	r.clear("kept for another use")
	ended := r.play()
	if ended.State != "stopped" || !strings.Contains(ended.Why, "D-0001 was recalled") {
		t.Errorf("the run is %s: %s", ended.State, ended.Why)
	}
	l.keepHistory(t, "recall/"+request, "Recall-donor")
	l.keepHistory(t, "run/"+r.run, "Run-held-and-stopped")
	l.keepHistory(t, "stage/"+r.run+"/hold-1", "Held-discarded")
	l.keepHistory(t, "stage/"+r.run+"/treatment/cells/1", "Treatment-stopped")
	recalls := l.lab(record.Recalled)
	if len(recalls) != 1 {
		t.Fatalf("%d recalls stand in the laboratory's logbook", len(recalls))
	}
	said, err := record.Read[record.Recall](recalls[0])
	if err != nil || !slices.Contains(said.Lots, "CM-0001") || !slices.Equal(said.Runs, []string{r.run}) || !slices.Contains(said.All, "CV-0001") {
		t.Errorf("the recall says %+v, %v", said, err)
	}
}

// open waits for an open task whose ID has these words, and does none.
func (r *robot) open(words string) client.Task {
	r.t.Helper()
	var found client.Task
	eventually(r.t, "the task "+words, func() bool {
		view, err := r.l.as("manager").Run(r.t.Context(), r.run)
		for _, open := range view.Tasks {
			if strings.Contains(open.ID, words) {
				found = open
			}
		}
		return err == nil && found.ID != ""
	})
	return found
}

// closed waits until the run withdrew a task.
func (r *robot) closed(open client.Task) {
	r.t.Helper()
	eventually(r.t, "the task withdrawn", func() bool {
		view, err := r.l.as("manager").Task(r.t.Context(), open.ID)
		return err == nil && view.State == string(task.Closed)
	})
}

// clear says what became of what is in work.
func (r *robot) clear(what string) {
	for i := range 24 {
		r.values[fmt.Sprintf("%s/clear.thing_%d", protocol.ClearID, i+1)] = what
	}
}

func TestARunIsPausedAskedResumedAndStopped(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	r := things(t, l, 1)
	consent := r.before("consent")
	r.control(runs.Pause, "the incubator is being repaired")
	_, err := l.as("manager").Control(t.Context(), client.NewRequest(), r.run, client.Control{Verb: runs.Pause, Reason: "again"})
	wants(t, "a second pause", err, fault.Conflict, "paused already: the incubator is being repaired")
	_, err = l.as("technician").Control(t.Context(), client.NewRequest(), r.run, client.Control{Verb: runs.Resume, Reason: "now"})
	wants(t, "a technician resumes", err, fault.Forbidden, "may not do this")
	r.do(consent) // what is open may be done
	if _, err := l.as("manager").Control(t.Context(), client.NewRequest(), r.run, client.Control{Verb: runs.Ask, Reason: "an alarm", Task: &protocol.Task{
		ID: "ad-hoc", Title: "Read the display", Role: "technician", Steps: []protocol.Step{{ID: "do", Text: "Read it.", Fields: []protocol.Field{{ID: "answer", Title: "what it shows", Kind: protocol.Text}}}},
	}}); err != nil {
		t.Fatal(err)
	}
	view, err := l.as("manager").Run(t.Context(), r.run)
	if err != nil || len(view.Tasks) != 0 || view.Why != "paused: the incubator is being repaired" {
		t.Errorf("while it is paused the run asks %v (%q, %v)", view.Tasks, view.Why, err)
	}
	r.control(runs.Resume, "repaired")
	secondPerson(r)
	fill := r.before("fill")
	eventually(t, "the task that was asked for besides", func() bool {
		r.before("fill")
		return slices.Contains(r.asked, "ad-hoc-1/ad-hoc/1")
	})
	request := client.NewRequest()
	stop := client.Control{Verb: runs.Stop, Reason: "the freezer failed"}
	first, err := l.as("manager").Control(t.Context(), request, r.run, stop)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.as("manager").Control(t.Context(), request, r.run, stop); err != nil || again.Record != first.Record {
		t.Errorf("the same stop again is %+v, %v", again, err)
	}
	r.closed(fill)
	r.clear("discarded")
	ended := r.play()
	if ended.State != "stopped" || ended.Why != "the freezer failed" {
		t.Errorf("the run is %s: %s", ended.State, ended.Why)
	}
	if !slices.ContainsFunc(r.asked, func(id string) bool { return strings.Contains(id, protocol.ClearID) }) {
		t.Errorf("nobody was asked to deal with what is in work: %v", r.asked)
	}
	l.keepHistory(t, "run/"+r.run, "Run-paused-and-stopped")
	l.keepHistory(t, "stage/"+r.run+"/make-lot", "Steps-stopped")
	bundle := fmt.Sprint(t.TempDir(), "/bundle")
	mustRun(t, "run", "export", r.run, "--data", l.data, "--out", bundle)
	mustRun(t, "verify", bundle)
	mustRun(t, "replay", bundle)
}

func TestWhatArrivesTooLateIsKeptAndDecidedOn(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	r := things(t, l, 1)
	culture := secondPerson(r)
	request, technician := client.NewRequest(), l.as("technician")
	act := client.Act{Verb: task.Step, Step: "seed", Reason: "typed offline", Happened: time.Now().Add(-48 * time.Hour), Entries: []record.Entry{{Field: "vessel", Value: "CV-0009"}, {Field: "medium", Value: "BM-1"}}}
	late, err := technician.Act(t.Context(), request, culture.ID, act)
	if err != nil || !late.Late {
		t.Fatalf("a late entry: %+v, %v", late, err)
	}
	if again, err := technician.Act(t.Context(), request, culture.ID, act); err != nil || again.Record != late.Record {
		t.Errorf("the same entry again: %+v, %v", again, err)
	}
	kept, err := technician.Records(t.Context(), r.run, 0, record.LateEntry)
	if err != nil || len(kept) != 1 || !kept[0].Record.Happened.Before(kept[0].Record.Received.Add(-47*time.Hour)) {
		t.Errorf("kept are %+v, %v", kept, err)
	}
	if m, err := technician.Lot(t.Context(), "BM-1"); err != nil || m.Left.String() != "0.9 L" {
		t.Errorf("it was applied: %v left, %v", m.Left, err)
	}
	act.Happened = time.Time{}
	act.Entries[0].Value = "CV-0010"
	_, err = technician.Act(t.Context(), client.NewRequest(), culture.ID, act)
	wants(t, "an entry of now", err, fault.Conflict, "the task is completed already")
	r.do(r.open("/late-"))
	eventually(t, "the late entry dealt with", func() bool {
		decided, err := technician.Records(t.Context(), r.run, 0, record.DeviationDecided)
		return err == nil && len(decided) == 1
	})
	l.keepHistory(t, "late/"+request, "Late-plain")
}

func TestATaskIsAssignedRepeatedAndCancelled(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	r := things(t, l, 1)
	r.do(r.before("consent"))
	culture := r.before("culture")
	manager, technician := l.as("manager"), l.as("technician")
	r.act(technician, culture.ID, client.Act{Verb: task.Claim})
	r.act(manager, culture.ID, client.Act{Verb: task.Repeat, Reason: "the wrong cells were thawed"})
	_, err := technician.Act(t.Context(), client.NewRequest(), culture.ID, client.Act{Verb: task.Complete})
	wants(t, "a completion of a superseded attempt", err, fault.Conflict, "the task is closed already")
	again := r.open("/culture/2")
	r.act(manager, again.ID, client.Act{Verb: task.Assign, To: "quality"})
	_, err = technician.Act(t.Context(), client.NewRequest(), again.ID, client.Act{Verb: task.Claim})
	wants(t, "a claim of another's task", err, fault.Refused, "assigned to quality")
	r.act(manager, again.ID, client.Act{Verb: task.Assign, To: "technician"})
	r.act(technician, again.ID, client.Act{Verb: task.Claim})
	r.act(technician, again.ID, client.Act{Verb: task.Skip, Reason: "there are no cells left"})
	r.values["decide-deviation/decide.choice"] = "continue"
	r.do(r.before("decide-deviation"))
	fill := r.before("fill")
	r.act(manager, fill.ID, client.Act{Verb: task.Cancel, Reason: "nothing to fill"})
	r.before("release")
	l.keepHistory(t, culture.ID, "HumanTask-superseded")
	l.keepHistory(t, again.ID, "HumanTask-assigned-and-skipped")
	l.keepHistory(t, fill.ID, "HumanTask-cancelled")
}
