package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

func (a *app) protocolView() *cobra.Command {
	var stage string
	c := &cobra.Command{
		Use: "view FILE", Short: "Show a protocol as a page to read", Args: cobra.ExactArgs(1),
		Example: "  secretome protocol view study.yaml\n  secretome protocol view study.yaml --stage collection\n  secretome protocol view study.yaml --json > canonical.json",
	}
	c.Flags().StringVar(&stage, "stage", "", "only this `STAGE`")
	c.RunE = func(_ *cobra.Command, args []string) error {
		p, err := a.document(args[0])
		if err != nil {
			return err
		}
		return one(a, p, func() error { return a.showProtocol(p, stage) })
	}
	return c
}

func (a *app) showProtocol(p protocol.Protocol, stage string) error {
	v := page{w: a.out}
	if stage == "" {
		v.head(p)
	}
	shown := 0
	var known []string
	for _, s := range p.Stages {
		known = append(known, s.ID)
		if stage == "" || s.ID == stage {
			v.stage(p, s)
			shown++
		}
	}
	if shown == 0 {
		return fault.New(fault.NotFound, "%s has no stage %q", p.Name(), stage).Field("stage").Try("it has: %s", strings.Join(known, ", "))
	}
	if stage == "" {
		v.plan(p)
	}
	return v.err
}

// page writes lines and keeps the first error.
type page struct {
	w   io.Writer
	err error
}

func (v *page) line(format string, args ...any) {
	if v.err == nil {
		_, v.err = fmt.Fprintf(v.w, format+"\n", args...)
	}
}

func (v *page) head(p protocol.Protocol) {
	v.line("%s\n%s", p.Name(), p.Title)
	if _, hash, err := p.Canonical(); err == nil {
		v.line("identity   %s", hash)
	}
	v.line("lab time   %s", p.Zone)
	v.line("ethics     %s, %s", p.Ethics.Approval, p.Ethics.Committee)
	if p.Note != "" {
		v.line("\n%s", strings.TrimSpace(p.Note))
	}
	for _, m := range p.Models {
		v.model(m)
	}
}

func (v *page) model(m protocol.Model) {
	v.line("\nMODEL %s: %s", m.ID, m.Title)
	text := fmt.Sprintf("%d × %s", m.Blocks, m.Block)
	if !m.Apart.IsZero() {
		text += ", " + m.Apart.String() + " apart"
	}
	v.line("  blocks   %s; N counts each %s (%s)", text, m.Unit, m.Means)
	if !m.Fraction.IsZero() {
		v.line("  fraction %s of conditioned and unconditioned medium together", m.Fraction)
	}
	w := tabwriter.NewWriter(v.w, 0, 0, 2, ' ', 0)
	for _, g := range m.Groups {
		open := ""
		if g.Open {
			open = "open"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", g.Code, g.Title, g.Dose, strings.TrimSpace(g.Stress+" "+g.Drug), open) // Flush tells
	}
	if v.err == nil {
		v.err = w.Flush()
	}
}

func (v *page) stage(p protocol.Protocol, s protocol.Stage) {
	of := strings.TrimSpace(s.Model + " " + strings.Join(s.Models, ", "))
	if of != "" {
		of = " (" + of + ")"
	}
	v.line("\nSTAGE %s%s: %s", s.ID, of, s.Title)
	for _, w := range s.Waits {
		v.line("  wait %s: %s, %s%s", w.ID, w.Title, w.Window, confirm(w.Window.Evidence))
	}
	for _, t := range s.Tasks {
		v.task(t)
	}
	for _, o := range s.LeaveOut {
		v.line("  left out: %s, because %s", o.Task, o.Reason)
	}
	for _, id := range s.Measures {
		for _, a := range p.Assays {
			if a.ID == id {
				v.line("  measures %s: %s (%s)", a.ID, a.Title, a.Method)
				v.criteria(a.Criteria)
				v.task(a.Prepare)
				v.task(a.Read)
			}
		}
	}
}

func (v *page) task(t protocol.Task) {
	v.line("  TASK %s: %s (%s, %s)", t.ID, t.Title, t.Role, spoken(t))
	if !t.Window.IsZero() {
		v.line("    window  %s%s%s", t.Window, edges(t.Window), confirm(t.Window.Evidence))
	}
	for i, s := range t.Steps {
		v.line("    %d. %s", i+1, s.Text)
		for _, f := range s.Fields {
			v.field(f)
		}
	}
	v.criteria(t.Criteria)
}

// spoken is how long a task takes, and what is special about it.
func spoken(t protocol.Task) string {
	text := "about 30 min"
	if !t.Takes.IsZero() {
		text = "about " + t.Takes.String()
	}
	if t.OpensKey {
		text += ", opens the key"
	}
	if t.Blind {
		text += ", blind"
	}
	return text
}

func edges(w protocol.Window) string {
	text := ""
	for _, e := range []struct {
		when string
		do   protocol.Action
	}{{"early", w.OnEarly}, {"late", w.OnLate}, {"missed", w.OnMissed}} {
		if e.do != "" {
			text += "; " + e.when + ": " + string(e.do)
		}
	}
	return text
}

// confirm marks what nobody has held against its source yet.
func confirm(evidence string) string {
	switch evidence {
	case "":
		return ""
	case "K":
		return " [K, to be confirmed]"
	}
	return " [" + evidence + "]"
}

func (v *page) field(f protocol.Field) {
	text := string(f.Kind)
	if f.Kind == protocol.Amount {
		text = strings.TrimPrefix("in "+f.Unit, "in 1")
		if len(f.Range) == 2 {
			text += ", " + bare(f.Range[0]) + " to " + bare(f.Range[1])
		}
		text = strings.TrimPrefix(text, ", ")
	}
	if f.Kind == protocol.Choice {
		text = strings.Join(f.Choices, " | ")
	}
	if f.Default != "" {
		text += ", usually " + f.Default
	}
	if f.Optional {
		text += ", optional"
	}
	v.line("       %s (%s): %s%s", f.ID, f.Title, text, confirm(f.Evidence))
}

// bare is a quantity without a unit that says nothing.
func bare(q quantity.Quantity) string { return strings.TrimSuffix(q.String(), " 1") }

func (v *page) criteria(all []protocol.Criterion) {
	for _, c := range all {
		var follows []string
		for _, f := range c.OnFail {
			follows = append(follows, strings.TrimSpace(limitOf(f)+string(f.Do)))
		}
		v.line("    must be: %s: %s %s, else %s%s", c.Title, c.Value, c.Limit(), strings.Join(follows, ", "), confirm(c.Evidence))
	}
}

func limitOf(c protocol.Consequence) string {
	for _, l := range []struct {
		word string
		q    quantity.Quantity
	}{{"from ", c.AtLeast}, {"up to ", c.AtMost}} {
		if !l.q.IsZero() {
			return l.word + l.q.String() + " "
		}
	}
	return ""
}

func (v *page) plan(p protocol.Protocol) {
	v.line("\nANALYSIS, alpha %s", p.Analysis.Alpha)
	for _, e := range p.Analysis.Endpoints {
		primary := ""
		if e.Primary {
			primary = ", decides the claim"
		}
		v.line("  %s: %s\n    claim: %s%s\n    %s of %s against %s, %s in %s, scale %s", e.ID, e.Title, e.Claim, primary, e.Test, strings.Join(e.Groups, ", "), e.Comparator, e.Assay, e.Model, e.Scale)
	}
}
