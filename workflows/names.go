package workflows

import (
	"strconv"
	"strings"

	"secretome/internal/run"
)

// The task queues: calls that wait for another workflow have their own, so that
// they cannot fill every slot while they wait for an activity.
const (
	Queue = "secretome"
	Calls = "secretome-calls"
)

// The search attributes, for operators and for the comparison with the index.
const (
	AttributeRun   = "SecretomeRun"
	AttributeState = "SecretomeState"
	AttributeRole  = "SecretomeRole"
	AttributeDue   = "SecretomeDue"
)

// RunID returns the workflow ID of a run.
func RunID(run string) string { return "run/" + run }

// Logbook returns the logbook of a run.
func Logbook(run string) string { return "run/" + run }

// ArchiveID returns the ID of the workflow that keeps a run's own history.
func ArchiveID(run string) string { return "archive/" + run }

// StageID returns the workflow ID of a stage: model and block are empty where
// it happens once a run.
func StageID(run, stage, model, block string) string {
	return "stage/" + join(run, stage, model, block)
}

// TaskID returns the workflow ID of the n-th asking of a task.
func TaskID(run, stage, model, block, task string, n int) string {
	return "task/" + join(run, stage, model, block, task, strconv.Itoa(n))
}

func join(parts ...string) string {
	var given []string
	for _, p := range parts {
		if p != "" {
			given = append(given, p)
		}
	}
	return strings.Join(given, "/")
}

// request returns the request ID of a record that a workflow writes by itself:
// the same after a retry, a replay and a continue-as-new, and unique in the
// run's logbook, since a workflow does each of its acts once.
func request(workflowID, act string) string { return workflowID + "#" + act }

// summary is what the Web UI shows of a stage.
func summary(in run.StageInput) string {
	return strings.TrimSpace(in.Stage + " " + in.Model + " " + in.Block)
}

// All returns every workflow by the name under which histories know it.
func All() map[string]any {
	return map[string]any{
		"Run": Run, "CordHarvest": CordHarvest, "Culture": Culture, "Collection": Collection,
		"Treatment": Treatment, "Assay": Assay, "Analysis": Analysis, "Review": Review,
		"Stock": Stock, "Steps": Steps, "HumanTask": HumanTask, "Archive": Archive, "Lot": Lot, "Held": Held, "Late": Late, "Recall": Recall,
	}
}
