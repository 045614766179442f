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

func matchNames(patterns, names []string) bool {
	for len(patterns) > 0 && patterns[0] != "**" {
		if len(names) == 0 {
			return false
		}
		if ok, _ := path.Match(patterns[0], names[0]); !ok {
			return false
		}
		patterns, names = patterns[1:], names[1:]
	}
	if len(patterns) == 0 {
		return len(names) == 0
	}
	if len(patterns) == 1 {
		return len(names) > 0 // `a/**` is what lies in a, not a itself
	}
	for i := range names {
		if matchNames(patterns[1:], names[i:]) {
			return true
		}
	}
	return false
}
