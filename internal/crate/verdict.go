package crate

import (
	"cmp"
	"slices"
	"time"
)

// Verdict is what [Verify] found. Its JSON is a promise to other tools: fields
// may be added, none renamed.
type Verdict struct {
	OK         bool      `json:"ok"`
	Artifacts  int       `json:"artifacts"`  // files of artifacts, report and histories among them
	Records    int       `json:"records"`    // files of records that could be read
	Signatures int       `json:"signatures"` // records of kind signed
	Logbooks   []Logbook `json:"logbooks"`   // by name
	Seals      []Seal    `json:"seals"`      // that hold, by logbook and number
	Problems   []Problem `json:"problems"`   // by path
}

// Logbook is one chain of a bundle: number and hash of its last record.
type Logbook struct {
	Name string `json:"name"`
	Last int64  `json:"last"`
	Head string `json:"head"`
}

// Seal is a seal that holds: the key with that fingerprint signed the record
// Sealed and so all before it. Whose key that is, only the laboratory can say.
type Seal struct {
	Logbook     string    `json:"logbook"`
	Number      int64     `json:"number"` // of the record that carries the seal
	Sealed      int64     `json:"sealed"`
	At          time.Time `json:"at"`
	Fingerprint string    `json:"fingerprint"`
	After       []int64   `json:"after,omitempty"` // of the last seal: records of the logbook behind it, which no seal covers
}

// Problem is one thing that is not as it should be.
type Problem struct {
	Kind   ProblemKind `json:"kind"`
	Path   string      `json:"path"` // of the file in the bundle that is to blame
	Want   string      `json:"want,omitempty"`
	Got    string      `json:"got,omitempty"`
	Detail string      `json:"detail"` // a sentence
}

// ProblemKind says what is wrong, for programs.
type ProblemKind string

// The kinds of problems.
const (
	ArtifactDiffers  ProblemKind = "artifact-differs"
	ArtifactMissing  ProblemKind = "artifact-missing"
	RecordDiffers    ProblemKind = "record-differs"
	RecordMissing    ProblemKind = "record-missing"
	ChainBroken      ProblemKind = "chain-broken"      // a record does not follow the one before it
	SealInvalid      ProblemKind = "seal-invalid"      // a seal does not hold
	SignatureInvalid ProblemKind = "signature-invalid" // what a person signed is not here as it was signed
	FileDiffers      ProblemKind = "file-differs"      // a file that is neither record nor artifact
	FileMissing      ProblemKind = "file-missing"
	FileUnknown      ProblemKind = "file-unknown" // a file that belongs to nothing, or is no plain file
	ManifestDiffers  ProblemKind = "manifest-differs"
)

// close sorts the verdict and says yes or no. Lists are never null in JSON.
func (v *Verdict) close() {
	v.OK = len(v.Problems) == 0
	v.Logbooks, v.Seals, v.Problems = full(v.Logbooks), full(v.Seals), full(v.Problems)
	slices.SortFunc(v.Logbooks, func(a, b Logbook) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(v.Seals, func(a, b Seal) int { return cmp.Or(cmp.Compare(a.Logbook, b.Logbook), cmp.Compare(a.Number, b.Number)) })
	slices.SortFunc(v.Problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind)) })
}

func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
