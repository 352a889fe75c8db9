package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// loggerFile writes what a logger at -80 °C wrote: every ten minutes from a time
// on, without the readings numbered lost.
func loggerFile(t *testing.T, from time.Time, readings int, lost ...int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("Serial;4711\nDate/Time;Temp (°C)\n")
	for i := range readings {
		value := fmt.Sprintf("-80,%d", i%10)
		for _, n := range lost {
			if n == i {
				value = "OVRFLW"
			}
		}
		fmt.Fprintf(&b, "%s;%s\n", from.UTC().Add(time.Duration(i)*10*time.Minute).Format("2006-01-02 15:04:05"), value)
	}
	path := filepath.Join(t.TempDir(), "logger.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheCustodyOfALotIsOnOnePage(t *testing.T) {
	l := up(t, t.TempDir())
	medium(t, l, "1 L")
	r := things(t, l, 1)
	secondPerson(r)
	r.before("thaw-aliquot") // the lot is released

	begin := time.Now().Add(-6 * time.Hour).Truncate(time.Minute)
	did := func(minutes int, who, verb string, body record.LotAct) {
		t.Helper()
		toLot(t, l, who, "CM-0001", client.LotAct{Verb: verb, Happened: begin.Add(time.Duration(minutes) * time.Minute), Body: body})
	}
	did(0, "technician", "freeze", record.LotAct{Place: "F-80-2, rack B"})
	did(60, "technician", "hand-over", record.LotAct{To: "quality"})
	did(120, "quality", "move", record.LotAct{Place: "F-80-3"})
	did(180, "quality", "hand-over", record.LotAct{To: "reviewer"})
	did(200, "quality", "thaw", record.LotAct{})
	did(210, "quality", "thaw", record.LotAct{Aliquot: "CM-0001-02"})

	file := loggerFile(t, begin, 13, 5) // two hours; one reading failed
	out := mustRun(t, "place", "log", "F-80-2", file, "--zone", "UTC", "--as", "technician", "--data", l.data)
	if !strings.HasPrefix(out, "F-80-2\t"+begin.UTC().Format(time.RFC3339)) || !strings.Contains(out, "\t12\t1\t") {
		t.Errorf("place log prints %q", out)
	}
	if again := run(t, "place", "log", "f-80-2", file, "--zone", "UTC", "--as", "quality", "--data", l.data); again.code != fault.Conflict.Meaning().Exit || !strings.Contains(again.errors, "by technician") {
		t.Errorf("the same file again: exit %d, %s", again.code, again.errors)
	}
	if other := run(t, "place", "log", "F-80-2", file, "--as", "auditor", "--data", l.data); other.code != fault.Forbidden.Meaning().Exit {
		t.Errorf("an auditor keeps a log: exit %d, %s", other.code, other.errors)
	}

	var c sample.Custody
	if err := json.Unmarshal([]byte(mustRun(t, "lot", "custody", "CM-0001", "--json", "--as", "auditor", "--data", l.data)), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Origins) != 3 || c.Origins[0].Run != r.run || c.Origins[0].By == "" {
		t.Errorf("origins are %+v", c.Origins)
	}
	if len(c.Stays) != 2 || c.Stays[0].Low.String() != "-80.9 Cel" || c.Stays[0].Readings != 12 || len(c.Stays[0].Gaps) != 1 || c.Stays[0].Gaps[0].To.Sub(c.Stays[0].Gaps[0].From) != 20*time.Minute {
		t.Errorf("stays are %+v", c.Stays)
	}
	page := mustRun(t, "lot", "custody", "CM-0001", "--as", "auditor", "--data", l.data)
	for _, words := range []string{
		"in the hands of reviewer", "CV-0001", "D-0001", "frozen, in F-80-2, rack B", "handed over to quality", "moved to F-80-3", "thawed CM-0001-02",
		"-80.9 °C to -80 °C, logged 83.3 % of the time", "(20 min)", "no temperature is logged",
		"handed over to reviewer, of whom nothing", "nobody said where it lay", "records 3, 4, 5, 6, 7, 8 tell of it before it was registered", "nobody said that it had been frozen",
	} {
		if !strings.Contains(strings.Join(strings.Fields(page), " "), words) {
			t.Errorf("the page does not say %q:\n%s", words, page)
		}
	}
	for line := range strings.Lines(page) {
		if n := len([]rune(line)) - 1; n > 100 { // characters: what fits on paper
			t.Errorf("a line has %d characters: %s", n, line)
		}
	}
	if vessel := mustRun(t, "lot", "custody", "CV-0001", "--as", "auditor", "--data", l.data); !strings.Contains(vessel, "made from it: lot CM-0001") || !strings.Contains(vessel, "nobody said where") {
		t.Errorf("a vessel's page:\n%s", vessel)
	}
	if donor := mustRun(t, "lot", "custody", "D-0001", "--as", "auditor", "--data", l.data); !strings.Contains(donor, "donor") || strings.Contains(donor, "lay") {
		t.Errorf("a donor's page:\n%s", donor)
	}
	if view := mustRun(t, "place", "view", "F-80-2", "--data", l.data, "--as", "auditor"); strings.Count(view, "logged ") != 3 || strings.Count(view, "  gap ") != 1 {
		t.Errorf("the place's page:\n%s", view)
	}
	if missing := run(t, "lot", "custody", "CM-0999", "--data", l.data, "--as", "auditor"); missing.code != fault.NotFound.Meaning().Exit {
		t.Errorf("of nothing: exit %d, %s", missing.code, missing.errors)
	}
}
