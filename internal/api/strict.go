package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// message reads a JSON body of bounded size, strictly: one value, in UTF-8, no
// key twice, no field that the message does not have, no number that would be
// another one afterwards. A mistyped field would otherwise be a value silently
// lost. It fails with status 422 as well where the request ID stands at another
// message.
func message[T any](a *api, w http.ResponseWriter, r *http.Request, who record.Actor) (T, error) {
	var m T
	data, err := body(w, r)
	if err != nil {
		return m, err
	}
	places, err := scanned(data)
	if err != nil {
		return m, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, undecoded(err, places)
	}
	return m, a.once(r, who, m)
}

// body reads the bytes of a message.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if len(r.TransferEncoding) > 0 {
		w.Header().Set("Connection", "close") // what follows may be another request, smuggled in
		return nil, fault.New(fault.Usage, "the length of the body is not announced").Field("Content-Length").Try("send the message whole, with its length")
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, mediaType(r.Header.Get("Content-Type"), "application/json")
	}
	if r.ContentLength == 0 {
		return nil, fault.New(fault.Usage, "there is no body").Try("send a message in JSON, {} at least")
	}
	if r.ContentLength > MaxMessage {
		return nil, tooLarge("the message has %d bytes, the most is %d", r.ContentLength, MaxMessage)
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxMessage))
	if err != nil {
		w.Header().Set("Connection", "close")
		return nil, fault.Wrap(err, fault.Usage, "the body broke off after %d of %d bytes", len(data), r.ContentLength)
	}
	if !utf8.Valid(data) {
		return nil, unreadable(data, firstInvalid(data), "the body is not in UTF-8")
	}
	return data, nil
}

func firstInvalid(data []byte) int64 {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return int64(at)
}

// unreadable refuses what is no JSON, and says where: at is the number of bytes
// before the mistake.
func unreadable(data []byte, at int64, format string, args ...any) error {
	const shown = 20
	got := data[min(int(at), len(data)):]
	if len(got) > shown {
		got = got[:shown]
	}
	f := fault.New(fault.Usage, "%s, at byte %d", fmt.Sprintf(format, args...), at)
	return &refusal{fault: f, status: http.StatusBadRequest, detail: client.Detail{Offset: &at, Got: strings.ToValidUTF8(string(got), "\uFFFD")}}
}

// scanned refuses what is no JSON, repeats a key, or has a number that no
// float64 is near. It returns the first place of each key.
func scanned(data []byte) (map[string]string, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, malformed(data, err)
	}
	s := scan{data: data, d: json.NewDecoder(bytes.NewReader(data)), places: map[string]string{}}
	s.d.UseNumber()
	return s.places, s.value("", 0)
}

func malformed(data []byte, err error) error {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return fault.Wrap(err, fault.Usage, "the body is no JSON")
	}
	at := max(syntax.Offset-1, 0)
	for _, word := range []string{"NaN", "Infinity"} {
		if bytes.HasPrefix(data[min(int(at), len(data)):], []byte(word)) {
			f := fault.New(fault.Invalid, "%s is no number", word).Try("leave the field out where nothing was measured")
			return &refusal{fault: f, status: http.StatusUnprocessableEntity, detail: client.Detail{Offset: &at, Got: word}}
		}
	}
	if strings.Contains(syntax.Error(), "after top-level value") {
		return unreadable(data, at, "there is something behind the message")
	}
	if strings.Contains(syntax.Error(), "unexpected end") {
		return unreadable(data, int64(len(data)), "the JSON of the body ends too early")
	}
	return unreadable(data, at, "the body is no JSON: %s", syntax.Error())
}

// scan goes through a value that is known to be JSON.
type scan struct {
	data   []byte
	d      *json.Decoder
	places map[string]string // key → JSON pointer
}

// deepest is how many levels a message may have: more than any of ours needs.
const deepest = 64

func (s *scan) value(at string, depth int) error {
	if depth > deepest {
		return unreadable(s.data, s.d.InputOffset(), "the body is nested more than %d levels deep", deepest)
	}
	token, err := s.d.Token()
	if err != nil {
		return malformed(s.data, err)
	}
	switch t := token.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(t.String(), 64); err != nil {
			return wrongValue(at, t.String(), "%s is larger than any number here may be", t)
		}
	case json.Delim:
		if t == '{' {
			return s.object(at, depth)
		}
		for i := 0; s.d.More(); i++ {
			if err := s.value(at+"/"+strconv.Itoa(i), depth+1); err != nil {
				return err
			}
		}
		_, err = s.d.Token()
	}
	return err
}

// object reads on behind a brace. Keys that differ in upper and lower case only
// name the same field to the decoder, so they count as one.
func (s *scan) object(at string, depth int) error {
	var keys []string
	for s.d.More() {
		token, err := s.d.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		pointer := at + "/" + escaped(key)
		for _, before := range keys {
			if strings.EqualFold(before, key) {
				f := fault.New(fault.Usage, "the key %q stands there twice", key).Try("send each field once")
				offset := s.d.InputOffset()
				return &refusal{fault: f, status: http.StatusBadRequest, detail: client.Detail{Pointer: pointer, Offset: &offset, Got: key}}
			}
		}
		keys = append(keys, key)
		if _, known := s.places[key]; !known {
			s.places[key] = pointer
		}
		if err := s.value(pointer, depth+1); err != nil {
			return err
		}
	}
	_, err := s.d.Token()
	return err
}

// escaped writes a key as part of a JSON pointer (RFC 6901).
func escaped(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func wrongValue(pointer, got, format string, args ...any) error {
	field := strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
	f := fault.New(fault.Invalid, format, args...).Field(field)
	return &refusal{fault: f, status: http.StatusUnprocessableEntity, detail: client.Detail{Pointer: pointer, Got: got}}
}

// undecoded explains why JSON is none of the message's.
func undecoded(err error, places map[string]string) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		pointer := ""
		if wrong.Field != "" {
			pointer = "/" + strings.ReplaceAll(wrong.Field, ".", "/")
		}
		return wrongValue(pointer, wrong.Value, "there is a %s where %s is expected", wrong.Value, typeWords(wrong.Type.Kind().String(), wrong.Type.String()))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		key, failed := strconv.Unquote(name)
		if failed != nil {
			key = name
		}
		f := fault.New(fault.Invalid, "there is no field %q", key).Field(key).Try("the fields are in /api/v1/openapi.json")
		return &refusal{fault: f, status: http.StatusUnprocessableEntity, detail: client.Detail{Pointer: places[key], Got: key}}
	}
	if fault.Of(err).Kind != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "the body is no such message: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// typeWords says what kind of value a field takes.
func typeWords(kind, name string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "string", name == "time.Time", name == "quantity.Quantity":
		return "a text"
	case kind == "bool":
		return "true or false"
	case kind == "slice", kind == "array":
		return "a list"
	}
	return "an object"
}
