package record

import (
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
)

func draft() Draft {
	body, _ := Body(Note{Text: "µ < ü & \u2028"})
	return Draft{
		Logbook: "run/UCM-2026-001", Request: "r1", Kind: TaskCommented, Program: "test", Body: body,
		Received: time.Date(2026, 3, 2, 8, 0, 0, 123456789, time.FixedZone("CET", 3600)),
		Happened: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), By: Actor{Person, "Mara Thiel", "technician"},
	}
}

func TestCanonicalFormReadsBack(t *testing.T) {
	r := draft().Numbered(7, strings.Repeat("ab", 32))
	data, hash, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := again.Canonical()
	if err != nil || second != hash {
		t.Errorf("hash after a round trip is %s (%v), want %s", second, err, hash)
	}
	if got := again.Received.Format(time.RFC3339Nano); got != "2026-03-02T07:00:00.123Z" {
		t.Errorf("received = %s, want UTC in milliseconds", got)
	}
}

func TestOneFlippedBitIsSeen(t *testing.T) {
	data, hash, _ := draft().Numbered(1, "").Canonical()
	for i := range data {
		bad := append([]byte(nil), data...)
		bad[i] ^= 1
		if Hash(bad) == hash {
			t.Fatalf("byte %d flipped and the hash did not change", i)
		}
	}
	if _, err := Parse(append([]byte(" "), data...)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a blank before the record: %v, want a corrupt fault", err)
	}
}

func TestANewerFormatIsRefused(t *testing.T) {
	data, _, _ := draft().Numbered(1, "").Canonical()
	newer := strings.Replace(string(data), `"format":1`, `"format":2`, 1)
	if _, err := Parse([]byte(newer)); !fault.Is(err, fault.Refused) {
		t.Errorf("format 2: %v, want a refusal", err)
	}
}
