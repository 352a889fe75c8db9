package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"secretome/internal/forecast"
	"secretome/internal/protocol"
)

const (
	maxProtocol = 16 << 20 // bytes; the parser has its own limit, and says more
	maxCalendar = 1 << 20
)

// planning is what "protocol plan" was asked for.
type planning struct{ start, calendar, svg, ics string }

func (a *app) plan() *cobra.Command {
	var in planning
	c := &cobra.Command{
		Use: "plan FILE", Short: "Forecast a run: who must be in the laboratory when", Args: cobra.ExactArgs(1),
		Long: `Forecast a run of a protocol, without a server: its real workflows run ahead
of time with people who do every task at its nominal time, and all of it right.

Told are the calendar of bench work, day by day; tasks outside the laboratory's
hours which their windows do not let move, and tasks for which there are too few
people or instruments (!); to when others can be moved inside their windows (>);
what must be ordered by when; and which of the next 14 days is the best start.

The laboratory's calendar is a small YAML file; a weekday that is left out has
no hours:

  hours:
    monday: 07:00-19:00
    saturday: 09:00-13:00
  closed:
    - {from: 2026-12-24, until: 2027-01-01, why: Christmas}`,
		Example: `  secretome protocol plan study.yaml --start 2026-10-05
  secretome protocol plan study.yaml --start "2026-10-05 13:00" --calendar lab.yaml --svg plan.svg --ics plan.ics
  secretome protocol plan study.yaml --json | jq '.tasks[] | select(.clash != [])'`,
	}
	c.Flags().StringVar(&in.start, "start", "", "`DATE` of the launch, which means 09:00, or date and time, in the protocol's zone; else next Monday")
	c.Flags().StringVar(&in.calendar, "calendar", "", "`FILE` with the laboratory's hours and closed days; else Monday to Friday, 07:00 to 19:00")
	c.Flags().StringVar(&in.svg, "svg", "", "write a Gantt chart to `FILE`")
	c.Flags().StringVar(&in.ics, "ics", "", "write a calendar for calendar programs to `FILE`")
	c.RunE = func(c *cobra.Command, args []string) error {
		p, o, err := a.planned(args[0], in)
		if err != nil {
			return err
		}
		f, err := forecast.Plan(c.Context(), p, o)
		if err != nil {
			return err
		}
		return a.showPlan(f, in)
	}
	return c
}

// planned reads what the forecast is about.
func (a *app) planned(file string, in planning) (protocol.Protocol, forecast.Options, error) {
	o := forecast.Options{Calendar: forecast.Usual()}
	p, err := a.document(file)
	if err != nil {
		return p, o, err
	}
	zone, err := forecast.Zone(p)
	if err != nil {
		return p, o, err
	}
	if in.start == "" {
		in.start = nextMonday(time.Now().In(zone))
	}
	if o.Start, err = forecast.ParseStart(in.start, zone); err != nil {
		return p, o, err
	}
	if in.calendar != "" {
		data, err := a.read(in.calendar, maxCalendar)
		if err != nil {
			return p, o, err
		}
		if o.Calendar, err = forecast.ParseCalendar(in.calendar, data); err != nil {
			return p, o, err
		}
	}
	return p, o, nil
}

// nextMonday is the date of the first Monday behind today.
func nextMonday(today time.Time) string {
	const week = 7
	ahead := (int(time.Monday)-int(today.Weekday())+week-1)%week + 1
	return today.AddDate(0, 0, ahead).Format(time.DateOnly)
}

func (a *app) showPlan(f forecast.Forecast, in planning) error {
	answered := false // standard output has its answer
	for _, file := range []struct {
		name string
		text func() string
	}{{in.svg, f.SVG}, {in.ics, f.ICalendar}} {
		if file.name == "" {
			continue
		}
		if err := a.write(file.name, func(w io.Writer) error { _, err := io.WriteString(w, file.text()); return err }); err != nil {
			return err
		}
		if file.name == stdin {
			answered = true
		} else {
			a.note("wrote %s", file.name)
		}
	}
	if answered {
		return nil
	}
	return one(a, f, func() error {
		for line := range strings.Lines(f.Text()) {
			if _, err := fmt.Fprintln(a.out, cell(strings.TrimSuffix(line, "\n"))); err != nil {
				return err
			}
		}
		return nil
	})
}
