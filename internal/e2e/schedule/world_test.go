package schedule

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"secretome/activities"
	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/embedded/embeddedtest"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/worker"
	"secretome/workflows"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

// world is a laboratory with everything but its doors.
type world struct {
	lab   *lab.Lab
	books *logbook.Logbooks
	index *index.Index
	time  client.Client
}

// people are the clients of a schedule, in this order.
func people() []record.Actor {
	person := func(name, role string) record.Actor {
		return record.Actor{Kind: record.Person, Name: name, Role: role}
	}
	return []record.Actor{
		person("Tim", account.Technician), person("Tea", account.Technician), person("Mara", account.Manager),
		person("Tom", account.Technician), person("Qing", account.Quality),
	}
}

// quiet drops what the SDK logs: refusals are what is tried here.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

var _ log.Logger = quiet{}

// straight is the way into the logbooks themselves.
func straight(books activities.Logbooks) activities.Logbooks { return books }

// start begins a laboratory whose workflows write into the logbooks that through
// returns.
func start(t *testing.T, through func(activities.Logbooks) activities.Logbooks) *world {
	t.Helper()
	at := embeddedtest.Servers(t).Addresses()
	c, err := client.Dial(client.Options{
		HostPort: at.Temporal, Namespace: at.Namespace, Logger: quiet{},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() }) // it goes with the test
	var persons []account.Person
	for _, p := range people() {
		persons = append(persons, account.Person{Name: p.Name, Role: p.Role})
	}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), persons)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	store, books := artifact.New(bucket, dir), logbook.New(bucket, x, zerolog.Nop())
	w := worker.New(c, &activities.Activities{Logbooks: through(books), Artifacts: store, Temporal: c, Program: "test"}, worker.Options{})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	now := func() time.Time { return time.Now().UTC() }
	return &world{lab.New(lab.Deps{Temporal: c, Logbooks: books, Index: x, Artifacts: store, People: book, Program: "test", Now: now}), books, x, c}
}

// The barcodes of a schedule.
func lotCode(n, lot int) string     { return fmt.Sprintf("BM-%d-%d", n, lot) }
func vialCode(n, vial int) string   { return fmt.Sprintf("VI-%d-%d", n, vial) }
func parentCode(n int) string       { return fmt.Sprintf("CV-%d", n) }
func childCode(n, of, i int) string { return fmt.Sprintf("CV-%d-%d-%d", n, of, i) }
func runName(n int) string          { return fmt.Sprintf("SCH-%d", n) }
func taskID(n, number int) string {
	return fmt.Sprintf("task/%s/culture/passage/%d", runName(n), number+1)
}
func logbookOf(n int) string        { return workflows.Logbook(runName(n)) }
func lotBook(barcode string) string { return activities.LotID(barcode) }
func scan(id string, is protocol.Thing) protocol.Field {
	return protocol.Field{ID: id, Title: "barcode of the " + id, Kind: protocol.Scan, Thing: is}
}

func volume() protocol.Field {
	return protocol.Field{ID: "volume", Title: "volume", Kind: protocol.Amount, Unit: "mL"}
}

// passage is the task of a schedule: medium is taken, cells are split into a new
// vessel, and a vial is filled from medium.
func passage(n, number int) task.Spec {
	return task.Spec{
		ID: taskID(n, number), Attempt: 1, Keeps: true, Subject: record.Subject{Stage: "culture", Task: taskID(n, number)},
		From: []task.Thing{{Barcode: parentCode(n), Kind: "vessel", Made: true, Passage: 3}},
		Task: protocol.Task{ID: "passage", Title: "Passage", Role: account.Technician, Steps: []protocol.Step{
			{ID: "take", Fields: []protocol.Field{scan("lot", protocol.Thing{Is: "reagent", Draws: "take.volume"}), volume()}},
			{ID: "split", Fields: []protocol.Field{
				scan("parent", protocol.Thing{Is: "vessel"}), scan("medium", protocol.Thing{Is: "reagent", Draws: "0.2 mL"}), scan("child", protocol.Thing{Is: "vessel", Made: true}),
			}},
			{ID: "fill", Fields: []protocol.Field{
				scan("vial", protocol.Thing{Is: "vial", Made: true, Amount: "fill.volume"}), scan("source", protocol.Thing{Is: "reagent", Draws: "fill.volume"}), volume(),
			}},
		}},
	}
}

// launch begins a run with its two tasks.
func (w *world) launch(t *testing.T, n int) {
	t.Helper()
	body, err := record.Body(record.Launch{Run: runName(n), Zone: "UTC", Speed: 1})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	first, err := w.books.Append(t.Context(), record.Draft{
		Logbook: logbookOf(n), Request: "launch", Kind: record.RunLaunched, Received: now, Happened: now, By: people()[2], Program: "test", Body: body,
	})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := first.Ref()
	if err != nil {
		t.Fatal(err)
	}
	for number := range tasks {
		in := run.TaskInput{Context: run.Context{Run: runName(n), Logbook: logbookOf(n), Zone: "UTC", Speed: 1, Program: "test", Launch: ref}, Spec: passage(n, number)}
		options := client.StartWorkflowOptions{ID: taskID(n, number), TaskQueue: workflows.Queue}
		if _, err := w.time.ExecuteWorkflow(t.Context(), options, workflows.HumanTask, in); err != nil {
			t.Fatal(err)
		}
	}
}
