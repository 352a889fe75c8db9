package web

import (
	"fmt"
	"strings"
)

// visible shows signs that change the direction of a text, and signs without a
// width, which could make it read as something else.
func visible(text string) string {
	if !strings.ContainsFunc(text, concealed) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if concealed(r) {
			fmt.Fprintf(&b, "⟦U+%04X⟧", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// concealed reports whether a sign is one of the controls of direction, or has no
// width of its own. Joiners are left alone: scripts and emoji need them.
func concealed(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return true
	case r == 0x200B, r == 0x2060, r == 0xFEFF, r == 0x00AD, r == 0x061C, r == 0x200E, r == 0x200F:
		return true
	}
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7F
}
