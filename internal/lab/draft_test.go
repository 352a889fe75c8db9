package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"secretome/examples"
	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// draftNoon is when drafts are made in these tests: a Thursday noon in Berlin.
func draftNoon() time.Time { return time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC) }

// drafting is a laboratory that keeps drafts, in memory but for them.
func drafting(t *testing.T) (*Lab, *bench) {
	t.Helper()
	l, b := open(t)
	drafts, err := OpenDrafts(filepath.Join(t.TempDir(), "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	l.Drafts, l.Now = drafts, draftNoon
	return l, b
}

var karin = record.Actor{Kind: record.Person, Name: "Karin Lund", Role: account.Manager}

func begun(t *testing.T, l *Lab, key string) Draft {
	t.Helper()
	d, err := l.BeginDraft(t.Context(), karin, Beginning{Request: uuid.NewString(), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// revised changes a draft as a page of its own.
func revised(t *testing.T, l *Lab, d Draft, change func(*Intent)) Sketch {
	t.Helper()
	s, err := l.ReviseDraft(t.Context(), karin, d.ID, Revision{Version: d.Version, Editor: uuid.NewString(), Change: change})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestADraftOutlivesTheProgram(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/range.yaml")
	revised(t, l, d, func(i *Intent) { i.Title = "Doses of spring" })
	again, err := OpenDrafts(l.Drafts.folder)
	if err != nil {
		t.Fatal(err)
	}
	l.Drafts = again
	offers, err := l.LaunchOffers(t.Context(), karin)
	if err != nil || len(offers.Drafts) != 1 || offers.Drafts[0].Title != "Doses of spring" || offers.Drafts[0].Start != "2026-11-30T09:00" {
		t.Fatalf("after a restart the drafts are %+v, %v", offers.Drafts, err)
	}
	if !slices.ContainsFunc(offers.Documents, func(o Offered) bool { return o.Key == "example/compact.yaml" && o.Name == "UC-CM-COMPACT 1.0" }) {
		t.Errorf("offered are %+v", offers.Documents)
	}
	if err := l.DropDraft(t.Context(), karin, d.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.SketchDraft(t.Context(), karin, d.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a draft that was thrown away is %v", err)
	}
}

func TestADraftIsItsOwners(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/range.yaml")
	other := record.Actor{Kind: record.Person, Name: "Somebody Else", Role: account.Manager}
	_, read := l.SketchDraft(t.Context(), other, d.ID)
	_, write := l.ReviseDraft(t.Context(), other, d.ID, Revision{Version: 1, Editor: "x", Change: func(*Intent) {}})
	for what, err := range map[string]error{"read": read, "write": write, "drop": l.DropDraft(t.Context(), other, d.ID)} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of somebody else's draft: %v", what, err)
		}
	}
	for _, role := range account.Roles() {
		_, err := l.LaunchOffers(t.Context(), record.Actor{Kind: record.Person, Name: "X", Role: role})
		if fault.Is(err, fault.Forbidden) == (role == account.Manager) {
			t.Errorf("%s: %v", role, err)
		}
	}
	for _, id := range []string{"", "../../etc/passwd", "x", strings.ToUpper(d.ID), "{" + d.ID + "}"} {
		if _, err := l.SketchDraft(t.Context(), karin, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("draft %q: %v", id, err)
		}
	}
}

func TestBeginningTwiceWithOneRequestKeepsOneDraft(t *testing.T) {
	l, _ := drafting(t)
	b := Beginning{Request: uuid.NewString(), Text: "protocol: X\n", Name: "/tmp/../x.yaml"}
	one, err := l.BeginDraft(t.Context(), karin, b)
	if err != nil || one.Name != "x.yaml" {
		t.Fatal(one.Name, err)
	}
	two, err := l.BeginDraft(t.Context(), karin, b)
	if all, _ := l.Drafts.list(karin.Name); err != nil || two.ID != one.ID || len(all) != 1 {
		t.Errorf("twice begun: %v, %v", two, err)
	}
	if _, err := l.BeginDraft(t.Context(), karin, Beginning{Request: uuid.NewString(), Text: "  \n"}); !fault.Is(err, fault.Invalid) || fault.Of(err).Place.Field != "document" {
		t.Errorf("nothing to begin with: %v", err)
	}
	if _, err := l.BeginDraft(t.Context(), karin, Beginning{Request: uuid.NewString(), Key: "example/../examples.go"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a file that is no example: %v", err)
	}
}

func TestTwoPagesDoNotWriteOverEachOther(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/range.yaml")
	set := func(editor string, version, turn int, title string) error {
		_, err := l.ReviseDraft(t.Context(), karin, d.ID, Revision{Version: version, Editor: editor, Turn: turn, Change: func(i *Intent) { i.Title = title }})
		return err
	}
	for i, step := range []struct {
		editor        string
		version, turn int
		title, stands string
		conflict      bool
	}{
		{"a", 1, 1, "one", "one", false},
		{"a", 1, 3, "three", "three", false},     // the same page knows what it sent before
		{"a", 1, 2, "two", "three", false},       // and what comes late is dropped
		{"b", 1, 0, "other", "three", true},      // another page has not seen it
		{"b", 3, 0, "other", "other", false},     // now it has
		{"a", 1, 4, "four", "other", true},       // and the first has not
		{"c", 99, 0, "future", "other", true},    // nor has one that makes its version up
		{"b", 3, 0, "other", "other", false},     // sent again
		{"b", 0, 0, "b again", "b again", false}, // the same page
	} {
		if err := set(step.editor, step.version, step.turn, step.title); fault.Is(err, fault.Conflict) != step.conflict {
			t.Errorf("step %d: %v", i, err)
		}
		if got, _ := l.Drafts.get(karin.Name, d.ID); got.Title != step.stands {
			t.Errorf("step %d: the title is %q, not %q", i, got.Title, step.stands)
		}
	}
}

// stocked registers a thing, as its own workflow would.
func stocked(t *testing.T, l *Lab, barcode string, body record.LotAct) {
	t.Helper()
	d, err := l.draft(karin, "lot/"+barcode, uuid.NewString(), record.LotRegistered, body)
	if err != nil {
		t.Fatal(err)
	}
	d.Subject.Thing = barcode
	if _, err := l.Logbooks.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestWhatKeepsARunFromBeingLaunchedStandsAtItsField(t *testing.T) {
	l, _ := drafting(t)
	until := func(date string) time.Time {
		when, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	released := string(sample.Released)
	stocked(t, l, "D-0031", record.LotAct{Kind: sample.Donor, State: released})
	stocked(t, l, "D-0034", record.LotAct{Kind: sample.Donor, State: string(sample.Rejected), Why: "consent withdrawn"})
	stocked(t, l, "CK-OLD", record.LotAct{Kind: "reagent", Title: "CCK-8", State: released, Expires: until("2026-11-01")})
	stocked(t, l, "CK-SHORT", record.LotAct{Kind: "reagent", Title: "CCK-8", State: released, Expires: until("2026-12-02")})
	stocked(t, l, "CK-GOOD", record.LotAct{Kind: "reagent", Title: "CCK-8", State: released, Expires: until("2027-12-02")})
	stocked(t, l, "CM-FEW", record.LotAct{Kind: sample.CM, State: released, Amount: "5 mL"})
	stocked(t, l, "CM-MANY", record.LotAct{Kind: sample.CM, State: released, Amount: "60 mL"})
	for _, test := range []struct {
		name   string
		change func(*Intent)
		field  string // empty: nothing is wrong
		says   string
	}{
		{"as it came", func(*Intent) {}, "", ""},
		{"a start in the past", func(i *Intent) { i.Start = "2026-11-20 09:00" }, "start", "The start, Fri 20 Nov 2026 09:00, is in the past"},
		{"of a rehearsal", func(i *Intent) { i.Start, i.Rehearsal = "2026-11-20 09:00", true }, "", ""},
		{"a start that is none", func(i *Intent) { i.Start = "soon" }, "start", `"soon" is no date`},
		{"a start that the clock leaves out", func(i *Intent) { i.Start = "2027-03-28 02:30" }, "start", "the clock is put forward then"},
		{"at launch", func(i *Intent) { i.Start = "" }, "", ""},
		{"a speed", func(i *Intent) { i.Rehearsal, i.Speed = true, "60" }, "", ""},
		{"a speed that is none", func(i *Intent) { i.Rehearsal, i.Speed = true, "NaN" }, "speed", `"NaN" is no speed`},
		{"a speed below one", func(i *Intent) { i.Rehearsal, i.Speed = true, "0.5" }, "speed", `"0.5" is no speed`},
		{"a title in two lines", func(i *Intent) { i.Title = "a\nb" }, "title", "line break"},
		{"a donor with consent", func(i *Intent) { i.Donor = "D-0031" }, "", ""},
		{"a donor whom nobody knows", func(i *Intent) { i.Donor = "D-0099" }, "donor", "Donor D-0099 has no consent on file. A run cannot start"},
		{"a donor who withdrew", func(i *Intent) { i.Donor = "D-0034" }, "donor", "Donor D-0034 is rejected"},
		{"a donor that is a lot", func(i *Intent) { i.Donor = "CK-GOOD" }, "donor", "CK-GOOD is a reagent, no donor"},
		{"a real donor in a rehearsal", func(i *Intent) { i.Donor, i.Rehearsal = "D-0031", true }, "donor", "D-0031 is real, and this is a rehearsal"},
		{"an expired lot", func(i *Intent) { i.Lots = map[string]string{"cck8": "CK-OLD"} }, "lot-cck8", "CCK-8 reagent lot CK-OLD expired on 1 Nov 2026"},
		{"a lot that expires before its use", func(i *Intent) { i.Lots = map[string]string{"cck8": "CK-SHORT"} }, "lot-cck8", "CCK-8 reagent lot CK-SHORT expires on 2 Dec 2026"},
		{"a lot that lasts", func(i *Intent) { i.Lots = map[string]string{"cck8": "CK-GOOD"} }, "", ""},
		{"a lot that nobody registered", func(i *Intent) { i.Lots = map[string]string{"cck8": "CK-9"} }, "lot-cck8", "No lot CK-9 is registered"},
		{"too little", func(i *Intent) { i.Lots = map[string]string{"cm": "CM-FEW"} }, "lot-cm", "5 mL is left of what is chosen, the plan needs 24 mL"},
		{"two lots that have enough together", func(i *Intent) { i.Lots = map[string]string{"cm": "CM-FEW, CM-MANY"} }, "", ""},
		{"a document with a mistake", func(i *Intent) { i.Document = strings.Replace(i.Document, "zone: Europe/Berlin", "zone: Moon", 1) }, "document", `"Moon" does not fit here`},
		{"no document", func(i *Intent) { i.Document = "" }, "document", "the file is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := revised(t, l, begun(t, l, "example/range.yaml"), test.change)
			if test.field == "" {
				if len(s.Faults) > 0 {
					t.Fatal(s.Faults[0])
				}
				return
			}
			if len(s.Faults) != 1 || s.Faults[0].Place.Field != test.field || !strings.Contains(s.Faults[0].Message, test.says) {
				t.Fatalf("wanted at %s: %s; got %v", test.field, test.says, s.Faults)
			}
			if test.field == "document" && s.Faults[0].Place.Line == 0 && s.Draft.Document != "" {
				t.Error("a mistake of the document has no line")
			}
			if _, err := l.LaunchDraft(t.Context(), karin, s.Draft.ID, s.Draft.Version); err == nil {
				t.Error("it was launched all the same")
			}
		})
	}
}

func TestALaunchIsSignedAndHappensOnce(t *testing.T) {
	l, b := drafting(t)
	stocked(t, l, "CK-GOOD", record.LotAct{Kind: "reagent", State: string(sample.Released)})
	d := begun(t, l, "example/range.yaml")
	s := revised(t, l, d, func(i *Intent) { i.Title, i.Lots = "Doses", map[string]string{"cck8": "CK-GOOD"} })
	if _, err := l.LaunchDraft(t.Context(), karin, d.ID, d.Version); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a draft that changed since it was checked: %v", err)
	}
	const clicks = 8
	runs := make([]string, clicks)
	var all sync.WaitGroup
	for i := range clicks {
		all.Go(func() {
			done, err := l.LaunchDraft(t.Context(), karin, d.ID, s.Draft.Version)
			if err != nil {
				t.Error(err)
			}
			runs[i] = done.Run
		})
	}
	all.Wait()
	if slices.Sort(runs); runs[0] == "" || runs[0] != runs[clicks-1] || len(b.started) != 1 {
		t.Fatalf("launched %v, started %d", runs, len(b.started))
	}
	launch, err := l.launchOf(t.Context(), runs[0])
	if err != nil || launch.Approval != (record.Approval{Meaning: "Protocol approved for use", Identity: karin.Name}) || launch.Title != "Doses" {
		t.Errorf("the first record says %+v, %v", launch, err)
	}
	if len(launch.Lots) != 1 || launch.Lots[0] != (record.Chosen{Material: "cck8", Lot: "CK-GOOD"}) {
		t.Errorf("lots %v", launch.Lots)
	}
	if _, err := l.ReviseDraft(t.Context(), karin, d.ID, Revision{Version: s.Draft.Version, Change: func(*Intent) {}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a draft that was launched is changed: %v", err)
	}
	if offers, err := l.LaunchOffers(t.Context(), karin); err != nil || len(offers.Drafts) != 0 || offers.Documents[0].Run != runs[0] {
		t.Errorf("offered afterwards: %+v, %v", offers, err)
	}
}

func TestOneRequestLaunchesOneRunHoweverManyAskAtOnce(t *testing.T) {
	l, b := drafting(t)
	document, err := examples.Files.ReadFile("range.yaml")
	if err != nil {
		t.Fatal(err)
	}
	q := LaunchRequest{Request: uuid.NewString(), Document: document}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := l.Launch(t.Context(), karin, q); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if runs, err := l.Index.Runs(t.Context(), index.RunFilter{}); err != nil || len(runs) != 1 || len(b.started) != 1 {
		t.Errorf("%d runs, %d started, %v", len(runs), len(b.started), err)
	}
}

func TestTheCheckTellsWhatDiffersFromTheLastRun(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/range.yaml")
	if c, err := l.CheckDraft(t.Context(), karin, d.ID); err != nil || c.Last != "" {
		t.Fatalf("before any run: %q, %v", c.Last, err)
	}
	first, err := l.LaunchDraft(t.Context(), karin, d.ID, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	next := begun(t, l, "document/"+mustLaunch(t, l, first.Run).Document.SHA256)
	c, err := l.CheckDraft(t.Context(), karin, next.ID)
	if err != nil || c.Last != first.Run || len(c.Changes) != 0 {
		t.Fatalf("the same document: %q, %v, %v", c.Last, c.Changes, err)
	}
	revised(t, l, next, func(i *Intent) { i.Document = strings.Replace(i.Document, "blocks: 3", "blocks: 4", 1) })
	c, err = l.CheckDraft(t.Context(), karin, next.ID)
	if err != nil || len(c.Changes) != 1 || c.Changes[0].String() != "model cells: blocks changed from 3 to 4" || c.Renamed {
		t.Errorf("one block more: %v, %v", c.Changes, err)
	}
}

func mustLaunch(t *testing.T, l *Lab, run string) record.Launch {
	t.Helper()
	launch, err := l.launchOf(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return launch
}

func TestADraftIsHeldAgainstRunsUnderWay(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/release.yaml")
	for range 2 { // with a technician each, of two
		if _, err := l.LaunchDraft(t.Context(), karin, d.ID, d.Version); err != nil {
			t.Fatal(err)
		}
		d = begun(t, l, "example/release.yaml")
	}
	s, err := l.SketchDraft(t.Context(), karin, d.ID)
	if err != nil || s.Running != 2 || s.Beside != 2 || len(s.Others) == 0 {
		t.Fatalf("%d runs, %d held against, %d collisions, %v", s.Running, s.Beside, len(s.Others), err)
	}
	s = revised(t, l, d, func(i *Intent) { i.Start = "2028-01-03 09:00" })
	if len(s.Others) != 0 {
		t.Errorf("a year later there are %d collisions", len(s.Others))
	}
}

func TestADetectableDifferenceIsThatOfATTest(t *testing.T) {
	// R: power.t.test(n = 3, power = .8, sig.level = .05)$delta is 3.07; n = 10, sig.level = .025: 1.47.
	for _, test := range []struct {
		n     int
		alpha float64
		want  float64
	}{{3, 0.05, 3.07}, {10, 0.025, 1.47}} {
		if got := detectable(test.n, test.alpha, 0.8); got < test.want-0.02 || got > test.want+0.02 {
			t.Errorf("n %d, alpha %g: %g, not %g", test.n, test.alpha, got, test.want)
		}
	}
}

func TestAFileThatIsNoDraftIsPassedOver(t *testing.T) {
	l, _ := drafting(t)
	begun(t, l, "example/range.yaml")
	if err := os.WriteFile(filepath.Join(l.Drafts.folder, uuid.NewString()+".json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := l.Drafts.list(karin.Name); err != nil || len(all) != 1 {
		t.Errorf("%d drafts, %v", len(all), err)
	}
}

func TestAParameterIsWrittenIntoTheDocument(t *testing.T) {
	l, _ := drafting(t)
	d := begun(t, l, "example/range.yaml")
	editor := uuid.NewString()
	set := func(typed string) Sketch {
		s, err := l.ReviseDraft(t.Context(), karin, d.ID, Revision{Version: 1, Editor: editor, Change: func(*Intent) {}, Set: map[string]string{"set-models-0-blocks": typed}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := set("4"); len(s.Faults) > 0 || s.Protocol.Models[0].Blocks != 4 || s.Draft.Document != strings.Replace(d.Document, "blocks: 3", "blocks: 4", 1) {
		t.Errorf("four blocks: %d, %v", s.Protocol.Models[0].Blocks, s.Faults)
	}
	s := set("many")
	if len(s.Faults) != 1 || s.Faults[0].Place.Field != "set-models-0-blocks" || s.Chosen[0].Typed != "many" || s.Protocol.Models[0].Blocks != 4 {
		t.Errorf("many blocks: %+v, %v", s.Chosen[0], s.Faults)
	}
	if s := set("3"); len(s.Faults) > 0 || s.Draft.Document != d.Document || len(s.Draft.Unset) > 0 {
		t.Errorf("three again: %v", s.Faults)
	}
}
