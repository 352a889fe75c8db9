package seal

import (
	"crypto/ed25519"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestASealHoldsAndAnyChangeBreaksIt(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	head := record.Ref{Logbook: "run/UCM-2026-001", Number: 42, Hash: "ab12"}
	s, err := Sign(key, head, time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Seal){
		"another hash":      func(s *Seal) { s.Statement.Hash = "ab13" },
		"another number":    func(s *Seal) { s.Statement.Number = 41 },
		"another logbook":   func(s *Seal) { s.Statement.Logbook = "run/UCM-2026-002" },
		"another time":      func(s *Seal) { s.Statement.At = s.Statement.At.Add(time.Second) },
		"another purpose":   func(s *Seal) { s.Statement.Purpose = "lunch" },
		"another key":       func(s *Seal) { s.Key = s.Key[4:] + "AAAA" },
		"another signature": func(s *Seal) { s.Signature = s.Signature[4:] + "AAAA" },
	} {
		t.Run(name, func(t *testing.T) {
			bad := s
			change(&bad)
			if err := bad.Verify(); !fault.Is(err, fault.Corrupt) {
				t.Errorf("Verify = %v, want a corrupt fault", err)
			}
		})
	}
}
