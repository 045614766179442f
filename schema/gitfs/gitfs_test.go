package gitfs_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// work is a working tree driven by the git command, whose configuration is none but its own.
type work struct {
	testing.TB
	dir string
}

func newWork(t testing.TB, args ...string) work {
	t.Helper()
	w := work{t, t.TempDir()}
	w.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return w
}

// in returns the same for another folder.
func (w work) in(dir string) work { return work{w.TB, dir} }

func (w work) git(args ...string) string {
	w.Helper()
	c := exec.Command("git", append([]string{"-c", "gc.auto=0"}, args...)...)
	c.Dir = w.dir
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Dana Whitfield", "GIT_AUTHOR_EMAIL=dana@northwind.example", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=Dana Whitfield", "GIT_COMMITTER_EMAIL=dana@northwind.example", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}
	out, err := c.CombinedOutput()
	if err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w work) write(name, content string) {
	w.Helper()
	p := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
		w.Fatal(err)
	}
}

func (w work) commit(files map[string]string) string {
	w.Helper()
	for name, content := range files {
		w.write(name, content)
	}
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", "work")
	return w.git("rev-parse", "HEAD")
}

func (w work) open() *gitfs.Repo {
	w.Helper()
	r, err := gitfs.Open(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w work) tree(rev string) *gitfs.Tree {
	w.Helper()
	t, err := w.open().Rev(rev)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// read fails unless a file of a tree holds what is wanted.
func (w work) read(t fs.FS, name, want string) {
	w.Helper()
	b, err := fs.ReadFile(t, name)
	if err != nil || string(b) != want {
		w.Errorf("%s holds %q, %v; want %q", name, b, err, want)
	}
}

// two makes a repository with two commits and returns it with their hashes.
func two(t *testing.T) (w work, first, second string) {
	w = newWork(t)
	first = w.commit(map[string]string{"almanac.yaml": "one\n", "clients/acme.yaml": "a\n"})
	second = w.commit(map[string]string{"almanac.yaml": "two\n", "clients/beta.yaml": "b\n"})
	return w, first, second
}

func TestTreeIsAFileSystem(t *testing.T) {
	w := newWork(t)
	w.write("a.b/c", "sorted otherwise by git")
	w.write("a/deep/er/file.yaml", "kind: Client\n")
	w.write("run.sh", "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(w.dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("deep/er/file.yaml", filepath.Join(w.dir, "a", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	w.commit(map[string]string{"empty": "", "a-b": "x"})
	for _, packed := range []bool{false, true} {
		if packed {
			w.git("gc", "-q")
		}
		tree := w.tree("HEAD")
		if err := fstest.TestFS(tree, "a.b/c", "a/deep/er/file.yaml", "a-b", "empty", "run.sh", "a/link.yaml"); err != nil {
			t.Errorf("packed %v: %v", packed, err)
		}
		w.read(tree, "a/link.yaml", "kind: Client\n")
		info, err := fs.Stat(tree, "run.sh")
		if err != nil || info.Mode() != 0o755 || info.Size() != 10 {
			t.Errorf("run.sh: %v, %v", info, err)
		}
	}
}

func TestTreeRefusals(t *testing.T) {
	w := newWork(t)
	links := map[string]string{"out": "../secret", "abs": "/etc/passwd", "loop": "loop", "dangling": "nothing"}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	w.commit(map[string]string{"dir/file": "x"})
	tree := w.tree("HEAD")
	tests := []struct{ name, want string }{
		{"out", "leaves the repository"}, {"abs", "leaves the repository"},
		{"loop", "leads to itself"}, {"dangling", "does not exist"},
		{"dir", "is a folder"}, {"dir/file/x", "does not exist"}, {"../x", "invalid"}, {"nothing", "does not exist"},
	}
	for _, tt := range tests {
		if b, err := tree.ReadFile(tt.name); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ReadFile(%q) = %q, %v; want an error with %q", tt.name, b, err, tt.want)
		}
	}
}

func TestHash(t *testing.T) {
	w, _, _ := two(t)
	tree := w.tree("HEAD")
	if h, ok := tree.Hash("clients/acme.yaml"); !ok || h != w.git("rev-parse", "HEAD:clients/acme.yaml") {
		t.Errorf("Hash = %q, %v", h, ok)
	}
	for _, name := range []string{"clients", "nothing", ".", "../x", ""} {
		if h, ok := tree.Hash(name); ok {
			t.Errorf("Hash(%q) = %q", name, h)
		}
	}
}

func TestRev(t *testing.T) {
	w, first, second := two(t)
	w.git("tag", "light", first)
	w.git("tag", "-a", "-m", "annotated", "noted", first)
	w.git("tag", "-a", "-m", "of a tag", "twice", "noted")
	w.git("branch", "feature/#1", first)
	w.git("update-ref", "refs/remotes/origin/main", first)
	w.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	w.git("checkout", "-q", "-b", "side", first)
	side := w.commit(map[string]string{"side": "s"})
	w.git("checkout", "-q", "main")
	w.git("merge", "-q", "--no-ff", "-m", "merge", "side")
	merge := w.git("rev-parse", "HEAD")
	tests := []struct{ rev, want string }{
		{"HEAD", merge}, {"@", merge}, {"main", merge}, {"refs/heads/main", merge}, {"heads/main", merge},
		{"light", first}, {"noted", first}, {"twice", first}, {"feature/#1", first},
		{"origin", first}, {"origin/main", first}, {first, first}, {first[:7], first}, {strings.ToUpper(second[:9]), second},
		{"HEAD~", second}, {"HEAD~1", second}, {"HEAD^", second}, {"HEAD^2", side}, {"HEAD^2~", first},
		{"HEAD~2", first}, {"HEAD~1~1", first}, {"HEAD^0", merge}, {"main^^", first},
	}
	r := w.open()
	for _, tt := range tests {
		tree, err := r.Rev(tt.rev)
		if err != nil || tree.Commit != tt.want {
			t.Errorf("Rev(%q) = %v, %v; want %s", tt.rev, tree, err, tt.want)
		}
		if git := w.git("rev-parse", tt.rev+"^{commit}"); git != tt.want {
			t.Errorf("git says %s for %s", git, tt.rev)
		}
	}
	if h, err := r.Head(); err != nil || h != merge {
		t.Errorf("Head = %s, %v", h, err)
	}
}

func TestRevErrors(t *testing.T) {
	w, first, _ := two(t)
	w.git("tag", "blob", w.git("rev-parse", "HEAD:almanac.yaml"))
	tests := []struct{ rev, want string }{
		{"", "not in the repository"},
		{"origin/main", "git fetch origin"},
		{"../../HEAD", "cannot be read"},
		{"main..side", "cannot be read"},
		{"HEAD@{1}", "cannot be read"},
		{":/fix", "cannot be read"},
		{"^", "not in the repository"},
		{"HEAD~9", "beyond the first commit"},
		{"HEAD^2", "beyond the first commit"},
		{"HEAD^{tree}", "only ~n and ^n"},
		{"HEAD~99999999999999999999", "too large"},
		{"blob", "it is a blob"},
		{strings.Repeat("0", 40), "not in the repository"},
		{first[:3], "not in the repository"},
		{"zzzz", "not in the repository"},
	}
	r := w.open()
	for _, tt := range tests {
		if tree, err := r.Rev(tt.rev); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Rev(%q) = %v, %v; want an error with %q", tt.rev, tree, err, tt.want)
		}
	}
	if _, err := newWork(t).open().Rev("HEAD"); err == nil || !strings.Contains(err.Error(), "no commits yet") {
		t.Errorf("Rev in an empty repository: %v", err)
	}
}

func TestChanged(t *testing.T) {
	w := newWork(t)
	w.commit(map[string]string{
		"same/deep/file": "s", "edited": "1", "removed": "r", "mode": "m", "old/name": "n",
		"file-to-folder": "f", "folder-to-file/a": "a", "folder-to-file/b": "b", "a": "1", "a.b": "1",
	})
	base := w.tree("HEAD")
	w.git("rm", "-q", "removed", "file-to-folder", "folder-to-file/a", "folder-to-file/b")
	if err := os.MkdirAll(filepath.Join(w.dir, "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.git("mv", "old/name", "new/name")
	if err := os.Chmod(filepath.Join(w.dir, "mode"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.commit(map[string]string{"edited": "2", "added": "+", "file-to-folder/x": "x", "folder-to-file": "y", "a.b": "2"})
	head := w.tree("HEAD")
	got, err := gitfs.Changed(base, head)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(w.git("-c", "core.quotePath=false", "diff", "--name-only", "--no-renames", "HEAD~1", "HEAD"), "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("against git diff (-git +ours):\n%s", d)
	}
	if got, err := gitfs.Changed(head, head); err != nil || got != nil {
		t.Errorf("a tree against itself: %v, %v", got, err)
	}
}

func TestSub(t *testing.T) {
	w := newWork(t)
	w.commit(map[string]string{"README.md": "r"})
	w.commit(map[string]string{"ops/config/almanac.yaml": "one", "ops/config/clients/acme.yaml": "a", "other": "o"})
	w.commit(map[string]string{"ops/config/clients/acme.yaml": "b", "other": "p"})
	r, err := gitfs.Open(filepath.Join(w.dir, "ops", "config", "clients"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(w.dir, "ops", "config"), filepath.Join("ops", "config")} {
		sub, err := r.Sub(dir)
		if err != nil {
			t.Fatal(err)
		}
		if sub.Prefix() != "ops/config" {
			t.Errorf("Prefix = %q", sub.Prefix())
		}
		head, err := sub.Rev("HEAD")
		if err != nil {
			t.Fatal(err)
		}
		w.read(head, "clients/acme.yaml", "b")
		base, err := sub.Rev("HEAD~1")
		if err != nil {
			t.Fatal(err)
		}
		got, err := gitfs.Changed(base, head)
		if d := cmp.Diff([]string{"clients/acme.yaml"}, got); d != "" || err != nil {
			t.Errorf("Changed: %v\n%s", err, d)
		}
		if _, err := sub.Rev("HEAD~2"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no folder ops/config") {
			t.Errorf("Rev before the folder: %v", err)
		}
	}
	if sub, err := r.Sub(filepath.Dir(w.dir)); err == nil {
		t.Errorf("Sub outside = %q", sub.Prefix())
	}
	if top, err := r.Sub("."); err != nil || top.Prefix() != "" {
		t.Errorf("Sub(.) = %v, %v", top, err)
	}
}

func TestAwkwardRepositories(t *testing.T) {
	origin, first, second := two(t)
	url := "file://" + filepath.ToSlash(origin.dir)
	origin.git("config", "uploadpack.allowFilter", "true")
	at := func(name string) work { return origin.in(filepath.Join(t.TempDir(), name)) }
	clone := func(name string, args ...string) work {
		w := at(name)
		origin.git(append(append([]string{"clone", "-q"}, args...), url, w.dir)...)
		return w
	}
	tests := map[string]func() work{
		"subfolder":   func() work { return origin.in(filepath.Join(origin.dir, "clients")) },
		"inside .git": func() work { return origin.in(filepath.Join(origin.dir, ".git", "refs")) },
		"linked worktree": func() work {
			w := at("linked")
			origin.git("worktree", "add", "-q", "--detach", w.dir)
			return w.in(filepath.Join(w.dir, "clients"))
		},
		"bare": func() work { return clone("bare.git", "--bare") },
		"shared": func() work {
			w := at("shared")
			origin.git("clone", "-q", "--shared", origin.dir, w.dir)
			return w
		},
		"sparse checkout": func() work {
			w := clone("sparse")
			w.git("sparse-checkout", "set", "people")
			return w
		},
		"worktree config": func() work {
			w := clone("config")
			w.git("config", "extensions.worktreeConfig", "true")
			return w
		},
		"negative refspec": func() work {
			w := clone("refspec")
			w.git("config", "--add", "remote.origin.fetch", "^refs/heads/private")
			return w
		},
		"partial clone": func() work { return clone("partial", "--filter=blob:limit=1m") },
		"detached": func() work {
			w := clone("detached")
			w.git("checkout", "-q", "--detach")
			return w
		},
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			w := make()
			w.TB = t
			head, base := w.tree("HEAD"), w.tree("HEAD~1")
			if head.Commit != second || base.Commit != first {
				t.Errorf("HEAD is %s and HEAD~1 is %s", head.Commit, base.Commit)
			}
			w.read(head, "almanac.yaml", "two\n")
			w.read(base, "almanac.yaml", "one\n")
			got, err := gitfs.Changed(base, head)
			if d := cmp.Diff([]string{"almanac.yaml", "clients/beta.yaml"}, got); d != "" || err != nil {
				t.Errorf("Changed: %v\n%s", err, d)
			}
		})
	}
}

func TestShallowAndPartialClones(t *testing.T) {
	origin, _, second := two(t)
	origin.git("config", "uploadpack.allowFilter", "true")
	url := "file://" + filepath.ToSlash(origin.dir)

	shallow := origin.in(filepath.Join(t.TempDir(), "shallow"))
	origin.git("clone", "-q", "--depth=1", url, shallow.dir)
	if tree := shallow.tree("HEAD"); tree.Commit != second {
		t.Errorf("HEAD is %s", tree.Commit)
	}
	for _, rev := range []string{"HEAD~1", "HEAD~7", "origin/release", "v1"} {
		if _, err := shallow.open().Rev(rev); err == nil || !strings.Contains(err.Error(), "fetch-depth: 0") {
			t.Errorf("Rev(%q) in a shallow clone: %v", rev, err)
		}
	}

	partial := origin.in(filepath.Join(t.TempDir(), "partial"))
	origin.git("clone", "-q", "--filter=blob:none", "--no-checkout", url, partial.dir)
	tree := partial.tree("HEAD")
	if _, ok := tree.Hash("almanac.yaml"); !ok {
		t.Error("the names of a partial clone cannot be read")
	}
	if _, err := fs.ReadFile(tree, "almanac.yaml"); err == nil || !strings.Contains(err.Error(), "without --filter") {
		t.Errorf("ReadFile of a missing blob: %v", err)
	}
}

func TestOpenRefusals(t *testing.T) {
	if _, err := gitfs.Open(t.TempDir()); !errors.Is(err, gitfs.ErrNotGit) {
		t.Errorf("a plain folder: %v", err)
	}
	if _, err := gitfs.Open(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	sha256 := newWork(t, "--object-format=sha256")
	if _, err := gitfs.Open(sha256.dir); err == nil || !strings.Contains(err.Error(), "SHA256, which is not supported") {
		t.Errorf("a SHA-256 repository: %v", err)
	}
	future := newWork(t)
	future.write(".git/config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n")
	if _, err := gitfs.Open(future.dir); err == nil || !strings.Contains(err.Error(), "refStorage = reftable") {
		t.Errorf("an unknown extension: %v", err)
	}
	lost := newWork(t).in(t.TempDir())
	lost.write(".git", "gitdir: /nothing/here\n")
	if _, err := gitfs.Open(lost.dir); err == nil || !strings.Contains(err.Error(), "git worktree repair") {
		t.Errorf("a lost worktree: %v", err)
	}
	lost.write(".git", "rubbish")
	if _, err := gitfs.Open(lost.dir); err == nil || !strings.Contains(err.Error(), "gitdir:") {
		t.Errorf("a .git file without gitdir: %v", err)
	}
}
