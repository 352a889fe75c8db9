package protocol

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"secretome/internal/fault"
)

var (
	lineOf   = regexp.MustCompile(`^line (\d+): `)
	unending = regexp.MustCompile(`^did not find expected (',' or|'-' indicator|key)`)
	noAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

// noYAML tells what the YAML library found in data, with its place. For a list
// or mapping that goes wrong the library counts lines from 0; a column it never
// tells, so that the first word of the line stands for it.
func noYAML(at fault.Place, err error, data []byte) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at.Line = 1 // the library leaves the first line out
	if m := lineOf.FindStringSubmatch(text); m != nil {
		text = strings.TrimPrefix(text, m[0])
		if line, err := strconv.Atoi(m[1]); err == nil {
			at.Line = line
		}
		if unending.MatchString(text) {
			at.Line++
		}
	}
	at.Column = firstWord(data, at.Line)
	if strings.HasPrefix(text, "exceeded max depth") {
		return nestedTooDeep(at)
	}
	if m := noAnchor.FindStringSubmatch(text); m != nil {
		return noAlias(placeOf(at.File, data, bytes.Index(data, []byte("*"+m[1]))), m[1])
	}
	if i := unreadable(data); i >= 0 {
		return noText(placeOf(at.File, data, i), data[i])
	}
	return fault.New(fault.Invalid, "this is no YAML: %s", text).At(at).
		Try("look at this line, the one before, and the block that begins here: indentation by blanks, a blank behind each colon, quotes around text with : # { [ or a leading percent sign")
}

func nestedTooDeep(at fault.Place) error {
	return fault.New(fault.Invalid, "nested more than %d deep", maxDepth).At(at).Try("look for a bracket that is never closed")
}

func noAlias(at fault.Place, name string) error {
	return fault.New(fault.Invalid, "an alias *%s stands here", clip(name)).At(at).Try("write the value out: a reader must not have to look elsewhere; put quotes around a text that begins with *")
}

func noText(at fault.Place, b byte) error {
	return fault.New(fault.Invalid, "this is no YAML: the byte 0x%02X stands here, which is no text", b).At(at).
		Try("save the file as UTF-8, and take control characters out")
}

// unreadable returns where the first byte stands that belongs to no text in
// UTF-8, or is a control character; less than 0 if there is none.
func unreadable(data []byte) int {
	for i, r := range string(data) {
		control := r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
		if control || r == utf8.RuneError && !bytes.HasPrefix(data[i:], []byte("\uFFFD")) {
			return i
		}
	}
	return -1
}

// placeOf is the line and the column, in characters, of the byte at i.
func placeOf(file string, data []byte, i int) fault.Place {
	before := data[:max(i, 0)]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return fault.Place{File: file, Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(line) + 1}
}

// firstWord is the column at which a line begins behind its blanks.
func firstWord(data []byte, line int) int {
	for range line - 1 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	text, _, _ := bytes.Cut(data, []byte("\n"))
	return len(text) - len(bytes.TrimLeft(text, " ")) + 1
}
