package sample

import "secretome/internal/record"

// LotVerbs are what a person does to a lot, in the order of a lot's life, with
// the kind of record that it leaves.
func LotVerbs() []LotVerb {
	return []LotVerb{
		{"add", record.LotRegistered}, {"release", record.LotReleased}, {"reject", record.LotRejected}, {"hold", record.LotHeld},
		{"free", record.LotFreed}, {"draw", record.LotDrawn}, {"return", record.LotReturned}, {"correct", record.LotCorrected},
		{"write-off", record.LotWrittenOff}, {"count", record.LotCounted}, {"move", record.LotMoved}, {"hand-over", record.LotHandedOver},
		{"open", record.LotOpened}, {"freeze", record.LotFrozen}, {"thaw", record.LotThawed}, {"withdraw", record.ConsentWithdrawn},
	}
}

// LotVerb is a word for what is done to a lot.
type LotVerb struct {
	Verb string
	Kind record.Kind
}

// VerbOf returns the word for a kind of record; false for what no person does.
func VerbOf(kind record.Kind) (string, bool) {
	for _, v := range LotVerbs() {
		if v.Kind == kind {
			return v.Verb, true
		}
	}
	return "", false
}
