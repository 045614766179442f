package load

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// fill puts something into every field of a value, so that no field of the types is
// forgotten.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d ü", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n%5 - 7))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n%4 + 1))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 3)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 3 {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, n)
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint(i)), e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	}
}

func batchCodec(t testing.TB) *codec {
	t.Helper()
	c, err := compile(reflect.TypeFor[batch](), map[reflect.Type]*codec{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCodecKeepsEveryField(t *testing.T) {
	c := batchCodec(t)
	var full, empty, got batch
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	nothing := batch{Clients: []*schema.Client{{Processes: []schema.Assignment{}, Team: map[string]string{}}, {}, nil}}
	for _, want := range []batch{full, empty, nothing} {
		b := c.put(nil, reflect.ValueOf(&want).Elem())
		d := decoder{rest: string(b)}
		got = batch{}
		c.get(&d, reflect.ValueOf(&got).Elem())
		if diff := cmp.Diff(want, got); diff != "" || d.bad || d.rest != "" {
			t.Errorf("bad %v, rest %q (-want +got):\n%s", d.bad, d.rest, diff)
		}
		if again := c.put(nil, reflect.ValueOf(&want).Elem()); string(again) != string(b) {
			t.Error("two encodings of one value differ")
		}
	}
	if a, err := json.Marshal(full); err != nil || len(a) < 5000 {
		t.Errorf("the full value is not full: %d bytes, %v", len(a), err)
	}
}

func TestCodecRefusesTypes(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[struct{ hidden int }](), reflect.TypeFor[any](), reflect.TypeFor[map[int]string](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[[]func()](),
	} {
		if c, err := compile(typ, map[reflect.Type]*codec{}); err == nil {
			t.Errorf("%s: %v", typ, c)
		}
	}
}

// FuzzDecoder feeds rubbish to the codec: it must neither panic nor take memory without end.
func FuzzDecoder(f *testing.F) {
	c := batchCodec(f)
	var full batch
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	f.Add(string(c.put(nil, reflect.ValueOf(&full).Elem())))
	f.Add("\x04\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
	f.Add("\x1f\x01\x01\xff\xff\x03")
	f.Fuzz(func(t *testing.T, s string) {
		d := decoder{rest: s}
		var b batch
		c.get(&d, reflect.ValueOf(&b).Elem())
		if d.bad && d.rest != "" {
			t.Errorf("goes on after %q", d.rest)
		}
	})
}

func TestCUETimeLimit(t *testing.T) {
	l := &loader{cueTime: time.Nanosecond}
	src := "import \"list\"\n\nx: [for i in list.Range(0, 100000, 1) {kind: \"Client\", id: \"c\\(i)\"}]\n"
	e := l.evaluate(t.Context(), []file{{"a.cue", "a.cue"}}, [][]byte{[]byte(src)})
	if len(e.faults) != 1 || !strings.Contains(e.faults[0].Message, "takes longer than 1ns") || len(e.broken) != 1 {
		t.Errorf("%v, %v", e.faults, e.broken)
	}
}

func TestCUEDocumentLimit(t *testing.T) {
	src := fmt.Sprintf("import \"list\"\n\nx: [for i in list.Range(0, %d, 1) {kind: \"x\"}]\n", cueDocuments+1)
	e := evaluate([]file{{"a.cue", "a.cue"}}, [][]byte{[]byte(src)})
	if len(e.faults) != 1 || !strings.Contains(e.faults[0].Message, "more than 10000 documents") || len(e.docs) != cueDocuments {
		t.Errorf("%v, %d documents", e.faults, len(e.docs))
	}
}

func TestIgnore(t *testing.T) {
	ig, faults := parseIgnore([]byte(strings.Join([]string{
		"# a comment", "", "*.tmp.yaml", "/top.yaml", "a/b", "deep/**/x.yaml", "folder/", "**/logs", "all/**",
		"keep*.yaml", "!keep-me.yaml", "trailing.yaml   ", "[ab].yml", "back\\*slash",
	}, "\r\n")))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	tests := []struct {
		name   string
		folder bool
		want   bool
	}{
		{"x.tmp.yaml", false, true}, {"q/w/x.tmp.yaml", false, true}, {"x.yaml", false, false},
		{"top.yaml", false, true}, {"q/top.yaml", false, false},
		{"a/b", true, true}, {"a/b", false, true}, {"q/a/b", false, false},
		{"deep/x.yaml", false, true}, {"deep/1/2/x.yaml", false, true}, {"deep/1/2/y.yaml", false, false},
		{"folder", true, true}, {"q/folder", true, true}, {"folder", false, false},
		{"logs", true, true}, {"q/w/logs", false, true},
		{"all", true, false}, {"all/x", false, true}, {"all/x/y", false, true},
		{"keep-you.yaml", false, true}, {"keep-me.yaml", false, false}, {"q/keep-me.yaml", false, false},
		{"trailing.yaml", false, true}, {"a.yml", false, true}, {"c.yml", false, false}, {"back*slash", false, true},
	}
	for _, tt := range tests {
		if got := ig.match(tt.name, tt.folder); got != tt.want {
			t.Errorf("match(%q, folder %v) = %v", tt.name, tt.folder, got)
		}
	}
	for _, bad := range []string{"[", "a//b", "/", "!", "x[a-/y"} {
		if ig, faults := parseIgnore([]byte("ok\n" + bad)); len(faults) != 1 || faults[0].Line != 2 || len(ig.patterns) != 1 {
			t.Errorf("%q: %v", bad, faults)
		}
	}
}

func TestGlimpse(t *testing.T) {
	src := "# x\nkind: \"Client\"\nid: acme # the id\n  id: nested\nroles:\n - id: other\nkind: Person\n--- \nid: alone\n---\nkind: Clinet\n---\nid: No Id\n"
	want := []schema.Broken{
		{Source: schema.Source{File: "f"}, Kind: schema.KindClient, ID: "acme"},
		{Source: schema.Source{File: "f", Document: 1}, ID: "alone"},
	}
	if d := cmp.Diff(want, glimpse("f", []byte(src))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]schema.Broken{{Source: schema.Source{File: "f"}}}, glimpse("f", nil)); d != "" {
		t.Error(d)
	}
}

// matchEverywhere is matchNames by trying every place.
func matchEverywhere(patterns, names []string) bool {
	switch {
	case len(patterns) == 0:
		return len(names) == 0
	case len(patterns) == 1 && patterns[0] == "**":
		return len(names) > 0
	case patterns[0] == "**":
		return matchEverywhere(patterns[1:], names) || len(names) > 0 && matchEverywhere(patterns, names[1:])
	}
	return len(names) > 0 && matchName(patterns[0], names[0]) && matchEverywhere(patterns[1:], names[1:])
}

func TestIgnoreFoldersOfAnyDepth(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		patterns := rapid.SliceOfN(rapid.SampledFrom([]string{"**", "**", "a", "b", "?", "a*"}), 1, 7).Draw(t, "patterns")
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab"}), 1, 7).Draw(t, "names")
		if got, want := matchNames(patterns, names), matchEverywhere(patterns, names); got != want {
			t.Fatalf("%v matches %v: %v, expected %v", patterns, names, got, want)
		}
	})
	deep := strings.TrimSuffix(strings.Repeat("a/", 200), "/")
	ig, _ := parseIgnore([]byte(strings.Repeat("**/a/", 20) + "b\n")) // for ever, were every place tried
	if ig.match(deep, true) || !ig.match(deep+"/b", false) {
		t.Error("wrong about deep folders")
	}
}
