package lab

import (
	"context"
	"errors"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/workflows"
)

// endedOutside records that a run was ended in Temporal by somebody else than
// this program, where that is so: otherwise it would wait for ever. It reports
// whether it was.
func (l *Lab) endedOutside(ctx context.Context, first record.Record) (bool, error) {
	id := runOfLogbook(first.Logbook)
	d, err := l.Temporal.DescribeWorkflowExecution(ctx, workflows.RunID(id), "")
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return false, nil
	}
	if err != nil {
		return false, fault.Wrap(err, fault.Unavailable, "Temporal does not say how run %s stands", id)
	}
	how, outside := ends[d.GetWorkflowExecutionInfo().GetStatus()]
	if !outside {
		return false, nil
	}
	what := "the run was " + how + " in Temporal from outside"
	program := record.Actor{Kind: record.Program, Name: "lab"}
	deviation, err := l.draft(program, first.Logbook, "outside#deviation", record.DeviationOpened, record.Deviation{Type: "outside", What: what, Asks: "DEVIATION"})
	if err == nil {
		deviation.Protocol, deviation.Rehearsal = first.Protocol, first.Rehearsal
		_, err = l.Logbooks.Append(ctx, deviation)
	}
	if err != nil {
		return true, err
	}
	end, err := l.draft(program, first.Logbook, "outside#end", record.RunEnded, record.End{Outcome: "failed", Why: what})
	if err == nil {
		end.Protocol, end.Rehearsal = first.Protocol, first.Rehearsal
		_, err = l.Logbooks.Append(ctx, end)
	}
	return true, err
}

// ends are the ways in which a run ends that are not its own.
var ends = map[enums.WorkflowExecutionStatus]string{
	enums.WORKFLOW_EXECUTION_STATUS_TERMINATED: "terminated",
	enums.WORKFLOW_EXECUTION_STATUS_CANCELED:   "cancelled",
	enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:  "timed out",
	enums.WORKFLOW_EXECUTION_STATUS_FAILED:     "failed",
}

// Outside looks whether open runs were ended in Temporal from outside, and
// returns those that were.
func (l *Lab) Outside(ctx context.Context) ([]string, error) {
	runs, err := l.Index.Runs(ctx, index.RunFilter{State: index.Running})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, r := range runs {
		first, err := l.firstRecord(ctx, r.ID)
		if err != nil {
			return found, err
		}
		ended, err := l.endedOutside(ctx, first)
		if err != nil {
			return found, err
		}
		if ended {
			found = append(found, r.ID)
		}
	}
	return found, nil
}
