package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"secretome/activities"
	"secretome/internal/assay"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/rehearsal"
)

// reading is what the wells of a group read on a simulated plate. Sealed groups
// are known to the test by their code only.
func reading(code string, block int) float64 {
	switch code {
	case "BLK":
		return 0.1
	case "KC":
		return 0.15
	case "NC":
		return 1.1
	}
	return 0.8 + 0.01*float64(code[0]-'A') + 0.02*float64(block) // by the code's first letter: any difference will do
}

func blinded(t *testing.T) protocol.Protocol {
	t.Helper()
	document, err := os.ReadFile("testdata/blind.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse("blind.yaml", document)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// export writes the file of a plate reader for a block of a protocol's plan.
func export(p protocol.Protocol, plan protocol.Plan, block string) []byte {
	i := slices.IndexFunc(plan.Blocks, func(s protocol.Shown) bool { return s.Block == block })
	layout := plan.Blocks[i].Layouts[0]
	grid := make([][]float64, 8)
	for i, row := range strings.Split("ABCDEFGH", "") {
		for j, code := range strings.Fields(layout.Rows[row]) {
			v := 0.05
			if code != "-" {
				v = reading(code, i) + 0.001*float64(j)
			}
			grid[i] = append(grid[i], v)
		}
	}
	return rehearsal.Export("P", p.Assays[0], grid, 0)
}

// tells returns the files below a folder in which a code stands beside its group.
func tells(t *testing.T, data string, codes map[string]string) []string {
	t.Helper()
	var told []string
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "blind.key" {
			return err
		}
		content, err := os.ReadFile(path)
		for code, group := range codes {
			pair := fmt.Sprintf("%q:%q", code, group)
			if bytes.Contains(content, []byte(pair)) || bytes.Contains(content, []byte(strings.ReplaceAll(pair, `"`, `\"`))) {
				told = append(told, path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func TestABlindedRunTellsNobodyBeforeTheLock(t *testing.T) {
	l := up(t, t.TempDir())
	p := blinded(t)
	r := launchAll(t, l, "testdata/blind.yaml")
	var plan protocol.Plan
	eventually(t, "the allocation", func() (ok bool) {
		var err error
		plan, err = l.as("technician").Plates(t.Context(), r.run)
		return err == nil
	})
	shown, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"CM5", "CM20", "VC"} {
		if bytes.Contains(shown, []byte(`"`+group+`"`)) || bytes.Contains(shown, []byte(" "+group+" ")) {
			t.Errorf("the plan names %s: %s", group, shown)
		}
	}
	if len(plan.Blocks) != 3 || strings.Join(strings.Fields(plan.Blocks[0].Layouts[0].Rows["B"]), "") == strings.Join(strings.Fields(plan.Blocks[1].Layouts[0].Rows["B"]), "") {
		t.Errorf("the blocks are not drawn one by one: %s", shown)
	}
	codes := map[string]string{} // as the key shows them
	r.file = func(v client.TaskView) []byte { return export(p, plan, v.Block) }
	r.held = map[string]func(client.Task){
		"fill-bottles": func(open client.Task) {
			if _, err := l.as("quality").Key(t.Context(), client.NewRequest(), open.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("somebody who does not hold the task is told %v", err)
			}
			request := client.NewRequest()
			key, err := l.as(open.Role).Key(t.Context(), request, open.ID)
			if err != nil || len(key.Bottles) != 3 {
				t.Fatalf("the key is %+v (%v)", key, err)
			}
			again, err := l.as(open.Role).Key(t.Context(), request, open.ID)
			if err != nil || again.Record != key.Record {
				t.Errorf("the same request is answered with %+v (%v), first with %+v", again.Record, err, key.Record)
			}
			for _, b := range key.Bottles {
				codes[b.Code] = b.Group
			}
		},
		"treat": func(open client.Task) {
			if _, err := l.as(open.Role).Key(t.Context(), client.NewRequest(), open.ID); !fault.Is(err, fault.Refused) {
				t.Errorf("a task that opens no key says %v", err)
			}
		},
		"lock-data": func(client.Task) {
			if told := tells(t, l.data, codes); len(told) > 0 {
				t.Errorf("before the lock the key stands in clear in %v", told)
			}
		},
	}
	if ended := r.play(); ended.State != "done" {
		t.Fatalf("the run is %s: %s", ended.State, ended.Why)
	}
	if told := tells(t, l.data, codes); len(told) == 0 {
		t.Error("the opened key is nowhere: this test would not see it before the lock either")
	}
	opened(t, r, codes)
}

// opened checks what the bundle of a blinded run says after the key is opened.
func opened(t *testing.T, r *robot, codes map[string]string) {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "bundle")
	mustRun(t, "run", "export", r.run, "--data", r.l.data, "--out", bundle)
	mustRun(t, "verify", bundle)
	var secret activities.Secret
	var finding assay.Finding
	var promised string
	for _, rec := range records(t, bundle) {
		switch rec.Kind {
		case record.Allocated:
			body, err := record.Read[record.Allocation](rec)
			if err != nil {
				t.Fatal(err)
			}
			promised = body.Commitment
		case record.KeyOpened:
			body, err := record.Read[record.Opened](rec)
			if err != nil || body.Opened == body.Confirmed {
				t.Errorf("the key was opened by %+v (%v)", body, err)
			}
			artifactOf(t, bundle, body.Key, &secret)
		case record.ResultComputed:
			body, err := record.Read[record.Result](rec)
			if err != nil {
				t.Fatal(err)
			}
			if body.Assay == "endpoint" {
				artifactOf(t, bundle, body.Output, &finding)
			}
		default:
		}
	}
	if got, err := secret.Commitment(); err != nil || got != promised {
		t.Errorf("the key has the commitment %s (%v), promised was %s", got, err, promised)
	}
	for code, group := range codes {
		found := false
		for _, k := range secret.Drawing.Keys {
			found = found || k.Codes[code] == group
		}
		if !found {
			t.Errorf("code %s was shown as %s, the key says otherwise", code, group)
		}
	}
	p := blinded(t)
	seed, err := hex.DecodeString(secret.Drawing.Seed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Draw([32]byte(seed))
	if err != nil || fmt.Sprint(again) != fmt.Sprint(secret.Drawing) {
		t.Errorf("drawn again with the seed it is another drawing (%v)", err)
	}
	if !finding.Inference || len(finding.Contrasts) != 2 || finding.Comparator != "VC" {
		t.Errorf("the finding is %+v", finding)
	}
}

// artifactOf reads an artifact of canonical JSON from a bundle.
func artifactOf(t *testing.T, bundle string, a record.Artifact, into any) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(bundle, "artifacts", a.SHA256, "*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("artifact %s is %v (%v)", a.SHA256, paths, err)
	}
	data, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// Who has seen a key gets no blind task of the run, not even by hand-over.
func TestWhoHasSeenTheKeyGetsNoBlindTask(t *testing.T) {
	document, err := os.ReadFile("testdata/blind.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "blind.yaml")
	seeing := strings.Replace(string(document), "role: manager, opens_key", "role: technician, opens_key", 1)
	if err := os.WriteFile(file, []byte(seeing), 0o600); err != nil {
		t.Fatal(err)
	}
	l := up(t, t.TempDir())
	r := launchAll(t, l, file)
	r.held = map[string]func(client.Task){"fill-bottles": func(open client.Task) {
		if _, err := l.as("technician").Key(t.Context(), client.NewRequest(), open.ID); err != nil {
			t.Fatal(err)
		}
	}}
	r.until(func(next client.Task) bool { return strings.Contains(next.ID, "/treat/") })
	tasks, err := l.as("technician").Tasks(t.Context(), client.TaskFilter{Run: r.run})
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range tasks {
		if strings.Contains(next.ID, "/treat/") {
			run(t, "task", "claim", next.ID, "--data", l.data, "--as", "technician").expect(t, "a blind task", 7, "has seen which code is which group")
			return
		}
	}
	t.Errorf("no blind task is open: %+v", tasks)
}
