package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"secretome/internal/client"
	"secretome/internal/lab"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// parameterWords says what the parameters of paths and queries are.
func parameterWords() map[string]string {
	return map[string]string{
		"run": "ID of a run, as " + exampleRun, "other": "ID of the run to compare with", "number": "number of a record in the run's logbook",
		"barcode": "barcode of a lot, vial, reagent, donor, or whatever was scanned", "place": "name of a freezer, refrigerator, incubator",
		"task": "ID of a task without its first word: run/stage/…/task/number. Its slashes stand as they are", "sha256": "SHA-256 of a file, hex",
		"hash": "SHA-256 of a file, or hash of a record", "name": "name of the person", "id": "ID",
		"limit": "how many at most on a page", "cursor": "the next page, as the header Link of the page before gives it",
		"after": "only records with a number above this one", "kind": "only of this kind; may be repeated for records", "at": "number of the record that is the last one told; without it the newest",
		"role": "only tasks for this role", "state": "only tasks in this state: open, claimed, completed, skipped, closed, all", "mine": "true: only what whoever asks holds", "down": "true: what was made from it",
	}
}

func headerWords() map[string]string {
	return map[string]string{
		"ETag":            "version of the thing: the number of its last record, a hyphen, a hash of the answer; of a file its SHA-256. Send it in If-None-Match (304) or If-Match (412)",
		"Link":            "where the next page is, with rel=\"next\"; relative to the address that was asked",
		"Location":        "where the new thing is",
		"Upload-Offset":   "bytes of the upload that are safely here",
		"Upload-Length":   "bytes of the whole file",
		"Upload-Complete": "?1 once the whole is stored, else ?0",
		"Upload-Limit":    "the most that a file may have, in bytes, and how long an upload is kept, in seconds",
	}
}

// written is the document as routes, operations and types say.
func written(t *testing.T) object {
	t.Helper()
	a := &api{}
	s := &schemas{t: t, source: map[string]*words{}, made: object{}}
	operations := operations()
	paths := object{}
	used := map[string]bool{}
	add := func(method, path string, query []string, open bool) {
		path = strings.ReplaceAll(path, "...}", "}")
		op, ok := operations[method+" "+path]
		if !ok {
			t.Fatalf("the document says nothing of %s %s", method, path)
		}
		used[method+" "+path] = true
		item, ok := paths[path].(object)
		if !ok {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = operationObject(s, op, method, path, query, open)
	}
	for _, rt := range a.routes() {
		add(rt.method, rt.path, rt.query, false)
	}
	for pattern := range a.open() {
		if method, path, _ := strings.Cut(pattern, " "); strings.HasPrefix(path, prefix) {
			add(method, strings.TrimPrefix(path, prefix), nil, true)
		}
	}
	for name := range operations {
		if !used[name] {
			t.Errorf("the document tells of %s, which no route is", name)
		}
	}
	problem := s.schema(reflect.TypeFor[client.Problem](), false)
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{
			"title": "secretome", "version": "1", "license": object{"name": "Apache License 2.0", "identifier": "Apache-2.0"},
			"summary":     "The laboratory's runs, tasks, lots, files and records",
			"description": overview,
		},
		"servers": []object{{"url": prefix, "description": "the server that this document came from"}},
		"tags": []object{
			{"name": "Runs", "description": "one execution of one protocol, and what it found"}, {"name": "Tasks", "description": "what one person does in one sitting"},
			{"name": "Records", "description": "the numbered acts of a logbook, and what was made from what"}, {"name": "Lots", "description": "things with a barcode, and the places where they lie"},
			{"name": "Files", "description": "stored bytes, by their SHA-256"}, {"name": "People", "description": "accounts and tokens"}, {"name": "Server", "description": "the server itself"},
		},
		"security": []object{{"bearer": []string{}}},
		"paths":    paths,
		"components": object{
			"schemas":         s.made,
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer", "description": "a token for scripts (secretome user token), or of the credentials file; its scope is read, act or all"}},
			"headers":         headerObjects(),
			"responses":       object{"Problem": object{"description": "a problem (RFC 9457)", "content": object{"application/problem+json": object{"schema": problem, "example": exampleProblem()}}}},
		},
	}
}

const overview = "Every request but /health, /password and this document needs a bearer token. " +
	"A command (POST) needs a UUID in the header Idempotency-Key: sent again with the same one it is answered as the first time, and done once; with another message it is refused (422). " +
	"Errors are problems of RFC 9457, in application/problem+json: type, title, status, detail, what to do (help), and every mistake with its place (errors). " +
	"Lists come in pages; the header Link leads to the next one. Single things have a strong ETag; If-None-Match is answered with 304, and commands on runs, tasks and lots honour If-Match, which is optional: a request ID makes a command safe to send again, and what does not fit where a thing stands is refused by the thing itself. " +
	"JSON is read strictly: no key twice, no unknown field, nothing behind the message. Fields may be added to answers; none is renamed or removed."

func exampleProblem() client.Problem {
	offset := int64(41)
	return client.Problem{
		Type: "urn:secretome:usage", Title: "The request was put the wrong way", Status: 400, Detail: `the key "verb" stands there twice`, Kind: "usage", Help: "send each field once",
		Errors:    []client.ProblemError{{Detail: client.Detail{Pointer: "/verb", Got: "verb", Offset: &offset}, Field: "verb", Code: "usage", Message: `the key "verb" stands there twice`}},
		RequestID: exampleID,
	}
}

func headerObjects() object {
	all := object{}
	for name, text := range headerWords() {
		all[name] = object{"description": text, "schema": object{"type": "string"}}
	}
	return all
}

func operationObject(s *schemas, op operation, method, path string, query []string, open bool) object {
	o := object{"operationId": op.id, "tags": []string{op.part}, "summary": op.summary, "responses": responses(s, op, method, path, open)}
	if op.about != "" {
		o["description"] = op.about
	}
	if params := parameters(op, method, path, query); len(params) > 0 {
		o["parameters"] = params
	}
	if open {
		o["security"] = []object{}
	}
	switch {
	case op.in != nil:
		o["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.schema(reflect.TypeOf(op.in), true), "example": op.in}}}
	case op.raw != "":
		o["requestBody"] = object{"required": true, "content": object{op.raw: object{"schema": object{"type": "string", "contentMediaType": op.raw}}}}
	}
	return o
}

func parameters(op operation, method, path string, query []string) []object {
	words := parameterWords()
	var all []object
	add := func(in, name, text string, required bool, schema object) {
		all = append(all, object{"in": in, "name": name, "description": text, "required": required, "schema": schema})
	}
	text := func() object { return object{"type": "string"} }
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			schema := text()
			if name == "number}" {
				schema = object{"type": "integer", "format": "int64", "minimum": 0}
			}
			add("path", strings.TrimSuffix(name, "}"), words[strings.TrimSuffix(name, "}")], true, schema)
		}
	}
	for _, name := range query {
		schema := text()
		switch name {
		case "limit":
			schema = object{"type": "integer", "minimum": 1, "maximum": pageMost, "default": pageUsual}
		case "after", "at":
			schema = object{"type": "integer", "format": "int64", "minimum": 0}
		case "mine", "down":
			schema = object{"type": "boolean"}
		}
		if name == "kind" && strings.HasSuffix(path, "/records") {
			schema = object{"type": "array", "items": text()}
		}
		if name == "name" || name == "sha256" {
			add("query", name, map[string]string{"name": "the file's name", "sha256": "of the file, hex: other bytes are refused"}[name], false, schema)
			continue
		}
		add("query", name, words[name], false, schema)
	}
	if method == http.MethodPost {
		add("header", client.KeyHeader, "request ID of the command, made by whoever sends it, a UUID (version 7 sorts by time)", true, object{"type": "string", "format": "uuid"})
	}
	if slices.Contains(op.problems, 412) {
		add("header", "If-Match", "ETag of the thing as it was read; only then is the command done", false, text())
	}
	if slices.Contains(op.also, 304) {
		add("header", "If-None-Match", "ETag of the answer that whoever asks has", false, text())
	}
	if method == http.MethodPatch {
		add("header", offsetHeader, "the number of bytes that are there", true, object{"type": "integer", "format": "int64", "minimum": 0})
	}
	return all
}

func responses(s *schemas, op operation, method, path string, open bool) object {
	all := object{}
	ok := object{"description": "the answer"}
	if op.status == http.StatusNoContent {
		ok["description"] = "it is done"
	}
	if op.status == http.StatusCreated {
		ok["description"] = "it is there"
	}
	if op.out != nil {
		ok["content"] = object{"application/json": object{"schema": s.schema(reflect.TypeOf(op.out), false), "example": op.out}}
	}
	if op.file != "" {
		schema := object{"type": "string", "contentMediaType": op.file}
		if op.file == "application/json" {
			schema = object{"type": "object"}
		}
		ok["content"] = object{op.file: object{"schema": schema}}
	}
	headers := object{}
	for _, name := range op.headers {
		headers[name] = object{"$ref": "#/components/headers/" + name}
	}
	if len(headers) > 0 {
		ok["headers"] = headers
	}
	all[strconv.Itoa(max(op.status, http.StatusOK))] = ok
	for _, status := range op.also {
		all[strconv.Itoa(status)] = object{"description": map[int]string{204: "taken; the headers tell how far it has come", 304: "whoever asks has it"}[status]}
	}
	problems := append([]int{400, 421, 431, 500, 503}, op.problems...)
	if !open {
		problems = append(problems, 401, 403)
	}
	if method == http.MethodPost || open {
		problems = append(problems, 403)
	}
	if strings.Contains(path, "{") || method != http.MethodPost {
		problems = append(problems, 404)
	}
	for _, status := range problems {
		all[strconv.Itoa(status)] = object{"$ref": "#/components/responses/Problem"}
	}
	all["default"] = object{"$ref": "#/components/responses/Problem"}
	return all
}

func TestTheDocumentIsWhatRoutesAndTypesSay(t *testing.T) {
	want, err := json.MarshalIndent(written(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, openAPI) {
		t.Error("openapi.json is another document; write it anew with: go test ./internal/api -run TestTheDocumentIs -update")
	}
}

// documented lists path and method of every operation of the document.
func documented(t *testing.T) []string {
	t.Helper()
	var d struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	var all []string
	for path, item := range d.Paths {
		for method := range maps.Keys(item) {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(all)
	return all
}

func TestTheRouterAndTheDocumentHaveTheSameAddresses(t *testing.T) {
	server, _ := serve(t, &bytes.Buffer{})
	all := documented(t)
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	paths := map[string]bool{}
	for _, one := range all {
		_, path, _ := strings.Cut(one, " ")
		paths[path] = true
	}
	for path := range paths {
		for _, method := range methods {
			address := server.URL + prefix + strings.NewReplacer("{task}", "a/b/c/1", "{number}", "1", "{", "", "}", "").Replace(path)
			r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			is, says := answer.StatusCode != http.StatusMethodNotAllowed, slices.Contains(all, method+" "+path)
			if path == "/artifacts/verify" && method == http.MethodGet {
				says = true // "verify" is a hash there, and none
			}
			if is != says || is && answer.StatusCode == http.StatusNotFound {
				t.Errorf("%s %s: the router answers %d, the document has it: %v", method, path, answer.StatusCode, says)
			}
		}
	}
	for _, rt := range (&api{}).routes() {
		if name := rt.method + " " + strings.ReplaceAll(rt.path, "...}", "}"); !slices.Contains(all, name) {
			t.Errorf("the document does not have %s", name)
		}
	}
}

// elsewhere are the commands that no address of the API does, with the reason.
func elsewhere() map[lab.Command]string {
	return map[lab.Command]string{
		lab.ChangePassword: "in a browser: a script has a token, and no password",
		lab.EndSessions:    "sessions are a browser's",
	}
}

func TestEveryCommandHasAnAddress(t *testing.T) {
	done := map[lab.Command]bool{}
	for _, rt := range (&api{}).routes() {
		for _, c := range rt.does {
			done[c] = true
		}
	}
	for _, c := range lab.Commands() {
		if why, excepted := elsewhere()[c]; done[c] == excepted {
			t.Errorf("%q: the API does it: %v; it is excepted: %v %s", c, done[c], excepted, why)
		}
	}
}

func TestTheDocumentIsValid(t *testing.T) {
	judge, err := filepath.Abs("../../../shared/validators/validate")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(judge); errors.Is(err, os.ErrNotExist) {
		if os.Getenv("SECRETOME_CI") == "1" {
			t.Fatal("../shared/validators is missing")
		}
		t.Skip("../shared/validators is not there to judge the document")
	}
	out, err := exec.CommandContext(t.Context(), judge, "openapi", "openapi.json").CombinedOutput()
	if err != nil {
		t.Errorf("validate openapi: %v\n%s", err, out)
	}
}
