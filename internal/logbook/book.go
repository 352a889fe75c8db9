package logbook

import (
	"context"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// batch is how many records are applied to the index at once.
const batch = 256

// book is what this process knows of one logbook. It only saves reads. While
// the index does not answer, pending grows up to the whole logbook.
type book struct {
	name    string
	turn    chan struct{}   // holds a token while nobody works on the logbook
	read    bool            // whether the logbook was listed here, up to the head
	head    record.Ref      // the last record that was read or written here
	applied int64           // up to here requests are asked of the index
	pending []record.Record // the records applied+1 … head: what the index may lack
}

// add takes the record behind the head.
func (b *book) add(ref record.Ref, r record.Record) {
	b.head = ref
	b.pending = append(b.pending, r)
}

// hold gives the caller the logbook for itself in this process. It fails when
// the context ends first.
func (l *Logbooks) hold(ctx context.Context, name string) (*book, func(), error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	b, ok := l.books[name]
	if !ok {
		b = &book{name: name, turn: make(chan struct{}, 1), head: record.Ref{Logbook: name}}
		b.turn <- struct{}{}
		l.books[name] = b
	}
	l.mu.Unlock()
	select {
	case <-b.turn:
		return b, func() { b.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, nil, fault.Wrap(ctx.Err(), fault.Unavailable, "the logbook %s was not free in time", name)
	}
}

// refresh makes sure that each record up to the head is either in the index or
// pending. It reads from S3 only if the index has gone past the head, has been
// made anew, or does not answer.
func (l *Logbooks) refresh(ctx context.Context, b *book) error {
	last, hash, err := l.index.Last(ctx, b.name)
	if err != nil {
		l.log.Error().Err(err).Str("logbook", b.name).Msg("index does not say how far it goes")
		if b.read {
			return l.recall(ctx, b)
		}
		last, hash = 0, ""
	}
	if !b.read || last < b.applied || last > b.head.Number {
		return l.restart(ctx, b, record.Ref{Logbook: b.name, Number: last, Hash: hash})
	}
	want := b.head.Hash
	if last < b.head.Number {
		want = b.pending[last-b.applied].Previous
	}
	if hash != want {
		return disagree(b.name, last)
	}
	b.pending = b.pending[last-b.applied:]
	b.applied = last
	return nil
}

// restart begins with the last record that the index has, which must stand in
// S3 too, and reads what lies behind it.
func (l *Logbooks) restart(ctx context.Context, b *book, last record.Ref) error {
	b.read = false
	if err := l.confirm(ctx, last); err != nil {
		return err
	}
	b.head, b.applied, b.pending = last, last.Number, nil
	if err := l.extend(ctx, b); err != nil {
		return err
	}
	b.read = true
	return nil
}

// extend lists and reads what lies behind the head.
func (l *Logbooks) extend(ctx context.Context, b *book) error {
	end, err := l.end(ctx, b.name, b.head.Number)
	if err != nil {
		return err
	}
	applies := true
	_, err = l.walk(ctx, b.head, end, func(ref record.Ref, r record.Record) error {
		b.add(ref, r)
		if applies && len(b.pending) >= batch {
			applies = l.flush(ctx, b)
		}
		return nil
	})
	if err == nil && applies {
		l.flush(ctx, b)
	}
	return err
}

// recall reads again the records for which the index was to be asked.
func (l *Logbooks) recall(ctx context.Context, b *book) error {
	var all []record.Record
	head, err := l.walk(ctx, record.Ref{Logbook: b.name}, b.applied, func(_ record.Ref, r record.Record) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		return err
	}
	if len(b.pending) > 0 {
		_, err = head.Follow(b.pending[0])
	} else if head != b.head {
		err = disagree(b.name, head.Number)
	}
	if err != nil {
		return err
	}
	b.pending, b.applied = append(all, b.pending...), 0
	return nil
}

// known looks for a request among the records up to the head.
func (l *Logbooks) known(ctx context.Context, b *book, request string) (record.Record, bool, error) {
	if r, ok := b.find(request); ok || b.applied == 0 {
		return r, ok, nil
	}
	r, ok, err := l.index.Find(ctx, b.name, request)
	if err == nil {
		return r, ok, nil
	}
	l.log.Error().Err(err).Str("logbook", b.name).Msg("index does not answer for a request")
	if err := l.recall(ctx, b); err != nil {
		return record.Record{}, false, err
	}
	r, ok = b.find(request)
	return r, ok, nil
}

// find looks for a request among the pending records.
func (b *book) find(request string) (record.Record, bool) {
	for _, r := range b.pending {
		if r.Request == request {
			return r, true
		}
	}
	return record.Record{}, false
}

// flush applies what is pending and tells whether the index took it. The records
// are durable, so an error only goes to the log: they stay pending, and [Follow]
// brings them too.
func (l *Logbooks) flush(ctx context.Context, b *book) bool {
	for len(b.pending) > 0 {
		some := b.pending[:min(batch, len(b.pending))]
		if err := l.index.Apply(ctx, some...); err != nil {
			l.log.Error().Err(err).Str("logbook", b.name).Int64("number", b.head.Number).Msg("index lags behind")
			return false
		}
		b.applied += int64(len(some))
		b.pending = b.pending[len(some):]
	}
	b.pending = nil // lets go of the array
	return true
}
