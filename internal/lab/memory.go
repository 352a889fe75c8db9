package lab

import "sync"

// memory keeps what is dear to find out, by a key under which it never changes.
// When it is full it forgets everything, which costs a question each and keeps it
// simple.
type memory[T any] struct {
	work sync.Mutex // held while something is found out: one at a time
	mu   sync.Mutex
	all  map[string]T
}

const mostKept = 300

func (m *memory[T]) get(key string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.all[key]
	return v, ok
}

func (m *memory[T]) put(key string, v T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil || len(m.all) >= mostKept {
		m.all = map[string]T{}
	}
	m.all[key] = v
}

// or returns what is kept under a key, or finds it out and keeps it. Failures are
// not kept.
func (m *memory[T]) or(key string, find func() (T, error)) (T, error) {
	if v, ok := m.get(key); ok {
		return v, nil
	}
	m.work.Lock()
	defer m.work.Unlock()
	if v, ok := m.get(key); ok {
		return v, nil
	}
	v, err := find()
	if err == nil {
		m.put(key, v)
	}
	return v, err
}
