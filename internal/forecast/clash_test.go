package forecast

import (
	"slices"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

// at is a time in October 2026 in Berlin; the 5th is a Monday.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2 15:04 Jan 2006", text+" Oct 2026", berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestATaskIsHeldAgainstTheCalendar(t *testing.T) {
	closed := Usual()
	closed.Closed = []Closed{{From: "2026-10-07", Until: "2026-10-08", Why: "Stocktaking"}}
	closed.Hours[time.Saturday] = Hours{From: 9 * 60, Until: 13 * 60}
	for _, test := range []struct {
		name          string
		begins, ends  string
		opens, closes string // of the window; empty: none
		kind          Kind
		says          string
	}{
		{"in hours", "5 09:00", "5 09:30", "", "", "", ""},
		{"at the first and the last minute", "5 07:00", "5 19:00", "", "", "", ""},
		{"at night, and the window closes before the morning", "5 23:00", "5 23:30", "5 22:00", "6 02:00", Night, "Monday 5 October 23:00, the hours are 07:00 to 19:00"},
		{"at night, and the window still holds the morning", "5 23:00", "5 23:30", "5 22:00", "6 07:30", "", "move to Tuesday 6 October 07:00, still in the window"},
		{"at night, and the morning is a minute too late", "5 23:00", "5 23:30", "5 22:00", "6 07:29", Night, "Monday 5 October 23:00"},
		{"at night, and the evening is nearer than the morning", "5 21:00", "5 21:30", "5 16:00", "6 12:00", "", "move to Monday 5 October 18:30"},
		{"past the end of the hours", "5 18:50", "5 19:20", "5 18:50", "5 19:20", Night, "Monday 5 October 18:50 until 19:20, the hours are"},
		{"on a Sunday", "11 07:30", "11 08:00", "11 07:00", "11 10:00", Weekend, "Sunday 11 October 07:30, the laboratory is closed"},
		{"on a Sunday, and Monday is in the window", "11 07:30", "11 08:00", "11 07:00", "12 10:00", "", "move to Monday 12 October 07:00"},
		{"on a Saturday with hours", "10 09:00", "10 09:30", "10 09:00", "10 10:00", "", ""},
		{"on a closed day", "7 09:00", "7 09:30", "7 08:00", "7 12:00", Holiday, "Wednesday 7 October 09:00, the laboratory is closed: Stocktaking"},
		{"on a closed day, and the next open one is in the window", "7 09:00", "7 09:30", "7 08:00", "9 12:00", "", "move to Friday 9 October 07:00"},
		{"without a window it may wait", "7 09:00", "7 09:30", "", "", "", "may wait until Friday 9 October 07:00"},
		{"longer than any day", "5 09:00", "6 09:00", "", "", Night, "Monday 5 October 09:00 until Tuesday 09:00"},
		{"longer than its window", "5 09:00", "5 09:30", "5 09:00", "5 09:15", Window, "ends Monday 5 October 09:30, but its window closes at 09:15"},
	} {
		t.Run(test.name, func(t *testing.T) {
			task := Task{Begins: at(t, test.begins), Ends: at(t, test.ends), Windowed: test.opens != ""}
			task.Opens, task.Closes = task.Begins, task.Ends
			if task.Windowed {
				task.Opens, task.Closes = at(t, test.opens), at(t, test.closes)
			}
			got := judge(protocol.Protocol{}, closed, []Task{task})[0]
			kind, says := Kind(""), got.Hint
			if len(got.Clash) > 0 {
				kind, says = got.Clash[0].Kind, got.Clash[0].Text
			}
			if kind != test.kind || !strings.HasPrefix(says, test.says) || (test.says == "") != (says == "") {
				t.Errorf("got %q %q, want %q %q", kind, says, test.kind, test.says)
			}
		})
	}
}

func TestTheTasksOfTheLaunchDoNotWait(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	p.Stages[0].Tasks = append(p.Stages[0].Tasks, protocol.Task{ID: "first", Title: "First", Role: "manager"}, protocol.Task{ID: "last", Title: "Last", Role: "manager"})
	p.Stages[0].Flow = append(append([]protocol.Act{{Task: "first"}}, p.Stages[0].Flow...), protocol.Act{Task: "last"})
	f := plan(t, p, at(t, "10 17:00")) // a Saturday
	var clashes []string
	for _, task := range f.Tasks {
		if len(task.Clash) > 0 {
			clashes = append(clashes, task.Step+": "+sentences(task.Clash))
		}
	}
	want := []string{"first: Saturday 10 October 17:00, the laboratory is closed", "add: Saturday 10 October 17:30, the laboratory is closed"}
	if !slices.Equal(clashes, want) {
		t.Errorf("clashes %v, want %v", clashes, want)
	}
	f = plan(t, p, at(t, "8 17:30")) // two days before Saturday: the last task of the chain is on it, and may wait
	if last := f.Tasks[3]; len(last.Clash) > 0 || !strings.HasPrefix(last.Hint, "may wait until Monday") {
		t.Errorf("the last task clashes: %v, hint %q", last.Clash, last.Hint)
	}
}

func TestTooFewPeopleOrInstrumentsClash(t *testing.T) {
	p := protocol.Protocol{
		Roles:       []protocol.Role{{ID: "technician", Title: "Technician", People: 2}, {ID: "manager", People: 1}, {ID: "quality"}},
		Instruments: []protocol.Instrument{{ID: "reader", Title: "Plate reader"}, {ID: "hood", Count: 3}},
	}
	task := func(role, begins, ends string, instruments ...string) Task {
		b, e := at(t, begins), at(t, ends)
		return Task{Role: role, Begins: b, Ends: e, Opens: b, Closes: e, Instruments: instruments}
	}
	for _, test := range []struct {
		name  string
		tasks []Task
		want  []string // of each task
	}{
		{"two for two", []Task{task("technician", "5 09:00", "5 10:00"), task("technician", "5 09:00", "5 10:00")}, []string{"", ""}},
		{"a third for two", []Task{task("technician", "5 09:00", "5 10:00"), task("technician", "5 09:00", "5 10:00"), task("technician", "5 09:30", "5 10:00")},
			[]string{"", "", "Monday 5 October 09:30, 3 tasks at once for Technician: 2 people"}},
		{"one after the other", []Task{task("manager", "5 09:00", "5 10:00"), task("manager", "5 10:00", "5 11:00")}, []string{"", ""}},
		{"three at once for one", []Task{task("manager", "5 09:00", "5 10:00"), task("manager", "5 09:00", "5 10:00"), task("manager", "5 09:00", "5 10:00")},
			[]string{"", "Monday 5 October 09:00, 3 tasks at once for manager: 1 person", "Monday 5 October 09:00, 3 tasks at once for manager: 1 person"}},
		{"a role of which nobody said how many", []Task{task("quality", "5 09:00", "5 10:00"), task("quality", "5 09:00", "5 10:00")}, []string{"", ""}},
		{"one reader for two", []Task{task("technician", "5 09:00", "5 10:00", "reader"), task("technician", "5 09:10", "5 09:20", "reader", "hood")},
			[]string{"", "Monday 5 October 09:10, 2 tasks at once with Plate reader: there is 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i, got := range judge(p, Usual(), test.tasks) {
				if text := sentences(got.Clash); text != test.want[i] {
					t.Errorf("task %d: %q, want %q", i, text, test.want[i])
				}
			}
		})
	}
}

func TestAStartIsReadAsLabTime(t *testing.T) {
	for _, test := range []struct {
		text, want string // RFC 3339; empty: refused
		says       string
	}{
		{"2026-10-24", "2026-10-24T09:00:00+02:00", ""},
		{"2026-10-24 10:00", "2026-10-24T10:00:00+02:00", ""},
		{"2026-10-24T10:00", "2026-10-24T10:00:00+02:00", ""},
		{"2026-10-24T10:00:00Z", "2026-10-24T12:00:00+02:00", ""},
		{"2026-10-25", "2026-10-25T09:00:00+01:00", ""},
		{"2026-03-29 02:30", "", "field start: there is no 2026-03-29 02:30 in Europe/Berlin: the clock is put forward then; write a time that there is, for instance 2026-03-29 03:30"},
		{"2026-03-29 01:59", "2026-03-29T01:59:00+01:00", ""},
		{"2026-03-29 03:00", "2026-03-29T03:00:00+02:00", ""},
		{"2026-10-25 02:30", "", "field start: 2026-10-25 02:30 comes twice in Europe/Berlin: the clock is put back then; write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"},
		{"2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00", ""},
		{"2026-10-25 01:59", "2026-10-25T01:59:00+02:00", ""},
		{"2026-10-25 03:00", "2026-10-25T03:00:00+01:00", ""},
		{"2026-02-30", "", `"2026-02-30" is no date`},
		{"24.10.2026", "", `"24.10.2026" is no date`},
		{"", "", `"" is no date`},
		{"9999-01-01", "", "outside the years"},
	} {
		got, err := ParseStart(test.text, berlin(t))
		if test.want == "" {
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error()+"; "+fault.Of(err).Help, test.says) {
				t.Errorf("%q: %v, want a fault with %q", test.text, err, test.says)
			}
			continue
		}
		if text := got.Format(time.RFC3339); err != nil || text != test.want {
			t.Errorf("%q is %s (%v), want %s", test.text, text, err, test.want)
		}
	}
}

func TestACalendarIsReadStrictly(t *testing.T) {
	for _, test := range []struct{ name, text, says string }{
		{"all of it", "hours:\n  monday: 08:00-16:30\n  sunday: 00:00-24:00\nclosed:\n  - {from: 2026-12-24, until: 2027-01-01, why: Christmas}\n  - {from: 2026-10-03}\n", ""},
		{"hours may be left out", "closed: []\n", ""},
		{"an unknown key", "hours:\n  mondy: 08:00-16:30\n", `lab.yaml:2:3: unknown key "mondy"`},
		{"a key twice", "closed: []\nclosed: []\n", `lab.yaml:2:1: "closed" stands here twice`},
		{"hours that are none", "hours: {monday: 8-16}\n", `lab.yaml:1:17: "8-16" are no hours`},
		{"hours that end before they begin", "hours: {monday: 16:00-08:00}\n", "are no hours"},
		{"a minute too many", "hours: {monday: 08:00-16:60}\n", "are no hours"},
		{"an hour too many", "hours: {monday: 08:00-24:01}\n", "are no hours"},
		{"a date that is none", "closed:\n  - {from: 2026-02-30}\n", `lab.yaml:2:12: "2026-02-30" is no date`},
		{"days the wrong way round", "closed:\n  - {from: 2026-12-24, until: 2026-12-20}\n", "no first one, or one behind the last"},
		{"days without a first one", "closed:\n  - {why: Christmas}\n", "no first one, or one behind the last"},
		{"a day instead of a list", "closed: 2026-12-24\n", "lab.yaml:1:9: a list of days belongs here"},
		{"a list instead of keys", "- monday\n", "keys with values belong here"},
		{"an alias", "hours: {monday: &a 08:00-16:00, tuesday: *a}\n", "a value belongs here"},
		{"nothing", "", "the file is empty"},
		{"two documents", "closed: []\n---\nclosed: []\n", "a second document begins here"},
		{"no YAML", "hours: {monday\n", "this is no YAML"},
		{"too much of it", strings.Repeat("# \n", maxCalendar), "a calendar has at most"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseCalendar("lab.yaml", []byte(test.text))
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
	c, err := ParseCalendar("lab.yaml", []byte("hours:\n  monday: 08:00-16:30\nclosed:\n  - {from: 2026-12-24, until: 2027-01-01, why: Christmas}\n"))
	if err != nil || c.Hours != [7]Hours{time.Monday: {8 * 60, 16*60 + 30}} || len(c.Closed) != 1 || c.Closed[0] != (Closed{"2026-12-24", "2027-01-01", "Christmas"}) {
		t.Errorf("got %+v (%v)", c, err)
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add([]byte("hours: {monday: 08:00-16:30}\nclosed:\n  - {from: 2026-12-24}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCalendar("lab.yaml", data)
		if err == nil {
			c.holds(monday(t), monday(t).Add(time.Hour))
		}
	})
}
