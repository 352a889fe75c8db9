package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"secretome/internal/fault"
)

// mostRows is how many rows the server gives at most on one page.
const mostRows = "1000"

// pages asks for a list, page by page, to its end.
func pages[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", mostRows)
	all := []T{}
	for {
		answer, err := c.send(ctx, call{method: http.MethodGet, path: path, query: query})
		if err != nil {
			return nil, err
		}
		var page []T
		err = json.NewDecoder(answer.Body).Decode(&page)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "the server's answer broke off")
		}
		all = append(all, page...)
		next := nextCursor(answer.Header)
		if next == "" || next == query.Get("cursor") {
			return all, nil
		}
		query.Set("cursor", next)
	}
}

// nextCursor reads the cursor of the next page out of the header Link; empty on
// the last page.
func nextCursor(h http.Header) string {
	for _, link := range h.Values("Link") {
		address, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if !ok || !strings.Contains(rest, `rel="next"`) {
			continue
		}
		if u, err := url.Parse(address); err == nil {
			return u.Query().Get("cursor")
		}
	}
	return ""
}
