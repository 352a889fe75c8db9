package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

func artifactRoutes() []route {
	return []route{
		{"GET /artifacts", lab.Look, (*page).artifacts},
		{"GET /artifacts/{sha256}", lab.Look, (*page).artifact},
		{"GET /artifacts/{sha256}/raw", lab.Look, (*page).raw},
	}
}

// artifactsPage is the search for artifacts.
type artifactsPage struct {
	Query string
	Found int
	Rows  []lab.Artifact
	After string
	More  string
}

// pageOfArtifacts is how many artifacts a page has.
const pageOfArtifacts = 100

func (p *page) artifacts() error {
	in := artifactsPage{Query: p.value("q")}
	all, err := p.lab.FindFiles(p.r.Context(), p.Who, in.Query)
	if err != nil {
		return err
	}
	in.Found = len(all)
	if i := slices.IndexFunc(all, func(a lab.Artifact) bool { return a.SHA256 == p.value("after") }); i >= 0 {
		all = all[i+1:]
	}
	if in.Rows = all; len(all) > pageOfArtifacts {
		in.Rows = all[:pageOfArtifacts]
		in.More = "/artifacts?" + url.Values{"q": {in.Query}, "after": {in.Rows[pageOfArtifacts-1].SHA256}}.Encode()
	}
	return p.show("artifacts", "artifacts", "Artifacts", in)
}

// artifactPage is one artifact.
type artifactPage struct {
	telling
	lab.FileView
	Name     string
	Damaged  *fault.Fault // why the stored bytes cannot be trusted
	Checked  string       // what a check on demand found
	MayCheck bool
	Preview  filePreview
	Plates   []plateMap
	Parts    []reportPart // of a result: its checks, values and curve, as the report has them
	Path     lineage
}

func (p *page) artifact() error {
	v, err := p.lab.File(p.r.Context(), p.Who, p.r.PathValue("sha256"))
	if err != nil {
		return err
	}
	in := artifactPage{FileView: v, Name: visible(nameOf(v.Artifact)), MayCheck: lab.Allowed(p.Who, lab.VerifyArtifacts) == nil}
	if v.Damage != nil {
		in.Damaged = fault.Of(v.Damage)
	}
	if p.value("check") != "" && !v.Read {
		if err := p.check(&in); err != nil {
			return err
		}
	}
	if run, ok := strings.CutPrefix(v.Maker.Logbook, "run/"); ok {
		h, err := p.lab.History(p.r.Context(), p.Who, run, 0)
		if err != nil {
			return err
		}
		in.telling = telling{h}
	}
	in.Preview = newPreview(v)
	in.Plates = readPlates(v.Table)
	if err := p.resultOf(&in); err != nil {
		return err
	}
	if in.Preview.Kind == "pdf" { // it is shown on the page, by the browser's own reader
		h := p.w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	}
	in.Path = newLineage(in.telling, v)
	return p.show("artifact", "artifacts", in.Name, in)
}

// resultOf shows a plate's result as its page does: map, checks, curve.
func (p *page) resultOf(in *artifactPage) error {
	if !in.Made || in.Maker.Kind != record.ResultComputed {
		return nil
	}
	body, err := record.Read[record.Result](in.Maker)
	if err != nil || body.Assay == "endpoint" || body.Output.SHA256 != in.SHA256 {
		return nil
	}
	plate, err := p.lab.Plate(p.r.Context(), p.Who, in.Run, strconv.FormatInt(in.Maker.Number, 10))
	if err != nil {
		return err
	}
	in.Plates = append(in.Plates, newPlateMap(plate.Result.Title, wellsOf(plate.Result), ""))
	if plate.Report != nil {
		in.Parts = reportParts(plate.Report, p.Path("/runs/"+in.Run), fmt.Sprintf("rec-%d", in.Maker.Number))
	}
	return nil
}

// check reads an artifact of any size and says whether it is what was stored.
func (p *page) check(in *artifactPage) error {
	err := p.lab.VerifyFile(p.r.Context(), p.Who, in.SHA256)
	switch {
	case err == nil:
		in.Checked = "read whole and held against its hash now: verified"
	case fault.Is(err, fault.Corrupt) || fault.Is(err, fault.NotFound):
		in.Damaged = fault.Of(err)
	default:
		return err
	}
	return nil
}

// nameOf is the first name of an artifact; without one the begin of its hash.
func nameOf(a lab.Artifact) string {
	if len(a.Names) > 0 {
		return a.Names[0]
	}
	return short(a.SHA256)
}

// Size is how large an artifact is, in words.
func (in artifactPage) SizeWords() string { return sizeWords(in.Size) }

// Size is how large an artifact is, in words.
func (artifactsPage) SizeWords(n int64) string { return sizeWords(n) }

// Name is the first name of an artifact.
func (artifactsPage) Name(a lab.Artifact) string { return visible(nameOf(a)) }

func sizeWords(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d\u00a0bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f\u00a0KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f\u00a0MiB", float64(n)/(1<<20))
}

// raw answers with the bytes as they were stored, for a folder and not for a page:
// whatever they hold runs nowhere.
func (p *page) raw() error {
	a, body, err := p.lab.Raw(p.r.Context(), p.Who, p.r.PathValue("sha256"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	h := p.w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	h.Set("Content-Type", a.MediaType)
	h.Set("Content-Length", fmt.Sprint(a.Size))
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	how := "attachment"
	if p.value("open") != "" && opensInline(a.MediaType) {
		how = "inline"
		if strings.HasPrefix(a.MediaType, "application/pdf") { // browsers read it in a process of its own, and not at all in a sandbox
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
		}
	}
	h.Set("Content-Disposition", how+"; filename*=UTF-8''"+url.PathEscape(fileName(a)))
	p.w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(p.w, body); err != nil {
		p.Log.Warn().Err(err).Str("artifact", a.SHA256).Msg("download was cut")
	}
	return nil
}

// fileName is a name that makes no folders.
func fileName(a lab.Artifact) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, nameOf(a))
}

// opensInline reports whether a browser shows a type in a sandbox of its own.
func opensInline(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	return slices.Contains([]string{"text/html", "text/plain", "text/csv", "application/json", "application/pdf", "application/yaml"}, media) || isImage(media)
}

func isImage(media string) bool {
	return slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}, media)
}

// filePreview is the begin of an artifact's content.
type filePreview struct {
	Kind  string // table, text, image, pdf, document; empty: nothing can be shown
	Rows  [][]string
	Text  string
	Lines int // in all
	Cut   bool
}

func newPreview(v lab.FileView) filePreview {
	media, _, _ := strings.Cut(v.MediaType, ";")
	switch {
	case media == "application/pdf":
		return filePreview{Kind: "pdf"}
	case media == "text/html":
		return filePreview{Kind: "document"}
	case v.Bytes == nil:
		return filePreview{}
	case isImage(media):
		return filePreview{Kind: "image"}
	case media == "application/json":
		return previewLines(prettyJSON(v.Bytes))
	case media == "text/csv" || media == "text/tab-separated-values":
		return previewTable(v.Bytes)
	case strings.HasPrefix(media, "text/") || media == "application/yaml":
		return previewLines(strings.ToValidUTF8(string(v.Bytes), "\uFFFD"))
	case utf8.Valid(v.Bytes) && len(v.Bytes) < 1<<20 && !strings.ContainsRune(string(v.Bytes), 0):
		return previewLines(string(v.Bytes))
	}
	return filePreview{}
}

// Lines of a preview.
const (
	mostLines = 60
	mostRows  = 24
)

func previewLines(text string) filePreview {
	all := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	p := filePreview{Kind: "text", Lines: len(all), Cut: len(all) > mostLines}
	p.Text = strings.Join(all[:min(mostLines, len(all))], "\n")
	const most = 16 << 10
	if len(p.Text) > most {
		p.Text, p.Cut = strings.ToValidUTF8(p.Text[:most], ""), true
	}
	return p
}

func previewTable(data []byte) filePreview {
	text := strings.ToValidUTF8(string(data), "\uFFFD")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, _, _ := strings.Cut(text, "\n")
	for _, comma := range "\t;" {
		if strings.Count(head, string(comma)) > strings.Count(head, ",") {
			r.Comma = comma
		}
	}
	p := filePreview{Kind: "table", Lines: strings.Count(text, "\n")}
	for len(p.Rows) < mostRows {
		row, err := r.Read()
		if err == io.EOF {
			return p
		}
		if err != nil {
			return previewLines(text)
		}
		p.Rows = append(p.Rows, row)
	}
	p.Cut = true
	return p
}

// Uses says how a record has to do with the artifact.
func (in artifactPage) Uses(r record.Record) string {
	for _, u := range r.Uses {
		if u.Artifact == in.SHA256 {
			return u.As
		}
	}
	return "made it"
}

// Address is where a record stands; empty outside runs.
func (in artifactPage) Address(r record.Record) string {
	if run, ok := strings.CutPrefix(r.Logbook, "run/"); ok {
		return fmt.Sprintf("/runs/%s/events/%d", run, r.Number)
	}
	return ""
}
