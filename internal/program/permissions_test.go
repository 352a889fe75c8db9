package program

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	temporal "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/web"
)

var update = flag.Bool("update", false, "write docs/permissions.md anew")

// permissionsFile is the table for readers.
// It is made absolute before any test begins: the S3 server changes the working
// folder.
var permissionsFile, _ = filepath.Abs("../../docs/permissions.md")

// open are the routes that ask nobody to sign in, written down a second time on
// purpose: a further one must be wanted.
func openRoutes() []string {
	return []string{
		"GET /static/", "GET /login", "POST /login", "POST /logout", "POST /theme",
		"GET /setup/{link}", "POST /setup/{link}", "GET /link/{link}", "POST /link/{link}",
		"GET /api", "GET /api/{$}", "GET /api/style.css", "GET /api/v1/openapi.json", "GET /api/v1/health", "POST /api/v1/password",
	}
}

// rule is one route and one command that it takes; none: it is open.
type rule struct {
	method, path string
	command      lab.Command
}

func rules(t *testing.T) (pages, programs []rule) {
	t.Helper()
	part := func(pattern string, c lab.Command) rule {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			t.Errorf("the route %q has no method", pattern)
		}
		return rule{method, path, c}
	}
	for _, r := range web.Rules() {
		pages = append(pages, part(r.Pattern, r.Command))
	}
	for _, r := range api.Rules() {
		if len(r.Commands) == 0 {
			programs = append(programs, part(r.Pattern, ""))
		}
		for _, c := range r.Commands {
			programs = append(programs, part(r.Pattern, c))
		}
	}
	for _, all := range [][]rule{pages, programs} {
		slices.SortStableFunc(all, func(a, b rule) int {
			return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method), cmp.Compare(a.command, b.command))
		})
	}
	return pages, programs
}

func TestEveryRouteHasARuleAndTheDocumentSaysWhich(t *testing.T) {
	pages, programs := rules(t)
	known := lab.Commands()
	open := openRoutes()
	for _, r := range slices.Concat(pages, programs) {
		route := r.method + " " + r.path
		switch {
		case r.command == "" && !slices.Contains(open, route):
			t.Errorf("the route %s has no rule: name the command that it needs, or add it to the open ones on purpose", route)
		case r.command != "" && !slices.Contains(known, r.command):
			t.Errorf("the route %s needs %q, which is no command", route, r.command)
		}
	}
	text := table(pages, programs)
	if *update {
		if err := os.WriteFile(permissionsFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := os.ReadFile(permissionsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, text) {
		t.Errorf("docs/permissions.md does not say what the routers do; look at the difference and run: go test ./internal/program -run TestEveryRouteHasARule -update")
	}
}

// table writes the document.
func table(pages, programs []rule) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "# Who may do what")
	fmt.Fprintln(&b, "\nMade from the routers by `go test ./internal/program -run TestEveryRouteHasARule -update`; the test fails when a route has no rule or this page is old, and asks each address that only reads as each role. `y`: the role may. A row without marks is open to whoever is not signed in. What a task asks for besides, and who may not check or sign their own work, says [security](security.md).")
	for _, part := range []struct {
		title string
		rules []rule
	}{{"Pages", pages}, {"API", programs}} {
		fmt.Fprintf(&b, "\n## %s\n\n| route | command |", part.title)
		for _, role := range account.Roles() {
			fmt.Fprintf(&b, " %s |", role)
		}
		fmt.Fprintf(&b, "\n|---|---|%s\n", strings.Repeat(":-:|", len(account.Roles())))
		for _, r := range part.rules {
			fmt.Fprintf(&b, "| `%s %s` | %s |", r.method, r.path, cmp.Or(string(r.command), "open"))
			for _, role := range account.Roles() {
				mark := ""
				if r.command != "" && may(role, r.command) {
					mark = "y"
				}
				fmt.Fprintf(&b, " %s |", mark)
			}
			fmt.Fprintln(&b)
		}
	}
	return b.Bytes()
}

func may(role string, c lab.Command) bool {
	return lab.Allowed(record.Actor{Kind: record.Person, Name: "Somebody", Role: role}, c) == nil
}

// absent is a Temporal server that knows no workflow.
type absent struct{ temporal.Client }

func (absent) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (absent) QueryWorkflow(context.Context, string, string, string, ...any) (converter.EncodedValue, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (absent) UpdateWithStartWorkflow(context.Context, temporal.UpdateWithStartWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewUnavailable("no server")
}

// frontDoor is everything that a laboratory answers, over memory, and the token of
// a person of each role.
func frontDoor(t *testing.T) (http.Handler, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := account.Open(t.Context(), filepath.Join(dir, account.File), time.Now, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := lab.OpenDrafts(filepath.Join(dir, "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, x); closing(t, store) })
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	h := &house{data: dir, people: book, log: zerolog.Nop()}
	l := lab.New(lab.Deps{
		Temporal: absent{}, Logbooks: logbook.New(bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(bucket, dir),
		People: book, Accounts: store, Drafts: drafts, Program: "test", Now: time.Now,
	})
	if err := l.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for _, p := range book.People() {
		if tokens[p.Role], err = store.Begin(t.Context(), p.Name); err != nil {
			t.Fatal(err)
		}
	}
	_, all := h.doors(l, front{})
	return all, tokens
}

// somewhere puts a value for each part of a path that is not fixed: of things that
// are not there.
func somewhere(path, role string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllStringFunc(strings.ReplaceAll(path, "{$}", ""), func(part string) string {
		switch part {
		case "{sha256}", "{hash}":
			return strings.Repeat("0", 64)
		case "{number}", "{version}":
			return "1"
		case "{task...}":
			return "UCM-2026-999/culture/feed/1"
		case "{run}", "{other}":
			return "UCM-2026-999"
		case "{name}": // one's own: of the accounts of others more than the role decides
			return self(role)
		}
		return "nothing"
	})
}

// self is what the person of a role is called.
func self(role string) string {
	if role == account.Administrator {
		return account.Operator().Name
	}
	return cmp.Or(role, "nobody")
}

// answers are those of a route that somebody may use: there is a page, it leads on,
// there is no such thing, the address lacks a part, or it is asked in another way
// than the page's script does.
func answers() []int {
	return []int{http.StatusOK, http.StatusSeeOther, http.StatusPermanentRedirect, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest}
}

func TestEachAddressThatReadsAnswersEachRoleByTheRule(t *testing.T) {
	door, tokens := frontDoor(t)
	ask := func(path, role string) int {
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second) // a stream of events does not end by itself
		defer stop()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, somewhere(path, role), nil)
		r.Host = "localhost"
		if token := tokens[role]; token != "" {
			r.AddCookie(&http.Cookie{Name: "secretome-session", Value: token})
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w.Code
	}
	pages, programs := rules(t)
	asked := map[string]bool{}
	for _, r := range slices.Concat(pages, programs) {
		if r.method != http.MethodGet || asked[r.path] {
			continue
		}
		asked[r.path] = true
		stranger := ask(r.path, "")
		if want := unsigned(r); !slices.Contains(want, stranger) {
			t.Errorf("GET %s answers a stranger with %d, want one of %v", r.path, stranger, want)
		}
		for _, role := range account.Roles() {
			code := ask(r.path, role)
			allowed := r.command == "" || may(role, r.command)
			if allowed && !slices.Contains(answers(), code) || !allowed && code != http.StatusForbidden {
				t.Errorf("GET %s answers %s with %d; allowed: %v", r.path, role, code, allowed)
			}
		}
	}
	const least = 60 // routes that read, when this was written
	if len(asked) < least {
		t.Errorf("only %d addresses were asked", len(asked))
	}
}

// unsigned is how a stranger is answered.
func unsigned(r rule) []int {
	switch {
	case r.command == "":
		return answers()
	case strings.HasPrefix(r.path, "/api/"):
		return []int{http.StatusUnauthorized}
	}
	return []int{http.StatusSeeOther}
}
