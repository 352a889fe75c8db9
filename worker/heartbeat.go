package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// every is how often an activity that goes on says so. Those of workflows have a
// heartbeat timeout of several times this.
const every = 2 * time.Second

// heartbeats has every activity say that it goes on, so that one whose process
// was killed is done again after its heartbeat timeout, not only after all the
// time that it may take.
type heartbeats struct {
	interceptor.WorkerInterceptorBase
}

func (*heartbeats) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	b := &beating{}
	b.Next = next
	return b
}

type beating struct {
	interceptor.ActivityInboundInterceptorBase
}

func (b *beating) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if !activity.GetInfo(ctx).IsLocalActivity { // one of those is part of a workflow's task, which has a time-out of its own
		stop := make(chan struct{})
		defer close(stop)
		go beat(ctx, stop)
	}
	return b.Next.ExecuteActivity(ctx, in)
}

func beat(ctx context.Context, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}
