package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// trailTable answers with the records of a filter as CSV (RFC 4180).
func (p *page) trailTable(in trailPage) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"record", "happened", "received", "who", "role", "kind", "stage", "model", "block", "task", "step", "what"}}
	for _, r := range in.Rows {
		s := r.Subject
		rows = append(rows, []string{
			strconv.FormatInt(r.Number, 10), r.Happened.UTC().Format(time.RFC3339), r.Received.UTC().Format(time.RFC3339),
			in.By(r.By), r.By.Role, string(r.Kind), s.Stage, s.Model, s.Block, s.Task, s.Step, in.Told(r),
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cellText(row[i])
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("write the record of %s as a table: %w", in.Run, err)
		}
	}
	if w.Flush(); w.Error() != nil {
		return fmt.Errorf("write the record of %s as a table: %w", in.Run, w.Error())
	}
	h := p.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+in.Run+`-record.csv"`)
	h.Set("Cache-Control", "no-store")
	p.w.WriteHeader(http.StatusOK)
	_, _ = p.w.Write(b.Bytes()) // who asked has gone: nobody is left to tell
	return nil
}

// cellText is a text that a spreadsheet takes for one: what would be a formula
// there gets an apostrophe before it. A number stays a number.
func cellText(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
