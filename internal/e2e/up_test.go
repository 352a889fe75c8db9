package e2e

import (
	"syscall"
	"testing"
)

// BenchmarkUpFirstAnswer measures from the start of "secretome up" to its first
// answered question, on a data directory that exists; stopping is not counted.
func BenchmarkUpFirstAnswer(b *testing.B) {
	data := b.TempDir()
	up(b, data).stop(syscall.SIGTERM)
	for b.Loop() {
		l := up(b, data)
		if _, err := l.as("manager").Runs(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		l.stop(syscall.SIGTERM)
		b.StartTimer()
	}
}
