package activities

import (
	"context"

	"secretome/internal/protocol"
	"secretome/internal/run"
)

// PartInput asks for a stage's part of a protocol.
type PartInput struct {
	Protocol string `json:"protocol"` // SHA-256 of its canonical JSON
	Stage    string `json:"stage"`
	Model    string `json:"model,omitempty"`
	Block    string `json:"block,omitempty"`
	Plan     string `json:"plan,omitempty"` // SHA-256 of the layouts that were drawn for the run
}

// Part returns what one stage needs of the protocol. Where layouts were drawn,
// the stage of a block gets them filled, and groups that are sealed under their
// codes.
func (a *Activities) Part(ctx context.Context, in PartInput) (protocol.Part, error) {
	p, err := Load[protocol.Protocol](ctx, a.Artifacts, in.Protocol)
	if err != nil {
		return protocol.Part{}, Encode(err)
	}
	part, err := p.Part(in.Stage, in.Model)
	if err != nil || in.Plan == "" {
		return part, Encode(err)
	}
	plan, err := Load[protocol.Plan](ctx, a.Artifacts, in.Plan)
	if err != nil {
		return part, Encode(err)
	}
	return part.Under(plan, in.Model, in.Block), nil
}

// Outline returns the models of a protocol with their numbers of blocks.
func (a *Activities) Outline(ctx context.Context, sha256 string) (run.Outline, error) {
	p, err := Load[protocol.Protocol](ctx, a.Artifacts, sha256)
	if err != nil {
		return run.Outline{}, Encode(err)
	}
	o, err := run.OutlineOf(p)
	return o, Encode(err)
}
