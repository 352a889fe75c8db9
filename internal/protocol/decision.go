package protocol

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
