package protocol

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/quantity"
	"secretome/internal/sample"
)

// Thing says what stands behind a scanned barcode, and what the step does to it.
// Where nothing but Is is given, the thing is used as it is.
type Thing struct {
	Is      string            `yaml:"is" json:"is"`                     // a kind of thing: lot, vessel, plate …
	Made    bool              `yaml:"made" json:"made,omitempty"`       // it comes into the world here, from the other things of the task
	Treated bool              `yaml:"treated" json:"treated,omitempty"` // what the tasks before it left, or is scanned beside it, goes into or onto it
	Stock   bool              `yaml:"stock" json:"stock,omitempty"`     // it was made elsewhere: registered here unless it is known already
	Amount  string            `yaml:"amount" json:"amount,omitempty"`   // of one made: "step.field" of a quantity; of an aliquot where Number is given
	Number  string            `yaml:"number" json:"number,omitempty"`   // of aliquots made: "step.field"
	Matched string            `yaml:"matched" json:"matched,omitempty"` // of conditioned medium made: "step.field" of the unconditioned medium
	Keeps   quantity.Quantity `yaml:"keeps" json:"keeps,omitzero"`      // how long it may be used
	Thaws   int               `yaml:"thaws" json:"thaws,omitempty"`     // how often an aliquot may be thawed; 0: once
	Draws   string            `yaml:"draws" json:"draws,omitempty"`     // what is taken of it: "aliquot", "step.field" of a quantity, or an amount
	Becomes string            `yaml:"becomes" json:"becomes,omitempty"` // its state once the task is accepted
}

// IsZero reports whether nothing is said.
func (t Thing) IsZero() bool { return t == Thing{} }

// describes reports whether something is said that only a thing has that is made.
func (t Thing) describes() bool {
	return t.Amount != "" || t.Number != "" || t.Matched != "" || !t.Keeps.IsZero() || t.Thaws != 0
}

// OneAliquot is what draws says of a whole aliquot.
const OneAliquot = "aliquot"

// thing checks what stands behind a scan. step has the field, s the steps of the
// task up to it.
func (l *linter) thing(at string, f Field, s []Step) {
	t := f.Thing
	if t.IsZero() {
		return
	}
	l.onlyFor(at, true, f.Kind, Scan)
	l.oneOf(at+".is", "kind of thing", t.Is, sample.Kinds())
	l.origin(at, t)
	l.unspecified(at, t, s)
	l.number(at+".thaws", t.Thaws, 0, 9)
	if !t.Keeps.IsZero() {
		l.dimension(at+".keeps", t.Keeps, "d")
	}
	if t.Becomes != "" && !sample.Kept(t.Is) {
		l.add(at+".becomes", "of a %s no state is kept", t.Is).Try("leave becomes out; what is kept is: %s", strings.Join(sample.KeptKinds(), ", "))
	} else if t.Becomes != "" {
		l.oneOf(at+".becomes", "state", t.Becomes, []string{string(sample.Released), string(sample.Rejected)})
	}
}

// origin checks whence a thing comes: made here, from stock, drawn from.
func (l *linter) origin(at string, t Thing) {
	kept := sample.Kept(t.Is)
	switch {
	case t.Made && t.Stock:
		l.add(at+".stock", "what is made here does not come from stock").Try("leave out made or stock")
	case t.Treated && t.Made:
		l.add(at+".treated", "what is made here is made from the other things of the task already").Try("leave out treated")
	case !kept && t.Stock:
		l.add(at+".stock", "a %s has no stock", t.Is).Try("leave stock out; what is kept is: %s", strings.Join(sample.KeptKinds(), ", "))
	case t.Draws != "" && (t.Made || !kept):
		l.add(at+".draws", "nothing is drawn from a %s that is made here, or of which no balance is kept", t.Is).Try("leave draws out; what is kept is: %s", strings.Join(sample.KeptKinds(), ", "))
	case !t.Made && t.describes():
		l.add(at, "amount, number, matched, keeps and thaws belong to a thing that is made here").Try("write made: true, or leave them out")
	case t.Made && t.Is == sample.CM && t.Matched == "":
		l.add(at+".matched", "conditioned medium needs the unconditioned medium that belongs to it").Try("name the field in which its barcode is scanned: matched: step.field")
	}
}

// unspecified checks the fields that a thing names.
func (l *linter) unspecified(at string, t Thing, s []Step) {
	l.names(at+".amount", t.Amount, Amount, s)
	l.names(at+".number", t.Number, Amount, s)
	l.names(at+".matched", t.Matched, Scan, s)
	if t.Draws == "" || t.Draws == OneAliquot {
		return
	}
	if _, err := quantity.Parse(t.Draws); err == nil {
		return
	}
	l.names(at+".draws", t.Draws, Amount, s)
}

// names wants "step.field" of a kind, in the same task and not behind.
func (l *linter) names(at, path string, kind FieldKind, steps []Step) {
	if path == "" {
		return
	}
	var known []string
	for _, s := range steps {
		for _, f := range s.Fields {
			if f.Kind == kind {
				known = append(known, s.ID+"."+f.ID)
			}
		}
	}
	if !slices.Contains(known, path) {
		l.add(at, "%q is no field of kind %s of this step or one before it", clip(path), kind).Try("%s", fmt.Sprintf("name one of: %s", strings.Join(known, ", ")))
	}
}
