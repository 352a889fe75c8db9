package crate

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"secretome/internal/record"
)

// RecordPath returns where in a bundle the record stands that r names, with
// slashes: "records/run/UCM-2026-001/0000000012.json". It needs no hash. As an
// address in HTML it must be escaped, like any path.
func RecordPath(r record.Ref) string {
	return fmt.Sprintf("records/%s/%010d.json", folders(r.Logbook), r.Number)
}

// recordAt is the inverse of [RecordPath]; ok is false where p is the path of
// no record.
func recordAt(p string) (r record.Ref, ok bool) {
	rest, isRecord := strings.CutPrefix(p, "records/")
	digits, isJSON := strings.CutSuffix(path.Base(rest), ".json")
	number, err := strconv.ParseInt(digits, 10, 64)
	logbook, escape := url.PathUnescape(path.Dir(rest))
	if !isRecord || !isJSON || err != nil || escape != nil {
		return record.Ref{}, false
	}
	r = record.Ref{Logbook: logbook, Number: number}
	return r, number > 0 && RecordPath(r) == p
}

// historyPath returns where the exported events of one execution stand.
func historyPath(h record.History) string {
	return fmt.Sprintf("histories/%s/%s.json", folders(h.Workflow), folders(h.Execution))
}

// artifactPath returns where an artifact stands that is neither report nor
// history.
func artifactPath(sha256, name, mediaType string) string {
	return "artifacts/" + sha256 + "/" + plain(name, mediaType)
}

// artifactAt returns the hash that the path of an artifact promises.
func artifactAt(p string) (sha256 string, ok bool) {
	rest, ok := strings.CutPrefix(p, "artifacts/")
	if !ok {
		return "", false
	}
	sha256, name, ok := strings.Cut(rest, "/")
	return sha256, ok && isHash(sha256) && name != "" && !strings.Contains(name, "/")
}

// folders turns an ID into folders at its slashes. What a path cannot carry is
// percent-encoded, dots that would lead elsewhere too, so that every ID stays
// below the folder it is joined to.
func folders(id string) string {
	parts := strings.Split(id, "/")
	for i, part := range parts {
		switch parts[i] = url.PathEscape(part); part {
		case "":
			parts[i] = "%00" // no ID has empty parts; this one cannot be read back
		case ".", "..":
			parts[i] = strings.ReplaceAll(part, ".", "%2E")
		}
	}
	return strings.Join(parts, "/")
}

// longest is the length in bytes of a file's name that every file system takes.
const longest = 200

// plain returns name as a file may bear it: unchanged, but for slashes, control
// characters and dots in front (hidden, or the way up), which become "_", and
// for excess length.
func plain(name, mediaType string) string {
	name = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r == '/' || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, name), "_")
	if strings.Trim(name, ". ") == "" {
		return "artifact" + extension(mediaType)
	}
	bare := strings.TrimLeft(name, ".")
	name = strings.Repeat("_", len(name)-len(bare)) + bare
	if len(name) <= longest {
		return name
	}
	end := path.Ext(name)
	if len(end) > longest/4 {
		end = ""
	}
	cut := longest - len(end)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + end
}

// extension returns the usual end of a file's name for a media type.
func extension(mediaType string) string {
	kind, _, _ := strings.Cut(mediaType, ";")
	switch strings.TrimSpace(kind) {
	case "application/json":
		return ".json"
	case "application/yaml", "application/x-yaml", "text/yaml":
		return ".yaml"
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/svg+xml":
		return ".svg"
	case "text/csv":
		return ".csv"
	case "text/html":
		return ".html"
	case "text/plain":
		return ".txt"
	}
	return ".bin"
}

// identifier returns the @id of the file at p: p percent-encoded as RFC 3986
// asks, but for letters of any script, which an IRI may have. Colons are encoded
// too, since readers of JSON-LD take what stands before one for a prefix.
func identifier(p string) string {
	var b strings.Builder
	for _, r := range p {
		ascii := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._~!$&'()*+,;=@/", r))
		if ascii || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// isHash reports whether s is a SHA-256 in lower-case hex.
func isHash(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
