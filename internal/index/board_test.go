package index_test

import (
	"testing"
	"time"

	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// board writes three runs: one in which a decision waits, one whose review waits,
// and one that is over.
func board(t *testing.T) *index.Index {
	t.Helper()
	b := begin(t, "run/R-1")
	run := func(id, title string) {
		b.head, b.at = record.Ref{Logbook: "run/" + id}, noon
		b.add("Ines", record.RunLaunched, record.Subject{}, record.Launch{Run: id, Title: title, Protocol: file(id), Document: file("p.yaml"), Name: "P 1", Zone: "UTC"})
	}
	ask := func(stage, name, role string, w record.Window, uses ...record.Use) {
		s := record.Subject{Stage: stage, Task: "task/" + b.head.Logbook[len("run/"):] + "/" + stage + "/" + name + "/1"}
		b.add("run", record.TaskAsked, s, record.Asked{Title: name, Role: role, Window: w, Attempt: 1}, uses...)
	}
	run("R-1", "One 100%")
	b.add("run", record.StageStarted, record.Subject{Stage: "culture"}, record.Start{Title: "Culture"})
	b.add("Mara", record.StepDone, record.Subject{Stage: "culture", Task: "task/R-1/culture/feed/1"}, record.Entered{Entries: []record.Entry{{Field: "d", Value: "D-0031", Thing: &record.Thing{Kind: "donor", Made: true}}}})
	ask("culture", "feed", "technician", record.Window{Opens: noon, Closes: noon.Add(time.Hour)})
	ask("culture", "count", "technician", record.Window{Opens: noon.Add(5 * time.Hour), Closes: noon.Add(6 * time.Hour)})
	deviation := b.add("Mara", record.DeviationOpened, record.Subject{Stage: "culture", Task: "task/R-1/culture/feed/1"}, record.Deviation{Type: "range", What: "too warm", Asks: "DEVIATION"})
	ask("culture", protocol.DecisionID, "manager", record.Window{Opens: noon}, deviation.As("follows deviation"))
	run("R-2", "Two")
	ask(protocol.Reviewing, "sign-report", "reviewer", record.Window{})
	run("R-3", "Three")
	b.add("run", record.RunEnded, record.Subject{}, record.End{Outcome: "done"})
	run("R-4", "Four")
	ask("culture", "feed", "technician", record.Window{Opens: noon, Closes: noon.Add(30 * time.Minute)})
	return b.x
}

func TestTheBoardPutsWhatIsBlockedFirstAndThenWhatIsDue(t *testing.T) {
	x := board(t)
	for _, test := range []struct {
		name string
		f    index.BoardFilter
		want string
	}{
		{"all, what is over last", index.BoardFilter{Limit: 9}, "R-1 R-4 R-2 R-3 "},
		{"what is under way", index.BoardFilter{Part: index.BoardActive, Limit: 9}, "R-1 R-4 "},
		{"what is in review", index.BoardFilter{Part: index.BoardReview, Limit: 9}, "R-2 "},
		{"what is over", index.BoardFilter{Part: index.BoardFinished, Limit: 9}, "R-3 "},
		{"a page of one", index.BoardFilter{Limit: 1, Offset: 1}, "R-4 "},
		{"by a barcode", index.BoardFilter{Query: "d-0031", Limit: 9}, "R-1 "},
		{"by a title with a sign of the database", index.BoardFilter{Query: "100%", Limit: 9}, "R-1 "},
		{"by a sign of the database alone", index.BoardFilter{Query: "%", Limit: 9}, "R-1 "},
		{"by the beginning of a hash", index.BoardFilter{Query: file("R-3").SHA256[:10], Limit: 9}, "R-3 "},
		{"by nothing that there is", index.BoardFilter{Query: "'; DROP", Limit: 9}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			for _, r := range must[[]index.BoardRun](t)(x.Board(t.Context(), test.f)) {
				got += r.ID + " "
			}
			if got != test.want {
				t.Errorf("the board is %q, want %q", got, test.want)
			}
			test.f.Limit, test.f.Offset = 0, 0
			if n := must[int](t)(x.CountBoard(t.Context(), test.f)); test.name != "a page of one" && n*len("R-1 ") != len(got) {
				t.Errorf("%d runs are counted, want those of %q", n, got)
			}
		})
	}
	first := must[[]index.BoardRun](t)(x.Board(t.Context(), index.BoardFilter{Limit: 1}))[0]
	if first.Open != 3 || first.Blocked != 1 || !first.Due.Equal(noon.Add(time.Hour)) || first.Changed.IsZero() {
		t.Errorf("the first run is %+v", first)
	}
}

func TestWhatWaitsIsCounted(t *testing.T) {
	x, ctx := board(t), t.Context()
	now := noon.Add(40 * time.Minute)
	for _, open := range []bool{false, true} {
		all := must[[]index.Tally](t)(x.Tallies(ctx, []string{"R-1", "R-4"}, now, open))
		if len(all) != 2 || all[0] != (index.Tally{Run: "R-1", Stage: "culture", Asked: 3, Open: 3, Now: 1, Blocked: 1}) || all[1].Missed != 1 {
			t.Errorf("the tallies are %+v", all)
		}
	}
	next := must[map[string]index.Task](t)(x.NextTasks(ctx, []string{"R-1", "R-3"}))
	if len(next) != 1 || next["R-1"].Task != "feed" {
		t.Errorf("next are %+v", next)
	}
	if o := must[map[string]index.Origin](t)(x.Origins(ctx, []string{"R-1"})); o["R-1"].Donor != "D-0031" {
		t.Errorf("origins are %+v", o)
	}
	decisions := must[[]index.Deciding](t)(x.Deciding(ctx, "", 10, 0))
	if len(decisions) != 1 || decisions[0].Deviation != 6 {
		t.Errorf("decisions are %+v", decisions)
	}
	loads := must[[]index.Load](t)(x.Loads(ctx, now, noon.Add(12*time.Hour), noon.Add(36*time.Hour)))
	got := index.Load{}
	for _, l := range loads {
		if l.Role == "technician" {
			got = l
		}
	}
	if want := (index.Load{Role: "technician", Missed: 1, Now: 1, Today: 1, Total: 3, First: noon.Add(30 * time.Minute)}); got != want {
		t.Errorf("the load is %+v, want %+v", got, want)
	}
	day := must[[]index.Task](t)(x.Day(ctx, noon, noon.Add(3*time.Hour), 50))
	if len(day) != 2 || day[0].Run != "R-4" {
		t.Errorf("the day is %+v", day)
	}
}
