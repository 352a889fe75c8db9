package record

import (
	"fmt"

	"secretome/internal/fault"
)

// Problem is one way in which a logbook is not what it should be.
type Problem struct {
	Kind    Trouble `json:"kind"`
	Logbook string  `json:"logbook"`
	Number  int64   `json:"number"` // of the record that it is about
	Want    string  `json:"want,omitempty"`
	Got     string  `json:"got,omitempty"`
	Detail  string  `json:"detail"` // one sentence for a person
}

// Trouble is a kind of problem.
type Trouble string

// The kinds of problems.
const (
	Unreadable Trouble = "unreadable" // a record or its body cannot be read
	Foreign    Trouble = "foreign"    // a record of another logbook
	Missing    Trouble = "missing"    // a number without its record
	Exchanged  Trouble = "exchanged"  // another record in its place
	Doubled    Trouble = "doubled"    // a number or a request that stands twice
	Broken     Trouble = "broken"     // not the hash of the record before it
	BadUse     Trouble = "use"        // what it used is another record than it says
	BadSeal    Trouble = "seal"       // a seal or signature that does not hold
)

// Err returns p as a fault of kind [fault.Corrupt].
func (p Problem) Err() error { return fault.New(fault.Corrupt, "%s", p.Detail) }

// Follow checks that r is the record right behind the one that head names, and
// returns the name of r. A head with number 0 is the beginning of its logbook.
// It fails with a [fault.Corrupt] that names logbook and number.
func (head Ref) Follow(r Record) (Ref, error) {
	if err := r.At(head.Logbook, head.Number+1); err != nil {
		return Ref{}, err
	}
	if r.Previous != head.Hash {
		return Ref{}, broken(head, r).Err()
	}
	return r.Ref()
}

// At checks that r is the record with this number of this logbook. It fails with
// a [fault.Corrupt] that names both.
func (r Record) At(logbook string, number int64) error {
	switch {
	case r.Logbook != logbook:
		return foreign(logbook, number, r).Err()
	case r.Number != number:
		return exchanged(logbook, number, r).Err()
	}
	return nil
}

// Chain holds all records of one logbook, from the first to the last and in the
// order in which they are kept, against the rules of a chain: numbers without a
// hole, each with the hash of the one before, no request twice, and every use
// of an earlier record of the same logbook with that record's hash. It returns
// the problems in the order of the records; none for a whole chain. What a seal
// inside the chain says is checked by package seal.
func Chain(records []Record) []Problem {
	if len(records) == 0 {
		return nil
	}
	c := chain{
		head:     Ref{Logbook: records[0].Logbook},
		known:    true,
		present:  map[int64]bool{},
		hashes:   map[int64]string{},
		requests: map[string]int64{},
	}
	for _, r := range records {
		c.present[r.Number] = true
	}
	for _, r := range records {
		c.add(r)
	}
	return c.problems
}

// chain is a logbook that is being checked.
type chain struct {
	head     Ref
	known    bool // whether the hash of head is that of the record in its place
	present  map[int64]bool
	hashes   map[int64]string
	requests map[string]int64
	problems []Problem
}

func (c *chain) add(r Record) {
	ref, err := r.Ref()
	if err != nil {
		c.report(Problem{Kind: Unreadable, Logbook: c.head.Logbook, Number: r.Number, Detail: err.Error()})
		return
	}
	if r.Logbook != c.head.Logbook {
		c.report(foreign(c.head.Logbook, c.head.Number+1, r))
	}
	c.link(r, ref)
	if at, ok := c.requests[r.Request]; ok {
		c.report(doubled(r, at))
	} else {
		c.requests[r.Request] = r.Number
	}
	c.uses(r)
	c.hashes[r.Number] = ref.Hash
}

// link checks number and previous hash, and moves the head on so that one
// mistake is told once.
func (c *chain) link(r Record, ref Ref) {
	want := c.head.Number + 1
	_, again := c.hashes[r.Number]
	switch {
	case r.Number == want:
		if c.known && r.Previous != c.head.Hash {
			c.report(broken(c.head, r))
		}
		c.head.Number, c.head.Hash, c.known = r.Number, ref.Hash, true
	case again:
		c.report(Problem{Kind: Doubled, Logbook: c.head.Logbook, Number: r.Number, Detail: fmt.Sprintf("record %d of %s is there twice", r.Number, c.head.Logbook)})
	case r.Number > want && !c.present[want]:
		c.report(Gap(c.head.Logbook, want, r.Number-1))
		c.head.Number, c.head.Hash, c.known = r.Number, ref.Hash, true
	default:
		c.report(exchanged(c.head.Logbook, want, r))
		c.head.Number, c.known = want, false
	}
}

func (c *chain) uses(r Record) {
	for _, u := range r.Uses {
		if u.Record == "" || u.Logbook != r.Logbook {
			continue
		}
		if got := c.hashes[u.Number]; got != u.Record {
			c.report(Problem{
				Kind: BadUse, Logbook: r.Logbook, Number: r.Number, Want: u.Record, Got: got,
				Detail: fmt.Sprintf("record %d of %s used record %d as %q, which is another one than it names", r.Number, r.Logbook, u.Number, u.As),
			})
		}
	}
}

func (c *chain) report(p Problem) { c.problems = append(c.problems, p) }

func foreign(logbook string, number int64, r Record) Problem {
	return Problem{
		Kind: Foreign, Logbook: logbook, Number: number, Want: logbook, Got: r.Logbook,
		Detail: fmt.Sprintf("where record %d of %s should be, there is record %d of %s", number, logbook, r.Number, r.Logbook),
	}
}

func exchanged(logbook string, number int64, r Record) Problem {
	return Problem{
		Kind: Exchanged, Logbook: logbook, Number: number, Want: fmt.Sprint(number), Got: fmt.Sprint(r.Number),
		Detail: fmt.Sprintf("where record %d of %s should be, there is record %d", number, logbook, r.Number),
	}
}

// Gap returns the problem of a logbook whose records first to last are gone.
func Gap(logbook string, first, last int64) Problem {
	detail := fmt.Sprintf("record %d of %s is missing", first, logbook)
	if last > first {
		detail = fmt.Sprintf("records %d to %d of %s are missing", first, last, logbook)
	}
	return Problem{Kind: Missing, Logbook: logbook, Number: first, Detail: detail}
}

func broken(head Ref, r Record) Problem {
	detail := fmt.Sprintf("record %d of %s does not follow record %d: it names %s as the hash before it, and record %d has %s", r.Number, head.Logbook, head.Number, short(r.Previous), head.Number, short(head.Hash))
	if head.Number == 0 {
		detail = fmt.Sprintf("record 1 of %s names %s as the hash before it, and there is none before it", head.Logbook, short(r.Previous))
	}
	return Problem{Kind: Broken, Logbook: head.Logbook, Number: r.Number, Want: head.Hash, Got: r.Previous, Detail: detail}
}

func doubled(r Record, at int64) Problem {
	return Problem{
		Kind: Doubled, Logbook: r.Logbook, Number: r.Number,
		Detail: fmt.Sprintf("records %d and %d of %s answer the same request %q", at, r.Number, r.Logbook, r.Request),
	}
}

// short is enough of a hash to tell two apart by eye.
func short(hash string) string {
	if hash == "" {
		return "none"
	}
	return hash[:min(12, len(hash))]
}
