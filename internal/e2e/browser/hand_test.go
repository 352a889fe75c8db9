package browser

import (
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// hand is how somebody uses a page. A script says what is done, a hand how.
type hand interface {
	screen() screen
	// press activates a link, button or summary.
	press(b *tab, role, name string)
	// write replaces what stands in a field.
	write(b *tab, field, text string)
	// number types a value at the bench.
	number(b *tab, field, value string)
	// pick takes one of several round buttons.
	pick(b *tab, option string)
	// choose takes one of a list that drops down.
	choose(b *tab, field, option string)
}

// spot is where an element lies on the screen.
type spot struct {
	X, Y, Width, Height float64
	Problem             string
}

// place scrolls an element to where it is seen, and says where a pointer would
// hit it. Round buttons are hit at their label.
const place = `function() {
  const at = /^(radio|checkbox)$/.test(this.type) && this.labels && this.labels.length ? this.labels[0] : this;
  at.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const r = [...at.getClientRects()].find((r) => r.width > 0 && r.height > 0);
  if (!r) return { Problem: "is not drawn" };
  const x = r.x + r.width / 2, y = r.y + r.height / 2;
  const hit = document.elementFromPoint(x, y);
  const problem = !hit ? "lies outside the screen" : at.contains(hit) || (hit.closest("label") && hit.closest("label").control === this) ? "" : "is covered by " + hit.outerHTML.slice(0, 120);
  return { X: x, Y: y, Width: r.width, Height: r.height, Problem: problem };
}`

func (b *tab) spot(f found) spot {
	b.t.Helper()
	s := call[spot](b, f, place)
	if s.Problem != "" {
		b.t.Fatalf("%s: %s %q %s", b.where(), f.role, f.name, s.Problem)
	}
	return s
}

// mouse is a person at a desk.
type mouse struct{}

func (mouse) screen() screen { return screen{width: 1280, height: 900} }

func (mouse) click(b *tab, f found) {
	b.t.Helper()
	s := b.spot(f)
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		p := input.DispatchMouseEventParams{Type: kind, X: s.X, Y: s.Y}
		if kind != input.DispatchMouseEventTypeMouseMoved {
			p.Button, p.ClickCount = input.MouseButtonLeft, 1
		}
		try(b, input.DispatchMouseEvent, p)
	}
}

func (m mouse) press(b *tab, role, name string) { b.t.Helper(); m.click(b, b.find(role, name)) }
func (m mouse) pick(b *tab, option string)      { b.t.Helper(); m.click(b, b.find("radio", option)) }

func (m mouse) write(b *tab, field, text string) {
	b.t.Helper()
	m.click(b, b.field(field))
	b.retype(text)
}

func (m mouse) number(b *tab, field, value string) { b.t.Helper(); m.write(b, field, value) }

// The list itself is drawn by the system, out of reach of a test: its button is
// found and hit, and the value set.
func (m mouse) choose(b *tab, field, option string) {
	b.t.Helper()
	f := b.find("combobox", field)
	b.spot(f)
	b.set(f, option)
}

// finger is a gloved hand on a tablet: keys for numbers are those on the page.
type finger struct{}

func (finger) screen() screen { return screen{width: 1180, height: 820, touch: true} }

// least is the height of what a finger hits, in px: the design's, of WCAG 2.2
// 2.5.5.
const least = 44

func (finger) tap(b *tab, f found) {
	b.t.Helper()
	s := b.spot(f)
	if f.role != "link" && s.Height < least-0.5 {
		b.t.Errorf("%s: the %s %q is %.0f px high, a finger needs %d", b.where(), f.role, f.name, s.Height, least)
	}
	try(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: s.X, Y: s.Y}}})
	try(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
}

func (h finger) press(b *tab, role, name string) { b.t.Helper(); h.tap(b, b.find(role, name)) }
func (h finger) pick(b *tab, option string)      { b.t.Helper(); h.tap(b, b.find("radio", option)) }

// write is by the tablet's own keyboard, which puts in text without keys.
func (h finger) write(b *tab, field, text string) {
	b.t.Helper()
	f := b.field(field)
	h.tap(b, f)
	b.focused(f)
	call[bool](b, f, `function() { if (this.select) this.select(); return true; }`)
	if text == "" {
		b.keys(kb.Backspace)
		return
	}
	try(b, input.InsertText, input.InsertTextParams{Text: text})
}

func (h finger) number(b *tab, field, value string) {
	b.t.Helper()
	h.tap(b, b.field(field))
	h.press(b, "button", "Clear")
	for _, digit := range value {
		h.press(b, "button", string(digit))
	}
}

func (h finger) choose(b *tab, field, option string) { b.t.Helper(); mouse{}.choose(b, field, option) }

// keys is a person without a pointer.
type keys struct{}

func (keys) screen() screen { return screen{width: 1280, height: 900} }

// reach presses Tab until the element has the focus.
func (keys) reach(b *tab, f found) {
	b.t.Helper()
	const most = 400 // elements on the way round a page
	const at = `function() {
  const now = document.activeElement;
  if (now === this) return "here";
  if (this.type === "radio" && now.type === "radio" && now.name === this.name && now.form === this.form) return "group";
  return this.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING && now !== document.body ? "before" : "after";
}`
	for range most {
		var shift []kb.Modifier
		switch call[string](b, f, at) {
		case "here":
			if !call[bool](b, f, `function() { return this.matches(":focus-visible"); }`) {
				b.t.Errorf("%s: %s %q has the focus, and nobody sees it", b.where(), f.role, f.name)
			}
			return
		case "group":
			b.keys(kb.ArrowDown)
			continue
		case "before":
			shift = append(shift, kb.ModifierShift)
		}
		b.keys(kb.Tab, shift...)
	}
	b.t.Fatalf("%s: no key leads to the %s %q", b.where(), f.role, f.name)
}

func (k keys) press(b *tab, role, name string) {
	b.t.Helper()
	k.reach(b, b.find(role, name))
	b.keys(kb.Enter)
}

func (k keys) pick(b *tab, option string) {
	b.t.Helper()
	k.reach(b, b.find("radio", option))
	b.keys(" ")
}

func (k keys) write(b *tab, field, text string) {
	b.t.Helper()
	k.reach(b, b.field(field))
	b.retype(text)
}

func (k keys) number(b *tab, field, value string) { b.t.Helper(); k.write(b, field, value) }

func (k keys) choose(b *tab, field, option string) {
	b.t.Helper()
	f := b.find("combobox", field)
	k.reach(b, f)
	b.keys(option)
	if got := call[string](b, f, `function() { return this.selectedOptions[0].text; }`); got != option {
		b.t.Fatalf("%s: typing %q in the list %q takes %q", b.where(), option, field, got)
	}
}

// field finds what is written into, by its label.
func (b *tab) field(label string) found {
	b.t.Helper()
	for _, role := range []string{"textbox", "searchbox", "spinbutton", "Date", "DateTime"} {
		for _, f := range b.all(role) {
			if begins(f.name, label) {
				return b.find(role, f.name)
			}
		}
	}
	return b.find("textbox", label)
}

// focused waits until an element has the focus.
func (b *tab) focused(f found) {
	b.t.Helper()
	eventually(b.t, "the focus in "+f.name, func() bool { return call[bool](b, f, `function() { return document.activeElement === this; }`) })
}

// keys presses keys one after the other, with others held down. The browser makes
// of a key what it writes, so that a page can keep a key from writing.
func (b *tab) keys(text string, held ...kb.Modifier) {
	b.t.Helper()
	var with int64
	for _, m := range held {
		with |= int64(m)
	}
	for _, r := range text {
		v, known := kb.Keys[r]
		if !known {
			b.t.Fatalf("there is no key for %q", r)
		}
		p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: v.Key, Code: v.Code, NativeVirtualKeyCode: v.Native, WindowsVirtualKeyCode: v.Windows, Modifiers: with}
		if v.Shift {
			p.Modifiers |= int64(kb.ModifierShift)
		}
		if v.Print && with&^int64(kb.ModifierShift) == 0 {
			p.Text, p.UnmodifiedText = v.Text, v.Unmodified
		}
		try(b, input.DispatchKeyEvent, p)
		p.Type, p.Text, p.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
		try(b, input.DispatchKeyEvent, p)
	}
}

// retype replaces what stands in the field that has the focus.
func (b *tab) retype(text string) {
	b.t.Helper()
	if _, err := ask[bool](b, `document.activeElement.select ? (document.activeElement.select(), true) : false`); err != nil {
		b.t.Fatal(err)
	}
	if text == "" {
		text = kb.Backspace
	}
	b.keys(text)
}

// scan is a keyboard-wedge scanner with prefix and suffix, whatever has the focus.
func (b *tab) scan(code string) {
	b.t.Helper()
	b.keys("b", kb.ModifierCtrl)
	b.keys(code)
	b.keys(kb.Tab)
}

// set sets a list to one of its options, and says so to the page.
func (b *tab) set(f found, option string) {
	b.t.Helper()
	ok := call[bool](b, f, `function(text) {
  const option = [...this.options].find((o) => o.text === text);
  if (!option) return false;
  this.value = option.value;
  this.dispatchEvent(new Event("input", { bubbles: true }));
  this.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}`, option)
	if !ok {
		b.t.Fatalf("%s: the list %q has no %q", b.where(), f.name, option)
	}
}

// follow presses something that leads to another page, and waits for it.
func (b *tab) follow(h hand, role, name string) {
	b.t.Helper()
	b.leave()
	h.press(b, role, name)
	b.arrive()
}

// give hands in a file at the bench.
func (b *tab) give(h hand, file string) {
	b.t.Helper()
	b.giveTo(h, "Choose a file", file)
}

// giveTo hands in a file: the system's dialogue is out of reach of a test, its
// button is not.
func (b *tab) giveTo(h hand, field, file string) {
	b.t.Helper()
	f := b.find("button", field)
	if k, ok := h.(keys); ok {
		k.reach(b, f)
	} else {
		b.spot(f)
	}
	try(b, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, BackendNodeID: f.node})
}
