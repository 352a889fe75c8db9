package activities

import (
	"bytes"
	"context"
	"encoding/json"

	"secretome/internal/record"
	"secretome/internal/seal"
)

// SealInput ends a run.
type SealInput struct {
	Base      record.Draft `json:"base"`
	End       record.End   `json:"end"`
	Workflows []string     `json:"workflows"` // of the stages, whose histories are kept
}

// Seal keeps the histories of a run's stages, records how the run ended, and
// signs the head of its logbook with the laboratory's key.
func (a *Activities) Seal(ctx context.Context, in SealInput) (record.Ref, error) {
	histories := HistoriesInput{Base: in.Base, Workflows: in.Workflows}
	histories.Base.Request += "-histories"
	if _, err := a.KeepHistories(ctx, histories); err != nil {
		return record.Ref{}, err
	}
	head, err := a.append(ctx, in.Base, record.RunEnded, "-end", in.End)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	signed, err := seal.Sign(a.Key, head, in.Base.Received)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	ref, err := a.append(ctx, in.Base, record.Sealed, "", signed, head.As("head"))
	return ref, Encode(err)
}

// compactJSON drops white space.
func compactJSON(to *bytes.Buffer, from []byte) error { return json.Compact(to, from) }
