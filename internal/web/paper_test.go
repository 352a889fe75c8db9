package web

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// launched writes a second run of another version of the same protocol into the
// laboratory, and returns the two documents.
func (w written) launched(t *testing.T, run, version string, change func(*protocol.Protocol)) protocol.Protocol {
	t.Helper()
	document, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse("compact.yaml", document)
	if err != nil {
		t.Fatal(err)
	}
	p.Version = version
	if change != nil {
		change(&p)
	}
	data, _, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.store.PutBytes(t.Context(), data, "application/json", "protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	w.appendTo(t, run, record.RunLaunched, record.Subject{}, record.Launch{Run: run, Title: "Study of " + version, Protocol: stored, Name: p.Name(), Zone: "UTC"})
	return p
}

// appendTo writes a record into the logbook of a run.
func (w written) appendTo(t *testing.T, run string, kind record.Kind, about record.Subject, body any, uses ...record.Use) record.Record {
	t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.books.Append(t.Context(), record.Draft{
		Logbook: "run/" + run, Request: newID(), Kind: kind, Received: writtenAt(), Happened: writtenAt(),
		By: record.Actor{Kind: record.Person, Name: "Karin", Role: account.Manager}, Subject: about, Uses: uses, Program: "test", Body: encoded,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writtenAt() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

func TestAProtocolIsReadAsTextAndComparedWithItsOtherVersion(t *testing.T) {
	w := writeRun(t)
	w.launched(t, "R-2", "1.0", nil)
	w.launched(t, "R-3", "1.1", func(p *protocol.Protocol) { p.Models[0].Blocks = 4; p.Note = "<script>note</script>" })
	list := w.get(account.Auditor, "/protocols").Body.String()
	if !strings.Contains(list, "UC-CM-COMPACT 1.0") || !strings.Contains(list, "UC-CM-COMPACT 1.1") {
		t.Error("the list has not both versions")
	}
	text := w.get(account.Auditor, "/protocols/UC-CM-COMPACT/1.1").Body.String()
	for _, want := range []string{"lab default, unconfirmed", "source 13", "the laboratory&#39;s choice", "36.5 to 37.5\u00a0°C", "Karin, manager", `href="/runs/R-3"`, "48\u00a0h ± 2\u00a0h", "a manager decides", "&lt;script&gt;note", "Cut the cord and plate the pieces", "differences to this one"} {
		if !strings.Contains(strings.ReplaceAll(text, "48 h ± 2 h", "48\u00a0h ± 2\u00a0h"), want) {
			t.Errorf("the text does not say %q", want)
		}
	}
	diff := w.get(account.Auditor, "/protocols/UC-CM-COMPACT/diff?a=1.0&b=1.1").Body.String()
	if !strings.Contains(diff, "blocks changed") || !strings.Contains(diff, "<mark>4</mark>") || !strings.Contains(diff, "version changed") {
		t.Errorf("the differences are not told:\n%s", diff)
	}
	if same := w.get(account.Auditor, "/protocols/UC-CM-COMPACT/diff?a=1.0&b=1.0").Body.String(); !strings.Contains(same, "Both say the same") {
		t.Error("the same version differs from itself")
	}
	for path, status := range map[string]int{
		"/protocols/UC-CM-COMPACT/9":                  http.StatusNotFound,
		"/protocols/UC-CM-COMPACT/diff":               http.StatusUnprocessableEntity,
		"/protocols/UC-CM-COMPACT/diff?a=1.0&b=%3Cb>": http.StatusNotFound,
		"/protocols/UC-CM-COMPACT/1.0?hash=0000":      http.StatusNotFound,
	} {
		if r := w.get(account.Auditor, path); r.Code != status || strings.Contains(r.Body.String(), "<b>") {
			t.Errorf("%s is answered with %d, want %d", path, r.Code, status)
		}
	}
	for _, page := range []string{list, text, diff} {
		if found := inlineMarkup.FindString(page); found != "" || strings.Count(page, "<h1") != 1 {
			t.Errorf("a page has %q in it, or not one heading", found)
		}
	}
}

// seal writes what a launch draws: a plan in which two groups stand under codes.
func (w written) seal(t *testing.T) {
	t.Helper()
	plan := protocol.Plan{Blocks: []protocol.Shown{{Model: "cells", Block: "1", Groups: []protocol.Group{
		{Code: "NC", Title: "Assay medium only", Open: true}, {Code: "B4K", Title: protocol.SealedTitle}, {Code: "F7E", Title: protocol.SealedTitle},
	}}}}
	data, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.store.PutBytes(t.Context(), data, "application/json", "plan.json")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "secretome", record.Allocated, record.Subject{}, record.Allocation{Plan: stored}, stored.As("plan"))
}

func TestLabelsOfARunCarryCodesAndNoGroup(t *testing.T) {
	w := writeRun(t)
	w.seal(t)
	w.append(t, "Tim", record.StepDone, record.Subject{Stage: "culture", Task: "task/R-1/culture/isolate/1", Step: "plate"}, record.Entered{Entries: []record.Entry{
		{Field: "vessel", Value: "CV-0001", Thing: &record.Thing{Kind: "vessel", Made: true}},
		{Field: "plate", Value: "PL-0001", Thing: &record.Thing{Kind: "plate", Made: true}},
		{Field: "donor", Value: "D-0031", Thing: &record.Thing{Kind: "donor", Made: true}},
	}})
	body := w.get(account.Technician, "/runs/R-1/labels").Body.String()
	for _, want := range []string{"B4K", "F7E", "CV-0001", "PL-0001", `width="70mm" height="36mm"`, `width="60mm" height="27mm"`, "cells · block 1 · blinded"} {
		if !strings.Contains(body, want) {
			t.Errorf("the labels lack %q", want)
		}
	}
	for _, never := range []string{"CM20", "Assay medium", "D-0031", "sealed until"} {
		if strings.Contains(body, never) {
			t.Errorf("a label page says %q", never)
		}
	}
	if found := inlineMarkup.FindString(body); found != "" {
		t.Errorf("it has %q in it", found)
	}
	chosen := w.get(account.Technician, "/runs/R-1/labels?chosen=1&pick=CV-0001&symbol=datamatrix&codes=V-01%0AV-02&on=vial").Body.String()
	if n := strings.Count(chosen, `<div class="label">`); n != 3 || !strings.Contains(chosen, "Print three labels") || !strings.Contains(chosen, `width="46mm" height="23mm"`) {
		t.Errorf("three labels were chosen, %d are drawn", n)
	}
	for path, want := range map[string]string{
		"/runs/R-1/labels?codes=CV-0001":                 "stands in the list already",
		"/runs/R-1/labels?codes=%C3%A9":                  "is not printable ASCII",
		"/runs/R-1/labels?codes=%3Cscript%3Ealert()%0Ax": "&lt;script&gt;alert()",
		"/runs/R-1/labels?symbol=runes":                  "here is no symbol",
		"/runs/R-9/labels":                               "here is no run",
	} {
		if got := w.get(account.Technician, path).Body.String(); !strings.Contains(got, want) || strings.Contains(got, "<script>alert") {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	long := w.get(account.Technician, "/runs/R-1/labels?chosen=1&codes="+strings.Repeat("A", 48)+"&on=plate&symbol=code128").Body.String()
	if !strings.Contains(long, "too long for code128") || !strings.Contains(long, "Choose another symbol") {
		t.Error("a code that has no room is not explained")
	}
}

func TestTheReportForPaperHasWhatItMustHave(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	r := w.get(account.Reviewer, "/runs/R-1/report")
	body := r.Body.String()
	if r.Code != http.StatusOK {
		t.Fatal(r.Code)
	}
	last := -1
	for _, head := range []string{"Signatures", "Design", "Figures and statistics", "Deviations", "Materials and lots", "Key events", "Manifest"} {
		at := strings.Index(body, ">"+head+"<")
		if at < last {
			t.Errorf("%s stands at %d, behind %d", head, at, last)
		}
		last = at
	}
	for _, want := range []string{"Axolotl &amp; more", "Nobody has signed this report yet", "the hood &lt;script&gt;was&lt;/script&gt; loud", "continue: zebrafish", "which binds all before it"} {
		if !strings.Contains(body, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if found := inlineMarkup.FindString(body); found != "" || strings.Count(body, "<h1") != 1 {
		t.Errorf("it has %q in it, or not one heading", found)
	}
}
