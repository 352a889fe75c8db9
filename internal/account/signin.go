package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// How wrong passwords are slowed down.
const (
	freeTries = 5                // wrong ones in a row; then one waits
	firstWait = 30 * time.Second // and twice as long each time
	mostWait  = 15 * time.Minute
	forgotten = 24 * time.Hour // after which tries in a row begin anew
)

// SignIn begins a session and returns its token, which is new each time. It
// fails with [fault.Forbidden] in the same words, after the same work, whether
// the name or the password is wrong; after too many tries for a name, or from an
// address, with [fault.Limited], it says how long to wait.
func (s *Store) SignIn(ctx context.Context, name, password, from string) (session string, err error) {
	if wait := s.sources.take(from, s.now()); wait > 0 {
		return "", later(fault.New(fault.Limited, "Too many tries from here"), wait)
	}
	r, err := s.authenticate(ctx, name, password, from)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, func(tx *sql.Tx) error {
		again, err := s.find(ctx, tx, name) // somebody may have disabled or reset it meanwhile
		if err != nil {
			return err
		}
		if again.Disabled || again.hash == "" {
			return wrong()
		}
		session, err = s.begin(ctx, tx, r.id, false)
		return err
	})
	return session, err
}

// Check asks for somebody's password again, as a signature needs it. It has the
// limits of [Store.SignIn] for the name.
func (s *Store) Check(ctx context.Context, name, password string) (Account, error) {
	r, err := s.authenticate(ctx, name, password, "")
	return r.Account, err
}

// authenticate tries a password. Those who try the same name stand in a queue,
// so that as many wrong ones count when they come at once.
func (s *Store) authenticate(ctx context.Context, name, password, from string) (row, error) {
	key := tried(name)
	queue := s.trying[int(key[0])%stripes]
	select {
	case queue <- token{}:
		defer func() { <-queue }()
	case <-ctx.Done():
		return row{}, ctx.Err()
	}
	if err := s.open(ctx, key); err != nil {
		return row{}, err
	}
	r, err := s.find(ctx, s.db, name)
	unknown := fault.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return row{}, err
	}
	if len(password) > mostPassword {
		password = "" // the hash takes as long as for any other
	}
	ok, err := s.matches(ctx, r.hash, password)
	if err != nil {
		return row{}, err
	}
	if ok && !unknown && !r.Disabled {
		_, err := s.db.ExecContext(ctx, "DELETE FROM tries WHERE name = ?", key)
		return r, s.explain(err)
	}
	return row{}, s.failed(ctx, key, r, from)
}

// tried is under which key the tries of a name are counted, whoever exists.
func tried(name string) []byte {
	sum := sha256.Sum256([]byte(fold(name)))
	return sum[:]
}

func wrong() *fault.Fault {
	return fault.New(fault.Forbidden, "Name or password is wrong")
}

// later says how long to wait.
func later(f *fault.Fault, wait time.Duration) error {
	f.Wait = wait
	return f.Try("wait %s, then try again", span(wait))
}

// span writes a time as people say it, rounded up to a second: 4 min 30 s.
func span(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	const minute = 60
	switch {
	case seconds < minute:
		return fmt.Sprintf("%d s", seconds)
	case seconds%minute == 0:
		return fmt.Sprintf("%d min", seconds/minute)
	}
	return fmt.Sprintf("%d min %d s", seconds/minute, seconds%minute)
}

// open refuses a try before the wait is over.
func (s *Store) open(ctx context.Context, key []byte) error {
	var until int64
	err := s.db.QueryRowContext(ctx, "SELECT until FROM tries WHERE name = ?", key).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return s.explain(err)
	}
	// A longer wait than the longest was begun by a clock that has been set back since.
	if wait := moment(until).Sub(s.now()); wait > 0 && wait <= mostWait {
		return later(fault.New(fault.Limited, "Too many tries"), wait)
	}
	return nil
}

// failed counts a wrong try, and closes the name for a while if there were too
// many. That somebody's name was closed is recorded; of a name that nobody has
// nothing is, for it may be anything.
func (s *Store) failed(ctx context.Context, key []byte, r row, from string) error {
	var wait time.Duration
	err := s.change(ctx, func(tx *sql.Tx) error {
		now := s.now()
		if err := run(ctx, tx, "DELETE FROM tries WHERE last < ?", millis(now.Add(-forgotten))); err != nil {
			return err
		}
		var tries int
		err := tx.QueryRowContext(ctx, `INSERT INTO tries (name, wrong, last, until) VALUES (?, 1, ?, 0)
			ON CONFLICT (name) DO UPDATE SET wrong = wrong + 1, last = excluded.last RETURNING wrong`, key, millis(now)).Scan(&tries)
		if err != nil || tries < freeTries {
			return err
		}
		wait = waitAfter(tries)
		until := now.Add(wait)
		if err := run(ctx, tx, "UPDATE tries SET until = ? WHERE name = ?", millis(until), key); err != nil {
			return err
		}
		if r.id == 0 {
			return nil
		}
		by := By{record.Actor{Kind: record.Program, Name: "secretome"}, "lock-" + rand.Text()}
		return s.note(ctx, tx, by, record.SignInLocked, record.PersonAct{Person: r.Name, Wrong: tries, From: strings.ToValidUTF8(from, ""), Until: until.UTC().Truncate(time.Second)})
	})
	if err != nil {
		return err
	}
	if wait > 0 {
		return later(wrong(), wait)
	}
	return wrong().Try("after %d wrong tries in a row one must wait; an administrator can reset a password", freeTries)
}

// waitAfter returns how long to wait after so many wrong tries in a row.
func waitAfter(tries int) time.Duration {
	wait := firstWait
	for range tries - freeTries {
		if wait = min(2*wait, mostWait); wait == mostWait {
			break
		}
	}
	return wait
}

// The limits on the tries of one address.
const (
	perSource  = 30 // in each minute
	everyTime  = time.Minute
	mostSource = 10_000 // addresses that are remembered
)

// sources counts the tries of each address in the minute that began with its
// first one.
type sources struct {
	mu  sync.Mutex
	all map[string]window
}

type window struct {
	began time.Time
	tries int
}

// take counts a try, and returns how long to wait if it is one too many.
func (s *sources) take(from string, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, known := s.all[from]
	if over := !now.Before(w.began.Add(everyTime)) || now.Before(w.began); over {
		w = window{began: now}
	}
	if w.tries >= perSource || (!known && !s.room(now)) {
		return w.began.Add(everyTime).Sub(now)
	}
	w.tries++
	s.all[from] = w
	return 0
}

// room forgets minutes that are over, once there are too many.
func (s *sources) room(now time.Time) bool {
	if s.all == nil {
		s.all = map[string]window{}
	}
	if len(s.all) < mostSource {
		return true
	}
	for from, w := range s.all {
		if !now.Before(w.began.Add(everyTime)) {
			delete(s.all, from)
		}
	}
	return len(s.all) < mostSource
}
