package e2e

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// demo plays the demo to its end and returns its bundle.
func demo(t *testing.T, data string) string {
	t.Helper()
	var left struct{ Run, Bundle, Report string }
	if err := json.Unmarshal([]byte(mustRun(t, "demo", "--data", data, "--json")), &left); err != nil {
		t.Fatal(err)
	}
	if left.Run != "UCM-2026-001" || filepath.Dir(left.Report) != left.Bundle {
		t.Fatalf("the demo left %+v", left)
	}
	return left.Bundle
}

// undisturbed is the bundle of a demo that nobody disturbed, played once.
var undisturbed = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(filepath.Dir(binary), "undisturbed")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "demo", "--data", dir, "--json")
	cmd.Stderr = os.Stderr
	return filepath.Join(dir, "bundles", "UCM-2026-001"), cmd.Run()
})

func undisturbedBundle(t *testing.T) string {
	t.Helper()
	bundle, err := undisturbed()
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

func TestTheDemoLeavesWhatAStrangerCanCheck(t *testing.T) {
	bundle := undisturbedBundle(t)
	if out := mustRun(t, "verify", bundle, "--json"); !strings.Contains(out, `"ok":true`) && !strings.Contains(out, `"ok": true`) {
		t.Errorf("verify says %s", out)
	}
	mustRun(t, "replay", bundle)
	begun := time.Now()
	again := demo(t, filepath.Dir(filepath.Dir(bundle)))
	if again != bundle {
		t.Errorf("the second demo left %s, the first %s", again, bundle)
	}
	t.Logf("a finished demo ends after %s", time.Since(begun).Round(time.Millisecond))
	deviations, repeats := 0, 0
	for key := range story(t, bundle) {
		if strings.HasPrefix(key, "deviation-opened") {
			deviations++
		}
		if strings.Contains(key, "add-cck8/2 ") && strings.HasPrefix(key, "task-completed") {
			repeats++
		}
	}
	if deviations != 2 || repeats != 1 {
		t.Errorf("the story has %d deviations and %d repeats, the script has 2 and 1", deviations, repeats)
	}
}

func TestTwoDemosTellTheSameStory(t *testing.T) {
	sameStory(t, story(t, demo(t, t.TempDir())), story(t, undisturbedBundle(t)))
}

// TestKilledDemosGoOn kills the demo at random moments, again and again, and
// lets it end. SECRETOME_KILLS says how often in all.
func TestKilledDemosGoOn(t *testing.T) {
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("SECRETOME_KILLS")); err == nil {
		kills = n
	}
	want := story(t, undisturbedBundle(t))
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const atMost = 4 // kills of one run
	for kills > 0 {
		n := min(1+random.IntN(atMost), kills)
		kills -= n
		data := t.TempDir()
		before := map[string][32]byte{}
		for range n {
			kill(t, data, 200*time.Millisecond+time.Duration(random.Int64N(int64(9*time.Second))))
			before = kept(t, data, before)
		}
		bundle := demo(t, data)
		kept(t, data, before)
		mustRun(t, "verify", bundle)
		requests := map[string]bool{}
		for _, r := range records(t, bundle) {
			if requests[r.Request] {
				t.Errorf("request %s stands twice", r.Request)
			}
			requests[r.Request] = true
		}
		sameStory(t, story(t, bundle), want)
	}
}

// kill starts the demo and kills it after a while, unless it ended before.
func kill(t *testing.T, data string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(binary, "demo", "--data", data, "--json")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) }) // it may have ended
	defer timer.Stop()
	_ = cmd.Wait() // killed on purpose
}

// kept fails if anything that stood in a logbook is gone or has changed.
func kept(t *testing.T, data string, before map[string][32]byte) map[string][32]byte {
	t.Helper()
	now := objects(t, data)
	for path, hash := range before {
		if now[path] != hash {
			t.Errorf("%s stood there before the kill and is not the same", path)
		}
	}
	return now
}
