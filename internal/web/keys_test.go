package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"secretome/internal/account"
)

// target is what a key of the help acts on: something on a page, and the line of
// the script that takes the key; empty for what the browser does by itself.
type target struct{ path, mark, script string }

// targets are those of all keys of the help, by place and key.
func targets() map[string][]target {
	figure := "/runs/" + atRun + "/results/viability"
	replay := "/runs/R-1/review?at=5"
	away := func(key, path string) []target {
		return []target{{"/runs", `href="` + strings.SplitN(path, "?", 2)[0], key + `: "` + path + `"`}}
	}
	return map[string][]target{
		"Every page /": {{"/runs", `id="find"`, `case "/":`}}, "Every page ?": {{"/help/keys", "<h1>Keys", `case "?": location.href = desk.prefix + "/help/keys"`}},
		"Every page g t": away("t", "/tasks"), "Every page g r": away("r", "/runs"), "Every page g v": away("v", "/runs?state=review"), "Every page g a": away("a", "/artifacts"),
		"Every page g l": away("l", "/lots"), "Every page g p": away("p", "/protocols"), "Every page g d": away("d", "/decisions"),
		"Every page t": {{"/runs", `id="theme"`, `case "t":`}}, "Every page p": {{"", "", `case "p":`}}, "Every page Esc": {{cord, "<details", `"Escape"`}},
		"Lists j":           {{"/runs", "<tr data-row", `case "j":`}, {"/tasks", "data-row", ""}, {"/protocols", "<tr data-row", ""}},
		"Lists k":           {{"/runs", "<tr data-row", `case "k":`}},
		"Lists Enter":       {{"/runs", "<tr data-row>\n<td class=\"title\"><a href", ""}},
		"Lists c":           {{"/tasks", "data-claim", `case "c":`}},
		"Lists [":           {{"", "", `case "[": document.querySelector("a[rel~=prev]")`}},
		"Lists ]":           {{"", "", `case "]": document.querySelector("a[rel~=next]")`}},
		"Figure of a run [": {{"/runs/" + atRun + "/results/il8", `rel="prev"`, `case "["`}},
		"Figure of a run ]": {{figure, `rel="next"`, `case "]"`}},
		"Task 0 to 9":       {{cord, "data-pad", ""}},
		"Task Tab":          {{cord, "data-pad", ""}},
		"Task Ctrl Enter":   {{cord, `<button class="main" form="step"`, `const done = document.querySelector(".bench-bar .main")`}},
		"Task d":            {{cord, "data-deviate", `case "d":`}},
		"Replay ← →":        {{replay, `data-move="ArrowLeft"`, "[data-move="}, {replay, `data-move="ArrowRight"`, ""}},
		"Replay [ ]":        {{replay, `rel="prev"`, `case "["`}, {replay, `rel="next"`, ""}},
		"Replay PgUp PgDn":  {{replay, `data-move="PageUp"`, "[data-move="}, {replay, `data-move="PageDown"`, ""}},
		"Replay Home End":   {{replay, `data-move="Home"`, "[data-move="}, {replay, `data-move="End"`, ""}},
		"Plate v":           {{"", "", `dataset.key = "v"`}},
		"Plate Arrows":      {{"", "", `main table.wells`}},
	}
}

// Each key of the help has something to act on where the help says so, and a
// script that takes it; and each letter that a script takes stands in the help.
func TestEachKeyOfTheHelpDoesSomething(t *testing.T) {
	bench, _ := atBench(t, bottles(t))
	claims := bench.get(account.Technician, "/tasks").Body.String()
	bench.takes(t, account.Technician, fill("do", "claim"))
	run := writeRun(t)
	run.tell(t)
	page := func(path string) string {
		t.Helper()
		d := bench
		if strings.HasPrefix(path, "/runs/R-1") {
			d = run.desk
		}
		w := d.get(account.Reviewer, path)
		if path == cord {
			w = d.get(account.Technician, path)
		}
		if w.Code != http.StatusOK {
			t.Errorf("%s is answered with %d", path, w.Code)
		}
		if path == "/tasks" {
			return claims
		}
		return w.Body.String()
	}
	script := scriptOf(t, bench)
	known := targets()
	letters := map[string]bool{}
	for _, group := range keyGroups() {
		for _, key := range group.Keys {
			letters[key.Keys[0]] = true
			name := group.Where + " " + strings.Join(key.Keys, " ")
			if len(known[name]) == 0 {
				t.Errorf("the help has %q, and nobody says what it acts on", name)
			}
			for _, to := range known[name] {
				if to.path != "" && !strings.Contains(page(to.path), to.mark) {
					t.Errorf("%s: %s has no %s", name, to.path, to.mark)
				}
				if !strings.Contains(script, to.script) {
					t.Errorf("%s: no script has %s", name, to.script)
				}
			}
		}
	}
	for _, key := range regexp.MustCompile(`case "(.)":|dataset\.key = "(.)"`).FindAllStringSubmatch(script, -1) {
		if letter := key[1] + key[2]; !letters[letter] {
			t.Errorf("a script takes %q, which is not in the help", letter)
		}
	}
}

// scriptOf is the script of all pages.
func scriptOf(t *testing.T, d desk) string {
	t.Helper()
	at := regexp.MustCompile(`/static/app-[0-9a-f]+\.js`).FindString(d.get(account.Technician, "/tasks").Body.String())
	w := d.get("", at)
	if w.Code != http.StatusOK {
		t.Fatalf("the script %q is answered with %d", at, w.Code)
	}
	return w.Body.String()
}

// A list that is cut into pages says which link leads on, so that a key finds it.
func TestListsMarkTheirNextPage(t *testing.T) {
	for _, name := range []string{"artifacts", "lots", "events", "tasks", "runs", "decisions"} {
		text, err := templateFiles.ReadFile("templates/" + name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), `rel="next"`) {
			t.Errorf("the list %s has no link to its next page", name)
		}
	}
}

// Whatever makes a sound asks the settings first.
func TestSoundCanBeTurnedOff(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	script := scriptOf(t, d)
	asks := strings.Index(script, `if (document.body.dataset.sound === "off") return;`)
	makes := strings.Index(script, "new AudioContext()")
	if strings.Count(script, "AudioContext") != 1 || asks < 0 || makes < asks || strings.Count(script, "desk.tone(") != 2 {
		t.Errorf("sound is made at byte %d, the setting asked for at %d", makes, asks)
	}
}
