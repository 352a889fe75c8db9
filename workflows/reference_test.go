package workflows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

// mishap is one thing that the protocol says may go wrong, and what it says
// follows.
type mishap struct {
	at   string // stage/model/task or stage/model/assay
	what string // a criterion and which of its consequences, or the edge of a window
	do   protocol.Action
}

func (m mishap) ends() bool { return m.do == protocol.Discard || m.do == protocol.InvalidateBlock }

// mishaps lists all that the protocol foresees.
func mishaps(p protocol.Protocol) map[mishap]bool {
	all := map[mishap]bool{}
	add := func(at string, t protocol.Task) {
		maps.Copy(all, ofCriteria(at, t.Criteria))
		maps.Copy(all, ofWindow(at, task.Absolute(t.Window, monday)))
	}
	for _, s := range p.Stages {
		models := s.Models
		if len(models) == 0 {
			models = []string{s.Model}
		}
		for _, model := range models {
			for _, t := range s.Tasks {
				add(join(s.ID, model, t.ID), t)
			}
			for _, a := range p.Assays {
				if slices.Contains(s.Measures, a.ID) {
					maps.Copy(all, ofCriteria(join(s.ID, model, a.ID), a.Criteria))
					add(join(s.ID, model, a.Prepare.ID), a.Prepare)
					add(join(s.ID, model, a.Read.ID), a.Read)
				}
			}
		}
	}
	return all
}

func ofCriteria(at string, criteria []protocol.Criterion) map[mishap]bool {
	all := map[mishap]bool{}
	for _, c := range criteria {
		for i, follows := range c.OnFail {
			all[mishap{at, fmt.Sprint(c.ID, " ", i), follows.Do}] = true
		}
	}
	return all
}

func ofWindow(at string, w record.Window) map[mishap]bool {
	all := map[mishap]bool{}
	for verdict, edge := range edges(w) {
		if _, do := task.Judge(w, edge); !edge.IsZero() {
			all[mishap{at, verdict, do}] = true
		}
	}
	return all
}

// edges are times outside a window, by the verdict on them.
func edges(w record.Window) map[string]time.Time {
	all := map[string]time.Time{}
	if !w.Opens.IsZero() && w.OnEarly != "" { // without a word of the protocol it opens when it is asked
		all[task.Early] = w.Opens.Add(-time.Minute)
	}
	if !w.Closes.IsZero() {
		all[task.Late] = w.Closes.Add(time.Minute)
	}
	if !w.Hard.IsZero() {
		all[task.Missed] = w.Hard.Add(time.Minute)
	}
	return all
}

// happened is a mishap that came about in one stage.
type happened struct {
	mishap
	about record.Subject
}

// misfortune has everything go wrong once, where and as its rule allows.
type misfortune struct {
	mutex sync.Mutex
	seen  map[mishap]bool // over all executions
	here  []happened      // in this execution
	may   func(mishap, record.Subject) bool
	holds bool // whether the provisos of the flows do
}

// next is the first of several that has not come about yet, and may now.
func (f *misfortune) next(about record.Subject, of map[mishap]bool) (mishap, bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	order := slices.SortedFunc(maps.Keys(of), func(a, b mishap) int { return strings.Compare(a.what, b.what) })
	for _, m := range order {
		if !f.seen[m] && f.may(m, about) {
			f.seen[m] = true
			f.here = append(f.here, happened{m, about})
			return m, true
		}
	}
	return mishap{}, false
}

// more reports whether something may still go wrong at a place.
func (f *misfortune) more(of map[mishap]bool, at string, about record.Subject) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for m := range of {
		if m.at == at && !f.seen[m] && !m.ends() && f.may(m, about) {
			return true
		}
	}
	return false
}

// befall lets the misfortune have its way in a world.
func (f *misfortune) befall(w *world) {
	f.here = nil
	all := mishaps(w.p)
	w.mishap = func(about record.Subject, at string, criteria []protocol.Criterion) record.Decision {
		d := met(criteria)
		m, ok := f.next(about, ofCriteria(at, criteria))
		if !ok {
			return d
		}
		for i, c := range d.Checks {
			d.Checks[i].Pass = !strings.HasPrefix(m.what, c.Criterion+" ")
		}
		d.Do, d.Verdict = string(m.do), protocol.VerdictReject
		return d
	}
	w.moment = func(spec task.Spec, ends time.Time) time.Time {
		if m, ok := f.next(spec.Subject, ofWindow(place(spec.Subject, spec.Task.ID), spec.Window)); ok {
			return edges(spec.Window)[m.what]
		}
		return ends
	}
	w.choice = func(spec task.Spec) string { // once more, as long as there is something to go wrong
		at, _, _ := strings.Cut(spec.Task.Steps[0].Text, " ")
		if f.more(all, at, spec.Subject) {
			return "repeat"
		}
		return "continue"
	}
	w.proviso = func(protocol.Criterion) bool { return f.holds }
}

// took says what of a mishap's consequence is not to be seen in the world; empty
// if it was taken.
func (w *world) took(h happened) string {
	id := h.at[strings.LastIndex(h.at, "/")+1:]
	for _, a := range w.p.Assays {
		if a.ID == id {
			id = a.Prepare.ID
		}
	}
	again, decided := false, false
	for _, spec := range w.asked {
		if !same(spec.Subject, h.about) {
			continue
		}
		again = again || spec.Task.ID == id && spec.Attempt > 1
		decided = decided || spec.Task.ID == protocol.DecisionID && strings.HasPrefix(spec.Task.Steps[0].Text, h.at+" ")
	}
	outcome, why := w.outcome(h.about)
	switch h.do {
	case protocol.Repeat, protocol.Retest:
		if !again {
			return "it was not asked again"
		}
	case protocol.Deviation, protocol.Hold:
		if !decided {
			return "nobody decided"
		}
	case protocol.Discard:
		if outcome != run.Discarded {
			return "its stage is " + string(outcome) + ": " + why
		}
	case protocol.InvalidateBlock:
		if outcome != run.Invalidated {
			return "its stage is " + string(outcome) + ": " + why
		}
	case protocol.Flag, protocol.Accept: // what took longer for it may have ended the stage since
		if outcome != run.Done && (why == h.at+" departs" || why == h.at+" is "+h.what) {
			return "its stage is " + string(outcome) + ": " + why
		}
	}
	return ""
}

// outcome is how a stage ended, as its last record says.
func (w *world) outcome(about record.Subject) (run.Outcome, string) {
	for _, r := range w.book.records {
		if r.Kind == record.StageEnded && same(r.Subject, about) {
			if end, err := record.Read[record.End](r); err == nil {
				return run.Outcome(end.Outcome), end.Why
			}
		}
	}
	return "", "not at its end"
}

// Over several executions of the reference study all goes wrong that its
// protocol foresees: each consequence of each criterion follows, and each edge of
// each window is passed.
func TestReferenceStudyTakesEveryBranch(t *testing.T) {
	p := reference(t, "reference.yaml")
	f := &misfortune{seen: map[mishap]bool{}}
	taken := map[string]int{}
	execute := func(p protocol.Protocol, name string, want run.Outcome) {
		t.Helper()
		f.execute(t, p, name, want)
		for _, h := range f.here {
			taken[string(h.do)]++
			if slices.Contains([]string{task.Early, task.Late, task.Missed}, h.what) {
				taken[h.what]++
			}
		}
	}
	f.mend(p, execute)
	f.endRuns(p, execute)
	f.endBlocks(p, execute)
	for _, m := range append(f.left(p, false), f.left(p, true)...) {
		t.Errorf("%s: %s, which wants %s, never came about", m.at, m.what, m.do)
	}
	for _, action := range append(names(protocol.Actions()[1:]), task.Early, task.Late, task.Missed) {
		if taken[action] == 0 {
			t.Errorf("%s was never taken", action)
		}
	}
	t.Logf("%d mishaps came about: %v", len(f.seen), taken)
}

// execute carries one run through its mishaps.
func (f *misfortune) execute(t *testing.T, p protocol.Protocol, name string, want run.Outcome) {
	t.Helper()
	w := newWorld(t, p)
	f.befall(w)
	begun := time.Now()
	if status := w.run(); status.Outcome != want {
		t.Errorf("%s: the run is %s (%s), want %s", name, status.Outcome, status.Why, want)
	}
	for _, h := range f.here {
		if missing := w.took(h); missing != "" {
			t.Errorf("%s: %s, %s in block %q wants %s: %s", name, h.at, h.what, h.about.Block, h.do, missing)
		}
	}
	t.Logf("%s: %d tasks, %d mishaps, %s", name, len(w.asked), len(f.here), time.Since(begun).Round(time.Millisecond))
}

// mend lets happen what a run survives: most of it in one run of all models,
// the rest where a flow went the other way, or more than once at one place.
func (f *misfortune) mend(p protocol.Protocol, execute func(protocol.Protocol, string, run.Outcome)) {
	f.may = func(m mishap, _ record.Subject) bool { return !m.ends() }
	for i := 1; i <= 6 && len(f.left(p, false)) > 0; i++ {
		f.holds = i%2 == 1
		q := p
		q.Models = slices.DeleteFunc(slices.Clone(p.Models), func(m protocol.Model) bool { return i > 1 && m.ID != p.Models[0].ID && !f.mendable(p, m.ID) })
		for j := range q.Models { // the whole study is in [TestNoPayloadOfTheReferenceStudyIsLarge]
			q.Models[j].Blocks = min(q.Models[j].Blocks, 2)
		}
		execute(q, fmt.Sprintf("what can be mended, execution %d", i), run.Done)
	}
}

// endRuns lets each stage of the whole run end in each way that it may.
func (f *misfortune) endRuns(p protocol.Protocol, execute func(protocol.Protocol, string, run.Outcome)) {
	f.holds = true
	for _, s := range p.Stages {
		for n := 1; !byModel(s) && f.ending(p, s.ID); n++ {
			f.may = func(m mishap, about record.Subject) bool { return m.ends() && about.Stage == s.ID && len(f.here) == 0 }
			before := len(f.seen)
			execute(p, fmt.Sprintf("%s ends badly, execution %d", s.ID, n), run.Discarded)
			if len(f.seen) == before {
				break
			}
		}
	}
}

// endBlocks lets blocks end, each in one way; the others go on.
func (f *misfortune) endBlocks(p protocol.Protocol, execute func(protocol.Protocol, string, run.Outcome)) {
	for _, stage := range []string{protocol.Assaying, protocol.Treating} {
		f.may = func(m mishap, about record.Subject) bool {
			return m.ends() && about.Stage == stage && !slices.ContainsFunc(f.here, func(h happened) bool { return same(h.about, about) })
		}
		for n := 1; n <= 6 && f.ending(p, stage); n++ {
			q := p
			q.Models = slices.DeleteFunc(slices.Clone(p.Models), func(m protocol.Model) bool { return !f.ending(p, join(stage, m.ID)) })
			execute(q, fmt.Sprintf("blocks end badly in %s, execution %d", stage, n), run.Done)
		}
	}
}

func byModel(s protocol.Stage) bool { return s.Model != "" || len(s.Models) > 0 }

// same reports whether two records are about the same stage.
func same(a, b record.Subject) bool {
	return a.Stage == b.Stage && a.Model == b.Model && a.Block == b.Block
}

// left lists what never came about.
func (f *misfortune) left(p protocol.Protocol, ends bool) []mishap {
	var list []mishap
	for m := range mishaps(p) {
		if !f.seen[m] && m.ends() == ends {
			list = append(list, m)
		}
	}
	return list
}

// mendable reports whether something may still go wrong in a model that it survives.
func (f *misfortune) mendable(p protocol.Protocol, model string) bool {
	return slices.ContainsFunc(f.left(p, false), func(m mishap) bool { return strings.Contains(m.at, "/"+model+"/") })
}

// ending reports whether a stage may still end badly in another way.
func (f *misfortune) ending(p protocol.Protocol, stage string) bool {
	return slices.ContainsFunc(f.left(p, true), func(m mishap) bool { return strings.HasPrefix(m.at, stage+"/") })
}

func names(actions []protocol.Action) []string {
	var all []string
	for _, a := range actions {
		all = append(all, string(a))
	}
	return all
}
