package lint_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestFixtures runs every rule over small repositories: `bad*` ones trip it, with the
// faults that `want` lists, and `good*` ones trip nothing at all.
func TestFixtures(t *testing.T) {
	base := read(t, "testdata/base.txtar")
	if l := check(t, base, base); len(l) > 0 {
		t.Fatalf("the base is not clean:\n%s", format(l))
	}
	for _, r := range lint.Rules() {
		name := strings.TrimPrefix(r.ID, "lint/")
		for _, kind := range []string{"bad", "good"} {
			files, _ := filepath.Glob(filepath.Join("testdata", name, kind+"*.txtar"))
			if len(files) == 0 {
				t.Errorf("%s has no testdata/%s/%s*.txtar", r.ID, name, kind)
			}
			for _, file := range files {
				t.Run(name+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
					l := fixture(t, base, file)
					if kind == "bad" && !trips(l, r.ID) {
						t.Errorf("does not trip %s", r.ID)
					}
					if kind == "good" && len(l) > 0 {
						t.Errorf("is not clean")
					}
				})
			}
		}
	}
}

// TestFixturesHaveRules fails on a folder that belongs to no rule.
func TestFixturesHaveRules(t *testing.T) {
	known := map[string]bool{}
	for _, r := range lint.Rules() {
		known["lint/"+strings.TrimPrefix(r.ID, "lint/")] = true
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !known["lint/"+e.Name()] {
			t.Errorf("testdata/%s belongs to no rule", e.Name())
		}
	}
}

// fixtureFiles returns the paths of all fixtures.
func fixtureFiles(t testing.TB) []string {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	if len(files) == 0 {
		t.Fatal("no fixtures")
	}
	return files
}

func trips(l diag.List, id string) bool {
	for _, d := range l {
		if d.Rule == id {
			return true
		}
	}
	return false
}

// fixture checks a repository against its `want` and returns its faults.
func fixture(t *testing.T, base *txtar.Archive, file string) diag.List {
	a := read(t, file)
	l := check(t, base, a)
	got := format(l)
	want := &a.Files[len(a.Files)-1]
	if want.Name != "want" {
		t.Fatalf("the last file is %q, not want", want.Name)
	}
	if *update {
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(want.Data), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	return l
}

func read(t testing.TB, file string) *txtar.Archive {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return txtar.Parse(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}

// check loads and lints the base with the files of an archive in place of its own.
func check(t *testing.T, base, over *txtar.Archive) diag.List {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, a := range []*txtar.Archive{base, over} {
		for _, f := range a.Files {
			if f.Name != "want" {
				put(t, fsys, f)
			}
		}
	}
	r, err := load.Load(context.Background(), fsys, load.Options{Check: lint.CheckFile})
	if err != nil {
		t.Fatal(err)
	}
	found := lint.Run(r.Catalog, lint.Options{
		Today: today(t, over), Files: fsys, Locate: r.Locate, LocateKey: r.LocateKey, KnownZone: knownZone,
	})
	var l diag.List
	for _, d := range append(r.Faults, found...) {
		if !strings.HasPrefix(d.Rule, "schema/") {
			l = append(l, d)
		}
	}
	return l.Sorted()
}

// put adds a file. A name may end in what its content stands for: `@link` a symbolic link
// to a path, `@hex` bytes, `@size` a PNG of so many bytes.
func put(t *testing.T, fsys fstest.MapFS, f txtar.File) {
	t.Helper()
	name, form, _ := strings.Cut(f.Name, "@")
	text := strings.TrimSpace(string(f.Data))
	switch form {
	case "":
		fsys[name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	case "link":
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: fs.ModeSymlink | 0o777}
	case "hex":
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: b, Mode: 0o644}
	case "size":
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, n)
		copy(b, "\x89PNG\r\n\x1a\n")
		fsys[name] = &fstest.MapFile{Data: b, Mode: 0o644}
	default:
		t.Fatalf("%s: unknown form %q", f.Name, form)
	}
}

// today is the day that a fixture's comment names.
func today(t *testing.T, a *txtar.Archive) civil.Date {
	t.Helper()
	for line := range strings.Lines(string(a.Comment)) {
		if day, ok := strings.CutPrefix(line, "today: "); ok {
			d, err := civil.Parse(strings.TrimSpace(day))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	return civil.MustParse("2026-05-01")
}

func knownZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil
}

func format(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s:%d:%d-%d: %s %s at %q: %s\n", d.File, d.Line, d.Column, d.EndColumn, d.Severity, d.Rule, d.Path, d.Message)
		if d.Hint != "" {
			fmt.Fprintf(&b, "  %s\n", d.Hint)
		}
	}
	return b.String()
}
