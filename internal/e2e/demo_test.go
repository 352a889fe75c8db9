package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/record"
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

// played is a demo that nobody disturbed.
type played struct {
	data, bundle string
	took         time.Duration
	err          error
}

// once plays it, for all tests that want one.
var once = sync.OnceValue(func() played {
	dir := filepath.Join(filepath.Dir(binary), "undisturbed")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "demo", "--data", dir, "--json")
	cmd.Env = environment(dir)
	begun := time.Now()
	said, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, said)
	}
	return played{dir, filepath.Join(dir, "bundles", "UCM-2026-001"), time.Since(begun), err}
})

func undisturbed(t *testing.T) played {
	t.Helper()
	p := once()
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p
}

func TestTheDemoLeavesWhatAStrangerCanCheck(t *testing.T) {
	bundle := undisturbed(t).bundle
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
	sameStory(t, story(t, demo(t, t.TempDir())), story(t, undisturbed(t).bundle))
}

// TestKilledDemosGoOn kills the demo at random moments, again and again, and
// lets it end. SECRETOME_KILLS says how often in all.
func TestKilledDemosGoOn(t *testing.T) {
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("SECRETOME_KILLS")); err == nil {
		kills = n
	}
	whole := undisturbed(t)
	want := story(t, whole.bundle)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const atMost = 4 // kills of one run
	for kills > 0 {
		n := min(1+random.IntN(atMost), kills)
		w := &witness{t: t, data: t.TempDir(), heard: map[string]record.Ref{}}
		before := map[string][32]byte{}
		for range n {
			after := time.Duration(random.Int64N(int64(2 * whole.took / time.Duration(n+1))))
			if !w.kill(after) {
				break // the demo ended before
			}
			kills--
			before = kept(t, w.data, before)
			t.Logf("killed after %s with %d records", after.Round(time.Millisecond), len(before))
		}
		begun := time.Now()
		bundle := demo(t, w.data)
		if took := time.Since(begun); took > whole.took+time.Minute {
			t.Errorf("after a kill the rest took %s, an undisturbed demo %s: something waited for what was killed", took, whole.took)
		}
		kept(t, w.data, before)
		mustRun(t, "verify", bundle)
		w.judge(records(t, bundle))
		sameStory(t, story(t, bundle), want)
	}
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
