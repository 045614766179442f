package validate

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// newValidator returns a Validator or ends the test.
func newValidator(t testing.TB, e Engine) *Validator {
	t.Helper()
	v, err := New(e)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// files returns the files of a folder by pattern, and fails when there are none.
func files(t testing.TB, pattern string) []string {
	t.Helper()
	l, err := filepath.Glob(pattern)
	if err != nil || len(l) == 0 {
		t.Fatalf("no files match %s (%v)", pattern, err)
	}
	return l
}

// faults checks every document of a file.
func faults(v *Validator, name string, src []byte) (kinds []schema.Kind, l diag.List) {
	docs, l := node.Parse(name, src)
	for _, d := range docs {
		k, more := v.Document(name, d)
		kinds, l = append(kinds, k), append(l, more...)
	}
	return kinds, l.Sorted()
}

// show writes faults as the golden files hold them.
func show(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%d:%d-%d %s: %s [%s]\n", d.Line, d.Column, d.EndColumn, d.Path, d.Message, d.Rule)
		if d.Hint != "" {
			fmt.Fprintf(&b, "    %s\n", d.Hint)
		}
	}
	return b.String()
}

func TestFaults(t *testing.T) {
	v := newValidator(t, Compiled)
	names := files(t, "testdata/err/*.yaml")
	if outs := files(t, "testdata/err/*.out"); !*update && len(outs) != len(names) {
		t.Errorf("%d files, but %d expectations", len(names), len(outs))
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, l := faults(v, "f.yaml", src)
			if !l.HasErrors() {
				t.Error("no fault was found")
			}
			got, golden := []byte(show(l)), strings.TrimSuffix(name, ".yaml")+".out"
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

func TestValid(t *testing.T) {
	for _, e := range Engines() {
		v := newValidator(t, e)
		for _, name := range files(t, "testdata/ok/*.yaml") {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			kinds, l := faults(v, name, src)
			if len(l) > 0 || len(kinds) == 0 {
				t.Errorf("%s, %s: %v\n%s", e, name, kinds, show(l))
			}
		}
	}
}
