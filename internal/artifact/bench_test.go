package artifact_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/minio/minio-go/v7"

	"secretome/internal/artifact"
	"secretome/internal/artifact/artifacttest"
)

// BenchmarkPut compares a put of the store, which spools, hashes and sends on
// condition, with a bare PUT of the client library to the same server.
func BenchmarkPut(b *testing.B) {
	c := fresh(embedded(b, b.TempDir()))
	s := artifact.New(open(b, c), b.TempDir())
	client := bare(b, c)
	for _, size := range []int64{4 << 10, 1 << 20, 8 << 20} {
		b.Run(fmt.Sprintf("%dKiB/bare", size>>10), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				key := fmt.Sprintf("bare/%d", buckets.Add(1))
				if _, err := client.PutObject(b.Context(), c.Bucket, key, different(size), size, minio.PutObjectOptions{DisableMultipart: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%dKiB/store", size>>10), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				if _, err := s.Put(b.Context(), different(size), artifact.PutOptions{Size: size}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// different yields size bytes that were not put before: a number, then zeros.
func different(size int64) io.Reader {
	head := binary.BigEndian.AppendUint64(nil, uint64(buckets.Add(1)))
	return io.MultiReader(bytes.NewReader(head), io.LimitReader(zeros{}, size-int64(len(head))))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// BenchmarkPut1GiB tells how long 1 GiB takes and how much memory it needs.
func BenchmarkPut1GiB(b *testing.B) {
	const size = 1 << 30
	s := artifact.New(open(b, fresh(embedded(b, b.TempDir()))), b.TempDir())
	b.SetBytes(size)
	var peak int64
	for b.Loop() {
		peak = max(peak, artifacttest.HeapPeak(func() {
			if _, err := s.Put(b.Context(), different(size), artifact.PutOptions{Size: size}); err != nil {
				b.Fatal(err)
			}
		}))
	}
	b.ReportMetric(float64(peak)/(1<<20), "heap-MiB")
}
