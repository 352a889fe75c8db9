package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"secretome/internal/record"
)

// Custody is the chain of identity and of custody of one thing: what it was made
// from, who had it, where it lay, what was done with it, and what nobody said.
type Custody struct {
	Barcode string   `json:"barcode"`
	Kind    string   `json:"kind"`
	Title   string   `json:"title,omitempty"`
	State   State    `json:"state,omitempty"`
	Held    string   `json:"held,omitempty"`
	Holder  string   `json:"holder,omitempty"` // to whom it was last handed over
	Origins []Origin `json:"origins"`          // what it was made from, the nearest first
	Lines   []Line   `json:"lines"`            // in the order in which they happened
	Stays   []Stay   `json:"stays"`
	Gaps    []Break  `json:"gaps"` // of the chain; those of the temperature stand at their stay
}

// Origin is a thing that another one was made from.
type Origin struct {
	Barcode  string    `json:"barcode"`
	Kind     string    `json:"kind"`
	Title    string    `json:"title,omitempty"`
	Distance int       `json:"distance"`
	Made     time.Time `json:"made,omitzero"`
	By       string    `json:"by,omitempty"`
	Run      string    `json:"run,omitempty"`
	Number   int64     `json:"number,omitempty"` // of the record of its making, in the run's logbook
}

// Line is one thing that happened.
type Line struct {
	When    time.Time `json:"when"`
	Entered time.Time `json:"entered,omitzero"` // where that was more than an hour later
	What    string    `json:"what"`
	By      string    `json:"by"`
	Place   string    `json:"place,omitempty"`
	Run     string    `json:"run,omitempty"`
	Task    string    `json:"task,omitempty"`
	Logbook string    `json:"logbook"`
	Number  int64     `json:"number"`
}

// Stay is one time at one place.
type Stay struct {
	Place string    `json:"place"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"` // while it is still there: until when that was asked
	Still bool      `json:"still,omitempty"`
	Coverage
}

// Break is what the chain does not tell.
type Break struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // the same as From where it is a moment
	What string    `json:"what"`
}

// Scan is one time that a thing was scanned in a run, or that something was made
// from it there.
type Scan struct {
	Run      string
	Number   int64  // of the record
	Child    string // barcodes of what was made from it; empty: it was scanned itself
	Task     string
	Kind     string
	Made     bool
	Passage  int
	By       string
	Happened time.Time
}

// act is a line with what stands behind it.
type act struct {
	Line
	kind record.Kind // empty for a scan
	body record.LotAct
	made bool
}

// Trace returns the custody of a thing of some kind: from the records of its own
// logbook, from its scans in runs, and from what the time is now. Of a donor
// there are no stays. Temperatures come with [Custody.Measure], origins and state
// are the caller's. It fails with [fault.Corrupt] for a record without a body.
func Trace(kind string, records []record.Record, scans []Scan, now time.Time) (Custody, error) {
	acts, err := actsOf(records, scans)
	if err != nil {
		return Custody{}, err
	}
	c := Custody{Kind: kind, Origins: []Origin{}, Lines: []Line{}, Stays: []Stay{}, Gaps: []Break{}}
	if len(acts) == 0 {
		return c, nil
	}
	for _, a := range acts {
		c.Lines = append(c.Lines, a.Line)
	}
	end, usedUp := endOf(acts, len(records) > 0, now)
	c.hands(acts, end)
	c.labels(acts)
	c.early(acts)
	if kind != Donor {
		if there := c.stays(acts, end); there {
			c.Stays[len(c.Stays)-1].Still = !usedUp
		}
		c.thaws(acts)
	}
	slices.SortStableFunc(c.Gaps, func(a, b Break) int { return a.From.Compare(b.From) })
	return c, nil
}

// actsOf are records and scans in the order in which they happened. A scan that
// left a record in the thing's own logbook is told once.
func actsOf(records []record.Record, scans []Scan) ([]act, error) {
	var acts []act
	for _, r := range records {
		if !slices.Contains(record.LotKinds(), r.Kind) {
			continue
		}
		b, err := record.Read[record.LotAct](r)
		if err != nil {
			return nil, err
		}
		line := Line{When: r.Happened, What: said(r.Kind, b), By: r.By.Name, Place: b.Place, Run: b.Run, Task: b.Task, Logbook: r.Logbook, Number: r.Number}
		if !r.Rehearsal && r.Received.Sub(r.Happened) > time.Hour {
			line.Entered = r.Received
		}
		acts = append(acts, act{Line: line, kind: r.Kind, body: b})
	}
	for _, s := range scans {
		same := func(a act) bool { return s.Child == "" && s.Task != "" && a.Task == s.Task && a.When.Equal(s.Happened) }
		if i := slices.IndexFunc(acts, same); i >= 0 {
			acts[i].made = acts[i].made || s.Made
			continue
		}
		line := Line{When: s.Happened, What: scanned(s), By: s.By, Run: s.Run, Task: s.Task, Logbook: "run/" + s.Run, Number: s.Number}
		acts = append(acts, act{Line: line, made: s.Made})
	}
	slices.SortStableFunc(acts, func(a, b act) int {
		return cmp.Or(a.When.Compare(b.When), cmp.Compare(a.Logbook, b.Logbook), cmp.Compare(a.Number, b.Number))
	})
	return acts, nil
}

func scanned(s Scan) string {
	switch {
	case s.Child != "":
		return fmt.Sprintf("made from it: %s %s", s.Kind, s.Child)
	case s.Made && s.Passage > 0:
		return fmt.Sprintf("made, as a %s of passage %d", s.Kind, s.Passage)
	case s.Made:
		return "made, as a " + s.Kind
	}
	return "used"
}

// said is in words what a record says.
func said(kind record.Kind, b record.LotAct) string {
	switch kind {
	case record.LotRegistered:
		return because("registered as "+words(", ", b.Kind+": "+b.Title, b.Amount, b.State), "")
	case record.LotDrawn:
		return because(words(" ", b.Amount, "drawn", of("as", b.Aliquot))+after(b), b.Why)
	case record.LotReturned, record.LotWrittenOff, record.LotCorrected:
		ends := map[record.Kind]string{record.LotReturned: "came back", record.LotWrittenOff: "was lost", record.LotCorrected: "was " + b.Amount}
		return because(fmt.Sprintf("what draw %d took %s", b.Draw, ends[kind])+after(b), b.Why)
	case record.LotCounted:
		return because("counted"+after(b), b.Why)
	case record.LotMoved:
		return because("moved to "+b.Place, b.Why)
	case record.LotHandedOver:
		return because("handed over to "+b.To, b.Why)
	case record.LotFrozen:
		return because("frozen, in "+b.Place, b.Why)
	case record.LotThawed:
		return because(words(" ", "thawed", b.Aliquot), b.Why)
	case record.LotHeld:
		return because("put on hold", b.Why)
	case record.LotFreed:
		return because("hold ended", b.Why)
	case record.ConsentWithdrawn:
		return because("consent withdrawn", b.Why)
	}
	return because(strings.TrimPrefix(string(kind), "lot-"), b.Why) // released, rejected, expired, opened
}

func after(b record.LotAct) string {
	if b.Left == "" {
		return ""
	}
	return ", " + b.Left + " left"
}

func because(text, why string) string { return words(": ", text, why) }

func of(word, name string) string {
	if name == "" {
		return ""
	}
	return word + " " + name
}

func words(between string, all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), between)
}

// endOf is until when something can be told of a thing: until it was used up;
// until now where it has a logbook of its own, else until it was last seen.
func endOf(acts []act, kept bool, now time.Time) (end time.Time, usedUp bool) {
	last := acts[len(acts)-1].When
	for _, a := range acts {
		if depleted := a.body.State == string(Depleted); a.body.State != "" && depleted != usedUp {
			usedUp, end = depleted, a.When
		}
	}
	switch {
	case usedUp:
		return end, true
	case !kept || now.Before(last): // a rehearsal's clock may be ahead
		return last, false
	}
	return now, false
}

// hands follows who has it, and names who got it and never acted on it.
func (c *Custody) hands(acts []act, end time.Time) {
	for i, a := range acts {
		if a.kind != record.LotHandedOver {
			continue
		}
		c.Holder = a.body.To
		until, acted := end, false
		for _, later := range acts[i+1:] {
			acted = acted || strings.EqualFold(later.By, a.body.To)
			if later.kind == record.LotHandedOver {
				until = later.When
				break
			}
		}
		if !acted {
			c.Gaps = append(c.Gaps, Break{a.When, until, "it was handed over to " + a.body.To + ", of whom nothing is recorded while it was theirs"})
		}
	}
}

// labels names a barcode that was put on something new more than once.
func (c *Custody) labels(acts []act) {
	var first *act
	for i, a := range acts {
		switch {
		case !a.made:
		case first == nil:
			first = &acts[i]
		default:
			c.Gaps = append(c.Gaps, Break{first.When, a.When, fmt.Sprintf("its label was put on something new twice: record %d of %s and record %d of %s", first.Number, first.Logbook, a.Number, a.Logbook)})
		}
	}
}

// early names what is recorded of a time before the thing was registered.
func (c *Custody) early(acts []act) {
	i := slices.IndexFunc(acts, func(a act) bool { return a.kind == record.LotRegistered })
	var numbers []string
	var first time.Time
	for j := range max(i, 0) {
		if acts[j].kind == "" || !acts[j].When.Before(acts[i].When) {
			continue
		}
		if first.IsZero() {
			first = acts[j].When
		}
		numbers = append(numbers, strconv.FormatInt(acts[j].Number, 10))
	}
	if len(numbers) > 0 {
		c.Gaps = append(c.Gaps, Break{first, acts[i].When, "records " + strings.Join(numbers, ", ") + " tell of it before it was registered"})
	}
}

// thaws names each thawing of what nobody froze. An aliquot that is thawed leaves
// the others frozen.
func (c *Custody) thaws(acts []act) {
	frozen := false
	for _, a := range acts {
		switch {
		case a.kind == record.LotFrozen:
			frozen = true
		case a.kind == record.LotThawed && !frozen:
			c.Gaps = append(c.Gaps, Break{a.When, a.When, "it was thawed, and nobody said that it had been frozen"})
		case a.kind == record.LotThawed && a.body.Aliquot == "":
			frozen = false
		}
	}
}

// stays follows where it lay, and reports whether it is in a place at the end.
// What is thawed as a whole has left its place.
func (c *Custody) stays(acts []act, end time.Time) (there bool) {
	at, since := "", acts[0].When
	leave := func(when time.Time) {
		if at != "" {
			c.Stays = append(c.Stays, Stay{Place: at, From: since, To: when})
		} else if since.Before(when) {
			c.Gaps = append(c.Gaps, Break{since, when, "nobody said where it lay"})
		}
		since = when
	}
	for _, a := range acts {
		switch {
		case a.When.After(end):
		case a.kind == record.LotThawed && a.body.Aliquot == "" && at != "":
			leave(a.When)
			at = ""
		case (a.kind == record.LotRegistered || a.kind == record.LotMoved || a.kind == record.LotFrozen) && a.Place != "" && !SamePlace(a.Place, at):
			leave(a.When)
			at = a.Place
		}
	}
	leave(end)
	if first := acts[0].When; len(c.Stays) == 0 && first.Equal(end) {
		c.Gaps = append(c.Gaps, Break{first, end, "nobody said where it lay"})
	}
	return at != ""
}

// Measure holds the logs of places against the stays. The logs of a place count
// for what lies inside it.
func (c *Custody) Measure(logs []PlaceLog) {
	for i, s := range c.Stays {
		var there []PlaceLog
		for _, log := range logs {
			if Inside(s.Place, log.Place) {
				there = append(there, log)
			}
		}
		c.Stays[i].Coverage = Cover(there, Span{s.From, s.To})
	}
}
