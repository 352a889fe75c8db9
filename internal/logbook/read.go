package logbook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// prefix is the folder of all logbooks in a bucket.
const prefix = "logbook/"

// Key returns where a record lies in its bucket.
func Key(logbook string, number int64) string {
	return fmt.Sprintf("%s%s/%010d.json", prefix, logbook, number)
}

// place is the inverse of [Key].
func place(key string) (logbook string, number int64, err error) {
	dir, file, _ := cutLast(strings.TrimPrefix(key, prefix))
	number, err = strconv.ParseInt(strings.TrimSuffix(file, ".json"), 10, 64)
	if err != nil || number < 1 || Key(dir, number) != key {
		return "", 0, fault.New(fault.Corrupt, "%q lies among the logbooks and is no record", key).Try("move it elsewhere")
	}
	return dir, number, nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

// Names lists all logbooks, in order. It lists every record of the bucket.
func (l *Logbooks) Names(ctx context.Context) ([]string, error) {
	ends, err := l.ends(ctx)
	return slices.Sorted(maps.Keys(ends)), err
}

// ends returns the highest number of each logbook.
func (l *Logbooks) ends(ctx context.Context) (map[string]int64, error) {
	keys, err := l.objects.List(ctx, prefix, "")
	if err != nil {
		return nil, fmt.Errorf("list logbooks: %w", err)
	}
	ends := map[string]int64{}
	for _, key := range keys {
		name, number, err := place(key)
		if err != nil {
			return nil, err
		}
		ends[name] = max(ends[name], number)
	}
	return ends, nil
}

// end lists what lies behind a record and returns the highest number, after
// itself if there is none. If a number is missing it fails, and returns the one
// before it.
func (l *Logbooks) end(ctx context.Context, logbook string, after int64) (int64, error) {
	keys, err := l.objects.List(ctx, prefix+logbook+"/", Key(logbook, after))
	if err != nil {
		return after, fmt.Errorf("list %s: %w", logbook, err)
	}
	for _, key := range keys {
		_, number, err := place(key)
		if err != nil {
			return after, err
		}
		if number != after+1 {
			return after, record.Gap(logbook, after+1, number-1).Err()
		}
		after = number
	}
	return after, nil
}

// Read returns up to limit records behind number after, in order; a limit of 0
// is none. There is no error if there are none.
func (l *Logbooks) Read(ctx context.Context, logbook string, after int64, limit int) ([]record.Record, error) {
	if err := checkName(logbook); err != nil {
		return nil, err
	}
	records, err := l.span(ctx, logbook, max(after, 0), limit)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", logbook, err)
	}
	return records, nil
}

func (l *Logbooks) span(ctx context.Context, logbook string, after int64, limit int) ([]record.Record, error) {
	known := l.witness(ctx, logbook) // before the list, which then must reach it
	end, err := l.end(ctx, logbook, after)
	if err != nil {
		return nil, err
	}
	if known.Number > end {
		return nil, record.Gap(logbook, end+1, known.Number).Err()
	}
	if end == after {
		return nil, nil
	}
	head, err := l.ref(ctx, logbook, after)
	if err != nil {
		return nil, err
	}
	last := end
	if limit > 0 {
		last = min(end, after+int64(limit))
	}
	var records []record.Record
	_, err = l.walk(ctx, head, min(end, last+1), func(ref record.Ref, r record.Record) error {
		if ref.Number <= last { // the one behind only shows that the last one is whole
			records = append(records, r)
		}
		if ref.Number == known.Number && ref != known {
			return disagree(logbook, ref.Number)
		}
		return nil
	})
	return records, err
}

// Record returns one record. It fails with [fault.NotFound] for a number that
// the logbook has not reached.
func (l *Logbooks) Record(ctx context.Context, logbook string, number int64) (record.Record, error) {
	if err := checkName(logbook); err != nil {
		return record.Record{}, err
	}
	if number < 1 {
		return record.Record{}, fault.New(fault.NotFound, "%s has no record %d, the first is 1", logbook, number)
	}
	known := l.witness(ctx, logbook)
	next, behind := l.get(ctx, logbook, number+1)
	r, err := l.get(ctx, logbook, number)
	if fault.Is(err, fault.NotFound) {
		if known.Number >= number || behind == nil {
			return record.Record{}, record.Gap(logbook, number, number).Err()
		}
		return record.Record{}, fault.New(fault.NotFound, "%s has no record %d", logbook, number)
	}
	if err != nil {
		return record.Record{}, err
	}
	before, err := l.ref(ctx, logbook, number-1)
	if err != nil {
		return record.Record{}, err
	}
	ref, err := before.Follow(r)
	switch {
	case err != nil:
	case known.Number == number && known != ref:
		err = disagree(logbook, number)
	case behind == nil:
		_, err = ref.Follow(next)
	case !fault.Is(behind, fault.NotFound):
		err = behind
	case known.Number > number:
		err = record.Gap(logbook, number+1, number+1).Err()
	}
	return r, err
}

// witness returns the last record that the index has; none if it does not answer.
func (l *Logbooks) witness(ctx context.Context, logbook string) record.Ref {
	number, hash, err := l.index.Last(ctx, logbook)
	if err != nil {
		l.log.Error().Err(err).Str("logbook", logbook).Msg("index does not say how far it goes")
		return record.Ref{Logbook: logbook}
	}
	return record.Ref{Logbook: logbook, Number: number, Hash: hash}
}

// ref returns the name of a record that must be there; number 0 is the beginning.
func (l *Logbooks) ref(ctx context.Context, logbook string, number int64) (record.Ref, error) {
	if number == 0 {
		return record.Ref{Logbook: logbook}, nil
	}
	r, err := l.must(ctx, logbook, number)
	if err != nil {
		return record.Ref{}, err
	}
	return r.Ref()
}

// must reads a record of which it is known that it was written.
func (l *Logbooks) must(ctx context.Context, logbook string, number int64) (record.Record, error) {
	r, err := l.get(ctx, logbook, number)
	if fault.Is(err, fault.NotFound) {
		err = record.Gap(logbook, number, number).Err()
	}
	return r, err
}

// confirm checks that the record which the index calls the last is in S3.
func (l *Logbooks) confirm(ctx context.Context, last record.Ref) error {
	ref, err := l.ref(ctx, last.Logbook, last.Number)
	if err == nil && ref != last {
		err = disagree(last.Logbook, last.Number)
	}
	return err
}

// get reads the record at a number and checks that it is the one.
func (l *Logbooks) get(ctx context.Context, logbook string, number int64) (record.Record, error) {
	data, err := l.objects.Get(ctx, Key(logbook, number))
	if err != nil {
		return record.Record{}, fmt.Errorf("record %d of %s: %w", number, logbook, err)
	}
	r, err := record.Parse(data)
	if err != nil {
		return record.Record{}, fault.Wrap(err, fault.Of(err).Kind, "record %d of %s cannot be read", number, logbook)
	}
	return r, r.At(logbook, number)
}

// walk reads the records behind head up to number last, and calls visit with
// each that follows the one before it. It returns the name of the last one.
func (l *Logbooks) walk(ctx context.Context, head record.Ref, last int64, visit func(record.Ref, record.Record) error) (record.Ref, error) {
	for head.Number < last {
		records, err := l.fetch(ctx, head.Logbook, head.Number+1, min(last, head.Number+64))
		if err != nil {
			return head, err
		}
		for _, r := range records {
			ref, err := head.Follow(r)
			if err != nil {
				return head, err
			}
			if err := visit(ref, r); err != nil {
				return head, err
			}
			head = ref
		}
	}
	return head, nil
}

// fetch reads the records first to last, eight at a time. Its error is that of
// the first one that cannot be read.
func (l *Logbooks) fetch(ctx context.Context, logbook string, first, last int64) ([]record.Record, error) {
	records := make([]record.Record, last-first+1)
	errs := make([]error, len(records))
	var g errgroup.Group
	g.SetLimit(8)
	for i := range records {
		g.Go(func() error {
			records[i], errs[i] = l.must(ctx, logbook, first+int64(i))
			return nil
		})
	}
	_ = g.Wait() // each has its own error
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// Follow brings the index up to every logbook that it is behind. A damaged
// logbook does not keep it from the others; the error then names each.
func (l *Logbooks) Follow(ctx context.Context) error {
	ends, err := l.ends(ctx)
	if err != nil {
		return err
	}
	var damaged []error
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		err := l.follow(ctx, name, ends[name])
		if fault.Is(err, fault.Corrupt) {
			damaged = append(damaged, err)
		} else if err != nil {
			return err
		}
	}
	return errors.Join(damaged...)
}

// follow applies what the index lacks of one logbook.
func (l *Logbooks) follow(ctx context.Context, logbook string, end int64) error {
	number, hash, err := l.index.Last(ctx, logbook)
	if err != nil || number >= end {
		return err
	}
	last := record.Ref{Logbook: logbook, Number: number, Hash: hash}
	if err := l.confirm(ctx, last); err != nil {
		return err
	}
	end, gap := l.end(ctx, logbook, number) // what stands before a gap is applied
	var some []record.Record
	_, err = l.walk(ctx, last, end, func(_ record.Ref, r record.Record) error {
		some = append(some, r)
		if len(some) < batch {
			return nil
		}
		err := l.index.Apply(ctx, some...)
		some = some[:0]
		return err
	})
	if len(some) > 0 {
		err = errors.Join(err, l.index.Apply(ctx, some...))
	}
	return errors.Join(gap, err)
}

// disagree is the fault of a record that is another one in S3 than in the index.
func disagree(logbook string, number int64) error {
	return fault.New(fault.Corrupt, "record %d of %s in the store is not the one that the index has: one of the two was changed", number, logbook).
		Try("secretome verify tells whether the chain is whole; secretome index rebuild makes the index anew and tells where it differed")
}
