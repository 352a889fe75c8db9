package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// openAPI is the one description of the API: made from the routes and from the
// types of the messages by a test, which also holds it against them.
//
//go:embed openapi.json
var openAPI []byte

//go:embed page
var pageFiles embed.FS

// document answers with the description of the API.
func (a *api) document(w http.ResponseWriter, r *http.Request) {
	static(w, r, "application/json", openAPI)
}

// static answers with what never changes while this program runs.
func static(w http.ResponseWriter, r *http.Request, media string, data []byte) {
	sum := sha256.Sum256(data)
	if known(w, r, `"`+hex.EncodeToString(sum[:])+`"`) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // who asked has gone: nobody is left to tell
}

// style answers with the style sheet of the page.
func (a *api) style(w http.ResponseWriter, r *http.Request) {
	data, err := pageFiles.ReadFile("page/style.css")
	if err != nil {
		a.fail(w, r, err)
		return
	}
	static(w, r, "text/css; charset=utf-8", data)
}

// page answers with the description as a page to read, which needs no script.
func (a *api) page(w http.ResponseWriter, r *http.Request) {
	data, err := thePage()
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "same-origin")
	static(w, r, "text/html; charset=utf-8", data)
}

// without leads from the folder to the page.
func (a *api) without(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "../api") // relative: there may be a prefix before it
	w.WriteHeader(http.StatusPermanentRedirect)
}

// thePage is written once: it follows from the document alone.
var thePage = sync.OnceValues(writePage)

func writePage() ([]byte, error) {
	var d openDocument
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return nil, err
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{"lower": strings.ToLower, "pretty": pretty}).ParseFS(pageFiles, "page/page.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, d.told())
	return blankLines.ReplaceAll(b.Bytes(), []byte("\n")), err
}

// pretty writes JSON over several lines. Of its text only what could be markup is
// escaped: quotes are most of it, and need no escape between tags.
func pretty(data json.RawMessage) template.HTML {
	var b bytes.Buffer
	if json.Indent(&b, data, "", " ") != nil {
		b.Write(data)
	}
	return template.HTML(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(b.String()))
}

var blankLines = regexp.MustCompile(`\n\s*\n`)

// openDocument is what the page shows of the document.
type openDocument struct {
	Info struct{ Title, Summary, Description string }
	Tags []struct{ Name, Description string }

	Paths      map[string]map[string]openOperation
	Components struct {
		Schemas   map[string]openSchema
		Responses map[string]struct{ Content map[string]openBody }
	}
}

type openOperation struct {
	OperationID          string `json:"operationId"`
	Tags                 []string
	Summary, Description string
	Security             []json.RawMessage
	Parameters           []openParameter
	RequestBody          struct{ Content map[string]openBody } `json:"requestBody"`
	Responses            map[string]openResponse
}

type openParameter struct {
	In, Name, Description string
	Required              bool
	Schema                openSchema
}

type openBody struct {
	Schema  openSchema
	Example json.RawMessage
}

type openResponse struct {
	Description string
	Content     map[string]openBody
	Headers     map[string]json.RawMessage
}

type openSchema struct {
	Ref         string          `json:"$ref"`
	Type        json.RawMessage // a word, or a list of words
	Format      string
	Description string
	Enum        []string
	Items       *openSchema
	Properties  map[string]openSchema
	Required    []string
	More        json.RawMessage `json:"additionalProperties"` // false, or the schema of each
}

// Target is the name of the schema that this one refers to.
func (s openSchema) Target() string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") }

// Word is what kind of value it is.
func (s openSchema) Word() string {
	if s.Format == "date-time" {
		return "time, RFC 3339"
	}
	word := strings.Trim(string(s.Type), `"`)
	switch {
	case strings.Contains(word, "array"):
		return "list of"
	case word == "string":
		return "text"
	case word == "object" && s.Each() != nil:
		return "object: name to"
	}
	return word
}

// Each is the schema of every member of a list or of an object without fixed
// fields; nil where there is none.
func (s openSchema) Each() *openSchema {
	if s.Items != nil {
		return s.Items
	}
	var each openSchema
	if len(s.More) == 0 || string(s.More) == "false" || json.Unmarshal(s.More, &each) != nil {
		return nil
	}
	return &each
}

// Needs reports whether a field is always there.
func (s openSchema) Needs(field string) bool { return slices.Contains(s.Required, field) }
