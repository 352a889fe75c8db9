package forecast

import (
	"testing"
	"time"

	"secretome/internal/protocol"
)

func TestARunCollidesWithAnotherWhereOneAloneWouldNot(t *testing.T) {
	work := func(role, begins, ends string) Task {
		return Task{Title: "T " + begins, Role: role, Begins: at(t, begins), Ends: at(t, ends), Instruments: []string{"reader"}}
	}
	c := Course{p: protocol.Protocol{
		Roles:       []protocol.Role{{ID: "technician", Title: "Technician", People: 2}, {ID: "manager"}},
		Instruments: []protocol.Instrument{{ID: "incubator", Title: "Incubator"}},
	}}
	one := work("technician", "5 09:00", "5 10:00")
	for _, test := range []struct {
		name   string
		own    []Task
		others [][]Task
		need   int // 0: no collision
	}{
		{"nobody else", []Task{one}, nil, 0},
		{"as many as there are people", []Task{one}, [][]Task{{work("technician", "5 09:00", "5 10:00")}}, 0},
		{"two other runs at the same time", []Task{one}, [][]Task{{work("technician", "5 09:00", "5 10:00")}, {work("technician", "5 09:30", "5 10:00")}}, 3},
		{"two others, one behind the other", []Task{one}, [][]Task{{work("technician", "5 09:00", "5 09:30"), work("technician", "5 09:30", "5 10:00")}}, 0},
		{"others that end when it begins", []Task{one}, [][]Task{{work("technician", "5 08:00", "5 09:00"), work("technician", "5 08:00", "5 09:00")}}, 0},
		{"another role", []Task{one}, [][]Task{{work("quality", "5 09:00", "5 10:00"), work("quality", "5 09:00", "5 10:00")}}, 0},
		{"a role of which nobody said how many there are", []Task{work("manager", "5 09:00", "5 10:00")}, [][]Task{{work("manager", "5 09:00", "5 10:00")}}, 0},
		{"too many of its own", []Task{one, one, one}, [][]Task{{work("technician", "5 09:00", "5 10:00")}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var others []Planned
			for _, tasks := range test.others {
				others = append(others, Planned{"UCM-2026-007", Forecast{Tasks: tasks}})
			}
			got := c.Collisions(Forecast{Tasks: test.own}, others)
			if (len(got) > 0) != (test.need > 0) {
				t.Fatalf("collisions %+v, wanted %d", got, test.need)
			}
			if test.need > 0 && (got[0].Need != test.need || got[0].Have != 2 || got[0].Run != "UCM-2026-007" || got[0].What != "Technician") {
				t.Errorf("%d at once, %d there, for %s because of %s", got[0].Need, got[0].Have, got[0].What, got[0].Run)
			}
		})
	}
}

func TestACourseIsTheSameWheneverItBegins(t *testing.T) {
	p := compact(t)
	c, err := Foresee(t.Context(), p, time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := c.On(Options{Start: monday(t), Calendar: Usual()})
	if err != nil {
		t.Fatal(err)
	}
	walked := plan(t, p, monday(t))
	if moved.Text() != walked.Text() {
		t.Errorf("moved to its date, the course differs from one that began there:\n%s\n%s", moved.Text(), walked.Text())
	}
}

func TestTheDaysHoldAllOfTheWork(t *testing.T) {
	f := plan(t, compact(t), monday(t))
	tasks, bench, closed := 0, time.Duration(0), 0
	for _, d := range f.Days() {
		tasks, bench = tasks+d.Tasks, bench+d.Bench
		if d.Closed != "" {
			closed += d.Tasks
		}
	}
	want, off := time.Duration(0), 0
	for _, s := range f.Shares() {
		want, off = want+s.Bench, off+s.Closed
	}
	if tasks != len(f.Tasks) || bench != want || closed != off || closed == 0 {
		t.Errorf("the days have %d tasks, %s, %d on closed days; the roles %d, %s, %d", tasks, bench, closed, len(f.Tasks), want, off)
	}
	plates := 0
	for _, m := range f.Makes() {
		if m.Kind == "plate" {
			plates += m.Number
		}
	}
	if plates < 7 { // a CCK-8 plate each of three thaws, an ELISA each of three donors, one of tissues
		t.Errorf("%d plates, at least 7 are read", plates)
	}
}

func TestAMaterialIsUsedUntilItsLastTask(t *testing.T) {
	uses := func(file string) map[string]Used {
		c, err := Foresee(t.Context(), shipped(t, file), monday(t))
		if err != nil {
			t.Fatal(err)
		}
		f, err := c.On(Options{Start: monday(t), Calendar: Usual()})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]Used{}
		for _, u := range c.Uses(f) {
			all[u.Material] = u
		}
		if reader := all["cck8"]; reader.Tasks == 0 && reader.Material != "" && !reader.Last.Equal(f.End) {
			t.Errorf("%s: what no task names is used until %s, not to the end, %s", file, reader.Last, f.End)
		}
		return all
	}
	if cm := uses("range.yaml")["cm"]; cm.Tasks < 3 || !cm.Last.After(cm.First) { // one thaw each of three blocks
		t.Errorf("conditioned medium is used in %d tasks from %s to %s", cm.Tasks, cm.First, cm.Last)
	}
	if kit := uses("compact.yaml")["run-il8-elisa.kit_lot"]; kit.Tasks != 3 || kit.Title != "Run the IL-8 ELISA, lot of the kit" { // one each of three donors
		t.Errorf("a kit that is only scanned: %+v", kit)
	}
}
