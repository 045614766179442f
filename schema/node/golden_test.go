package node

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// show writes faults as the golden files hold them.
func show(docs []*Node, l diag.List) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d documents\n", len(docs))
	for _, d := range l {
		fmt.Fprintf(&b, "%d:%d-%d %s: %s [%s]\n    %s\n", d.Line, d.Column, d.EndColumn, d.Path, d.Message, d.Rule, d.Hint)
	}
	return b.String()
}

func TestFaults(t *testing.T) {
	names, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	if outs, _ := filepath.Glob("testdata/err/*.out"); !*update && len(outs) != len(names) {
		t.Errorf("%d files, but %d expectations", len(names), len(outs))
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			docs, faults := Parse("f.yaml", src)
			if !faults.HasErrors() {
				t.Error("no fault was found")
			}
			got, golden := []byte(show(docs, faults)), strings.TrimSuffix(name, ".yaml")+".out"
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got) {
				t.Error(cmp.Diff(string(want), string(got)))
			}
		})
	}
}

// keys returns a mapping of n keys.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

// laughs returns documents whose aliases stand for 9 to the power of n values.
func laughs(n int) string {
	b := "a0: &a0 [1,1,1,1,1,1,1,1,1]\n"
	for i := 1; i < n; i++ {
		b += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	return b
}

func TestFaultsOfLargeAndBinaryFiles(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"empty", "", "1:1 yaml/empty the file is empty"},
		{"only a mark", "\xef\xbb\xbf", "1:1 yaml/empty the file is empty"},
		{"too long", "a: " + strings.Repeat("x", MaxBytes), "0:0 yaml/size the file has 1048579 bytes; at most 1048576 (1 MiB) are read"},
		{"UTF-16 LE", "\xff\xfea\x00:\x00", "1:1 yaml/encoding the file is saved as UTF-16; expected UTF-8"},
		{"UTF-16 BE", "\xfe\xff\x00a\x00:", "1:1 yaml/encoding the file is saved as UTF-16; expected UTF-8"},
		{"UTF-16 without mark", "a\x00:\x00 \x00b\x00", "1:1 yaml/encoding the file is saved as UTF-16; expected UTF-8"},
		{"not UTF-8", "a: 1\nname: Z\xfcrich\xff\n", "2:8 yaml/encoding the byte 0xfc is not valid UTF-8"},
		{"two marks", "\xef\xbb\xbf\xef\xbb\xbfa: 1\n", "1:1 yaml/character a byte order mark (U+FEFF) stands inside the text"},
		{"mark inside", "\xef\xbb\xbfa: ü\ufeff\n", "1:5 yaml/character a byte order mark (U+FEFF) stands inside the text"},
		{"NUL", "a: b\nc: d\x00\n", "2:5 yaml/character the text holds an invisible character: null (U+0000)"},
		{"escape", "a: \x1b[31mred\n", "1:4 yaml/character the text holds an invisible character: escape (U+001B)"},
		{"C1", "a: \u009b\n", "1:4 yaml/character the text holds an invisible character: control character (U+009B)"},
		{"next line", "a: b\u0085c: d\n", "1:5 yaml/character the text holds an invisible character: next line (U+0085)"},
		{"line separator", "a: b\u2028c\n", "1:5 yaml/character the text holds an invisible character: line separator (U+2028)"},
		{"bidi", "a: 1 # \u202ex\nb: \u2066y\u202e\n", "1:8 yaml/character the text holds an invisible character: right-to-left override (U+202E)\n" +
			"2:4 yaml/character the text holds an invisible character: left-to-right isolate (U+2066)"},
		{"bidi in quotes", "a: \"b\u202ec\"\n", "1:6 yaml/character the text holds an invisible character: right-to-left override (U+202E)"},
		{"CR only", "a: 1\rb: 2\r", "1:5 yaml/line-ending the line ends in a carriage return alone"},
		{"many keys", keys(MaxKeys + 1), "1:1 yaml/keys the mapping has 2001 keys; at most 2000 are read"},
		{"many values", "a: [" + strings.Repeat("1,", MaxNodes) + "]", "1:99999 yaml/nodes the file holds more than 50000 values, aliases counted in full"},
		{"deep list", "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "1:67 yaml/depth nested more than 64 levels deep"},
		{"deeper than the library", "a: " + strings.Repeat("[", 20_000), "1:10004 yaml/depth nested more than 64 levels deep"},
		{"billion laughs", laughs(10), "5:30 yaml/nodes the file holds more than 50000 values, aliases counted in full"},
		{"nearly all aliases", laughs(4), "1:1 yaml/alias nearly everything in the file is there through aliases"},
		{"deep alias", "a: &a " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\nb: " + strings.Repeat("[", 30) + "*a" + strings.Repeat("]", 30),
			"2:34 yaml/depth nested more than 64 levels deep through the alias *a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := Parse("f.yaml", []byte(c.src))
			var got []string
			for _, d := range faults {
				got = append(got, fmt.Sprintf("%d:%d %s %s", d.Line, d.Column, d.Rule, d.Message))
				if d.Hint == "" {
					t.Error("no hint")
				}
			}
			if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWithinTheLimits(t *testing.T) {
	for name, src := range map[string]string{
		"keys":           keys(MaxKeys),
		"values":         "a: [" + strings.Repeat("1,", MaxNodes-5) + "]",
		"depth":          "a: " + strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1),
		"aliases":        laughs(2),
		"alias of a key": "&k a: 1\nb: *k\n",
		"CRLF and mark":  "\xef\xbb\xbfa: 1\r\nb: \"x\\ty\"\r\n",
		"plain marks":    "name: \u05d0\u200f\n",
		"tags":           "a: !!str 5\nb: !!int 5\nc: !!map {}\nd: !!timestamp 2026-01-01\ne: ! x\n",
	} {
		docs, faults := Parse("f.yaml", []byte(src))
		if len(docs) != 1 || len(faults) > 0 {
			t.Errorf("%s: %s", name, show(docs, faults))
			continue
		}
		var into map[string]any
		if err := Decode(docs[0], &into); err != nil || len(into) == 0 {
			t.Errorf("%s: decode: %v", name, err)
		}
	}
}

func TestDecodePartOfADocument(t *testing.T) {
	docs, _ := Parse("f.yaml", []byte("a: &a [x, y]\nb: {c: *a}\n"))
	_, b := Lookup(docs[0], "b")
	var into struct{ C []string }
	if err := Decode(b, &into); err != nil || len(into.C) != 2 {
		t.Errorf("got %v, %v", into, err)
	}
	if err := Decode(docs[0], &struct{ A int }{}); err == nil {
		t.Error("a list was decoded into a number")
	}
}

// FuzzParse proves that nothing panics, that places lie in the text, that one run says
// what the next one says, and that what comes without faults can be decoded.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds (%v)", err)
	}
	for _, n := range names {
		src, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("\xef\xbb\xbfa: ü 😀\r\nb: &x 'it''s'\r\nc: *x\r\n"))
	f.Add([]byte("a: \"\\u202e\"\n--- \nb: |\n  x\n\n# end\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		docs, faults := Parse("f.yaml", src)
		if again, more := Parse("f.yaml", src); len(again) != len(docs) || !cmp.Equal(faults, more) {
			t.Fatal("two runs differ")
		}
		lines := strings.Split(strings.TrimPrefix(string(src), string(bom)), "\n")
		for _, d := range faults {
			if d.Rule != "yaml/size" {
				inside(t, lines, d.Line, d.Column, d.EndColumn)
			}
		}
		for _, d := range docs {
			walk(t, lines, d)
			var into any
			if err := Decode(d, &into); err != nil && len(faults) == 0 && !strings.Contains(err.Error(), "timestamp") {
				t.Errorf("no faults, but: %v", err)
			}
		}
	})
}

func walk(t *testing.T, lines []string, n *Node) {
	l, c, e := Span(n)
	inside(t, lines, l, c, e)
	for _, child := range n.Content {
		walk(t, lines, child)
	}
}

func inside(t *testing.T, lines []string, line, column, end int) {
	t.Helper()
	if line < 1 || line > len(lines) {
		t.Fatalf("line %d of %d", line, len(lines))
	}
	if n := utf8.RuneCountInString(lines[line-1]) + 1; column < 1 || column > n || end > n || end > 0 && end < column {
		t.Fatalf("%d:%d-%d is outside a line of %d", line, column, end, n-1)
	}
}

func BenchmarkParse(b *testing.B) {
	src := []byte(strings.Repeat("  - {id: audit, type: audit, title: IT audit, due: 2 months before}\n", 20))
	src = append([]byte("kind: ProcessTemplate\nsteps:\n"), src...)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, faults := Parse("f.yaml", src); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
