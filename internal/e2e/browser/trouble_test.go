package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/network"

	"secretome/internal/client"
	"secretome/internal/record"
	runs "secretome/internal/run"
	"secretome/internal/task"
)

// bench is a technician's tablet at a task of a run of its own.
type bench struct {
	*play
	*tab
	task client.Task
}

// at opens a tablet at a task of a new run. The run is stopped when the test ends,
// so that its tasks stand in nobody's list.
func at(t *testing.T, id string, number int) bench {
	t.Helper()
	return through(t, house(t).server.Web, id, number)
}

// through is at, by a way of the test's own.
func through(t *testing.T, web, id string, number int) bench {
	t.Helper()
	l := house(t)
	p := &play{T: t, l: l, hand: finger{}, number: number, web: web}
	p.robot = launched(l, journey, "").barcodes(number)
	t.Cleanup(func() {
		stop := client.Control{Verb: runs.Stop, Reason: "the test is over"}
		if _, err := l.as("manager").Control(l.context(), client.NewRequest(), p.robot.run, stop); err != nil {
			t.Error(err)
		}
	})
	b := bench{play: p, tab: p.open(), task: p.robot.until(id)}
	p.signIn(b.tab, "Mara Thiel")
	b.visit("/tasks/" + strings.TrimPrefix(b.task.ID, "task/"))
	return b
}

// records of a kind that the run has about the task.
func (b bench) records(kinds ...record.Kind) []client.Record {
	b.Helper()
	all, err := b.l.as("manager").Records(b.Context(), b.robot.run, 0, kinds...)
	if err != nil {
		b.Fatal(err)
	}
	var ours []client.Record
	for _, r := range all {
		if r.Record.Subject.Task == b.task.ID {
			ours = append(ours, r)
		}
	}
	return ours
}

// received does all of the cord's steps but the picture.
func (b bench) received() {
	b.Helper()
	b.follow(b.hand, "button", "Claim")
	b.scan(b.code("D"))
	b.scan(b.code("UC"))
	b.follow(b.hand, "button", "Complete step 1")
	b.hand.number(b.tab, "warmest temperature on the way", "4")
	b.hand.pick(b.tab, "pink")
	b.follow(b.hand, "button", "Complete step 2")
}

// A tablet that leaves the network in the middle of an upload loses nothing and
// stores nothing twice.
func TestATabletLosesItsNetworkInTheMiddleOfAnUpload(t *testing.T) {
	wire := lay(t, house(t).server.Web)
	b := through(t, wire.web(), "receive", 101)
	b.received()
	picture := []byte(strings.Repeat("a picture that takes a while to send. ", 80_000)) // 3 MB
	const slow = 300_000                                                                // ten seconds of it
	wire.set(false, slow)
	before := wire.came()
	b.give(b.hand, b.file("cord.png", picture))
	eventually(t, "some of the picture on its way", func() bool { return wire.came() > before+slow })
	wire.set(true, 0)
	b.see("of 3.0 MB arrived. The upload goes on by itself when the network is back")
	if n := len(b.records(record.StepDone)); n != 2 {
		t.Errorf("%d steps are recorded, two were done", n)
	}
	wire.set(false, 0)
	b.see("is stored")
	b.follow(b.hand, "button", "Complete step 3")
	done := b.records(record.StepDone)
	entered, err := record.Read[record.Entered](done[len(done)-1].Record)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(picture)
	if got := entered.Entries[0].File; len(done) != 3 || got == nil || got.SHA256 != hex.EncodeToString(hash[:]) || got.Size != int64(len(picture)) {
		t.Errorf("%d steps, and the file is %+v", len(done), got)
	}
}

// A tablet that sleeps through the end of a window tells so when it wakes, and the
// task is done late, with a reason.
func TestATabletSleepsThroughTheEndOfAWindow(t *testing.T) {
	b := at(t, "rinse", 102)
	b.follow(b.hand, "button", "Claim")
	b.hand.number(b.tab, "number of washes", "3")
	try(b.tab, debugger.Enable, debugger.EnableParams{})
	try(b.tab, debugger.Pause, cdp.Empty{}) // no clock of the page runs from here
	eventually(t, "the end of the window", func() bool {
		v, err := b.l.as("technician").Task(t.Context(), b.task.ID)
		return err == nil && !v.Closes.IsZero() && time.Now().After(v.Closes.Add(time.Second))
	})
	try(b.tab, debugger.Resume, debugger.ResumeParams{})
	try(b.tab, debugger.Disable, cdp.Empty{})
	b.see("ended")
	if got := call[string](b.tab, b.field("number of washes"), "function() { return this.value; }"); got != "3" {
		t.Errorf("the entry says %q after the sleep, 3 was typed", got)
	}
	b.follow(b.hand, "button", "Complete step 1")
	b.see("The window closed")
	b.hand.write(b.tab, "The window closed", "the tablet slept")
	b.follow(b.hand, "button", "Complete task")
	b.see("is done")
	if n := len(b.records(record.DeviationOpened)); n != 1 {
		t.Errorf("%d deviations are open for the late task, want 1", n)
	}
	if v, err := b.l.as("technician").Task(t.Context(), b.task.ID); err != nil || v.Now.Phase != task.Completed {
		t.Errorf("the task is %v (%v)", v.Now.Phase, err)
	}
}

// Two people take one task: one gets it, the other reads who has it.
func TestTwoTechniciansTakeOneTask(t *testing.T) {
	b := at(t, "receive", 103)
	other := b.open()
	b.signIn(other, "Jonas Weber")
	other.visit(b.where())
	other.see("Nobody has this task")
	b.follow(b.hand, "button", "Claim")
	other.follow(b.hand, "button", "Claim")
	other.see("Mara Thiel")
	if strings.Contains(other.text(), "Complete step 1") {
		t.Errorf("the second one may write into the task:\n%s", other.text())
	}
	b.scan(b.code("D"))
	b.scan(b.code("UC"))
	b.follow(b.hand, "button", "Complete step 1")
	b.see("Step 1 is recorded")
	if claims := b.records(record.TaskClaimed); len(claims) != 1 || claims[0].Record.By.Name != "Mara Thiel" {
		t.Errorf("the claims are %+v", claims)
	}
}

// A session that ends while a form is half filled: who signs in again finds what
// was typed.
func TestASessionEndsWhileAFormIsHalfFilled(t *testing.T) {
	b := at(t, "receive", 104)
	b.follow(b.hand, "button", "Claim")
	b.scan(b.code("D"))
	b.scan(b.code("UC"))
	b.follow(b.hand, "button", "Complete step 1")
	b.hand.number(b.tab, "warmest temperature on the way", "5.5")
	b.hand.pick(b.tab, "yellow")
	here := b.where()

	for _, c := range try(b.tab, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name == "secretome-session" { // signed out elsewhere: this tablet is not told
			b.l.post("/logout", c.Value, nil)
		}
	}

	b.follow(b.hand, "button", "Complete step 2")
	b.see("signed out")
	if n := len(b.records(record.StepDone)); n != 1 {
		t.Errorf("%d steps are recorded, the second was sent by nobody", n)
	}
	if !strings.HasPrefix(b.where(), "/login") {
		b.visit("/login?back=" + here)
	}
	b.hand.write(b.tab, "User name", "Mara Thiel")
	b.hand.write(b.tab, "Password", b.l.password("Mara Thiel"))
	b.follow(b.hand, "button", "Sign in")
	if b.where() != here {
		b.visit(here)
	}
	b.see("is here again")
	b.follow(b.hand, "button", "Complete step 2")
	b.see("Step 2 is recorded")
	done := b.records(record.StepDone)
	entered, err := record.Read[record.Entered](done[len(done)-1].Record)
	if err != nil || len(done) != 2 || entered.Entries[0].Value != "5.5 Cel" || entered.Entries[1].Value != "yellow" {
		t.Errorf("%d steps, the last is %+v (%v)", len(done), entered, err)
	}
}
