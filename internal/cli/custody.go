package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/sample"
)

func (a *app) lotCustody() *cobra.Command {
	return &cobra.Command{
		Use: "custody BARCODE", Short: "Show who had a thing, where it lay and how cold, and what nobody said of it", Args: cobra.ExactArgs(1),
		Example: "  secretome lot custody CM-2026-007\n  secretome lot custody CV-0031-P3-1 --json | jq .gaps",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				v, err := server.Custody(c.Context(), args[0])
				if err != nil {
					return err
				}
				return one(a, v, func() error { return a.showCustody(v) })
			})
		},
	}
}

func (a *app) showCustody(c sample.Custody) error {
	p := a.page()
	state := string(c.State)
	if c.Held != "" {
		state = "on hold: " + c.Held
	}
	p.line("%s  %s", c.Barcode, joined(c.Kind, c.Title, state))
	p.said("in the hands of %s", c.Holder)
	a.showOrigins(p, c.Origins)
	a.showLines(p, c.Lines)
	if c.Kind != sample.Donor {
		a.showStays(p, c.Stays)
	}
	p.line("\nGaps in the chain")
	if len(c.Gaps) == 0 {
		p.line("  none")
	}
	for _, g := range c.Gaps {
		if g.From.Equal(g.To) {
			p.line("  %s  %s", a.when(g.From), g.What)
			continue
		}
		p.line("  %s  %s, for %s", a.span(sample.Span{From: g.From, To: g.To}), g.What, lasted(g.To.Sub(g.From)))
	}
	return p.err
}

func (a *app) showOrigins(p *page, all []sample.Origin) {
	if len(all) == 0 {
		return
	}
	p.line("\nMade from")
	var rows [][]string
	for _, o := range all {
		made := a.when(o.Made)
		if made == "" {
			made = "nobody registered it"
		}
		rows = append(rows, []string{o.Barcode, o.Kind, made, o.By, inRun(o.Run, o.Number)})
	}
	p.columns(rows)
}

func inRun(run string, number int64) string {
	if run == "" {
		return ""
	}
	return fmt.Sprintf("%s #%d", run, number)
}

func (a *app) showLines(p *page, all []sample.Line) {
	p.line("\nWhat happened")
	var rows [][]string
	for _, l := range all {
		what := l.What
		if l.Task != "" {
			what += ", at " + taskIn(l.Run, l.Task)
		} else if l.Run != "" {
			what += ", for " + l.Run
		}
		if !l.Entered.IsZero() {
			what += " (entered " + a.when(l.Entered) + ")"
		}
		number := fmt.Sprintf("#%d", l.Number)
		if run, ok := strings.CutPrefix(l.Logbook, "run/"); ok {
			number = run + " " + number
		}
		rows = append(rows, []string{a.when(l.When), l.By, number, what})
	}
	p.columns(rows)
}

// taskIn is the task's ID in a run without the number of its attempt.
func taskIn(run, id string) string {
	id = strings.TrimPrefix(strings.TrimPrefix(id, "task/"), run+"/")
	if i := strings.LastIndexByte(id, '/'); i > 0 {
		id = id[:i]
	}
	return id + " of " + run
}

func (a *app) showStays(p *page, all []sample.Stay) {
	p.line("\nWhere it lay")
	if len(all) == 0 {
		p.line("  nobody said where")
	}
	for _, s := range all {
		until := a.when(s.To)
		if s.Still {
			until = "still there"
		}
		p.line("  %s  %s – %s (%s)", s.Place, a.when(s.From), until, lasted(s.To.Sub(s.From)))
		p.line("    %s", a.measured(s.Coverage))
		if s.Readings == 0 {
			continue
		}
		for _, g := range s.Gaps {
			p.line("    no temperature  %s (%s)", a.span(g), lasted(g.To.Sub(g.From)))
		}
	}
}

// columns writes aligned columns, set in by two; the last one is broken to the
// width.
func (v *page) columns(rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, text := range row {
			row[i] = cell(text)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	const narrow, little = 30, 4 // characters: of room for the last column, and to set in where there is less
	for _, row := range rows {
		var b strings.Builder
		indent := 0
		for i, text := range row {
			indent = utf8.RuneCountInString(b.String())
			b.WriteString("  " + text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)))
		}
		if indent += gap; v.width-indent < narrow {
			indent = little
		}
		v.parts(broken(strings.TrimRight(b.String(), " "), indent, v.width))
	}
}
