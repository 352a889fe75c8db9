package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
)

// serveAccounts returns the data directory of a running server with accounts.
func serveAccounts(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(data, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := account.Ensure(filepath.Join(data, client.CredentialsFile), []account.Person{{Name: "Mara", Role: account.Manager}})
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := account.Open(t.Context(), filepath.Join(data, account.File), noon, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	l := lab.New(lab.Deps{Temporal: idle{}, Logbooks: logbook.New(bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(bucket, data), People: people, Accounts: accounts, Program: "test", Now: noon})
	if err := l.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(l, api.Options{Log: zerolog.Nop(), Version: "test"}))
	t.Cleanup(func() {
		server.Close()
		if err := accounts.Close(); err != nil {
			t.Error(err)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := (client.Server{API: server.URL}).Write(data); err != nil {
		t.Fatal(err)
	}
	return data
}

// typed runs a command line with standard input.
func typed(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := map[string]string{"SECRETOME_TZ": "UTC"}
	a := &app{in: strings.NewReader(stdin), out: &out, err: &errs, getenv: func(k string) string { return env[k] }}
	code = a.run(t.Context(), args)
	return code, out.String(), errs.String()
}

func TestUsersAreAddedByTheCommandLine(t *testing.T) {
	data := serveAccounts(t)
	link := ""
	for _, test := range []struct {
		name, stdin string
		args        []string
		code        int
		stdout      string // a part
		stderr      string // a part
	}{
		{"no role", "", []string{"add", "Eva Roth"}, 2, "", `"role" not set`},
		{"an unknown role", "", []string{"add", "Eva Roth", "--role", "king"}, 2, "", "roles are: manager"},
		{"by a manager", "", []string{"add", "Eva Roth", "--role", "technician", "--as", "Mara"}, 4, "", "Mara is manager"},
		{"by the operator", "", []string{"add", "Eva Roth", "--role", "technician", "--json"}, 0, `"link":"`, ""},
		{"twice", "", []string{"add", "eva roth", "--role", "technician"}, 6, "", "is called"},
		{"a password alone", "violet harbour seven\n", []string{"password"}, 2, "", "1 lines, not two"},
		{"a link that never was", "x\nviolet harbour seven\n", []string{"password"}, 4, "", "one-time link"},
		{"a bad password", "LINK\nEva Roth 2026\n", []string{"password"}, 2, "", "the password is the name"},
		{"a good password", "LINK\nviolet harbour seven\n", []string{"password"}, 0, "Eva Roth", ""},
		{"the list", "", []string{"list"}, 0, "Eva Roth\ttechnician\tactive\t\t\t2026-03-02T12:00:00Z\n", ""},
		{"a noun alone lists", "", nil, 0, "Mara\tmanager\tno password\t", ""},
		{"a token for somebody else that acts", "", []string{"token", "Eva Roth", "--scope", "act", "--expires", "2027-01-31"}, 4, "", "is not you"},
		{"an unknown scope", "", []string{"token", "--scope", "write", "--expires", "2027-01-31"}, 2, "", "scopes are"},
		{"an end that has passed", "", []string{"token", "--scope", "read", "--expires", "2025-01-31"}, 2, "", "to come"},
		{"one's own token", "", []string{"token", "--scope", "act", "--expires", "2027-01-31", "--as", "Mara"}, 0, "scope\tact\n", "told once"},
		{"its list", "", []string{"tokens", "--as", "Mara"}, 0, "\tMara\tact\t2026-03-02T12:00:00Z\t2027-01-31T00:00:00Z\t\n", ""},
		{"a token that is not there", "", []string{"revoke", "tk-none"}, 5, "", "has no token"},
		{"a disabling", "", []string{"disable", "Eva Roth"}, 0, "Eva Roth", ""},
		{"a reset of who is disabled", "", []string{"reset", "Eva Roth"}, 6, "", "is disabled"},
		{"an enabling", "", []string{"enable", "Eva Roth"}, 0, "Eva Roth", ""},
		{"a reset", "", []string{"reset", "Eva Roth"}, 0, "link\t", "works once"},
		{"nobody", "", []string{"reset", "Zoe"}, 5, "", "nobody here"},
		{"a badge", "", []string{"badge", "Eva Roth"}, 0, "badge\tBDG-", "told once"},
		{"a badge by a manager", "", []string{"badge", "Eva Roth", "--as", "Mara"}, 4, "", "Mara is manager"},
		{"a badge of the operator", "", []string{"badge", "operator"}, 7, "", "good for nothing"},
		{"its end", "", []string{"badge", "Eva Roth", "--take"}, 0, "Eva Roth", ""},
		{"the end of none", "", []string{"badge", "Eva Roth", "--take"}, 6, "", "has no badge"},
		{"another role", "", []string{"role", "Eva Roth", "reviewer"}, 0, "Eva Roth", ""},
		{"the list with it", "", []string{"list"}, 0, "Eva Roth\treviewer\t", ""},
		{"a role that is none", "", []string{"role", "Eva Roth", "king"}, 2, "", "roles are: manager"},
		{"a role of the credentials file", "", []string{"role", "Mara", "reviewer"}, 7, "", "stands in the credentials file"},
	} {
		code, stdout, stderr := typed(t, strings.ReplaceAll(test.stdin, "LINK", link), append([]string{"--data", data, "user"}, test.args...)...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) || test.code != 0 && stdout != "" {
			t.Errorf("%s: exit %d, want %d\nstdout %q\nstderr %q", test.name, code, test.code, stdout, stderr)
		}
		var added client.PersonActed
		if json.Unmarshal([]byte(stdout), &added) == nil && added.Link != "" {
			link = added.Link
		}
	}
}

func TestHowLongASessionLastsIsAsked(t *testing.T) {
	var got UpOptions
	p := Programs{Up: func(_ context.Context, o UpOptions, _ IO) error { got = o; return nil }}
	for _, test := range []struct {
		args        string
		idle, limit time.Duration // 0: refused
	}{
		{"", 30 * time.Minute, 12 * time.Hour},
		{"--session-idle 8h --session-limit 10h", 8 * time.Hour, 10 * time.Hour},
		{"--session-idle 0", 0, 0},
		{"--session-limit long", 0, 0},
	} {
		got = UpOptions{}
		code, _, stderr := callWith(t.Context(), false, p, append([]string{"up"}, strings.Fields(test.args)...)...)
		if got.Idle != test.idle || got.Limit != test.limit || (code == 0) != (test.idle > 0) || code != 0 && !strings.Contains(stderr, "is no time of a minute or more") {
			t.Errorf("up %s: exit %d with %s and %s: %s", test.args, code, got.Idle, got.Limit, stderr)
		}
	}
}
