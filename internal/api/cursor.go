package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"secretome/internal/fault"
)

// The limits of one page of a list.
const (
	pageUsual = 200
	pageMost  = 1000
)

// list is one request for a page of a list.
type list struct {
	r     *http.Request
	limit int
	after []string // the last row of the page before, by the columns of its order; nil: the first page
}

// cursorColumns is by how many columns the lists are ordered.
const (
	oneColumn    = 1
	twoColumns   = 2
	threeColumns = 3
)

// checkBytes is how much of a hash a cursor carries: enough to notice any change.
const checkBytes = 12

// listOf reads limit and cursor. A cursor belongs to one list with one filter.
func listOf(r *http.Request, columns int) (list, error) {
	q := r.URL.Query()
	l := list{r: r, limit: pageUsual}
	if text := q.Get("limit"); q.Has("limit") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > pageMost {
			return l, parameter("limit", text, "the limit is %q, and not 1 to %d", text, pageMost)
		}
		l.limit = n
	}
	if !q.Has("cursor") {
		return l, nil
	}
	changed := parameter("cursor", q.Get("cursor"), "the cursor is not one that this list gave")
	changed.fault = changed.fault.Try("take it as it stands in the header Link, or begin at the first page")
	data, err := base64.RawURLEncoding.DecodeString(q.Get("cursor"))
	if err != nil || len(data) < checkBytes {
		return l, changed
	}
	text, sum := data[:len(data)-checkBytes], data[len(data)-checkBytes:]
	if subtle.ConstantTimeCompare(sum, l.check(text)) != 1 || json.Unmarshal(text, &l.after) != nil || len(l.after) != columns {
		return l, changed
	}
	return l, nil
}

// check is the part of a cursor by which a change of it, or its use for another
// list, is noticed. It is no secret: whoever makes a cursor up sees what they may
// see anyway.
func (l list) check(text []byte) []byte {
	h := sha256.New()
	h.Write([]byte("cursor of " + l.r.URL.Path + "?" + l.filter().Encode() + "\n"))
	h.Write(text)
	return h.Sum(nil)[:checkBytes]
}

// filter is the query without what pages are chosen by.
func (l list) filter() url.Values {
	q := l.r.URL.Query()
	q.Del("limit")
	q.Del("cursor")
	return q
}

// more is how many rows are asked for: one more than are shown, which tells
// whether there is a next page.
func (l list) more() int { return l.limit + 1 }

// page cuts the rows to the page, and tells in the header Link where the next one
// is; key writes the columns by which a row is ordered.
func page[T any](w http.ResponseWriter, l list, rows []T, key func(T) []string) ([]T, error) {
	if len(rows) <= l.limit {
		return rows, nil
	}
	rows = rows[:l.limit]
	text, err := json.Marshal(key(rows[l.limit-1]))
	if err != nil {
		return nil, err
	}
	next := l.filter()
	next.Set("cursor", base64.RawURLEncoding.EncodeToString(slices.Concat(text, l.check(text))))
	if l.limit != pageUsual {
		next.Set("limit", strconv.Itoa(l.limit))
	}
	w.Header().Set("Link", "<?"+next.Encode()+`>; rel="next"`)
	return rows, nil
}

// keyTime writes a time into a cursor; the zero time is empty.
func keyTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// timeOf reads what keyTime wrote.
func timeOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, fault.Wrap(err, fault.Usage, "the cursor has no time where one belongs")
}
