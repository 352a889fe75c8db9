package artifact

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Mem is a bucket in memory, for tests. It passes the suite that the servers
// pass. Its zero value is an empty bucket, safe for concurrent use.
type Mem struct {
	mu      sync.RWMutex
	objects map[string]memObject
}

type memObject struct {
	data      []byte
	mediaType string
}

// Create stores a copy of data under key and answers true, or answers false if
// the key exists.
func (m *Mem) Create(ctx context.Context, key string, data []byte) (created bool, err error) {
	return m.CreateFrom(ctx, key, bytes.NewReader(data), Object{Size: int64(len(data)), SHA256: record.Hash(data)})
}

// CreateFrom is [Mem.Create] for the o.Size bytes of data. Other bytes than
// those that o.SHA256 names are refused.
func (m *Mem) CreateFrom(ctx context.Context, key string, data io.ReaderAt, o Object) (created bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	b := make([]byte, o.Size)
	if _, err := io.ReadFull(io.NewSectionReader(data, 0, o.Size), b); err != nil {
		return false, fmt.Errorf("read what is to be object %q: %w", key, err)
	}
	if record.Hash(b) != o.SHA256 {
		return false, fault.New(fault.Unavailable, "the bytes of %q changed on the way; nothing was recorded", key)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.objects[key]; ok {
		return false, nil
	}
	m.set(key, memObject{data: b, mediaType: o.MediaType})
	return true, nil
}

func (m *Mem) set(key string, o memObject) {
	if m.objects == nil {
		m.objects = map[string]memObject{}
	}
	m.objects[key] = o
}

// Damage replaces the stored bytes of key, as a failing disk would.
func (m *Mem) Damage(key string, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, memObject{data: bytes.Clone(data), mediaType: m.objects[key].mediaType})
}

func (m *Mem) find(ctx context.Context, key string) (memObject, error) {
	if err := ctx.Err(); err != nil {
		return memObject{}, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	o, ok := m.objects[key]
	if !ok {
		return memObject{}, fault.New(fault.NotFound, "there is no object %q in the bucket", key)
	}
	return o, nil
}

// Get returns a copy of the bytes at key; it fails with [fault.NotFound].
func (m *Mem) Get(ctx context.Context, key string) ([]byte, error) {
	o, err := m.find(ctx, key)
	return bytes.Clone(o.data), err
}

// Reader returns the bytes at key; it fails with [fault.NotFound].
func (m *Mem) Reader(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	o, err := m.find(ctx, key)
	if err != nil {
		return nil, Object{}, err
	}
	return io.NopCloser(bytes.NewReader(o.data)), Object{Size: int64(len(o.data)), MediaType: o.mediaType}, nil
}

// Stat returns size and media type of key; it fails with [fault.NotFound].
func (m *Mem) Stat(ctx context.Context, key string) (Object, error) {
	o, err := m.find(ctx, key)
	return Object{Size: int64(len(o.data)), MediaType: o.mediaType}, err
}

// List returns the keys that begin with prefix and sort behind after, in the
// order of their bytes.
func (m *Mem) List(ctx context.Context, prefix, after string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(m.objects)) {
		if strings.HasPrefix(key, prefix) && key > after {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
