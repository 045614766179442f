package issue

import (
	"regexp"
	"strings"
)

// Markdown takes Markdown that the authors of the repository wrote and keeps it, apart
// from what has an effect outside the issue: mentions and references outside code, closing
// keywords before an address, HTML comments (and with them our own markers) and what hides
// all that follows, such as a block of code that is not closed. It is idempotent.
func Markdown(s string) string {
	if s == "" {
		return ""
	}
	var out, chunk []string
	var fence string // the line that would end the block of code, "" outside one
	flush := func() {
		out, chunk = append(out, prose(chunk)...), nil
	}
	for _, l := range strings.Split(breakMarkers(strings.Trim(lines(s), "\n")), "\n") {
		switch open := fenceOf(l); {
		case fence != "":
			out = append(out, l)
			if closes(l, fence) {
				fence = ""
			}
		case open != "":
			flush()
			out, fence = append(out, l), open
		case strings.TrimSpace(l) == "":
			flush()
			out = append(out, l)
		default:
			chunk = append(chunk, l)
		}
	}
	flush()
	if fence != "" {
		out = append(out, fence)
	}
	return strings.Join(out, "\n")
}

var fenceLine = regexp.MustCompile("^([ \t]*)(`{3,}[^`]*|~{3,}.*)$")

// fenceOf returns the line that ends the block of code that l opens, or "" where it opens
// none. It is indented like l, for a block within a list.
func fenceOf(l string) string {
	if !strings.Contains(l, "```") && !strings.Contains(l, "~~~") {
		return ""
	}
	m := fenceLine.FindStringSubmatch(l)
	if m == nil {
		return ""
	}
	return m[1] + m[2][:len(m[2])-len(strings.TrimLeft(m[2], m[2][:1]))]
}

// closes reports whether l ends the block of code that fence ends.
func closes(l, fence string) bool {
	l, fence = strings.TrimSpace(l), strings.TrimSpace(fence)
	return len(l) >= len(fence) && strings.Trim(l, fence[:1]) == ""
}

// prose makes lines of one paragraph harmless. Code spans are kept as they are, because
// commands are copied from them; but only where every backtick of the paragraph has its
// partner on the same line. Otherwise it is not certain what is code, and nothing is.
func prose(l []string) []string {
	certain := true
	for _, s := range l {
		_, ok := spans(s)
		certain = certain && ok
	}
	out := make([]string, len(l))
	for i, s := range l {
		if !certain {
			out[i] = tame(s)
			continue
		}
		parts, _ := spans(s)
		for j := range parts {
			if j%2 == 0 {
				parts[j] = tame(parts[j])
			}
		}
		out[i] = strings.Join(parts, "")
	}
	return out
}

// spans splits a line into text, code span, text and so on, and reports whether all
// backticks were matched.
func spans(s string) (parts []string, ok bool) {
	for {
		i := strings.IndexByte(s, '`')
		if i < 0 {
			return append(parts, s), true
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		end := closing(s[i+run:], run)
		if i > 0 && s[i-1] == '\\' || end < 0 {
			return append(parts, s), false
		}
		end += i + run
		parts, s = append(parts, s[:i], s[i:end]), s[end:]
	}
}

// closing returns the end of the first run of exactly n backticks in s, or -1.
func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if i += run; run == n {
			return i
		}
	}
	return -1
}

// closingWord are the words by which GitHub links an issue that a change closes
// (https://docs.github.com/issues, "Linking a pull request to an issue").
var closingWord = regexp.MustCompile(`(?i)\b(close|closes|closed|fix|fixes|fixed|resolve|resolves|resolved)(:?\s+<?https?://)`)

// tame takes the effects out of text that is not code.
func tame(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "<!", "<"+zwsp+"!"), "<?", "<"+zwsp+"?")
	return breakRefs(closingWord.ReplaceAllString(s, "${1}"+zwsp+"${2}"))
}
