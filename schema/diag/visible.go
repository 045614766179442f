package diag

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown is the number of characters of a value that a message repeats.
const shown = 40

// Quote returns a value out of somebody's file as a message shows it: in double quotes, at
// most 40 characters of it, with control characters and those that change the direction of
// text written out.
func Quote(s string) string {
	n := 0
	for i := range s {
		if n == shown {
			return strconv.Quote(strings.TrimRight(s[:i], " ") + "…")
		}
		n++
	}
	return strconv.Quote(s)
}

// visible returns s on one line with everything written out that a reader would not see or
// that would move what they see: control characters, line ends, characters without width,
// those that change the direction of text, and bytes that are no UTF-8. The joiners of
// emoji and of Persian stay.
func visible(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether a reader cannot see r, or sees other characters moved by it.
func hidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// escape writes a hidden character as Go and JSON would.
func escape(r rune) string {
	return strings.Trim(strconv.QuoteRuneToASCII(r), "'")
}
