package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	v := page{w: a.out, width: a.width}
	if v.width == 0 {
		v.width = pageWidth
	}
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

func (v *page) head(p protocol.Protocol) {
	v.line("%s\n%s", p.Name(), p.Title)
	if _, hash, err := p.Canonical(); err == nil {
		v.line("identity   %s", hash)
	}
	v.said("replaces   version %s", p.Replaces)
	v.said("authors    %s", strings.Join(p.Authors, ", "))
	v.line("lab time   %s", p.Zone)
	v.said("kept for   %s", p.Retention.String())
	v.ethics(p.Ethics)
	if p.Note != "" {
		v.line("")
		v.prose(p.Note)
	}
	v.lab(p)
	for _, m := range p.Models {
		v.model(m)
	}
	v.layouts(p.Layouts)
}

func (v *page) ethics(e protocol.Ethics) {
	v.line("ethics     %s, %s; %s", e.Approval, e.Committee, strings.Join(e.Scope, ", "))
	if e.From+e.Until != "" {
		v.line("           in force from %s until %s", cmp.Or(e.From, "its day"), cmp.Or(e.Until, "it is withdrawn"))
	}
	v.said("consent    %s", e.Consent.Form)
	for _, c := range e.Consent.Covers {
		v.line("           it covers: %s", c)
	}
}

// lab tells the people, materials and instruments.
func (v *page) lab(p protocol.Protocol) {
	if len(p.Roles)+len(p.Materials)+len(p.Instruments) > 0 {
		v.line("\nLABORATORY")
	}
	for _, r := range p.Roles {
		people := ""
		if r.People > 0 {
			people = fmt.Sprintf(", %d at the same time", r.People)
		}
		v.line("  role %s: %s%s", r.ID, r.Title, people)
		v.said("    knows %s", strings.Join(r.Training, ", "))
	}
	for _, m := range p.Materials {
		v.line("  material %s: %s", m.ID, joined(m.Title, m.Supplier, m.Catalogue, m.RRID, after("stored at ", m.Storage), after("ordered ahead ", m.Lead), m.Note))
	}
	for _, i := range p.Instruments {
		many := ""
		if i.Count > 1 {
			many = fmt.Sprintf("%d of them", i.Count)
		}
		v.line("  instrument %s: %s", i.ID, joined(i.Title, many, i.Format, after("calibrated every ", i.Calibrated)+confirm(i.Evidence)))
	}
}

func (v *page) model(m protocol.Model) {
	v.line("\nMODEL %s: %s", m.ID, m.Title)
	apart := ""
	if !m.Apart.IsZero() {
		apart = ", " + m.Apart.String() + " apart"
	}
	v.line("  blocks   %d × %s%s", m.Blocks, m.Block, apart)
	units := ""
	if m.Units > 0 {
		units = fmt.Sprintf(", %d of a group in one block", m.Units)
	}
	v.line("  N counts each %s%s: %s", m.Unit, units, m.Means)
	v.said("  fraction %s of conditioned and unconditioned medium together", m.Fraction.String())
	v.said("  sampled  %s after the treatment", listed(m.Sampled))
	codes, doses := 5, 4
	for _, g := range m.Groups {
		codes, doses = max(codes, len(g.Code)), max(doses, utf8.RuneCountInString(g.Dose.String()))
	}
	v.line("  %-*s  %-*s  TREATMENT", codes, "GROUP", doses, "DOSE")
	for _, g := range m.Groups {
		open := ""
		if g.Open {
			open = "open"
		}
		v.line("  %-*s  %-*s  %s", codes, g.Code, doses, g.Dose, joined(g.Title, g.Stress, g.Drug, open))
	}
}

func (v *page) layouts(all []protocol.Layout) {
	if len(all) > 0 {
		v.line("\nPLATES")
	}
	for _, y := range all {
		v.line("  layout %s: %d wells, %s", y.ID, y.Wells, placed(y))
		for _, row := range slices.Sorted(maps.Keys(y.Rows)) {
			v.line("    %s  %s", row, y.Rows[row])
		}
	}
}

// placed tells how wells come by what they hold.
func placed(y protocol.Layout) string {
	if !y.Drawn() {
		return "the same in every block"
	}
	var wells []string
	for _, code := range slices.Sorted(maps.Keys(y.Place)) {
		wells = append(wells, fmt.Sprintf("%d %s", y.Place[code], code))
	}
	where := "the wells marked ?"
	if len(y.Rows) == 0 {
		where = y.Area + " wells"
	}
	return "drawn anew for each block into " + where + ": " + strings.Join(wells, ", ")
}

func (v *page) stage(p protocol.Protocol, s protocol.Stage) {
	of := strings.TrimSpace(s.Model + " " + strings.Join(s.Models, ", "))
	if of != "" {
		of = " (" + of + ")"
	}
	v.line("\nSTAGE %s%s: %s", s.ID, of, s.Title)
	if s.Counts.Feeds > 0 {
		v.line("  %d changes of medium before the first harvest, %d passages", s.Counts.Feeds, s.Counts.Passages)
	}
	if len(s.Flow) > 0 {
		v.line("  flow: %s", protocol.InWords(s.Flow))
	}
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
				v.assay(a)
			}
		}
	}
}

func (v *page) assay(a protocol.Assay) {
	v.line("  MEASURES %s: %s", a.ID, joined(a.Title, a.Method, after("at ", a.Wavelength), after("less ", a.Reference), "in "+a.Unit, a.Curve))
	v.criteria(a.Criteria)
	v.task(a.Prepare)
	v.task(a.Read)
}

func (v *page) task(t protocol.Task) {
	v.line("  TASK %s: %s (%s, %s)", t.ID, t.Title, t.Role, spoken(t))
	if !t.Window.IsZero() {
		v.line("    window: %s%s%s", t.Window, edges(t.Window), confirm(t.Window.Evidence))
	}
	var needs []string
	for _, n := range t.Needs {
		needs = append(needs, bare(n.Amount)+" "+n.Material)
	}
	v.said("    needs: %s", strings.Join(append(needs, t.Instruments...), ", "))
	for i, s := range t.Steps {
		v.line("    %d. %s", i+1, s.Text)
		for _, f := range s.Fields {
			v.field(f)
		}
	}
	for _, c := range t.Computed {
		v.line("    computed: %s, in %s", c.Title, c.Unit)
	}
	v.criteria(t.Criteria)
}

// spoken is how long a task takes, and what is special about it.
func spoken(t protocol.Task) string {
	text := fmt.Sprintf("about %d min", protocol.DefaultTakes/time.Minute)
	if !t.Takes.IsZero() {
		text = "about " + t.Takes.String()
	}
	switch {
	case t.Before != "":
		text += ", our own, before " + t.Before
	case t.After != "":
		text += ", our own, after " + t.After
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
	if !w.Remind.IsZero() {
		text += "; reminder " + w.Remind.String() + " before its end"
	}
	if w.Escalate.To != "" {
		text += "; then " + w.Escalate.To + " is told" + after(" after ", w.Escalate.After)
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

// benefit tells which direction is good.
var benefit = map[string]string{"higher": "higher is good", "lower": "lower is good", "none": "no direction is good"}

func (v *page) plan(p protocol.Protocol) {
	power := ""
	if p.Analysis.Power != "" {
		power = ", planned for a power of " + p.Analysis.Power
	}
	v.line("\nANALYSIS, alpha %s%s", p.Analysis.Alpha, power)
	for _, e := range p.Analysis.Endpoints {
		primary := ""
		if e.Primary {
			primary = ", decided by this endpoint"
		}
		v.line("  %s: %s\n    claim: %s%s", e.ID, e.Title, e.Claim, primary)
		correction := ""
		if e.Correction != "" {
			correction = "p values corrected by " + e.Correction
		}
		v.line("    %s", joined(fmt.Sprintf("%s: %s against %s", e.Test, strings.Join(e.Groups, ", "), e.Comparator), e.Assay+" in "+e.Model, "scale "+e.Scale, benefit[e.Benefit], correction, after("least effect ", e.Effect)))
	}
}
