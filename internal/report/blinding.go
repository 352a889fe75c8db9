package report

import (
	"fmt"

	"secretome/internal/record"
)

// blinding tells what was drawn and sealed, who saw a key, and who opened it;
// nothing where nothing was drawn.
func (b *book) blinding() []fact {
	var facts []fact
	each(b, record.Allocated, func(_ record.Record, ref record.Ref, a record.Allocation) {
		facts = append(facts,
			fact{"Layouts", b.to("drawn at launch by "+a.Algorithm+", and sealed", ref)},
			fact{"Commitment of the drawing", cell{Text: a.Commitment, Href: b.href(ref), Class: "mono"}},
		)
	})
	each(b, record.KeySeen, func(r record.Record, ref record.Ref, n record.Note) {
		facts = append(facts, fact{"Saw a key", b.to(fmt.Sprintf("%s, %s: %s", r.By.Name, b.time(r.Happened), n.Text), ref)})
	})
	each(b, record.KeyOpened, func(r record.Record, ref record.Ref, o record.Opened) {
		facts = append(facts, fact{"Key opened", b.to(fmt.Sprintf("%s, by %s and %s", b.time(r.Happened), o.Opened, o.Confirmed), ref)})
	})
	return facts
}
