package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
)

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
	for _, day := range []string{"2026-07-06", "2026-06-01", "2026-07-07"} {
		w.inPlace("clients/acme.yaml", clientFile("acme", day))
		w.next("acme/vcio/2026/strategy: moves from", "→ "+day)
	}
}

func TestWatchPlan(t *testing.T) {
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
		w.inPlace("clients/.acme.yaml.new", clientFile("acme", day))
		w.rename("clients/.acme.yaml.new", "clients/acme.yaml")
		w.next("→ " + day)
	}
	w.fewReadings(3)
}

// TestWatchVim saves as vim does with backups: a probe of the folder, the old file moved
// aside, a new one, the old one deleted.
func TestWatchVim(t *testing.T) {
	w := startWatch(t, watchFiles)
	for _, name := range []string{"2026 Acme", "Acme Dental"} {
		w.inPlace("clients/.acme.yaml.swp", "vim")
		w.inPlace("clients/4913", "")
		w.remove("clients/4913")
		w.rename("clients/acme.yaml", "clients/acme.yaml~")
		w.inPlace("clients/acme.yaml", strings.Replace(clientFile("acme", "2026-06-01"), "Client acme", name, 1))
		w.remove("clients/acme.yaml~")
		w.remove("clients/.acme.yaml.swp")
		w.next("5 documents, no faults", "acme/vcio/2026/audit: ", name)
	}
	w.fewReadings(4)
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
		w.inPlace("clients/"+id+".yaml", clientFile(id, "2026-07-06"))
	}
	w.next("505 documents", "  and ")
	w.fewReadings(1)
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
	w.fewReadings(3)
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
		"  acme: would be left alone until this is mended: clients/acme.yaml:")
	if strings.Contains(out, "acme/vcio") {
		t.Errorf("steps of a client that is left alone:\n%s", out)
	}
	w.write("clients/acme.yaml", clientFile("acme", "2026-06-02"))
	out = w.next("5 documents, no faults (1 mended); plan: 1 no longer left alone, 2 moved\n", "  mended: clients/acme.yaml: ", "  acme: is no longer left alone\n",
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
	if strings.Contains(out, "birch") || strings.Contains(out, "nothing changed") {
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
