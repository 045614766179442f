package validate

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"cuelang.org/go/cue"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// only returns a Validator of one kind, Client, with one field x of a type.
func only(e Engine, field, more string) (*Validator, error) {
	src := fmt.Sprintf("package schema\n\nimport (\n\t\"strings\"\n\t\"time\"\n\t\"list\"\n)\n\n_a: strings.MinRunes\n_b: time.Format\n_c: list.MinItems\n\n"+
		"#Client: {\n\tkind!: \"Client\"\n\t%s\n}\n%s\n", field, more)
	return prepare(e, []file{{"test.cue", []byte(src)}}, []schema.Kind{schema.KindClient})
}

// refused are constructs that the compiler must not guess at, each with a document that is
// valid and one that is not.
var refused = []struct{ name, field, more, good, bad string }{
	{"comprehension", "x?: string\n\ty?: string\n\tif kind != _|_ {y!: string}", "", "y: a", "x: a"},
	{"let", "let L = string\n\tx?: L", "", "x: a", "x: 1"},
	{"default", `x: *"a" | "b"`, "", "x: b", "x: c"},
	{"inequality", `x?: string & !="a"`, "", "x: b", "x: a"},
	{"open structure", "x?: {a?: string, ...}", "", "x: {b: 1}", "x: {a: 1}"},
	{"top", "x?: _\n\ty?: string", "", "x: [1]", "y: 1"},
	{"two lists", "x?: [...string] | [...int]", "", "x: [1, 2]", "x: [1, a]"},
	{"two structures", "x?: {a!: string} | {b!: string}", "", "x: {b: c}", "x: {a: b, b: c}"},
	{"numbers", "x?: 1 | 2", "", "x: 1", "x: 3"},
	{"named pattern", `x?: [=~"^a"]: string`, "", "x: {ab: c}", "x: {b: c}"},
	{"pattern and field", "x?: {a?: string, [string]: string}", "", "x: {b: c}", "x: {b: 1}"},
	{"list length", "x?: list.MaxItems(1)", "", "x: [a]", "x: [a, b]"},
	{"fixed list", "x?: [string, int]", "", "x: [a, 1]", "x: [a, b]"},
	{"plain field", "x?: {a: string}", "", "x: {a: b}", "x: {a: 1}"},
	{"embedding", "x?: {#B, a?: string}", "#B: {b?: int}", "x: {b: 1}", "x: {b: a}"},
	{"other layout", `x?: time.Format("2006")`, "", `x: "2026"`, "x: a"},
	{"other function", `x?: strings.HasPrefix("a", "b") | string`, "", "x: ab", "x: 1"},
	{"constant truth", "x?: true", "", "x: true", "x: false"},
	{"choice of text and word", `x?: string & ("a" | "b")`, "", "x: a", "x: c"},
	{"null", "x?: null | string", "", "x: null", "x: 1"},
}

func TestRefusedConstructsAreLeftToCUE(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			if _, err := only(Compiled, c.field, c.more); err == nil || !strings.Contains(err.Error(), "is not understood at ") {
				t.Errorf("compiled: %v", err)
			}
			v, err := only(Auto, c.field, c.more)
			if err != nil {
				t.Fatal(err)
			}
			for text, valid := range map[string]bool{c.good: true, c.bad: false} {
				docs, guard := node.Parse("f.yaml", []byte("kind: Client\n"+text+"\n"))
				if len(docs) != 1 || len(guard) > 0 {
					t.Fatalf("%s: %v", text, guard)
				}
				if _, l := v.Document("f.yaml", docs[0]); (len(l) == 0) != valid {
					t.Errorf("%s: %s", text, show(l))
				}
			}
		})
	}
}

func TestRecursiveDefinition(t *testing.T) {
	v, err := only(Compiled, "x?: #Tree", "#Tree: {name!: string, below?: [...#Tree]}")
	if err != nil {
		t.Fatal(err)
	}
	docs, _ := node.Parse("f.yaml", []byte("kind: Client\nx: {name: a, below: [{name: b, below: [{nam: c}]}]}\n"))
	_, l := v.Document("f.yaml", docs[0])
	if len(l) != 1 || l[0].Path != "x.below.0.below.0.nam" {
		t.Errorf("got %s", show(l))
	}
}

func TestNewRefusesAnUnknownEngine(t *testing.T) {
	if _, err := New("fast"); err == nil {
		t.Error("no error")
	}
}

func TestDefinition(t *testing.T) {
	v := newValidator(t, Auto)
	for _, k := range schema.Kinds() {
		if d := v.kinds[k].value; d.LookupPath(cue.MakePath(cue.Str("kind").Required())).Err() != nil {
			t.Errorf("%s has no kind", k)
		}
	}
}

func TestEveryKindCompiles(t *testing.T) {
	v := newValidator(t, Auto)
	for _, k := range schema.Kinds() {
		if v.kinds[k].check == nil {
			t.Errorf("%s is left to CUE", k)
		}
	}
}

func TestEnginesFindTheSameRules(t *testing.T) {
	v := newValidator(t, CUE)
	fast := newValidator(t, Compiled)
	rules := map[string]bool{}
	for _, name := range files(t, "testdata/err/*.yaml") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs, guard := node.Parse("f.yaml", src)
		if len(guard) > 0 {
			continue
		}
		for i, d := range docs {
			_, got := v.Document("f.yaml", d)
			_, want := fast.Document("f.yaml", d)
			if got.HasErrors() != want.HasErrors() {
				t.Errorf("%s, document %d: CUE says\n%s, compiled says\n%s", name, i, show(got), show(want))
			}
			for _, f := range got {
				rules[f.Rule] = true
				if f.Line < 1 || f.Column < 1 {
					t.Errorf("%s: no place: %+v", name, f)
				}
			}
		}
	}
	for _, r := range []string{"unknown-field", "required", "enum", "type", "pattern", "date", "range", "length", "kind"} {
		if !rules["schema/"+r] {
			t.Errorf("the engine cue never reports schema/%s", r)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	for _, e := range []Engine{Compiled, CUE} {
		v := newValidator(t, e)
		src, err := os.ReadFile("testdata/err/client_everything.yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, want := faults(v, "f.yaml", src)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					if _, got := faults(v, "f.yaml", src); show(got) != show(want) {
						t.Errorf("%s: got\n%s", e, show(got))
					}
				}
			})
		}
		wg.Wait()
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(Compiled); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClient checks one parsed document. The ratio of its two halves is what the
// compiler is for.
func BenchmarkClient(b *testing.B) {
	src, err := os.ReadFile("testdata/ok/client.yaml")
	if err != nil {
		b.Fatal(err)
	}
	src, _, _ = bytes.Cut(src, []byte("\n---\n"))
	docs, _ := node.Parse("f.yaml", src)
	b.Run("engine=compiled", func(b *testing.B) {
		v := newValidator(b, Compiled)
		for b.Loop() {
			if _, l := v.Document("f.yaml", docs[0]); len(l) > 0 {
				b.Fatal(l)
			}
		}
	})
	b.Run("engine=cue", func(b *testing.B) {
		v := newValidator(b, Compiled)
		for b.Loop() {
			if err := oracle(v, schema.KindClient, src); err != nil {
				b.Fatal(err)
			}
		}
	})
}
