package workflows

import "secretome/activities"

// Fault finds the fault in an error that came out of a workflow, as a caller of
// one sees it; an error without one is returned as it is.
func Fault(err error) error { return activities.Decode(err) }
