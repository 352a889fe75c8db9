package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/lab"
)

// strip is how far a run is, in a line: a column a stage, a lane a model.
type strip struct {
	Width, Height int
	Cells         []stripCell
	Name          string // all of it in a sentence
}

type stripCell struct {
	X, Y, Width, Height int
	State               string
	Done                int // width of what is done, where it is in progress
	Pattern             string
}

// widths are those of the columns, as long as the stages usually take.
var widths = map[string]int{"cord-harvest": 20, "culture": 44, "collection": 26, "treatment": 38, "assay": 34, "analysis": 28, "review": 18}

// newStrip draws the map of a run. Lanes are the models of the widest column.
func newStrip(columns []lab.MapColumn) strip {
	const high, gap, usual = 25, 3, 26
	s := strip{Height: high}
	var lanes []string
	columns = slices.Clone(columns)
	for i, c := range columns {
		if len(c.Parts) > mostLanes {
			columns[i] = folded(c)
		} else if len(c.Parts) > len(lanes) && c.ByModel {
			lanes = modelsOf(c)
		}
	}
	var words []string
	for _, c := range columns {
		w, known := widths[c.Stage]
		if !known {
			w = usual
		}
		if len(columns) > mostWide {
			w = narrow
		}
		s.column(c, lanes, w)
		s.Width += w + gap
		words = append(words, columnWords(c))
	}
	s.Width = max(s.Width-gap, 1)
	s.Name = strings.Join(words, "; ")
	return s
}

// What a strip has at most before it is drawn narrower, or in one lane.
const (
	mostWide, narrow = 9, 14
	mostLanes        = 6
)

// folded is a column of many models as one part: in the state that needs somebody
// most.
func folded(c lab.MapColumn) lab.MapColumn {
	counts := map[string]int{}
	for _, p := range c.Parts {
		counts[p.State]++
	}
	all := lab.MapPart{Stage: c.Stage, Title: sentence(c.Stage) + " of " + count(len(c.Parts), "model", "models"), State: lab.PartDone}
	var words []string
	for _, state := range partOrder() {
		n := counts[state]
		if n == 0 {
			continue
		}
		if len(words) == 0 {
			all.State = state
		}
		words = append(words, strconv.Itoa(n)+" "+partWords[state])
	}
	if all.State == lab.PartPlanned && counts[lab.PartPlanned] < len(c.Parts) {
		all.State, all.Share = lab.PartActive, 100*(len(c.Parts)-counts[lab.PartPlanned])/len(c.Parts)
	}
	all.Name = strings.Join(words, ", ")
	c.Parts = []lab.MapPart{all}
	return c
}

// partOrder lists the states, what needs somebody first.
func partOrder() []string {
	return []string{lab.PartBlocked, lab.PartMissed, lab.PartDue, lab.PartReview, lab.PartActive, lab.PartWaiting, lab.PartPlanned, lab.PartStopped, lab.PartDone, lab.PartSigned}
}

func modelsOf(c lab.MapColumn) []string {
	var all []string
	for _, p := range c.Parts {
		all = append(all, p.Model)
	}
	return all
}

func (s *strip) column(c lab.MapColumn, lanes []string, width int) {
	const between = 2
	for _, p := range c.Parts {
		cell := stripCell{X: s.Width, Width: width, Height: s.Height, State: p.State, Pattern: patterns[p.State], Done: width * p.Share / 100}
		for i, m := range lanes {
			if n := len(lanes); c.ByModel && m == p.Model {
				cell.Y, cell.Height = i*(s.Height+between)/n, (s.Height+between)/n-between
			}
		}
		s.Cells = append(s.Cells, cell)
	}
}

// patterns are the grounds of states that must differ in grey too.
var patterns = map[string]string{
	lab.PartWaiting: "strip-waits", lab.PartBlocked: "strip-stops", lab.PartStopped: "strip-stops", lab.PartMissed: "strip-stops",
}

// partWords are the states in words.
var partWords = map[string]string{
	lab.PartPlanned: "not started", lab.PartActive: "in progress", lab.PartWaiting: "waiting", lab.PartDue: "window open", lab.PartMissed: "window closed",
	lab.PartBlocked: "blocked", lab.PartDone: "done", lab.PartReview: "in review", lab.PartSigned: "signed", lab.PartStopped: "stopped",
}

// partSigns are the signs of the states.
var partSigns = map[string]string{
	lab.PartPlanned: "planned", lab.PartActive: "active", lab.PartWaiting: "waiting", lab.PartDue: "due", lab.PartMissed: "stopped",
	lab.PartBlocked: "blocked", lab.PartDone: "done", lab.PartReview: "review", lab.PartSigned: "signed", lab.PartStopped: "stopped",
}

func columnWords(c lab.MapColumn) string {
	if len(c.Parts) == 0 {
		return c.Title + " not in the design"
	}
	if len(c.Parts) == 1 && c.Parts[0].Model == "" && c.ByModel {
		return c.Parts[0].Title + ": " + c.Parts[0].Name
	}
	if !c.ByModel {
		return c.Title + " " + partWords[c.Parts[0].State]
	}
	var all []string
	for _, p := range c.Parts {
		all = append(all, p.Model+" "+partWords[p.State])
	}
	return fmt.Sprintf("%s %s", sentence(c.Stage), strings.Join(all, ", "))
}
