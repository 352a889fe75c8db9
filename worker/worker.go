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
	Slots int // activities at once on each task queue; 0 is the default
}

// Worker works on the laboratory's task queues.
type Worker struct {
	worker.Worker
	calls worker.Worker // activities that wait for an answer of another workflow
}

// New returns a worker of the laboratory's task queues; the caller starts and
// stops it.
func New(c client.Client, a *activities.Activities, o Options) Worker {
	a.Queue = workflows.Queue
	w := Worker{worker.New(c, workflows.Queue, options(o, false)), worker.New(c, workflows.Calls, options(o, true))}
	Register(w)
	w.RegisterActivity(a)
	w.calls.RegisterActivity(a)
	return w
}

func options(o Options, activitiesOnly bool) worker.Options {
	return worker.Options{
		MaxConcurrentActivityExecutionSize: o.Slots,
		WorkerStopTimeout:                  10 * time.Second,
		DisableRegistrationAliasing:        true,
		MaxHeartbeatThrottleInterval:       every,
		DisableWorkflowWorker:              activitiesOnly,
		Interceptors:                       []interceptor.WorkerInterceptor{&heartbeats{}},
	}
}

// Start begins to work, and returns once the server is reached.
func (w Worker) Start() error {
	if err := w.calls.Start(); err != nil {
		return err
	}
	if err := w.Worker.Start(); err != nil {
		w.calls.Stop()
		return err
	}
	return nil
}

// Stop waits for what is being done, ten seconds at most.
func (w Worker) Stop() {
	w.Worker.Stop()
	w.calls.Stop()
}

// Register adds every workflow to a worker, a replayer or a test environment.
func Register(r interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}) {
	for name, code := range workflows.All() {
		r.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
}
