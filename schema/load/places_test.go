package load_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/gitfs"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

func TestLinks(t *testing.T) {
	link := func(to string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink | 0o777}
	}
	client := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("kind: Client\nid: " + id + "\nname: X\n"), Mode: 0o644}
	}
	files := loadtest.Generate(0)
	files["clients/a.yaml"] = client("a")
	files["clients/again.yaml"] = link("a.yaml")
	files["clients/.hidden"] = client("b")
	files["clients/b.yaml"] = link(".hidden")
	files["clients/chain.yaml"] = link("../clients/./b.yaml")
	files["folder"] = link("clients")
	files["hidden-folder"] = link(".dot")
	files[".dot/c.yaml"] = client("c")
	files["clients/c.yaml"] = link("../hidden-folder/c.yaml")
	files["out.yaml"] = link("../../etc/passwd")
	files["absolute"] = link("/etc")
	files["through"] = link("clients/../../x")
	files["loop.yaml"] = link("loop.yaml")
	files["nothing.yaml"] = link("missing.yaml")
	files["nothing"] = link("missing")
	files["socket.yaml"] = &fstest.MapFile{Mode: fs.ModeSocket | 0o644}
	files["pipe.yaml"] = &fstest.MapFile{Mode: fs.ModeNamedPipe | 0o644}
	files["ignored"] = link("/etc")
	files[".almanacignore"] = &fstest.MapFile{Data: []byte("/ignored\n")}
	r := mustLoad(t, files, load.Options{})
	var clients []string
	for _, c := range r.Catalog.Clients {
		clients = append(clients, c.ID+" "+c.Source.File)
	}
	// Of several links to one file, the shortest way round is not what counts: each is read.
	want := []string{"a clients/a.yaml", "b clients/b.yaml", "b clients/chain.yaml", "c clients/c.yaml"}
	if d := cmp.Diff(want, clients); d != "" {
		t.Errorf("clients:\n%s", d)
	}
	var told []string
	for _, d := range r.Faults {
		told = append(told, d.File+": "+d.Message)
	}
	want = []string{
		"absolute: is a symbolic link that leaves the repository, which is not followed",
		"hidden-folder: is a symbolic link to .dot, a folder that is not read",
		"loop.yaml: is a symbolic link that leads to itself",
		"nothing.yaml: is a symbolic link that leads to nothing",
		"out.yaml: is a symbolic link that leaves the repository, which is not followed",
		"through: is a symbolic link that leaves the repository, which is not followed",
	}
	if d := cmp.Diff(want, told); d != "" {
		t.Errorf("faults:\n%s", d)
	}
}

func TestLinksAreNotFollowedBlindly(t *testing.T) {
	files := loadtest.Generate(0)
	files["clients/x.yaml"] = &fstest.MapFile{Data: []byte("../people/dana.yaml"), Mode: fs.ModeSymlink}
	blind := struct{ fs.FS }{files}
	r := mustLoad(t, blind, load.Options{})
	if len(r.Faults) != 1 || r.Faults[0].Rule != "load/unreadable" || r.Faults[0].File != "clients/x.yaml" {
		t.Errorf("faults:\n%s", faults(r.Faults))
	}
}

func TestIgnoreFileIsNoLink(t *testing.T) {
	files := loadtest.Generate(0)
	files[".almanacignore"] = &fstest.MapFile{Data: []byte("secret"), Mode: fs.ModeSymlink}
	files["secret"] = &fstest.MapFile{Data: []byte("[secret"), Mode: 0o644}
	r := mustLoad(t, files, load.Options{})
	if len(r.Faults) != 1 || r.Faults[0].Rule != "load/symlink" || r.Faults[0].File != ".almanacignore" {
		t.Errorf("faults:\n%s", faults(r.Faults))
	}
}

// TestHiddenExtension: what an editor saved as a text is told, other texts are not.
func TestHiddenExtension(t *testing.T) {
	files := loadtest.Generate(0)
	for _, name := range []string{"clients/birch.yaml.txt", "clients/Cobalt.YML.TXT", "notes.txt", "clients/yaml.txt", "README.md", "clients/birch.yaml.bak"} {
		files[name] = &fstest.MapFile{Data: []byte("kind: Client\nid: birch\n"), Mode: 0o644}
	}
	r := mustLoad(t, files, load.Options{})
	want := []string{"clients/Cobalt.YML.TXT", "clients/birch.yaml.txt"}
	var got []string
	for _, f := range r.Faults {
		if f.Rule == "load/extension" && f.Severity == diag.Warning {
			got = append(got, f.File)
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(r.Faults) != len(want) || !strings.Contains(r.Faults[1].Hint, "rename it to birch.yaml,") {
		t.Errorf("%s\nfaults:\n%s", d, faults(r.Faults))
	}
}

func TestFiles(t *testing.T) {
	files := archive(t, "testdata/repos/ignore.txtar")
	files["clients/link.yaml"] = &fstest.MapFile{Data: []byte("../.hidden.yaml"), Mode: fs.ModeSymlink}
	got, err := load.Files(files)
	want := []string{"almanac.yaml", "clients/Clinet.yaml", "clients/knid.yaml", "sub/mkdocs.yml", "vendor/keep/me.yaml"}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if l, err := load.Files(os.DirFS(filepath.Join(t.TempDir(), "nothing"))); err == nil {
		t.Errorf("a missing root: %v", l)
	}
}

// reads counts what is opened.
type reads struct {
	fstest.MapFS
	names *[]string
}

func (r reads) Open(name string) (fs.File, error) {
	*r.names = append(*r.names, name)
	return r.MapFS.Open(name)
}

func TestOnly(t *testing.T) {
	files := cueShops(loadtest.Generate(200))
	name := loadtest.ClientFile(42)
	load1 := func(only ...string) (*load.Result, []string) {
		var names []string
		r := mustLoad(t, reads{files, &names}, load.Options{Only: only, Workers: 1})
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.Contains(n, ".") || n == "." || n == ".almanacignore" })
		return r, slices.Compact(slices.Sorted(slices.Values(names)))
	}

	r, names := load1(name)
	want := []string{
		"almanac.yaml", name, "people/bruno.yaml", "people/dana.yaml", "people/jamal.yaml", "people/lee.yaml", "people/marcus.yaml",
		"people/samir.yaml", "templates/essential-care.yaml", "templates/onboarding.yaml", "templates/vcio.yaml",
	}
	c := r.Catalog.Clients[0]
	for _, id := range c.Team {
		if r.Catalog.Person(id) == nil {
			t.Errorf("person %s is missing", id)
		}
	}
	if d := cmp.Diff(len(want), len(names)); d != "" || len(r.Faults) > 0 || len(r.Catalog.Clients) != 1 {
		t.Errorf("read %v\n%s", names, faults(r.Faults))
	}

	// A template in a file of another name is found without opening the clients.
	files["templates/other.yaml"] = files["templates/vcio.yaml"]
	delete(files, "templates/vcio.yaml")
	if r, names := load1(name); r.Catalog.Template("vcio") == nil || len(names) > 30 {
		t.Errorf("%d files were read: %v", len(names), names)
	}

	// A person who is kept among the clients is found all the same, at the cost of all files.
	files["clients/aaa.yaml"] = files["people/dana.yaml"]
	delete(files, "people/dana.yaml")
	if r, names := load1(name); r.Catalog.Person("dana") == nil || len(names) != len(files) {
		t.Errorf("%d of %d files were read", len(names), len(files))
	}

	files["people/dana.yaml"] = files["clients/aaa.yaml"]
	delete(files, "clients/aaa.yaml")
	// A CUE file brings its folder along; a file that is not there is told.
	r, _ = load1("clients/juniper.cue", "nothing.yaml", "./"+name)
	if len(r.Catalog.Clients) != 4 {
		t.Errorf("%d clients", len(r.Catalog.Clients))
	}
	if len(r.Faults) != 1 || r.Faults[0].Rule != "load/not-found" || r.Faults[0].File != "nothing.yaml" {
		t.Errorf("faults:\n%s", faults(r.Faults))
	}
}

func TestLocate(t *testing.T) {
	files := archive(t, "testdata/repos/small.txtar")
	for name, f := range archive(t, "testdata/repos/cue.txtar") {
		if name != "almanac.cue" {
			files["cue/"+name] = f
		}
	}
	tests := []struct {
		id, path  string
		line, col int
		end       int
	}{
		{"acme-dental", "", 1, 1, 0},
		{"acme-dental", "name", 3, 7, 24},
		{"acme-dental", "team", 4, 1, 5},
		{"acme-dental", "team.vcio", 4, 14, 18},
		{"acme-dental", "processes.0.overrides.audit.due", 8, 20, 34},
		{"acme-dental", "processes.0.overrides.review", 9, 7, 13},
		{"acme-dental", "processes.1", 18, 5, 0},
		{"acme-dental", "processes.1.since", 18, 5, 0},
		{"acme-dental", "processes.7.template", 5, 1, 10},
		{"acme-dental", "nothing.at.all", 1, 1, 0},
		{"lee", "name", 8, 7, 19},
		{"vcio", "steps.1.owner", 9, 12, 16},
		// These are written in another file of the package; what refers to them is here.
		{"juniper-mill", "processes.0.overrides.audit.due", 11, 15, 0},
		{"juniper-mill", "name", 9, 3, 0},
		{"alone", "name", 5, 7, 0},
	}
	r := mustLoad(t, files, load.Options{})
	cat := r.Catalog
	source := func(id string) schema.Source {
		for _, d := range cat.Documents() {
			if d.Head().ID == id && (id != "vcio" || d.Head().Source.File == "templates/vcio.yaml") {
				return d.Head().Source
			}
		}
		t.Fatalf("no %s among %v\n%s", id, cat.Documents(), faults(r.Faults))
		return schema.Source{}
	}
	for _, tt := range tests {
		line, col, end := r.Locate(source(tt.id), tt.path)
		if line != tt.line || col != tt.col || end != tt.end {
			t.Errorf("%s %s is at %d:%d-%d, not %d:%d-%d", tt.id, tt.path, line, col, end, tt.line, tt.col, tt.end)
		}
	}

	// A file that has changed or gone since is not guessed at.
	acme := source("acme-dental")
	files[acme.File] = &fstest.MapFile{Data: []byte("\n\n\nkind: Client\nid: acme-dental\nname: Moved\n")}
	lee := source("lee")
	delete(files, lee.File)
	for _, s := range []schema.Source{acme, lee, {File: "nothing", Pos: schema.Pos{Line: 3, Column: 4}}} {
		if line, col, end := r.Locate(s, "name"); line != s.Pos.Line || col != s.Pos.Column || end != 0 {
			t.Errorf("%s: %d:%d-%d", s.File, line, col, end)
		}
	}
}

func TestRevisionAndFolderAgree(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, cueShops(loadtest.Generate(30))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.yaml"), []byte("kind: Client\nid: bad\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "x"}} {
		c := exec.Command("git", args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "HOME="+dir, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=Dana", "GIT_AUTHOR_EMAIL=d@x.example", "GIT_COMMITTER_NAME=Dana", "GIT_COMMITTER_EMAIL=d@x.example")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	repo, err := gitfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Rev("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	o := load.Options{CacheDir: t.TempDir()}
	folder := mustLoad(t, os.DirFS(dir), o)
	revision := mustLoad(t, tree, o)
	if d := cmp.Diff(everything(folder), everything(revision)); d != "" {
		t.Errorf("(-folder +revision):\n%s", d)
	}
	if revision.Parsed != 1 {
		t.Errorf("%d files of the revision were parsed, not only the one with faults", revision.Parsed)
	}
	watched := &opens{Tree: tree}
	mustLoad(t, watched, o)
	if want := []string{"bad.yaml"}; !slices.Equal(watched.names, want) {
		t.Errorf("opened %v, not %v", watched.names, want)
	}
}

// opens notes the files of a revision that are opened.
type opens struct {
	*gitfs.Tree
	mu    sync.Mutex
	names []string
}

func (o *opens) Open(name string) (fs.File, error) {
	f, err := o.Tree.Open(name)
	if err == nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.names = append(o.names, name)
	}
	return f, err
}

func TestFindRoot(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "root", "clients", "more")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := load.FindRoot(deep); !errors.Is(err, load.ErrNoRoot) {
		t.Errorf("without a root: %v", err)
	}
	if _, err := load.FindRoot(filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("from nowhere: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "root", "clients", "almanac.yaml"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"almanac.cue", "almanac.yml", "almanac.yaml"} {
		file := filepath.Join(dir, "root", name)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{deep, filepath.Join(dir, "root"), file} {
			if root, err := load.FindRoot(from); err != nil || root != filepath.Join(dir, "root") {
				t.Errorf("from %s: %q, %v", from, root, err)
			}
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
