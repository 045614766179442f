package issue

import (
	"net/url"
	"strings"
)

// MaxTitle is the greatest length of a title, in characters. GitHub takes more; nobody
// says for sure how many.
const MaxTitle = 200

// Title makes s safe as the title of an issue: plain text on one line, without mentions
// and references, cut to MaxTitle. It is idempotent.
func Title(s string) string { return cutRunes(breakLinks(breakRefs(line(s))), MaxTitle) }

// Text makes s safe as Markdown within a line: in a paragraph, a heading, a list item, a
// cell of a table and the text of a link. What comes out shows as s, on one line, without
// markup, mentions, references, addresses and HTML, wherever in the line it stands.
func Text(s string) string {
	s = breakLinks(breakRefs(line(s)))
	if !strings.ContainsAny(s, "\\`*_[]<>|~$&#-+=.)") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("\\`*_[]<>|~$", s[i]) >= 0 || s[i] == '&' && isEntity(s[i+1:]) || opensBlock(s, i) {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// isEntity reports whether an ampersand before s may begin a character reference.
func isEntity(s string) bool { return s != "" && (s[0] == '#' || isWord(s[0])) }

// opensBlock reports whether the character at i would make a heading, a list, a rule or an
// underline of the line that s begins.
func opensBlock(s string, i int) bool {
	switch s[i] {
	case '#', '-', '+', '=':
		return i == 0
	case '.', ')':
		return 0 < i && i <= 9 && strings.Trim(s[:i], "0123456789") == "" && (i+1 == len(s) || s[i+1] == ' ')
	}
	return false
}

// Cell is Text for a cell of a table that must not be empty.
func Cell(s string) string {
	if s = Text(s); s == "" {
		return "–"
	}
	return s
}

// Code makes s a code span on one line. It must not stand in a table, where a pipe would
// end the cell even within code.
func Code(s string) string {
	s = breakMarkers(line(s))
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Link makes a link with text, or only the text where the address is neither a path
// within the repository nor one that begins with https, http or mailto.
func Link(text, address string) string {
	address = URL(address)
	if address == "" {
		return Text(text)
	}
	return "[" + Text(text) + "](" + address + ")"
}

// URL returns an address as it may stand in a link, with every character that could end
// the link percent-encoded, and the empty string for one that is no address or has a
// scheme that could run something.
func URL(s string) string {
	if isPlainURL(s) {
		return s
	}
	return escapeURL(s)
}

// escapeURL is URL for any address.
func escapeURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme == "" && u.Host != "" {
		return ""
	}
	switch u.Scheme {
	case "", "https", "http", "mailto":
	default:
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("<>()[]\\\"'`|*~$^{}", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// isPlainURL reports whether s is an address of which nothing has to be escaped, as those
// of files on a forge are. What it does not know is left to the parser.
func isPlainURL(s string) bool {
	s, ok := strings.CutPrefix(s, "https://")
	path, fragment, parted := strings.Cut(s, "#")
	return ok && path != "" && isWord(path[0]) && parted == (fragment != "") && isPlainPath(path) && isPlainPath(fragment)
}

func isPlainPath(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '/' && s[i] != '.' && s[i] != '-' {
			return false
		}
	}
	return true
}

// LogLine makes s safe as a line of output that a workflow runner reads: it holds no
// control sequence, and no command, which are lines that begin with two colons or hold
// ##[ (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
// It is idempotent.
func LogLine(s string) string {
	s = strings.ReplaceAll(strings.TrimRight(strings.ReplaceAll(lines(s), "\n", " "), " \t"), "##[", "#"+zwsp+"#[")
	if strings.HasPrefix(strings.TrimSpace(s), "::") {
		return strings.Replace(s, "::", ":"+zwsp+":", 1)
	}
	return s
}

// breakMarkers keeps text from holding an HTML comment, and so a marker of ours.
func breakMarkers(s string) string { return strings.ReplaceAll(s, "<!--", "<"+zwsp+"!--") }

// longestRun returns how often c comes in a row in s at most.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
