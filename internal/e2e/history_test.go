package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	enums "go.temporal.io/api/enums/v1"
	history "go.temporal.io/api/history/v1"
)

// keepHistory writes the events of a workflow, as name.json, into the folder that
// SECRETOME_HISTORIES names; for workflows/testdata/histories. Without it nothing
// is written.
func (l *laboratory) keepHistory(t *testing.T, workflow, name string) {
	t.Helper()
	dir := os.Getenv("SECRETOME_HISTORIES")
	if dir == "" {
		return
	}
	c, err := client.Dial(client.Options{HostPort: l.server.Temporal, Namespace: l.server.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	all := &history.History{}
	for events := c.GetWorkflowHistory(t.Context(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		all.Events = append(all.Events, e)
	}
	data, err := protojson.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
