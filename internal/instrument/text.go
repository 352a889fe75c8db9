package instrument

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"secretome/internal/fault"
)

// Limits of what is read. The largest real plate exports stay a hundred times
// below; a hostile file costs bounded time and memory.
const (
	MaxBytes    = 32 << 20
	MaxLines    = 1_000_000
	MaxLine     = 1 << 20 // bytes in a line
	MaxReadings = 500_000
)

// Text is a decoded file, line ends taken away.
type Text struct {
	Encoding string // ascii, utf-8, utf-8-sig, utf-16le-bom, utf-16be-bom or cp1252
	Lines    []string
}

// Decode reads b as text: by its byte order mark, else as UTF-8, else as
// Windows-1252. Bytes that no text has (NUL) are a fault, and so are the limits
// of this package.
func Decode(b []byte) (Text, error) {
	if len(b) > MaxBytes {
		return Text{}, tooLarge(len(b))
	}
	s, encoding := decode(b)
	if i := strings.IndexByte(s, 0); i >= 0 {
		return Text{}, fault.New(fault.Invalid, "the file is binary: a NUL stands at character %d, expected text", i+1)
	}
	return split(s, encoding)
}

func tooLarge(n int) error {
	return fault.New(fault.Invalid, "the file has %d bytes, more than the %d that are read here", n, MaxBytes).
		Try("export fewer plates into one file")
}

func decode(b []byte) (text, encoding string) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return fromUTF16(b[2:], binary.LittleEndian), "utf-16le-bom"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return fromUTF16(b[2:], binary.BigEndian), "utf-16be-bom"
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) && utf8.Valid(b):
		return string(b[3:]), "utf-8-sig"
	case utf8.Valid(b):
		if isASCII(b) {
			return string(b), "ascii"
		}
		return string(b), "utf-8"
	}
	return fromWindows1252(b), "cp1252"
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fromUTF16 decodes pairs of bytes; half a pair at the end is dropped, since
// heads of files are decoded too.
func fromUTF16(b []byte, order binary.ByteOrder) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// windows1252 holds the characters of bytes 0x80 to 0x9f, U+FFFD where there is
// none; all other bytes are Latin-1.
const windows1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ"

func fromWindows1252(b []byte) string {
	high := []rune(windows1252)
	var s strings.Builder
	s.Grow(len(b) + len(b)/8)
	for _, c := range b {
		if c >= 0x80 && c <= 0x9f {
			s.WriteRune(high[c-0x80])
		} else {
			s.WriteRune(rune(c))
		}
	}
	return s.String()
}

// split cuts s at LF, CRLF or single CR.
func split(s, encoding string) (Text, error) {
	t := Text{Encoding: encoding}
	for len(s) > 0 {
		line := s
		i := strings.IndexAny(s, "\r\n")
		switch {
		case i < 0:
			s = ""
		case strings.HasPrefix(s[i:], "\r\n"):
			line, s = s[:i], s[i+2:]
		default:
			line, s = s[:i], s[i+1:]
		}
		if len(line) > MaxLine {
			return Text{}, fault.New(fault.Invalid, "the line has %d bytes, more than the %d that are read here", len(line), MaxLine).
				At(fault.Place{Line: len(t.Lines) + 1})
		}
		if len(t.Lines) == MaxLines {
			return Text{}, fault.New(fault.Invalid, "the file has more than the %d lines that are read here", MaxLines)
		}
		t.Lines = append(t.Lines, line)
	}
	return t, nil
}
