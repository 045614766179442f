package diag

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
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

// runner is what GitHub's runner takes for a command wherever it stands in a line of a log,
// the older form of a leading `::`.
const runner = "##["

// Visible returns s on one line with everything written out that a reader would not see or
// that would move what they see: control characters, line ends, characters without width,
// those that change the direction of text, bytes that are no UTF-8, and what a runner would
// obey. The joiners of emoji and of Persian stay.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) && !strings.Contains(s, runner) {
		return s
	}
	return strings.Join(cells(s, 0), "")
}

// cells returns, for each character of s, what is shown for it. A tab becomes blanks up to
// the next multiple of tab characters, or is written out if tab is 0.
func cells(s string, tab int) []string {
	list := make([]string, 0, len(s))
	at := 0
	add := func(shown string) {
		list = append(list, shown)
		if tab > 0 {
			at += width(shown)
		}
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			add(fmt.Sprintf(`\x%02x`, s[i]))
		case r == '\t' && tab > 0:
			add(strings.Repeat(" ", tab-at%tab))
		case hidden(r):
			add(escape(r))
		case r == '[' && strings.HasSuffix(s[:i], "##"):
			add(`\x5b`)
		default:
			add(string(r))
		}
	}
	return list
}

// width returns the number of columns that s takes on a terminal, whatever the locale: a
// letter one, an ideograph or emoji two, a combining mark none.
func width(s string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(s)
}

// printable returns encoded JSON in which hidden characters, and what a runner would obey,
// are written as escapes. They can only stand in strings, so the value stays the same.
func printable(encoded []byte) []byte {
	s := strings.ReplaceAll(string(encoded), runner, `##\u005b`)
	var b bytes.Buffer
	for _, r := range s {
		switch {
		case r == '\n' || !hidden(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// place returns where a fault is, as `file:line:column`, as far as it is known. It never
// begins with `::`, which a log of GitHub Actions would take for a command.
func place(d Diagnostic) string {
	file := Visible(d.File)
	switch {
	case file == "":
		file = "."
	case strings.HasPrefix(strings.TrimSpace(file), ":"):
		file = "./" + file
	}
	switch {
	case d.Line == 0:
		return file
	case d.Column == 0:
		return fmt.Sprintf("%s:%d", file, d.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, d.Line, d.Column)
}

// worstFirst returns the faults with errors before warnings, each in the order of Compare.
func worstFirst(l List) List {
	s := l.Sorted()
	slices.SortStableFunc(s, func(a, b Diagnostic) int { return cmp.Compare(a.Severity, b.Severity) })
	return s
}

// count returns the number of faults in words: "2 errors, 1 warning".
func count(l List) string {
	errors, warnings := l.Count()
	switch {
	case warnings == 0:
		return plural(errors, "error")
	case errors == 0:
		return plural(warnings, "warning")
	}
	return plural(errors, "error") + ", " + plural(warnings, "warning")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
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
