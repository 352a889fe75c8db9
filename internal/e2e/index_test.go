package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"secretome/internal/client"
	"secretome/internal/record"
	"secretome/internal/task"
)

// The index lies on a disk of its own, which is full: what people do is taken all
// the same, and the lists follow once there is space.
func TestAnIndexOnAFullDiskHoldsNobodyUp(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk does not work here: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() }) // the directory goes with the test
	data := t.TempDir()
	if err := os.Symlink(filepath.Join(disk, "index.db"), filepath.Join(data, "index.db")); err != nil {
		t.Fatal(err)
	}
	l := up(t, data)
	r := things(t, l, 1)
	consent := r.before("consent")
	manager := l.as("manager")
	r.act(manager, consent.ID, client.Act{Verb: task.Claim})
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)

	var follows bool
	requests := map[string]bool{}
	say := func(a client.Act) {
		t.Helper()
		request := client.NewRequest()
		acted, err := manager.Act(t.Context(), request, consent.ID, a)
		if err != nil {
			t.Fatalf("%s while the index's disk is full: %v", a.Verb, err)
		}
		requests[request] = true
		follows = follows || acted.Follows
	}
	for range 8 { // more than what was free in the file already
		say(client.Act{Verb: task.Comment, Reason: string(make32k())})
	}
	say(client.Act{Verb: task.Step, Step: "donor", Entries: []record.Entry{{Field: "code", Value: "D-0001"}}})
	if !follows {
		t.Error("no answer says that the list follows: the disk was not full")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lists to follow", func() bool {
		all, err := manager.Records(t.Context(), r.run, 0, record.TaskCommented, record.StepDone)
		for _, one := range all {
			delete(requests, one.Record.Request)
		}
		return err == nil && len(requests) == 0
	})
	r.act(manager, consent.ID, client.Act{Verb: task.Complete})
	r.open("/culture/")
}

// make32k is a long comment.
func make32k() []byte {
	text := make([]byte, 32<<10)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	return text
}
