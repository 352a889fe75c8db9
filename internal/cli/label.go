package cli

import (
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"secretome/internal/fault"
	"secretome/internal/label"
)

// labelling is what "label" was asked for.
type labelling struct {
	title, file, sheet, symbol, out string
	copies, skip                    int
	sheets                          bool
}

func (a *app) label() *cobra.Command {
	var in labelling
	c := &cobra.Command{
		Use: "label [CODE...]", Short: "Draw labels with codes that scanners read, without a server",
		Long: `Draw labels with codes that scanners read, without a server, as one HTML document
to print from a browser: at 100 % (actual size), without margins and headers.

Below or beside each symbol stands its code. A title that is too long is
shortened; a code that is too long for the label is refused.

Labels can be read from a CSV file, which has a header:

  code,title,line2,line3
  CM-2026-007,Conditioned medium,"2026-03-02, -80 °C",lot 3`,
		Example: `  secretome label CM-2026-007 V-0012 --title "Study 12" --out labels.html
  secretome label --file list.csv --sheet cryo-25x13 --copies 2 > labels.html
  secretome label --file list.csv --skip 17 --symbol qr --out labels.html
  secretome label --sheets`,
	}
	f := c.Flags()
	f.StringVar(&in.title, "title", "", "`TEXT` of each label that has no title of its own")
	f.StringVar(&in.file, "file", "", "`LIST` of more labels, as CSV with the columns code, title, line2 and line3")
	f.StringVar(&in.sheet, "sheet", label.Sheets()[0].Name, "`NAME` of the sheet, from --sheets")
	f.StringVar(&in.symbol, "symbol", string(label.Symbols()[0]), "`NAME` of the symbol: datamatrix, qr or code128")
	f.IntVar(&in.copies, "copies", 1, "print each label `N` times")
	f.IntVar(&in.skip, "skip", 0, "leave out the first `N` places of the first page, whose labels are used already")
	f.StringVar(&in.out, "out", "", "write to `FILE`; else to standard output, unless that is a terminal")
	f.BoolVar(&in.sheets, "sheets", false, "list the sheets")
	c.RunE = func(_ *cobra.Command, codes []string) error {
		if in.sheets {
			return list(a, label.Sheets(), sheetColumns())
		}
		return a.drawLabels(codes, in)
	}
	return c
}

func (a *app) drawLabels(codes []string, in labelling) error {
	job, err := a.job(codes, in)
	if err != nil {
		return err
	}
	html, err := job.HTML()
	if err != nil {
		return err
	}
	if in.out == "" {
		in.out = stdin
	}
	if err := a.write(in.out, func(w io.Writer) error { _, err := w.Write(html); return err }); err != nil {
		return err
	}
	if in.out != stdin {
		a.note("wrote %s: %d labels for %s, to be printed at 100 %%", in.out, len(job.Labels)*job.Copies, job.Sheet.Name)
	}
	return nil
}

// job is what the flags ask for.
func (a *app) job(codes []string, in labelling) (label.Job, error) {
	job := label.Job{Copies: in.copies, Skip: in.skip}
	switch {
	case len(codes) == 0 && in.file == "":
		return job, fault.New(fault.Usage, "there is no code to print").Try("write secretome label CODE..., or --file LIST.csv")
	case in.copies < 1:
		return job, fault.New(fault.Usage, "%d copies cannot be printed", in.copies).Field("copies").Try("write 1 or more")
	case in.out == "" && a.terminal:
		return job, fault.New(fault.Usage, "a page of labels is nothing to read on a terminal").Field("out").Try("write --out labels.html, and open the file in a browser")
	}
	var err error
	if job.Sheet, err = label.Named(in.sheet); err != nil {
		return job, err
	}
	if job.Symbol, err = label.SymbolNamed(in.symbol); err != nil {
		return job, err
	}
	for _, code := range codes {
		job.Labels = append(job.Labels, label.Label{Code: code})
	}
	if in.file != "" {
		data, err := a.read(in.file, label.MaxList)
		if err != nil {
			return job, err
		}
		more, err := label.ReadList(in.file, data)
		if err != nil {
			return job, err
		}
		job.Labels = append(job.Labels, more...)
	}
	for i := range job.Labels {
		if job.Labels[i].Title == "" {
			job.Labels[i].Title = in.title
		}
	}
	return job, nil
}

func sheetColumns() []column[label.Sheet] {
	size := func(width, height float64) string { return number(width) + " x " + number(height) + " mm" }
	return []column[label.Sheet]{
		{"name", func(s label.Sheet) string { return s.Name }},
		{"label", func(s label.Sheet) string { return size(s.LabelWidthMM, s.LabelHeightMM) }},
		{"a page", func(s label.Sheet) string { return strconv.Itoa(s.Columns * s.Rows) }},
		{"page", func(s label.Sheet) string { return size(s.PageWidthMM, s.PageHeightMM) }},
		{"for", func(s label.Sheet) string { return s.Title }},
	}
}
