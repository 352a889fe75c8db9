package web

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

// # Live pages
//
// GET /events is one stream for each browser. It tells what changed, never what it
// is: the page that wants to know asks for itself again, with its own rights, and
// takes over the parts that are marked. To make a part of a page live, give it an
// id and its topics:
//
//	<section id="open-tasks" data-live="tasks">…</section>
//	<div id="stand" data-live="run:{{.Run}} decisions">…</div>
//
// Whenever something of one of the topics happens, the part is replaced by the
// part with the same id of the page as it is then. It stays while it holds the
// focus, a selection or unsaved input; a button then counts what is new. So wrap
// what may come and go (a list and the sentence for "none") in one part that is
// always there. A page that must not change under a hand says only that it is old:
//
//	<p class="stale" data-warn="task:{{taskID .ID}}" hidden>…</p>
//
// The topics are runs, run:ID, tasks, task:ID (without "task/"), decisions, lots,
// lot:BARCODE, and lab for what belongs to no run: people, uploads, places. Script
// that works on a part listens for the event "desk:fresh" of the document, whose
// detail is the new element.

// streams are the open streams of all browsers.
type streams struct {
	epoch string        // of this program's counting, see [index.Change]
	beat  time.Duration // between two signs of life
	mu    sync.Mutex
	open  map[*stream]struct{}
}

// stream is the one of a browser.
type stream struct {
	who, token string
	ended      chan struct{} // closed when the session was ended
}

// How many streams there are at most: a person has a few browsers.
const (
	streamsOfOne = 12
	streamsOfAll = 1000
)

func newStreams() *streams {
	return &streams{epoch: strings.ReplaceAll(uuid.NewString(), "-", "")[:8], beat: 15 * time.Second, open: map[*stream]struct{}{}}
}

// admit opens a stream, if there is room.
func (s *streams) admit(who, token string) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := 0
	for one := range s.open {
		if one.who == who {
			of++
		}
	}
	if of >= streamsOfOne || len(s.open) >= streamsOfAll {
		f := fault.New(fault.Limited, "too many pages are open").Try("close some, or load this page again by hand")
		f.Wait = time.Minute
		return nil, f
	}
	one := &stream{who, token, make(chan struct{})}
	s.open[one] = struct{}{}
	return one, nil
}

func (s *streams) leave(one *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, one)
}

// end ends the streams of a session that was signed out.
func (s *streams) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.open {
		if one.token == token {
			close(one.ended)
			delete(s.open, one)
		}
	}
}

// id is the name of a place in the stream, which a browser sends back when it was
// cut off.
func (s *streams) id(sequence int64) string { return s.epoch + "." + strconv.FormatInt(sequence, 10) }

// place is the inverse of id; false for one of an earlier start of the server.
func (s *streams) place(id string) (int64, bool) {
	epoch, number, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, err == nil && epoch == s.epoch
}

// Mark is where the stream stood when this page was begun.
func (p *page) Mark() string { return p.mark }

// marked notes where the stream stands, before anything of the page is read.
func (p *page) marked() {
	if p.r.Method != http.MethodGet || nobody(p.Who) {
		return
	}
	if _, last, err := p.lab.Changed(p.r.Context()); err == nil { // without it the page reads itself once more
		p.mark = p.live.id(last)
	}
}

func liveRoutes() []route {
	return []route{{"GET /events", lab.Look, (*page).events}}
}

// events is the stream. It ends with the session, and when the server does.
func (p *page) events() error {
	if !strings.Contains(p.r.Header.Get("Accept"), "text/event-stream") {
		return fault.New(fault.Usage, "this is a stream that pages listen to").Try("see what there is to do in the list of tasks")
	}
	c, err := p.r.Cookie(p.sessionName())
	if err != nil {
		return fault.New(fault.Forbidden, "the stream is for pages of this server")
	}
	one, err := p.live.admit(p.Who.Name, c.Value)
	if err != nil {
		return err
	}
	defer p.live.leave(one)
	h := p.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	p.w.WriteHeader(http.StatusOK)
	const least = 2000 // milliseconds, and up to as much again, so that not all come back at once
	p.send("retry: %d\n\n", least+rand.IntN(least))
	return p.follow(one)
}

// send writes to the browser at once. One that takes nothing for long is gone.
func (p *page) send(format string, args ...any) bool {
	const patience = 20 * time.Second
	out := http.NewResponseController(p.w)
	_ = out.SetWriteDeadline(time.Now().Add(patience)) // where there is none the writing itself tells
	_, err := fmt.Fprintf(p.w, format, args...)
	return err == nil && out.Flush() == nil
}

// follow tells of changes until somebody ends it.
func (p *page) follow(one *stream) error {
	from := p.r.Header.Get("Last-Event-ID")
	if from == "" {
		from = p.value("after")
	}
	at, known := p.live.place(from)
	beat := time.NewTicker(p.live.beat)
	defer beat.Stop()
	for hello := true; ; hello = false {
		next, last, err := p.lab.Changed(p.r.Context())
		if err != nil || !p.catchUp(from, at, last, known) {
			return nil // the browser comes back
		}
		at, known, from = last, true, ""
		if hello && !p.alive(at) {
			return nil
		}
		select {
		case <-p.r.Context().Done():
			return nil
		case <-p.Leaving:
			return nil
		case <-one.ended:
			p.send("event: ended\ndata: \n\n")
			return nil
		case <-beat.C:
			if !p.alive(at) {
				return nil
			}
		case <-next:
			if !p.rest(one) {
				return nil
			}
		}
	}
}

// catchUp tells what came between two places of the record. A place that nobody
// knows may hide anything, so all is told to have changed.
func (p *page) catchUp(from string, at, last int64, known bool) bool {
	switch {
	case !known && from != "" || at > last:
		p.changed(last, happened{Topics: []string{"all"}, Count: 1})
	case known && last > at:
		t, err := p.news(at, last)
		return err == nil && p.changed(last, t)
	}
	return true
}

// rest lets a moment pass, so that what comes together is told together.
func (p *page) rest(one *stream) bool {
	const together = 300 * time.Millisecond
	select {
	case <-p.r.Context().Done():
		return false
	case <-one.ended:
		return true // which is told in the next round
	case <-time.After(together):
		return true
	}
}

// alive sends a sign of life with the server's time, and ends the stream of who is
// not signed in any more. It does not count as use of the session.
func (p *page) alive(at int64) bool {
	c, err := p.r.Cookie(p.sessionName())
	if err == nil {
		_, err = p.lab.Recognise(p.r.Context(), c.Value)
	}
	if fault.Is(err, fault.Forbidden) {
		p.send("event: ended\ndata: \n\n")
		return false
	}
	return p.send(": alive\nid: %s\nevent: time\ndata: %s\n\n", p.live.id(at), time.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
}

// happened is what an event says: which topics, and how many records.
type happened struct {
	Topics []string `json:"topics"`
	Count  int      `json:"count"`
}

// changed tells of what happened up to a place.
func (p *page) changed(last int64, t happened) bool {
	data, err := json.Marshal(t)
	return err == nil && p.send("id: %s\nevent: changed\ndata: %s\n\n", p.live.id(last), data)
}

// news collects what happened between two places. Of much it says only that it is
// much.
func (p *page) news(from, to int64) (happened, error) {
	const most = 500
	changes, err := p.lab.Changes(p.r.Context(), p.Who, from, most)
	if err != nil {
		return happened{}, err
	}
	changes = slices.DeleteFunc(changes, func(c lab.Change) bool { return c.Sequence > to })
	t := happened{Count: len(changes)}
	if len(changes) == most {
		t.Topics = []string{"all"}
		return t, nil
	}
	seen := map[string]bool{}
	for _, c := range changes {
		for _, topic := range topics(c) {
			if !seen[topic] {
				seen[topic], t.Topics = true, append(t.Topics, topic)
			}
		}
	}
	return t, nil
}

// topics are what a record is about. They name things and tasks, which everybody
// who is signed in may see, and never what was found.
func topics(c lab.Change) []string {
	kind, name, _ := strings.Cut(c.Logbook, "/")
	all := []string{kind}
	if name != "" {
		all = []string{kind + "s", kind + ":" + name}
	}
	if id, ok := strings.CutPrefix(c.Task, "task/"); ok {
		all = append(all, "tasks", "task:"+id)
	}
	if c.Decides() {
		all = append(all, "decisions")
	}
	return all
}
