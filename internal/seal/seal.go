// Package seal signs the head of a logbook, and with the head all of it: number
// and hash of the last record, by an Ed25519 key of the laboratory.
package seal

import (
	"crypto/ed25519"
	"encoding/base64"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Statement is what a seal says.
type Statement struct {
	Purpose string    `json:"purpose"` // always [Purpose]: a signature over it can mean nothing else
	Logbook string    `json:"logbook"`
	Number  int64     `json:"number"` // of the head
	Hash    string    `json:"hash"`   // of the head
	At      time.Time `json:"at"`
}

// Purpose binds a signature to its use.
const Purpose = "secretome seal 1"

// Seal is the body of a record of kind [record.Sealed].
type Seal struct {
	Statement Statement `json:"statement"`
	Key       string    `json:"key"`       // the public key, base64
	Signature string    `json:"signature"` // over the canonical JSON of the statement, base64
}

// Sign seals the record that head names.
func Sign(key ed25519.PrivateKey, head record.Ref, at time.Time) (Seal, error) {
	s := Statement{Purpose, head.Logbook, head.Number, head.Hash, at.UTC().Truncate(time.Millisecond)}
	message, err := record.Canonical(s)
	if err != nil {
		return Seal{}, err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return Seal{s, base64.StdEncoding.EncodeToString(public), base64.StdEncoding.EncodeToString(ed25519.Sign(key, message))}, nil
}

// Verify checks that the key in s signed its statement. It says nothing about
// whose key that is, nor whether the head is the logbook's: the caller compares
// both. It fails with [fault.Corrupt].
func (s Seal) Verify() error {
	key, err := base64.StdEncoding.DecodeString(s.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return fault.New(fault.Corrupt, "the seal of %s has no valid key", s.Statement.Logbook)
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil {
		return fault.New(fault.Corrupt, "the seal of %s has no valid signature", s.Statement.Logbook)
	}
	message, err := record.Canonical(s.Statement)
	if err != nil {
		return err
	}
	if s.Statement.Purpose != Purpose || !ed25519.Verify(key, message, signature) {
		return fault.New(fault.Corrupt, "the seal of %s at record %d is not signed by its key", s.Statement.Logbook, s.Statement.Number)
	}
	return nil
}

// Fingerprint returns a short name for the key of s, to be compared by eye with
// the one that the laboratory publishes.
func (s Seal) Fingerprint() string {
	return record.Hash([]byte(s.Key))[:16]
}
