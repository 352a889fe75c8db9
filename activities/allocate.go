package activities

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"secretome/internal/assay"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// AllocateInput asks for the layouts of a run to be drawn.
type AllocateInput struct {
	Base     record.Draft `json:"base"`
	Protocol string       `json:"protocol"` // SHA-256 of its canonical JSON
}

// Secret is what is sealed of an allocation: with it anybody can draw again and
// check the commitment. The nonce keeps the commitment from being guessed: there
// are few ways to give seven codes to seven groups.
type Secret struct {
	Nonce   string           `json:"nonce"` // hex of 32 random bytes
	Drawing protocol.Drawing `json:"drawing"`
}

// Commitment returns the SHA-256 of the nonce's bytes and the canonical JSON of
// the drawing. It fails with [fault.Corrupt] if the nonce is none.
func (s Secret) Commitment() (string, error) {
	nonce, err := hex.DecodeString(s.Nonce)
	if err != nil || len(nonce) != sha256.Size {
		return "", fault.New(fault.Corrupt, "the sealed allocation has no nonce")
	}
	drawing, err := record.Canonical(s.Drawing)
	if err != nil {
		return "", err
	}
	return record.Hash(slices.Concat(nonce, drawing)), nil
}

// Allocate draws seed and layouts, seals them, and returns what may be shown.
// Done again, it draws in vain: what stands in the logbook holds.
func (a *Activities) Allocate(ctx context.Context, in AllocateInput) (run.Allocation, error) {
	p, err := Load[protocol.Protocol](ctx, a.Artifacts, in.Protocol)
	if err != nil {
		return run.Allocation{}, Encode(err)
	}
	body, err := a.draw(ctx, p)
	if err != nil {
		return run.Allocation{}, Encode(err)
	}
	ref, err := a.append(ctx, in.Base, record.Allocated, "", body, body.Sealed.As("sealed"), body.Plan.As("plan"))
	if err != nil {
		return run.Allocation{}, Encode(err)
	}
	stands, err := a.allocation(ctx, ref)
	return run.Allocation{Record: ref, Plan: stands.Plan.SHA256}, Encode(err)
}

// draw draws once and keeps what came out, sealed and shown.
func (a *Activities) draw(ctx context.Context, p protocol.Protocol) (record.Allocation, error) {
	var none record.Allocation
	var seed, nonce [32]byte
	for _, b := range [][]byte{seed[:], nonce[:]} {
		if _, err := rand.Read(b); err != nil {
			return none, err
		}
	}
	drawing, err := p.Draw(seed)
	if err != nil {
		return none, err
	}
	secret := Secret{hex.EncodeToString(nonce[:]), drawing}
	body := record.Allocation{Algorithm: drawing.Algorithm}
	if body.Commitment, err = secret.Commitment(); err != nil {
		return none, err
	}
	clear, err := record.Canonical(secret)
	if err != nil {
		return none, err
	}
	sealed, err := a.Vault.Seal(clear)
	if err != nil {
		return none, err
	}
	if body.Sealed, err = a.Artifacts.PutBytes(ctx, sealed, "application/age", "allocation.age"); err != nil {
		return none, err
	}
	body.Plan, err = a.keep(ctx, drawing.Plan, "plan.json")
	return body, err
}

// allocation reads the record of an allocation.
func (a *Activities) allocation(ctx context.Context, ref record.Ref) (record.Allocation, error) {
	r, err := a.Logbooks.Record(ctx, ref.Logbook, ref.Number)
	if err != nil {
		return record.Allocation{}, err
	}
	return record.Read[record.Allocation](r)
}

// OpenKeyInput asks for the key of a run, with the answers that allow it.
type OpenKeyInput struct {
	Base       record.Draft `json:"base"`
	Allocation record.Ref   `json:"allocation"`
	Locked     run.Answer   `json:"locked"`
	Opened     run.Answer   `json:"opened"`
	Confirmed  run.Answer   `json:"confirmed"`
}

// OpenedKey is where the key lies in clear.
type OpenedKey struct {
	Record record.Ref `json:"record"`
	Key    string     `json:"key"` // SHA-256
}

// OpenKey opens what was sealed, holds it against the commitment of the launch,
// and keeps it in clear. It fails with [fault.Refused] unless two people opened
// and confirmed it after the data were locked.
func (a *Activities) OpenKey(ctx context.Context, in OpenKeyInput) (OpenedKey, error) {
	if in.Opened.By == "" || in.Confirmed.By == "" || in.Opened.By == in.Confirmed.By {
		return OpenedKey{}, Encode(fault.New(fault.Refused, "the key is opened by two people; here are %q and %q", in.Opened.By, in.Confirmed.By))
	}
	secret, err := a.unseal(ctx, in.Allocation)
	if err != nil {
		return OpenedKey{}, Encode(err)
	}
	key, err := a.keep(ctx, secret, "key.json")
	if err != nil {
		return OpenedKey{}, Encode(err)
	}
	body := record.Opened{Key: key, Opened: in.Opened.By, Confirmed: in.Confirmed.By}
	ref, err := a.append(ctx, in.Base, record.KeyOpened, "", body, in.Allocation.As("allocation"),
		in.Locked.Record.As("data lock"), in.Opened.Record.As("opened"), in.Confirmed.Record.As("confirmed"), key.As("key"))
	return OpenedKey{ref, key.SHA256}, Encode(err)
}

// unseal opens an allocation and checks that it is what was promised.
func (a *Activities) unseal(ctx context.Context, ref record.Ref) (Secret, error) {
	body, err := a.allocation(ctx, ref)
	if err != nil {
		return Secret{}, err
	}
	sealed, err := a.Artifacts.Bytes(ctx, body.Sealed.SHA256)
	if err != nil {
		return Secret{}, err
	}
	return Unseal(a.Vault, sealed, body.Commitment)
}

// Unseal opens sealed bytes with the laboratory's key and checks that they are
// what was promised. It fails with [fault.Corrupt] if they are not.
func Unseal(v Vault, sealed []byte, commitment string) (Secret, error) {
	var secret Secret
	clear, err := v.Open(sealed)
	if err != nil {
		return secret, err
	}
	if err := json.Unmarshal(clear, &secret); err != nil {
		return secret, fault.Wrap(err, fault.Corrupt, "the sealed allocation cannot be read")
	}
	got, err := secret.Commitment()
	if err == nil && got != commitment {
		err = fault.New(fault.Corrupt, "the sealed allocation has the commitment %s, the launch promised %s", got, commitment)
	}
	return secret, err
}

// reader returns what names the groups of a result by an opened key; without a
// key a result stays as it is.
func (a *Activities) reader(ctx context.Context, key string) (func(assay.Result) assay.Result, error) {
	if key == "" {
		return func(r assay.Result) assay.Result { return r }, nil
	}
	secret, err := Load[Secret](ctx, a.Artifacts, key)
	return func(r assay.Result) assay.Result { return r.Reveal(secret.Drawing.Codes(r.Model, r.Block)) }, err
}

// revealing is reader for a logbook: the key is that which was opened in it.
func (a *Activities) revealing(ctx context.Context, records []record.Record) (func(assay.Result) assay.Result, error) {
	key := ""
	for _, r := range records {
		if r.Kind == record.KeyOpened {
			body, err := record.Read[record.Opened](r)
			if err != nil {
				return nil, err
			}
			key = body.Key.SHA256
		}
	}
	return a.reader(ctx, key)
}
