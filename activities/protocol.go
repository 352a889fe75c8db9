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
}

// Part returns what one stage needs of the protocol.
func (a *Activities) Part(ctx context.Context, in PartInput) (protocol.Part, error) {
	p, err := load[protocol.Protocol](ctx, a, in.Protocol)
	if err != nil {
		return protocol.Part{}, Encode(err)
	}
	part, err := p.Part(in.Stage, in.Model)
	return part, Encode(err)
}

// Outline returns the models of a protocol with their numbers of blocks.
func (a *Activities) Outline(ctx context.Context, sha256 string) (run.Outline, error) {
	p, err := load[protocol.Protocol](ctx, a, sha256)
	if err != nil {
		return run.Outline{}, Encode(err)
	}
	var o run.Outline
	for _, m := range p.Models {
		o.Models = append(o.Models, run.Blocks{Model: m.ID, N: m.Blocks})
	}
	return o, nil
}
