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
	"strings"
	"sync"
	"testing"
	"time"
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
	read  int
	began time.Time
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
	w.read, w.began = len(w.out.String()), time.Now()
}

// end waits for the command to end and returns its exit code, any number of times.
func (w *watchRun) end() int {
	select {
	case <-w.ended:
	case <-time.After(time.Minute):
		w.t.Fatalf("the watch does not end\n%s", w.talk)
	}
	return w.exit
}

// until polls for a condition for a minute at most.
func (w *watchRun) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
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

// readings counts how often the files were read, by the lines that sum up.
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

// write puts a file in place at once, so that no half of it is ever read.
func (w *watchRun) write(name, text string) {
	w.t.Helper()
	w.inPlace(".written", text)
	w.do(os.MkdirAll(filepath.Dir(w.path(name)), 0o777))
	w.rename(".written", name)
}

// inPlace empties a file and fills it.
func (w *watchRun) inPlace(name, text string) {
	w.t.Helper()
	w.do(os.MkdirAll(filepath.Dir(w.path(name)), 0o777))
	w.do(os.WriteFile(w.path(name), []byte(text), 0o666))
}

// fewReadings fails the test where the files were read more often than once a second and
// twice a save since the first answer: a busy machine may halve a save.
func (w *watchRun) fewReadings(saves int) {
	w.t.Helper()
	if n, most := readings(w.out.String()), 1+2*saves+int(time.Since(w.began)/longestBurst); n > most {
		w.t.Errorf("%d readings, want %d at most\n%s", n, most, w.out)
	}
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
