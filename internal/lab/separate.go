package lab

import (
	"context"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Three people stand behind a signed value: who did it, who checked it as the
// second person, and who signs. That the second is not the first, the task's rules
// say; that a reviewer is neither, is said here, for the workflow knows only who
// completed a task.

// another is why somebody who had their hands in a run may not sign it.
const another = "You recorded or checked data in this run. Another reviewer must sign it."

// had reports whether somebody recorded or checked something in the run, beside
// its review.
func (h History) had(name string) bool {
	return slices.ContainsFunc(h.Records, func(r record.Record) bool {
		if r.By.Kind != record.Person || r.By.Name != name || strings.Contains(r.Subject.Task, "/"+protocol.Reviewing+"/") {
			return false
		}
		switch r.Kind {
		case record.StepDone, record.StepChecked, record.StepTakenBack, record.TaskSaved, record.TaskAttached, record.TaskCompleted, record.LateEntry:
			return true
		}
		return false
	})
}

// checkSigner refuses somebody who had their hands in a run what leads to a
// signature under its report.
func (l *Lab) checkSigner(ctx context.Context, id string, a task.Act) error {
	if !strings.Contains(id, "/"+protocol.Reviewing+"/"+protocol.SignReport+"/") || a.Verb != task.Claim && a.Verb != task.Step && a.Verb != task.Complete {
		return nil
	}
	h, err := l.History(ctx, a.By, runOf(id), 0)
	if err != nil {
		return err
	}
	if h.had(a.By.Name) {
		return fault.New(fault.Refused, "%s recorded or checked data in this run", a.By.Name).Try("another reviewer must sign it")
	}
	return nil
}
