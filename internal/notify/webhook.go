package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	webhookPatience = 10 * time.Second // for one attempt, connection and answer
	answerRead      = 1 << 10          // bytes of an answer that are read
	answerShown     = 200              // characters of an answer that are shown
)

// payload is the body of a webhook. The order of its fields is that of the
// bytes; fields are only ever added.
type payload struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Run      string    `json:"run,omitempty"`
	Task     string    `json:"task,omitempty"`
	Title    string    `json:"title,omitempty"`
	Text     string    `json:"text,omitempty"`
	Role     string    `json:"role,omitempty"`
	Due      time.Time `json:"due,omitzero"`
	Happened time.Time `json:"happened,omitzero"`
	Link     string    `json:"link,omitempty"`
	Zone     string    `json:"zone,omitempty"`
}

// body returns the bytes that are sent and signed: the same for the same message.
func (m Message) body() ([]byte, error) {
	p := payload(m)
	p.Due, p.Happened = utc(m.Due), utc(m.Happened)
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write message %s as JSON: %w", m.ID, err)
	}
	return b, nil
}

// utc keeps the zero time zero.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// post makes one attempt to deliver m to the webhook.
func (s *Sender) post(ctx context.Context, m Message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, webhookPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.settings.Webhook, bytes.NewReader(body))
	if err != nil {
		return never(anonymous(err), Webhook, "the URL cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "secretome")
	sign(req.Header, s.settings.Secret, m.ID, s.now(), body)
	resp, err := s.client.Do(req)
	if err != nil {
		return again(anonymous(err), Webhook, "%s cannot be reached or did not answer within %v", req.URL.Host, webhookPatience)
	}
	answer, readErr := io.ReadAll(io.LimitReader(resp.Body, answerRead))
	closeErr := resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil // the status says it all; what else the receiver writes is of no use
	}
	return s.complain(req.URL.Host, resp, answer, errors.Join(readErr, closeErr))
}

// complain explains an answer other than 2xx.
func (s *Sender) complain(host string, resp *http.Response, answer []byte, cause error) error {
	said := fmt.Sprintf("%s answered %d", host, resp.StatusCode)
	if line := shorten(oneLine(string(answer)), answerShown); line != "" {
		said += fmt.Sprintf(" (%q)", line)
	}
	cause = cmp.Or(cause, fmt.Errorf("status %d", resp.StatusCode))
	switch code := resp.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		help := "try again"
		if wait := retryAfter(resp.Header.Get("Retry-After"), s.now()); wait > 0 {
			help = fmt.Sprintf("try again in %v, as it asks", wait)
		}
		return advise(again(cause, Webhook, "%s", said), "%s", help)
	case code/100 == 3:
		return advise(never(cause, Webhook, "%s: redirects are not followed", said), "set the webhook to the address where it really is")
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return advise(never(cause, Webhook, "%s", said), "see that the receiver has the same secret, and a clock that is right")
	}
	return advise(never(cause, Webhook, "%s", said), "see in the receiver's log why it does not take the message")
}

// retryAfter reads the header of RFC 9110, 10.2.3: seconds or a date. It
// returns 0 where there is none or it cannot be read.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now).Round(time.Second), 0)
	}
	return 0
}

// anonymous takes the URL out of an error: its path is often a secret.
func anonymous(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
