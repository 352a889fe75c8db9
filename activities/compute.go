package activities

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"secretome/internal/assay"
	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// ComputeInput asks for one assay of one plate.
type ComputeInput struct {
	Base  record.Draft  `json:"base"`
	Part  protocol.Part `json:"part"`
	Assay string        `json:"assay"`
	Read  run.Answer    `json:"read"` // the task that brought the instrument's file
	Block string        `json:"block,omitempty"`
}

// Computed is what a computation leaves.
type Computed struct {
	Result   record.Ref      `json:"result"`
	Decision record.Decision `json:"decision"`
	Record   record.Ref      `json:"record"` // of the decision
	What     string          `json:"what"`   // one sentence about what did not pass
}

// Recognise tries whether an instrument's file can be read at all. It fails
// with [fault.Invalid].
func (a *Activities) Recognise(ctx context.Context, file record.Artifact) error {
	_, _, err := a.read(ctx, file)
	return Encode(err)
}

// read parses an instrument's file; the bytes come along.
func (a *Activities) read(ctx context.Context, file record.Artifact) (instrument.Table, []byte, error) {
	data, err := a.Artifacts.Bytes(ctx, file.SHA256)
	if err != nil {
		return instrument.Table{}, nil, err
	}
	t, err := instrument.Read(a.Instruments, data)
	if err != nil {
		f := fault.Of(err)
		f.Place.File = file.Name
		return t, data, f
	}
	return t, data, nil
}

// Compute parses the instrument's file of a task, computes the assay, and holds
// its criteria against the values. Table, result and decision are records.
func (a *Activities) Compute(ctx context.Context, in ComputeInput) (Computed, error) {
	def, _ := in.Part.Assay(in.Assay)
	source, err := a.source(ctx, def, in)
	if err != nil {
		return Computed{}, Encode(err)
	}
	result, err := assay.Compute(a.Assays, assay.Input{
		Table: source.table, Assay: def, Layout: layout(in.Part, def), Model: in.Part.Model,
		Block: in.Block, Plate: plateOf(in.Read), Simulated: source.simulated,
	})
	if err != nil {
		return Computed{}, Encode(err)
	}
	output, err := a.keep(ctx, result, def.ID+".json")
	if err != nil {
		return Computed{}, Encode(err)
	}
	body := record.Result{Assay: def.Method, Name: def.ID, Method: result.Method + " " + result.Version, Output: output, Summary: summary(result)}
	ref, err := a.append(ctx, in.Base, record.ResultComputed, "/result", body, append(source.uses, in.Read.Record.As("task"))...)
	if err != nil {
		return Computed{}, Encode(err)
	}
	decided, err := a.append(ctx, in.Base, record.DecisionMade, "/decision", result.Decision, ref.As("result"))
	return Computed{ref, result.Decision, decided, def.Title + ": " + Sentence(result.Decision)}, Encode(err)
}

// source is what an assay is computed from.
type source struct {
	table     instrument.Table
	simulated bool
	uses      []record.Use
}

// source returns the task's file, parsed unless the method only keeps it.
func (a *Activities) source(ctx context.Context, def protocol.Assay, in ComputeInput) (source, error) {
	file, err := plateFile(in.Read)
	if err != nil || def.Method == protocol.KeptMethod {
		return source{simulated: in.Base.Rehearsal, uses: []record.Use{file.As("file")}}, err
	}
	return a.parse(ctx, file, in)
}

// parse keeps the table of the task's file as an artifact and records it.
func (a *Activities) parse(ctx context.Context, file record.Artifact, in ComputeInput) (source, error) {
	t, data, err := a.read(ctx, file)
	if err != nil {
		return source{}, err
	}
	table, err := a.keep(ctx, t, strings.TrimSuffix(file.Name, ".txt")+" table.json")
	if err != nil {
		return source{}, err
	}
	body := record.Parsed{Format: t.Format, Parser: t.Format, File: file, Table: table, Readings: len(t.Readings)}
	ref, err := a.append(ctx, in.Base, record.FileParsed, "/table", body, file.As("file"), in.Read.Record.As("task"))
	return source{t, in.Base.Rehearsal && bytes.Contains(data, []byte("SIMULATED")), []record.Use{ref.As("table"), file.As("file")}}, err
}

// plateFile returns the one file that a reading task brought.
func plateFile(read run.Answer) (record.Artifact, error) {
	var files []record.Artifact
	for _, f := range read.Files {
		files = append(files, f)
	}
	if len(files) != 1 {
		return record.Artifact{}, fault.New(fault.Invalid, "task %s brought %d files, an assay is computed from one", read.ID, len(files))
	}
	return files[0], nil
}

// plateOf returns the barcode that was scanned when the plate was read.
func plateOf(read run.Answer) string {
	var codes []string
	for path, v := range read.Values {
		if strings.HasSuffix(path, ".plate") {
			codes = append(codes, v)
		}
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), ", ")
}

func layout(p protocol.Part, a protocol.Assay) *protocol.Layout {
	for i := range p.Layouts {
		if p.Layouts[i].ID == a.Layout {
			return &p.Layouts[i]
		}
	}
	return nil
}

func summary(r assay.Result) string {
	text := fmt.Sprintf("%s: %d values, %s", r.Title, len(r.Values), r.Decision.Verdict)
	if r.Block != "" {
		text += fmt.Sprintf(" (%s, block %s)", r.Model, r.Block)
	}
	return text
}
