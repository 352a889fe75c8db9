package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const study = "../../examples/compact.yaml"

func TestAPlanIsTold(t *testing.T) {
	code, stdout, stderr := call(t, false, "protocol", "plan", study, "--start", "2026-10-05")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, says := range []string{"from        Mon 5 Oct 2026 09:00\n", "\nMonday 5 October 2026 (CEST)\n  09:00-", "best start  "} {
		if !strings.Contains(stdout, says) {
			t.Errorf("it does not say %q", says)
		}
	}
}

// The keys are a promise to other programs.
func TestAPlanAsJSONHasWhatOthersRead(t *testing.T) {
	code, stdout, stderr := call(t, false, "protocol", "plan", study, "--start", "2026-10-24T09:00:00+02:00", "--json")
	if code != 0 {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	var told struct {
		Start, End time.Time
		Tasks      []map[string]any
		Starts     []map[string]any
	}
	if err := json.Unmarshal([]byte(stdout), &told); err != nil {
		t.Fatal(err)
	}
	if told.Start.Format(time.RFC3339) != "2026-10-24T09:00:00+02:00" || !told.End.After(told.Start) || len(told.Tasks) == 0 || len(told.Starts) != 14 {
		t.Errorf("from %s to %s, %d tasks, %d starts", told.Start, told.End, len(told.Tasks), len(told.Starts))
	}
	for _, task := range told.Tasks {
		for _, key := range []string{"stage", "step", "role", "opens", "closes"} {
			if text, ok := task[key].(string); !ok || text == "" {
				t.Errorf("task %v has no %s", task["id"], key)
			}
		}
		if _, ok := task["clash"].([]any); !ok {
			t.Errorf("task %v has no list of clashes", task["id"])
		}
	}
	for _, start := range told.Starts {
		if _, ok := start["clashes"].(float64); !ok || start["date"] == nil {
			t.Errorf("%v is no start", start)
		}
	}
}

func TestAPlanIsWrittenForOtherPrograms(t *testing.T) {
	dir := t.TempDir()
	svg, ics := filepath.Join(dir, "plan.svg"), filepath.Join(dir, "plan.ics")
	code, _, stderr := call(t, false, "protocol", "plan", study, "--start", "2026-10-05", "--svg", svg, "--ics", ics)
	if code != 0 || !strings.Contains(stderr, "wrote "+svg) {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for file, begin := range map[string]string{svg: "<svg ", ics: "BEGIN:VCALENDAR\r\n"} {
		if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), begin) {
			t.Errorf("%s begins %.40q (%v)", file, text, err)
		}
	}
	code, stdout, _ := call(t, false, "protocol", "plan", study, "--start", "2026-10-05", "--ics", "-")
	if code != 0 || !strings.HasSuffix(stdout, "END:VCALENDAR\r\n") {
		t.Errorf("exit %d, standard output ends %.40q", code, stdout[max(0, len(stdout)-40):])
	}
}

func TestAPlanIsRefusedWithOneSentence(t *testing.T) {
	dir := t.TempDir()
	calendar := filepath.Join(dir, "lab.yaml")
	if err := os.WriteFile(calendar, []byte("hours: {mondy: 08:00-16:00}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a start that the clock leaves out", []string{study, "--start", "2026-03-29 02:30"}, 2, "error: field start: there is no 2026-03-29 02:30 in Europe/Berlin: the clock is put forward then\n  write a time that there is, for instance 2026-03-29 03:30\n"},
		{"a start that comes twice", []string{study, "--start", "2026-10-25 02:30"}, 2, "write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"},
		{"a start that is none", []string{study, "--start", "soon"}, 2, `"soon" is no date`},
		{"a calendar with a mistake", []string{study, "--calendar", calendar}, 2, calendar + `:1:9: unknown key "mondy"`},
		{"a protocol that is none", []string{"plan.go"}, 2, "error: plan.go"},
		{"a file that is not there", []string{"nothing.yaml"}, 5, "there is no file nothing.yaml"},
		{"a folder that is not there", []string{study, "--svg", filepath.Join(dir, "no", "plan.svg")}, 2, "cannot be written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := call(t, false, append([]string{"protocol", "plan"}, test.args...)...)
			if code != test.code || stdout != "" || !strings.Contains(stderr, test.says) {
				t.Errorf("exit %d, want %d\nstdout %q\nstderr %q\n  want %q", code, test.code, stdout, stderr, test.says)
			}
		})
	}
}

func TestWithoutAStartItIsTheNextMonday(t *testing.T) {
	for today, want := range map[string]string{"2026-10-04": "2026-10-05", "2026-10-05": "2026-10-12", "2026-10-06": "2026-10-12", "2026-10-10": "2026-10-12"} {
		day, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextMonday(day); got != want {
			t.Errorf("behind %s comes %s, want %s", today, got, want)
		}
	}
}
