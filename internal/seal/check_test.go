package seal

import (
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"secretome/internal/record"
)

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// sealed returns a logbook of three comments, a signature over the last, and a
// seal over that.
func sealed(t *testing.T) []record.Record {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	var records []record.Record
	head := record.Ref{Logbook: "run/UCM-2026-001"}
	add := func(kind record.Kind, body any) {
		t.Helper()
		encoded, err := record.Body(body)
		if err != nil {
			t.Fatal(err)
		}
		d := record.Draft{Logbook: head.Logbook, Request: fmt.Sprint(len(records)), Kind: kind, Received: noon, Happened: noon, Body: encoded}
		r := d.Numbered(head.Number+1, head.Hash)
		if head, err = head.Follow(r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	for range 3 {
		add(record.TaskCommented, record.Note{Text: "seen"})
	}
	add(record.Signed, record.Signature{Meaning: "reviewed", Over: head, Identity: "Ines Falk"})
	s, err := Sign(key, head, noon)
	if err != nil {
		t.Fatal(err)
	}
	add(record.Sealed, s)
	return records
}

func TestASealIsHeldAgainstTheRecordThatItNames(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func([]record.Record)
		want   string // kind and number of the problems
	}{
		{"a whole logbook", func([]record.Record) {}, ""},
		{"a changed head", func(r []record.Record) { r[3].By.Name = "x" }, "broken 5 seal 5 "},
		{"a changed record before a signature", func(r []record.Record) { r[2].By.Name = "x" }, "broken 4 seal 4 "},
		{"a seal over another logbook", func(r []record.Record) {
			key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
			ref, _ := r[3].Ref()
			ref.Logbook = "run/UCM-2026-002"
			s, _ := Sign(key, ref, noon)
			r[4].Body, _ = record.Body(s)
		}, "seal 5 "},
		{"a seal with another signature", func(r []record.Record) {
			s, _ := record.Read[Seal](r[4])
			s.Statement.At = s.Statement.At.Add(time.Hour)
			r[4].Body, _ = record.Body(s)
		}, "seal 5 "},
		{"a seal over itself or later", func(r []record.Record) {
			key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
			s, _ := Sign(key, record.Ref{Logbook: r[4].Logbook, Number: 5}, noon)
			r[4].Body, _ = record.Body(s)
		}, "seal 5 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			records := sealed(t)
			test.change(records)
			got := ""
			for _, p := range Check(records) {
				got += fmt.Sprintf("%s %d ", p.Kind, p.Number)
			}
			if got != test.want {
				t.Errorf("Check = %q, want %q", got, test.want)
			}
		})
	}
}
