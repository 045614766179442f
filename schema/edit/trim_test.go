package edit

import (
	"strings"
	"testing"
)

func TestTrim(t *testing.T) {
	for name, tt := range map[string]struct{ before, after string }{
		"blanks at ends":    {"a: x  \nb: y\t\n\n\n", "a: x\nb: y\n"},
		"no line end":       {"a: x", "a: x\n"},
		"CRLF":              {"a: x \r\nb: y\r\n", "a: x\r\nb: y\r\n"},
		"mixed line ends":   {"a: x\r\nb: y\n", "a: x\r\nb: y\r\n"},
		"mark":              {"\ufeffa: x \n", "\ufeffa: x\n"},
		"in a block":        {"a: |\n  x  \n  y\nb: z  \n", "a: |\n  x  \n  y\nb: z\n"},
		"blank in a block":  {"a: |\n  x  \n  \n  y\nb: z  \n", "a: |\n  x  \n\n  y\nb: z\n"},
		"CRLF and a block":  {"a: |\r\n  x  \r\n  y\r\nb: z \r\n", "a: |\r\n  x  \r\n  y\r\nb: z\r\n"},
		"in quotes":         {"a: \"x  \n  y\"\nb: z  \n", "a: \"x\n  y\"\nb: z\n"},
		"backslash":         {"a: \"x\\ \n  y\"\nb: z  \n", "a: \"x\\ \n  y\"\nb: z\n"},
		"comment":           {"a: x # c  \n#  \n", "a: x # c\n#\n"},
		"more than blank":   {"a: |\n  x\n     \n  y\nb: z  \n", "a: |\n  x\n     \n  y\nb: z\n"},
		"told indent":       {"a: |2\n     x  \n  y  \nb: z  \n", "a: |2\n     x  \n  y  \nb: z\n"},
		"folded in a list":  {"a:\n  - >-\n    x  \n\n    y  \n  - z  \n", "a:\n  - >-\n    x  \n\n    y  \n  - z\n"},
		"many of each kind": {"a: |\n  x \n" + strings.Repeat("#  \n", 500) + "b: |\n" + strings.Repeat("  y \n", 50), "a: |\n  x \n" + strings.Repeat("#\n", 500) + "b: |\n" + strings.Repeat("  y \n", 50)},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(tt.before))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(f.Trim()); got != tt.after {
				t.Errorf("%q\nwant %q", got, tt.after)
			}
		})
	}
}

// A file as large as files may be, in which blanks matter on every second line, is tidied
// without being read once for each of them.
func TestTrimMany(t *testing.T) {
	for name, tt := range map[string]struct{ line, want string }{
		"blocks": {"  - |\n    x  \n#  \n", "  - |\n    x  \n#\n"},
		"quotes": {"  - \"x\\ \n    y\"  \n", ""},
	} {
		src := "a:\n" + strings.Repeat(tt.line, 10_000)
		f, err := Parse("f.yaml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		out := f.Trim()
		if !f.says(out) || tt.want != "" && string(out) != "a:\n"+strings.Repeat(tt.want, 10_000) {
			t.Errorf("%s: %.100q", name, out)
		}
	}
}
