package meeting

import (
	"net/url"
	"strings"
	"unicode"
)

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

// Clean returns s as valid UTF-8 with line feeds only, without control characters, which
// RFC 5545 §3.1 forbids, and without those that turn the direction of writing.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) || r == '\uFEFF' {
			return -1
		}
		return r
	}, lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

// Line returns s cleaned and on one line; every run of space is one space.
func Line(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// Address returns a web address in the form that RFC 3986 allows, and nothing for anything
// else: URL is no place for text.
func Address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}
