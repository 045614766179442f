package node

import (
	"regexp"
	"strings"
)

// A slip is a way in which people spoil a file without seeing it. The parser stumbles over
// its consequences, often a line further down; so the text around that place is looked at
// before the parser is believed.
type slip struct {
	// on finds the slip on a line; its first group is what is pointed at.
	on            *regexp.Regexp
	message, hint string
}

var conflict = slip{regexp.MustCompile(`^(<{7}|>{7}|={7})(?: .*)?\r?$`),
	"two versions of the file were merged, and nobody has chosen between them yet",
	"keep what is right of the lines between `<<<<<<<` and `>>>>>>>`, and delete these marks and `=======`"}

// slips are those that stand on the line of the error or on the one above it.
var slips = []slip{
	{regexp.MustCompile("^ *(?:- +)?[^ \u00a0\u2007\u202f\"'#:]*:?([\u00a0\u2007\u202f])"),
		"a non-breaking space stands where a plain space is expected", "delete it and type a space"},
	{regexp.MustCompile(`^ *([‐‑‒–—−]) *[^ ]`),
		"a long dash stands where a list goes on with `-`", "type the `-` of the keyboard, and a space behind it"},
	{regexp.MustCompile(`^ *(-)[^ \-][^"']*:(?: |\r?$)`),
		"the `-` has no space behind it", "write `- ` before what belongs to the list"},
}

// slipped looks for a slip that explains a syntax error.
func slipped(t trouble, lines []string) (s slip, at place, ok bool) {
	if at, ok := merging(lines); ok {
		return conflict, at, true
	}
	for _, s := range slips {
		for l := min(t.at.line, len(lines)); l >= max(1, t.at.line-1); l-- {
			if m := s.on.FindStringSubmatchIndex(lines[l-1]); m != nil {
				return s, place{l, len([]rune(lines[l-1][:m[2]])) + 1}, true
			}
		}
	}
	return slip{}, place{}, false
}

// merging finds the first mark of a conflict; a row of `=` alone is a line that people write.
func merging(lines []string) (place, bool) {
	for i, l := range lines {
		if conflict.on.MatchString(l) && !strings.HasPrefix(l, "=") {
			return place{i + 1, 1}, true
		}
	}
	return place{}, false
}

// questioned reports whether a list or mapping in brackets seems unclosed because of a
// question mark without quotes. YAML allows it, the library does not.
func questioned(t trouble, lines []string) bool {
	if !strings.HasPrefix(t.problem, "did not find expected ',' or") || t.at.line < 1 || t.at.line > len(lines) {
		return false
	}
	line := lines[t.at.line-1]
	return strings.HasPrefix(strings.TrimPrefix(line, before(line, t.at.column)), "?")
}
