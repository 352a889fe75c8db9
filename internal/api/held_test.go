package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// promise is the document as a test holds answers against it.
type promise struct {
	compiler   *jsonschema.Compiler
	operations []promised
}

type promised struct {
	method, pointer string // pointer to the operation
	path            *regexp.Regexp
	literal         int // parts of the path that are no parameters
	responses       map[string]json.RawMessage
	takes           bool // a message in JSON
}

var theDocument = sync.OnceValues(func() (*promise, error) {
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		return nil, err
	}
	p := &promise{compiler: jsonschema.NewCompiler()}
	p.compiler.AssertFormat()
	if err := p.compiler.AddResource("openapi.json", whole); err != nil {
		return nil, err
	}
	var d struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]json.RawMessage
			}
			Responses map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return nil, err
	}
	for path, item := range d.Paths {
		parts := strings.Split(path, "/")
		literal := 0
		for i, part := range parts {
			switch {
			case part == "{task}":
				parts[i] = ".+"
			case strings.HasPrefix(part, "{"):
				parts[i] = "[^/]+"
			default:
				literal++
			}
		}
		for method, op := range item {
			_, takes := op.RequestBody.Content["application/json"]
			p.operations = append(p.operations, promised{
				strings.ToUpper(method), "#/paths/" + strings.ReplaceAll(escaped(path), " ", "") + "/" + method,
				regexp.MustCompile("^" + prefix + strings.Join(parts, "/") + "$"), literal, op.Responses, takes,
			})
		}
	}
	slices.SortFunc(p.operations, func(a, b promised) int { return b.literal - a.literal })
	return p, nil
})

// held answers as the handler does, and fails the test where the document says
// otherwise: an address, a status or a body that it does not have.
func held(t *testing.T, next http.Handler) http.Handler {
	t.Helper()
	p, err := theDocument()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said, err := io.ReadAll(io.LimitReader(r.Body, 2*MaxMessage))
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(said), errorReader{err}, r.Body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		p.hold(t, r, said, answer)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // who asked has gone: nobody is left to tell
	})
}

// errorReader gives back the error that reading ahead met.
type errorReader struct{ err error }

// Read returns the error, or that this part is over.
func (e errorReader) Read([]byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	return 0, io.EOF
}

func (p *promise) hold(t *testing.T, r *http.Request, said []byte, answer *httptest.ResponseRecorder) {
	t.Helper()
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	at := slices.IndexFunc(p.operations, func(o promised) bool { return o.method == method && o.path.MatchString(r.URL.EscapedPath()) })
	media, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
	if media == "application/problem+json" {
		p.body(t, r, "#/components/responses/Problem/content/application~1problem+json/schema", answer.Body.Bytes())
	}
	if at < 0 {
		if !slices.Contains([]int{400, 404, 405, 421, 431}, answer.Code) && strings.HasPrefix(r.URL.Path, prefix) {
			t.Errorf("%s %s is in no document, and answers %d", r.Method, r.URL.Path, answer.Code)
		}
		return
	}
	o := p.operations[at]
	status := strconv.Itoa(answer.Code)
	promise, ok := o.responses[status]
	if !ok {
		t.Errorf("%s %s answers %s, which the document does not have: %s", r.Method, r.URL.Path, status, answer.Body.String())
		return
	}
	var written struct {
		Headers map[string]json.RawMessage
		Content map[string]json.RawMessage
	}
	if err := json.Unmarshal(promise, &written); err != nil {
		t.Fatal(err)
	}
	if answer.Code < http.StatusMultipleChoices && media == "application/json" && written.Content[media] != nil && r.Method != http.MethodHead {
		p.body(t, r, o.pointer+"/responses/"+status+"/content/application~1json/schema", answer.Body.Bytes())
	}
	for name := range written.Headers {
		if name != "Link" && answer.Header().Get(name) == "" {
			t.Errorf("%s %s: the header %s is missing", r.Method, r.URL.Path, name)
		}
	}
	if o.takes && answer.Code < http.StatusMultipleChoices {
		p.body(t, r, o.pointer+"/requestBody/content/application~1json/schema", said)
	}
}

// body holds JSON against a schema of the document.
func (p *promise) body(t *testing.T, r *http.Request, pointer string, data []byte) {
	t.Helper()
	pointer = strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)
	s, err := p.compile("openapi.json" + pointer)
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err == nil {
		err = s.Validate(v)
	}
	if err != nil {
		t.Errorf("%s %s: %v\n%s", r.Method, r.URL.Path, err, data)
	}
}

var compiling sync.Mutex

func (p *promise) compile(at string) (*jsonschema.Schema, error) {
	compiling.Lock()
	defer compiling.Unlock()
	if _, err := url.Parse(at); err != nil {
		return nil, err
	}
	return p.compiler.Compile(at)
}
