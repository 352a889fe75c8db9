package web

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"time"

	"secretome/internal/quantity"
)

//go:embed all:templates
var templateFiles embed.FS

// views are the pages' templates: each page with the layout and the parts.
type views struct {
	pages map[string]*template.Template
}

// newViews reads the templates. They are part of the program, so that an error is
// one of the build.
func newViews(w *Web) views {
	v := views{pages: map[string]*template.Template{}}
	base := template.New("layout").Funcs(w.functions())
	shared, err := fs.Glob(templateFiles, "templates/_*.html")
	if err != nil {
		panic(err)
	}
	template.Must(base.ParseFS(templateFiles, shared...))
	pages, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		panic(err)
	}
	words, err := newTexts("en")
	if err != nil {
		panic(err)
	}
	for _, file := range pages {
		name := strings.TrimSuffix(path.Base(file), ".html")
		v.pages[name] = template.Must(template.Must(base.Clone()).ParseFS(templateFiles, file))
		words.put(v.pages[name])
	}
	return v
}

func (v views) execute(out io.Writer, name string, p *page) error {
	t, ok := v.pages[name]
	if !ok {
		return fmt.Errorf("no template %q", name)
	}
	if err := t.ExecuteTemplate(out, "layout", p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return nil
}

// functions are what templates may call. Times are lab time.
func (w *Web) functions() template.FuncMap {
	return template.FuncMap{
		"css":      func() string { return w.Prefix + w.assets.CSS },
		"js":       func() string { return w.Prefix + w.assets.JS },
		"path":     func(parts ...any) string { return w.Prefix + fmt.Sprint(parts...) },
		"when":     w.when,
		"clock":    func(t time.Time) string { return clock(t, w.Zone) },
		"stamp":    func(t time.Time) string { return t.In(w.Zone).Format("Mon 2 Jan 2006 15:04:05 MST") },
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"zone":     func() string { return time.Now().In(w.Zone).Format("MST (UTC-07:00)") },
		"tz":       func() string { return w.Zone.String() },
		"utc":      func(t time.Time) string { return t.UTC().Format("15:04") },
		"inUTC":    inUTC,
		"sentence": sentence,
		"amount":   amount,
		"short":    short,
		"initials": initials,
		"count":    count,
		"escape":   url.PathEscape,
		"howLong":  howLong,
		"taskID":   func(id string) string { return strings.TrimPrefix(id, "task/") },
		"add":      func(a, b int) int { return a + b },
		"list":     func(parts ...any) []any { return parts },
		"join":     strings.Join,
		"seen":     visible,
		"unit":     quantity.Word,
		"thing":    thingPath,
		"placeAt":  placePath,
		"date":     func(t time.Time) string { return day(t, w.Zone) },
	}
}

// when is a time as near as it needs to be told: the time of day today, the day
// this week, the date this year.
func (w *Web) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t, now := t.In(w.Zone), time.Now().In(w.Zone)
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case t.After(now.AddDate(0, 0, -6)) && t.Before(now.AddDate(0, 0, 6)):
		return t.Format("Mon 15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// inUTC is what stands beside a time when UTC is shown too: the date where it is
// another one than in the laboratory.
func inUTC(t time.Time) string { return t.UTC().Format("2 Jan 15:04") + " UTC" }

func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("15:04")
}

// amount prints a quantity as people read it: a no-break space, and °C for Cel.
func amount(q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return strings.Replace(q.Words(), " ", "\u00a0", 1)
}

// short is enough of a hash to tell two apart by eye.
func short(hash string) string {
	const enough = 12
	if len(hash) > enough {
		return hash[:enough]
	}
	return hash
}

func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		b.WriteString(strings.ToUpper(word[:1]))
	}
	return b.String()
}

// count says how many, in words where that reads better.
func count(n int, one, many string) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	what := many
	if n == 1 {
		what = one
	}
	if n >= 0 && n < len(words) {
		return words[n] + " " + what
	}
	return fmt.Sprintf("%d %s", n, what)
}
