package web

import (
	"net/http"
	"net/url"
	"time"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

// deskCookie keeps what a person set on this browser. It holds nothing that a
// stranger may not know.
const deskCookie = "secretome-desk"

const aYear = 365 * 24 * time.Hour

func settingsRoutes() []route {
	return []route{
		{"GET /settings", lab.Look, (*page).settings},
		{"POST /settings", lab.Look, (*page).set},
		{"GET /help/keys", lab.Look, (*page).keys},
	}
}

// Setting is what is set on this browser: keys (on, off), hand (right, left), sound
// (on, off), utc (off, on). The first is what it is when nobody set it.
func (p *page) Setting(name string) string {
	values := settingValues(name)
	if c, err := p.r.Cookie(deskCookie); err == nil {
		if q, err := url.ParseQuery(c.Value); err == nil {
			for _, v := range values {
				if q.Get(name) == v {
					return v
				}
			}
		}
	}
	return values[0]
}

func settingNames() []string { return []string{"keys", "hand", "sound", "utc"} }

// settingValues are the values of a setting, the usual one first.
func settingValues(name string) []string {
	switch name {
	case "hand":
		return []string{"right", "left"}
	case "utc":
		return []string{"off", "on"}
	}
	return []string{"on", "off"}
}

// settingsPage is the form of the settings.
type settingsPage struct{ Saved bool }

func (p *page) settings() error {
	return p.show("settings", "settings", "Settings", settingsPage{Saved: p.value("saved") != ""})
}

// set keeps the settings on this browser.
func (p *page) set() error {
	if err := p.form(); err != nil {
		return err
	}
	kept := url.Values{}
	for _, name := range settingNames() {
		got := p.value(name)
		if got == "" {
			got = p.Setting(name) // the form of another page sets one of them
		}
		known := false
		for _, v := range settingValues(name) {
			known = known || v == got
		}
		if !known {
			err := fault.New(fault.Invalid, "%q is no value of %s", got, name).Field(name).Try("choose one of those shown")
			return p.again(err, "settings", "settings", "Settings", settingsPage{})
		}
		kept.Set(name, got)
	}
	if p.r.PostForm.Has("theme") {
		p.keepTheme(p.value("theme"))
	}
	p.cookie(deskCookie, kept.Encode(), int(aYear.Seconds()))
	return p.see(p.back("/settings?saved=1"))
}

// keepTheme keeps light or dark; anything else is the system's.
func (p *page) keepTheme(theme string) {
	if theme != "light" && theme != "dark" {
		p.cookie(themeCookie, "", -1)
		return
	}
	p.cookie(themeCookie, theme, int(aYear.Seconds()))
}

// setTheme keeps light, dark, or the system's.
func setTheme(p *page) error {
	if err := p.form(); err != nil {
		return err
	}
	p.keepTheme(p.value("theme"))
	if p.r.Header.Get("Sec-Fetch-Dest") == "empty" { // by a key: the page is light or dark already
		p.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return p.see(p.back("/"))
}

// keyGroup is the keys of some pages.
type keyGroup struct {
	Where string
	Keys  []keyHelp
}

type keyHelp struct {
	Keys []string // pressed one behind the other
	Does string
}

// keysPage lists the keys.
type keysPage struct{ Groups []keyGroup }

func (p *page) keys() error { return p.show("keys", "", "Keys", keysPage{keyGroups()}) }

// keyGroups are all keys that do something, by where they do.
func keyGroups() []keyGroup {
	return []keyGroup{
		{"Every page", []keyHelp{
			{[]string{"/"}, "Scan or search"}, {[]string{"g", "t"}, "Tasks"}, {[]string{"g", "r"}, "Runs"}, {[]string{"g", "v"}, "Review"}, {[]string{"g", "a"}, "Artifacts"},
			{[]string{"g", "l"}, "Lots"}, {[]string{"g", "p"}, "Protocols"}, {[]string{"g", "d"}, "Decisions"},
			{[]string{"t"}, "Light or dark"}, {[]string{"p"}, "Print"}, {[]string{"?"}, "This list"}, {[]string{"Esc"}, "Close what was opened last"},
		}},
		{"Lists", []keyHelp{
			{[]string{"j"}, "Next row"}, {[]string{"k"}, "Row before"}, {[]string{"Enter"}, "Open the row"}, {[]string{"c"}, "Claim the task of the row"},
			{[]string{"["}, "Page before"}, {[]string{"]"}, "Next page"},
		}},
		{"Figure of a run", []keyHelp{{[]string{"["}, "Figure before"}, {[]string{"]"}, "Next figure"}}},
		{"Task", []keyHelp{
			{[]string{"0 to 9"}, "Type into the entry"}, {[]string{"Tab"}, "Next entry"}, {[]string{"Ctrl Enter"}, "Complete the step"}, {[]string{"d"}, "Record a deviation"},
		}},
		{"Replay", []keyHelp{{[]string{"← →"}, "One record"}, {[]string{"[ ]"}, "One record"}, {[]string{"PgUp PgDn"}, "One key record"}, {[]string{"Home End"}, "First and last"}}},
		{"Plate", []keyHelp{{[]string{"v"}, "Values or codes alone"}, {[]string{"Arrows"}, "Move between wells"}}},
	}
}
