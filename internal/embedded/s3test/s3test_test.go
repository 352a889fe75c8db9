package s3test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestEachTestGetsABucketOfItsOwn(t *testing.T) {
	first, second := Start(t), Start(t)
	if first.URL != second.URL || first.Bucket == second.Bucket {
		t.Errorf("got %+v and %+v; want one server and two buckets", first, second)
	}
}
