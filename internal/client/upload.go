package client

import (
	"time"

	"secretome/internal/record"
)

// NewUpload announces a file that comes in pieces.
type NewUpload struct {
	Name      string `json:"name"`                 // as its maker calls it
	Size      *int64 `json:"size"`                 // bytes
	SHA256    string `json:"sha256,omitempty"`     // of the whole file, hex; empty: not known beforehand
	MediaType string `json:"media_type,omitempty"` // empty: application/octet-stream
}

// Arriving is an upload in pieces: how far it has come, and the artifact once all
// of it is stored.
type Arriving struct {
	ID       string           `json:"id"`                 // the request ID with which it was begun
	Size     int64            `json:"size"`               // bytes
	Offset   int64            `json:"offset"`             // bytes that are safely here
	Expires  time.Time        `json:"expires,omitzero"`   // when it is forgotten, if nothing more comes
	Artifact *record.Artifact `json:"artifact,omitempty"` // once it is whole
}
