package lab

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
)

// HitKind is what was found.
type HitKind string

// The kinds, in the order in which their groups are shown.
const (
	HitRun      HitKind = "run"
	HitThing    HitKind = "thing" // lot, vial, vessel, reagent
	HitPlate    HitKind = "plate"
	HitDonor    HitKind = "donor"
	HitTask     HitKind = "task"
	HitPerson   HitKind = "person"
	HitProtocol HitKind = "protocol"
	HitFile     HitKind = "file"
	HitRecord   HitKind = "record"
)

// Hit is one thing that was found. It says what a thing is called, never what was
// measured of it or in which group it is.
type Hit struct {
	Kind  HitKind
	ID    string // of a task without "task/", of a file and record the hash
	Title string // what people call it; empty where that is the ID
	About string // where it is, or how it stands
	Run   string // of a plate and a record
	Place int64  // of a record: its number
	exact bool
}

// HitGroup is what was found of a kind.
type HitGroup struct {
	Kind HitKind
	Hits []Hit
	More bool // there is more than is shown
}

// Found is what a search found.
type Found struct {
	Text   string // that was looked for
	Exact  *Hit   // the one thing that is called so; nil: none, or several
	Groups []HitGroup
}

// The bounds of a search.
const (
	mostSearched = 120 // characters
	leastLetters = 2   // fewer are found in everything
	leastDigits  = 4   // of a hash
	mostHits     = 10  // of a kind
)

// Search finds runs, things by their barcodes, tasks, people, protocols, files and
// records, by their names, codes, or the beginning of a hash; ten of each kind. It
// looks into nothing that is written in a record, so that nothing sealed is found.
func (l *Lab) Search(ctx context.Context, who record.Actor, text string) (Found, error) {
	if err := Allowed(who, Look); err != nil {
		return Found{}, err
	}
	f := Found{Text: searched(text)}
	if f.Text == "" {
		return f, nil
	}
	if n := len([]rune(f.Text)); n > mostSearched {
		return f, fault.New(fault.Invalid, "%d characters are more than the %d that a search takes", n, mostSearched).Field("find").Try("scan a label, or type a part of a name")
	}
	var all []Hit
	for _, look := range []func(context.Context, record.Actor, string) ([]Hit, error){l.findRuns, l.findThings, l.findTasks, l.findPeople, l.findProtocols, l.findNamed, l.findHashes} {
		hits, err := look(ctx, who, f.Text)
		if err != nil {
			return f, err
		}
		all = append(all, hits...)
	}
	f.group(all)
	return f, nil
}

// searched is a text without what nobody typed: blanks at its ends and characters
// that cannot be seen.
func searched(text string) string {
	text = norm.NFC.String(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u00a0':
			return ' '
		case unicode.Is(unicode.C, r): // control characters, and those that only turn text round
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// group sorts hits by kind, and picks the one that is meant.
func (f *Found) group(all []Hit) {
	var exact []Hit
	for _, kind := range []HitKind{HitRun, HitThing, HitPlate, HitDonor, HitTask, HitPerson, HitProtocol, HitFile, HitRecord} {
		g := HitGroup{Kind: kind}
		for _, h := range all {
			if h.Kind != kind {
				continue
			}
			if h.exact {
				exact = append(exact, h)
			}
			if len(g.Hits) < mostHits {
				g.Hits = append(g.Hits, h)
			} else {
				g.More = true
			}
		}
		if len(g.Hits) > 0 {
			f.Groups = append(f.Groups, g)
		}
	}
	if len(exact) == 1 {
		f.Exact = &exact[0]
	}
}

func (l *Lab) findRuns(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	if short(text) {
		return nil, nil
	}
	runs, err := l.Index.SearchRuns(ctx, text, mostHits+1)
	hits := make([]Hit, 0, len(runs))
	for _, r := range runs {
		about := r.State
		if r.State == index.Ended {
			about = r.Outcome
		}
		hits = append(hits, Hit{Kind: HitRun, ID: r.ID, Title: r.Title, About: about, exact: strings.EqualFold(r.ID, text)})
	}
	return hits, err
}

func (l *Lab) findThings(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	if short(text) {
		return nil, nil
	}
	things, err := l.Index.SearchThings(ctx, text, mostHits+1)
	hits := make([]Hit, 0, len(things))
	for _, t := range things {
		h := thingHit(t)
		h.exact = strings.EqualFold(t.Barcode, text)
		hits = append(hits, h)
	}
	return hits, err
}

func thingHit(t index.FoundThing) Hit {
	h := Hit{Kind: HitThing, ID: t.Barcode, Title: t.Title, About: t.Kind, Run: t.Run}
	switch {
	case t.Kind == "run":
		return Hit{Kind: HitRun, ID: t.Barcode}
	case t.Kind == "donor":
		h.Kind, h.Title = HitDonor, ""
	case t.Kind == "plate" && t.Run != "":
		h.Kind = HitPlate
	}
	if t.State != "" {
		h.About += ", " + t.State
	}
	if t.Run != "" {
		h.About += ", in " + t.Run
	}
	return h
}

func (l *Lab) findTasks(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	if short(text) {
		return nil, nil
	}
	tasks, err := l.Index.SearchTasks(ctx, text, mostHits+1)
	hits := make([]Hit, 0, len(tasks))
	for _, t := range tasks {
		id := strings.TrimPrefix(t.ID, "task/")
		hits = append(hits, Hit{Kind: HitTask, ID: id, Title: t.Title, About: string(t.State) + ", in " + t.Run, exact: strings.EqualFold(id, strings.TrimPrefix(text, "task/"))})
	}
	return hits, err
}

// findPeople finds people for those who may list them.
func (l *Lab) findPeople(ctx context.Context, who record.Actor, text string) ([]Hit, error) {
	if short(text) || Allowed(who, ListPeople) != nil {
		return nil, nil
	}
	people, err := l.colleagues(ctx)
	var hits []Hit
	for _, p := range people {
		if strings.Contains(strings.ToLower(p.Name), strings.ToLower(text)) {
			hits = append(hits, Hit{Kind: HitPerson, ID: p.Name, About: p.Role, exact: strings.EqualFold(p.Name, text)})
		}
	}
	return hits, err
}

// findProtocols finds the protocols of runs.
func (l *Lab) findProtocols(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	if short(text) {
		return nil, nil
	}
	runs, err := l.Index.SearchRuns(ctx, text, mostHits+1)
	var hits []Hit
	for _, r := range runs {
		name := r.ProtocolName
		if !strings.Contains(strings.ToLower(name), strings.ToLower(text)) || slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == name }) {
			continue
		}
		hits = append(hits, Hit{Kind: HitProtocol, ID: name, exact: strings.EqualFold(name, text)})
	}
	return hits, err
}

func (l *Lab) findNamed(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	if short(text) {
		return nil, nil
	}
	files, err := l.Index.SearchFiles(ctx, text, mostHits+1)
	hits := make([]Hit, 0, len(files))
	for _, f := range files {
		h := fileHit(f)
		h.exact = strings.EqualFold(f.Name, text)
		hits = append(hits, h)
	}
	return hits, err
}

func fileHit(f index.FoundFile) Hit {
	return Hit{Kind: HitFile, ID: f.SHA256, Title: f.Name, About: f.MediaType}
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f]+$`)

// findHashes finds files and records by the beginning of a hash; eight digits that
// only one has are as good as its name.
func (l *Lab) findHashes(ctx context.Context, _ record.Actor, text string) ([]Hit, error) {
	const enough, whole = 8, 64
	text = strings.ToLower(strings.TrimPrefix(text, "sha256:"))
	if len(text) < leastDigits || len(text) > whole || !hexadecimal.MatchString(text) {
		return nil, nil
	}
	files, records, err := l.Index.ByHash(ctx, text, mostHits+1)
	var hits []Hit
	for _, f := range files {
		hits = append(hits, fileHit(f))
	}
	for _, r := range records {
		h := Hit{Kind: HitRecord, ID: r.Hash, About: r.Logbook, Place: r.Number}
		if run, ok := strings.CutPrefix(r.Logbook, "run/"); ok {
			h.Run = run
		}
		hits = append(hits, h)
	}
	if len(hits) == 1 && len(text) >= enough {
		hits[0].exact = true
	}
	return hits, err
}

func short(text string) bool { return len([]rune(text)) < leastLetters }

// aim is what a scanner sends before a code to name its symbology, as in ISO/IEC
// 15424.
var aim = regexp.MustCompile(`^\][A-Za-z][0-9A-Za-z]`)

// Scanned finds what a label names, in whatever form a scanner sends it: with its
// prefix and suffix, the name of the symbology, FNC1 (which arrives as the group
// separator), a line end, or the whole address that a label holds. Where nothing
// is called so it returns what reads alike, and no hit.
func (l *Lab) Scanned(ctx context.Context, who record.Actor, scan string) (code string, hit *Hit, alike []Hit, err error) {
	if err := Allowed(who, Look); err != nil {
		return "", nil, nil, err
	}
	code = Scan(scan)
	if n := len([]rune(code)); n > mostSearched {
		return string([]rune(code)[:mostSearched]) + "…", nil, nil, nil
	}
	for _, text := range []string{code, strings.TrimFunc(code, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })} {
		if text == "" {
			continue
		}
		f, err := l.Search(ctx, who, text)
		if err != nil || f.Exact != nil {
			return code, f.Exact, nil, err
		}
	}
	near, err := l.Index.LooksLike(ctx, code, mostHits)
	for _, t := range near {
		alike = append(alike, thingHit(t))
	}
	return code, nil, alike, err
}

// Scan is what a label says, of what a scanner sent.
func Scan(sent string) string {
	code := aim.ReplaceAllString(searched(sent), "")
	if i := strings.LastIndex(code, "/s/"); i >= 0 && strings.Contains(code[:i], "://") {
		code = code[i+len("/s/"):]
	}
	if n := len(code); n > 2 && code[0] == '*' && code[n-1] == '*' { // start and stop of Code 39
		code = code[1 : n-1]
	}
	return strings.TrimSpace(code)
}
