package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/notify"
	"secretome/internal/record"
)

// receiver is a webhook of somebody else. Its first answer is that it is down.
type receiver struct {
	sync.Mutex
	secret []byte
	got    []notify.Message
	times  []time.Time
	down   bool
	errs   []error
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	r.Lock()
	defer r.Unlock()
	if r.down {
		r.down = false
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(in.Body)
	if err == nil {
		err = notify.Verify(r.secret, in.Header, body, time.Now(), time.Minute)
	}
	var m notify.Message
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
	r.got, r.times = append(r.got, m), append(r.times, time.Now())
}

func (r *receiver) of(kind string) []notify.Message {
	r.Lock()
	defer r.Unlock()
	var found []notify.Message
	for _, m := range r.got {
		if m.Kind == kind {
			found = append(found, m)
		}
	}
	return found
}

// Nobody answers a task: its holder's role is reminded once before the window
// closes, then the manager is told, signed and tried again where the receiver is
// down. What came too late waits for a decision, which is told too.
func TestAWindowRemindsOnceAndEscalates(t *testing.T) {
	hook := &receiver{secret: []byte("a secret of the laboratory and of its webhook"), down: true}
	server := httptest.NewServer(hook)
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, hook.secret, 0o600); err != nil {
		t.Fatal(err)
	}
	l := up(t, t.TempDir(), "--webhook", server.URL, "--webhook-secret", secret)
	r := launchAll(t, l, "testdata/windows.yaml")
	look := r.open("/look/")
	eventually(t, "the escalation", func() bool { return len(hook.of("escalation")) > 0 })
	if n := hook.of("reminder"); len(n) != 1 || n[0].Role != "technician" || n[0].Task != look.ID || !strings.Contains(n[0].Text, "the window closes in") {
		t.Errorf("reminders: %+v", n)
	}
	if n := hook.of("escalation"); len(n) != 1 || n[0].Role != "manager" {
		t.Errorf("escalations: %+v", n)
	}
	r.values["look/look.clear"] = "yes"
	r.do(look)
	r.open("/decide-deviation/")
	eventually(t, "the decision told", func() bool { return len(hook.of("decision")) == 1 })
	noticed, err := l.as("manager").Records(t.Context(), r.run, 0, record.Noticed)
	if err != nil || len(noticed) != 2 {
		t.Errorf("%d notices stand in the logbook (%v), want the reminder and the escalation", len(noticed), err)
	}
	if len(hook.errs) > 0 {
		t.Errorf("the receiver says %v", hook.errs)
	}
	if len(hook.got) != 3 {
		t.Errorf("the receiver got %d messages: %+v", len(hook.got), hook.got)
	}
	l.keepHistory(t, look.ID, "HumanTask-reminded-and-escalated")
}
