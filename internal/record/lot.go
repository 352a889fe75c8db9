package record

import "time"

// The kinds of records in the logbook of a lot, of a vial or of whatever else
// outlives a run, and in that of a donor. The body of each is a LotAct.
const (
	LotRegistered    Kind = "lot-registered"    // it exists from now on, in quarantine unless it says otherwise
	LotReleased      Kind = "lot-released"      // it may be used
	LotRejected      Kind = "lot-rejected"      // it may never be used
	LotHeld          Kind = "lot-held"          // it may not be used until somebody decides
	LotFreed         Kind = "lot-freed"         // the hold is over
	LotExpired       Kind = "lot-expired"       // its time is over
	LotDrawn         Kind = "lot-drawn"         // some of it was taken
	LotReturned      Kind = "lot-returned"      // what a draw took came back
	LotCorrected     Kind = "lot-corrected"     // a draw took another amount than it said
	LotWrittenOff    Kind = "lot-written-off"   // what a draw took was lost
	LotCounted       Kind = "lot-counted"       // somebody looked how much is left
	LotMoved         Kind = "lot-moved"         // to another place
	LotHandedOver    Kind = "lot-handed-over"   // to another person
	LotOpened        Kind = "lot-opened"        //
	LotFrozen        Kind = "lot-frozen"        //
	LotThawed        Kind = "lot-thawed"        //
	ConsentWithdrawn Kind = "consent-withdrawn" // by the donor
)

// LotAct is the body of what happens to a lot or donor. Parts that do not apply
// are empty. Amounts are quantities; State and Left say how it stands afterwards.
type LotAct struct {
	Kind    string    `json:"kind,omitempty"`    // registered: lot, unconditioned, vial, reagent, donor …
	Title   string    `json:"title,omitempty"`   // registered
	Parents []string  `json:"parents,omitempty"` // registered: what it was made from
	Donors  []string  `json:"donors,omitempty"`  // registered: from whom
	Matched string    `json:"matched,omitempty"` // registered: the unconditioned medium that belongs to it
	Each    string    `json:"each,omitempty"`    // registered, counted: amount of one aliquot
	Amount  string    `json:"amount,omitempty"`  // registered: in all; counted: in all, if it was said wrong; drawn, corrected: how much; empty: it was not said
	Expires time.Time `json:"expires,omitzero"`  // registered
	Thaws   int       `json:"thaws,omitempty"`   // registered: how often an aliquot may be thawed; 0: once
	Aliquot string    `json:"aliquot,omitempty"` // drawn, thawed: its barcode
	Draw    int64     `json:"draw,omitempty"`    // returned, corrected, written off: number of the draw
	Run     string    `json:"run,omitempty"`     // for which it was drawn
	Task    string    `json:"task,omitempty"`    //
	Place   string    `json:"place,omitempty"`   // moved, frozen, registered: where it lies
	To      string    `json:"to,omitempty"`      // handed over: to whom
	Why     string    `json:"why,omitempty"`     //
	State   string    `json:"state,omitempty"`
	Left    string    `json:"left,omitempty"`
}

// LotKinds lists them.
func LotKinds() []Kind {
	return []Kind{
		LotRegistered, LotReleased, LotRejected, LotHeld, LotFreed, LotExpired, LotDrawn, LotReturned, LotCorrected, LotWrittenOff,
		LotCounted, LotMoved, LotHandedOver, LotOpened, LotFrozen, LotThawed, ConsentWithdrawn,
	}
}
