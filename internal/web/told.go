package web

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"secretome/internal/lab"
	"secretome/internal/record"
)

// telling says in words what the records of a run tell.
type telling struct{ lab.History }

// Event is the address of a record, at the moment that the page tells.
func (t telling) Event(number int64) string {
	return fmt.Sprintf("/runs/%s/events/%d%s", t.Run, number, t.Then())
}

// Then is what an address carries to tell the same moment; empty for now.
func (t telling) Then() string {
	if t.At < t.Head {
		return fmt.Sprintf("?at=%d", t.At)
	}
	return ""
}

// By is who acted, as people name them.
func (telling) By(a record.Actor) string {
	if a.Kind == record.Program {
		return "secretome"
	}
	return a.Name
}

// Where is the place in the run that a record is about.
func (t telling) Where(s record.Subject) string {
	parts := []string{}
	for _, part := range []string{s.Stage, s.Model, s.Block} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

// Told is a record in words, without who and when.
func (t telling) Told(r record.Record) string { return t.Plain(t.words(r)) }

func (t telling) words(r record.Record) string {
	title := t.Task(r.Subject.Task)
	if words, ok := plainWords[r.Kind]; ok {
		return because(strings.Replace(words, "TASK", "“"+title+"”", 1), noteOf(r))
	}
	switch r.Kind {
	case record.RunLaunched:
		return toldOf(r, launchedWords)
	case record.StepDone, record.TaskSaved, record.TaskAttached:
		return toldOf(r, func(b record.Entered) string { return enteredWords(r, b, title) })
	case record.TaskCompleted:
		return toldOf(r, func(b record.Completed) string { return "completed “" + title + "”: " + b.Verdict })
	case record.TaskHandedOver, record.TaskAssigned:
		return toldOf(r, func(b record.Note) string { return because("gave “"+title+"” to "+b.To, b.Text) })
	case record.StepChecked:
		return toldOf(r, func(b record.Note) string { return because(checkedWords(title, b), b.Text) })
	case record.WindowPassed:
		return toldOf(r, func(b record.Edge) string { return "the window of “" + title + "” passed: " + b.Edge })
	case record.LateEntry:
		return toldOf(r, func(b record.Late) string { return "sent entries for “" + title + "” after it was " + b.Phase })
	case record.DeviationOpened:
		return toldOf(r, func(b record.Deviation) string { return because("deviation: "+b.What, b.Reason) })
	case record.DeviationDecided:
		return toldOf(r, func(b record.Decided) string { return because("decided to "+b.Choice, b.Justification) })
	case record.NotePinned:
		return toldOf(r, func(b record.Pinned) string { return fmt.Sprintf("note on record %d: %s", b.Number, b.Text) })
	}
	return t.found(r)
}

func checkedWords(title string, b record.Note) string {
	words := "checked a step of “" + title + "”"
	if b.Badge {
		words += ", by badge"
	}
	return words
}

func launchedWords(b record.Launch) string {
	if b.Approval.Meaning == "" {
		return "launched the run"
	}
	return "launched the run, and signed: " + b.Approval.Meaning
}

// found tells what was made, measured and judgedWords.
func (t telling) found(r record.Record) string {
	switch r.Kind {
	case record.StageStarted:
		return toldOf(r, func(b record.Start) string { return "stage begun: " + b.Title })
	case record.StageEnded:
		return toldOf(r, func(b record.End) string { return because("stage ended: "+b.Outcome, b.Why) })
	case record.RunEnded:
		return toldOf(r, func(b record.End) string { return because("run ended: "+b.Outcome, b.Why) })
	case record.WaitStarted:
		return toldOf(r, func(b record.Wait) string { return "wait begun: " + b.Title })
	case record.WaitEnded:
		return toldOf(r, func(b record.Wait) string { return "wait over: " + b.Title })
	case record.FileParsed:
		return toldOf(r, func(b record.Parsed) string {
			return fmt.Sprintf("read %d values from %s", b.Readings, b.File.Name)
		})
	case record.ResultComputed:
		return toldOf(r, func(b record.Result) string { return "computed " + b.Name + ": " + b.Summary })
	case record.DecisionMade:
		return toldOf(r, judgedWords)
	case record.LotMade:
		return toldOf(r, func(b record.Lot) string { return "lot " + b.Barcode + ": " + b.State })
	case record.ThingFlagged:
		return toldOf(r, func(b record.Flagged) string { return because(strings.Join(b.Things, ", ")+": "+b.State, b.Why) })
	case record.FigureDrawn, record.ReportMade, record.ArtifactStored:
		return toldOf(r, func(b record.Made) string { return "made “" + b.Title + "”" })
	case record.Signed:
		return toldOf(r, func(b record.Signature) string { return "signed the report: " + b.Meaning })
	case record.HistoriesExported:
		return toldOf(r, func(b record.Histories) string { return "kept " + count(len(b.Histories), "history", "histories") })
	case record.RunAmended:
		return toldOf(r, func(b record.Amended) string { return because("protocol changed to "+b.Name, b.Why) })
	case record.Noticed:
		return toldOf(r, func(b record.Notice) string { return "told the " + b.Role + ": " + b.Text })
	}
	return strings.ReplaceAll(string(r.Kind), "-", " ")
}

// plainWords are the kinds whose body is at most a sentence.
var plainWords = map[record.Kind]string{
	record.RunPaused:      "paused the run",
	record.RunResumed:     "resumed the run",
	record.RunStopping:    "stopped the run",
	record.RunHeld:        "held the run",
	record.TaskAdded:      "asked for something beside the protocol",
	record.TaskAsked:      "asked for TASK",
	record.TaskClaimed:    "took TASK",
	record.TaskReleased:   "gave TASK back",
	record.TaskSkipped:    "left out TASK",
	record.TaskClosed:     "TASK was withdrawn",
	record.TaskCommented:  "on TASK",
	record.StepTakenBack:  "took a step of TASK back",
	record.TaskCancelled:  "the run goes on without TASK",
	record.TaskSuperseded: "TASK is to be done again",
	record.Allocated:      "drew and sealed the layouts",
	record.KeySeen:        "saw a key",
	record.KeyOpened:      "opened the key",
	record.Sealed:         "sealed the logbook",
}

func noteOf(r record.Record) string {
	note, err := record.Read[record.Note](r)
	if err != nil {
		return ""
	}
	return note.Text
}

func because(what, why string) string {
	if why == "" || strings.Contains(what, why) {
		return what
	}
	return what + ": " + why
}

// toldOf reads a body; one that cannot be read is told by its kind.
func toldOf[T any](r record.Record, say func(T) string) string {
	body, err := record.Read[T](r)
	if err != nil {
		return string(r.Kind)
	}
	return say(body)
}

func enteredWords(r record.Record, b record.Entered, title string) string {
	var all []string
	for _, e := range b.Entries {
		value := e.Value
		if e.File != nil {
			value = e.File.Name
		}
		if e.Hand {
			value += " (typed by hand)"
		}
		all = append(all, e.Field+" "+value)
	}
	what := "“" + title + "”, " + r.Subject.Step
	if len(all) > 0 {
		what += ": " + strings.Join(all, ", ")
	}
	if b.Paper {
		what += " (from paper)"
	}
	if b.Corrects > 0 {
		what += fmt.Sprintf(" (corrects record %d: %s)", b.Corrects, b.Reason)
	}
	return what
}

func judgedWords(b record.Decision) string {
	failed := []string{}
	for _, c := range b.Checks {
		if !c.Pass {
			failed = append(failed, c.Title+": "+c.Value)
		}
	}
	words := fmt.Sprintf("held %s against the protocol: %s", count(len(b.Checks), "criterion", "criteria"), b.Verdict)
	return because(words, strings.Join(failed, "; "))
}

// Plain writes the units and times of a recorded sentence for people.
func (telling) Plain(text string) string {
	text = recordedUnits.Replace(visible(text))
	text = recordedOnes.ReplaceAllString(text, "$1$2")
	text = recordedHours.ReplaceAllString(text, "$1\u00a0h")
	text = recordedBoth.ReplaceAllString(text, "$1\u00a0h $2\u00a0min")
	return recordedMinutes.ReplaceAllString(text, "$1\u00a0min")
}

// How records write units, ratios and lengths of time.
var (
	recordedUnits   = strings.NewReplacer(" Cel", "\u00a0°C", "{AU}", "AU", "{cells}", "cells", "%{v/v}", "% v/v", " ug/mL", "\u00a0µg/mL", " uL", "\u00a0µL")
	recordedOnes    = regexp.MustCompile(`([0-9]) 1([,;)]|$)`)
	recordedHours   = regexp.MustCompile(`\b([0-9]+)h0m0s\b`)
	recordedBoth    = regexp.MustCompile(`\b([0-9]+)h([0-9]+)m0s\b`)
	recordedMinutes = regexp.MustCompile(`\b([0-9]+)m0s\b`)
)

// kindWords is a kind of record as people say it, for a list.
func kindWords(k record.Kind) string {
	words := strings.ReplaceAll(string(k), "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// prettyJSON is JSON with a line for each value.
func prettyJSON(data []byte) string {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return string(data)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(data)
	}
	return string(text)
}
