package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/quantity"
	"secretome/internal/sample"
)

// places are freezers, refrigerators and incubators with a temperature logger.
func (a *app) places() *cobra.Command {
	c := &cobra.Command{Use: "place", Short: "Keep and see the temperature logs of freezers, refrigerators and incubators"}
	list := &cobra.Command{
		Use: "list", Short: "List the places of which there are logs", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(func(server *client.Client) error {
				all, err := server.Places(c.Context())
				if err != nil {
					return err
				}
				return list(a, all, []column[sample.Place]{
					{"place", func(p sample.Place) string { return p.Place }},
					{"files", func(p sample.Place) string { return strconv.Itoa(p.Files) }},
					{"from", func(p sample.Place) string { return a.when(p.From) }},
					{"to", func(p sample.Place) string { return a.when(p.To) }},
					{"low", func(p sample.Place) string { return degrees(p.Low) }},
					{"high", func(p sample.Place) string { return degrees(p.High) }},
				})
			})
		},
	}
	c.AddCommand(list, a.placeView(), a.placeLog())
	return c
}

func (a *app) placeLog() *cobra.Command {
	var m client.PlaceLog
	c := &cobra.Command{
		Use: "log PLACE FILE.csv", Short: "Keep what the temperature logger of a place wrote", Args: cobra.ExactArgs(2),
		Long:    "Keep what the temperature logger of a place wrote.\nThe file has a line of titles with a column for the time and one for the temperature,\nfor instance: time;temperature (°C). It has 16 MiB at most. Name the place as in\nlot move and lot freeze: a log of \"F-80-2\" counts for what lies in \"F-80-2, box 4\" too.",
		Example: "  secretome place log F-80-2 march.csv\n  secretome place log \"refrigerator 1\" logger.csv --zone UTC",
	}
	c.Flags().StringVar(&m.Zone, "zone", a.setting("SECRETOME_TZ", "Europe/Berlin"), "time `ZONE` of times that do not say their offset")
	c.RunE = func(c *cobra.Command, args []string) error {
		request, err := a.newRequest()
		if err != nil {
			return err
		}
		return a.with(func(server *client.Client) error {
			stored, err := a.upload(c.Context(), server, part(request, args[1]), args[1])
			if err != nil {
				return a.sent(err)
			}
			m.Artifact, m.Name = stored.SHA256, filepath.Base(args[1])
			done, err := server.LogPlace(c.Context(), request, args[0], m)
			if err != nil {
				return a.sent(err)
			}
			if done.Follows {
				a.note("saved; the list follows")
			}
			return one(a, done, func() error {
				l := done.Log
				return a.table([]string{"place", "from", "to", "low", "high", "readings", "missing", "record"}, [][]string{{
					l.Place, a.when(l.From), a.when(l.To), strings.ReplaceAll(l.Low, "Cel", "°C"), strings.ReplaceAll(l.High, "Cel", "°C"),
					strconv.Itoa(l.Readings), strconv.Itoa(l.Missing), strconv.FormatInt(done.Record.Number, 10),
				}})
			})
		})
	}
	return c
}

func (a *app) placeView() *cobra.Command {
	return &cobra.Command{
		Use: "view PLACE", Short: "Show for which times there are temperatures of a place, and for which there are none", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				v, err := server.Place(c.Context(), args[0])
				if err != nil {
					return err
				}
				return one(a, v, func() error { return a.showPlace(v) })
			})
		},
	}
}

func (a *app) showPlace(v sample.PlaceView) error {
	p := a.page()
	p.line("%s  %s", v.Place.Place, a.measured(v.Coverage))
	p.line("")
	for _, s := range v.Coverage.Covered {
		p.line("  logged  %s", a.span(s))
	}
	for _, s := range v.Coverage.Gaps {
		p.line("  gap     %s (%s)", a.span(s), lasted(s.To.Sub(s.From)))
	}
	if p.err != nil {
		return p.err
	}
	fmt.Fprintln(a.out)
	return list(a, v.Logs, []column[sample.PlaceFile]{
		{"record", func(f sample.PlaceFile) string { return strconv.FormatInt(f.Number, 10) }},
		{"file", func(f sample.PlaceFile) string { return f.Source }},
		{"from", func(f sample.PlaceFile) string { return a.when(f.From) }},
		{"to", func(f sample.PlaceFile) string { return a.when(f.To) }},
		{"low", func(f sample.PlaceFile) string { return degrees(f.Low) }},
		{"high", func(f sample.PlaceFile) string { return degrees(f.High) }},
		{"readings", func(f sample.PlaceFile) string { return strconv.Itoa(f.Readings) }},
		{"missing", func(f sample.PlaceFile) string { return strconv.Itoa(f.Missing) }},
		{"by", func(f sample.PlaceFile) string { return f.By }},
	})
}

// page returns a page as wide as the terminal, but no wider than can be read.
func (a *app) page() *page {
	const widest = 100
	p := &page{w: a.out, width: min(a.width, widest)}
	if a.width == 0 {
		p.width = widest
	}
	return p
}

// measured says in words what logs tell.
func (a *app) measured(c sample.Coverage) string {
	if c.Readings == 0 {
		return "no temperature is logged"
	}
	return fmt.Sprintf("%s to %s, logged %s of the time", degrees(c.Low), degrees(c.High), share(c.Fraction))
}

// share is a fraction as a percentage, rounded down: only all of it is 100 %.
func share(f float64) string {
	const tenths, percent = 1000, 10
	return strconv.FormatFloat(math.Floor(f*tenths)/percent, 'f', -1, 64) + " %"
}

func degrees(q quantity.Quantity) string { return strings.Replace(q.String(), "Cel", "°C", 1) }

func (a *app) span(s sample.Span) string {
	if s.From.Equal(s.To) {
		return a.when(s.From)
	}
	return a.when(s.From) + " – " + a.when(s.To)
}

// lasted is how long something took, in the two largest units.
func lasted(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return strings.TrimSuffix(fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour), " 0 h")
	case d >= time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute), " 0 min")
	case d >= time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
