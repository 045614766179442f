package ledger_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/ledger/ledgertest"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// second is the time of every commit: claims of one second must not become one commit.
func second() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }

// brief waits a fourth of the time.
func brief(_ context.Context, d time.Duration) error {
	time.Sleep(d / 4)
	return nil
}

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
	o.Now, o.Sleep = second, brief
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
		Path:   filepath.Join(strings.TrimSpace(string(exec)), "git-http-backend"),
		Env:    []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dir), "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=almanac"},
		Stderr: io.Discard,
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
		token := func(context.Context, string) (string, error) { return "s3cret", nil }
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

// TestOwnRepositoryIsLeftAlone looks at everything but the ledger's branch after an update,
// in repositories of every shape.
func TestOwnRepositoryIsLeftAlone(t *testing.T) {
	linked := func(dir string) string {
		at := filepath.Join(t.TempDir(), "linked")
		run(t, dir, "worktree", "add", "-q", at)
		return at
	}
	shallow := func(dir string) string {
		at := filepath.Join(t.TempDir(), "shallow")
		run(t, ".", "clone", "-q", "--depth", "1", "file://"+strings.ReplaceAll(dir, " ", "%20"), at)
		return at
	}
	sparse := func(dir string) string {
		run(t, dir, "sparse-checkout", "set", "clients")
		return dir
	}
	same := func(dir string) string { return dir }
	for name, shape := range map[string]func(string) string{"plain": same, "linked worktree": linked, "shallow clone": shallow, "sparse checkout": sparse} {
		t.Run(name, func(t *testing.T) {
			dir := shape(work(t))
			state := func() string {
				index, err := os.ReadFile(run(t, dir, "rev-parse", "--path-format=absolute", "--git-path", "index"))
				check(t, err)
				refs := strings.Split(run(t, dir, "for-each-ref"), "\n")
				refs = slices.DeleteFunc(refs, func(r string) bool { return strings.HasSuffix(r, "/"+ledger.DefaultBranch) })
				return run(t, dir, "status", "--porcelain=v2", "--branch") + strings.Join(refs, "\n") +
					run(t, dir, "config", "--list", "--show-origin") + string(index)
			}
			run(t, dir, "status") // refreshes the index
			before := state()
			o := ledger.Options{Dir: dir, Now: second}
			write(t, open(t, o), event("acme", "audit"))
			if h := write(t, open(t, o), event("acme", "call")); len(h.Events()) != 2 {
				t.Errorf("%d events", len(h.Events()))
			}
			if after := state(); after != before {
				t.Errorf("before: %q\nafter: %q", before, after)
			}
			if out := run(t, dir, "fsck", "--strict"); strings.Contains(out, "error") {
				t.Error(out)
			}
		})
	}
}

// TestRemote finds the repository by the name of a remote of a clone.
func TestRemote(t *testing.T) {
	remote, dir := bare(t), work(t)
	rel, err := filepath.Rel(dir, remote)
	check(t, err)
	for name, at := range map[string]string{"by-path": remote, "by-relative-path": rel, "by-address": serve(t, remote, nil)} {
		run(t, dir, "remote", "add", name, at)
		write(t, open(t, ledger.Options{Dir: dir, Remote: name}), event("acme", "audit"))
	}
	if commits(t, remote) != "3" {
		t.Errorf("%s commits", commits(t, remote))
	}
	if out, err := try(dir, "rev-parse", "--verify", "-q", ledger.DefaultBranch); err == nil {
		t.Errorf("the clone has a branch of its own: %s", out)
	}
	if _, err := ledger.Git(ledger.Options{Dir: dir, Remote: "nowhere"}); err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("unknown remote: %v", err)
	}
	if _, err := ledger.Git(ledger.Options{Dir: t.TempDir()}); err == nil {
		t.Error("a folder without a repository is taken")
	}
	if _, err := ledger.Git(ledger.Options{Dir: dir, Branch: "no good"}); err == nil {
		t.Error("a bad name of a branch is taken")
	}
}

func TestBranches(t *testing.T) {
	dir := work(t)
	// Somebody else's branch is not written to.
	if _, err := open(t, ledger.Options{Dir: dir, Branch: "main"}).Load(t.Context()); err == nil || !strings.Contains(err.Error(), "no ledger") {
		t.Errorf("branch main: %v", err)
	}
	// A full ref is hidden from clones.
	write(t, open(t, ledger.Options{Dir: dir, Branch: "refs/almanac/ledger"}), event("acme", "audit"))
	run(t, dir, "rev-parse", "--verify", "-q", "refs/almanac/ledger")
	// A branch that somebody looks at in a worktree cannot be moved under their feet.
	write(t, open(t, ledger.Options{Dir: dir}), event("acme", "audit"))
	run(t, dir, "worktree", "add", "-q", filepath.Join(t.TempDir(), "look"), ledger.DefaultBranch)
	_, err := open(t, ledger.Options{Dir: dir, Sleep: brief}).Update(t.Context(), always(event("acme", "call")))
	if err == nil || !strings.Contains(err.Error(), "checked out") {
		t.Errorf("checked-out branch: %v", err)
	}
}

// TestCommit reads what git itself makes of a ledger.
func TestCommit(t *testing.T) {
	dir := bare(t)
	o := ledger.Options{URL: dir, Now: second, Nonce: func() string { return "n-1" }, Author: "Almanac of Northwind", Email: "almanac@northwind.example"}
	_, err := open(t, o).Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		b := reconcile.Batch{Events: []record.Event{event("acme", "audit"), event("zeta", "call")}, Installation: "northwind", Heartbeat: second()}
		b.Message = "claim 2\n\nAlmanac-Nonce: forged"
		return b, nil
	})
	check(t, err)
	const want = "Almanac of Northwind <almanac@northwind.example> 2026-05-04T09:00:00+00:00\nclaim 2 Almanac-Nonce: forged\n\nAlmanac-Nonce: n-1\n"
	if got := run(t, dir, "log", "--format=%an <%ae> %cI%n%B", ledger.DefaultBranch); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("commit %q, want %q", got, want)
	}
	if got := run(t, dir, "ls-tree", "-r", "--name-only", ledger.DefaultBranch); got != "meta.json\nv1/acme.jsonl\nv1/zeta.jsonl" {
		t.Errorf("files %q", got)
	}
	const meta = "{\n  \"schema\": 1,\n  \"installation\": \"northwind\",\n  \"heartbeat\": \"2026-05-04T09:00:00Z\"\n}\n"
	if got := show(t, dir, ledger.DefaultBranch+":meta.json"); got != meta {
		t.Errorf("meta.json %q", got)
	}
}
