package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// story is all that is known of a schedule once it is over.
type story struct {
	*play
	books map[string][]record.Record // logbook → its records
	end   int64
}

func (p *play) over(t *testing.T) *story {
	t.Helper()
	s := &story{p, map[string][]record.Record{}, p.since()}
	names := []string{logbookOf(p.n)}
	for i := range lots {
		names = append(names, lotBook(lotCode(p.n, i)))
	}
	for i := range vials {
		names = append(names, lotBook(vialCode(p.n, i)))
	}
	for _, name := range names {
		records, err := p.books.Read(t.Context(), name, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.books[name] = records
	}
	return s
}

func (s *story) find(logbook, request string) *record.Record {
	for i, r := range s.books[logbook] {
		if r.Request == request {
			return &s.books[logbook][i]
		}
	}
	return nil
}

// merged are the answers with those to the same request put together: an act that
// was accepted happened before its first answer; one that was refused twice by the
// same sentence was refused once, at some time between.
func merged(all []told, mine func(told) bool) []told {
	var one []told
	for _, a := range all {
		if !mine(a) {
			continue
		}
		i := slices.IndexFunc(one, func(b told) bool {
			return a.request == b.request && a.accepted() == b.accepted() && (a.accepted() || a.err.Message == b.err.Message)
		})
		if i < 0 {
			one = append(one, a)
			continue
		}
		one[i].call = min(one[i].call, a.call)
		if a.accepted() {
			one[i].ret = min(one[i].ret, a.ret)
		} else {
			one[i].ret = max(one[i].ret, a.ret)
		}
	}
	return one
}

func operation(a told, s step) porcupine.Operation {
	return porcupine.Operation{ClientId: a.client, Input: s, Call: a.call, Return: a.ret}
}

// ofTask is the history of a task.
func (s *story) ofTask(number int) []porcupine.Operation {
	var history []porcupine.Operation
	for _, a := range merged(s.told, func(a told) bool { return a.onTask && a.task == number }) {
		st := step{name: fmt.Sprintf("%s: %s %s %v to %q", people()[a.client].Name, a.act.Verb, a.act.Step, a.act.Entries, a.act.To), request: a.request, onTask: a.act, answer: a.answer}
		if a.accepted() {
			st.record = s.find(logbookOf(s.n), a.request)
		} else {
			st.refusal, st.kind = a.err.Message, a.err.Kind
			_, st.ofLot = lotOf(a)
		}
		history = append(history, operation(a, st))
	}
	return history
}

// lotOf returns the barcode of the lot that refused a step.
func lotOf(a told) (string, bool) {
	if a.accepted() || !a.onTask || a.act.Verb != task.Step {
		return "", false
	}
	for _, e := range a.act.Entries {
		if e.Field == a.err.Place.Field && strings.HasPrefix(a.err.Message, e.Value+" ") {
			return e.Value, true
		}
	}
	return "", false
}

// ofLot is the history of a lot: what was asked of it directly, and what steps of
// tasks did to it in between, of which its logbook tells.
func (s *story) ofLot(barcode string) []porcupine.Operation {
	var history []porcupine.Operation
	for _, a := range merged(s.told, func(a told) bool { return a.lot == barcode }) {
		st := step{name: fmt.Sprintf("%s: %s %s", people()[a.client].Name, a.onLot.Kind, a.onLot.Body.Amount), request: a.request}
		if a.accepted() {
			st.record, st.state, st.left, st.told = s.find(lotBook(barcode), a.request), a.state, a.left, true
		} else {
			st.refusal, st.kind, st.onLot = a.err.Message, a.err.Kind, []sample.LotAct{a.onLot}
		}
		history = append(history, operation(a, st))
	}
	for _, a := range merged(s.told, func(a told) bool { code, ok := lotOf(a); return ok && code == barcode }) {
		history = append(history, operation(a, s.refused(a, barcode)))
	}
	return append(history, s.between(barcode)...)
}

// refused is a step that a lot refused. When exactly it was asked nobody knows.
func (s *story) refused(a told, barcode string) step {
	st := step{name: people()[a.client].Name + ": " + a.act.Step, refusal: a.err.Message, kind: a.err.Kind}
	kind := record.LotDrawn
	if strings.HasPrefix(barcode, "VI-") {
		kind = record.LotRegistered
	} else {
		st.amount = "0.2 mL"
		for _, e := range a.act.Entries {
			if e.Field == "volume" {
				st.amount = e.Value
			}
		}
	}
	for _, at := range []int64{a.call, a.ret} {
		body := record.LotAct{Amount: st.amount}
		if kind == record.LotRegistered {
			body = record.LotAct{Kind: "vial"}
		}
		st.onLot = append(st.onLot, sample.LotAct{Kind: kind, By: a.act.By, Happened: s.begin.Add(time.Duration(at)).UTC(), Body: body})
	}
	return st
}

// between are the records of a lot that no client asked for directly: each happened
// while the step was asked for whose request it carries.
func (s *story) between(barcode string) []porcupine.Operation {
	var history []porcupine.Operation
	for i, r := range s.books[lotBook(barcode)] {
		st := step{name: fmt.Sprintf("record %d, %s", r.Number, r.Kind), request: r.Request, record: &s.books[lotBook(barcode)][i]}
		request, _, part := strings.Cut(r.Request, "/")
		a := told{client: len(people()), ret: s.end} // its expiry, or a page of its history
		if part && !strings.HasPrefix(r.Request, "lot/") {
			var ok bool
			if a, ok = s.span(request); !ok {
				a = told{ret: -1} // nobody asked for it: it fits nowhere
			}
		} else if !strings.Contains(r.Request, "#") {
			continue
		}
		history = append(history, operation(a, st))
	}
	return history
}

// span is from when to when a request was being asked.
func (s *story) span(request string) (told, bool) {
	var all told
	found := false
	for _, a := range s.told {
		if a.request != request {
			continue
		}
		if !found {
			all, found = a, true
		}
		all.call, all.ret = min(all.call, a.call), max(all.ret, a.ret)
	}
	return all, found
}

// asked reports whether a refusal is one that packages task and sample know of.
func asked(a told) bool { return a.accepted() || a.err.Kind != fault.Internal }
