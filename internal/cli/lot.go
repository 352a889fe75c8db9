package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/sample"
)

func (a *app) lots() *cobra.Command {
	var kind string
	c := &cobra.Command{Use: "lot", Short: "See and move lots, vials, reagents and donors: what is left, where it is, who had it"}
	c.RunE = func(c *cobra.Command, _ []string) error { return a.listLots(c.Context(), kind) }
	list := &cobra.Command{Use: "list", Short: "List what is kept", Args: cobra.NoArgs, RunE: c.RunE}
	list.Flags().StringVar(&kind, "kind", "", "only this `KIND`: "+strings.Join(sample.KeptKinds(), ", "))
	c.AddCommand(list, a.lotView(), a.lotCustody(), a.lotAdd(), a.lotDraw(), a.lotRecall())
	for _, v := range []lotVerb{
		{"release", "Say that it may be used", nil, []string{"why"}},
		{"reject", "Say that it may never be used", []string{"why"}, nil},
		{"hold", "Say that it may not be used until somebody decides", []string{"why"}, nil},
		{"free", "End a hold", []string{"why"}, nil},
		{"return", "Bring back what a draw took", []string{"draw", "why"}, nil},
		{"write-off", "Say that what a draw took is lost", []string{"draw", "why"}, nil},
		{"correct", "Say that a draw took another amount", []string{"draw", "amount", "why"}, nil},
		{"count", "Say how much is left", []string{"left", "why"}, nil},
		{"move", "Say where it lies now", []string{"place"}, []string{"why"}},
		{"hand-over", "Say who has it now", []string{"to"}, []string{"why"}},
		{"open", "Say that it was opened", nil, []string{"why"}},
		{"freeze", "Say that it was frozen", []string{"place"}, []string{"why"}},
		{"thaw", "Say that it was thawed", nil, []string{"aliquot", "why"}},
	} {
		c.AddCommand(a.lotVerb(v))
	}
	return c
}

func (a *app) listLots(ctx context.Context, kind string) error {
	return a.with(func(server *client.Client) error {
		all, err := server.Lots(ctx, kind)
		if err != nil {
			return err
		}
		return list(a, all, []column[sample.Lot]{
			{"barcode", func(l sample.Lot) string { return l.Barcode }},
			{"kind", func(l sample.Lot) string { return l.Kind }},
			{"title", func(l sample.Lot) string { return l.Title }},
			{"state", lotState},
			{"left", func(l sample.Lot) string { return amount(l) }},
			{"expires", func(l sample.Lot) string { return a.when(l.Expires) }},
			{"place", func(l sample.Lot) string { return l.Place }},
		})
	})
}

func lotState(l sample.Lot) string {
	if l.Held != "" {
		return "on hold"
	}
	return string(l.State)
}

func amount(l sample.Lot) string {
	if l.Whole.IsZero() {
		return ""
	}
	return l.Left.String()
}

func (a *app) lotView() *cobra.Command {
	return &cobra.Command{
		Use: "view BARCODE", Short: "Show where a thing stands, what it was made from and what was made from it", Args: cobra.ExactArgs(1),
		Example: "  secretome lot view CM-2026-007\n  secretome lot view CV-0031-P3-1",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				v, err := server.Lot(c.Context(), args[0])
				if err != nil {
					return err
				}
				return one(a, v, func() error { return a.showLot(v) })
			})
		},
	}
}

func (a *app) showLot(v client.LotView) error {
	err := a.pairs([2]string{"barcode", v.Barcode}, [2]string{"kind", v.Kind}, [2]string{"title", v.Title}, [2]string{"state", lotState(v.Lot)},
		[2]string{"why", v.Held + v.Why}, [2]string{"left", amount(v.Lot)}, [2]string{"made", a.when(v.Made)}, [2]string{"expires", a.when(v.Expires)},
		[2]string{"place", v.Place}, [2]string{"unconditioned", v.Matched}, [2]string{"donors", strings.Join(v.Donors, ", ")},
		[2]string{"made from", relatives(v.Ancestors)}, [2]string{"made from it", relatives(v.Descendants)})
	if err != nil {
		return err
	}
	for _, f := range v.Flags {
		a.note("flagged in %s, record %d: %s: %s", f.Run, f.Number, f.State, f.Why)
	}
	if len(v.Scans) > 0 {
		fmt.Fprintln(a.out)
		if err := list(a, v.Scans, a.scanColumns()); err != nil {
			return err
		}
	}
	if len(v.Records) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	return list(a, v.Records, []column[client.Record]{
		{"record", func(r client.Record) string { return strconv.FormatInt(r.Record.Number, 10) }},
		{"when", func(r client.Record) string { return a.when(r.Record.Happened) }},
		{"what", func(r client.Record) string { return string(r.Record.Kind) }},
		{"by", func(r client.Record) string { return r.Record.By.Name }},
	})
}

func (a *app) scanColumns() []column[client.Scan] {
	return []column[client.Scan]{
		{"run", func(s client.Scan) string { return s.Run }},
		{"when", func(s client.Scan) string { return a.when(s.Happened) }},
		{"task", func(s client.Scan) string { return s.Task }},
		{"made", func(s client.Scan) string {
			if s.Made {
				return "yes"
			}
			return ""
		}},
		{"by", func(s client.Scan) string { return s.By }},
	}
}

// relatives names the nearest ones; the rest is counted.
func relatives(all []client.Relative) string {
	const most = 12
	var codes []string
	for i, r := range all {
		if i == most {
			codes = append(codes, fmt.Sprintf("and %d more", len(all)-most))
			break
		}
		codes = append(codes, r.Barcode)
	}
	return strings.Join(codes, ", ")
}

func (a *app) lotAdd() *cobra.Command {
	m := client.LotAct{Verb: "add"}
	var expires string
	c := &cobra.Command{
		Use: "add BARCODE", Short: "Register a reagent, a vial or a lot that no run made", Args: cobra.ExactArgs(1),
		Example: "  secretome lot add BM-77310 --kind reagent --title \"DMEM/F12 without phenol red\" --amount \"500 mL\" --expires 2027-03-31",
	}
	f := c.Flags()
	f.StringVar(&m.Body.Kind, "kind", "reagent", "`KIND`: "+strings.Join(sample.KeptKinds(), ", "))
	f.StringVar(&m.Body.Title, "title", "", "`TEXT` that says what it is")
	f.StringVar(&m.Body.Amount, "amount", "", "`QUANTITY` in all; else no balance is kept")
	f.StringVar(&m.Body.Each, "each", "", "`QUANTITY` of one aliquot")
	f.StringVar(&m.Body.State, "state", "quarantine", "quarantine or released")
	f.StringVar(&m.Body.Place, "place", "", "`PLACE` where it lies")
	f.StringVar(&m.Body.Matched, "matched", "", "`BARCODE` of the unconditioned medium that belongs to it")
	f.StringVar(&expires, "expires", "", "`TIME` until which it may be used")
	_ = c.MarkFlagRequired("title") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if m.Body.Expires, err = a.instant("expires", expires); err != nil {
			return err
		}
		return a.doToLot(c.Context(), args[0], m, "")
	}
	return c
}

func (a *app) lotDraw() *cobra.Command {
	m := client.LotAct{Verb: "draw"}
	var happened string
	c := &cobra.Command{
		Use: "draw BARCODE", Short: "Take some of a lot", Args: cobra.ExactArgs(1), Example: "  secretome lot draw CM-2026-007 --amount \"0.5 mL\" --why \"shipped to the partner\"",
	}
	c.Flags().StringVar(&m.Body.Amount, "amount", "", "`QUANTITY`; else one aliquot")
	c.Flags().StringVar(&m.Body.Aliquot, "aliquot", "", "`BARCODE` of the aliquot")
	c.Flags().StringVar(&m.Body.Run, "run", "", "`RUN` for which it is")
	c.Flags().StringVar(&m.Body.Why, "why", "", "`TEXT` that says what for")
	c.Flags().StringVar(&happened, "happened", "", "`TIME` when it was done; else now")
	c.RunE = func(c *cobra.Command, args []string) error { return a.doToLot(c.Context(), args[0], m, happened) }
	return c
}

func (a *app) lotRecall() *cobra.Command {
	var m client.Recall
	c := &cobra.Command{
		Use: "recall BARCODE", Short: "Put a thing and all that was made from it on hold, in every run; of a donor: consent was withdrawn", Args: cobra.ExactArgs(1),
		Example: "  secretome lot recall BM-77310 --why \"endotoxin, said the supplier\"\n  secretome lot recall D-0031 --why \"consent withdrawn in writing\"",
	}
	c.Flags().StringVar(&m.Why, "why", "", "`TEXT` that says why")
	_ = c.MarkFlagRequired("why") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error {
		request, err := a.newRequest()
		if err != nil {
			return err
		}
		return a.with(func(server *client.Client) error {
			acted, err := server.Recall(c.Context(), request, args[0], m)
			if err != nil {
				return a.sent(err)
			}
			a.note("every descendant is put on hold, and each run that it reached waits for its manager: secretome lot view %s", args[0])
			return a.lotActed(args[0], acted)
		})
	}
	return c
}

// lotVerb is what is done to a lot with a few words, which it needs or may have.
type lotVerb struct {
	verb, short string
	needs, may  []string
}

func (a *app) lotVerb(v lotVerb) *cobra.Command {
	m := client.LotAct{Verb: v.verb}
	var happened string
	c := &cobra.Command{Use: v.verb + " BARCODE", Short: v.short, Args: cobra.ExactArgs(1)}
	for _, name := range append(append([]string(nil), v.needs...), v.may...) {
		switch name {
		case "why":
			c.Flags().StringVar(&m.Body.Why, name, "", "`TEXT` that says why")
		case "draw":
			c.Flags().Int64Var(&m.Body.Draw, name, 0, "`NUMBER` of the draw's record")
		case "amount":
			c.Flags().StringVar(&m.Body.Amount, name, "", "`QUANTITY`")
		case "left":
			c.Flags().StringVar(&m.Body.Left, name, "", "`QUANTITY`")
		case "place":
			c.Flags().StringVar(&m.Body.Place, name, "", "`PLACE`: freezer, rack, box")
		case "to":
			c.Flags().StringVar(&m.Body.To, name, "", "`NAME` of who has it now")
		case "aliquot":
			c.Flags().StringVar(&m.Body.Aliquot, name, "", "`BARCODE` of the aliquot")
		}
	}
	for _, name := range v.needs {
		_ = c.MarkFlagRequired(name) // it was just defined
	}
	c.Flags().StringVar(&happened, "happened", "", "`TIME` when it was done; else now")
	c.RunE = func(c *cobra.Command, args []string) error { return a.doToLot(c.Context(), args[0], m, happened) }
	return c
}

func (a *app) doToLot(ctx context.Context, barcode string, m client.LotAct, happened string) (err error) {
	if m.Happened, err = a.instant("happened", happened); err != nil {
		return err
	}
	request, err := a.newRequest()
	if err != nil {
		return err
	}
	return a.with(func(server *client.Client) error {
		acted, err := server.ActOnLot(ctx, request, barcode, m)
		if err != nil {
			return a.sent(err)
		}
		return a.lotActed(barcode, acted)
	})
}

func (a *app) lotActed(barcode string, acted client.LotActed) error {
	if acted.Follows {
		a.note("saved; the list follows")
	}
	return one(a, acted, func() error {
		return a.table([]string{"lot", "state", "left", "record"}, [][]string{{barcode, acted.State, acted.Left, strconv.FormatInt(acted.Record.Number, 10)}})
	})
}
