package web

import (
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/protocol"
)

// plateGuide is a layout of the task's block, with codes in the place of sealed
// groups.
type plateGuide struct {
	Layout string
	Cols   []int
	Rows   []plateRow
	Order  []string // in which the wells are worked on
	Open   bool     // the step is about the plate: it is shown without asking
}

type plateRow struct {
	Letter string
	Codes  []string // "-": unused
}

// plateGuides are the layouts of the task's model and block, if any were drawn.
func (p *page) plateGuides(in benchPage) ([]plateGuide, error) {
	about := in.Spec.Subject
	if about.Model == "" || about.Block == "" {
		return nil, nil
	}
	plan, err := p.lab.Plates(p.r.Context(), p.Who, in.Run)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var guides []plateGuide
	for _, s := range plan.Blocks {
		if s.Model != about.Model || s.Block != about.Block {
			continue
		}
		for _, y := range s.Layouts {
			g := guide(y, s.Order)
			g.Open = len(guides) == 0 && in.Step != nil && aboutPlate(in.Step.Step)
			guides = append(guides, g)
		}
	}
	return guides, nil
}

// aboutPlate reports whether a step puts something onto a plate.
func aboutPlate(s protocol.Step) bool {
	return slices.ContainsFunc(s.Fields, func(f protocol.Field) bool { return f.Thing.Treated || f.Thing.Is == "plate" })
}

func guide(y protocol.Layout, order []protocol.Turn) plateGuide {
	g := plateGuide{Layout: y.ID}
	for _, letter := range slices.Sorted(maps.Keys(y.Rows)) {
		codes := strings.Fields(y.Rows[letter])
		for len(g.Cols) < len(codes) {
			g.Cols = append(g.Cols, len(g.Cols)+1)
		}
		g.Rows = append(g.Rows, plateRow{letter, codes})
	}
	for _, t := range order {
		if t.Layout == y.ID {
			g.Order = t.Wells
		}
	}
	return g
}

// benchSheet is a task on paper.
func (p *page) benchSheet(id string) error {
	in, err := p.benchOf(id, "", "")
	if err != nil {
		return err
	}
	sheet := sheetPage{benchPage: in}
	for i := range in.Steps {
		one := in
		one.Step = &in.Steps[i]
		sheet.Asked = append(sheet.Asked, sheetStep{in.Steps[i], p.entriesOf(one)})
	}
	return p.show("sheet", "tasks", "Bench sheet: "+in.Spec.Task.Title, sheet)
}

type sheetPage struct {
	benchPage
	Asked []sheetStep
}

type sheetStep struct {
	benchStep
	Entries []entry
}

// keyPage is which code is which in one block.
type keyPage struct {
	lab.TaskView
	Key *lab.Key // nil: not shown yet
}

// Number is the task's ID as addresses have it.
func (in keyPage) Number() string { return strings.TrimPrefix(in.ID, "task/") }

func (p *page) keyPage(id string) (keyPage, error) {
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err == nil && !v.Spec.Task.OpensKey {
		err = fault.New(fault.NotFound, "this task opens no key").Try("the key is shown to who holds a task that the protocol marks for it")
	}
	return keyPage{TaskView: v}, err
}

// benchKey says what reading a key means, and asks.
func (p *page) benchKey(id string) error {
	in, err := p.keyPage(id)
	if err != nil {
		return spoken(err)
	}
	return p.show("key", "tasks", "Coded bottles", in)
}

// readKey shows the key, in the answer itself: it lies at no address.
func (p *page) readKey(id string) error {
	if err := p.form(); err != nil {
		return err
	}
	in, err := p.keyPage(id)
	if err != nil {
		return spoken(err)
	}
	request, err := p.request()
	if err == nil {
		var k lab.Key
		if k, err = p.lab.ReadKey(p.r.Context(), p.Who, request, id); err == nil {
			in.Key = &k
			return p.show("key", "tasks", "Coded bottles", in)
		}
	}
	return p.again(spoken(err), "key", "tasks", "Coded bottles", in)
}

// maxFile is the most that one file from a bench may have, in bytes.
const maxFile = 2 << 30

// benchFile stores the raw body of a request. Its length is announced, so that
// what breaks off is noticed; multipart is never read.
func (p *page) benchFile(string) error {
	q := p.r.URL.Query()
	switch length := p.r.ContentLength; {
	case strings.HasPrefix(p.r.Header.Get("Content-Type"), "multipart/"):
		return p.tell(nil, fault.New(fault.Usage, "the file came as a form").Try("send the raw bytes of one file"))
	case length < 0:
		return p.tell(nil, fault.New(fault.Usage, "the length of the file is not announced").Try("send the raw bytes of one file with their length"))
	case length > maxFile:
		return p.tell(nil, fault.New(fault.Invalid, "the file has %d bytes, the most is %d", length, int64(maxFile)).Try("split it"))
	}
	body := &counted{Reader: http.MaxBytesReader(p.w, p.r.Body, maxFile)}
	stored, err := p.lab.Upload(p.r.Context(), p.Who, q.Get("request"), body, lab.Uploaded{
		MediaType: p.r.Header.Get("Content-Type"), Name: filepath.Base(q.Get("name")), Size: p.r.ContentLength,
	})
	if err != nil && body.n < p.r.ContentLength {
		p.Log.Info().Int64("arrived", body.n).Int64("announced", p.r.ContentLength).Msg("upload broke off")
		err = fault.Wrap(err, fault.Unavailable, "%d of %d bytes arrived; nothing was recorded", body.n, p.r.ContentLength)
	}
	if err != nil {
		return p.tell(nil, err)
	}
	return p.tell(stored, nil)
}

// counted counts what was read.
type counted struct {
	io.Reader
	n int64
}

// Read reads on.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}
