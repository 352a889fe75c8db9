package record

import (
	"fmt"
	"strings"
	"testing"

	"secretome/internal/fault"
)

// book returns a whole chain of n records; each but the first used the first.
func book(t *testing.T, n int) []Record {
	t.Helper()
	var records []Record
	head := Ref{Logbook: "run/UCM-2026-001"}
	var first Ref
	for i := range n {
		d := draft()
		d.Request = fmt.Sprintf("r%d", i+1)
		if i > 0 {
			d.Uses = []Use{first.As("launch")}
		}
		r := d.Numbered(head.Number+1, head.Hash)
		ref, err := head.Follow(r)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = ref
		}
		head, records = ref, append(records, r)
	}
	return records
}

func TestAChainThatIsNotWholeIsNamed(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func([]Record) []Record
		want   []string // kind, number
		detail string
	}{
		{"a whole chain has no problem", func(r []Record) []Record { return r }, nil, ""},
		{"a removed record is missing", func(r []Record) []Record { return append(r[:3:3], r[4:]...) },
			[]string{"missing 4"}, "record 4 of run/UCM-2026-001 is missing"},
		{"two removed records are missing", func(r []Record) []Record { return append(r[:3:3], r[5:]...) },
			[]string{"missing 4"}, "records 4 to 5 of run/UCM-2026-001 are missing"},
		{"a removed first record is missing, and no use finds it", func(r []Record) []Record { return r[1:2] },
			[]string{"missing 1", "use 2"}, "record 1 of"},
		{"exchanged records are both named, once each", func(r []Record) []Record { r[3], r[4] = r[4], r[3]; return r },
			[]string{"exchanged 4", "exchanged 5"}, "where record 4 of run/UCM-2026-001 should be, there is record 5"},
		{"a record twice is doubled", func(r []Record) []Record { return append(r[:4:4], r[3:]...) },
			[]string{"doubled 4", "doubled 4"}, "is there twice"},
		{"a changed record breaks the link behind it", func(r []Record) []Record { r[3].By.Name = "Nara Thiel"; return r },
			[]string{"broken 5"}, "record 5 of run/UCM-2026-001 does not follow record 4: it names "},
		{"a record of another logbook is foreign", func(r []Record) []Record { r[7].Logbook = "run/UCM-2026-002"; return r },
			[]string{"foreign 8"}, "there is record 8 of run/UCM-2026-002"},
		{"a request twice is doubled", func(r []Record) []Record { r[7].Request = "r2"; return r },
			[]string{"doubled 8"}, `records 2 and 8 of run/UCM-2026-001 answer the same request "r2"`},
		{"a use with another hash is named", func(r []Record) []Record { r[7].Uses[0].Record = "ab"; return r },
			[]string{"use 8"}, `record 8 of run/UCM-2026-001 used record 1 as "launch"`},
		{"a first record with a predecessor is broken", func(r []Record) []Record { r[0].Previous = "ab"; return r[:1] },
			[]string{"broken 1"}, "there is none before it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := Chain(test.change(book(t, 8)))
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %d", p.Kind, p.Number))
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Fatalf("Chain = %v, want %v", problems, test.want)
			}
			if len(problems) > 0 && !strings.Contains(problems[0].Detail, test.detail) {
				t.Errorf("detail = %q, want %q in it", problems[0].Detail, test.detail)
			}
		})
	}
}

func TestARecordFollowsOnlyItsPredecessor(t *testing.T) {
	records := book(t, 3)
	head, err := records[0].Ref()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := head.Follow(records[1]); err != nil {
		t.Errorf("record 2 behind record 1: %v", err)
	}
	other := head
	other.Logbook = "lab"
	changed := head
	changed.Hash = strings.Repeat("0", 64)
	for name, err := range map[string]error{
		"record 3 behind record 1":    second(head.Follow(records[2])),
		"record 2 of another logbook": second(other.Follow(records[1])),
		"record 2 of a changed 1":     second(changed.Follow(records[1])),
	} {
		if !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v, want a corrupt fault", name, err)
		}
	}
}

func second(_ Ref, err error) error { return err }
