package program

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
)

func TestTheLinkOfTheSetUpIsPrintedUntilItIsUsed(t *testing.T) {
	store, err := account.Open(t.Context(), filepath.Join(t.TempDir(), account.File), time.Now, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, store)
	var out bytes.Buffer
	if err := setUp(t.Context(), store, "/srv/lab", "https://lab.example/lab", &out); err != nil {
		t.Fatal(err)
	}
	_, link, ok := strings.Cut(strings.TrimSpace(out.String()), "link: ")
	if !ok || !strings.Contains(out.String(), "--data /srv/lab") || !strings.Contains(out.String(), "\n  https://lab.example/lab/setup/"+link+"\n") {
		t.Fatalf("printed %q", out.String())
	}
	if _, err := store.Redeem(t.Context(), "set-up", account.Redemption{Token: link, Name: "Ida", Password: "violet harbour seven"}); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := setUp(t.Context(), store, "/srv/lab", "https://lab.example/lab", &out); err != nil || out.Len() > 0 {
		t.Errorf("afterwards printed %q, %v", out.String(), err)
	}
}
