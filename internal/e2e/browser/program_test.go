package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"secretome/internal/client"
	_ "secretome/internal/program" // the binary under test is made of it: where it changes, no cached result holds
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "secretome-browser-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		defer func() { closeHouse(); closeChromium() }()
		if binary = os.Getenv("SECRETOME_TEST_BINARY"); binary != "" {
			return m.Run()
		}
		binary = filepath.Join(dir, "secretome")
		build := exec.Command("go", "build", "-o", binary, "../../../cmd/secretome")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the program:", err)
			return 1
		}
		return m.Run()
	}())
}

// missing skips a test for want of something; on the machine where everything
// must be there it fails.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SECRETOME_CI") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// laboratory is a running "secretome up".
type laboratory struct {
	t      testing.TB
	data   string
	told   *bytes.Buffer // what it wrote for people
	server client.Server
	keys   map[string]string // name → password
	cast   map[string]string // role → who acts as it; nobody: the account of that name
}

// closeHouse stops the laboratories that tests share, if they were started.
var closeHouse = func() {}

// atClosing has something done when the house is closed, before what was asked for
// earlier.
func atClosing(do func()) {
	rest := closeHouse
	closeHouse = func() { do(); rest() }
}

// first is that laboratory: it began with an empty data directory.
var first = sync.OnceValues(func() (*laboratory, error) {
	data, err := os.MkdirTemp("", "secretome-house-")
	if err != nil {
		return nil, err
	}
	l, stop, err := start(data)
	atClosing(func() {
		stop()
		_ = os.RemoveAll(data)
	})
	return l, err
})

// house is the laboratory that all tests share, with its staff.
func house(t testing.TB) *laboratory {
	t.Helper()
	if _, err := chromium(); err != nil {
		missing(t, fmt.Sprintf("there is no Chromium here: apt-get install chromium (%v)", err))
	}
	l, err := first()
	if err != nil {
		t.Fatal(err)
	}
	l.t = t
	if len(l.keys) == 0 {
		l.hire()
	}
	return l
}

// start starts a laboratory and waits until it answers.
func start(data string) (*laboratory, func(), error) {
	l := &laboratory{data: data, told: &bytes.Buffer{}, keys: map[string]string{}}
	cmd := exec.Command(binary, "up", "--data", data, "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	cmd.Stderr, cmd.Env = l.told, environment(data)
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop := func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		_ = cmd.Wait()
	}
	if err := json.NewDecoder(out).Decode(&l.server); err != nil {
		stop() // it ended: what it said tells why
		return nil, nil, fmt.Errorf("up: %w\n%s", err, l.told)
	}
	return l, stop, nil
}

// context lasts beyond a test that is over, for what is tidied up after it.
func (l *laboratory) context() context.Context { return context.WithoutCancel(l.t.Context()) }

// environment is without the settings of whoever runs the tests.
func environment(folder string) []string {
	ours := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SECRETOME_") })
	return append(ours, "XDG_CONFIG_HOME="+folder)
}

// as returns a client that acts as somebody of the credentials file.
func (l *laboratory) as(name string) *client.Client {
	l.t.Helper()
	if who, ok := l.cast[name]; ok {
		name = who
	}
	token, err := client.FindToken(l.data, name)
	if err != nil {
		l.t.Fatal(err)
	}
	c, err := client.New(client.Options{URL: l.server.API, Token: token, Patience: 30 * time.Second})
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

// eventually polls until f says that it is so.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// password is what somebody types to sign in: their password, or the token of the
// credentials file.
func (l *laboratory) password(name string) string {
	l.t.Helper()
	if key, ok := l.keys[name]; ok {
		return key
	}
	token, err := client.FindToken(l.data, name)
	if err != nil {
		l.t.Fatal(err)
	}
	return token
}

// staff are the people of the journeys. The accounts that every data directory
// begins with, one for each role, act where nobody looks.
var staff = []client.NewPerson{
	{Name: "Mara Thiel", Role: "technician"},
	{Name: "Jonas Weber", Role: "technician"},
	{Name: "Aiko Vogt", Role: "reviewer"},
	{Name: "Rafael Ortiz", Role: "reviewer"},
}

// hire gives the staff accounts and passwords.
func (l *laboratory) hire() {
	l.t.Helper()
	admin := l.as("operator")
	for _, p := range staff {
		invited, err := admin.AddPerson(l.t.Context(), client.NewRequest(), p)
		if err != nil {
			l.t.Fatal(err)
		}
		l.keys[p.Name] = "a long enough password of " + p.Name
		if _, err := admin.SetPassword(l.t.Context(), client.NewRequest(), client.Password{Link: invited.Link, Password: l.keys[p.Name]}); err != nil {
			l.t.Fatal(err)
		}
	}
}

// played plays the demonstration into a data directory, or copies one in which it
// was played: SECRETOME_TEST_DEMO saves half a minute to whoever runs this often.
func played(data string) error {
	if ready := os.Getenv("SECRETOME_TEST_DEMO"); ready != "" {
		return exec.Command("cp", "-a", ready, data).Run() // with its permissions
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "demo", "--data", data, "--json")
	cmd.Env = environment(filepath.Dir(data))
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("demo: %w\n%s", err, said)
	}
	return nil
}
