package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"secretome/internal/instrument"
	"secretome/internal/instrument/all"
)

func (a *app) parse() *cobra.Command {
	var format string
	var explain bool
	c := &cobra.Command{
		Use: "parse FILE", Short: "Read an instrument's file as a table, without a server", Args: cobra.ExactArgs(1),
		Example: "  secretome parse plate.txt\n  secretome parse plate.txt --json | jq '.readings[0]'",
	}
	c.Flags().StringVar(&format, "format", "", "`NAME` of the format; else it is recognised")
	c.Flags().BoolVar(&explain, "explain", false, "say what was recognised, on standard error")
	c.RunE = func(_ *cobra.Command, args []string) error {
		data, err := a.read(args[0], instrument.MaxBytes)
		if err != nil {
			return err
		}
		t, err := table(data, format)
		if err != nil {
			return err
		}
		if explain {
			a.explain(t)
		}
		return one(a, t, func() error { return list(a, t.Readings, readingColumns()) })
	}
	return c
}

func table(data []byte, format string) (instrument.Table, error) {
	if format == "" {
		return instrument.Read(all.List(), data)
	}
	p, err := instrument.Named(all.List(), format)
	if err != nil {
		return instrument.Table{}, err
	}
	return p.Parse(data)
}

func (a *app) explain(t instrument.Table) {
	in := t.Instrument
	a.note("format %s, written by %s, %d readings", t.Format, strings.TrimSpace(in.Program+" "+in.Version), len(t.Readings))
	for _, n := range t.Notes {
		a.note("note: %s", n)
	}
}

func readingColumns() []column[instrument.Reading] {
	type r = instrument.Reading
	return []column[r]{
		{"plate", func(x r) string { return x.Plate }},
		{"well", func(x r) string { return x.Well }},
		{"sample", func(x r) string { return x.Sample }},
		{"kind", func(x r) string { return string(x.Kind) }},
		{"label", func(x r) string { return x.Label }},
		{"wavelength", func(x r) string { return number(x.WavelengthNM) }},
		{"time", func(x r) string {
			if x.TimeS == nil {
				return ""
			}
			return number(*x.TimeS)
		}},
		{"value", func(x r) string {
			if x.Value == nil {
				return ""
			}
			return strconv.FormatFloat(*x.Value, 'g', -1, 64)
		}},
		{"unit", func(x r) string { return x.Unit }},
		{"flag", func(x r) string { return string(x.Flag) }},
		{"source", func(x r) string { return source(x.Source) }},
	}
}

// number prints what is given, and nothing for zero.
func number(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func source(s instrument.Source) string {
	if s.Cell != "" {
		return strings.TrimPrefix(s.Sheet+"!"+s.Cell, "!")
	}
	if s.Line > 0 {
		return fmt.Sprintf("line %d", s.Line)
	}
	return ""
}
