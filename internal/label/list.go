package label

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// MaxList is how many bytes a list of labels has at most.
const MaxList = 4 << 20

// ReadList reads labels from CSV: a header with the column code and, in any
// order, title, line2 and line3; then a label a line. file is its name for
// messages. Wrong codes are refused all at once, each with its line.
func ReadList(file string, data []byte) ([]Label, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))) // spreadsheets write the mark
	head, err := r.Read()
	if err != nil {
		return nil, unread(file, err)
	}
	if err := checkHead(file, head); err != nil {
		return nil, err
	}
	var labels []Label
	var wrong []error
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return labels, errors.Join(wrong...)
		}
		if err != nil {
			return nil, unread(file, err)
		}
		l := labelOf(head, cells)
		if err := CheckCode(l.Code); err != nil {
			at, _ := r.FieldPos(0)
			wrong = append(wrong, fault.Of(err).At(fault.Place{File: file, Line: at, Field: "code"}))
		}
		labels = append(labels, l)
	}
}

func columns() []string { return []string{"code", "title", "line2", "line3"} }

func checkHead(file string, head []string) error {
	seen := map[string]bool{}
	for _, name := range head {
		if !slices.Contains(columns(), name) || seen[name] {
			return fault.New(fault.Invalid, "column %q is unknown or stands there twice", name).At(fault.Place{File: file, Line: 1}).Try("columns are: %s; commas are between them", strings.Join(columns(), ", "))
		}
		seen[name] = true
	}
	if !seen["code"] {
		return fault.New(fault.Invalid, "there is no column %q", "code").At(fault.Place{File: file, Line: 1}).Try("write the line code,title,line2,line3 before the labels")
	}
	return nil
}

func labelOf(head, cells []string) Label {
	var l Label
	for i, name := range head {
		switch name {
		case "code":
			l.Code = cells[i]
		case "title":
			l.Title = cells[i]
		case "line2":
			l.Line2 = cells[i]
		case "line3":
			l.Line3 = cells[i]
		}
	}
	return l
}

// unread explains what a CSV reader says.
func unread(file string, err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "the list is empty").At(fault.Place{File: file}).Try("write the line code,title,line2,line3, and a label a line below it")
	}
	at := fault.Place{File: file}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		at.Line, at.Column, err = p.Line, p.Column, p.Err
	}
	return fault.New(fault.Invalid, "the list is no CSV: %v", err).At(at).Try("write as many cells as the header has columns, and put quotes around a cell with a comma")
}
