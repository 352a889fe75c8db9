package browser

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/rehearsal"
	runs "secretome/internal/run"
	"secretome/internal/task"
)

// robot does through the API what no script of a journey looks at.
type robot struct {
	l       *laboratory
	run     string
	p       protocol.Protocol
	values  map[string]string // "task/step.field" → what is typed
	number  int               // of the things that the run makes: no two files are the same
	reasons map[string]string // step → why a value of it is out of range
	apart   map[string]string // task → who does it, where it is not whoever has the role
}

// launched is a robot for a run of a protocol that is launched through the API.
func launched(l *laboratory, file, title string) *robot {
	l.t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	r, err := l.as("manager").Launch(l.t.Context(), client.NewRequest(), client.Launch{Document: string(document), Title: title})
	if err != nil {
		l.t.Fatal(err)
	}
	return robotOf(l, file, r.Run)
}

func robotOf(l *laboratory, file, run string) *robot {
	l.t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	p, err := protocol.Parse(file, document)
	if err != nil {
		l.t.Fatal(err)
	}
	return &robot{l: l, run: run, p: p, values: map[string]string{}, reasons: map[string]string{}, apart: map[string]string{}}
}

// until does tasks until the one with this ID in the protocol is open, and
// returns it. Without one it plays to the end of the run.
func (r *robot) until(id string) client.Task {
	t := r.l.t
	t.Helper()
	done := map[string]bool{}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		view, err := r.l.as("manager").Run(t.Context(), r.run)
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range view.Tasks {
			if id != "" && strings.Contains(open.ID, "/"+id+"/") {
				return open
			}
			if !done[open.ID] {
				r.do(open)
				done[open.ID] = true
			}
		}
		if view.State != "running" && len(view.Tasks) == 0 {
			if id != "" {
				t.Fatalf("run %s is %s (%s), %s was never asked", r.run, view.State, view.Why, id)
			}
			return client.Task{}
		}
		if time.Now().After(deadline) {
			t.Fatalf("run %s does not come to %q: %+v", r.run, id, view)
		}
	}
}

// open names the open tasks of the run.
func (r *robot) open() string {
	r.l.t.Helper()
	view, err := r.l.as("manager").Run(r.l.t.Context(), r.run)
	if err != nil {
		r.l.t.Fatal(err)
	}
	var all []string
	for _, t := range view.Tasks {
		all = append(all, t.ID)
	}
	return strings.Join(all, " ")
}

// do does one task with the values of the robot, or the first ones that fit.
func (r *robot) do(open client.Task) {
	t := r.l.t
	t.Helper()
	who := open.Role
	for id, name := range r.apart {
		if strings.Contains(open.ID, "/"+id+"/") {
			who = name
		}
	}
	c := r.l.as(who)
	view, err := c.Task(t.Context(), open.ID)
	if err != nil {
		t.Fatal(err)
	}
	act := func(c *client.Client, a client.Act) {
		if _, err := c.Act(t.Context(), client.NewRequest(), open.ID, a); err != nil {
			t.Fatalf("%s %s %s: %v", a.Verb, a.Step, open.ID, err)
		}
	}
	act(c, client.Act{Verb: task.Claim})
	for _, step := range view.Spec.Task.Steps {
		a := client.Act{Verb: task.Step, Step: step.ID, Deviation: r.reasons[step.ID]}
		for _, f := range step.Fields {
			a.Entries = append(a.Entries, r.entry(c, view, step.ID, f))
		}
		act(c, a)
		if step.Second {
			act(r.l.as("quality"), client.Act{Verb: task.Check, Step: step.ID})
		}
	}
	act(c, client.Act{Verb: task.Complete})
}

// act is one act of somebody at a task.
func (r *robot) act(who string, open client.Task, a client.Act) {
	r.l.t.Helper()
	if _, err := r.l.as(who).Act(r.l.t.Context(), client.NewRequest(), open.ID, a); err != nil {
		r.l.t.Fatalf("%s %s %s: %v", a.Verb, a.Step, open.ID, err)
	}
}

// control is what a manager does to the run.
func (r *robot) control(verb runs.Verb, reason string) {
	r.l.t.Helper()
	if _, err := r.l.as("manager").Control(r.l.t.Context(), client.NewRequest(), r.run, client.Control{Verb: verb, Reason: reason}); err != nil {
		r.l.t.Fatalf("%s %s: %v", verb, r.run, err)
	}
}

func (r *robot) entry(c *client.Client, view client.TaskView, step string, f protocol.Field) record.Entry {
	path := step + "." + f.ID
	if v, ok := r.values[view.Spec.Task.ID+"/"+path]; ok {
		return record.Entry{Field: f.ID, Value: v}
	}
	if code, ok := view.Spec.Expect[path]; ok {
		return record.Entry{Field: f.ID, Value: code}
	}
	switch f.Kind {
	case protocol.File:
		return r.upload(c, view, f.ID)
	case protocol.Amount:
		if len(f.Range) == 2 {
			return record.Entry{Field: f.ID, Value: f.Range[0].String()}
		}
		return record.Entry{Field: f.ID, Value: "1 " + f.Unit}
	case protocol.Choice:
		return record.Entry{Field: f.ID, Value: f.Choices[0]}
	case protocol.YesNo:
		return record.Entry{Field: f.ID, Value: "yes"}
	case protocol.Time:
		return record.Entry{Field: f.ID, Value: "2026-02-20 14:30"}
	case protocol.Text, protocol.Scan:
	}
	return record.Entry{Field: f.ID, Value: "CM-1"}
}

func (r *robot) upload(c *client.Client, view client.TaskView, field string) record.Entry {
	t := r.l.t
	t.Helper()
	data := []byte("a picture of " + view.ID)
	if len(r.p.Layouts) > 0 && view.Block != "" {
		data = r.plate(view.Block)
	}
	a, err := c.Upload(t.Context(), client.NewRequest(), bytes.NewReader(data), client.Upload{Name: "plate.txt", MediaType: "text/plain", Size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	return record.Entry{Field: field, Value: a.SHA256, File: &a}
}

// plate is the export of a plate reader for a block of the run's plan: living
// cells read high, killed ones and blanks low, and codes differ a little.
func (r *robot) plate(block string) []byte {
	t := r.l.t
	t.Helper()
	layout := r.p.Layouts[0]
	if plan, err := r.l.as("technician").Plates(t.Context(), r.run); err == nil {
		for _, b := range plan.Blocks {
			if b.Block == block && len(b.Layouts) > 0 {
				layout = b.Layouts[0]
			}
		}
	}
	low := map[string]float64{"-": 0.05, "BLK": 0.1, "KC": 0.15, "NC": 1.1}
	grid := make([][]float64, 8) // rows of a plate of 96 wells
	for i, row := range strings.Split("ABCDEFGH", "") {
		for j, code := range strings.Fields(layout.Rows[row]) {
			v, known := low[code]
			if !known {
				v = 0.8 + 0.02*float64(code[0]-'A') + 0.05*float64(len(code))
			}
			grid[i] = append(grid[i], v+0.003*float64((i+2*j)%5))
		}
	}
	return rehearsal.Export(fmt.Sprintf("P%d", r.number), r.p.Assays[0], grid, 0)
}

// barcodes gives the things of a run of the journey's protocol names that end
// with a number.
func (r *robot) barcodes(number int) *robot {
	r.number = number
	code := func(prefix string) string { return fmt.Sprintf("%s-%04d", prefix, number) }
	for field, value := range map[string]string{
		"receive/donor.code": code("D"), "receive/donor.cord": code("UC"), "receive/look.temperature": "4 Cel",
		"culture/seed.vessel": code("CV"), "culture/seed.viability": "97.1 %",
		"fill/fill.lot": code("CM"), "fill/fill.blank": code("UCM"), "fill/fill.volume": "0.5 mL", "fill/fill.number": "12 1",
		"release/release.lot": code("CM"), "take-from-stock/lots.lot_1": code("CM"), "thaw-aliquot/scan.lot": code("CM"),
		"prepare/seed.plate": code("PL"), "treat/apply.plate": code("PL"), "take-samples/look.plate": code("PL"), "read-plate/export.plate": code("PL"),
		"decide-deviation/decide.choice": "continue",
	} {
		r.values[field] = value
	}
	return r
}
