package crate

import (
	"maps"
	"path"
	"slices"
	"strings"

	"secretome/internal/record"
)

// Verify checks a bundle from the folder alone, without a network: every file
// against its hash, every record against the chain, everything that a record
// used, every seal and signature. Whatever differs is a problem of the verdict;
// an error means that the check could not be made: the folder is absent, no
// bundle ([fault.NotFound], [fault.Invalid]) or cannot be read.
func Verify(dir string) (Verdict, error) {
	in, err := open(dir)
	if err != nil {
		return Verdict{}, err
	}
	for _, logbook := range slices.Sorted(maps.Keys(in.pages)) {
		in.judgeLogbook(logbook, in.pages[logbook])
	}
	in.judgeFiles()
	in.judgeClaims()
	in.judgeArtifacts()
	in.judgeList()
	in.verdict.close()
	return in.verdict, in.root.Close()
}

// accused is the part of a sentence that is true of every mismatch with the
// manifest, which nothing vouches for.
const accused = "its bytes are not those that " + manifestFile + " lists"

// judgeFiles holds all files but records against the manifest and their places.
func (in *inspection) judgeFiles() {
	for _, p := range slices.Sorted(maps.Keys(in.listed)) {
		if _, there := in.files[p]; !there && !in.blamed[p] {
			in.blame(missing(p), p, in.listed[p], "", "the file is missing; %s lists it", manifestFile)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(in.files)) {
		_, isRecord := recordAt(p)
		if isArtifact(p) {
			in.verdict.Artifacts++
			in.here[in.files[p]] = true
		}
		if !isRecord && p != manifestFile {
			in.judgeFile(p, in.listed[p], in.files[p])
		}
	}
}

func (in *inspection) judgeFile(p, want, got string) {
	promised, named := artifactAt(p)
	switch {
	case want == "" && in.listed != nil:
		in.blame(FileUnknown, p, "", got, "%s does not list this file", manifestFile)
	case !isArtifact(p) && p != readmeFile && p != listFile && p != metadataFile:
		in.blame(FileUnknown, p, want, got, "this file belongs to nothing in the bundle")
	case named && promised != got:
		in.blame(ArtifactDiffers, p, promised, got, "the hash of its bytes is not the one that its folder is named by")
	case want == "" || want == got:
	case isArtifact(p) && in.vouched[got]:
		in.blame(ManifestDiffers, manifestFile, got, want, "the line of %s is wrong: records name the artifact by the hash that it has", p)
	case isArtifact(p):
		in.blame(ArtifactDiffers, p, want, got, accused)
	default:
		in.blame(FileDiffers, p, want, got, accused)
	}
}

// isArtifact reports whether what stands at p is an artifact.
func isArtifact(p string) bool {
	return p == ReportFile || strings.HasPrefix(p, "artifacts/") || strings.HasPrefix(p, "histories/")
}

// missing returns the kind of problem that the absence of p is.
func missing(p string) ProblemKind {
	switch _, isRecord := recordAt(p); {
	case isRecord:
		return RecordMissing
	case isArtifact(p):
		return ArtifactMissing
	}
	return FileMissing
}

// judgeArtifacts checks that all artifacts are there that sound records name,
// in their places, and no others.
func (in *inspection) judgeArtifacts() {
	named := map[string]bool{} // hashes of which a problem tells already
	for p := range in.blamed {
		promised, _ := artifactAt(p)
		named[promised], named[in.listed[p]] = true, true
	}
	for _, hash := range in.known.order {
		if by := in.known.artifacts[hash].by; !in.here[hash] && !named[hash] {
			in.blame(ArtifactMissing, path.Join("artifacts", hash), hash, "", "%s names this artifact", RecordPath(by))
		}
	}
	if in.lame() {
		return // what a damaged record named is not known
	}
	for _, p := range slices.Sorted(maps.Keys(in.files)) {
		if isArtifact(p) && !in.blamed[p] {
			in.judgePlace(p, in.files[p])
		}
	}
}

// lame reports whether some record cannot be taken at its word.
func (in *inspection) lame() bool {
	return slices.ContainsFunc(in.verdict.Problems, func(p Problem) bool {
		return p.Kind == RecordDiffers || p.Kind == RecordMissing || p.Kind == ChainBroken
	})
}

// judgePlace checks that the artifact at p may stand there.
func (in *inspection) judgePlace(p, hash string) {
	_, inFolder := artifactAt(p)
	executed, isHistory := in.known.histories[p]
	switch {
	case in.known.artifacts[hash] == nil:
		in.blame(FileUnknown, p, "", hash, "no record names these bytes")
	case p == ReportFile && !in.known.reports[hash]:
		in.blame(ArtifactDiffers, p, "", hash, "no record names these bytes as a report")
	case isHistory && !slices.Contains(executed, hash):
		in.blame(ArtifactDiffers, p, executed[0], hash, "these are not the events that were exported of this execution")
	case strings.HasPrefix(p, "artifacts/") && !inFolder:
		in.blame(FileUnknown, p, "", hash, "an artifact stands in the folder of its hash, and only there")
	case strings.HasPrefix(p, "histories/") && !isHistory:
		in.blame(FileUnknown, p, "", hash, "no record names an execution that would have its events here")
	}
}

// page returns the record in the place that r names, nil where there is none.
func (in *inspection) page(r record.Ref) *page {
	return in.pages[r.Logbook][r.Number]
}
