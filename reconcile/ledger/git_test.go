package ledger_test

import (
	"context"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/ledger/ledgertest"
)

// second is the time of every commit: claims of one second must not become one commit.
func second() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }

// try runs git and returns what it says.
func try(dir string, args ...string) (string, error) {
	c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Dana", "-c", "user.email=dana@northwind.example"}, args...)...)
	out, err := c.CombinedOutput()
	return strings.TrimSuffix(string(out), "\n"), err
}

func run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := try(dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

// bare makes an empty repository.
func bare(t testing.TB) string {
	dir := filepath.Join(t.TempDir(), "ledger repo.git")
	run(t, ".", "init", "-q", "--bare", dir)
	run(t, dir, "config", "http.receivepack", "true")
	return dir
}

// place is a Git ledger in the repository dir, opened with options.
func place(t *testing.T, dir string, o ledger.Options) ledgertest.Place {
	const branch = "refs/heads/almanac-ledger"
	o.Now = second
	return ledgertest.Place{
		Open: func() reconcile.Ledger { return open(t, o) },
		Put: func(name, text string) {
			clone := t.TempDir()
			run(t, ".", "clone", "-q", "-b", ledger.DefaultBranch, dir, clone)
			check(t, os.WriteFile(filepath.Join(clone, name), []byte(text), 0o666))
			run(t, clone, "add", "-A")
			run(t, clone, "commit", "-q", "-m", "by hand")
			run(t, clone, "push", "-q", "origin", "HEAD:"+branch)
		},
		Get:    func(name string) string { return show(t, dir, branch+":"+name) },
		Remove: func() { run(t, dir, "update-ref", "-d", branch) },
		Keep: func() func() {
			head := run(t, dir, "rev-parse", branch)
			return func() { run(t, dir, "update-ref", branch, head) }
		},
	}
}

// show returns the text of an object as it is.
func show(t testing.TB, dir, object string) string {
	t.Helper()
	out, err := exec.Command("git", "-C", dir, "cat-file", "blob", object).Output()
	check(t, err)
	return string(out)
}

func open(t testing.TB, o ledger.Options) ledger.Ledger {
	t.Helper()
	l, err := ledger.Git(o)
	check(t, err)
	return l
}

// serve puts a repository on an HTTP server of Git's own, behind a wrapper.
func serve(t testing.TB, dir string, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	exec, err := exec.Command("git", "--exec-path").Output()
	check(t, err)
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(exec)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=almanac"},
	}
	var h http.Handler = backend
	if wrap != nil {
		h = wrap(backend)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/ledger%20repo.git"
}

func TestGitPath(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Place {
		dir := bare(t)
		return place(t, dir, ledger.Options{URL: dir})
	})
}

func TestGitHTTP(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Place {
		dir := bare(t)
		token := func(context.Context) (string, error) { return "s3cret", nil }
		return place(t, dir, ledger.Options{URL: serve(t, dir, nil), Token: token})
	})
}

// TestGitOwnRepository keeps the ledger in the repository of the files, seen from a folder
// below its top.
func TestGitOwnRepository(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Place {
		dir := work(t)
		check(t, os.Mkdir(filepath.Join(dir, "clients"), 0o777))
		return place(t, dir, ledger.Options{Dir: filepath.Join(dir, "clients")})
	})
}

// work makes a repository with one commit and one change that is not committed.
func work(t testing.TB) string {
	dir := filepath.Join(t.TempDir(), "ledger repo.git")
	run(t, ".", "init", "-q", "-b", "main", dir)
	check(t, os.WriteFile(filepath.Join(dir, "almanac.yaml"), []byte("kind: Organization\n"), 0o666))
	run(t, dir, "add", "-A")
	run(t, dir, "commit", "-q", "-m", "start")
	check(t, os.WriteFile(filepath.Join(dir, "almanac.yaml"), []byte("kind: Organization\nid: northwind\n"), 0o666))
	return dir
}
