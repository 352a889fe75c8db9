// Package activities has what touches the world, as a workflow sees it: append
// a record, read the protocol, parse a file, compute, draw, seal, export. Each
// may run more than once: bytes are written by hash and records by request, so
// that the second time changes nothing.
package activities

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"time"

	"go.temporal.io/sdk/client"

	"secretome/internal/assay"
	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/record"
)

// Logbooks is where records go. Package logbook implements it.
type Logbooks interface {
	Append(context.Context, record.Draft) (record.Record, error)
	Read(ctx context.Context, logbook string, after int64, limit int) ([]record.Record, error)
	Record(ctx context.Context, logbook string, number int64) (record.Record, error)
	Find(ctx context.Context, logbook, request string) (record.Record, bool, error)
}

// Artifacts is where bytes go. Package artifact implements it.
type Artifacts interface {
	PutBytes(ctx context.Context, data []byte, mediaType, name string) (record.Artifact, error)
	Bytes(ctx context.Context, sha256 string) ([]byte, error)
	Get(ctx context.Context, sha256 string) (io.ReadCloser, error)
}

// Vault seals what is blinded, and opens it again. Package vault implements it.
type Vault interface {
	Seal([]byte) ([]byte, error)
	Open([]byte) ([]byte, error)
}

// Activities holds what the activities need. Its exported methods are the
// activities.
type Activities struct {
	Logbooks    Logbooks
	Artifacts   Artifacts
	Temporal    client.Client // reads histories; nil where none are exported
	Instruments []instrument.Parser
	Assays      []assay.Assay
	Key         ed25519.PrivateKey // of the laboratory's seal
	Vault       Vault              // keeps what is blinded
	Program     string             // version of this program
	Notifier    Notifier           // tells people outside the program; nil: nobody
	Lineage     Lineage            // what was made from what
	Now         func() time.Time   // the server's clock
	Queue       string             // the task queue of the workflows, on which a lot's is started
}

// Append writes one record. It returns the record that stands in the logbook:
// the one of the first time, if this request was appended before.
func (a *Activities) Append(ctx context.Context, d record.Draft) (record.Record, error) {
	d.Program = a.Program
	r, err := a.Logbooks.Append(ctx, d)
	return r, Encode(err)
}

// append writes a record of the given kind and body, by the act that base
// describes. what keeps the requests of one act apart.
func (a *Activities) append(ctx context.Context, base record.Draft, kind record.Kind, what string, body any, uses ...record.Use) (record.Ref, error) {
	encoded, err := record.Body(body)
	if err != nil {
		return record.Ref{}, err
	}
	base.Kind, base.Body, base.Program = kind, encoded, a.Program
	base.Request += what
	base.Uses = append(append([]record.Use(nil), base.Uses...), uses...)
	r, err := a.Logbooks.Append(ctx, base)
	if err != nil {
		return record.Ref{}, err
	}
	return r.Ref()
}

// Load reads an artifact of canonical JSON from a store. It fails with
// [fault.Corrupt] if it is none of a T.
func Load[T any](ctx context.Context, from interface {
	Bytes(ctx context.Context, sha256 string) ([]byte, error)
}, sha256 string) (T, error) {
	var v T
	b, err := from.Bytes(ctx, sha256)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fault.Wrap(err, fault.Corrupt, "artifact %s is not what its record says", sha256)
	}
	return v, nil
}

// keep writes v as an artifact of canonical JSON.
func (a *Activities) keep(ctx context.Context, v any, name string) (record.Artifact, error) {
	b, err := record.Canonical(v)
	if err != nil {
		return record.Artifact{}, err
	}
	return a.Artifacts.PutBytes(ctx, b, "application/json", name)
}
