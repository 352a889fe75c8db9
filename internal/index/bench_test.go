package index_test

import (
	"fmt"
	"testing"
	"time"

	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/task"
)

func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1, 256} {
		b.Run(fmt.Sprintf("%d at once", n), func(b *testing.B) {
			book := begin(b, "run/"+run)
			for b.Loop() {
				b.StopTimer()
				records := make([]record.Record, n)
				for i := range records {
					records[i] = book.asked()
				}
				b.StartTimer()
				if err := book.x.Apply(b.Context(), records...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/record")
		})
	}
}

// asked returns the next record, a task, and moves the head on.
func (b *book) asked() record.Record {
	n := b.head.Number + 1
	closes := noon.Add(time.Duration(n*7919%10000) * time.Minute) // scattered
	s := record.Subject{Stage: "culture", Task: fmt.Sprintf("task/%s/culture/feed/%d", run, n)}
	r := b.next("run", record.TaskAsked, s, record.Asked{Title: "Feed", Role: "technician", Window: record.Window{Nominal: closes, Closes: closes}})
	b.head, _ = r.Ref()
	return r
}

// BenchmarkTasks asks for the first page of an inbox, and for all of it, among
// 10,000 open tasks.
func BenchmarkTasks(b *testing.B) {
	book := begin(b, "run/"+run)
	records := make([]record.Record, 10000)
	for i := range records {
		records[i] = book.asked()
	}
	if err := book.x.Apply(b.Context(), records...); err != nil {
		b.Fatal(err)
	}
	for name, limit := range map[string]int{"first 50": 50, "all": 0} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				got, err := book.x.Tasks(b.Context(), index.TaskFilter{Role: "technician", States: []task.Phase{task.Open, task.Claimed}, Limit: limit})
				if err != nil || len(got) == 0 {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}
