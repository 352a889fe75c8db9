// Package workflows has the laboratory's protocol as durable workflows: run.go
// is a run from the first stage to the seal, one file a stage reads like the
// protocol beside it, task.go is the human task.
//
// # Rules
//
// Workflow code takes time, randomness and IDs from Temporal only, branches on
// recorded decisions, answers and times only, and passes artifacts by hash. A
// change to it is guarded by workflow.GetVersion and keeps every history in
// testdata/histories replaying.
package workflows
