package report

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"secretome/internal/assay"
	"secretome/internal/figure"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// plates has one part for each computed plate.
func (b *book) plates() section {
	s := section{ID: "plates", Title: "Plates", Lead: "Checks, values and wells of each plate, in the order in which they were computed."}
	for _, r := range b.Results {
		s.Parts = append(s.Parts, b.plate(r))
	}
	return s
}

// anchor is the place of a plate on the page.
func anchor(ref record.Ref) string { return "rec-" + strconv.FormatInt(ref.Number, 10) }

func (b *book) plate(r Result) section {
	res := r.Result
	title := res.Title
	for _, part := range []string{res.Model, blockName(res.Block), res.Plate} {
		if part != "" {
			title += ", " + part
		}
	}
	s := section{ID: anchor(r.Ref), Title: title, Link: b.event(r.Ref), Notes: spokenAll(res.Flags)}
	if res.Simulated {
		s.Notes = append([]string{"SIMULATED: a seeded model wrote these readings, no instrument did."}, s.Notes...)
	}
	s.Notes = append(s.Notes, b.sameBytes(r)...)
	s.Lead = "Method " + res.Method + ", version " + res.Version + b.file(r) + ". Decision: " + res.Decision.Verdict + follows(res.Decision.Do) + "."
	s.Tables = append(s.Tables, b.checks(r))
	if res.Curve != nil {
		s.Figures = append(s.Figures, b.curve(r))
		s.Tables = append(s.Tables, b.standards(r), b.parameters(r))
	}
	s.Tables = append(s.Tables, b.values(r))
	if res.Vendor != nil {
		s.Parts = append(s.Parts, b.vendor(r))
	}
	s.Parts = append(s.Parts, b.wells(r))
	return s
}

// follows names what the decision asks for, where it asks for anything.
func follows(do string) string {
	if do == string(protocol.Accept) {
		return ""
	}
	return ", " + do
}

func blockName(block string) string {
	if block == "" {
		return ""
	}
	return "block " + block
}

// file names the instrument's file of a plate.
func (b *book) file(r Result) string {
	name := ""
	b.parsed(r.Ref, func(_ record.Ref, p record.Parsed) {
		name = fmt.Sprintf(", from %q (%s, SHA-256 %s)", p.File.Name, p.Format, p.File.SHA256)
	})
	return name
}

// parsed calls f with the parsing that a result used.
func (b *book) parsed(result record.Ref, f func(record.Ref, record.Parsed)) {
	for i, r := range b.Records {
		if b.refs[i].Number != result.Number {
			continue
		}
		each(b, record.FileParsed, func(_ record.Record, ref record.Ref, p record.Parsed) {
			for _, u := range r.Uses {
				if u.Record == ref.Hash {
					f(ref, p)
				}
			}
		})
	}
}

// sameBytes warns where the file of another plate has the same bytes.
func (b *book) sameBytes(r Result) []string {
	var out []string
	b.parsed(r.Ref, func(mine record.Ref, p record.Parsed) {
		each(b, record.FileParsed, func(_ record.Record, other record.Ref, o record.Parsed) {
			if other.Number != mine.Number && o.File.SHA256 == p.File.SHA256 {
				out = append(out, fmt.Sprintf("The file %q has the same bytes as %q of event #%d. Equal bytes for two plates are usually a mistake.", p.File.Name, o.File.Name, other.Number))
			}
		})
	})
	return out
}

func (b *book) checks(r Result) table {
	t := table{Caption: "Criteria", Head: numeric([]string{"Criterion", "Value", "Limit", "", "Evidence"}, 1)}
	for _, c := range r.Result.Decision.Checks {
		verdict := "passes"
		if !c.Pass {
			verdict = "fails: " + c.Do
		}
		t.Rows = append(t.Rows, []cell{{Text: c.Title}, {Text: word(c.Value), Full: c.Value, Href: b.href(r.Ref), Num: true}, {Text: spoken(c.Limit)}, {Text: verdict, Class: class(c.Pass)}, {Text: c.Evidence}})
	}
	return t
}

func (b *book) values(r Result) table {
	res := r.Result
	u := unit(res.Unit)
	t := table{Caption: "Values. Wells are averaged; they are not counted in N.", Head: numeric([]string{"Group", "Unit or sample", "Mean, " + u, "SD of wells", "CV, %", "Wells", ""}, 2, 3, 4, 5)}
	for _, v := range res.Values {
		name := v.Sample
		if name == "" {
			name = strconv.Itoa(v.Unit)
		}
		note := strings.Join(v.Flags, "; ")
		mean := b.number(v.Mean, r.Ref)
		if v.Bound != nil {
			sign := "< "
			if v.Censored == assay.AboveULOQ {
				sign = "> "
			}
			mean = b.number(v.Bound, r.Ref)
			mean.Text = sign + mean.Text
			note = strings.TrimSpace(side(v.Censored) + " " + note)
		}
		t.Rows = append(t.Rows, []cell{{Text: v.Group}, {Text: name}, mean, b.number(v.SD, r.Ref), b.number(v.CV, r.Ref), {Text: strconv.Itoa(v.N), Href: b.href(r.Ref), Num: true}, {Text: note, Class: "note"}})
	}
	return t
}

func side(c assay.Censor) string {
	if c == assay.BelowLLOQ {
		return "below the lower limit"
	}
	return "above the upper limit: dilute and read again"
}

func (b *book) standards(r Result) table {
	c := r.Result.Curve
	t := table{Caption: "Standards, read back from the curve", Head: numeric([]string{"Standard, " + unit(c.Unit), "Response", "Read back", "Recovery, %", "CV, %", "Limit, %", ""}, 0, 1, 2, 3, 4, 5)}
	for _, s := range c.Standards {
		verdict, state := "fails", "bad"
		if s.Pass {
			verdict, state = "passes", "ok"
		}
		limit := cell{Text: "± " + figure.Number(s.Limit), Num: true}
		if s.Anchor {
			verdict, state, limit = "anchor, not judged", "note", cell{}
		}
		t.Rows = append(t.Rows, []cell{b.number(&s.Conc, r.Ref), b.number(s.Response, r.Ref), b.number(s.Back, r.Ref), b.number(s.Recovery, r.Ref), b.number(s.CV, r.Ref), limit, {Text: verdict, Class: state}})
	}
	return t
}

func (b *book) parameters(r Result) table {
	c := r.Result.Curve
	t := table{Caption: fmt.Sprintf("Curve: %s, weights %s. R² is reported, nothing is judged by it.", c.Formula, c.Weights), Head: numeric([]string{"Parameter", "Value", "Standard error"}, 1, 2)}
	for _, p := range c.Parameters {
		t.Rows = append(t.Rows, []cell{{Text: p.Name}, b.number(&p.Value, r.Ref), b.number(p.SE, r.Ref)})
	}
	df := float64(c.DF)
	for _, p := range []struct {
		name  string
		value *float64
	}{{"R²", &c.R2}, {"s", &c.S}, {"degrees of freedom", &df}, {"LLOQ, " + unit(c.Unit), c.LLOQ}, {"ULOQ, " + unit(c.Unit), c.ULOQ}} {
		t.Rows = append(t.Rows, []cell{{Text: p.name}, b.number(p.value, r.Ref), {}})
	}
	return t
}

// vendor sets our concentrations beside the vendor's.
func (b *book) vendor(r Result) section {
	v := r.Result.Vendor
	t := table{Head: numeric([]string{"Sample", "Wells", "Dilution", "Ours, " + unit(v.Unit), "Vendor's, " + unit(v.Unit), "Difference, %", ""}, 2, 3, 4, 5)}
	for _, row := range v.Rows {
		note := ""
		if row.Censored != "" {
			note = "outside the range: no result"
		}
		t.Rows = append(t.Rows, []cell{
			{Text: strings.TrimSpace(row.Group + " " + row.Sample)}, {Text: strings.Join(row.Wells, " "), Class: "mono"}, b.number(&row.Dilution, r.Ref),
			b.number(&row.Ours, r.Ref), b.number(&row.Vendor, r.Ref), b.number(row.Difference, r.Ref), {Text: note, Class: "note"},
		})
	}
	lead := "What was measured in the wells, before dilution. "
	if v.Largest != nil {
		lead += fmt.Sprintf("Inside the range the largest difference is %s %%, at %s. ", figure.Number(*v.Largest), v.At)
	}
	return section{Title: "Ours beside the vendor's concentrations", Lead: lead + v.Why, Tables: []table{t}}
}

// wells lists every well with its place in the file.
func (b *book) wells(r Result) section {
	t := table{Head: numeric([]string{"Group", "Well", "Reading", "Reference", "Corrected", "Value, " + unit(r.Result.Unit), "Line, cell of the file", ""}, 2, 3, 4, 5)}
	source := r.Ref
	b.parsed(r.Ref, func(ref record.Ref, _ record.Parsed) { source = ref })
	add := func(name string, wells []assay.Well) {
		for _, w := range wells {
			note, state := string(w.Flag), "bad"
			if !w.Used && note == "" {
				note, state = "not used", "note"
			}
			place := strings.TrimSpace(fmt.Sprintf("%s %d %s", w.Source.Sheet, w.Source.Line, w.Source.Cell))
			if w.Source.Line == 0 {
				place = ""
			}
			t.Rows = append(t.Rows, []cell{{Text: name}, {Text: w.Well, Class: "mono"}, b.number(w.Reading, source), b.number(w.Reference, source), b.number(w.Corrected, r.Ref), b.number(w.Value, r.Ref), {Text: place, Href: b.href(source), Class: "mono"}, {Text: note, Class: state}})
		}
	}
	if c := r.Result.Curve; c != nil {
		for _, s := range c.Standards {
			add("standard "+figure.Number(s.Conc), s.Wells)
		}
	}
	for _, v := range r.Result.Values {
		add(valueName(v), v.Wells)
	}
	return section{Title: fmt.Sprintf("%d wells, with their places in the file", len(t.Rows)), Tables: []table{t}, Fold: true}
}

func valueName(v assay.Value) string {
	if v.Sample != "" {
		return strings.TrimSpace(v.Group + " " + v.Sample)
	}
	return fmt.Sprintf("%s.%d", v.Group, v.Unit)
}

// curve draws the standard curve of a plate.
func (b *book) curve(r Result) drawing {
	c := r.Result.Curve
	what := r.Result.Analyte
	if what == "" {
		what = r.Result.Title
	}
	f := figure.Curve{
		ID: "curve-" + strconv.FormatInt(r.Ref.Number, 10), Title: what + ": standard curve", XAxis: what + ", " + unit(c.Unit), YAxis: "absorbance, AU",
		Description: fmt.Sprintf("%d of %d standards pass.", c.Passed, c.Judged), LLOQ: c.LLOQ, ULOQ: c.ULOQ,
		Notes: []string{c.Model + ", weights " + c.Weights, fmt.Sprintf("R² %s (reported, not judged)", strconv.FormatFloat(c.R2, 'f', 5, 64))},
	}
	for _, p := range c.Trace {
		f.Trace = append(f.Trace, figure.XY(p))
	}
	for _, s := range c.Standards {
		for _, w := range s.Wells {
			if w.Corrected != nil {
				f.Standards = append(f.Standards, figure.Dot{X: s.Conc, Y: *w.Corrected, Bad: !s.Pass, Href: "#" + anchor(r.Ref), Name: fmt.Sprintf("standard %s, well %s: %s AU", figure.Number(s.Conc), w.Well, figure.Number(*w.Corrected))})
			}
		}
	}
	for _, v := range r.Result.Values {
		for _, w := range v.Wells {
			if w.Corrected != nil && w.Used {
				f.Samples = append(f.Samples, figure.Dot{Y: *w.Corrected, Href: "#" + anchor(r.Ref), Name: fmt.Sprintf("%s, well %s: %s AU", valueName(v), w.Well, figure.Number(*w.Corrected))})
			}
		}
	}
	caption := fmt.Sprintf("%s: standards (filled; crossed where they fail) and the fitted curve. Open diamonds are wells of samples inside the range. Ground outside LLOQ and ULOQ is shaded.", f.Title)
	return b.draw(f.Draw(), caption, r.Ref)
}

// draw numbers a figure.
func (b *book) draw(svg, caption string, sources ...record.Ref) drawing {
	b.drawings++
	d := drawing{SVG: template.HTML(svg), Name: fmt.Sprintf("Figure %d", b.drawings), Caption: caption} //nolint:gosec // package figure escapes
	for _, ref := range sources {
		d.Source = append(d.Source, b.event(ref))
	}
	return d
}
