package index_test

import (
	"strings"
	"testing"

	"secretome/internal/index"
	"secretome/internal/record"
)

// stocked is an index with two runs, some barcodes and files.
func stocked(t *testing.T) *book {
	b := begin(t, "run/UCM-2026-014")
	scan := func(step, code, kind string, made bool) {
		b.add("Tim", record.StepDone, record.Subject{Stage: "s", Task: "task/" + runOf(b) + "/s/weigh/1", Step: step},
			record.Entered{Entries: []record.Entry{{Field: "code", Value: code, Thing: &record.Thing{Kind: kind, Made: made}}}})
	}
	b.add("Ines", record.RunLaunched, record.Subject{}, record.Launch{Title: "100 % of µ", Name: "UC-CM 1.0", Protocol: file("p.json")})
	b.add("run", record.TaskAsked, record.Subject{Stage: "s", Task: "task/UCM-2026-014/s/weigh/1"}, record.Asked{Title: "Weigh the cord"})
	scan("a", "CM-014-A", "lot", true)
	scan("b", "CM-014-A-07", "vial", true)
	scan("c", "PL-014-02", "plate", true)
	b.head = record.Ref{Logbook: "run/UCM-2026-015"}
	b.add("Ines", record.RunLaunched, record.Subject{}, record.Launch{Title: "Second", Name: "UC-CM 1.1", Protocol: file("q.json")})
	scan("a", "CM-014-A", "lot", false)
	b.head = record.Ref{Logbook: "lot/D-0031"}
	b.add("Ines", record.LotRegistered, record.Subject{}, record.LotAct{Kind: "donor", Title: "a donor", State: "released"})
	return b
}

func runOf(b *book) string { return strings.TrimPrefix(b.head.Logbook, "run/") }

func TestThingsAreFoundByAPartOfTheirBarcodes(t *testing.T) {
	x := stocked(t).x
	for _, test := range []struct {
		text string
		want string
	}{
		{"cm-014-a", "CM-014-A CM-014-A-07"},
		{"D-0031", "D-0031"},
		{"_", ""},
		{"%", ""},
		{`\`, ""},
		{"' OR 1=1--", ""},
	} {
		things, err := x.SearchThings(t.Context(), test.text, 10)
		if err != nil || codes(things) != test.want {
			t.Errorf("SearchThings(%q) = %v, %v, want %s", test.text, things, err, test.want)
		}
	}
	things := must[[]index.FoundThing](t)(x.SearchThings(t.Context(), "014", 2))
	if len(things) != 2 || things[0] != (index.FoundThing{Barcode: "CM-014-A", Kind: "lot", Run: "UCM-2026-015"}) {
		t.Errorf("the first of two is %+v", things)
	}
	if donor := must[[]index.FoundThing](t)(x.SearchThings(t.Context(), "D-00", 2)); donor[0].State != "released" || donor[0].Title != "a donor" || donor[0].Kind != "donor" {
		t.Errorf("a donor is %+v", donor)
	}
	alike := must[[]index.FoundThing](t)(x.LooksLike(t.Context(), "CM-OI4-A", 10))
	if codes(alike) != "CM-014-A" {
		t.Errorf("alike: %v", alike)
	}
	if alike := must[[]index.FoundThing](t)(x.LooksLike(t.Context(), "UCM-2O26-O15", 10)); codes(alike) != "UCM-2026-015" {
		t.Errorf("alike: %v", alike)
	}
}

func codes(things []index.FoundThing) string {
	var all []string
	for _, one := range things {
		all = append(all, one.Barcode)
	}
	return strings.Join(all, " ")
}

func TestRunsTasksAndFilesAreFoundByName(t *testing.T) {
	x := stocked(t).x
	for text, want := range map[string]int{"ucm-2026": 2, "100 %": 1, "% of": 1, "second": 1, "uc-cm": 2, "0_5": 0} {
		if runs := must[[]index.Run](t)(x.SearchRuns(t.Context(), text, 10)); len(runs) != want {
			t.Errorf("%q finds %d runs, want %d", text, len(runs), want)
		}
	}
	if runs := must[[]index.Run](t)(x.SearchRuns(t.Context(), "ucm-2026-014", 10)); runs[0].ID != "UCM-2026-014" {
		t.Errorf("the exact one is not the first: %v", runs)
	}
	if tasks := must[[]index.Task](t)(x.SearchTasks(t.Context(), "weigh the", 10)); len(tasks) != 1 {
		t.Errorf("tasks: %v", tasks)
	}
	files := must[[]index.FoundFile](t)(x.SearchFiles(t.Context(), "p.js", 10))
	if len(files) != 1 || files[0].SHA256 != file("p.json").SHA256 || files[0].Name != "p.json" {
		t.Errorf("files: %+v", files)
	}
	byHash, records, err := x.ByHash(t.Context(), files[0].SHA256[:10], 10)
	if err != nil || len(byHash) != 1 || len(records) != 0 {
		t.Errorf("ByHash = %v, %v, %v", byHash, records, err)
	}
	first := must[[]record.Record](t)(x.Records(t.Context(), "UCM-2026-014", 0, 1))[0]
	ref, _ := first.Ref()
	if _, records, err := x.ByHash(t.Context(), ref.Hash[:8], 10); err != nil || len(records) != 1 || records[0] != ref {
		t.Errorf("records by hash: %v, %v", records, err)
	}
}
