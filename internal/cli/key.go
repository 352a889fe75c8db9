package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/design"
	"secretome/internal/fault"
	"secretome/internal/quantity"
)

// bottles says how coded bottles are filled.
type bottles struct{ well, excess string }

func (a *app) taskKey() *cobra.Command {
	var b bottles
	c := &cobra.Command{
		Use: "key TASK", Short: "Show which code is which group, to who fills the coded bottles", Args: cobra.ExactArgs(1),
		Long:    "Show which code is which group in the block of a task that opens the key. You must hold the task. That you saw it is recorded, and from then on you get no blind task of this run.",
		Example: "  secretome task key fill-bottles\n  secretome task key cells/2/fill-bottles --well \"100 uL\" --excess \"10 %\"",
	}
	c.Flags().StringVar(&b.well, "well", "", "`volume` of a well: the pipetting sheet is computed for it")
	c.Flags().StringVar(&b.excess, "excess", "10 %", "how much more is mixed than the wells take")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := b.check(); err != nil {
			return err
		}
		request, err := a.newRequest()
		if err != nil {
			return err
		}
		return a.with(func(server *client.Client) error {
			id, err := findTask(c.Context(), server, args[0])
			if err != nil {
				return err
			}
			k, err := server.Key(c.Context(), request, id)
			if err != nil {
				return err
			}
			return one(a, k, func() error { return a.showKey(k, b) })
		})
	}
	return c
}

// check reads the volumes before anything is shown and recorded.
func (b bottles) check() error {
	if b.well == "" {
		return nil
	}
	_, err := b.preparation(quantity.Quantity{})
	return err
}

func (b bottles) preparation(fraction quantity.Quantity) (p design.Preparation, err error) {
	p.Fraction = fraction
	if p.PerWell, err = quantity.Parse(b.well); err != nil {
		return p, fault.Of(err).Field("well")
	}
	if p.Excess, err = quantity.Parse(b.excess); err != nil {
		return p, fault.Of(err).Field("excess")
	}
	return p, nil
}

func (a *app) showKey(k client.Key, b bottles) error {
	fmt.Fprintf(a.err, "That you saw this is record %d of %s: you get no blind task of this run any more.\n", k.Record.Number, k.Run)
	err := list(a, k.Bottles, []column[client.Bottle]{
		{"code", func(b client.Bottle) string { return b.Code }},
		{"group", func(b client.Bottle) string { return b.Group }},
		{"title", func(b client.Bottle) string { return b.Title }},
		{"wells", func(b client.Bottle) string { return fmt.Sprint(b.Wells) }},
		{"dose", func(b client.Bottle) string { return b.Dose.String() }},
		{"stress", func(b client.Bottle) string { return b.Stress }},
		{"drug", func(b client.Bottle) string { return b.Drug }},
	})
	if err != nil || b.well == "" {
		return err
	}
	return a.showSheet(k, b)
}

// showSheet prints what is mixed for each bottle. Stressors and drugs come from
// stocks that the protocol's text names; they are not computed here.
func (a *app) showSheet(k client.Key, b bottles) error {
	p, err := b.preparation(k.Fraction)
	if err != nil {
		return err
	}
	var tubes []design.Tube
	for _, one := range k.Bottles {
		tubes = append(tubes, design.Tube{Group: one.Code, Wells: one.Wells, Treated: !one.Dose.IsZero(), Dose: one.Dose})
	}
	sheet, err := p.Sheet(tubes)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.out); err != nil {
		return err
	}
	return list(a, sheet.Tubes, []column[design.Mixed]{
		{"bottle", func(m design.Mixed) string { return m.Group }},
		{"total", func(m design.Mixed) string { return m.Total.String() }},
		{design.BaseMedium, func(m design.Mixed) string { return volumeOf(m, design.BaseMedium) }},
		{design.ConditionedMedium, func(m design.Mixed) string { return volumeOf(m, design.ConditionedMedium) }},
		{design.UnconditionedMedium, func(m design.Mixed) string { return volumeOf(m, design.UnconditionedMedium) }},
	})
}

func volumeOf(m design.Mixed, of string) string {
	for _, v := range m.Parts {
		if v.Of == of {
			return v.Volume.String()
		}
	}
	return ""
}
