package forecast

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// line is what is the same in several blocks at the same time.
type line struct {
	Task           // the first of them
	models, blocks []string
}

// fold joins the tasks that differ in their model and block only, in the order
// of the first of each.
func fold(tasks []Task) []line {
	type same struct {
		stage, step, title, role, hint string
		n                              int
		begins, ends, opens, closes    int64
		clashes                        string
	}
	at := map[same]int{}
	var all []line
	for _, t := range tasks {
		key := same{
			t.Stage, t.Step, t.Title, t.Role, t.Hint, t.N, t.Begins.Unix(), t.Ends.Unix(), t.Opens.Unix(), t.Closes.Unix(), sentences(t.Clash),
		}
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key], all = i, append(all, line{Task: t})
		}
		if l := &all[i]; t.Model != "" {
			l.blocks = append(l.blocks, t.Block)
			if !slices.Contains(l.models, t.Model) {
				l.models = append(l.models, t.Model)
			}
		}
	}
	return all
}

// where names the models and blocks of a line, or its stage.
func (l line) where() string {
	const few = 3
	switch {
	case len(l.models) == 0:
		return l.Stage
	case len(l.blocks) == 1:
		return l.models[0] + ", block " + l.blocks[0]
	case len(l.models) <= few:
		return strings.Join(l.models, ", ") + ", " + strconv.Itoa(len(l.blocks)) + " blocks"
	}
	return fmt.Sprintf("%d models, %d blocks", len(l.models), len(l.blocks))
}

// name is the title, with a number where the task is asked more than once.
func (l line) name() string {
	if l.N > 1 {
		return l.Title + " (" + strconv.Itoa(l.N) + ")"
	}
	return l.Title
}

// window is the window of a line in words; empty where there is none.
func (l line) window() string {
	if !l.Windowed {
		return ""
	}
	opens, closes := "Mon 15:04", "Mon 15:04"
	if l.Opens.Format(day) == l.Begins.Format(day) {
		opens = "15:04"
	}
	if l.Closes.Format(day) == l.Begins.Format(day) {
		closes = "15:04"
	}
	if l.Closes.Sub(l.Opens) > 6*24*time.Hour {
		opens, closes = "2 Jan 15:04", "2 Jan 15:04"
	}
	return l.Opens.Format(opens) + " to " + l.Closes.Format(closes)
}

func sentences(all []Clash) string {
	var texts []string
	for _, c := range all {
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, "; ")
}
