package load

import (
	"path"
	"strings"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// ignoreFile lists what is no document of Almanac. It is read from the root only.
const ignoreFile = ".almanacignore"

// ignore is a subset of gitignore(5): one pattern a line; blank lines and lines that begin
// with `#` say nothing. A pattern with a slash at the start or in the middle counts from the
// root, any other matches at every depth. `*`, `?` and `[a-z]` match within a name, `**` as
// a whole name matches any number of folders. A slash at the end means folders only. `!`
// takes back what an earlier line ignored, but nothing comes back from an ignored folder.
type ignore struct{ patterns []pattern }

type pattern struct {
	names   []string // path.Match patterns, or `**`
	folder  bool
	include bool
}

// parseIgnore reads the file; lines that cannot be read are faults and match nothing.
func parseIgnore(src []byte) (ignore, diag.List) {
	var ig ignore
	var faults diag.List
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		p, ok := parsePattern(line)
		if !ok {
			faults = append(faults, diag.Diagnostic{File: ignoreFile, Line: i + 1, Column: 1, Rule: "load/ignore",
				Message: "the pattern " + diag.Quote(line) + " cannot be read",
				Hint:    "close every `[`, and escape a character with `\\` only within a name"})
			continue
		}
		ig.patterns = append(ig.patterns, p)
	}
	return ig, faults
}

func parsePattern(line string) (pattern, bool) {
	var p pattern
	line, p.include = strings.CutPrefix(line, "!")
	line, p.folder = strings.CutSuffix(line, "/")
	line, rooted := strings.CutPrefix(line, "/")
	if !rooted && !strings.Contains(line, "/") {
		p.names = []string{"**"}
	}
	p.names = append(p.names, strings.Split(line, "/")...)
	for _, n := range p.names {
		if _, err := path.Match(n, ""); err != nil || n == "" {
			return p, false
		}
	}
	return p, true
}

// match reports whether a path from the root is ignored. Its folders must have been asked
// for first.
func (ig ignore) match(name string, folder bool) bool {
	ignored := false
	var names []string
	for _, p := range ig.patterns {
		if names == nil {
			names = strings.Split(name, "/")
		}
		if p.include == ignored && (folder || !p.folder) && matchNames(p.names, names) {
			ignored = !p.include
		}
	}
	return ignored
}

// matchNames goes back to the last `**` only: the earliest place for what stands before it
// leaves the most to what follows. To try every place for each would take longer than anybody
// waits, where a pattern has many and folders lie deep.
func matchNames(patterns, names []string) bool {
	p, i := 0, 0
	last, from := -1, 0 // the last `**`, and where what follows it was tried
	for p < len(patterns) || i < len(names) {
		switch {
		case p < len(patterns) && patterns[p] == "**":
			if p == len(patterns)-1 {
				return i < len(names) // `a/**` is what lies in a, not a itself
			}
			last, from = p, i
			p++
		case p < len(patterns) && i < len(names) && matchName(patterns[p], names[i]):
			p, i = p+1, i+1
		case last < 0 || from == len(names):
			return false
		default:
			from++
			p, i = last+1, from
		}
	}
	return true
}

func matchName(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
