package embeddedtest

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestEachTestGetsABucketAndAQueueOfItsOwn(t *testing.T) {
	first, second := Start(t), Start(t)
	if first.Temporal != second.Temporal || first.Bucket == second.Bucket {
		t.Errorf("got %+v and %+v; want one set of servers and two buckets", first, second)
	}
	if one, other := TaskQueue(t), TaskQueue(t); one == other {
		t.Error("two task queues of one name")
	}
}
