package record

import "time"

// Kind says what a record tells, and so which struct its body is.
type Kind string

// The kinds, with the struct of the body behind each.
const (
	RunLaunched       Kind = "run-launched"       // Launch
	RunEnded          Kind = "run-ended"          // End
	RunPaused         Kind = "run-paused"         // Note: nothing new is asked
	RunResumed        Kind = "run-resumed"        // Note
	RunStopping       Kind = "run-stopping"       // Note: what is in work is dealt with, then it ends
	RunHeld           Kind = "run-held"           // Note: by a recall; it pauses until the manager decided
	RunAmended        Kind = "run-amended"        // Amended
	TaskAdded         Kind = "task-added"         // Note: the manager asks for something that the protocol does not
	LateEntry         Kind = "late-entry"         // Late: it arrived after its task was closed
	Noticed           Kind = "noticed"            // Notice: somebody was told
	StageStarted      Kind = "stage-started"      // Start
	StageEnded        Kind = "stage-ended"        // End
	WaitStarted       Kind = "wait-started"       // Wait
	WaitEnded         Kind = "wait-ended"         // Wait
	TaskAsked         Kind = "task-asked"         // Asked
	TaskClaimed       Kind = "task-claimed"       // Note
	TaskReleased      Kind = "task-released"      // Note
	TaskHandedOver    Kind = "task-handed-over"   // Note
	TaskSaved         Kind = "task-saved"         // Entered
	StepDone          Kind = "step-done"          // Entered
	TaskCompleted     Kind = "task-completed"     // Completed
	TaskSkipped       Kind = "task-skipped"       // Note
	TaskClosed        Kind = "task-closed"        // Note: withdrawn by the run, not answered
	TaskCommented     Kind = "task-commented"     // Note
	TaskAssigned      Kind = "task-assigned"      // Note: to whom
	TaskAttached      Kind = "task-attached"      // Entered: a file beside the steps
	StepChecked       Kind = "step-checked"       // Note: a second person holds it to be right
	StepTakenBack     Kind = "step-taken-back"    // TakenBack: a slip, seen at once; the step is to be done again
	TaskCancelled     Kind = "task-cancelled"     // Note: by the manager, who lets the run go on without it
	TaskSuperseded    Kind = "task-superseded"    // Note: by the manager; it is asked again
	WindowPassed      Kind = "window-passed"      // Edge: late or missed while nobody answered
	DeviationOpened   Kind = "deviation-opened"   // Deviation
	DeviationDecided  Kind = "deviation-decided"  // Decided
	FileParsed        Kind = "file-parsed"        // Parsed
	ResultComputed    Kind = "result-computed"    // Result
	DecisionMade      Kind = "decision-made"      // Decision
	LotMade           Kind = "lot-made"           // Lot
	ThingFlagged      Kind = "thing-flagged"      // Flagged: these may not be used any more
	Recalled          Kind = "recalled"           // Recall: in the laboratory's logbook
	Allocated         Kind = "allocated"          // Allocation: what was drawn, sealed
	KeySeen           Kind = "key-seen"           // Note: somebody read which code is which group in one block
	KeyOpened         Kind = "key-opened"         // Opened: after the data lock, for all
	FigureDrawn       Kind = "figure-drawn"       // Made
	ReportMade        Kind = "report-made"        // Made
	Signed            Kind = "signed"             // Signature
	HistoriesExported Kind = "histories-exported" // Histories
	Sealed            Kind = "sealed"             // Seal (package seal)
	ArtifactStored    Kind = "artifact-stored"    // Made: bytes that somebody put by hand
	PlaceLogged       Kind = "place-logged"       // PlaceLog: in the laboratory's logbook
	NotePinned        Kind = "note-pinned"        // Pinned: a remark on a record of the same logbook
)

// Launch is the body of a run's first record.
type Launch struct {
	Run       string    `json:"run"`
	Title     string    `json:"title"`
	Protocol  Artifact  `json:"protocol"`         // canonical JSON of the protocol
	Document  Artifact  `json:"document"`         // the YAML as the lab wrote it
	Name      string    `json:"name"`             // of the protocol, "UC-CM-COMPACT 1.0"
	Zone      string    `json:"zone"`             // lab time, an IANA name
	Start     time.Time `json:"start"`            // from when the first windows count
	Speed     float64   `json:"speed"`            // waits are divided by it; 1 in real life
	Script    string    `json:"script,omitempty"` // the rehearsal's script, where one plays
	Simulated bool      `json:"simulated,omitempty"`
	Plan      []string  `json:"plan,omitempty"`  // the stages in the protocol's order
	Draws     bool      `json:"draws,omitempty"` // layouts are drawn
	Donor     string    `json:"donor,omitempty"` // who is expected
	Lots      []Chosen  `json:"lots,omitempty"`  // that were chosen beforehand
	Approval  Approval  `json:"approval,omitzero"`
}

// Chosen is a lot that the manager chose for a material of the protocol.
type Chosen struct {
	Material string `json:"material"`
	Lot      string `json:"lot"` // barcode
}

// Approval is the signature by which a protocol is put to use: of the document
// and the protocol that stand beside it.
type Approval struct {
	Meaning  string `json:"meaning"`
	Identity string `json:"identity"` // who proved with name and password that they are this person
}

// Amended is the body of run-amended.
type Amended struct {
	Protocol Artifact `json:"protocol"` // canonical JSON of the protocol that later stages follow
	Document Artifact `json:"document"` // the YAML as the lab wrote it
	Name     string   `json:"name"`
	Why      string   `json:"why"`
	Changes  []string `json:"changes"` // in words
}

// Late is the body of late-entry: what somebody did at a task that was over when
// it arrived. It is kept, and applied to nothing.
type Late struct {
	Verb    string  `json:"verb"`
	Entries []Entry `json:"entries,omitempty"`
	Reason  string  `json:"reason,omitempty"`
	Paper   bool    `json:"paper,omitempty"` // copied from a bench sheet
	Phase   string  `json:"phase"`           // how the task stood when it arrived
}

// Notice is the body of noticed.
type Notice struct {
	Kind string `json:"kind"` // reminder, escalation, decision …
	Role string `json:"role"`
	Text string `json:"text"`
}

// Start is the body of stage-started.
type Start struct {
	Title string `json:"title"`
	Tasks int    `json:"tasks"`
}

// End is the body of stage-ended and run-ended.
type End struct {
	Outcome string `json:"outcome"` // done, discarded, invalidated, stopped, failed
	Why     string `json:"why,omitempty"`
}

// Wait is the body of wait-started and wait-ended. Ended is zero at the start.
type Wait struct {
	Wait   string    `json:"wait"` // the wait's id in its stage
	Title  string    `json:"title"`
	Anchor time.Time `json:"anchor"` // from when it counts
	Window Window    `json:"window"`
	Ended  time.Time `json:"ended,omitzero"`
}

// Window is when something may be done, in absolute times. Times that do not
// apply are zero.
type Window struct {
	Opens   time.Time `json:"opens,omitzero"`
	Nominal time.Time `json:"nominal,omitzero"`
	Closes  time.Time `json:"closes,omitzero"` // later is a departure
	Hard    time.Time `json:"hard,omitzero"`   // later is the protocol's hard consequence
	OnEarly string    `json:"on_early,omitempty"`
	OnLate  string    `json:"on_late,omitempty"`
	OnHard  string    `json:"on_hard,omitempty"`
}

// Asked is the body of task-asked.
type Asked struct {
	Title   string   `json:"title"`
	Role    string   `json:"role"`
	Window  Window   `json:"window,omitzero"`
	Attempt int      `json:"attempt"`          // 1, and more when asked again
	NotBy   []string `json:"not_by,omitempty"` // people who may not do it: they did what it checks
	Steps   []string `json:"steps"`
}

// Note is the body of what needs only a sentence.
type Note struct {
	Text  string `json:"text,omitempty"`
	To    string `json:"to,omitempty"`    // to whom a task was handed
	Badge bool   `json:"badge,omitempty"` // of a check: who checked showed it by a badge, not by name and password
}

// Pinned is the body of note-pinned.
type Pinned struct {
	Text   string `json:"text"`
	Number int64  `json:"number"` // of the record that it is about
}

// Entered is the body of step-done and task-saved.
type Entered struct {
	Entries   []Entry `json:"entries"`
	Corrects  int64   `json:"corrects,omitempty"` // number of the record that this one corrects
	Reason    string  `json:"reason,omitempty"`   // why it was corrected
	Deviation string  `json:"deviation,omitempty"`
	Paper     bool    `json:"paper,omitempty"` // copied from a bench sheet: Happened is what stands on it
}

// TakenBack is the body of step-taken-back. What was recorded stays readable.
type TakenBack struct {
	Number int64 `json:"number"` // of the record that no longer counts
}

// Entry is one value of a step. Value is the text in its canonical form; Typed
// is what the person typed, where that differs.
type Entry struct {
	Field string    `json:"field"`
	Value string    `json:"value"`
	Typed string    `json:"typed,omitempty"`
	File  *Artifact `json:"file,omitempty"`
	Thing *Thing    `json:"thing,omitempty"`   // what stands behind a scanned barcode
	Hand  bool      `json:"by_hand,omitempty"` // a code that was typed where a scan is asked for
}

// Thing is what a scan did to the thing behind its barcode.
type Thing struct {
	Kind    string   `json:"kind"`              // lot, vessel, plate …
	Made    bool     `json:"made,omitempty"`    // it came into the world here
	Parents []string `json:"parents,omitempty"` // of one made: barcodes
	Passage int      `json:"passage,omitempty"` // of a vessel: that of the vessel before it, and one more
	Act     *Ref     `json:"act,omitempty"`     // what the lot's own logbook says of it
}

// Completed is the body of task-completed.
type Completed struct {
	Window  Window `json:"window,omitzero"`
	Verdict string `json:"verdict"` // in window, early, late, past the hard limit, no window
}

// Edge is the body of window-passed.
type Edge struct {
	Edge   string `json:"edge"` // closes, hard
	Window Window `json:"window"`
}

// Deviation is the body of deviation-opened.
type Deviation struct {
	Type   string `json:"type"` // window, range, criterion, other
	What   string `json:"what"` // one sentence: what departed from what
	Reason string `json:"reason,omitempty"`
	Asks   string `json:"asks"` // what the protocol says: DEVIATION, FLAG, HOLD …
}

// Decided is the body of deviation-decided.
type Decided struct {
	Choice        string `json:"choice"` // continue, repeat, discard
	Justification string `json:"justification"`
}

// Parsed is the body of file-parsed.
type Parsed struct {
	Format   string   `json:"format"`
	Parser   string   `json:"parser"` // name and version
	File     Artifact `json:"file"`
	Table    Artifact `json:"table"`
	Readings int      `json:"readings"`
}

// Result is the body of result-computed.
type Result struct {
	Assay   string   `json:"assay"` // cck8, elisa, protein; or endpoint for the comparison over blocks
	Name    string   `json:"name"`  // viability, il8 …
	Method  string   `json:"method"`
	Output  Artifact `json:"output"`  // canonical JSON of the whole result
	Summary string   `json:"summary"` // one line for a list
}

// Decision is the body of decision-made: criteria held against values.
type Decision struct {
	Verdict string  `json:"verdict"` // accept, reject, positive, negative, inconclusive
	Do      string  `json:"do"`      // what the protocol says follows: ACCEPT, FLAG, DEVIATION, REPEAT …
	Checks  []Check `json:"checks"`
}

// Check is one criterion held against one value.
type Check struct {
	Criterion string `json:"criterion"`
	Title     string `json:"title"`
	Value     string `json:"value"` // with unit, as compared
	Limit     string `json:"limit"` // in words: "at least 90 %"
	Pass      bool   `json:"pass"`
	Do        string `json:"do,omitempty"`       // what follows where it did not pass
	Evidence  string `json:"evidence,omitempty"` // tag of the protocol
}

// Lot is the body of lot-made and of lots taken from stock.
type Lot struct {
	Barcode  string `json:"barcode"`
	Title    string `json:"title"`
	State    string `json:"state"` // quarantine, released, rejected
	Volume   string `json:"volume,omitempty"`
	Aliquots int    `json:"aliquots,omitempty"`
	Stock    bool   `json:"stock,omitempty"` // made before this run
}

// Flagged is the body of thing-flagged.
type Flagged struct {
	Things []string `json:"things"` // barcodes
	State  string   `json:"state"`  // rejected, hold
	Why    string   `json:"why"`
}

// Recall is the body of recalled: what somebody called back, and all that was
// made from it.
type Recall struct {
	Thing string   `json:"thing"`
	Why   string   `json:"why"`
	Lots  []string `json:"lots,omitempty"` // put on hold
	Runs  []string `json:"runs,omitempty"` // held until their manager decided
	All   []string `json:"all,omitempty"`  // every descendant
}

// Allocation is the body of allocated: which group stands where, drawn at launch.
// Until the key is opened only Plan can be read.
type Allocation struct {
	Algorithm  string   `json:"algorithm"`
	Commitment string   `json:"commitment"` // SHA-256 of the nonce and the canonical JSON of the drawing
	Sealed     Artifact `json:"sealed"`     // nonce, seed and drawing, for the laboratory's key
	Plan       Artifact `json:"plan"`       // the layouts, with codes in the place of sealed groups
}

// Opened is the body of key-opened.
type Opened struct {
	Key       Artifact `json:"key"` // what was sealed, in clear
	Opened    string   `json:"opened"`
	Confirmed string   `json:"confirmed"` // by somebody else
}

// Made is the body of artifacts that a person or the program made.
type Made struct {
	Title    string     `json:"title"`
	Artifact Artifact   `json:"artifact"`
	More     []Artifact `json:"more,omitempty"`
}

// Signature is the body of signed: a person's statement about a hash.
type Signature struct {
	Meaning  string `json:"meaning"`
	Report   string `json:"report"` // SHA-256 of what was signed
	Over     Ref    `json:"over"`   // the head of the logbook that the person saw
	Identity string `json:"identity"`
}

// Histories is the body of histories-exported.
type Histories struct {
	Histories []History `json:"histories"`
}

// History is one execution's events, exported.
type History struct {
	Workflow  string   `json:"workflow"` // its ID
	Execution string   `json:"execution"`
	Type      string   `json:"type"`
	Events    int64    `json:"events"`
	Artifact  Artifact `json:"artifact"`
}
