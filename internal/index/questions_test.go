package index_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/task"
)

func TestARunStandsWhereItsRecordsSay(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	launch := record.Launch{Run: run, Title: "Compact", Protocol: file("p.json"), Document: file("p.yaml"), Name: "UC-CM-COMPACT 1.0", Zone: "Europe/Vienna", Simulated: true}
	b.add("Ines Falk", record.RunLaunched, record.Subject{}, launch)
	culture := record.Subject{Stage: "culture"}
	b.add("run", record.StageStarted, culture, record.Start{Title: "Culture", Tasks: 3})
	b.add("run", record.WaitStarted, culture, record.Wait{Wait: "settle", Title: "Settle", Anchor: noon, Window: record.Window{Nominal: noon.Add(time.Hour)}})
	b.add("run", record.WaitEnded, culture, record.Wait{Wait: "settle", Title: "Settle", Anchor: noon, Ended: noon.Add(time.Hour)})

	r := must[index.Run](t)(b.x.Run(ctx, run))
	if r.State != index.Running || r.Head != 4 || r.Title != "Compact" || !r.Simulated || r.Protocol != launch.Protocol.SHA256 || !r.Started.Equal(noon.Add(time.Minute)) || !r.Ended.IsZero() {
		t.Errorf("a running run is %+v", r)
	}
	b.add("run", record.StageEnded, culture, record.End{Outcome: "done"})
	b.add("run", record.RunEnded, record.Subject{}, record.End{Outcome: "discarded", Why: "sterility"})
	b.add("lab", record.Sealed, record.Subject{}, struct{}{})
	r = must[index.Run](t)(b.x.Run(ctx, run))
	if r.State != index.Ended || r.Outcome != "discarded" || r.Why != "sterility" || r.Sealed != 7 || r.Head != 7 || !r.Ended.Equal(noon.Add(6*time.Minute)) {
		t.Errorf("an ended run is %+v", r)
	}
	if got := must[[]index.Run](t)(b.x.Runs(ctx, index.RunFilter{State: index.Running})); len(got) != 0 {
		t.Errorf("running runs: %+v, want none", got)
	}
	if got := must[[]index.Run](t)(b.x.Runs(ctx, index.RunFilter{})); len(got) != 1 || got[0] != r {
		t.Errorf("runs: %+v, want the one", got)
	}
	stages := must[[]index.Stage](t)(b.x.Stages(ctx, run))
	if len(stages) != 1 || stages[0].State != index.Ended || stages[0].Tasks != 3 || stages[0].Outcome != "done" || stages[0].Number != 2 {
		t.Errorf("stages: %+v", stages)
	}
	waits := must[[]index.Wait](t)(b.x.Waits(ctx, run))
	if len(waits) != 1 || waits[0].Number != 4 || !waits[0].Ended.Equal(noon.Add(time.Hour)) {
		t.Errorf("waits: %+v", waits)
	}
	if _, err := b.x.Run(ctx, "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
}

func TestATaskGoesThroughItsStates(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	s := record.Subject{Stage: "assay", Model: "cells", Block: "2", Task: "task/" + run + "/assay/cells/2/read-plate/P-7/1"}
	w := record.Window{Opens: noon, Nominal: noon.Add(time.Hour), Closes: noon.Add(2 * time.Hour)}
	check := func(want index.Task) {
		t.Helper()
		got := must[index.Task](t)(b.x.Task(ctx, s.Task))
		if got.State != want.State || got.Holder != want.Holder || got.CompletedBy != want.CompletedBy || got.Verdict != want.Verdict || got.Late != want.Late || got.Completed.IsZero() == (want.CompletedBy != "") {
			t.Errorf("task is %+v, want %+v", got, want)
		}
	}
	b.add("run", record.TaskAsked, s, record.Asked{Title: "Read the plate", Role: "technician", Window: w, Attempt: 1, NotBy: []string{"Mara Thiel"}, Steps: []string{"read"}})
	got := must[index.Task](t)(b.x.Task(ctx, s.Task))
	if got.Task != "read-plate" || got.Run != run || got.Model != "cells" || got.Block != "2" || !got.Due.Equal(w.Closes) || fmt.Sprint(got.NotBy) != "[Mara Thiel]" || got.Attempt != 1 {
		t.Errorf("an asked task is %+v", got)
	}
	check(index.Task{State: task.Open})
	b.add("Mara Thiel", record.TaskClaimed, s, record.Note{})
	check(index.Task{State: task.Claimed, Holder: "Mara Thiel"})
	b.add("Mara Thiel", record.TaskReleased, s, record.Note{})
	check(index.Task{State: task.Open})
	b.add("Mara Thiel", record.TaskClaimed, s, record.Note{})
	b.add("Mara Thiel", record.TaskHandedOver, s, record.Note{To: "Jon Berg"})
	check(index.Task{State: task.Claimed, Holder: "Jon Berg"})
	b.add("run", record.WindowPassed, s, record.Edge{Edge: "closes", Window: w})
	check(index.Task{State: task.Claimed, Holder: "Jon Berg", Late: true})
	read := s
	read.Step = "read"
	export := file("plate.txt")
	b.add("Jon Berg", record.TaskSaved, read, record.Entered{Entries: []record.Entry{{Field: "file", File: &export}}})
	b.add("Jon Berg", record.StepDone, read, record.Entered{Entries: []record.Entry{{Field: "file", File: &export}}}, export.As("file"))
	last := b.add("Jon Berg", record.StepDone, read, record.Entered{Reason: "typo"})
	if steps := must[[]index.Step](t)(b.x.Steps(ctx, s.Task)); len(steps) != 1 || steps[0].Number != last.Number {
		t.Errorf("steps: %+v, want the correction", steps)
	}
	b.add("Jon Berg", record.TaskCompleted, s, record.Completed{Window: w, Verdict: task.Late})
	check(index.Task{State: task.Completed, CompletedBy: "Jon Berg", Verdict: task.Late, Late: true})
	if records := must[[]record.Record](t)(b.x.TaskRecords(ctx, s.Task)); len(records) != 10 {
		t.Errorf("%d records about the task, want 10", len(records))
	}
	for kind, want := range map[record.Kind]task.Phase{record.TaskSkipped: task.Skipped, record.TaskClosed: task.Closed} {
		other := s
		other.Task = strings.Replace(s.Task, "/1", "/"+string(kind), 1)
		b.add("run", record.TaskAsked, other, record.Asked{})
		b.add("Jon Berg", kind, other, record.Note{})
		if got := must[index.Task](t)(b.x.Task(ctx, other.Task)); got.State != want || got.CompletedBy != "Jon Berg" {
			t.Errorf("after %s the task is %+v", kind, got)
		}
	}
}

func TestTasksComeByWhatIsDue(t *testing.T) {
	b := begin(t, "run/"+run)
	ask := func(id, role string, w record.Window) {
		b.add("run", record.TaskAsked, record.Subject{Stage: "culture", Task: "task/" + run + "/culture/" + id + "/1"}, record.Asked{Role: role, Window: w})
	}
	in := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	ask("whenever", "technician", record.Window{})
	ask("third", "technician", record.Window{Nominal: in(3)})
	ask("second", "manager", record.Window{Nominal: in(2), Closes: in(2)})
	ask("first", "technician", record.Window{Nominal: in(1), Closes: in(2)})
	ask("fourth", "technician", record.Window{Nominal: in(1), Closes: in(4)})
	for _, test := range []struct {
		name   string
		filter index.TaskFilter
		want   string
	}{
		{"all", index.TaskFilter{}, "first second third fourth whenever"},
		{"of a role", index.TaskFilter{Role: "technician"}, "first third fourth whenever"},
		{"the first two", index.TaskFilter{Limit: 2}, "first second"},
		{"open or claimed", index.TaskFilter{States: []task.Phase{task.Open, task.Claimed}, Run: run}, "first second third fourth whenever"},
		{"completed", index.TaskFilter{States: []task.Phase{task.Completed}}, ""},
		{"of another run", index.TaskFilter{Run: "UCM-2026-002"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, task := range must[[]index.Task](t)(b.x.Tasks(t.Context(), test.filter)) {
				got = append(got, task.Task)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("Tasks = %v, want %s", got, test.want)
			}
		})
	}
	if last := must[[]index.Task](t)(b.x.Tasks(t.Context(), index.TaskFilter{}))[4]; !last.Due.IsZero() {
		t.Errorf("a task without a window is due %v", last.Due)
	}
}

func TestOutcomesAreListed(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	s := record.Subject{Stage: "assay", Model: "skin", Block: "1", Thing: "P-7"}
	opened := b.add("Jon Berg", record.DeviationOpened, s, record.Deviation{Type: "range", What: "pH 9", Asks: "DEVIATION"})
	b.add("Jon Berg", record.DeviationOpened, s, record.Deviation{Type: "window", What: "late"})
	decided := b.add("Ines Falk", record.DeviationDecided, s, record.Decided{Choice: "continue", Justification: "repeat reads 7.4"}, opened.As("deviation"))
	d := must[[]index.Deviation](t)(b.x.Deviations(ctx, run))
	if len(d) != 2 || d[0].State != index.DeviationDecided || d[0].Choice != "continue" || d[0].Decided != decided.Number || d[1].State != index.DeviationOpen || d[1].Choice != "" {
		t.Errorf("deviations: %+v", d)
	}
	output := file("result.json")
	b.add("program", record.ResultComputed, s, record.Result{Assay: "elisa", Name: "il8", Method: "4PL", Output: output, Summary: "12 pg/mL"})
	if got := must[[]index.Result](t)(b.x.Results(ctx, run)); len(got) != 1 || got[0].Name != "il8" || got[0].Output != output.SHA256 || got[0].Model != "skin" {
		t.Errorf("results: %+v", got)
	}
	b.add("program", record.DecisionMade, s, record.Decision{Verdict: "reject", Do: "REPEAT", Checks: []record.Check{{Pass: true}, {Pass: false}}})
	if got := must[[]index.Decision](t)(b.x.Decisions(ctx, run)); len(got) != 1 || got[0].Verdict != "reject" || got[0].Checks != 2 || got[0].Failed != 1 || got[0].Thing != "P-7" {
		t.Errorf("decisions: %+v", got)
	}
	b.add("program", record.ReportMade, s, record.Made{Title: "Report", Artifact: file("report.html"), More: []record.Artifact{file("fig.svg")}})
	if got := must[[]index.Document](t)(b.x.Documents(ctx, "run/"+run)); len(got) != 1 || got[0].Kind != record.ReportMade || got[0].Artifact != file("report.html").SHA256 {
		t.Errorf("documents: %+v", got)
	}
	b.add("Ines Falk", record.Signed, record.Subject{}, record.Signature{Meaning: "reviewed", Report: "ab", Over: b.head})
	if got := must[[]index.Signature](t)(b.x.Signatures(ctx, run)); len(got) != 1 || got[0].By != "Ines Falk" || got[0].Over != 6 {
		t.Errorf("signatures: %+v", got)
	}
	for _, state := range []string{"quarantine", "released"} {
		b.add("Jon Berg", record.LotMade, record.Subject{}, record.Lot{Barcode: "CM-1", State: state, Aliquots: 8, Stock: true})
	}
	if got := must[[]index.Lot](t)(b.x.Lots(ctx, index.LotFilter{Barcode: "CM-1"})); len(got) != 1 || got[0].State != "released" || got[0].Aliquots != 8 || !got[0].Stock {
		t.Errorf("lots: %+v", got)
	}
}

func TestLineageLeadsFromAFigureToTheCordAndBack(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	export, table, output, figure := file("plate.txt"), file("table.json"), file("result.json"), file("fig.svg")
	cord := b.add("Mara Thiel", record.StepDone, record.Subject{Step: "cord"}, record.Entered{})
	read := b.add("Mara Thiel", record.StepDone, record.Subject{Step: "read"}, record.Entered{Entries: []record.Entry{{Field: "file", File: &export}}}, export.As("file"), cord.As("cord"))
	parsed := b.add("program", record.FileParsed, record.Subject{}, record.Parsed{File: export, Table: table}, export.As("file"))
	result := b.add("program", record.ResultComputed, record.Subject{}, record.Result{Output: output}, table.As("table"))
	drawn := b.add("program", record.FigureDrawn, record.Subject{}, record.Made{Artifact: figure}, output.As("result"), record.Ref{Logbook: "lot/CM-1", Number: 3, Hash: "ff"}.As("lot"))

	name := map[string]string{"/" + cord.Hash: "cord", "/" + read.Hash: "read", "/" + parsed.Hash: "parsed", "/" + result.Hash: "computed", "/" + drawn.Hash: "drawn", "/ff": "elsewhere"}
	for _, a := range []record.Artifact{export, table, output, figure} {
		name[a.SHA256+"/"] = a.Name
	}
	show := func(edges []index.Edge) string {
		var s []string
		for _, e := range edges {
			s = append(s, name[e.From.Artifact+"/"+e.From.Record.Hash]+" < "+name[e.To.Artifact+"/"+e.To.Record.Hash]+" ("+e.As+")")
		}
		return strings.Join(s, "\n")
	}
	up := must[[]index.Edge](t)(b.x.Up(ctx, index.Node{Artifact: figure.SHA256}))
	if want := `fig.svg < drawn (made by)
drawn < result.json (result)
drawn < elsewhere (lot)
result.json < computed (made by)
computed < table.json (table)
table.json < parsed (made by)
parsed < plate.txt (file)
plate.txt < read (made by)
read < cord (cord)`; show(up) != want {
		t.Errorf("up from the figure:\n%s\nwant:\n%s", show(up), want)
	}
	down := must[[]index.Edge](t)(b.x.Down(ctx, index.Node{Record: cord}))
	if want := `read < cord (cord)
plate.txt < read (made by)
parsed < plate.txt (file)
table.json < parsed (made by)
computed < table.json (table)
result.json < computed (made by)
drawn < result.json (result)
fig.svg < drawn (made by)`; show(down) != want {
		t.Errorf("down from the cord:\n%s\nwant:\n%s", show(down), want)
	}
	a := must[index.Artifact](t)(b.x.Artifact(ctx, export.SHA256))
	if a.First != read || a.Size != export.Size || fmt.Sprint(a.Names) != "[plate.txt]" {
		t.Errorf("artifact: %+v", a)
	}
	if got := must[[]record.Record](t)(b.x.ArtifactRecords(ctx, export.SHA256)); len(got) != 2 || got[0].Number != read.Number || got[1].Number != parsed.Number {
		t.Errorf("records of the export: %+v", got)
	}
	if _, err := b.x.Artifact(ctx, "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an artifact that is not there: %v", err)
	}
}
