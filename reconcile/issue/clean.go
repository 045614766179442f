package issue

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// zwsp is a zero-width space. Put inside a mention or a reference it breaks it without
// being seen; a backslash does not, because forges look for mentions in the rendered text.
const zwsp = "\u200b"

// hidden reports whether a character is dropped from all data: control characters, those
// that turn the direction of writing, and those that take no room and can hide a word
// from a reader or from a search. Joiners stay: emoji and several scripts need them.
func hidden(r rune) bool {
	switch {
	case r == 0x061C, r == 0x200B, r == 0x200E, r == 0x200F, r == 0xFEFF,
		0x202A <= r && r <= 0x202E, // embeddings and overrides
		0x2060 <= r && r <= 0x206F, // word joiner, isolates, deprecated format controls
		0xFFF9 <= r && r <= 0xFFFB, // interlinear annotations
		0xE0000 <= r && r <= 0xE007F:
		return true
	}
	return unicode.IsControl(r)
}

// lineEnds makes every end of a line a line feed.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// lines returns s as UTF-8 with line feeds only and without hidden characters; tabs stay.
func lines(s string) string {
	if isPlain(s) {
		return s
	}
	s = lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && hidden(r) {
			return -1
		}
		return r
	}, s)
}

// isPlain reports whether s is printable ASCII, as most values are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// line returns s as one line without hidden characters; every run of space is one space.
func line(s string) string {
	if isPlain(s) && !strings.Contains(s, "  ") {
		return strings.Trim(s, " ")
	}
	return strings.Join(strings.Fields(lines(s)), " ")
}

// cutRunes shortens s to at most n runes, of which the last is then an ellipsis.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// breakRefs puts a zero-width space into everything that a forge turns into a reference or
// a mention: @name, #1 (also within owner/repo#1) and GH-1. References in the shape of a
// commit hash are left alone: a link to a commit that exists calls nobody, and breaking it
// would spoil every serial number that is copied from an issue.
func breakRefs(s string) string {
	if !strings.ContainsAny(s, "@#-") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if i+1 == len(s) {
			break
		}
		switch next := s[i+1]; {
		case s[i] == '@' && (isWord(next) || next == '-'),
			s[i] == '#' && isDigit(next),
			s[i] == '-' && isDigit(next) && i >= 2 && strings.EqualFold(s[i-2:i], "gh"):
			b.WriteString(zwsp)
		}
	}
	return b.String()
}

// breakLinks puts a zero-width space into bare addresses, so that they stay text: a link
// to an issue would be noted there.
func breakLinks(s string) string {
	s = strings.ReplaceAll(s, "://", ":"+zwsp+"//")
	if !strings.Contains(s, ".") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www") {
			b.WriteString(zwsp)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
