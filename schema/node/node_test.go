package node

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseReadsEveryDocument(t *testing.T) {
	docs, faults := Parse("a.yaml", []byte("\xef\xbb\xbfkind: A\r\n---\r\n# nothing\r\n---\r\nkind: B\r\nid: b\r\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if len(docs) != 2 || docs[1].Line != 5 {
		t.Fatalf("got %d documents", len(docs))
	}
	var into struct{ Kind, ID string }
	if err := Decode(docs[1], &into); err != nil || into.ID != "b" {
		t.Errorf("got %+v, %v", into, err)
	}
}

func TestDecodeRefusesWhatTheGuardRefuses(t *testing.T) {
	docs, faults := Parse("a.yaml", []byte("1: x\n<<: {[x]: 1}"))
	if len(docs) != 1 || !faults.HasErrors() {
		t.Fatalf("got %d documents, %v", len(docs), faults)
	}
	var into any
	if err := Decode(docs[0], &into); err == nil {
		t.Errorf("decoded %v", into)
	}
}

func TestEncodeIndentsByTwo(t *testing.T) {
	got, err := Encode(map[string]any{"kind": "Client", "team": map[string]string{"vcio": "dana"}, "closed": []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "closed:\n  - a\nkind: Client\nteam:\n  vcio: dana\n"
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
}

func TestLookup(t *testing.T) {
	docs, _ := Parse("a.yaml", []byte("steps:\n  - id: a\n  - id: b\n    owner: vcio\nx.y: {z: 1}\nsame: &s {k: v}\nagain: *s\n"))
	for _, c := range []struct{ path, key, value string }{
		{"steps.1.owner", "owner", "vcio"},
		{"steps.1", "", "?"},
		{"x.y.z", "z", "1"},
		{"again.k", "k", "v"},
		{"steps.2", "", ""},
		{"steps.x", "", ""},
		{"nothing", "", ""},
	} {
		k, v := Lookup(docs[0], c.path)
		var key, value string
		if k != nil {
			key = k.Value
		}
		if v != nil {
			value = v.Value
			if v.Kind != Scalar {
				value = "?"
			}
		}
		if key != c.key || value != c.value {
			t.Errorf("%s: got %q %q, want %q %q", c.path, key, value, c.key, c.value)
		}
	}
}

func TestSpan(t *testing.T) {
	src := "plain: Zürich 😀 x\nsingle: 'it''s'\nescaped: \"a\\tb\"\ndouble: \"ab\"\nlong: a\n  b\nblock: |\n  a\nlist: [1, ü, *a]\n"
	docs, faults := Parse("a.yaml", []byte(strings.Replace(src, "*a", "3", 1)))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for path, want := range map[string][3]int{
		"plain": {1, 8, 18}, "single": {2, 9, 16}, "escaped": {3, 10, 0}, "double": {4, 9, 13},
		"long": {5, 7, 0}, "block": {7, 8, 0}, "list": {9, 7, 0}, "list.1": {9, 11, 12}, "list.2": {9, 14, 15},
	} {
		_, v := Lookup(docs[0], path)
		l, c, e := Span(v)
		if got := [3]int{l, c, e}; got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

// TestParseStopsAtASecondMark holds that nothing is said of a text whose first bytes the
// library counts wrongly.
func TestParseStopsAtASecondMark(t *testing.T) {
	docs, faults := Parse("a.yaml", []byte("\xef\xbb\xbf\xef\xbb\xbfkind: Client\nid: x\n"))
	if len(docs) > 0 || len(faults) != 1 {
		t.Errorf("%d documents, %v", len(docs), faults)
	}
}
