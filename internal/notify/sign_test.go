package notify_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/notify"
)

func TestVerifyRefusesWhatWasNotSignedSo(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusOK)
	if err := hook(r.URL).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	signature := r.requests[0].Header.Get(notify.HeaderSignature)
	const tolerance = 5 * time.Minute
	type delivery struct {
		secret string
		header http.Header
		body   string
		now    time.Time
	}
	for _, test := range []struct {
		name   string
		change func(*delivery)
		says   string // empty if it is taken
	}{
		{"what came is taken", func(*delivery) {}, ""},
		{"what came five minutes ago is taken", func(d *delivery) { d.now = noon.Add(tolerance) }, ""},
		{"what came longer ago is refused", func(d *delivery) { d.now = noon.Add(tolerance + time.Second) }, "5m1s away"},
		{"what comes from the future is refused", func(d *delivery) { d.now = noon.Add(-tolerance - time.Second) }, "5m1s away"},
		{"another secret is refused", func(d *delivery) { d.secret += "!" }, "does not belong"},
		{"no secret is refused", func(d *delivery) { d.secret = "" }, "no secret"},
		{"another body is refused", func(d *delivery) { d.body += " " }, "does not belong"},
		{"another ID is refused", func(d *delivery) { d.header.Set(notify.HeaderID, "req-8") }, "does not belong"},
		{"another time is refused", func(d *delivery) { d.header.Set(notify.HeaderTimestamp, "1772539201") }, "does not belong"},
		{"another scheme is refused", func(d *delivery) {
			d.header.Set(notify.HeaderSignature, "v0="+strings.TrimPrefix(signature, "v1="))
		}, "does not belong"},
		{"half a signature is refused", func(d *delivery) { d.header.Set(notify.HeaderSignature, signature[:len(signature)/2+1]) }, "does not belong"},
		{"an empty signature is refused", func(d *delivery) { d.header.Set(notify.HeaderSignature, "v1=") }, "does not belong"},
		{"no signature is refused", func(d *delivery) { d.header.Del(notify.HeaderSignature) }, "given 0 times"},
		{"two IDs are refused", func(d *delivery) { d.header.Add(notify.HeaderID, "req-8") }, "given 2 times"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := delivery{secret, r.requests[0].Header.Clone(), string(r.bodies[0]), noon}
			test.change(&d)
			err := notify.Verify([]byte(d.secret), d.header, []byte(d.body), d.now, tolerance)
			switch {
			case test.says == "" && err != nil:
				t.Errorf("Verify() = %v, want nil", err)
			case test.says != "" && (!fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("Verify() = %v, want refused with %q", err, test.says)
			}
		})
	}
}
