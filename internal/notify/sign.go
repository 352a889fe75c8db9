package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"secretome/internal/fault"
)

// The headers of a webhook.
const (
	HeaderID        = "Secretome-Id"        // the message's ID
	HeaderTimestamp = "Secretome-Timestamp" // when it was signed: seconds since 1970, UTC
	HeaderSignature = "Secretome-Signature" // v1= and the HMAC, see [Verify]
)

const scheme = "v1="

// sign sets the headers of a webhook.
func sign(h http.Header, secret []byte, id string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, stamp)
	h.Set(HeaderSignature, scheme+hex.EncodeToString(mac(secret, id, stamp, body)))
}

// mac is HMAC-SHA256 (RFC 2104) over "<id>.<timestamp>.<body>".
func mac(secret []byte, id, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(id + "." + stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify reports whether a webhook with this header and body was signed with
// secret, at most tolerance before or after now. The signature is "v1=" and, in
// lower-case hexadecimal digits, the HMAC-SHA256 over
//
//	<Secretome-Id>.<Secretome-Timestamp>.<body>
//
// with the body's bytes as they came. It is compared in constant time. Else
// Verify fails with a [fault.Refused]. It does not know which IDs came before:
// dropping doubles is the receiver's part.
func Verify(secret []byte, header http.Header, body []byte, now time.Time, tolerance time.Duration) error {
	if len(secret) == 0 {
		return fault.New(fault.Refused, "there is no secret to check the signature with").Try("use the secret that the sender has")
	}
	for _, name := range []string{HeaderID, HeaderTimestamp, HeaderSignature} {
		if n := len(header.Values(name)); n != 1 {
			return fault.New(fault.Refused, "header %s is given %d times, expected once", name, n)
		}
	}
	stamp := header.Get(HeaderTimestamp)
	digits, ok := strings.CutPrefix(header.Get(HeaderSignature), scheme)
	given, err := hex.DecodeString(digits)
	if !ok || err != nil || !hmac.Equal(given, mac(secret, header.Get(HeaderID), stamp, body)) {
		return fault.New(fault.Refused, "the signature does not belong to this message and secret").Try("check the body as it came, before it is parsed")
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fault.New(fault.Refused, "timestamp %q, expected seconds since 1970", stamp)
	}
	if away := now.Sub(time.Unix(seconds, 0)).Abs(); away > tolerance {
		return fault.New(fault.Refused, "the message was signed %v away from now, more than %v", away, tolerance).Try("set the clocks; a message that was kept and sent again by a stranger looks the same")
	}
	return nil
}
