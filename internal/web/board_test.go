package web

import (
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/record"
)

// manyRuns writes runs with ten open tasks each.
func manyRuns(t *testing.T, runs int) written {
	t.Helper()
	w := writeRun(t)
	launched := record.Launch{Title: "Study", Protocol: record.Artifact{SHA256: strings.Repeat("0", 64)}, Name: "P 1", Zone: "UTC", Plan: []string{"culture", "review"}}
	now := time.Now()
	for i := range runs {
		id := fmt.Sprintf("UCM-2026-%04d", i+1)
		launched.Run, launched.Title = id, fmt.Sprintf("Study %04d", i+1)
		w.into(t, id, record.RunLaunched, record.Subject{}, launched)
		w.into(t, id, record.StageStarted, record.Subject{Stage: "culture"}, record.Start{Title: "Culture", Tasks: 12})
		for n := range 10 {
			opens := now.Add(time.Duration(n-2) * time.Hour)
			about := record.Subject{Stage: "culture", Task: fmt.Sprintf("task/%s/culture/feed/%d", id, n+1)}
			w.into(t, id, record.TaskAsked, about, record.Asked{Title: "Feed", Role: account.Technician, Attempt: 1, Window: record.Window{Opens: opens, Closes: opens.Add(90 * time.Minute)}})
		}
	}
	return w
}

func (w written) into(t *testing.T, run string, kind record.Kind, about record.Subject, body any) {
	t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.books.Append(t.Context(), record.Draft{
		Logbook: "run/" + run, Request: string(kind) + about.Task, Kind: kind, Received: time.Now(), Happened: time.Now(),
		By: record.Actor{Kind: record.Person, Name: "Mara", Role: account.Manager}, Subject: about, Program: "test", Body: encoded,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The board of many runs is pages of fifty. With SECRETOME_RUNS=1000 it is that of
// a thousand runs and ten thousand open tasks, and how long it takes is told.
func TestTheBoardIsCutIntoPages(t *testing.T) {
	runs, err := strconv.Atoi(os.Getenv("SECRETOME_RUNS"))
	large := err == nil
	if !large {
		runs = 60
	}
	w := manyRuns(t, runs)
	row := regexp.MustCompile(`class="title"><a href="/runs/([^"]+)"`)
	more := regexp.MustCompile(`href="(/runs\?[^"]*)" rel="next"`)
	seen, path := map[string]bool{}, "/runs"
	for range 2 {
		body := w.get(account.Manager, path).Body.String()
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			if seen[m[1]] {
				t.Errorf("%s stands on two pages", m[1])
			}
			seen[m[1]] = true
		}
		if next := more.FindStringSubmatch(body); next != nil {
			path = html.UnescapeString(next[1])
		}
	}
	if want := min(runs+1, 100); len(seen) != want {
		t.Errorf("two pages have %d runs, want %d", len(seen), want)
	}
	if body := w.get(account.Manager, "/runs?state=all&q=0042").Body.String(); len(row.FindAllString(body, -1)) != 1 {
		t.Error("a search for one run does not find it alone")
	}
	if !large {
		return
	}
	for _, path := range []string{"/runs", "/runs?state=all&page=12", "/runs?q=Study", "/runs/UCM-2026-0500", "/runs/UCM-2026-0500/stages/culture", "/decisions", "/people/workload"} {
		var took []time.Duration
		for range 40 {
			began := time.Now()
			if answer := w.get(account.Manager, path); answer.Code != 200 {
				t.Errorf("%s: %d", path, answer.Code)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%-36s p50 %s p99 %s", path, took[20].Round(time.Millisecond), took[39].Round(time.Millisecond))
	}
}
