package preview_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestGolden reads every archive of testdata: files below both/, base/ and head/, and the
// answers want.txt, want.md and want.json. Files of both/ are on both sides. The comment
// holds the instructions `as-of: DATE`, `window: FROM TO` and `client: ID`.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wanted := 0
			p := compare(t, a)
			for i := range a.Files {
				f := &a.Files[i]
				if !strings.HasPrefix(f.Name, "want.") {
					continue
				}
				wanted++
				got := answer(t, p, f.Name)
				if !*update {
					if diff := cmp.Diff(string(f.Data), got); diff != "" {
						t.Errorf("%s: -want +got:\n%s", f.Name, diff)
					}
				}
				f.Data = []byte(got)
			}
			if wanted == 0 {
				t.Fatal("no answer is wanted")
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func answer(t *testing.T, p *preview.Preview, name string) string {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch name {
	case "want.txt":
		err = preview.WriteText(&b, p)
	case "want.md":
		err = preview.WriteMarkdown(&b, p, 0)
	case "want.json":
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(p)
	default:
		t.Fatalf("unknown answer %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// compare follows the instructions of an archive.
func compare(t *testing.T, a *txtar.Archive) *preview.Preview {
	t.Helper()
	in := preview.Inputs{}
	in.Base, in.BaseFrozen = side(t, a, "base")
	in.Head, in.HeadFrozen = side(t, a, "head")
	var clients []string
	for line := range strings.Lines(string(a.Comment)) {
		verb, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case verb == "as-of":
			in.AsOf = civil.MustParse(rest)
		case verb == "window":
			from, to, _ := strings.Cut(rest, " ")
			in.Window = due.Window{From: civil.MustParse(from), To: civil.MustParse(to)}
		case verb == "client":
			clients = append(clients, rest)
			in.Client = func(id string) bool { return slices.Contains(clients, id) }
		default:
			t.Fatalf("unknown instruction %q", line)
		}
	}
	p, err := preview.Compare(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// side loads one side of an archive.
func side(t *testing.T, a *txtar.Archive, name string) (*catalog, map[string]string) {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range a.Files {
		for _, top := range []string{"both/", name + "/"} {
			if path, ok := strings.CutPrefix(f.Name, top); ok {
				files[path] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
			}
		}
	}
	r, err := load.Load(context.Background(), files, load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Catalog, plan.Frozen(r.Catalog, r.Faults)
}
