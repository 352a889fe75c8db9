package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// launched starts a run of the compact study as in real life, and returns it
// with its first task once that is asked.
func launched(t *testing.T, l *laboratory) (run, first string) {
	t.Helper()
	document, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := l.as("manager")
	request := client.NewRequest()
	a, err := c.Launch(t.Context(), request, client.Launch{Document: string(document)})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Launch(t.Context(), request, client.Launch{Document: string(document)}); err != nil || again != a {
		t.Errorf("the same launch again is %+v, %v; the first was %+v", again, err, a)
	}
	eventually(t, "the first task", func() bool {
		tasks, err := c.Tasks(t.Context(), client.TaskFilter{Run: a.Run})
		if err == nil && len(tasks) == 1 {
			first = tasks[0].ID
		}
		return first != ""
	})
	return a.Run, first
}

// pending reports whether err says nothing about the act: it is sent again.
func pending(err error) bool {
	return fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Timeout) || errors.Is(err, context.Canceled)
}

// count returns how many records of the run have the request.
func count(t *testing.T, c *client.Client, run, request string) int {
	t.Helper()
	n := 0
	for after := int64(0); ; {
		page, err := c.Records(t.Context(), run, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return n
		}
		for _, r := range page {
			after = r.Record.Number
			if r.Record.Request == request {
				n++
			}
		}
	}
}

func TestTheSameRequestIsDoneOnceAndAnsweredAsTheFirstTime(t *testing.T) {
	data := t.TempDir()
	l := up(t, data)
	run, id := launched(t, l)
	acts := []struct {
		request string
		act     client.Act
	}{
		{client.NewRequest(), client.Act{Verb: task.Claim}},
		{client.NewRequest(), client.Act{Verb: task.Step, Step: "donor", Entries: []record.Entry{{Field: "code", Value: "D-0031"}, {Field: "age", Value: "31 a"}, {Field: "gestation", Value: "39 wk"}}}},
		{client.NewRequest(), client.Act{Verb: task.Step, Step: "form", Entries: []record.Entry{{Field: "signed_at", Value: "2026-02-20 14:30"}, {Field: "version", Value: "C-4"}, {Field: "covers", Value: "yes"}}}},
		{client.NewRequest(), client.Act{Verb: task.Complete}},
	}
	answers := make([]client.Acted, len(acts))
	again := func(when string) {
		t.Helper()
		c := l.as("manager")
		for i, a := range acts {
			if answers[i].Record.Number == 0 {
				continue
			}
			got, err := c.Act(t.Context(), a.request, id, a.act)
			if err != nil || got.Record != answers[i].Record || got.Phase != answers[i].Phase || got.NextStep != answers[i].NextStep {
				t.Errorf("%s %s is answered %+v, %v; the first answer was %+v", a.act.Verb, when, got, err, answers[i])
			}
			if n := count(t, c, run, a.request); n != 1 {
				t.Errorf("%s %s stands %d times in the logbook", a.act.Verb, when, n)
			}
		}
	}
	for i, a := range acts {
		var err error
		if answers[i], err = l.as("manager").Act(t.Context(), a.request, id, a.act); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			again("sent again at once")
			l.stop(syscall.SIGKILL)
			l = up(t, data)
			again("sent again after a kill")
		}
	}
	again("sent again after the task has closed")
}

// Entries that arrive while a long task starts a new history are neither lost
// nor done twice.
func TestEntriesWhileTheHistoryRollsOver(t *testing.T) {
	if testing.Short() {
		t.Skip("2,100 saves take a minute")
	}
	l := up(t, t.TempDir())
	run, id := launched(t, l)
	c := l.as("manager")
	if _, err := c.Act(t.Context(), client.NewRequest(), id, client.Act{Verb: task.Claim}); err != nil {
		t.Fatal(err)
	}
	const saves, clients = 2100, 5
	requests, numbers := make([]string, saves), make([]int64, saves)
	save := func(i int) (client.Acted, error) {
		a := client.Act{Verb: task.Save, Step: "donor", Entries: []record.Entry{{Field: "age", Value: fmt.Sprintf("%d a", 18+i%28)}}}
		for {
			got, err := c.Act(t.Context(), requests[i], id, a)
			if !pending(err) {
				return got, err
			}
		}
	}
	var sending sync.WaitGroup
	for w := range clients {
		sending.Go(func() {
			for i := w; i < saves; i += clients {
				requests[i] = client.NewRequest()
				got, err := save(i)
				if err != nil {
					t.Errorf("save %d: %v", i, err)
					return
				}
				numbers[i] = got.Record.Number
			}
		})
	}
	sending.Wait()
	seen := map[int64]bool{}
	for _, n := range numbers {
		if n == 0 || seen[n] {
			t.Fatalf("record %d is the answer of two saves, or of none", n)
		}
		seen[n] = true
	}
	for i := 0; i < saves; i += saves / 20 {
		if got, err := save(i); err != nil || got.Record.Number != numbers[i] {
			t.Errorf("save %d again is answered with record %d, %v; the first was %d", i, got.Record.Number, err, numbers[i])
		}
	}
	stood := map[string]int{}
	for after := int64(0); ; {
		page, err := c.Records(t.Context(), run, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			after = r.Record.Number
			stood[r.Record.Request]++
		}
	}
	for i, r := range requests {
		if stood[r] != 1 {
			t.Errorf("save %d stands %d times", i, stood[r])
		}
	}
}
