package client

import (
	"net/url"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// Health is the answer of /health.
type Health struct {
	Status  string `json:"status"` // "ok"
	Version string `json:"version"`
}

// Launch asks for a new run.
type Launch struct {
	Document  string    `json:"document"`            // the protocol, YAML
	Name      string    `json:"name,omitempty"`      // of its file, as mistakes are told with it
	Title     string    `json:"title,omitempty"`     // empty: the protocol's
	Start     time.Time `json:"start,omitzero"`      // from when windows count; zero: now
	Speed     float64   `json:"speed,omitempty"`     // waits are divided by it; zero: 1
	Rehearsal bool      `json:"rehearsal,omitempty"` // people and instruments are played by a script
	Script    string    `json:"script,omitempty"`    // name of that script
}

// Launched is the answer to [Launch].
type Launched struct {
	Run    string     `json:"run"`
	Record record.Ref `json:"record"`
}

// Run is one line of a list of runs.
type Run struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Protocol  string    `json:"protocol"`
	State     string    `json:"state"` // running, done, discarded, stopped, failed, …
	Stage     string    `json:"stage,omitempty"`
	Next      string    `json:"next,omitempty"`  // title of the open task that is due first
	Closes    time.Time `json:"closes,omitzero"` // when that task's window closes
	Open      int       `json:"open"`            // tasks that wait for somebody
	Blocked   int       `json:"blocked"`         // deviations that wait for a decision
	Started   time.Time `json:"started"`         //
	Ended     time.Time `json:"ended,omitzero"`  //
	Records   int64     `json:"records"`         // number of the last record that the index knows
	Rehearsal bool      `json:"rehearsal"`
	Why       string    `json:"why,omitempty"` // why it ended so
	Zone      string    `json:"zone"`          // lab time
}

// RunView is a run with its stages and what waits for somebody.
type RunView struct {
	Run
	Stages []Stage `json:"stages"`
	Tasks  []Task  `json:"tasks"` // that are open or claimed
}

// Stage is where one stage of a run stands.
type Stage struct {
	Stage   string    `json:"stage"`
	Model   string    `json:"model,omitempty"`
	Block   string    `json:"block,omitempty"`
	Title   string    `json:"title"`
	State   string    `json:"state"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Why     string    `json:"why,omitempty"`
}

// Task is one line of a list of tasks.
type Task struct {
	ID      string    `json:"id"`
	Run     string    `json:"run"`
	Stage   string    `json:"stage"`
	Model   string    `json:"model,omitempty"`
	Block   string    `json:"block,omitempty"`
	Title   string    `json:"title"`
	Role    string    `json:"role"`
	State   string    `json:"state"` // a [task.Phase]
	Holder  string    `json:"holder,omitempty"`
	Attempt int       `json:"attempt"`
	Opens   time.Time `json:"opens,omitzero"`
	Nominal time.Time `json:"nominal,omitzero"`
	Closes  time.Time `json:"closes,omitzero"`
	Hard    time.Time `json:"hard,omitzero"`
	Late    bool      `json:"late,omitempty"`    // the window's end passed before it was done
	Verdict string    `json:"verdict,omitempty"` // of the window
	By      string    `json:"by,omitempty"`      // who completed or skipped it
	Done    time.Time `json:"done,omitzero"`     // when
}

// TaskFilter chooses tasks; an empty part chooses all.
type TaskFilter struct {
	Run   string
	Role  string
	State string // a [task.Phase]; empty: open and claimed; "all"
	Mine  bool   // held by whoever asks
}

// Query encodes the filter.
func (f TaskFilter) Query() url.Values {
	query := url.Values{}
	for key, value := range map[string]string{"run": f.Run, "role": f.Role, "state": f.State} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if f.Mine {
		query.Set("mine", "true")
	}
	return query
}

// TaskView is all about one task.
type TaskView struct {
	Task
	Spec task.Spec  `json:"spec"`
	Now  task.State `json:"now"` // as its workflow has it this moment
}

// Act is one thing that a person does to a task.
type Act struct {
	Verb      task.Verb      `json:"verb"`
	Happened  time.Time      `json:"happened,omitzero"` // zero: when it is received
	Step      string         `json:"step,omitempty"`
	Entries   []record.Entry `json:"entries,omitempty"`
	To        string         `json:"to,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Clock     time.Time      `json:"clock,omitzero"` // the bench's clock when it was sent; Happened is corrected by what it is wrong
	Deviation string         `json:"deviation,omitempty"`
	Paper     bool           `json:"paper,omitempty"` // of a step: copied from a bench sheet
}

// Acted is the answer to [Act].
type Acted struct {
	task.Answer
	Late    bool `json:"late,omitempty"`    // it came after its task was closed: kept, and applied to nothing
	Follows bool `json:"follows,omitempty"` // saved; the lists do not show it yet
}

// Decide is a manager's decision on a deviation.
type Decide struct {
	Choice string `json:"choice"` // one of those that the task of the decision offers
	Why    string `json:"why"`
}

// Control is one thing that a manager does to a run.
type Control struct {
	Verb     run.Verb       `json:"verb"`
	Reason   string         `json:"reason"`
	Task     *protocol.Task `json:"task,omitempty"`     // to ask
	Document string         `json:"document,omitempty"` // to amend: the protocol as YAML
	Name     string         `json:"name,omitempty"`     // of its file
}

// Controlled is the answer to [Control].
type Controlled struct {
	Record   record.Ref   `json:"record"`
	Standing run.Standing `json:"standing"`
	Changes  []string     `json:"changes,omitempty"` // of an amendment
	Follows  bool         `json:"follows,omitempty"`
}

// LotAct is one thing that a person does to a lot, a vial, a reagent or a donor.
type LotAct struct {
	Verb     string        `json:"verb"` // add, release, draw …
	Happened time.Time     `json:"happened,omitzero"`
	Body     record.LotAct `json:"body"`
}

// LotActed is the answer to [LotAct] and to a recall.
type LotActed struct {
	Record  record.Ref `json:"record"`
	State   string     `json:"state"`
	Left    string     `json:"left,omitempty"`
	Follows bool       `json:"follows,omitempty"`
}

// Recall calls back a thing and all that was made from it.
type Recall struct {
	Why string `json:"why"`
}

// LotView is all about one thing.
type LotView struct {
	sample.Lot
	Scans       []Scan     `json:"scans"`
	Flags       []Flag     `json:"flags"`
	Ancestors   []Relative `json:"ancestors"`
	Descendants []Relative `json:"descendants"`
	Records     []Record   `json:"records"`
}

// Scan is one time that a thing was scanned in a run.
type Scan struct {
	Run      string    `json:"run"`
	Number   int64     `json:"number"` // of the record
	Task     string    `json:"task"`
	Kind     string    `json:"kind"`
	Made     bool      `json:"made,omitempty"`
	Passage  int       `json:"passage,omitempty"`
	By       string    `json:"by"`
	Happened time.Time `json:"happened"`
}

// Flag is what a run says against a thing.
type Flag struct {
	Run    string `json:"run"`
	Number int64  `json:"number"`
	State  string `json:"state"`
	Why    string `json:"why"`
}

// Relative is a thing that another one was made from, or was made from it.
type Relative struct {
	Barcode  string `json:"barcode"`
	Distance int    `json:"distance"`
}

// Key is which code is which group in one block.
type Key struct {
	Run      string            `json:"run"`
	Model    string            `json:"model"`
	Block    string            `json:"block"`
	Fraction quantity.Quantity `json:"fraction,omitzero"` // of CM and unconditioned medium together
	Bottles  []Bottle          `json:"bottles"`
	Record   record.Ref        `json:"record"` // that says who saw it
}

// Bottle is one line of a key.
type Bottle struct {
	Code   string            `json:"code"`
	Wells  int               `json:"wells"`
	Group  string            `json:"group"`
	Title  string            `json:"title"`
	Dose   quantity.Quantity `json:"dose,omitzero"`
	Stress string            `json:"stress,omitempty"`
	Drug   string            `json:"drug,omitempty"`
}

// Upload says what the bytes of an upload are.
type Upload struct {
	Name      string
	MediaType string
	Size      int64
	SHA256    string // hex; empty: not known beforehand
}

// Record is a record with its hash.
type Record struct {
	Hash   string        `json:"hash"`
	Record record.Record `json:"record"`
}

// Artifact is what the logbooks say of stored bytes.
type Artifact struct {
	SHA256    string     `json:"sha256"`
	Size      int64      `json:"size"` // bytes
	MediaType string     `json:"media_type"`
	Names     []string   `json:"names"`
	First     record.Ref `json:"first"` // the earliest record that tells of it
	Received  time.Time  `json:"received"`
}

// Node is a record or an artifact in the graph of what was made from what.
type Node struct {
	Artifact string     `json:"artifact,omitempty"` // SHA-256; empty for a record
	Record   record.Ref `json:"record,omitzero"`
}

// Edge says that From was made from To, which served as As.
type Edge struct {
	From Node   `json:"from"`
	As   string `json:"as"`
	To   Node   `json:"to"`
}

// Verified is the answer of the check of all artifacts.
type Verified struct {
	Checked  int             `json:"checked"`
	Problems []VerifyProblem `json:"problems"`
}

// VerifyProblem is one artifact that is not what it should be.
type VerifyProblem struct {
	SHA256 string `json:"sha256"`
	Kind   string `json:"kind"` // of the fault: corrupt, not-found
	Detail string `json:"detail"`
}
