package temporal

import (
	"bytes"
	"database/sql"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"secretome/internal/embedded/port"
	"secretome/internal/fault"
)

// lines is a log that several goroutines may write.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// ports are free ones: held all at once, then let go.
func ports(t *testing.T) Ports {
	t.Helper()
	var held [4]*port.Port
	for i := range held {
		var err error
		if held[i], err = port.Claim(0, ""); err != nil {
			t.Fatal(err)
		}
	}
	return Ports{held[0].Yield(), held[1].Yield(), held[2].Yield(), held[3].Yield()}
}

func dial(t *testing.T, address string) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: address, Namespace: Namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAWorkflowIsThereAfterARestartAndTheLogIsQuiet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "50% of it, is this #1?.db")
	log := &lines{}
	options := Options{File: file, Ports: ports(t), Logger: zerolog.New(log)}
	s, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	run := sdktemporal.NewSearchAttributeKeyKeyword("SecretomeRun")
	c := dial(t, s.Address())
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "run/1", TaskQueue: "nobody", TypedSearchAttributes: sdktemporal.NewSearchAttributes(run.ValueSet("UCM-2026-001")),
	}, "Run"); err != nil {
		t.Fatal(err)
	}
	c.Close()
	s.Stop()
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the file's name was not taken as it is: %v", err)
	}
	options.Ports = ports(t)
	if s, err = Start(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c = dial(t, s.Address())
	found, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: Namespace, Query: `SecretomeRun = "UCM-2026-001"`})
	if err != nil || found.Count != 1 {
		t.Errorf("after the restart: %v, %v; want one workflow", found, err)
	}
	ns, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: Namespace})
	if err != nil || ns.Config.WorkflowExecutionRetentionTtl.AsDuration() != retention {
		t.Errorf("retention = %v, %v; want %v", ns.GetConfig(), err, retention)
	}
	if log.String() != "" {
		t.Errorf("starting and stopping said:\n%s", log)
	}
}

func TestAFileOfAnotherServersSchemaIsRefusedAndLeftAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.db")
	if err := create(file); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+escaped(file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`ALTER TABLE executions ADD COLUMN of_a_later_server INTEGER; PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{File: file, Made: "1.99.0", Logger: zerolog.Nop()})
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "1.99.0") || !strings.Contains(err.Error(), Version) {
		t.Errorf("Start = %v; want a refusal that names both versions", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the refused file was changed (%v)", err)
	}
}

func TestAnEmptyFileGetsTheServersSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil { // what a kill just after its making leaves
		t.Fatal(err)
	}
	if err := prepare(file, ""); err != nil {
		t.Fatal(err)
	}
	want, err := schemaOfServer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := schemaOf(file)
	if err != nil || len(got) < 20 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("schema of the file has %d entries, %v; want the server's %d", len(got), err, len(want))
	}
}

func TestTheServersConnectionIsDurable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.db")
	if err := prepare(file, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := checkConnection(file); err != nil {
			t.Error(err)
		}
	}
}

func TestATakenPortIsAnErrorAndNotTheEndOfTheProcess(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := ports(t)
	p.Frontend = taken.Addr().(*net.TCPAddr).Port
	_, err = Start(t.Context(), Options{File: filepath.Join(t.TempDir(), "temporal.db"), Ports: p, Logger: zerolog.Nop()})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Start on a taken port = %v", err)
	}
}

func TestTheWebUIShowsAndChangesNothing(t *testing.T) {
	s, err := Start(t.Context(), Options{File: filepath.Join(t.TempDir(), "temporal.db"), Ports: ports(t), Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	ui, err := StartUI(t.Context(), s.Address(), ports(t).Frontend)
	if err != nil {
		t.Fatal(err)
	}
	defer ui.Stop()
	var token *http.Cookie // against forged requests; without it every POST is a 400
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusOK},
		{http.MethodGet, "/api/v1/namespaces/" + Namespace, http.StatusOK},
		{http.MethodPost, "/api/v1/namespaces/" + Namespace + "/workflows/run/terminate", http.StatusMethodNotAllowed},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, ui.URL()+test.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if token != nil {
			request.AddCookie(token)
			request.Header.Set("X-CSRF-Token", token.Value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		for _, cookie := range response.Cookies() {
			token = cookie
		}
		if response.StatusCode != test.want {
			t.Errorf("%s %s = %d, want %d", test.method, test.path, response.StatusCode, test.want)
		}
	}
}
