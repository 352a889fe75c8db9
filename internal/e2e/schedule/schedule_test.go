package schedule

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// number is a whole number of the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s is %q, want a whole number", name, text)
	}
	return n
}

func TestWhateverSeveralPeopleDoAtTheSameTime(t *testing.T) {
	many := number(t, "SECRETOME_SCHEDULES", 20)
	if testing.Short() {
		many = min(many, 10)
	}
	first := number(t, "SECRETOME_SEED", 1)
	begin := time.Now()
	var c count
	const batch = 100 // what they wrote is in memory
	for seed := first; seed < first+many && !t.Failed(); seed += batch {
		last := min(seed+batch, first+many) - 1
		t.Run(fmt.Sprintf("%d to %d", seed, last), func(t *testing.T) { c.batch(t, seed, last) })
	}
	t.Logf("%d schedules: %d acts, %d of them refused, %d records; %d lots and %d tasks turned a page; %.1f s", c.schedules, c.acts, c.refused, c.records, c.lots, c.tasks, time.Since(begin).Seconds())
	if c.long && (c.lots == 0 || c.tasks == 0) {
		t.Error("no lot or no task turned a page")
	}
}

// count is what was tried.
type count struct {
	mu                                             sync.Mutex
	schedules, acts, refused, records, lots, tasks int
	long                                           bool
}

func (c *count) batch(t *testing.T, first, last int) {
	w := start(t, straight)
	const atOnce = 12 // a schedule mostly waits for the server
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for seed := first; seed <= last && !t.Failed(); seed++ {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			s := w.run(t, planned(seed), seed).over(t)
			s.holds(t)
			c.add(t, s)
		})
	}
	all.Wait()
}

func (c *count) add(t *testing.T, s *story) {
	pages := 0
	for n := range tasks {
		d, err := s.time.DescribeWorkflowExecution(t.Context(), taskID(s.n, n), "")
		if err != nil { // a busy machine: nothing of the rules hangs on it
			t.Logf("schedule %d: whether task %d turned a page is not known: %v", s.Seed, n, err)
		} else if info := d.GetWorkflowExecutionInfo(); info.GetFirstRunId() != info.GetExecution().GetRunId() {
			pages++
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedules++
	c.acts += len(s.told)
	c.tasks += pages
	c.long = c.long || s.Long
	for _, a := range s.told {
		if !a.accepted() {
			c.refused++
		}
	}
	for _, records := range s.books {
		c.records += len(records)
		for _, r := range records {
			if r.Kind == record.HistoriesExported {
				c.lots++
			}
		}
	}
}

// holds fails the test where a schedule did not keep the rules.
func (s *story) holds(t *testing.T) {
	t.Helper()
	var problems []string
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	s.answers(bad)
	s.chains(bad)
	lots := s.lots(bad)
	for n := range tasks {
		s.orderOf("task "+strconv.Itoa(n), taskModel(passage(s.n, n)), s.ofTask(n), bad)
		s.lineage(n, bad)
		s.drawn(n, lots, bad)
	}
	if len(problems) > 0 {
		t.Errorf("%s", s.plan)
		for _, p := range problems {
			t.Errorf("schedule %d: %s", s.Seed, p)
		}
	}
}

type complaint = func(format string, args ...any)

// orderOf wants an order of acts that explains all answers.
func (s *story) orderOf(what string, m porcupine.Model, history []porcupine.Operation, bad complaint) {
	if ok, why := linear(m, history); !ok {
		bad("%s: %s", what, why)
		slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		for _, o := range history {
			st, _ := o.Input.(step)
			at := int64(0)
			if st.record != nil {
				at = st.record.Number
			}
			bad("  %6d to %6d µs, record %d: %s (%s %s)", o.Call/1000, o.Return/1000, at, describe(o.Input, nil), st.state, st.left)
		}
	}
}

// answers: whoever was told that it is done finds it in the logbook, as it was
// told; the same request had the same answer, and was never refused afterwards.
func (s *story) answers(bad complaint) {
	for _, a := range s.told {
		book := lotBook(a.lot)
		if a.onTask {
			book = logbookOf(s.n)
		}
		if !asked(a) {
			bad("%s of %s was told of an error within: %s", a.request, people()[a.client].Name, a.err.Message)
		}
		r := s.find(book, a.request)
		if a.accepted() && r == nil {
			bad("request %s was acknowledged and is not in %s", a.request, book)
			continue
		}
		if a.accepted() {
			if ref, err := r.Ref(); err != nil || ref != a.ref || r.By != people()[a.client] {
				bad("request %s was told %v, in %s stands %v by %s, %v", a.request, a.ref, book, ref, r.By.Name, err)
			}
		}
		for _, b := range s.told {
			if b.request == a.request && b.accepted() && (!a.accepted() && a.call > b.ret || a.accepted() && (a.answer != b.answer || a.state != b.state || a.left != b.left)) {
				bad("request %s had two answers: %+v, %+v (%v)", a.request, b.answer, a.answer, a.err)
			}
		}
	}
}

// chains: every logbook is whole, no request stands in it twice, and what people
// did in it somebody was told.
func (s *story) chains(bad complaint) {
	for name, records := range s.books {
		for _, p := range record.Chain(records) {
			bad("%s: %s", name, p.Detail)
		}
		for _, r := range records[min(1, len(records)):] {
			if r.By.Kind == record.Person && name == logbookOf(s.n) && !slices.ContainsFunc(s.told, func(a told) bool { return a.accepted() && a.request == r.Request }) {
				bad("%s: record %d, %s, was acknowledged to nobody", name, r.Number, r.Kind)
			}
		}
	}
}

// lots: the logbook of each lot is one that its rules allow, act by act: nothing is
// drawn from a lot on hold, rejected or expired, and the balance is never below
// zero. The index tells the same. It returns the lots by barcode.
func (s *story) lots(bad complaint) map[string]sample.Lot {
	all := map[string]sample.Lot{}
	for name, records := range s.books {
		if name == logbookOf(s.n) {
			continue
		}
		barcode := name[len(lotBook("")):]
		l, lost := sample.Lot{Barcode: barcode}, "0 mL"
		for _, r := range records {
			before := l
			var err error
			if l, err = apply(l, r); err != nil {
				bad("%s: record %d, %s: %v", name, r.Number, r.Kind, err)
				_ = l.Apply(r) // goes on as the lot did
			}
			if body, err := record.Read[record.LotAct](r); err == nil && r.Kind == record.LotWrittenOff {
				lost = plus(lost, before.Drawn[body.Draw])
			}
			if l.Left.Sign() < 0 {
				bad("%s: %s is left after record %d", name, l.Left, r.Number)
			}
			if all := balance(l, lost); !l.Whole.IsZero() && all != l.Whole.String() {
				bad("%s: left, drawn and lost are %s of %s after record %d", name, all, l.Whole, r.Number)
			}
		}
		all[barcode] = l
		s.orderOf(name, lotModel(barcode), s.ofLot(barcode), bad)
	}
	return all
}

// balance is what is left, drawn and lost, in the unit of the whole.
func balance(l sample.Lot, lost string) string {
	sum := plus(lost, l.Left.String())
	for _, amount := range l.Drawn {
		sum = plus(sum, amount)
	}
	q, err := quantity.Parse(sum)
	if err == nil {
		q, err = q.In(l.Whole.Unit())
	}
	if err != nil {
		return err.Error()
	}
	return q.String()
}

func plus(one, other string) string {
	a, err := quantity.Parse(one)
	if err != nil {
		return err.Error()
	}
	b, err := quantity.Parse(other)
	if err != nil {
		return one
	}
	sum, err := a.Add(b)
	if err != nil {
		return err.Error()
	}
	return sum.String()
}

// lineage: a child has one passage more than its parent, and comes from all that
// was scanned before it.
func (s *story) lineage(n int, bad complaint) {
	medium := ""
	for _, r := range s.of(n) {
		body, err := record.Read[record.Entered](r)
		if err != nil || r.Kind != record.StepDone {
			continue
		}
		values := map[string]record.Entry{}
		for _, e := range body.Entries {
			values[e.Field] = e
		}
		if r.Subject.Step == "take" {
			medium = values["lot"].Value
		}
		child, ok := values["child"]
		if !ok {
			continue
		}
		want := []string{medium, parentCode(s.n), values["medium"].Value}
		slices.Sort(want)
		got := slices.Sorted(slices.Values(child.Thing.Parents))
		if !child.Thing.Made || child.Thing.Passage != 4 || !slices.Equal(got, slices.Compact(want)) {
			bad("record %d: %s is %+v, want passage 4 from %v", r.Number, child.Value, *child.Thing, want)
		}
	}
}

// of are the records of a task.
func (s *story) of(n int) []record.Record {
	return slices.DeleteFunc(slices.Clone(s.books[logbookOf(s.n)]), func(r record.Record) bool { return r.Subject.Task != taskID(s.n, n) })
}

// drawn: what a task drew stands open in the lots exactly as its steps say, and no
// more; of what it made, what its step says is there, and the rest is rejected.
func (s *story) drawn(n int, all map[string]sample.Lot, bad complaint) {
	state := task.State{Phase: task.Open}
	for _, r := range s.of(n) {
		next, err := follow(state, r)
		if err != nil {
			bad("record %d: %v", r.Number, err)
		}
		state = next
	}
	want := map[string]string{}
	vial := ""
	for _, d := range state.Done {
		values := map[string]string{"volume": "0.2 mL"}
		for _, e := range d.Entries {
			values[e.Field] = e.Value
		}
		for _, e := range d.Entries {
			switch {
			case e.Field == "vial":
				vial = e.Value
				if l := all[vial]; l.State != sample.Quarantine || l.Whole.String() != values["volume"] {
					bad("task %d made vial %s of %s; it is %s of %s", n, vial, values["volume"], l.State, l.Whole)
				}
			case e.Thing != nil && e.Thing.Kind == "reagent":
				want[fmt.Sprintf("record %d of %s", e.Thing.Act.Number, e.Value)] = values["volume"]
			}
		}
	}
	got := map[string]string{}
	for barcode, l := range all {
		for _, r := range s.books[lotBook(barcode)] {
			body, err := record.Read[record.LotAct](r)
			if err != nil || body.Task != taskID(s.n, n) {
				continue
			}
			if amount, open := l.Drawn[r.Number]; open && r.Kind == record.LotDrawn {
				q, err := quantity.Parse(amount)
				if err == nil {
					q, err = q.In("mL")
				}
				if err != nil {
					bad("%s: %v", barcode, err)
				}
				got[fmt.Sprintf("record %d of %s", r.Number, barcode)] = q.String()
			}
			if r.Kind == record.LotRegistered && barcode != vial && l.State != sample.Rejected {
				if last := registrar(s.books[lotBook(barcode)]); last == taskID(s.n, n) {
					bad("task %d has vial %s, but %s of it is %s", n, vial, barcode, l.State)
				}
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		bad("task %d: by its steps it drew %v, by the lots %v", n, want, got)
	}
}

// registrar is the task that registered a thing last.
func registrar(records []record.Record) string {
	by := ""
	for _, r := range records {
		if body, err := record.Read[record.LotAct](r); err == nil && r.Kind == record.LotRegistered {
			by = body.Task
		}
	}
	return by
}
