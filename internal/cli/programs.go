package cli

import (
	"context"
	"io"
	"time"

	"secretome/internal/client"
)

// DefaultData is the data directory where none is named.
const DefaultData = "secretome-data"

// Servers says where the parts are that a program uses. With neither Temporal
// nor S3 given, both run in this process on the data directory.
type Servers struct {
	Data        string
	Temporal    string // host:port; empty: in this process
	Namespace   string
	S3          string // URL; empty: in this process
	Bucket      string
	S3AccessKey string
	S3SecretKey string

	TemporalPort int // of the servers in this process; 0: a free one, here and below
	S3Port       int
	UIPort       int

	Notify NotifySettings
}

// NotifySettings say who is told of what happens outside the program.
type NotifySettings struct {
	Webhook      string // URL
	SecretFile   string // path of the secret that signs it
	Mail         string // host:port of a mail server
	From         string
	User         string
	PasswordFile string
	To           string // "manager=a@lab.example, b@lab.example; technician=…"
}

// IO is how a program speaks to the person who started it.
type IO struct {
	Out  io.Writer // the answer
	Err  io.Writer // progress and talk
	JSON bool      // the answer is wanted as JSON, which is printed by the caller
}

// DemoOptions say how the demo runs.
type DemoOptions struct {
	Servers
	Out   string  // where the bundle is left; empty: in the data directory
	Speed float64 // waits are divided by it
}

// DemoResult is what the demo left.
type DemoResult struct {
	Run     string  `json:"run"`
	Bundle  string  `json:"bundle"`
	Report  string  `json:"report"`
	Seconds float64 `json:"seconds"`
}

// UpOptions say how the server runs.
type UpOptions struct {
	Servers
	Slots  int           // activities at once; 0: the default
	Idle   time.Duration // a session ends that was not used for so long
	Limit  time.Duration // a session ends after so long
	Listen string

	Proxy       string   // the name of a proxy with TLS that stands before it; empty: there is none
	Hosts       []string // further names by which it is called
	Prefix      string   // path below which everything is served: /lab
	Certificate string   // path of the certificate with its chain; empty: no TLS
	Key         string   // path of its key

	Ready func(client.Server) error // called once, when requests are answered
}

// WorkerOptions say how a worker runs.
type WorkerOptions struct {
	Servers
	Slots int // activities at once; 0: the default
}

// RebuildOptions say whose index is made anew.
type RebuildOptions struct{ Servers }

// Rebuilt is what a rebuild of the index found.
type Rebuilt struct {
	Missing     bool         `json:"missing"`          // there was no index
	Damage      string       `json:"damage,omitempty"` // why the old one could not be read
	Behind      int64        `json:"behind"`           // records that it lagged, which is no difference
	Differences []Difference `json:"differences"`      // the first of them
	More        int          `json:"more,omitempty"`   // how many further ones there are
}

// Same reports whether the old index, where there was one, told what the new one
// tells.
func (r Rebuilt) Same() bool { return r.Damage == "" && len(r.Differences) == 0 }

// Difference is one row of the index that differed; a row that one side lacks is
// empty.
type Difference struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// ReplayOptions say what is replayed.
type ReplayOptions struct {
	Servers
	What string // a run, a bundle's folder, or a history's file
}

// Replayed is one history that was held against the program.
type Replayed struct {
	Workflow string `json:"workflow"`
	Type     string `json:"type"`
	Events   int64  `json:"events"`
	OK       bool   `json:"ok"`
	Detail   string `json:"detail,omitempty"`
}

// DoctorOptions say what is examined.
type DoctorOptions struct{ Servers }

// Finding is one thing that the doctor looked at.
type Finding struct {
	Name   string `json:"name"`
	State  string `json:"state"` // ok, warn, fail
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

// Version is what the program says of itself.
type Version struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Commit  string `json:"commit,omitempty"`
	Built   string `json:"built,omitempty"`
}

// Programs are the parts that need servers, by the package that wires them.
type Programs struct {
	Version      Version
	Demo         func(context.Context, DemoOptions, IO) (DemoResult, error)
	Up           func(context.Context, UpOptions, IO) error
	Worker       func(context.Context, WorkerOptions, IO) error
	RebuildIndex func(context.Context, RebuildOptions, IO) (Rebuilt, error)
	Replay       func(context.Context, ReplayOptions, IO) ([]Replayed, error)
	Doctor       func(context.Context, DoctorOptions, IO) ([]Finding, error)
}
