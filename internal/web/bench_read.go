package web

import (
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// readPage is what an instrument's file has in it, before it is recorded.
type readPage struct {
	lab.TaskView
	Name   string
	SHA256 string
	Format string
	Count  int
	Notes  []string
	Plates []plateMap
	Wrong  *fault.Fault // it is no file of an instrument
}

// Number is the task's ID as addresses have it.
func (in readPage) Number() string { return in.ID[len("task/"):] }

// benchRead shows the plate of a file that was just stored.
func (p *page) benchRead(id string) error {
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err != nil {
		return spoken(err)
	}
	in := readPage{TaskView: v, SHA256: p.value("file"), Name: visible(p.value("name"))}
	if in.Name == "" {
		in.Name = short(in.SHA256)
	}
	sheet, err := p.lab.ReadSheet(p.r.Context(), p.Who, in.SHA256)
	switch {
	case fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused):
		in.Wrong = fault.Of(spoken(err))
	case err != nil:
		return err
	}
	in.Format, in.Count, in.Notes, in.Plates = sheet.Format, len(sheet.Readings), sheet.Notes, readPlates(sheet.Readings)
	return p.show("read", "tasks", "File "+in.Name, in)
}
