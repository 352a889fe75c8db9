package workflows

import (
	"context"
	"sync"

	"secretome/internal/record"
)

// book is a logbook in memory that answers a request once, as the real one.
type book struct {
	mu      sync.Mutex
	records []record.Record
	head    string
	known   map[string]record.Record
}

func newBook() *book { return &book{known: map[string]record.Record{}} }

func (b *book) Append(_ context.Context, d record.Draft) (record.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.known[d.Request]; ok {
		return r, nil
	}
	r := d.Numbered(int64(len(b.records)+1), b.head)
	_, head, err := r.Canonical()
	if err != nil {
		return r, err
	}
	b.head, b.known[d.Request], b.records = head, r, append(b.records, r)
	return r, nil
}

func (b *book) Read(_ context.Context, _ string, after int64, _ int) ([]record.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.records[after:], nil
}

func (b *book) Record(_ context.Context, _ string, number int64) (record.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.records[number-1], nil
}

func (b *book) Find(_ context.Context, _, request string) (record.Record, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.known[request]
	return r, ok, nil
}

// kinds lists the kinds of the records, in order.
func (b *book) kinds() []record.Kind {
	b.mu.Lock()
	defer b.mu.Unlock()
	var kinds []record.Kind
	for _, r := range b.records {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}
