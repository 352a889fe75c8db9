package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"secretome/internal/client"
	"secretome/internal/record"
)

func (r result) expect(t *testing.T, what string, code int, says string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.errors, says) || strings.Contains(r.errors, "goroutine ") {
		t.Errorf("%s: exit %d, want %d with %q\n%s", what, r.code, code, says, r.errors)
	}
}

// TestBadInputAtTheBench types what people type wrong; each is refused with one
// sentence, and only what is right is recorded.
func TestBadInputAtTheBench(t *testing.T) {
	data := t.TempDir()
	l := up(t, data)
	runID, id := launched(t, l)
	manager := func(args ...string) result {
		return run(t, append(args, "--data", data, "--as", "manager")...)
	}
	run(t, "task", "claim", id, "--data", data, "--as", "technician").expect(t, "another role", 4, "is for the role manager")
	manager("task", "claim", id).expect(t, "claim", 0, "")
	for _, test := range []struct {
		what string
		args []string
		code int
		says string
	}{
		{"an unknown unit", []string{"code=D-0031", "age=31 furlong", "gestation=39 wk"}, 2, `age: unknown unit "furlong"`},
		{"no unit", []string{"code=D-0031", "age=31", "gestation=39 wk"}, 2, `"31" has no unit`},
		{"a thousands mark", []string{"code=D-0031", "age=1,031 a", "gestation=39 wk"}, 2, "thousands mark"},
		{"another dimension", []string{"code=D-0031", "age=31 mL", "gestation=39 wk"}, 2, "is a volume, not a time"},
		{"out of range", []string{"code=D-0031", "age=61 a", "gestation=39 wk"}, 7, "61 a is outside 18 a to 45 a"},
		{"a missing field", []string{"code=D-0031", "age=31 a"}, 2, "gestation is missing"},
		{"another pattern", []string{"code=D-31", "age=31 a", "gestation=39 wk"}, 2, `"D-31" does not look like donor code`},
	} {
		manager(append([]string{"task", "enter", id, "donor"}, test.args...)...).expect(t, test.what, test.code, test.says)
	}
	manager("task", "enter", id, "form", "covers=yes").expect(t, "a step too early", 6, `step "donor" comes before "form"`)
	manager("task", "complete", id).expect(t, "complete too early", 6, `step "donor" is not done`)
	technician := func(args ...string) result {
		return run(t, append(args, "--data", data, "--as", "technician")...)
	}
	technician("task", "claim", id).expect(t, "a task that somebody holds", 6, "manager holds the task")
	technician("task", "enter", id, "donor", "code=D-0031").expect(t, "a step of somebody else's task", 6, "ask manager to release it or hand it over")
	if steps, err := l.as("manager").Records(t.Context(), runID, 0, record.StepDone); err != nil || len(steps) != 0 {
		t.Errorf("%d steps are recorded (%v), all were refused", len(steps), err)
	}
	old := []string{"task", "enter", id, "donor", "code=D-0031", "age=61 a", "gestation=39 wk"}
	manager(append(old, "--deviation", "asked the committee")...).expect(t, "out of range with a reason", 0, "")
	opened, err := l.as("manager").Records(t.Context(), runID, 0, record.DeviationOpened)
	if err != nil || len(opened) != 1 || !strings.Contains(string(opened[0].Record.Body), "asked the committee") {
		t.Errorf("the deviations are %v (%v), one was entered with its reason", opened, err)
	}
	request := client.NewRequest()
	manager("task", "enter", id, "form", "signed_at=2026-02-20 14:30", "version=C-4", "covers=yes").expect(t, "the second step", 0, "")
	first := manager("task", "complete", id, "--request", request)
	again := manager("task", "complete", id, "--request", request)
	if first.code != 0 || again.code != 0 || first.out != again.out {
		t.Errorf("the same completion twice: %+v, then %+v", first, again)
	}
	manager("task", "complete", id).expect(t, "another completion", 6, "is completed already, by manager")
	steps, err := l.as("manager").Records(t.Context(), runID, 0, record.StepDone)
	if err != nil || len(steps) != 2 {
		t.Errorf("%d steps are recorded (%v), two were done", len(steps), err)
	}
}

func TestWhatIsNotThereIsSaid(t *testing.T) {
	empty := t.TempDir()
	run(t, "run", "list", "--data", empty).expect(t, "no server", 8, "secretome up")
	run(t, "verify", empty).expect(t, "no bundle", 2, "")
	run(t, "parse", "../../go.mod").expect(t, "no plate file", 2, "formats are: Agilent")
	run(t, "parse", "nothing.txt").expect(t, "no file", 5, "nothing.txt")
	run(t, "tusk").expect(t, "an unknown noun", 2, "tusk")
}

func TestADirectoryIsNotSharedOrDamaged(t *testing.T) {
	data := t.TempDir()
	l := up(t, data)
	run(t, "demo", "--data", data).expect(t, "a second process", 6, "is in use by process "+strconv.Itoa(l.cmd.Process.Pid))
	l.stop(syscall.SIGTERM)
	path := filepath.Join(data, "version.json")
	newer := []byte(`{"format":99,"program":"9.0.0","temporal_server":"9.9.9"}`)
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "up", "--data", data).expect(t, "a newer directory", 7, "this version knows formats up to 1")
	if now, err := os.ReadFile(path); err != nil || string(now) != string(newer) {
		t.Errorf("the newer directory was touched: %s, %v", now, err)
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	for _, flag := range []string{"--temporal-port", "--s3-port", "--ui-port"} {
		run(t, "up", "--data", t.TempDir(), flag, port).expect(t, flag, 8, flag)
	}
	run(t, "up", "--data", t.TempDir(), "--listen", "127.0.0.1:"+port).expect(t, "--listen", 8, "is in use")
}

// TestAFullDiskRefusesAndRecovers fills a small disk: an entry is refused with
// a sentence, nothing that was acknowledged is lost, and it goes on when there
// is space again.
func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk does not work here: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() }) // the directory goes with the test
	data := filepath.Join(disk, "data")
	l := up(t, data)
	_, id := launched(t, l)
	c := l.as("manager")
	if _, err := c.Act(t.Context(), client.NewRequest(), id, client.Act{Verb: "claim"}); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	upload := run(t, "artifact", "put", "../../examples/compact.yaml", "--data", data, "--as", "technician")
	upload.expect(t, "an upload to a full disk", 8, "no space left; nothing was recorded")
	request := client.NewRequest()
	entry := []string{"task", "enter", id, "donor", "code=D-0031", "age=31 a", "gestation=39 wk", "--data", data, "--as", "manager", "--request", request}
	run(t, entry...).expect(t, "an entry on a full disk", 8, "send the same command again with --request "+request)
	run(t, "run", "list", "--data", data).expect(t, "reading on a full disk", 0, "")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	run(t, "artifact", "put", "../../examples/compact.yaml", "--data", data, "--as", "technician").expect(t, "once there is space", 0, "")
	run(t, entry...).expect(t, "the same entry once there is space", 0, "")
}

func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2] // the last bytes too
		}
	}
}
