// Package logbook keeps numbered, chained records in S3, one object a record:
//
//	logbook/<name>/<number, ten digits>.json
//
// Records are only ever added. Whoever creates number n has seen that n-1
// exists, and the create is conditional, so numbers have no hole and each has
// one writer, however many there are.
//
// # Appending
//
// An append asks the index for the request; if it is known, its record is the
// answer. Else it creates the number behind the last one that it knows. If that
// number is free, nothing can lie beyond it, for the reason above, so nothing
// had to be listed. If it is taken, the logbook is listed from there, what is
// found is checked and applied to the index, and the append begins again. A
// request whose first answer was lost finds itself this way.
//
// A request is known to be new when it is neither among the records that the
// index has (it says how far it goes, and has no hole) nor among those behind
// them, which were read from S3 or written here. So the index may be behind,
// empty or broken, and an append is slower then, never wrong. What a [Logbooks]
// remembers of a logbook saves listings and reads; another process that knows
// nothing of it answers the same.
//
// The first touch of a logbook in a process does list, from the last record
// that the index knows: only so would a record that was removed behind the
// index be missed before its number is given away again.
//
// # Reading
//
// Records are read from S3, and each read is checked: canonical bytes, the
// number of the key, the hash of the record before, and the record behind it or,
// for the last one, the index's word. Where they differ the fault is
// [fault.Corrupt] and names logbook and number.
package logbook

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Objects is the bucket that logbooks lie in. Package artifact has it.
type Objects interface {
	// Create stores data under key unless the key exists; false means that it
	// does, and any error that nobody knows.
	Create(ctx context.Context, key string, data []byte) (created bool, err error)
	// Get fails with [fault.NotFound].
	Get(ctx context.Context, key string) ([]byte, error)
	// List returns the keys with the prefix that sort behind after, in order.
	List(ctx context.Context, prefix, after string) ([]string, error)
}

// Index answers by request and says how far it goes. It can be made anew from
// S3 at any time. Package index has it.
type Index interface {
	// Find returns the record of a request, if it is among those applied.
	Find(ctx context.Context, logbook, request string) (record.Record, bool, error)
	// Last returns number and hash of the last record applied; 0 for none. All
	// before it have been applied too.
	Last(ctx context.Context, logbook string) (number int64, hash string, err error)
	// Apply takes the next records of a logbook, all or none. Those that were
	// applied before change nothing.
	Apply(ctx context.Context, records ...record.Record) error
}

// Logbooks is all logbooks of a laboratory. It is safe for concurrent use, by
// many processes too.
type Logbooks struct {
	objects Objects
	index   Index
	log     zerolog.Logger

	mu    sync.Mutex
	books map[string]*book
}

// New returns the logbooks in a bucket. Errors of the index are logged to log.
func New(objects Objects, index Index, log zerolog.Logger) *Logbooks {
	return &Logbooks{objects: objects, index: index, log: log, books: map[string]*book{}}
}

// Append writes d as the next record of its logbook and returns it once it is
// durable; a request that was appended before is answered with its record, and
// nothing is written. Any error means: perhaps written, send the same request
// again. An error of the index is none, it is logged.
//
// It fails with [fault.Invalid] for a draft without logbook, request or kind,
// and with [fault.Corrupt] if the logbook is damaged where it had to be read.
func (l *Logbooks) Append(ctx context.Context, d record.Draft) (record.Record, error) {
	if err := valid(d); err != nil {
		return record.Record{}, err
	}
	b, unlock, err := l.hold(ctx, d.Logbook)
	if err != nil {
		return record.Record{}, err
	}
	defer unlock()
	for {
		if err := l.refresh(ctx, b); err != nil {
			return record.Record{}, fmt.Errorf("append to %s: %w", d.Logbook, err)
		}
		r, ok, err := l.known(ctx, b, d.Request)
		if err == nil && !ok {
			r, ok, err = l.create(ctx, b, d)
		}
		if err != nil {
			return record.Record{}, fmt.Errorf("append to %s: %w", d.Logbook, err)
		}
		if ok {
			return r, nil
		}
	}
}

// Create writes d as the first record of a new logbook. If the logbook has a
// first record, that is the answer, and created is false: it is the caller's own
// if it has the request of d.
func (l *Logbooks) Create(ctx context.Context, d record.Draft) (r record.Record, created bool, err error) {
	if err := valid(d); err != nil {
		return record.Record{}, false, err
	}
	b, unlock, err := l.hold(ctx, d.Logbook)
	if err != nil {
		return record.Record{}, false, err
	}
	defer unlock()
	err = l.refresh(ctx, b)
	if err == nil && b.head.Number == 0 {
		r, created, err = l.create(ctx, b, d)
	}
	if err == nil && !created {
		r, err = l.Record(ctx, d.Logbook, 1)
	}
	if err != nil {
		return record.Record{}, false, fmt.Errorf("begin logbook %s: %w", d.Logbook, err)
	}
	return r, created, nil
}

// create tries to write d behind the head. False means that the number was
// taken; the head has moved on then.
func (l *Logbooks) create(ctx context.Context, b *book, d record.Draft) (record.Record, bool, error) {
	r, data, err := next(b.head, d)
	if err != nil {
		return record.Record{}, false, err
	}
	created, err := l.objects.Create(ctx, Key(r.Logbook, r.Number), data)
	if err != nil {
		return record.Record{}, false, err
	}
	if !created {
		return record.Record{}, false, l.overtaken(ctx, b)
	}
	b.add(record.Ref{Logbook: r.Logbook, Number: r.Number, Hash: record.Hash(data)}, r)
	l.flush(ctx, b)
	return r, true, nil
}

// next puts d in its place and reads it back, so that nothing is written that
// could not be read.
func next(head record.Ref, d record.Draft) (record.Record, []byte, error) {
	data, _, err := d.Numbered(head.Number+1, head.Hash).Canonical()
	if err != nil {
		return record.Record{}, nil, fault.Wrap(err, fault.Invalid, "the body of a %s cannot be written as JSON", d.Kind)
	}
	r, err := record.Parse(data)
	if err != nil {
		return record.Record{}, nil, fault.Wrap(err, fault.Invalid, "a %s with this content could not be read back", d.Kind)
	}
	return r, data, nil
}

// overtaken reads what others wrote behind the head.
func (l *Logbooks) overtaken(ctx context.Context, b *book) error {
	before := b.head.Number
	if err := l.extend(ctx, b); err != nil {
		return err
	}
	if b.head.Number == before {
		return fault.New(fault.Unavailable, "the store has record %d of %s and does not list it", before+1, b.name).Try("try again")
	}
	return nil
}

// Find returns the record of a request, if it stands in the logbook. It asks the
// index first, and reads from S3 what the index does not have.
func (l *Logbooks) Find(ctx context.Context, logbook, request string) (record.Record, bool, error) {
	if r, ok, err := l.index.Find(ctx, logbook, request); err == nil && ok {
		return r, true, nil
	}
	b, unlock, err := l.hold(ctx, logbook)
	if err != nil {
		return record.Record{}, false, err
	}
	defer unlock()
	if err := l.refresh(ctx, b); err != nil {
		return record.Record{}, false, fmt.Errorf("find a request in %s: %w", logbook, err)
	}
	if err := l.extend(ctx, b); err != nil {
		return record.Record{}, false, fmt.Errorf("find a request in %s: %w", logbook, err)
	}
	return l.known(ctx, b, request)
}

// Head returns the name of the last record. It fails with [fault.NotFound] for
// a logbook without records.
func (l *Logbooks) Head(ctx context.Context, logbook string) (record.Ref, error) {
	b, unlock, err := l.hold(ctx, logbook)
	if err != nil {
		return record.Ref{}, err
	}
	defer unlock()
	err = l.refresh(ctx, b)
	if err == nil {
		err = l.extend(ctx, b)
	}
	if err != nil {
		return record.Ref{}, fmt.Errorf("head of %s: %w", logbook, err)
	}
	if b.head.Number == 0 {
		return record.Ref{}, fault.New(fault.NotFound, "there is no logbook %q", logbook)
	}
	return b.head, nil
}

// valid refuses what could not be found again.
func valid(d record.Draft) error {
	if err := checkName(d.Logbook); err != nil {
		return err
	}
	for _, part := range []struct{ name, value string }{{"request", d.Request}, {"kind", string(d.Kind)}} {
		if part.value == "" {
			return fault.New(fault.Invalid, "a record for %s has no %s", d.Logbook, part.name).Field(part.name)
		}
	}
	return nil
}

// checkName accepts "lab" and "<kind>/<id>". No name is the beginning of another
// one's keys.
func checkName(name string) error {
	kind, id, two := strings.Cut(name, "/")
	if name == "lab" || two && kind != "lab" && word(kind, lower) && word(id, lower+upper+"0123456789._-") && strings.Trim(id, ".") != "" {
		return nil
	}
	return fault.New(fault.Invalid, "%q is no name of a logbook; names are: lab, run/UCM-2026-001, lot/CM-0001", name).Field("logbook")
}

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// word tells whether s is 1 to 200 of the given characters: with what surrounds
// it, a segment of an S3 key has at most 255 bytes.
func word(s, of string) bool {
	return s != "" && len(s) <= 200 && strings.Trim(s, of) == ""
}
