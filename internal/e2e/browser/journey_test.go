package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const journey = "testdata/journey.yaml"

// play is one hand's way through the study: the manager's, the technician's and
// the reviewer's day.
type play struct {
	*testing.T
	l      *laboratory
	hand   hand
	number int // of the things that this hand makes
	robot  *robot
	web    string
}

func TestThreePeopleDoTheirDay(t *testing.T) {
	for i, h := range []struct {
		name string
		hand hand
	}{{"by mouse", mouse{}}, {"by touch", finger{}}, {"by keyboard alone", keys{}}} {
		t.Run(h.name, func(t *testing.T) {
			l := house(t)
			p := &play{T: t, l: l, hand: h.hand, number: i + 1, web: l.server.Web}
			p.setUp()
			p.launch()
			p.receive()
			p.decide()
			p.culture()
			p.plate()
			p.review()
		})
	}
}

// open opens a browser of the hand's own.
func (p *play) open() *tab {
	p.Helper()
	return open(p.T, p.web, p.hand.screen())
}

// signIn is as somebody does it who opens the laboratory's address.
func (p *play) signIn(b *tab, name string) {
	p.Helper()
	b.visit("/")
	b.see("Sign in")
	p.hand.write(b, "User name", name)
	p.hand.write(b, "Password", p.l.password(name))
	b.follow(p.hand, "button", "Sign in")
}

func (p *play) code(prefix string) string { return fmt.Sprintf("%s-%04d", prefix, p.number) }

// manager is the one whom this hand hires.
func (p *play) manager() string { return fmt.Sprintf("Karin Lund %d", p.number) }

// setUp opens the link that the program printed, where nobody has yet, and gives a
// manager an account by a link of their own.
func (p *play) setUp() {
	h, b := p.hand, p.open()
	const admin = "Eva Roth"
	if link := setUpLink.FindString(p.l.told.String()); p.l.keys[admin] == "" {
		p.l.keys[admin] = "four words that nobody guesses"
		b.visit(strings.TrimPrefix(link, p.web))
		b.see("Set up this laboratory")
		h.write(b, "Your name", admin)
		p.setPassword(b, admin)
		b.follow(h, "button", "Set up the laboratory")
	}
	p.signIn(b, admin)
	b.follow(h, "link", "People")
	h.write(b, "Name", p.manager())
	h.pick(b, "Manager")
	b.follow(h, "button", "Give the account")
	b.see("It is shown this once")
	link, err := ask[string](b, `document.querySelector(".secret").textContent`)
	if err != nil {
		p.Fatal(err)
	}
	own := p.open()
	own.visit(link[strings.Index(link, "/link/"):])
	p.l.keys[p.manager()] = "a password of the manager's own"
	p.setPassword(own, p.manager())
	own.follow(h, "button", "Set the password")
}

// setUpLink is what the program prints for the first administrator.
var setUpLink = regexp.MustCompile(`http://\S+/setup/\S+`)

func (p *play) setPassword(b *tab, name string) {
	p.Helper()
	p.hand.write(b, "New password", p.l.keys[name])
	p.hand.write(b, "New password again", p.l.keys[name])
}

// launch begins a draft of the study, checks the plan, signs it, pauses the run
// and lets it go on.
func (p *play) launch() {
	h, b := p.hand, p.open()
	p.signIn(b, p.manager())
	b.follow(h, "link", "Launch a run")
	document, err := os.ReadFile(journey)
	if err != nil {
		p.Fatal(err)
	}
	b.giveTo(h, "File", p.file("journey.yaml", document))
	eventually(p, "the document in the form", func() bool {
		return strings.Contains(call[string](b, b.field("Text"), "function() { return this.value; }"), "protocol: JOURNEY")
	})
	b.follow(h, "button", "Begin a draft")
	h.write(b, "Title of the run", fmt.Sprintf("Study by hand %d", p.number))
	h.write(b, "Start", "") // it offers a morning on which everybody is there
	b.follow(h, "button", "Check the plan")
	b.see("What will be created", "as soon as it is launched", "Who is asked for what", "One plate", "Differences from the last run")
	h.write(b, "Name", p.manager())
	h.write(b, "Password", p.l.password(p.manager()))
	b.follow(h, "button", "Launch run")
	b.see(fmt.Sprintf("Study by hand %d", p.number))
	p.robot = robotOf(p.l, journey, strings.TrimPrefix(b.where(), "/runs/")).barcodes(p.number)
	b.reloadUntil("Receive the cord")

	b.follow(h, "link", "Pause")
	b.see("What will happen", "can be finished")
	h.write(b, "Why", "the incubator is being repaired")
	b.follow(h, "button", "Pause the run")
	b.reloadUntil("the incubator is being repaired")
	b.follow(h, "link", "Resume")
	h.write(b, "Why", "it is repaired")
	b.follow(h, "button", "Resume the run")
	b.reloadUntil("Nothing is blocked")
}

// receive is the technician's first task: scans, numbers, a value out of range
// with its reason, and a picture.
func (p *play) receive() {
	h, b := p.hand, p.open()
	p.signIn(b, "Mara Thiel")
	b.reloadUntil("Receive the cord")
	b.follow(h, "button", "Claim Receive the cord")

	b.see("Scan the donor and the cord")
	b.scan(p.code("D"))
	b.scan(p.code("UC"))
	b.follow(h, "button", "Complete step 1")

	b.see("Read the logger")
	h.number(b, "warmest temperature on the way", "338")
	b.see("338 °C")
	h.number(b, "warmest temperature on the way", "9.5")
	h.write(b, "A value is outside its range", "the courier was late")
	h.pick(b, "pink")
	b.follow(h, "button", "Complete step 2")

	b.see("Take a picture of it")
	b.give(h, p.file("cord.png", make([]byte, 200_000)))
	b.see("is stored")
	b.follow(h, "button", "Complete step 3")
	b.follow(h, "button", "Complete task")
	b.see("Receive the cord is done")
}

// decide is the manager's answer to the deviations.
func (p *play) decide() {
	h, b := p.hand, p.open()
	p.signIn(b, p.manager())
	b.visit("/runs/" + p.robot.run)
	b.reloadUntil("Blocked")
	eventually(p, "the next task after all decisions", func() bool {
		switch open := p.robot.open(); {
		case strings.Contains(open, "/culture/"):
			return true
		case strings.Contains(open, "/decide-deviation/"):
			b.visit("/decisions?run=" + p.robot.run)
			h.pick(b, "Continue")
			h.write(b, "Why, and what it means for the result", "the logger shows two minutes above eight degrees")
			b.follow(h, "button", "Decide")
		}
		return false
	})
}

// culture is a task with a second person.
func (p *play) culture() {
	h, b := p.hand, p.open()
	p.signIn(b, "Mara Thiel")
	b.reloadUntil("Seed the vessel")
	b.follow(h, "button", "Claim Seed the vessel")
	b.scan(p.code("CV"))
	h.number(b, "viability", "97.1")
	b.follow(h, "button", "Complete step 1")
	b.follow(h, "link", "Have it checked")
	h.write(b, "Name of the second person", "Jonas Weber")
	h.write(b, "Their password", p.l.password("Jonas Weber"))
	b.follow(h, "button", "Checked: it is so")
	b.follow(h, "button", "Complete task")
	b.see("Seed the vessel is done")
}

// plate hands in what the reader wrote.
func (p *play) plate() {
	p.robot.until("read-plate")
	h, b := p.hand, p.open()
	p.signIn(b, "Mara Thiel")
	b.reloadUntil("Read the plate")
	b.follow(h, "button", "Claim Read the plate")
	b.scan(p.code("PL"))
	b.give(h, p.file("plate.txt", p.robot.plate("1")))
	b.see("is stored", "It is recorded when the step is completed") // what is in the file comes in above the button
	b.follow(h, "button", "Complete step 1")
	b.follow(h, "button", "Complete task")
	b.see("Read the plate is done")
}

// review reads what departed, goes back in time, follows a point of a figure to
// the donor, and signs: not who recorded data in the run, but somebody else.
func (p *play) review() {
	p.robot.until("sign-report")
	h, own := p.hand, p.open()
	p.signIn(own, "reviewer")
	own.visit("/runs/" + p.robot.run + "/review")
	own.see("What departed", "the courier was late", "Another reviewer must sign it")

	b := p.open()
	p.signIn(b, "Aiko Vogt")
	b.visit("/runs/" + p.robot.run + "/review")
	b.see("the courier was late")
	b.follow(h, "link", "Key event before")
	b.see("This page tells only what was known when record")
	b.follow(h, "link", "Last")

	b.follow(h, "link", "Results")
	b.follow(h, "link", "CM5, block 1")
	b.see("Plate map")
	b.follow(h, "link", "#")
	b.follow(h, "link", "artifact ")
	b.see("verified", "Lineage")
	h.press(b, "DisclosureTriangle", "What it came from, the nearest first")
	b.follow(h, "link", "… donor: code "+p.code("D"))
	b.see("Scan", p.code("D"), "Mara Thiel")

	b.visit("/runs/" + p.robot.run + "/review")
	h.choose(b, "meaning", "approved")
	h.write(b, "Name", "Aiko Vogt")
	h.write(b, "Password", "not her password")
	b.follow(h, "button", "Sign records 1 to")
	b.see("There is a problem")
	h.write(b, "Password", p.l.password("Aiko Vogt"))
	b.follow(h, "button", "Sign records 1 to")
	b.reloadUntil("computed again: the same")
	b.see("Aiko Vogt")
}

// file writes a file that a person hands in.
func (p *play) file(name string, data []byte) string {
	p.Helper()
	path := filepath.Join(p.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.Fatal(err)
	}
	return path
}
