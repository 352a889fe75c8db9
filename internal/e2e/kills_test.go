package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/record"
)

// The lots that runs share, with what they hold at first.
var shared = map[string]string{"BM-1": "20 L", "FS-1": "200 mL", "CM-9000": "1 L"}

// TestKilledRunsKeepEveryBalance plays two runs at once, with three models side
// by side and lots that both draw from, and kills the server at random moments.
// SECRETOME_KILLS says how often, SECRETOME_SEED repeats the moments of an
// earlier test.
func TestKilledRunsKeepEveryBalance(t *testing.T) {
	if testing.Short() {
		t.Skip("plays five runs, half a minute each")
	}
	kills := int(setting(t, "SECRETOME_KILLS", 2))
	seed := setting(t, "SECRETOME_SEED", uint64(time.Now().UnixNano()))
	t.Logf("SECRETOME_SEED=%d", seed)
	begun := time.Now()
	want := playAndKill(t, 1, 0, rand.New(rand.NewPCG(seed, 0)))
	t.Logf("a run that nobody disturbed took %s and had the deviations\n%s", time.Since(begun).Round(time.Second), strings.Join(want, "\n"))
	if len(want) == 0 {
		t.Error("none has a deviation, one was typed")
	}
	const fewer = 5 // times as many with the default
	for i, c := range []struct {
		name  string
		kills int
		flags []string
	}{
		{"as many slots as there are", kills, nil},
		{"two slots", (kills + fewer - 1) / fewer, []string{"--slots", "2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := playAndKill(t, 2, c.kills, rand.New(rand.NewPCG(seed, uint64(i+1))), c.flags...); !slices.Equal(got, want) {
				t.Errorf("the deviations are\n%s\nand of a run that nobody disturbed\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// setting is a number that the environment may say.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// playAndKill plays some runs at once on one laboratory, and some more until it
// was killed often enough, holds what is left against what was answered, and
// returns the deviations of a run, which all runs must share.
func playAndKill(t *testing.T, atOnce, kills int, random *rand.Rand, flags ...string) (deviations []string) {
	t.Helper()
	begun := time.Now()
	m := mortals(t, flags...)
	stock(t, m)
	var runs []string
	for left := kills; left > 0 || len(runs) == 0; {
		more, survived := m.runs(random, len(runs), atOnce, left)
		left = survived
		runs = append(runs, more...)
	}
	l := m.alive()
	books := logbooks(t, l)
	m.keptPromises(books)
	m.balances(l, books)
	all := 0
	for name, records := range books {
		all += len(records)
		nothingTwice(t, name, records)
	}
	for i, run := range runs {
		found := departures(books["run/"+run])
		if i == 0 {
			deviations = found
		}
		if !slices.Equal(found, deviations) {
			t.Errorf("run %s has the deviations\n%s\nrun %s\n%s", run, strings.Join(found, "\n"), runs[0], strings.Join(deviations, "\n"))
		}
		bundle := path.Join(t.TempDir(), run)
		mustRun(t, "run", "export", run, "--data", m.data, "--out", bundle)
		mustRun(t, "verify", bundle)
	}
	t.Logf("%d kills, %d runs, %d logbooks, %d records, %d answers, %d requests sent again, %s", kills, len(runs), len(books), all, len(m.heard), m.resends, time.Since(begun).Round(time.Second))
	return deviations
}

// stock registers and releases what the runs share.
func stock(t *testing.T, m *mortal) {
	t.Helper()
	kinds := map[string]string{"BM-1": "reagent", "FS-1": "reagent", "CM-9000": "lot", "UCM-9000": "unconditioned"}
	for _, barcode := range slices.Backward(slices.Sorted(maps.Keys(kinds))) { // the unconditioned medium before its lot
		body := record.LotAct{Kind: kinds[barcode], Title: barcode, Amount: shared[barcode]}
		if barcode == "CM-9000" {
			body.Matched = "UCM-9000"
		}
		err := m.onLot(t.Context(), "technician", barcode, client.LotAct{Verb: "add", Body: body})
		err = errors.Join(err, m.onLot(t.Context(), "quality", barcode, client.LotAct{Verb: "release"}))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// runs plays some runs to their ends, with somebody who draws from the same lots
// without a run, and kills the server at random moments meanwhile. It returns the
// runs, and how many kills are left.
func (m *mortal) runs(random *rand.Rand, before, atOnce, kills int) (names []string, left int) {
	m.t.Helper()
	document, err := os.ReadFile("testdata/kills.yaml")
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(m.t.Context(), 3*time.Minute+time.Duration(kills)*20*time.Second)
	defer cancel()
	ended := make(chan struct{})
	errs, names := make([]error, atOnce+1), make([]string, atOnce)
	var players sync.WaitGroup
	for i := range names {
		players.Go(func() { names[i], errs[i] = m.one(ctx, string(document), before+i+1) })
	}
	var keeper sync.WaitGroup
	keeper.Go(func() { errs[atOnce] = m.draw(ctx, ended) })
	go func() {
		players.Wait()
		close(ended)
	}()
	left = m.harass(random, kills, ended)
	<-ended
	keeper.Wait()
	if err := errors.Join(errs...); err != nil {
		m.kill()
		m.t.Fatalf("%v\nthe server said\n%s", err, m.said.String())
	}
	return names, left
}

// harass kills the server until a channel closes or it was killed often enough,
// and leaves it running.
func (m *mortal) harass(random *rand.Rand, kills int, until <-chan struct{}) (left int) {
	m.t.Helper()
	const longest = 6 * time.Second // of a life, once it has begun: a task takes one or two
	for left = kills; left > 0; left-- {
		life := time.Duration(random.Int64N(int64(m.birth + longest)))
		select {
		case <-until:
			return left
		case <-m.ended:
			m.t.Errorf("the server ended by itself: %s", m.said.String())
		case <-time.After(life):
			m.kill()
			m.mutex.Lock()
			m.t.Logf("kill %d after %s, %d answers", left, life.Round(time.Millisecond), len(m.heard))
			m.mutex.Unlock()
		}
		m.start()
	}
	return left
}

// draw takes a little of what is shared, again and again, until a channel closes.
func (m *mortal) draw(ctx context.Context, until <-chan struct{}) error {
	amounts := []string{"10 uL", "0.02 mL", "125 nL"}
	for i := 0; ; i++ {
		for _, barcode := range slices.Sorted(maps.Keys(shared)) {
			err := m.onLot(ctx, "technician", barcode, client.LotAct{Verb: "draw", Body: record.LotAct{Amount: amounts[i%len(amounts)], Why: "for a partner"}})
			if err != nil {
				return err
			}
		}
		select {
		case <-until:
			return nil
		case <-time.After(time.Second):
		}
	}
}

// one launches the number-th run and plays it to its end.
func (m *mortal) one(ctx context.Context, document string, number int) (string, error) {
	request := client.NewRequest()
	launched, err := insist(ctx, m, "manager", func(ctx context.Context, c *client.Client) (client.Launched, error) {
		return c.Launch(ctx, request, client.Launch{Document: document})
	})
	if err != nil {
		return "", fmt.Errorf("launch run %d: %w", number, err)
	}
	m.promised(request, launched.Record, nil)
	own := map[string]string{
		"consent/donor.code": fmt.Sprintf("D-%04d", number), "culture/seed.vessel": fmt.Sprintf("CV-%d", number), "culture/seed.medium": "BM-1",
		"fill/fill.lot": fmt.Sprintf("CM-%d", number), "fill/fill.blank": fmt.Sprintf("UCM-%d", number), "fill/fill.volume": "2 mL", "fill/fill.number": "20 1",
		"release/release.lot": fmt.Sprintf("CM-%d", number), "take-from-stock/lots.lot_1": fmt.Sprintf("CM-%d", number), "take-from-stock/lots.lot_2": "CM-9000",
		"prepare/seed.medium": "BM-1", "prepare/seed.serum": "FS-1", "decide-deviation/decide.choice": "continue",
	}
	s := &steady{mortal: m, run: launched.Run, typed: func(v client.TaskView) map[string]string { return inBlock(own, v, number) }, reason: outOfRange}
	view, err := s.play(ctx)
	if err == nil && view.State != "done" {
		err = fmt.Errorf("run %s is %s: %s", view.ID, view.State, view.Why)
	}
	return launched.Run, err
}

// amounts are what a block's tasks take, in several units, so that a balance is
// right only where it is exact. One of them is out of range.
var amounts = map[string]struct{ medium, serum, lot string }{
	"cells 1": {"0.1 mL", "1 uL", "250 uL"}, "skin 1": {"1.25 mL", "33.3 uL", "6 mL"}, "spheroid 1": {"333 uL", "0.7 mL", "0.375 mL"},
	"cells 2": {"5 mL", "900 uL", "1500 uL"}, "skin 2": {"777.7 uL", "0.0125 mL", "2.5 mL"}, "spheroid 2": {"0.001 L", "4 uL", "733 uL"},
}

// inBlock is what is typed in a task of a block.
func inBlock(own map[string]string, v client.TaskView, number int) map[string]string {
	typed := maps.Clone(own)
	about := v.Spec.Subject
	block := amounts[about.Model+" "+about.Block]
	plate := fmt.Sprintf("PL-%d%d%s", number, 1+slices.Index([]string{"cells", "skin", "spheroid"}, about.Model), about.Block)
	typed["prepare/seed.plate"], typed["treat/apply.plate"], typed["take-samples/a.plate"] = plate, plate, plate
	typed["prepare/seed.volume"], typed["prepare/seed.drops"], typed["thaw-aliquot/scan.volume"] = block.medium, block.serum, block.lot
	return typed
}

func outOfRange(v client.TaskView) string {
	if v.Spec.Task.ID == "thaw-aliquot" && v.Spec.Subject.Model == "skin" && v.Spec.Subject.Block == "1" {
		return "the skin is larger"
	}
	return ""
}

// logbooks reads all of them from S3.
func logbooks(t *testing.T, l *laboratory) map[string][]record.Record {
	t.Helper()
	access, secret := l.keys()
	bucket, err := artifact.Open(t.Context(), artifact.Config{URL: l.server.S3, Bucket: l.server.Bucket, AccessKey: access, SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	keys, err := bucket.List(t.Context(), "logbook/", "")
	if err != nil {
		t.Fatal(err)
	}
	books := map[string][]record.Record{}
	for _, key := range keys {
		name := strings.TrimPrefix(path.Dir(key), "logbook/")
		if _, read := books[name]; !read {
			books[name] = l.logbook(name)
		}
	}
	return books
}

// keptPromises holds what was answered against what stands.
func (m *mortal) keptPromises(books map[string][]record.Record) {
	m.t.Helper()
	for request, ref := range m.heard {
		book := books[ref.Logbook]
		if ref.Number < 1 || int(ref.Number) > len(book) {
			m.t.Errorf("request %s was answered with %+v, %s has %d records", request, ref, ref.Logbook, len(book))
			continue
		}
		stands := book[ref.Number-1]
		if found, err := stands.Ref(); err != nil || found != ref || stands.Request != request {
			m.t.Errorf("request %s was answered with %+v, there stands %+v of request %s (%v)", request, ref, found, stands.Request, err)
		}
	}
}

// nothingTwice fails where a request stands twice in a logbook, or a step of a
// task was done twice.
func nothingTwice(t *testing.T, name string, records []record.Record) {
	t.Helper()
	requests, steps := map[string]int64{}, map[string]int64{}
	for _, r := range records {
		if first := requests[r.Request]; first != 0 {
			t.Errorf("%s: request %s stands in records %d and %d", name, r.Request, first, r.Number)
		}
		requests[r.Request] = r.Number
		if r.Kind != record.StepDone && r.Kind != record.TaskCompleted && r.Kind != record.TaskAsked {
			continue
		}
		step := string(r.Kind) + " " + r.Subject.Task + " " + r.Subject.Step
		if first := steps[step]; first != 0 {
			t.Errorf("%s: %s stands in records %d and %d", name, step, first, r.Number)
		}
		steps[step] = r.Number
	}
}

// balances holds what every lot has left against what it had, and what was taken
// from it as it was answered.
func (m *mortal) balances(l *laboratory, books map[string][]record.Record) {
	m.t.Helper()
	for name, records := range books {
		barcode, isLot := strings.CutPrefix(name, "lot/")
		if !isLot {
			continue
		}
		first, err := record.Read[record.LotAct](records[0])
		if err != nil || records[0].Kind != record.LotRegistered {
			m.t.Errorf("%s begins with %s, %v", name, records[0].Kind, err)
			continue
		}
		taken := m.drawn[barcode]
		stand := slices.DeleteFunc(slices.Clone(records), func(r record.Record) bool { return r.Kind != record.LotDrawn })
		if len(stand) != len(taken) {
			m.t.Errorf("%s was drawn from %d times, %d draws were answered", barcode, len(stand), len(taken))
		}
		view, err := l.as("manager").Lot(m.t.Context(), barcode)
		if err != nil {
			m.t.Error(err)
			continue
		}
		if first.Amount == "" {
			continue
		}
		left := nanolitres(m.t, first.Amount)
		for _, amount := range taken {
			left.Sub(left, nanolitres(m.t, amount))
		}
		if got := nanolitres(m.t, view.Left.String()); got.Cmp(left) != 0 {
			m.t.Errorf("%s has %s left: of %s were taken %v, which leaves %s nL", barcode, view.Left, first.Amount, taken, left.FloatString(3))
		}
	}
	for barcode := range m.drawn {
		if books["lot/"+barcode] == nil {
			m.t.Errorf("%s was drawn from and has no logbook", barcode)
		}
	}
}

// nanolitres reads an amount without the program's own arithmetic.
func nanolitres(t *testing.T, amount string) *big.Rat {
	t.Helper()
	number, unit, _ := strings.Cut(amount, " ")
	factor, known := map[string]int64{"L": 1e9, "mL": 1e6, "uL": 1e3, "nL": 1}[unit]
	n, ok := new(big.Rat).SetString(number)
	if !ok || !known {
		t.Fatalf("%q is no volume", amount)
	}
	return n.Mul(n, new(big.Rat).SetInt64(factor))
}

// departures are the deviations of a run, in the order of their words: what runs
// side by side is recorded in any order.
func departures(records []record.Record) []string {
	var all []string
	for _, r := range records {
		if r.Kind == record.DeviationOpened || r.Kind == record.DeviationDecided {
			all = append(all, fmt.Sprintf("%s %s %s %s %s %s", r.Kind, r.Subject.Stage, r.Subject.Model, r.Subject.Block, r.Subject.Step, r.Body))
		}
	}
	slices.Sort(all)
	return all
}
