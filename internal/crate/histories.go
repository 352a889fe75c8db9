package crate

import (
	"maps"
	"slices"

	"secretome/internal/record"
)

// History is one execution whose events are in a bundle.
type History struct {
	record.History
	Path string // of its file in the bundle, with slashes
}

// Histories lists the executions whose events are in the bundle at dir, by
// path. It trusts the bundle as far as [Verify] would: call that first.
func Histories(dir string) ([]History, error) {
	in, err := open(dir)
	if err != nil {
		return nil, err
	}
	byPath := map[string]History{}
	for _, pages := range in.pages {
		for _, pg := range pages {
			for _, h := range pg.claims.histories {
				p := historyPath(h)
				if in.files[p] != h.Artifact.SHA256 {
					p = artifactPath(h.Artifact.SHA256, h.Artifact.Name, h.Artifact.MediaType)
				}
				if in.files[p] == h.Artifact.SHA256 {
					byPath[p] = History{h, p}
				}
			}
		}
	}
	var found []History
	for _, p := range slices.Sorted(maps.Keys(byPath)) {
		found = append(found, byPath[p])
	}
	return found, in.root.Close()
}
