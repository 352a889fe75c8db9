package web

import (
	"cmp"
	"fmt"
	"slices"

	"secretome/internal/lab"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// lineage is where an artifact comes from and what came of it: seven columns from
// the donor to the result, each with the nearest record, and a list of all.
type lineage struct {
	Columns []lineageColumn
	From    []edgeLink // what it came from, the nearest first
	To      []edgeLink // what came of it
	Width   int
}

// lineageColumn is one kind of thing on the way.
type lineageColumn struct {
	Name  string
	X     int
	Here  bool // the artifact itself
	Label string
	Href  string
	More  string // what else there is
	Words string
	Line  bool // it is joined with what comes before it
	FromX int
}

// columnNames are the kinds of things, in the order of a study.
var columnNames = []string{"Donor and cord", "Cells", "CM", "Treatment", "Measurement", "Analysis", "Result"}

const columnWidth = 144

// columnOf tells in which column a record belongs; false where it is none of them.
func columnOf(r record.Record) (int, bool) {
	switch r.Subject.Stage {
	case protocol.Harvesting:
		return 0, true
	case protocol.Culturing:
		return 1, true
	case protocol.Collecting, protocol.Stocking:
		return 2, true
	case protocol.Treating:
		return 3, true
	case protocol.Assaying:
		if r.Kind == record.ResultComputed || r.Kind == record.DecisionMade {
			return 5, true
		}
		return 4, true
	case protocol.Analysing:
		if r.Kind == record.ReportMade {
			return 6, true
		}
		return 5, true
	case protocol.Reviewing:
		return 6, true
	}
	return 0, false
}

// lineageNode is a record of the lineage with its distance from the artifact.
type lineageNode struct {
	r        record.Record
	distance int
}

// newLineage lays the lineage of an artifact out.
func newLineage(t telling, v lab.FileView) lineage {
	in := lineage{Width: columnWidth * len(columnNames)}
	up := distances(v, v.Up, func(e lab.Edge) (lab.Node, lab.Node) { return e.From, e.To })
	down := distances(v, v.Down, func(e lab.Edge) (lab.Node, lab.Node) { return e.To, e.From })
	here, known := columnOf(v.Maker)
	if !known {
		here = 4
	}
	last := -1
	for i, name := range columnNames {
		c := lineageColumn{Name: name, X: i * columnWidth}
		if i == here {
			c.Here, c.Label = true, "this artifact"
		} else {
			side := up
			if i > here {
				side = down
			}
			c.choose(t, side, i)
		}
		if c.Label != "" {
			if last >= 0 {
				c.Line, c.FromX = true, last*columnWidth+columnWidth-12
			}
			last = i
		}
		in.Columns = append(in.Columns, c)
	}
	in.From, in.To = lineageList(t, up), lineageList(t, down)
	return in
}

// choose takes the record of a column that is nearest to the artifact.
func (c *lineageColumn) choose(t telling, side []lineageNode, column int) {
	count := 0
	for _, n := range side {
		if at, ok := columnOf(n.r); !ok || at != column {
			continue
		}
		if count++; count == 1 {
			c.Label = kindWords(n.r.Kind)
			c.Href = fmt.Sprintf("/runs/%s/events/%d", runName(n.r), n.r.Number)
			c.Words = t.By(n.r.By) + ": " + t.Told(n.r)
		}
	}
	if count > 1 {
		c.More = fmt.Sprintf("%d more", count-1)
	}
}

func runName(r record.Record) string {
	if len(r.Logbook) > len("run/") {
		return r.Logbook[len("run/"):]
	}
	return ""
}

// distances lists the records of one side, the nearest first.
func distances(v lab.FileView, edges []lab.Edge, ends func(lab.Edge) (near, far lab.Node)) []lineageNode {
	at := map[string]int{v.SHA256: 0}
	key := func(n lab.Node) string { return n.Artifact + n.Record.Hash }
	var all []lineageNode
	for _, e := range edges { // in breadth: what is near comes first
		near, far := ends(e)
		if _, seen := at[key(far)]; seen {
			continue
		}
		at[key(far)] = at[key(near)] + 1
		if r, ok := v.Node(far); ok {
			all = append(all, lineageNode{r, at[key(far)]})
		}
	}
	slices.SortStableFunc(all, func(a, b lineageNode) int { return cmp.Compare(a.distance, b.distance) })
	return all
}

func lineageList(t telling, nodes []lineageNode) []edgeLink {
	var all []edgeLink
	for _, n := range nodes {
		l := t.link(fmt.Sprintf("%d", n.distance), lab.Node{Record: record.Ref{Logbook: n.r.Logbook, Number: n.r.Number, Hash: "-"}})
		if l.Words == "" || runName(n.r) == "" || n.r.Logbook[:4] != "run/" {
			l.Words += ": " + t.Told(n.r)
		}
		all = append(all, l)
	}
	return all
}
