package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"

	"secretome/activities"
	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// shelf stands at the edge to Temporal: it holds lots by the rules that their
// workflows hold them by, writing into the same logbooks.
type shelf struct {
	hands
	recalled []string
}

func (s *shelf) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.recalled = append(s.recalled, o.StaticSummary)
	return nil, nil
}

func (s *shelf) UpdateWithStartWorkflow(ctx context.Context, o client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	act, _ := o.UpdateOptions.Args[0].(sample.LotAct)
	answer, err := s.act(ctx, o.UpdateOptions.WorkflowID, act)
	return toldLot{answer: answer, err: activities.Encode(err)}, nil
}

func (s *shelf) act(ctx context.Context, book string, a sample.LotAct) (activities.LotAnswer, error) {
	records, err := s.books.Read(ctx, book, 0, 0)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	lot, err := sample.Follow(strings.TrimPrefix(book, "lot/"), records)
	if err == nil {
		err = lot.Check(a)
	}
	if err != nil {
		return activities.LotAnswer{}, err
	}
	body, err := lot.Body(a)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	encoded, err := record.Body(body)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	r, err := s.books.Append(ctx, record.Draft{Logbook: book, Request: a.Request, Kind: a.Kind, By: a.By, Received: time.Now(), Happened: a.Happened, Body: encoded})
	if err != nil {
		return activities.LotAnswer{}, err
	}
	return activities.LotAnswerOf(r)
}

// toldLot is what a lot's workflow answers.
type toldLot struct {
	told
	answer activities.LotAnswer
	err    error
}

func (h toldLot) Get(_ context.Context, into any) error {
	if p, ok := into.(*activities.LotAnswer); ok {
		*p = h.answer
	}
	return h.err
}

// stockroom is a desk over lots.
type stockroom struct {
	desk
	shelf *shelf
	books *logbook.Logbooks
}

func openStock(t *testing.T) stockroom {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	var people []account.Person
	for _, role := range account.Roles() {
		people = append(people, account.Person{Name: "The " + role, Role: role})
	}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	s := stockroom{desk: desk{tokens: map[string]string{}}, books: logbook.New(bucket, x, zerolog.Nop())}
	s.shelf = &shelf{hands: hands{books: s.books}}
	l := lab.New(lab.Deps{Temporal: s.shelf, Logbooks: s.books, Index: x, Artifacts: artifact.New(bucket, dir), People: book, Program: "test", Now: time.Now})
	s.Handler = New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}, Zone: time.UTC})
	for _, p := range book.People() {
		s.tokens[p.Role], _ = book.Token(p.Name) // they were just made
	}
	return s
}

// add registers a lot by its form.
func (s stockroom) add(t *testing.T, pairs ...string) {
	t.Helper()
	if w := s.post(account.Technician, "/lots/new", fill(pairs...).Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("%v is answered with %d: %s", pairs, w.Code, faultsIn(w))
	}
}

// medium registers 10 mL of a reagent.
func (s stockroom) medium(t *testing.T, code string) {
	t.Helper()
	s.add(t, "barcode", code, "kind", "reagent", "title", "FGF-2 <b>vial</b>", "amount", "10 mL", "each", "1 mL", "state", "released", "place", "F-20-1",
		"expires", time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
}

func TestALotIsRegisteredDrawnAndBroughtBackByFormsAlone(t *testing.T) {
	s := openStock(t)
	s.medium(t, "F22-9001")
	for _, step := range []struct {
		role, path string
		form       url.Values
		page, says string
	}{
		{account.Technician, "/lots/F22-9001/draw", fill("amount", "9,5", "why", "aliquots"), "/lots/F22-9001", "0.5\u00a0mL"},
		{account.Manager, "/lots/F22-9001/correct", fill("draw", "2", "amount", "8", "why", "misread"), "/lots/F22-9001", "<s>9.5 mL</s>"},
		{account.Technician, "/lots/F22-9001/return", fill("draw", "2", "why", "not needed"), "/lots/F22-9001", "returned: not needed"},
		{account.Technician, "/lots/F22-9001/draw", fill(), "/lots/F22-9001", "drawn, 9 mL left"},
		{account.Technician, "/lots/F22-9001/write-off", fill("draw", "5", "why", "spilt"), "/lots/F22-9001", "written off: spilt"},
		{account.Manager, "/lots/F22-9001/count", fill("left", "8.5", "why", "weighed"), "/lots/F22-9001", "8.5\u00a0mL"},
		{account.Technician, "/lots/F22-9001/move", fill("place", "F-80-2,  rack B"), "/lots/F22-9001", "moved to F-80-2, rack B"},
		{account.Technician, "/lots/F22-9001/freeze", fill("place", "F-80-2"), "/lots/F22-9001", "frozen, in F-80-2"},
		{account.Technician, "/lots/F22-9001/thaw", fill("aliquot", "F22-9001-03"), "/lots/F22-9001", "F22-9001-03"},
		{account.Technician, "/lots/F22-9001/open", fill(), "/lots/F22-9001", "opened"},
		{account.Technician, "/lots/F22-9001/hand-over", fill("to", "Courier"), "/lots/F22-9001", "handed over to Courier, of whom nothing is recorded"},
		{account.Technician, "/lots/F22-9001/hold", fill("why", "cloudy"), "/lots/F22-9001", "on hold"},
		{account.Manager, "/lots/F22-9001/free", fill("why", "was a shadow"), "/lots?show=stock", "released"},
		{account.Quality, "/lots/F22-9001/recall", fill("why", "endotoxin"), "/lots/F22-9001", "on hold"},
		{account.Quality, "/lots/F22-9001/reject", fill("why", "endotoxin"), "/lots?show=gone", "rejected"},
	} {
		w := s.post(step.role, step.path, step.form.Encode())
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/lots/F22-9001?done=") {
			t.Fatalf("%s %v is answered with %d to %q: %s", step.path, step.form, w.Code, w.Header().Get("Location"), faultsIn(w))
		}
		if again := s.post(step.role, step.path, step.form.Encode()); again.Code != http.StatusSeeOther || again.Header().Get("Location") != w.Header().Get("Location") {
			t.Errorf("%s sent twice is answered with %d to %q: %s", step.path, again.Code, again.Header().Get("Location"), faultsIn(again))
		}
		if body := s.get(account.Auditor, step.page).Body.String(); !strings.Contains(body, step.says) {
			t.Errorf("after %s the page does not say %q", step.path, step.says)
		}
	}
	if got := strings.Join(s.shelf.recalled, ", "); !strings.Contains(got, "recall of F22-9001") {
		t.Errorf("the recall did not go on its way: %q", got)
	}
	records, err := s.books.Read(t.Context(), "lot/F22-9001", 0, 0)
	if err != nil || len(records) != 16 { // the registration and fifteen acts, each once
		t.Errorf("%d records, %v", len(records), err)
	}
}

func TestWhatCannotBeDoneToALotIsSaidAtItsField(t *testing.T) {
	s := openStock(t)
	s.medium(t, "F22-9001")
	s.add(t, "barcode", "CM-014-A", "kind", "lot", "title", "CM", "amount", "10 mL")
	for _, c := range []struct {
		name, role, path string
		form             url.Values
		status           int
		says             string
	}{
		{"more than is left", account.Technician, "/lots/F22-9001/draw", fill("amount", "95"), 422, "F22-9001 has 10 mL left, 95 mL is asked for"},
		{"nothing at all", account.Technician, "/lots/F22-9001/draw", fill("amount", "0"), 422, "nothing that can be taken"},
		{"less than nothing", account.Technician, "/lots/F22-9001/draw", fill("amount", "-2"), 422, "nothing that can be taken"},
		{"the unit too", account.Technician, "/lots/F22-9001/draw", fill("amount", "2 mL"), 422, "Enter the number only. The unit is already mL"},
		{"no number", account.Technician, "/lots/F22-9001/draw", fill("amount", "1.2.3"), 422, "“1.2.3” is no number"},
		{"a run that is not there", account.Technician, "/lots/F22-9001/draw", fill("amount", "1", "run", "UCM-9"), 422, "There is no run UCM-9"},
		{"tomorrow", account.Technician, "/lots/F22-9001/draw", fill("amount", "1", "happened", time.Now().AddDate(0, 0, 2).Format("2006-01-02T15:04")), 422, "is in the future"},
		{"no time", account.Technician, "/lots/F22-9001/draw", fill("amount", "1", "happened", "yesterday"), 422, "“yesterday” is no time"},
		{"no reason for a hold", account.Technician, "/lots/F22-9001/hold", fill("why", "  "), 422, "Enter why"},
		{"nowhere", account.Technician, "/lots/F22-9001/move", fill(), 422, "Enter where it lies"},
		{"to nobody", account.Technician, "/lots/F22-9001/hand-over", fill(), 422, "Enter who has it from now on"},
		{"a draw that is none", account.Technician, "/lots/F22-9001/return", fill("draw", "9", "why", "x"), 409, "is no draw that is still open"},
		{"a hold that is not there", account.Manager, "/lots/F22-9001/free", fill("why", "x"), 409, "F22-9001 is not on hold"},
		{"CM without its pair", account.Manager, "/lots/CM-014-A/release", fill(), 422, "no unconditioned medium that belongs to it"},
		{"no request", account.Technician, "/lots/F22-9001/draw", url.Values{"amount": {"1"}}, 422, "he form has no request ID"},
		{"a barcode that is taken", account.Technician, "/lots/new", fill("barcode", "F22-9001", "kind", "reagent", "title", "x"), 409, "F22-9001 is registered already"},
		{"a barcode of blanks", account.Technician, "/lots/new", fill("barcode", "a b", "kind", "reagent", "title", "x"), 422, "is no barcode of a lot"},
		{"nothing", account.Technician, "/lots/new", fill(), 422, "Scan the label, or type its ID"},
		{"a donor by hand", account.Technician, "/lots/new", fill("barcode", "D-9", "kind", "donor", "title", "x"), 422, "Choose what it is"},
		{"expired before it came", account.Technician, "/lots/new", fill("barcode", "R-1", "kind", "reagent", "title", "x", "expires", "2020-01-31"), 422, "It expired on 31 Jan 2020"},
		{"an aliquot above the whole", account.Technician, "/lots/new", fill("barcode", "R-1", "kind", "reagent", "title", "x", "amount", "1 mL", "each", "2 mL"), 422, "is not part of 1\u00a0mL"},
		{"an amount without a unit", account.Technician, "/lots/new", fill("barcode", "R-1", "kind", "reagent", "title", "x", "amount", "500"), 422, "“500” is no amount"},
		{"a parent that reads alike", account.Technician, "/lots/new", fill("barcode", "R-1", "kind", "reagent", "title", "x", "parents", "CM-O14-A"), 422, "it may be CM-014-A"},
		{"not the role", account.Technician, "/lots/F22-9001/reject", fill("why", "x"), 403, "technician"},
		{"only a reader", account.Auditor, "/lots/F22-9001/draw", fill("amount", "1"), 403, "auditor"},
		{"a lot that is not there", account.Technician, "/lots/XX-1/draw", fill("amount", "1"), 404, "No label reads XX-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := s.post(c.role, c.path, c.form.Encode())
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %d and %q", w.Code, faultsIn(w), c.status, c.says)
			}
			if body := w.Body.String(); strings.Contains(body, "secretome lot") {
				t.Error("the page advises a command line")
			}
		})
	}
	w := s.post(account.Technician, "/lots/F22-9001/draw", fill("amount", "95", "why", `<i>"kept"</i>`).Encode())
	if body := w.Body.String(); !strings.Contains(body, `value="95"`) || !strings.Contains(body, "&lt;i&gt;&#34;kept&#34;&lt;/i&gt;") || !strings.Contains(body, `href="#amount"`) {
		t.Errorf("what was typed is not there again, or the fault leads to no field:\n%s", faultsIn(w))
	}
}

func TestWhatMayBeDoneFollowsRoleAndState(t *testing.T) {
	s := openStock(t)
	s.medium(t, "F22-9001")
	links := func(role string) (found []string) {
		body := s.get(role, "/lots/F22-9001").Body.String()
		for _, a := range lotActs() {
			if strings.Contains(body, `href="/lots/F22-9001/`+a.verb+`"`) {
				found = append(found, a.verb)
			}
		}
		return found
	}
	for role, want := range map[string]string{
		account.Auditor:    "[]",
		account.Reviewer:   "[]",
		account.Technician: "[draw open thaw move freeze hand-over hold]",
		account.Manager:    "[draw count open thaw move freeze hand-over hold reject recall]",
	} {
		if got := fmt.Sprint(links(role)); got != want {
			t.Errorf("%s may %s, want %s", role, got, want)
		}
	}
	if w := s.post(account.Manager, "/lots/F22-9001/reject", fill("why", "broken").Encode()); w.Code != http.StatusSeeOther {
		t.Fatal(faultsIn(w))
	}
	if got := fmt.Sprint(links(account.Technician)); strings.Contains(got, "draw") {
		t.Errorf("of a rejected lot may be taken: %s", got)
	}
	if body := s.get(account.Technician, "/lots/F22-9001/draw").Body.String(); !strings.Contains(body, "as it stands, this is not possible") || strings.Contains(body, "<textarea") {
		t.Error("a form is offered that cannot be taken")
	}
}

func TestEveryFormOfALotSaysWhatWillHappenAndKeepsTheRules(t *testing.T) {
	s := openStock(t)
	s.medium(t, "F22-9001")
	s.medium(t, "F22-9002")
	if w := s.post(account.Technician, "/lots/F22-9001/draw", fill("amount", "1").Encode()); w.Code != http.StatusSeeOther {
		t.Fatal(faultsIn(w))
	}
	if w := s.post(account.Technician, "/lots/F22-9002/hold", fill("why", "x").Encode()); w.Code != http.StatusSeeOther {
		t.Fatal(faultsIn(w))
	}
	paths := []string{"/lots", "/lots?kind=reagent&show=all&q=%3Cb%3E", "/lots?show=held", "/lots/F22-9001", "/lots/new", "/lots/F22-9001/label", "/places", "/places/F-20-1", "/protocols", "/lots/F22-9002/free"}
	for _, a := range lotActs() {
		paths = append(paths, "/lots/F22-9001/"+a.verb)
	}
	for _, path := range paths {
		w := s.get(account.Manager, path)
		body := w.Body.String()
		if w.Code != http.StatusOK || strings.Count(body, "<h1") != 1 || strings.Contains(body, "<b>vial") {
			t.Errorf("%s: %d, one heading and nothing of what was typed as markup", path, w.Code)
		}
		if found := inlineMarkup.FindString(body); found != "" {
			t.Errorf("%s has %q in it", path, found)
		}
		if strings.Contains(body, "<textarea id=\"why\"") && !strings.Contains(body, "What will happen") {
			t.Errorf("%s does not say what will happen", path)
		}
	}
}

func TestTheStockSaysWhatEndsSoonAndWhatIsBelowUse(t *testing.T) {
	s := openStock(t)
	s.medium(t, "SOON-1")
	s.add(t, "barcode", "LATE-1", "kind", "reagent", "title", "late", "expires", time.Now().AddDate(1, 0, 0).Format(time.DateOnly))
	s.add(t, "barcode", "EVER-1", "kind", "vial", "title", "ever")
	if w := s.post(account.Technician, "/lots/SOON-1/draw", fill("amount", "9.5").Encode()); w.Code != http.StatusSeeOther {
		t.Fatal(faultsIn(w))
	}
	body := s.get(account.Auditor, "/lots").Body.String()
	if !strings.Contains(body, "7 days left") || !strings.Contains(body, "below one use") || !strings.Contains(body, "in quarantine") {
		t.Error("the stock does not say what ends soon, what is below use and what is in quarantine")
	}
	if a, b, c := strings.Index(body, "SOON-1"), strings.Index(body, "LATE-1"), strings.Index(body, "EVER-1"); a < 0 || a > b || b > c {
		t.Errorf("not in the order of expiry: %d %d %d", a, b, c)
	}
	if body := s.get(account.Auditor, "/lots?kind=vial").Body.String(); strings.Contains(body, "SOON-1") || !strings.Contains(body, "EVER-1") {
		t.Error("the list of vials has something else")
	}
	for path, want := range map[string]string{"/lots?kind=car": "of a “car” no balance", "/lots?show=x": "no choice of lots"} {
		if w := s.get(account.Auditor, path); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s is answered with %d, want %s", path, w.Code, want)
		}
	}
}

func TestTheStockHasPagesOfFifty(t *testing.T) {
	s := openStock(t)
	for i := range 51 {
		s.add(t, "barcode", fmt.Sprintf("R-%03d", i), "kind", "reagent", "title", "x")
	}
	first := s.get(account.Auditor, "/lots").Body.String()
	if n := strings.Count(first, "/lots/R-"); n != 50 || !strings.Contains(first, "from=50") {
		t.Errorf("the first page has %d lots", n)
	}
	if second := s.get(account.Auditor, "/lots?show=stock&from=50").Body.String(); strings.Count(second, "/lots/R-") != 1 || !strings.Contains(second, "R-050") {
		t.Error("the second page has not the last one")
	}
}

func TestADonorIsACodeAndTheConsentCanEnd(t *testing.T) {
	s := openStock(t)
	donor := sample.LotAct{Kind: record.LotRegistered, Request: newID(), By: record.Actor{Kind: record.Person, Name: "The manager", Role: account.Manager}, Happened: time.Now(), Body: record.LotAct{Kind: sample.Donor, Title: "donor code"}}
	if _, err := s.shelf.act(t.Context(), "lot/D-0031", donor); err != nil {
		t.Fatal(err)
	}
	s.add(t, "barcode", "CV-1", "kind", "vial", "title", "cells", "parents", "D-0031", "state", "released")
	if w := s.get(account.Auditor, "/lots/D-0031"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/donors/D-0031" {
		t.Errorf("a donor's lot page leads to %d %q", w.Code, w.Header().Get("Location"))
	}
	if body := s.get(account.Auditor, "/donors/D-0031").Body.String(); !strings.Contains(body, `href="/lots/CV-1"`) || strings.Contains(body, "/withdraw") {
		t.Error("the material is not there, or an auditor may withdraw")
	}
	if w := s.post(account.Technician, "/lots/D-0031/withdraw", fill("why", "x").Encode()); w.Code != http.StatusForbidden {
		t.Errorf("a technician withdraws: %d", w.Code)
	}
	if w := s.post(account.Manager, "/lots/D-0031/withdraw", fill().Encode()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Enter how the consent was withdrawn") {
		t.Errorf("without a reason: %d %s", w.Code, faultsIn(w))
	}
	if w := s.post(account.Manager, "/lots/D-0031/withdraw", fill("why", "in writing, 12 March").Encode()); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, faultsIn(w))
	}
	body := s.get(account.Manager, "/donors/D-0031").Body.String()
	if !strings.Contains(body, "consent withdrawn") || !strings.Contains(body, "in writing, 12 March") || strings.Contains(body, `/withdraw"`) {
		t.Error("the page does not say that the consent was withdrawn, or offers it again")
	}
	if w := s.get(account.Auditor, "/donors/CV-1"); w.Code != http.StatusNotFound {
		t.Errorf("a vial as a donor: %d", w.Code)
	}
}

func TestALabelThatIsMisreadIsGuessed(t *testing.T) {
	s := openStock(t)
	s.medium(t, "CM-014-A")
	w := s.get(account.Technician, "/lots/CM-O14-A")
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "No label reads CM-O14-A") || !strings.Contains(w.Body.String(), "it may be CM-014-A") {
		t.Errorf("%d %s", w.Code, faultsIn(w))
	}
}
