package load

import (
	"strings"
	"testing"
)

// What nests without end makes the parser of CUE, or what comes after it, end the whole
// process for want of stack.
func TestCUENesting(t *testing.T) {
	for name, src := range map[string]string{
		"fields":     strings.Repeat("a: ", 300_000) + "1",
		"broken up":  strings.Repeat("a:\n", 300_000) + "1",
		"operators":  "a: 1" + strings.Repeat("+1", 400_000),
		"alternates": "a: \"x\"" + strings.Repeat(" |\n\"x\"", 20_000),
		"selectors":  "a: b" + strings.Repeat(".b", 400_000),
		"calls":      "a: b" + strings.Repeat("()", 400_000),
		"brackets":   "a: " + strings.Repeat("[", 400_000),
		"texts":      "a: " + strings.Repeat(`"\(`, 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			e := evaluate([]file{{"a.cue", "a.cue"}}, [][]byte{[]byte(src)})
			if len(e.faults) != 1 || !strings.Contains(e.faults[0].Message, "nested more than 10000 levels deep") || e.faults[0].Line < 1 || len(e.broken) != 1 {
				t.Errorf("%.3v, %v", e.faults, e.broken)
			}
		})
	}
}

func TestCUENestingThatIsFine(t *testing.T) {
	for name, src := range map[string]string{
		"fields":  strings.Repeat("a: ", 4_000) + "1",
		"sum":     "a: 1" + strings.Repeat("+1", 4_000),
		"lines":   strings.Repeat("x: {a: \"\\(y)}{\", b: #\"c \\#(\"\\(y)\")(\"#, c: [1, 2], d: ((1))}\n", 5_000) + "y: \"z\"\n",
		"list":    "a: [" + strings.Repeat("{b: -1},", 20_000) + "]",
		"comment": "a: 1 // " + strings.Repeat("a: [ ", 30_000),
		"blocks":  "a: " + strings.Repeat("{a: ", 2_000) + "1" + strings.Repeat("}", 2_000),
	} {
		t.Run(name, func(t *testing.T) {
			if e := evaluate([]file{{"a.cue", "a.cue"}}, [][]byte{[]byte(src)}); len(e.faults) > 0 {
				t.Errorf("%.3v", e.faults)
			}
		})
	}
}

// FuzzNesting feeds rubbish to what looks at a file before CUE does: it must not panic.
func FuzzNesting(f *testing.F) {
	for _, seed := range []string{`a: "\(b)c\("d\(e)")"`, "a: \"\\(x)abc(\n(1)", `a: #"\#(x)("#`, "a: [(])", "a: '''\n\t\\(b)(\n\t'''", `")("\(`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if d, deep := tooDeep("a.cue", []byte(src)); deep && len(src) < maxNesting/2 {
			t.Errorf("%q: %v", src, d)
		}
	})
}
