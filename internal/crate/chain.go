package crate

import (
	"maps"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// judgeLogbook checks one chain: numbers without a gap, each record in its place
// and naming the one before it. Where a record differs, the manifest, its name
// and its successor tell whether it, the manifest or the chain is to blame.
func (in *inspection) judgeLogbook(logbook string, pages map[int64]*page) {
	requests := map[string]int64{}
	var last *page
	for _, n := range slices.Sorted(maps.Keys(pages)) {
		pg := pages[n]
		if in.stray(pg, last) {
			delete(pages, n)
			continue
		}
		if next := lastNumber(last) + 1; n > next {
			in.gap(record.Ref{Logbook: logbook, Number: next}, n-1)
		}
		pg.sound = in.judgePage(pg, pages[n-1])
		if request := pg.claims.by.Request; pg.sound {
			if at := requests[request]; at > 0 {
				in.blame(ChainBroken, pg.path, "", "", "records %d and %d answer the same request %q", at, n, request)
			}
			requests[request] = n
		}
		last = pg
	}
	if last != nil {
		in.verdict.Logbooks = append(in.verdict.Logbooks, Logbook{logbook, last.ref.Number, last.hash})
	}
}

func lastNumber(pg *page) int64 {
	if pg == nil {
		return 0
	}
	return pg.ref.Number
}

// stray reports a record that is not listed and does not follow the last one.
func (in *inspection) stray(pg, last *page) bool {
	if in.listed == nil || in.listed[pg.path] != "" {
		return false
	}
	in.blame(FileUnknown, pg.path, "", pg.hash, "%s does not list this record", manifestFile)
	return pg.ref.Number != lastNumber(last)+1
}

// gap reports the records from first to last, which are missing.
func (in *inspection) gap(first record.Ref, last int64) {
	p := RecordPath(first)
	if first.Number == last {
		in.blame(RecordMissing, p, in.listed[p], "", "record %d of %s is missing", last, first.Logbook)
		return
	}
	in.blame(RecordMissing, p, in.listed[p], "", "records %d to %d of %s are missing", first.Number, last, first.Logbook)
}

// judgePage judges one record and reports whether what it says counts.
func (in *inspection) judgePage(pg, before *page) bool {
	by, listed := pg.claims.by, in.listed[pg.path]
	if listed != "" && listed != pg.hash {
		if pg.fault != nil || !in.vouched[pg.hash] {
			in.blame(RecordDiffers, pg.path, listed, pg.hash, accused)
			return false
		}
		in.blame(ManifestDiffers, manifestFile, pg.hash, listed, "the line of %s is wrong: other records name it by the hash that it has", pg.path)
	}
	previous := ""
	if before != nil {
		previous = before.hash
	}
	switch {
	case pg.fault != nil:
		in.blame(RecordDiffers, pg.path, "", pg.hash, "%s", fault.Of(pg.fault).Sentence())
		return false
	case by.Logbook != pg.ref.Logbook || by.Number != pg.ref.Number:
		in.blame(ChainBroken, pg.path, "", "", "in its place stands record %d of %s", by.Number, by.Logbook)
		return false
	case by.Previous != previous && (pg.ref.Number == 1 || before != nil && !in.blamed[before.path]):
		in.blame(ChainBroken, pg.path, by.Previous, previous, "record %d does not follow record %d: it names another hash than that record has", by.Number, by.Number-1)
	}
	return true
}
