// Package worker binds the workflows and activities to a task queue.
package worker

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/workflows"
)

// Options are what an operator may set.
type Options struct {
	Slots int // activities at once; 0 is the default
}

// New returns a worker of the laboratory's task queue; the caller starts and
// stops it.
func New(c client.Client, a *activities.Activities, o Options) worker.Worker {
	w := worker.New(c, workflows.Queue, worker.Options{
		MaxConcurrentActivityExecutionSize: o.Slots,
		WorkerStopTimeout:                  10 * time.Second,
		DisableRegistrationAliasing:        true,
		MaxHeartbeatThrottleInterval:       every,
		Interceptors:                       []interceptor.WorkerInterceptor{&heartbeats{}},
	})
	Register(w)
	w.RegisterActivity(a)
	return w
}

// Register adds every workflow to a worker, a replayer or a test environment.
func Register(r interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}) {
	for name, code := range workflows.All() {
		r.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
}
