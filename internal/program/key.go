package program

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"secretome/internal/durable"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/vault"
)

// sealKey reads the laboratory's signing key, and makes it where there is none
// and nothing was ever sealed.
func (h *house) sealKey(ctx context.Context) (ed25519.PrivateKey, error) {
	path := filepath.Join(h.data, "seal.key")
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := h.neverSealed(ctx, path); err != nil {
		return nil, err
	}
	return newKey(path)
}

// blindKey reads the key of what is blinded, and makes it where there is none and
// nothing was ever sealed for it.
func (h *house) blindKey(ctx context.Context) (*vault.Vault, error) {
	path := filepath.Join(h.data, "blind.key")
	v, err := vault.Open(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	runs, err := h.index.Runs(ctx, index.RunFilter{})
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		drawn, err := h.index.Records(ctx, r.ID, 0, 1, record.Allocated)
		if err != nil {
			return nil, err
		}
		if len(drawn) > 0 {
			return nil, fault.New(fault.Refused, "%s is missing, and the groups of %s were sealed for it", path, r.ID).Try("put it back from a backup: without it nobody can ever say which code is which group")
		}
	}
	return vault.Make(path)
}

// readKey fails with [fs.ErrNotExist] where there is none.
func readKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the seal: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.New(fault.Corrupt, "%s holds no key", path).Try("put it back from a backup: a new key seals under another name")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// neverSealed refuses to go on under a new key as if nothing had happened.
func (h *house) neverSealed(ctx context.Context, path string) error {
	runs, err := h.index.Runs(ctx, index.RunFilter{})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Sealed > 0 {
			return fault.New(fault.Refused, "%s is missing, and %s was sealed with it", path, r.ID).Try("put it back from a backup")
		}
	}
	return nil
}

// newKey makes a key and keeps it: whole or not at all.
func newKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the seal: %w", err)
	}
	if err := durable.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(key.Seed())+"\n")); err != nil {
		return nil, fmt.Errorf("keep the key of the seal: %w", err)
	}
	return key, nil
}
