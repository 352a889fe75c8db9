package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// tagged answers a question with a message and its strong ETag: the version of
// the thing (the number of the last record that counts for it), a hyphen, and a
// hash of the message. Who has the message already gets 304.
func tagged(w http.ResponseWriter, r *http.Request, version int64, m any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	const short = 8 // bytes of the hash
	sum := sha256.Sum256(data)
	tag := `"` + strconv.FormatInt(version, 10) + "-" + hex.EncodeToString(sum[:short]) + `"`
	if known(w, r, tag) {
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(append(data, '\n')) // who asked has gone: nobody is left to tell
	return nil
}

// known names what is answered, and answers 304 where the client has it.
func known(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache") // it may be kept, and is asked for again each time
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// unchanged refuses a command that names in If-Match another version than there
// is now. Without the header it is not asked: a command has its request ID, and
// what does not fit where the thing stands is refused by the thing itself. What
// this very request has done already changed nothing else.
func (a *api) unchanged(r *http.Request, version func(context.Context) (lab.Version, error)) error {
	text := r.Header.Get("If-Match")
	if text == "" || text == "*" {
		return nil
	}
	now, err := version(r.Context())
	if err != nil {
		return err
	}
	number := strconv.FormatInt(now.Number, 10)
	for one := range strings.SplitSeq(text, ",") {
		if before, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(one), `"`), "-"); before == number {
			return nil
		}
	}
	if sent, err := a.lab.Sent(r.Context(), now.Logbook, r.Header.Get(client.KeyHeader)); err != nil || sent {
		return err
	}
	f := fault.New(fault.Conflict, "it has changed since you read it: it is at version %s now, and not at %s", number, text).Field("If-Match").Try("read it again, then decide")
	return &refusal{fault: f, status: http.StatusPreconditionFailed, detail: client.Detail{Got: text}, version: now.Number}
}
