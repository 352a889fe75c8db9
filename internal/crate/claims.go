package crate

import (
	"bufio"
	"maps"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// judgeClaims holds what sound records say of others against these, and
// collects what they say of artifacts.
func (in *inspection) judgeClaims() {
	for _, logbook := range slices.Sorted(maps.Keys(in.pages)) {
		pages := in.pages[logbook]
		var seals []Seal
		for _, n := range slices.Sorted(maps.Keys(pages)) {
			pg := pages[n]
			if pg.claims.signature != nil {
				in.verdict.Signatures++
				in.judgeSignature(pg)
			}
			if !pg.sound {
				continue
			}
			in.known.add(pg.claims)
			for _, use := range pg.claims.records {
				in.judgeUse(pg, use)
			}
			seals = append(seals, in.judgeSeal(pg)...)
		}
		if len(seals) > 0 {
			last := &seals[len(seals)-1]
			last.After = uncovered(pages, *last)
		}
		in.verdict.Seals = append(in.verdict.Seals, seals...)
	}
}

// judgeUse checks that the record that was used is here.
func (in *inspection) judgeUse(by *page, use record.Use) {
	ref := record.Ref{Logbook: use.Logbook, Number: use.Number}
	used := in.page(ref)
	switch {
	case use.Logbook == "":
		if !in.hashes[use.Record] && !in.lame() {
			in.blame(RecordMissing, by.path, use.Record, "", "this record used another as %q, which is not in the bundle", use.As)
		}
	case used == nil && !in.blamed[RecordPath(ref)]:
		in.blame(RecordMissing, RecordPath(ref), use.Record, "", "%s used this record as %q", by.path, use.As)
	case used != nil && used.hash != use.Record && !in.blamed[used.path]:
		in.blame(RecordDiffers, used.path, use.Record, used.hash, "%s used this record as %q, with another hash", by.path, use.As)
	}
}

// judgeSignature checks that what a person signed is here as it was signed, and
// that they signed it on the logbook as it is.
func (in *inspection) judgeSignature(pg *page) {
	by, said := pg.claims.by, *pg.claims.signature
	if !in.here[said.Report] {
		in.blame(SignatureInvalid, pg.path, said.Report, in.files[ReportFile], "what %s signed as %q is not here as it was signed", by.By.Name, said.Meaning)
	}
	switch over := in.page(said.Over); {
	case over == nil:
		in.blame(SignatureInvalid, pg.path, said.Over.Hash, "", "%s signed on record %d of %s, which is not here", by.By.Name, said.Over.Number, said.Over.Logbook)
	case over.hash != said.Over.Hash:
		in.blame(SignatureInvalid, pg.path, said.Over.Hash, over.hash, "%s signed on record %d of %s when it had another hash", by.By.Name, said.Over.Number, said.Over.Logbook)
	}
}

// judgeSeal returns the seal that pg carries, if it holds.
func (in *inspection) judgeSeal(pg *page) []Seal {
	if pg.claims.seal == nil {
		return nil
	}
	said := pg.claims.seal.Statement
	hash := func(number int64) string {
		if sealed := in.page(record.Ref{Logbook: pg.ref.Logbook, Number: number}); sealed != nil {
			return sealed.hash
		}
		return ""
	}
	if err := sealFault(*pg.claims.seal, pg.claims.by, hash); err != nil {
		in.blame(SealInvalid, pg.path, said.Hash, hash(said.Number), "%s", fault.Of(err).Sentence())
		return nil
	}
	return []Seal{{Logbook: said.Logbook, Number: pg.ref.Number, Sealed: said.Number, At: said.At, Fingerprint: pg.claims.seal.Fingerprint()}}
}

// uncovered returns the numbers of the records behind what s sealed, its own
// record aside.
func uncovered(pages map[int64]*page, s Seal) []int64 {
	var after []int64
	for _, n := range slices.Sorted(maps.Keys(pages)) {
		if n > s.Sealed && n != s.Number {
			after = append(after, n)
		}
	}
	return after
}

// judgeList checks that each line of the table of artifacts is what a record
// says and a file is.
func (in *inspection) judgeList() {
	if in.files[listFile] == "" || in.blamed[listFile] || in.lame() {
		return
	}
	file, err := in.root.Open(listFile)
	if err != nil {
		in.blame(FileMissing, listFile, "", "", "the table of artifacts cannot be read: %v", err)
		return
	}
	defer file.Close()           // was only read
	paths := map[string]string{} // as cells: hash
	for p, hash := range in.files {
		paths[cell(p)] = hash
	}
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		if line := lines.Text(); n > 1 && !in.knows(strings.Split(line, "\t"), paths) {
			in.blame(FileDiffers, listFile, "", "", "line %d is not what the records say", n)
		}
	}
	if err := lines.Err(); err != nil {
		in.blame(FileDiffers, listFile, "", "", "the table of artifacts cannot be read: %v", err)
	}
}

// knows reports whether a line of the table of artifacts is true. Columns that
// later versions may add do not matter.
func (in *inspection) knows(cells []string, paths map[string]string) bool {
	if len(cells) < 6 {
		return false
	}
	it, name, by := in.known.artifacts[cells[0]], cells[4], cells[5]
	if it == nil || paths[cells[3]] != cells[0] {
		return false
	}
	said := func(m mention) bool { return cell(m.name) == name && RecordPath(m.by) == by }
	return slices.ContainsFunc(it.mentions, said) || name == "" && RecordPath(it.by) == by
}
