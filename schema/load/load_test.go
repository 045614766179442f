package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func mustLoad(t testing.TB, fsys fs.FS, o load.Options) *load.Result {
	t.Helper()
	r, err := load.Load(t.Context(), fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// archive reads a repository out of a txtar file.
func archive(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return files
}

// archives lists the repositories of the fixtures, of which there are some.
func archives(t testing.TB) []string {
	t.Helper()
	l, err := filepath.Glob("testdata/repos/*.txtar")
	if err != nil || len(l) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	return l
}

func TestRepositories(t *testing.T) {
	outs, err := filepath.Glob("testdata/repos/*.out")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			out := strings.TrimSuffix(name, ".txtar") + ".out"
			outs = slices.DeleteFunc(outs, func(s string) bool { return s == out })
			got := summary(mustLoad(t, archive(t, name), load.Options{}))
			if *update {
				if err := os.WriteFile(out, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if len(outs) > 0 {
		t.Errorf("golden files without a fixture: %v", outs)
	}
}

// summary shows a result: every document with the positions within, and every fault.
func summary(r *load.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d files, %d documents\n", r.Files, r.Documents)
	for _, d := range r.Catalog.Documents() {
		h := d.Head()
		fmt.Fprintf(&b, "%s %s %s#%d:%s\n", h.Kind, h.ID, h.Source.File, h.Source.Document, at(h.Source.Pos))
		switch d := d.(type) {
		case *schema.Client:
			for i := range d.Processes {
				assignment(&b, &d.Processes[i])
			}
		case *schema.OnboardingPlan:
			for _, m := range d.Milestones {
				fmt.Fprintf(&b, "  milestone %s %s\n", m.ID, at(m.Pos))
			}
		}
		if t, ok := d.(schema.Template); ok {
			t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
				fmt.Fprintf(&b, "  step %s %s\n", s.ID, at(s.Pos))
				return true
			})
		}
	}
	for _, x := range r.Catalog.Broken {
		fmt.Fprintf(&b, "broken %s#%d:%s kind=%s id=%s\n", x.Source.File, x.Source.Document, at(x.Source.Pos), x.Kind, x.ID)
	}
	b.WriteString(faults(r.Faults))
	return b.String()
}

func assignment(b *strings.Builder, a *schema.Assignment) {
	fmt.Fprintf(b, "  assignment %s %s\n", a.Template, at(a.Pos))
	for _, id := range slices.Sorted(maps.Keys(a.Overrides)) {
		fmt.Fprintf(b, "    override %s %s\n", id, at(a.Overrides[id].Pos))
	}
	for _, s := range a.ExtraSteps {
		fmt.Fprintf(b, "    extra step %s %s\n", s.ID, at(s.Pos))
	}
	for _, e := range a.Exceptions {
		fmt.Fprintf(b, "    exception %s %s\n", e.Step, at(e.Pos))
	}
}

func faults(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s:%d:%d-%d %s %s [%s]\n", d.File, d.Line, d.Column, d.EndColumn, d.Severity, d.Rule, d.Path)
		// What other packages say is for their own tests.
		if strings.HasPrefix(d.Rule, "load/") {
			fmt.Fprintf(&b, "  %s\n", d.Message)
		}
		if strings.HasPrefix(d.Rule, "load/") && d.Hint != "" {
			fmt.Fprintf(&b, "    %s\n", d.Hint)
		}
		if strings.HasSuffix(d.Hint, ".almanacignore") && d.Rule == "schema/kind" {
			b.WriteString("    ...; if the file is no document of Almanac, list it in .almanacignore\n")
		}
	}
	return b.String()
}

func at(p schema.Pos) string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// everything is a result as bytes, but for the counts.
func everything(r *load.Result) string {
	b, err := json.MarshalIndent([]any{r.Catalog.Documents(), r.Catalog.Broken, r.Faults}, "", " ")
	return fmt.Sprint(string(b), err)
}

// shuffled lists folders in some order of its own.
type shuffled struct {
	fstest.MapFS
	draw func(l []fs.DirEntry) []fs.DirEntry
}

func (s shuffled) ReadDir(name string) ([]fs.DirEntry, error) {
	l, err := s.MapFS.ReadDir(name)
	return s.draw(l), err
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range archives(t) {
		yaml := archive(t, name)
		maps.DeleteFunc(yaml, func(name string, _ *fstest.MapFile) bool { return strings.HasSuffix(name, ".cue") })
		for path, f := range yaml {
			files[filepath.Base(name)+"/"+path] = f
		}
	}
	same := func(t interface{ Fatalf(string, ...any) }, files fstest.MapFS, want string, workers int, draw func([]fs.DirEntry) []fs.DirEntry) {
		r, err := load.Load(context.Background(), shuffled{files, draw}, load.Options{Workers: workers})
		if err != nil {
			t.Fatalf("%v", err)
		}
		if d := cmp.Diff(want, everything(r)); d != "" {
			t.Fatalf("(-sorted +shuffled):\n%s", d)
		}
	}
	want := everything(mustLoad(t, files, load.Options{Workers: 1}))
	proptest.Check(t, func(rt *rapid.T) {
		same(rt, files, want, rapid.IntRange(1, 4).Draw(rt, "workers"), func(l []fs.DirEntry) []fs.DirEntry {
			return rapid.Permutation(l).Draw(rt, "entries")
		})
	})
	for _, name := range archives(t) { // CUE takes its time
		files := archive(t, name)
		want := everything(mustLoad(t, files, load.Options{Workers: 1}))
		same(t, files, want, 3, func(l []fs.DirEntry) []fs.DirEntry { slices.Reverse(l); return l })
	}
}

func TestGeneratedRepositoriesAreValid(t *testing.T) {
	r := mustLoad(t, loadtest.Generate(100), load.Options{})
	if len(r.Faults) > 0 {
		t.Fatal(faults(r.Faults))
	}
	if n := len(r.Catalog.Clients); n != 100 || r.Documents != 124 || r.Files != 124 || r.Parsed != 124 {
		t.Errorf("%d clients, %d documents, %d files, %d parsed", n, r.Documents, r.Files, r.Parsed)
	}
	size := 0
	for i := range 100 {
		size += len(loadtest.Generate(100)[loadtest.ClientFile(i)].Data)
	}
	if size /= 100; size < 1500 || size > 1800 {
		t.Errorf("a client has %d bytes, not about 1.6 KB", size)
	}
}

// failing cannot read some files and folders.
type failing struct {
	fstest.MapFS
	names map[string]error
}

func (f failing) Open(name string) (fs.File, error) {
	if err := f.names[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f.MapFS.Open(name)
}

func (f failing) ReadFile(name string) ([]byte, error) {
	if err := f.names[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f.MapFS.ReadFile(name)
}

func (f failing) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := f.names[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f.MapFS.ReadDir(name)
}

func TestUnreadableIsNeverAbsent(t *testing.T) {
	files := loadtest.Generate(3)
	files["clients/more.cue"] = &fstest.MapFile{Data: []byte("package more\n")}
	files["clients/other.cue"] = &fstest.MapFile{Data: []byte("package more\n")}
	files[".almanacignore"] = &fstest.MapFile{Data: []byte("drafts/\n")}
	for _, name := range []string{"clients", "people/dana.yaml", "clients/more.cue", ".almanacignore"} {
		r := mustLoad(t, failing{files, map[string]error{name: fs.ErrPermission}}, load.Options{})
		unreadable := func(d diag.Diagnostic) bool {
			return d.File == name && d.Rule == "load/unreadable" && d.Severity == diag.Error && strings.Contains(d.Message, "permission denied")
		}
		if !slices.ContainsFunc(r.Faults, unreadable) {
			t.Errorf("%s: no fault that says so:\n%s", name, faults(r.Faults))
		}
		if !slices.ContainsFunc(r.Catalog.Broken, func(b schema.Broken) bool { return b.Source.File == name }) {
			t.Errorf("%s: not among the broken: %v", name, r.Catalog.Broken)
		}
	}
	if r, err := load.Load(t.Context(), failing{files, map[string]error{".": fs.ErrPermission}}, load.Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("an unreadable root: %v, %v", r, err)
	}
	if r, err := load.Load(t.Context(), os.DirFS(filepath.Join(t.TempDir(), "nothing")), load.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing root: %v, %v", r, err)
	}
}

func TestBytesThatAreNoText(t *testing.T) {
	tests := map[string][]byte{
		"bom.yaml":     []byte("\ufeffkind: Client\nid: bom\nname: B\n"),
		"utf16.yaml":   {0xff, 0xfe, 'k', 0, 'i', 0, 'n', 0, 'd', 0, ':', 0},
		"latin1.yaml":  []byte("kind: Client\nid: latin\nname: M\xfcller\n"),
		"nul.yaml":     []byte("kind: Client\nid: nul\nname: a\x00b\n"),
		"large.yaml":   append([]byte("kind: Client\nid: large\nname: "), bytes.Repeat([]byte("x"), 1<<20)...),
		"large.cue":    append([]byte("kind: \"Client\"\n// "), bytes.Repeat([]byte("x"), 1<<20)...),
		"latin1.cue":   []byte("kind: \"Client\"\nname: \"M\xfcller\"\n"),
		"windows.yaml": []byte("kind: Client\r\nid: windows\r\nname: W\r\n"),
	}
	files := loadtest.Generate(0)
	for name, src := range tests {
		files[name] = &fstest.MapFile{Data: src, Mode: 0o644}
	}
	r := mustLoad(t, files, load.Options{})
	valid := map[string]bool{"bom.yaml": true, "windows.yaml": true}
	for name := range tests {
		faulty := slices.ContainsFunc(r.Faults, func(d diag.Diagnostic) bool { return d.File == name })
		broken := slices.ContainsFunc(r.Catalog.Broken, func(b schema.Broken) bool { return b.Source.File == name })
		if faulty == valid[name] || broken == valid[name] {
			t.Errorf("%s: faulty %v, broken %v:\n%s", name, faulty, broken, faults(r.Faults))
		}
	}
	if r.Catalog.Client("bom") == nil || r.Catalog.Client("windows") == nil {
		t.Error("valid clients are missing")
	}
}

func TestCheckSeesEveryFile(t *testing.T) {
	check := func(file string, src []byte) diag.List {
		i := bytes.Index(src, []byte("secret"))
		if i < 0 {
			return nil
		}
		return diag.List{{File: file, Line: 1 + bytes.Count(src[:i], []byte("\n")), Column: 1, Rule: "lint/secret", Message: "a secret"}}
	}
	files := loadtest.Generate(2)
	f := files[loadtest.ClientFile(1)]
	f.Data = append(f.Data, "# secret\n"...)
	files["x.cue"] = &fstest.MapFile{Data: []byte("// secret\nkind: \"Client\", id: \"x\", name: \"X\"\n")}
	r := mustLoad(t, files, load.Options{Check: check})
	if len(r.Faults) != 2 || r.Faults[0].File != loadtest.ClientFile(1) || r.Faults[1].File != "x.cue" {
		t.Errorf("faults:\n%s", faults(r.Faults))
	}
	if len(r.Catalog.Clients) != 1 || len(r.Catalog.Broken) != 2 {
		t.Errorf("%d clients, broken %v", len(r.Catalog.Clients), r.Catalog.Broken)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := load.Load(ctx, loadtest.Generate(3), load.Options{}); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("%v, %v", r, err)
	}
	if r, err := load.Load(t.Context(), loadtest.Generate(0), load.Options{Engine: "magic"}); err == nil || r != nil {
		t.Errorf("an unknown engine: %v, %v", r, err)
	}
}

func TestEnginesAgree(t *testing.T) {
	files := loadtest.Generate(20)
	want := everything(mustLoad(t, files, load.Options{}))
	for _, e := range []load.Options{{Engine: "compiled"}, {Engine: "cue"}} {
		if d := cmp.Diff(want, everything(mustLoad(t, files, e))); d != "" {
			t.Errorf("%s:\n%s", e.Engine, d)
		}
	}
}
