package edit

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/node"
)

func TestEdits(t *testing.T) {
	away := Map{{"from", civil.MustParse("2026-05-01")}, {"reason", "contract lapsed, for now"}}
	set := func(path string, v any) func(*File) (*File, error) {
		return func(f *File) (*File, error) { return f.Set(0, path, v) }
	}
	add := func(path string, v any) func(*File) (*File, error) {
		return func(f *File) (*File, error) { return f.Append(0, path, v) }
	}
	cut := func(path string) func(*File) (*File, error) {
		return func(f *File) (*File, error) { return f.Remove(0, path) }
	}
	for name, tt := range map[string]struct {
		before string
		edit   func(*File) (*File, error)
		after  string
	}{
		"plain value":         {"a: x # why\n\nb: y\n", set("a", "z"), "a: z # why\n\nb: y\n"},
		"quotes fall away":    {"a: 'it''s' # c\n", set("a", "z"), "a: z # c\n"},
		"needs quotes":        {"a: x\n", set("a", "yes: no"), "a: \"yes: no\"\n"},
		"looks like a number": {"a: x\n", set("a", "12"), "a: \"12\"\n"},
		"date stays plain":    {"a: tbd\n", set("a", "2026-06-01"), "a: 2026-06-01\n"},
		"spaces are kept":     {"a: x\n", set("a", "two  spaces"), "a: two  spaces\n"},
		"inside brackets":     {"t: {a: x, b: y} # c\n", set("t.b", "p, q"), "t: {a: x, b: \"p, q\"} # c\n"},
		"empty value":         {"a:\nb: y\n", set("a", "x"), "a: x\nb: y\n"},
		"emoji before":        {"t: {\"😀\": x, b: y}\n", set("t.b", "z"), "t: {\"😀\": x, b: z}\n"},
		"mark and CRLF":       {"\ufeffa: x\r\nb: y\r\n", set("c", "z"), "\ufeffa: x\r\nb: y\r\nc: z\r\n"},
		"no final newline":    {"a: x", set("b", "z"), "a: x\nb: z"},
		"new key":             {"a: x\n\n# about b\nb:\n  c: 1\n", set("b.d", true), "a: x\n\n# about b\nb:\n  c: 1\n  d: true\n"},
		"new key in brackets": {"t: {a: x}\n", set("t.b", "z"), "t: {a: x, b: z}\n"},
		"empty brackets":      {"t: {}\n", set("t.b", "z"), "t: {b: z}\n"},
		"keys above":          {"a: x\n", set("t.u", "z"), "a: x\nt: {u: z}\n"},
		"before a comment":    {"t:\n  a: x\n\n# about b\nb: y\n", set("t.c", "z"), "t:\n  a: x\n  c: z\n\n# about b\nb: y\n"},
		"block scalar last":   {"t:\n  a: |\n    one\n    two\nb: y\n", set("t.c", "z"), "t:\n  a: |\n    one\n    two\n  c: z\nb: y\n"},
		"other document":      {"a: x\n---\na: y\n", set("b", "z"), "a: x\nb: z\n---\na: y\n"},
		"element":             {"l:\n  - {from: 2024-01-01, reason: x}\n# end\n", add("l", away), "l:\n  - {from: 2024-01-01, reason: x}\n  - {from: 2026-05-01, reason: \"contract lapsed, for now\"}\n# end\n"},
		"element as a block":  {"l:\n- from: 2024-01-01\n  reason: x\n", add("l", away), "l:\n- from: 2024-01-01\n  reason: x\n- from: 2026-05-01\n  reason: \"contract lapsed, for now\"\n"},
		"element in brackets": {"l: [a, b]\n", add("l", "c"), "l: [a, b, c]\n"},
		"trailing comma":      {"l: [\n  a,\n  b,\n]\n", add("l", "c"), "l: [\n  a,\n  b, c\n]\n"},
		"first element":       {"a: x\n", add("l", away), "a: x\nl:\n  - {from: 2026-05-01, reason: \"contract lapsed, for now\"}\n"},
		"cut a block":         {"a: x\n# about b\nb:\n  c: 1\n  # inside\n\n# about d\nd: y\n", cut("b"), "a: x\n# about b\n\n# about d\nd: y\n"},
		"cut in brackets":     {"t: {a: x, b: y, c: z}\n", cut("t.b"), "t: {a: x, c: z}\n"},
		"cut the last":        {"t: {a: x, b: [y]}\n", cut("t.b"), "t: {a: x}\n"},
		"cut the first":       {"l:\n  - a: x\n    b: y\n", cut("l.0.a"), "l:\n  - b: y\n"},
		"cut what is not":     {"a: x\n", cut("b"), "a: x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(tt.before))
			if err != nil {
				t.Fatal(err)
			}
			g, err := tt.edit(f)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.after, string(g.Bytes())); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		src  string
		edit func(*File) (*File, error)
		want string
	}{
		"block scalar":        {"a: |\n  x\n", func(f *File) (*File, error) { return f.Set(0, "a", "z") }, "f.yaml:1:4: the value is a block of several lines: edit this line by hand"},
		"several lines":       {"a: x\n  y\n", func(f *File) (*File, error) { return f.Set(0, "a", "z") }, "f.yaml:1:4: the value runs over several lines: edit this line by hand"},
		"anchor":              {"a: &n x\nb: *n\n", func(f *File) (*File, error) { return f.Set(0, "a", "z") }, "f.yaml:1:4: other places refer to this value by its anchor: edit this line by hand"},
		"alias":               {"a: &n x\nb: *n\n", func(f *File) (*File, error) { return f.Set(0, "b", "z") }, "f.yaml:2:4: the value is an alias of another one: edit this line by hand"},
		"not a list":          {"a: x\n", func(f *File) (*File, error) { return f.Append(0, "a", "z") }, "f.yaml:1:4: this is not a list: edit this line by hand"},
		"only key":            {"t:\n  a: x\n", func(f *File) (*File, error) { return f.Remove(0, "t.a") }, "f.yaml:2:3: this is the only key of its mapping: edit this line by hand"},
		"comment in brackets": {"l: [a, # one\n  b]\n", func(f *File) (*File, error) { return f.Append(0, "l", "z") }, "f.yaml:1:4: there are comments between the brackets: edit this line by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			g, err := tt.edit(f)
			var r *Refusal
			if !errors.As(err, &r) || err.Error() != tt.want {
				t.Errorf("got %v, error %v\nwant %s", g, err, tt.want)
			}
		})
	}
}

func TestInvalid(t *testing.T) {
	_, err := Parse("f.yaml", []byte("a: 1\na: 2\n"))
	var invalid *Invalid
	if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), "f.yaml:2:1: ") {
		t.Errorf("error %v", err)
	}
}

// leaves maps the path of every scalar to its value: an account of a file that is made
// apart from the proof of the package.
func leaves(n *node.Node, path string, into map[string]string) map[string]string {
	switch n = node.Resolve(n); n.Kind {
	case node.Mapping:
		for i := 0; i+1 < len(n.Content); i += 2 {
			leaves(n.Content[i+1], path+"/"+strconv.Quote(n.Content[i].Value), into)
		}
	case node.Sequence:
		for i, c := range n.Content {
			leaves(c, path+"/"+strconv.Itoa(i), into)
		}
	default:
		into[path] = n.ShortTag() + " " + n.Value
	}
	return into
}

// FuzzSet gives every top-level value a new one: either the edit is refused, or that value
// changed and no other.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		"a: x\nb: [1, 2]\n", "a: 'it''s'\nb: {c: d}\n", "a: |\n  x\nb: >-\n  y\n", "\ufeffa: x\r\nb:\r\n", "a: \"\\u00e4\" # c\nb: &n y\nc: *n\n",
		"a: x\n---\na: y\n", "a:\n  - b: 1\n    c: 2\n  # d\n# e\nf: g", "? a\n: x\n", "a: x\n  y\nb: z\n",
	} {
		f.Add(seed, "z")
		f.Add(seed, "2026-06-01")
		f.Add(seed, "p, q: [r] # s\nt")
	}
	f.Fuzz(func(t *testing.T, src, value string) {
		file, err := Parse("f.yaml", []byte(src))
		if err != nil {
			return
		}
		for doc, d := range file.docs {
			for i := 0; i+1 < len(d.Content); i += 2 {
				key := d.Content[i].Value
				if _, v := node.Lookup(d, key); v != d.Content[i+1] {
					continue // the key reads as a path
				}
				g, err := file.Set(doc, key, value)
				if err != nil {
					continue
				}
				before, after := leaves(d, "", map[string]string{}), leaves(g.docs[doc], "", map[string]string{})
				path := "/" + strconv.Quote(key)
				maps.DeleteFunc(before, func(k, _ string) bool { return k == path || strings.HasPrefix(k, path+"/") })
				got := after[path]
				delete(after, path)
				if _, v, _ := strings.Cut(got, " "); v != value {
					t.Errorf("%s of %q became %q, not %q", key, src, got, value)
				}
				if d := cmp.Diff(before, after); d != "" {
					t.Errorf("setting %s of %q to %q changed something else: %s", key, src, value, d)
				}
			}
		}
	})
}
