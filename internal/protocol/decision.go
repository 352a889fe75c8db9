package protocol

import "fmt"

// Where the manager's decision on a deviation stands in its task.
const (
	DecisionID     = "decide-deviation"
	DecisionChoice = "decide.choice"
	DecisionWhy    = "decide.justification"
)

// DecisionTask is the task by which a manager decides on a deviation; it is
// the same in every protocol. what says what departed.
func DecisionTask(what string) Task {
	return Task{
		ID: DecisionID, Title: "Decide on a deviation", Role: "manager",
		Steps: []Step{{
			ID: "decide", Text: what,
			Fields: []Field{
				{ID: "choice", Title: "what follows", Kind: Choice, Choices: []string{"continue", "repeat", "discard"}},
				{ID: "justification", Title: "why, and what it means for the result", Kind: Text},
			},
		}},
	}
}

// Chosen returns the action that a manager's choice stands for.
func Chosen(choice string) Action {
	switch choice {
	case "repeat":
		return Repeat
	case "discard":
		return Discard
	}
	return Accept
}

// ClearID is the task that deals with what is in work when a run is stopped.
const ClearID = "clear-away"

// mostCleared is how many things have a field of their own in it.
const mostCleared = 24

// ClearTask is the task by which a technician deals with what is in an incubator
// or on a bench when a run is stopped; it is the same in every protocol.
func ClearTask(barcodes []string, why string) Task {
	step := Step{ID: "clear", Text: "The run is stopped: " + why + ". Deal with what is in work, and say what became of each thing."}
	for i, code := range barcodes {
		if i == mostCleared {
			step.Text += fmt.Sprintf(" The last field is for it and %d more.", len(barcodes)-mostCleared)
			break
		}
		step.Fields = append(step.Fields, Field{ID: fmt.Sprintf("thing_%d", i+1), Title: code, Kind: Choice, Choices: []string{"discarded", "frozen", "kept for another use", "was not there"}})
	}
	step.Fields = append(step.Fields, Field{ID: "note", Title: "where it is now, and what else was done", Kind: Text, Optional: true})
	return Task{ID: ClearID, Title: "Deal with what is in work", Role: "technician", Steps: []Step{step}}
}
