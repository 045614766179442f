package gitfs_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// commitAt commits files at a time.
func (w work) commitAt(date string, files map[string]string) {
	w.Helper()
	for name, content := range files {
		w.write(name, content)
	}
	w.git("add", "-A")
	w.gitAt(date, "commit", "-q", "-m", "work")
}

// gitAt runs git with a committer's time.
func (w work) gitAt(date string, args ...string) {
	w.Helper()
	c := exec.Command("git", args...)
	c.Dir = w.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Dana Whitfield", "GIT_AUTHOR_EMAIL=dana@northwind.example", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=Dana Whitfield", "GIT_COMMITTER_EMAIL=dana@northwind.example", "GIT_COMMITTER_DATE=" + date}
	if out, err := c.CombinedOutput(); err != nil {
		w.Fatalf("%v\n%s", err, out)
	}
}

// times asks for files and shows the day of each.
func times(t *testing.T, r *gitfs.Repo, files ...string) map[string]string {
	t.Helper()
	found, err := r.Times(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]string{}
	for f, at := range found {
		days[f] = at.UTC().Format(time.DateOnly)
	}
	return days
}

func TestTimes(t *testing.T) {
	w := newWork(t)
	w.commitAt("2026-01-01T00:00:00Z", map[string]string{"almanac.yaml": "1", "clients/a.yaml": "1", "clients/b.yaml": "1"})
	w.commitAt("2026-02-01T00:00:00Z", map[string]string{"clients/b.yaml": "2", "README.md": "1"})
	w.git("checkout", "-q", "-b", "change")
	w.commitAt("2026-03-01T00:00:00Z", map[string]string{"clients/c.yaml": "1"})
	w.git("checkout", "-q", "main")
	w.commitAt("2026-03-15T00:00:00Z", map[string]string{"README.md": "2"})
	w.gitAt("2026-04-01T00:00:00Z", "merge", "-q", "--no-ff", "-m", "merge", "change")
	all := []string{"almanac.yaml", "clients/a.yaml", "clients/b.yaml", "clients/c.yaml", "clients/none.yaml"}
	want := map[string]string{"almanac.yaml": "2026-01-01", "clients/a.yaml": "2026-01-01", "clients/b.yaml": "2026-02-01", "clients/c.yaml": "2026-04-01"}
	if diff := cmp.Diff(want, times(t, w.open(), all...)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	sub, err := w.open().Sub("clients")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "2026-01-01", "c.yaml": "2026-04-01"}, times(t, sub, "a.yaml", "c.yaml", "almanac.yaml")); diff != "" {
		t.Errorf("a folder: -want +got:\n%s", diff)
	}
	shallow := work{t, t.TempDir()}
	shallow.git("clone", "-q", "--depth=1", "file://"+w.dir, ".")
	for f, day := range times(t, shallow.open(), all...) {
		if day != "2026-04-01" {
			t.Errorf("shallow: %s was changed on %s", f, day)
		}
	}
}

func TestTimesStops(t *testing.T) {
	w := newWork(t)
	w.commitAt("2026-01-01T00:00:00Z", map[string]string{"a": "1"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.open().Times(ctx, []string{"a"}); err == nil {
		t.Error("a cancelled call goes on")
	}
}
