package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
)

// syncBuffer is a buffer for a writer and a reader at the same time.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// watchFiles is a repository with one client, one step of which is to be opened on
// 2026-05-01 and two of which come later.
var watchFiles = map[string]string{
	"almanac.yaml": `kind: Organization
id: northwind
name: Northwind IT
timezone: America/Chicago
working-days: [mon, tue, wed, thu, fri]
holidays: {country: us}
email-domains: [northwind.example]
roles:
  - {id: vcio, title: vCIO}
  - {id: engineer, title: Engineer}
`,
	"people/staff.yaml": `kind: Person
id: dana
name: Dana Whitfield
email: dana@northwind.example
roles: [vcio]
---
kind: Person
id: priya
name: Priya Raman
email: priya@northwind.example
roles: [engineer]
`,
	"templates/vcio.yaml": `kind: ProcessTemplate
id: vcio
title: vCIO process
owner: dana
steps:
  - {id: audit, type: audit, title: IT audit, due: 3 weeks before, owner: engineer, open: 2 weeks}
  - {id: strategy, type: meeting, title: Annual strategy, due: 1 month after, owner: vcio}
`,
	"clients/acme.yaml": clientFile("acme", "2026-06-01"),
}

func clientFile(id, alignment string) string {
	return `kind: Client
id: ` + id + `
name: Client ` + id + `
alignment-date: ` + alignment + `
team: {vcio: dana, engineer: priya}
processes:
  - {template: vcio, since: 2026-01-01}
`
}

// watchRun is a watch on a repository of its own.
type watchRun struct {
	t         *testing.T
	root      string
	out, talk *syncBuffer
	// cancel asks for the end, after which exit is set and ended is closed.
	cancel context.CancelFunc
	ended  chan struct{}
	exit   int
	// read is how much of out the test has looked at.
	read int
}

// startWatch writes files and watches them until the test ends.
func startWatch(t *testing.T, files map[string]string, args ...string) *watchRun {
	t.Helper()
	w := &watchRun{t: t, root: t.TempDir()}
	for name, text := range files {
		w.write(name, text)
	}
	w.start(args...)
	return w
}

// start runs the command on the root and waits for its first answer.
func (w *watchRun) start(args ...string) {
	w.t.Helper()
	cache := w.t.TempDir()
	w.out, w.talk, w.ended, w.read = &syncBuffer{}, &syncBuffer{}, make(chan struct{}), 0
	c := &Command{Stdin: strings.NewReader(""), Stdout: w.out, Stderr: w.talk, Now: time.Now, Dir: w.root,
		Getenv: func(name string) string {
			if name == "XDG_CACHE_HOME" {
				return cache
			}
			return ""
		}}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	cmd := newWatch(c, &options{asOf: "2026-05-01"})
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	go func() {
		defer close(w.ended)
		w.exit = c.report(cmd.ExecuteContext(ctx))
	}()
	w.t.Cleanup(func() {
		cancel()
		if code := w.end(); code != ExitOK {
			w.t.Errorf("exit code %d after the end was asked for\n%s", code, w.talk)
		}
	})
	w.until("the start", func() bool { return strings.Contains(w.talk.String(), "almanac: watching ") })
	w.read = len(w.out.String())
}

// end waits for the command to end and returns its exit code, any number of times.
func (w *watchRun) end() int {
	select {
	case <-w.ended:
	case <-time.After(10 * time.Second):
		w.t.Fatalf("the watch does not end\n%s", w.talk)
	}
	return w.exit
}

// until polls for a condition for ten seconds at most.
func (w *watchRun) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain for %s\nout:\n%s\ntalk:\n%s", what, w.out, w.talk)
		}
	}
}

// next waits for an answer that holds all texts, and returns what was written since the
// last one.
func (w *watchRun) next(texts ...string) string {
	w.t.Helper()
	since := ""
	w.until(fmt.Sprintf("%q", texts), func() bool {
		since = w.out.String()[w.read:]
		for _, s := range texts {
			if !strings.Contains(since, s) {
				return false
			}
		}
		return strings.HasSuffix(since, "\n")
	})
	w.read += len(since)
	return since
}

// readings counts how often the files were read.
func (w *watchRun) readings() int { return readings(w.out.String()) }

func readings(out string) int {
	n := 0
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "  ") {
			n++
		}
	}
	return n
}

func (w *watchRun) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

// do fails the test for an error.
func (w *watchRun) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *watchRun) write(name, text string) {
	w.t.Helper()
	w.do(os.MkdirAll(filepath.Dir(w.path(name)), 0o777))
	w.do(os.WriteFile(w.path(name), []byte(text), 0o666))
}

func (w *watchRun) rename(from, to string) {
	w.t.Helper()
	w.do(os.Rename(w.path(from), w.path(to)))
}

func (w *watchRun) remove(name string) {
	w.t.Helper()
	w.do(os.RemoveAll(w.path(name)))
}

func (w *watchRun) git(args ...string) {
	w.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Pat Example", "-c", "user.email=pat@northwind.example"}, args...)...)
	cmd.Dir = w.root
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// tree returns the hash of every file below the folder of the root, and every folder.
func (w *watchRun) tree() map[string]string {
	w.t.Helper()
	m := map[string]string{}
	w.do(filepath.WalkDir(filepath.Dir(w.root), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			m[p] = "folder"
			return err
		}
		b, err := os.ReadFile(p)
		m[p] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	}))
	return m
}

func TestWatchFirstAnswer(t *testing.T) {
	w := startWatch(t, watchFiles)
	out := w.out.String()
	if readings(out) != 1 || !strings.Contains(out, "5 documents, no faults; plan: 1 to open") {
		t.Errorf("first answer:\n%s", out)
	}
	if !strings.Contains(w.talk.String(), "watching 4 folders in "+w.root) {
		t.Errorf("talk:\n%s", w.talk)
	}
}

func TestWatchInPlace(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-08"))
	w.next("5 documents, no faults; plan: 1 no longer opened, 1 moved",
		"  acme/vcio/2026/audit: would no longer be opened; moves from Monday 2026-05-11 to Monday 2026-05-18: alignment date 2026-06-01 → 2026-06-08\n",
		"  acme/vcio/2026/strategy: moves from Wednesday 2026-07-01 to Wednesday 2026-07-08: alignment date 2026-06-01 → 2026-06-08\n")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-01"))
	w.next("1 now opened", "acme/vcio/2026/audit: would now be opened: ")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-01"))
	w.next("5 documents, no faults; nothing changed\n")
}

// TestWatchAtomicRename saves as most editors do: a new file is written beside the old one
// and put in its place. It does so twice, since a watch on the file itself would be lost.
func TestWatchAtomicRename(t *testing.T) {
	w := startWatch(t, watchFiles)
	for _, day := range []string{"2026-07-06", "2026-06-01", "2026-07-07"} {
		w.write("clients/.acme.yaml.new", clientFile("acme", day))
		w.rename("clients/.acme.yaml.new", "clients/acme.yaml")
		w.next("→ " + day)
	}
	if n := w.readings(); n > 6 {
		t.Errorf("%d readings for 3 saves", n)
	}
}

// TestWatchVim saves as vim does with backups: a probe of the folder, the old file moved
// aside, a new one, the old one deleted.
func TestWatchVim(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write("clients/.acme.yaml.swp", "vim")
	w.write("clients/4913", "")
	w.remove("clients/4913")
	w.rename("clients/acme.yaml", "clients/acme.yaml~")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-08"))
	w.remove("clients/acme.yaml~")
	w.remove("clients/.acme.yaml.swp")
	out := w.next("acme/vcio/2026/strategy: moves from")
	if strings.Contains(out, "drops out") {
		t.Errorf("the moment without the file was told:\n%s", out)
	}
}

// TestWatchEditorsFilesAlone changes what is not read, and then something that is: the
// first must not have caused a reading.
func TestWatchEditorsFilesAlone(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write("clients/acme.yaml~", "old")
	w.write("clients/.acme.yaml.swp", "vim")
	w.write("clients/#acme.yaml#", "emacs")
	w.write(".git/index", "git")
	w.write(".almanac/notes.yaml", "not read")
	w.write("cue.mod/module.cue", `module: "northwind.example/clients"`)
	w.do(os.Chmod(w.path("clients/acme.yaml"), 0o600))
	w.write("clients/birch.yaml", clientFile("birch", "2026-06-08"))
	w.next("birch/vcio/2026/strategy: comes in, due Wednesday 2026-07-08: Annual strategy")
	if strings.Contains(w.out.String(), "nothing changed") {
		t.Errorf("files that are not read were read:\n%s", w.out)
	}
}

func TestWatchNewFolder(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.do(os.MkdirAll(w.path("clients/west/coast"), 0o777))
	w.next("nothing changed")
	w.write("clients/west/coast/birch.yaml", clientFile("birch", "2026-07-06"))
	w.next("6 documents", "birch/vcio/2026/audit: comes in")
	w.write("clients/west/coast/birch.yaml", clientFile("birch", "2026-07-07"))
	w.next("birch/vcio/2026/audit: moves from")
	w.write("a/b/c/d/cobalt.yaml", clientFile("cobalt", "2026-07-06")) // at once with its folders
	w.next("7 documents", "cobalt/vcio/2026/audit: comes in")
	w.write("a/b/c/d/cobalt.yaml", clientFile("cobalt", "2026-07-07"))
	w.next("cobalt/vcio/2026/audit: moves from")
}

// TestWatchFolderMoved moves folders about, also to where another one was: what is watched
// must follow, since the system goes on telling of the old folder under its old name.
func TestWatchFolderMoved(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write("clients/west/birch.yaml", clientFile("birch", "2026-07-06"))
	w.next("birch/vcio/2026/audit: comes in")
	w.rename("clients", "customers")
	w.next("6 documents", "nothing changed\n")
	w.write("customers/west/birch.yaml", clientFile("birch", "2026-07-07"))
	w.next("birch/vcio/2026/audit: moves from")
	w.rename("customers/west", "west")
	w.next("nothing changed")
	w.write("customers/west/cobalt.yaml", clientFile("cobalt", "2026-07-06"))
	w.next("cobalt/vcio/2026/audit: comes in")
	w.write("west/birch.yaml", clientFile("birch", "2026-07-08"))
	w.next("birch/vcio/2026/audit: moves from")
	w.write("customers/west/cobalt.yaml", clientFile("cobalt", "2026-07-07"))
	w.next("cobalt/vcio/2026/audit: moves from")
}

func TestWatchFolderDeleted(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.remove("clients")
	w.next("4 documents", "acme/vcio/2026/audit: would no longer be opened")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-01"))
	w.next("5 documents", "acme/vcio/2026/audit: would now be opened")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-08"))
	w.next("acme/vcio/2026/audit: would no longer be opened")
}

// TestWatchBurst writes 500 files at once.
func TestWatchBurst(t *testing.T) {
	w := startWatch(t, watchFiles)
	for n := range 500 {
		id := fmt.Sprintf("client-%03d", n)
		w.write("clients/"+id+".yaml", clientFile(id, "2026-07-06"))
	}
	w.next("505 documents", "  and ")
	if n := w.readings(); n > 6 {
		t.Errorf("%d readings for one burst\n%s", n, w.out)
	}
}

func TestWatchBranchSwitch(t *testing.T) {
	w := &watchRun{t: t, root: t.TempDir()}
	for name, text := range watchFiles {
		w.write(name, text)
	}
	w.git("init", "-q", "-b", "main")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "first")
	w.git("checkout", "-q", "-b", "other")
	w.remove("clients/acme.yaml")
	for n := range 50 {
		id := fmt.Sprintf("client-%02d", n)
		w.write("clients/"+id[7:8]+"/"+id+".yaml", clientFile(id, "2026-07-06"))
	}
	w.git("add", ".")
	w.git("commit", "-q", "-m", "second")
	w.git("checkout", "-q", "main")
	w.start()
	w.git("checkout", "-q", "other")
	w.next("54 documents", "no longer opened")
	w.git("checkout", "-q", "main")
	w.next("5 documents", "now opened")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-08"))
	w.next("1 no longer opened")
	if n := w.readings(); n > 8 {
		t.Errorf("%d readings for two branch switches and a save\n%s", n, w.out)
	}
}

// TestWatchOrganizationGone takes almanac.yaml away: the watch goes on, and knows the plan
// still when the file is back.
func TestWatchOrganizationGone(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.rename("almanac.yaml", "almanac.yaml~")
	w.next("4 documents", "no plan: the organization is missing or invalid")
	w.rename("almanac.yaml~", "almanac.yaml")
	w.next("5 documents, no faults", "mended", "the plan is as before\n")
}

// TestWatchRootGone takes the root away and brings a new one, as a checkout of a branch
// without it does.
func TestWatchRootGone(t *testing.T) {
	w := &watchRun{t: t, root: filepath.Join(t.TempDir(), "config")}
	for name, text := range watchFiles {
		w.write(name, text)
	}
	w.start()
	w.remove(".")
	w.until("a warning", func() bool { return strings.Contains(w.talk.String(), "read the root of the repository") })
	for name, text := range watchFiles {
		w.write(name, text)
	}
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-08"))
	w.next("5 documents", "acme/vcio/2026/strategy: moves from")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-01"))
	w.next("acme/vcio/2026/strategy: moves from")
}

// TestWatchFaults saves a file with a fault, mends it, and moves a step while at it: what
// was planned before the fault is not told again.
func TestWatchFaults(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write("clients/acme.yaml", strings.Replace(clientFile("acme", "2026-06-01"), "name:", "naem:", 1))
	out := w.next("5 documents, 1 error (1 new); plan: 1 left alone\n", "  error: clients/acme.yaml:3:1: ", "naem",
		"  acme: would be left alone until the files are mended: clients/acme.yaml:")
	if strings.Contains(out, "acme/vcio") {
		t.Errorf("steps of a client that is left alone:\n%s", out)
	}
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-02"))
	out = w.next("5 documents, no faults (1 mended); plan: 1 planned for again, 2 moved\n", "  mended: clients/acme.yaml: ", "  acme: is planned for again\n",
		"  acme/vcio/2026/audit: moves from Monday 2026-05-11 to Tuesday 2026-05-12: alignment date 2026-06-01 → 2026-06-02\n")
	if strings.Contains(out, "opened") {
		t.Errorf("what was planned before is told as new:\n%s", out)
	}
}

// TestWatchStartsWithFaults begins with a repository of which nothing can be reckoned.
func TestWatchStartsWithFaults(t *testing.T) {
	w := &watchRun{t: t, root: t.TempDir()}
	for name, text := range watchFiles {
		w.write(name, text)
	}
	w.write("almanac.yaml", strings.Replace(watchFiles["almanac.yaml"], "timezone: America/Chicago\n", "", 1))
	w.start()
	if out := w.out.String(); !strings.Contains(out, "no plan: the organization is missing or invalid") || !strings.Contains(out, "timezone") {
		t.Errorf("first answer:\n%s", out)
	}
	w.write("almanac.yaml", watchFiles["almanac.yaml"])
	w.next("5 documents, no faults", "; plan: 1 to open\n")
}

// TestWatchFollowsLoader changes files in folders that are read and that are not, by the
// rules of the loader: ignored ones, and a link into a dot folder.
func TestWatchFollowsLoader(t *testing.T) {
	w := &watchRun{t: t, root: t.TempDir()}
	for name, text := range watchFiles {
		w.write(name, text)
	}
	w.write(".almanacignore", "drafts/\n")
	w.write("drafts/birch.yaml", clientFile("birch", "2026-07-06"))
	w.write(".shared/cobalt.yaml", clientFile("cobalt", "2026-07-06"))
	w.do(os.Symlink("../.shared/cobalt.yaml", w.path("clients/cobalt.yaml")))
	w.start()
	w.write("drafts/birch.yaml", clientFile("birch", "2026-07-07"))
	w.write(".shared/cobalt.yaml", clientFile("cobalt", "2026-07-07"))
	out := w.next("6 documents", "cobalt/vcio/2026/audit: moves from")
	if strings.Contains(out, "birch") || w.readings() > 3 {
		t.Errorf("an ignored folder was looked at:\n%s", w.out)
	}
	w.write(".almanacignore", "")
	w.next("7 documents", "birch/vcio/2026/audit: comes in")
	w.write("drafts/birch.yaml", clientFile("birch", "2026-07-08"))
	w.next("birch/vcio/2026/audit: moves from")
}

// TestWatchReconciledMeanwhile opens the issue between two saves: that is no difference
// that a save made.
func TestWatchReconciledMeanwhile(t *testing.T) {
	w := startWatch(t, watchFiles)
	c := &Command{Stdin: strings.NewReader(""), Stdout: &syncBuffer{}, Stderr: w.talk, Now: time.Now, Dir: w.root,
		Getenv: func(name string) string { return map[string]string{"XDG_CACHE_HOME": w.t.TempDir()}[name] }}
	if code := c.Main(context.Background(), []string{"reconcile", "--as-of", "2026-05-01"}); code != ExitOK {
		t.Fatalf("reconcile: exit code %d\n%s", code, w.talk)
	}
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-02"))
	out := w.next("acme/vcio/2026/audit: would now be updated: ", "; moves from Monday 2026-05-11 to Tuesday 2026-05-12")
	if strings.Contains(out, "opened") {
		t.Errorf("an issue that was opened by a run:\n%s", out)
	}
}

// TestWatchForgeUnread breaks an issue: faults are told all the same, and once the issues
// can be read again, so is what was missed.
func TestWatchForgeUnread(t *testing.T) {
	w := startWatch(t, watchFiles)
	w.write(".almanac/issues/1.md", "no issue")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-02"))
	w.next("5 documents, no faults; no plan: list issues", "1.md")
	w.remove(".almanac/issues/1.md")
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-03"))
	w.next("acme/vcio/2026/audit: moves from Monday 2026-05-11 to Wednesday 2026-05-13: alignment date 2026-06-01 → 2026-06-03")
}

// TestWatchWritesNothing compares everything below the root, dot folders and the objects of
// Git too, before and after a watch that had much to plan.
func TestWatchWritesNothing(t *testing.T) {
	for name, args := range map[string][]string{
		"beside the files": nil,
		"ledger in git":    {"--ledger", "git"},
		"ledger at origin": {"--ledger", "git:origin"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &watchRun{t: t, root: filepath.Join(t.TempDir(), "config")}
			for name, text := range watchFiles {
				w.write(name, text)
			}
			w.git("init", "-q", "-b", "main")
			w.git("add", ".")
			w.git("commit", "-q", "-m", "first")
			w.git("init", "-q", "--bare", "../origin.git")
			w.git("remote", "add", "origin", "../origin.git")
			w.start(args...)
			w.write("clients/birch.yaml", clientFile("birch", "2026-06-01"))
			before := w.tree()
			w.next("birch/vcio/2026/audit: would now be opened")
			w.cancel()
			if code := w.end(); code != ExitOK {
				t.Errorf("exit code %d", code)
			}
			if diff := cmp.Diff(before, w.tree()); diff != "" {
				t.Errorf("written below the root (-before +after):\n%s", diff)
			}
		})
	}
}

// TestWatchCannotWrite holds by types that a watch keeps nothing that writes.
func TestWatchCannotWrite(t *testing.T) {
	forge, ledger := reflect.TypeFor[reconcile.Forge](), reflect.TypeFor[reconcile.Ledger]()
	var check func(at reflect.Type, seen map[reflect.Type]bool, path string)
	check = func(at reflect.Type, seen map[reflect.Type]bool, path string) {
		if seen[at] {
			return
		}
		seen[at] = true
		if at.Implements(forge) || at.Implements(ledger) {
			t.Errorf("%s can write", path)
		}
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			check(at.Elem(), seen, path)
		case reflect.Struct:
			for f := range at.Fields() {
				check(f.Type, seen, path+"."+f.Name)
			}
		}
	}
	seen := map[reflect.Type]bool{}
	check(reflect.TypeFor[watching](), seen, "watching")
	if len(seen) < 10 {
		t.Fatalf("only %d types looked at", len(seen))
	}
	results := reflect.TypeOf((*Command).readers)
	if results.Out(0) != reflect.TypeFor[reconcile.Reader]() || results.Out(1) != reflect.TypeFor[reconcile.LedgerReader]() {
		t.Errorf("readers returns %v and %v", results.Out(0), results.Out(1))
	}
}

func TestWatchRefuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a forge of no kind", []string{"--forge", "paper"}, ExitUsage, "--forge"},
		{"a client pattern of no meaning", []string{"--client", "[a"}, ExitUsage, "not a pattern"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &watchRun{t: t, root: t.TempDir()}
			for name, text := range watchFiles {
				w.write(name, text)
			}
			talk := &syncBuffer{}
			c := &Command{Stdin: strings.NewReader(""), Stdout: &syncBuffer{}, Stderr: talk, Now: time.Now, Dir: w.root,
				Getenv: func(string) string { return "" }}
			cmd := newWatch(c, &options{})
			cmd.SetArgs(tc.args)
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			if code := c.report(cmd.ExecuteContext(context.Background())); code != tc.code || !strings.Contains(talk.String(), tc.want) {
				t.Errorf("exit code %d\n%s", code, talk)
			}
		})
	}
}
