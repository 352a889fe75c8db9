package index_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

func TestADayHasItsPartsInOrder(t *testing.T) {
	b := begin(t, "run/"+run)
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 20, 0, 0, 0, vienna) // 19:00 UTC: midnight is in four hours
	ask := func(id, role string, opens, closes time.Duration, not ...string) {
		w := record.Window{}
		if opens != 0 {
			w.Opens = now.Add(opens)
		}
		if closes != 0 {
			w.Closes = now.Add(closes)
		}
		b.add("run", record.TaskAsked, record.Subject{Stage: "s", Task: "task/" + run + "/s/" + id + "/1"}, record.Asked{Title: id, Role: role, Window: w, NotBy: not})
	}
	h := time.Hour
	ask("later", "technician", 29*h, 30*h)
	ask("tomorrow", "technician", 5*h, 6*h)
	ask("today", "technician", 3*h, 6*h)
	ask("soon", "technician", 2*h, 3*h)
	ask("free", "technician", 0, 0)
	ask("open-by-its-end", "technician", 0, h)
	ask("open", "technician", -h, 2*h)
	ask("missed", "technician", -2*h, -h)
	ask("not-by", "technician", -h, h, `Tim "T" Oak`)
	ask("managers", "manager", -h, h)
	ask("held", "manager", -h, h)
	b.add(`Tim "T" Oak`, record.TaskClaimed, record.Subject{Stage: "s", Task: "task/" + run + "/s/held/1"}, record.Note{})
	for _, test := range []struct {
		name  string
		in    index.Inbox
		want  string
		found int
	}{
		{"mine and unclaimed", index.Inbox{Holder: `Tim "T" Oak`, Role: "technician", To: 50}, "missed held open-by-its-end open free soon today tomorrow later", 9},
		{"mine", index.Inbox{Holder: `Tim "T" Oak`, To: 50}, "held", 1},
		{"everybody's, the second page", index.Inbox{All: true, From: 2, To: 4}, "managers not-by", 11},
		{"of somebody who may do it", index.Inbox{Holder: "Tea", Role: "technician", To: 50}, "missed not-by open-by-its-end open free soon today tomorrow later", 9},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Now = now
			tasks, found, err := b.x.Inbox(t.Context(), test.in)
			var got []string
			for _, one := range tasks {
				got = append(got, one.Title)
			}
			if err != nil || strings.Join(got, " ") != test.want || found != test.found {
				t.Errorf("Inbox = %v of %d, %v, want %s of %d", got, found, err, test.want, test.found)
			}
			if n, err := b.x.Waiting(t.Context(), test.in); err != nil || n != test.found {
				t.Errorf("Waiting = %d, %v", n, err)
			}
		})
	}
	next, ok, err := b.x.Opening(t.Context(), now)
	if err != nil || !ok || next.Title != "soon" {
		t.Errorf("Opening = %q, %v, %v", next.Title, ok, err)
	}
}

func TestARunStandsByWhatItWaitsFor(t *testing.T) {
	b := begin(t, "run/"+run)
	for i, h := range []int{5, 3, 4} {
		b.add("run", record.TaskAsked, record.Subject{Stage: "s", Task: fmt.Sprintf("task/%s/s/t/%d", run, i)}, record.Asked{Title: fmt.Sprint(h), Window: record.Window{Closes: noon.Add(time.Duration(h) * time.Hour)}})
	}
	b.add("run", record.TaskSkipped, record.Subject{Stage: "s", Task: "task/" + run + "/s/t/0"}, record.Note{})
	b.add("Tim", record.DeviationOpened, record.Subject{Stage: "s"}, record.Deviation{Type: "other", What: "only flagged: nobody is asked"})
	b.add("run", record.TaskAsked, record.Subject{Stage: "s", Task: "task/" + run + "/s/" + protocol.DecisionID + "/1"}, record.Asked{Title: "decide"})
	for _, runs := range [][]string{nil, {run, "other"}} {
		got, err := b.x.Standings(t.Context(), runs...)
		if err != nil || len(got) != 1 || got[run].Open != 3 || got[run].Blocked != 1 || got[run].Next == nil || got[run].Next.Title != "3" || !got[run].Next.Due.Equal(noon.Add(3*time.Hour)) {
			t.Errorf("Standings(%v) = %+v, %v", runs, got, err)
		}
	}
	if n, err := b.x.CountDeciding(t.Context(), ""); n != 1 || err != nil {
		t.Errorf("%d decisions wait, %v", n, err)
	}
	if got, err := b.x.Standings(t.Context(), "other"); err != nil || len(got) != 0 {
		t.Errorf("of another run: %+v, %v", got, err)
	}
}

func TestChangesComeInTheOrderInWhichTheyWereTaken(t *testing.T) {
	b := begin(t, "run/"+run)
	soon := b.x.Changed()
	b.add("Tim", record.TaskAsked, record.Subject{Stage: "s", Task: "task/" + run + "/s/t/1"}, record.Asked{})
	select {
	case <-soon:
	default:
		t.Error("nobody was told of the first record")
	}
	b.head = record.Ref{Logbook: "lab"}
	b.add("Tim", record.TaskCommented, record.Subject{}, record.Note{})
	b.add("Tim", record.TaskCommented, record.Subject{}, record.Note{Text: "2"})
	all, err := b.x.Changes(t.Context(), 0, 10)
	if err != nil || len(all) != 3 || all[0].Task != "task/"+run+"/s/t/1" || all[1].Logbook != "lab" {
		t.Fatalf("Changes = %+v, %v", all, err)
	}
	rest, err := b.x.Changes(t.Context(), all[0].Sequence, 1)
	if err != nil || len(rest) != 1 || rest[0] != all[1] {
		t.Errorf("behind the first: %+v, %v", rest, err)
	}
	if last, err := b.x.Sequence(t.Context()); err != nil || last != all[2].Sequence {
		t.Errorf("Sequence = %d, %v, want %d", last, err, all[2].Sequence)
	}
}

// BenchmarkInbox asks for one page of a person's day among 10,000 open tasks.
func BenchmarkInbox(b *testing.B) {
	book := begin(b, "run/"+run)
	records := make([]record.Record, 10000)
	for i := range records {
		records[i] = book.asked()
	}
	if err := book.x.Apply(b.Context(), records...); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, _, err := book.x.Inbox(b.Context(), index.Inbox{Now: noon, Holder: "Tim", Role: "technician", To: 50}); err != nil || len(got) != 50 {
			b.Fatal(len(got), err)
		}
	}
}
