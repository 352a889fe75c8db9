package seal

import (
	"fmt"

	"secretome/internal/record"
)

// Check holds all records of one logbook, as [record.Chain] wants them, against
// the rules of a chain, and every seal and signature among them against the
// record that it names: that record comes before it and has the hash that was
// signed. It returns what is wrong; none for a whole logbook. It does not know
// whose the keys are: the caller compares [Seal.Fingerprint].
func Check(records []record.Record) []record.Problem {
	problems := record.Chain(records)
	hashes := map[int64]string{}
	for _, r := range records {
		if p, bad := check(r, hashes); bad {
			problems = append(problems, p)
		}
		if ref, err := r.Ref(); err == nil { // else Chain has reported it
			hashes[r.Number] = ref.Hash
		}
	}
	return problems
}

// check returns what is wrong with r, if it is a seal or a signature. hashes has
// those of the records before it.
func check(r record.Record, hashes map[int64]string) (record.Problem, bool) {
	var over record.Ref
	switch r.Kind {
	case record.Sealed:
		s, err := record.Read[Seal](r)
		if err == nil {
			err = s.Verify()
		}
		if err != nil {
			return problem(r, "", "", err.Error()), true
		}
		over = record.Ref{Logbook: s.Statement.Logbook, Number: s.Statement.Number, Hash: s.Statement.Hash}
	case record.Signed:
		s, err := record.Read[record.Signature](r)
		if err != nil {
			return problem(r, "", "", err.Error()), true
		}
		over = s.Over
	default:
		return record.Problem{}, false
	}
	if got := hashes[over.Number]; over.Logbook != r.Logbook || got != over.Hash || got == "" {
		detail := fmt.Sprintf("record %d of %s (%s) is about record %d of %s with the hash %.12s, and there is no such record before it", r.Number, r.Logbook, r.Kind, over.Number, over.Logbook, over.Hash)
		return problem(r, over.Hash, got, detail), true
	}
	return record.Problem{}, false
}

func problem(r record.Record, want, got, detail string) record.Problem {
	return record.Problem{Kind: record.BadSeal, Logbook: r.Logbook, Number: r.Number, Want: want, Got: got, Detail: detail}
}
