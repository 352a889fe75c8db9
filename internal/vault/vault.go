// Package vault keeps what is blinded: it seals bytes so that only the
// laboratory's key opens them. The key lies in a file that only the program's
// user may read, and never goes into S3, a workflow or a log.
//
// Bytes are sealed in the age format, https://age-encryption.org/v1, so that the
// age command opens them too, with the same key.
package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"

	"secretome/internal/durable"
	"secretome/internal/fault"
)

// Vault seals and opens. It is safe for concurrent use.
type Vault struct {
	identity *age.X25519Identity
}

// Open reads the key at path. It fails with [fs.ErrNotExist] where there is
// none, and with [fault.Corrupt] where the file holds no key.
func Open(path string) (*Vault, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of what is blinded: %w", err)
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fault.New(fault.Corrupt, "%s holds no key", path).Try("put it back from a backup: without it nothing that is blinded can be opened")
	}
	return &Vault{identity}, nil
}

// Make makes a key at path, whole or not at all. It fails with [fs.ErrExist]
// where there is one.
func Make(path string) (*Vault, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("make a key at %s: %w", path, fs.ErrExist), err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make the key of what is blinded: %w", err)
	}
	if err := durable.WriteFile(path, []byte(identity.String()+"\n")); err != nil {
		return nil, fmt.Errorf("keep the key of what is blinded: %w", err)
	}
	return &Vault{identity}, nil
}

// Seal returns data so that only this vault's key opens it. Sealed twice, the
// same data give other bytes.
func (v *Vault) Seal(data []byte) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed.Bytes(), nil
}

// Open returns what was sealed. It fails with [fault.Refused] if it was sealed
// for another key, and with [fault.Corrupt] if the bytes have changed.
func (v *Vault) Open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), v.identity)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, fault.New(fault.Refused, "this was sealed for another key").Try("start the program in the data directory in which the run was launched, or put its blind.key back from a backup")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, "what was sealed is damaged")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, "what was sealed is damaged")
	}
	return data, nil
}
