package ledger_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// both returns an absent ledger of each sort.
func both(t *testing.T) map[string]ledger.Ledger {
	return map[string]ledger.Ledger{
		"git": open(t, ledger.Options{URL: bare(t), Now: second}),
		"dir": ledger.Dir(filepath.Join(t.TempDir(), "ledger")),
	}
}

func TestLog(t *testing.T) {
	for name, l := range both(t) {
		t.Run(name, func(t *testing.T) {
			if log, err := l.Log(t.Context(), "", 0); err != nil || len(log) > 0 {
				t.Errorf("absent ledger: %v, %v", log, err)
			}
			for i, keys := range [][]string{{"acme", "zeta"}, {"zeta"}, {"acme"}} {
				var events []record.Event
				for _, client := range keys {
					e := event(client, string(rune('a'+i)))
					e.At = e.At.Add(time.Duration(i) * time.Hour)
					events = append(events, e)
				}
				write(t, l, events...)
			}
			for _, c := range []struct {
				client string
				max    int
				want   []string
			}{
				{"", 0, []string{"acme/c", "zeta/b", "acme/a zeta/a"}},
				{"", 2, []string{"acme/c", "zeta/b"}},
				{"acme", 0, []string{"acme/c", "acme/a"}},
				{"zeta", 1, []string{"zeta/b"}},
				{"nobody", 0, nil},
			} {
				log, err := l.Log(t.Context(), c.client, c.max)
				check(t, err)
				if diff := cmp.Diff(c.want, steps(t, log)); diff != "" {
					t.Errorf("log of %q, at most %d:\n%s", c.client, c.max, diff)
				}
			}
		})
	}
}

// steps words a log as the clients and steps of its events.
func steps(t *testing.T, log []ledger.Commit) []string {
	var all []string
	for _, c := range log {
		if c.Message == "" || c.At.IsZero() {
			t.Errorf("step without message or time: %+v", c)
		}
		var l []string
		for _, e := range c.Events {
			l = append(l, record.Client(e.Key)+e.Key[strings.LastIndex(e.Key, "/"):])
		}
		all = append(all, strings.Join(l, " "))
	}
	return all
}

func TestVerifySound(t *testing.T) {
	for name, l := range both(t) {
		for range 2 {
			if found, err := l.Verify(t.Context()); err != nil || len(found) > 0 {
				t.Errorf("%s: %v, %v", name, found, err)
			}
			write(t, l, event("acme", "audit"), event("zeta", "audit"))
			write(t, l, event("acme", "call"))
		}
	}
}

// TestVerify damages a sound ledger by hand.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name string
		hand func(t *testing.T, dir string)
		want []string
	}{
		{"line deleted", func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, "v1/acme.jsonl"))
			check(t, err)
			_, rest, _ := strings.Cut(string(text), "\n")
			check(t, os.WriteFile(filepath.Join(dir, "v1/acme.jsonl"), []byte(rest), 0o666))
		}, []string{"v1/acme.jsonl:1: a line was changed or deleted: lines are only ever added"}},
		{"line changed", func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, "v1/acme.jsonl"))
			check(t, err)
			check(t, os.WriteFile(filepath.Join(dir, "v1/acme.jsonl"), []byte(strings.Replace(string(text), "2026/call", "2026/meeting", 1)), 0o666))
		}, []string{"v1/acme.jsonl:2: a line was changed or deleted: lines are only ever added"}},
		{"file deleted", func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, "v1/acme.jsonl"))) },
			[]string{"v1/acme.jsonl: the file was deleted"}},
		{"meta deleted", func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, "meta.json"))) },
			[]string{"meta.json: was deleted", "meta.json: missing, although there are events: put back the file of an earlier version"}},
		{"installation changed", func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, "meta.json"), []byte(`{"schema": 1, "installation": "contoso"}`), 0o666))
		}, []string{`meta.json: the installation changed from "northwind" to "contoso"`}},
		{"damaged line", func(t *testing.T, dir string) {
			f, err := os.OpenFile(filepath.Join(dir, "v1/acme.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
			check(t, err)
			_, err = f.WriteString("oops\n")
			check(t, err)
			check(t, f.Close())
		}, []string{"v1/acme.jsonl:3: not an event: invalid character 'o' looking for beginning of value"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := bare(t)
			l := open(t, ledger.Options{URL: dir, Now: second})
			write(t, l, event("acme", "audit"))
			write(t, l, event("acme", "call"))
			clone := filepath.Join(t.TempDir(), "clone")
			run(t, ".", "clone", "-q", "-b", ledger.DefaultBranch, dir, clone)
			c.hand(t, clone)
			run(t, clone, "commit", "-q", "-a", "-m", "mend")
			run(t, clone, "push", "-q", "origin", "HEAD")
			want := append([]string{"the commit has no nonce: almanac did not write it"}, c.want...)
			found, err := l.Verify(t.Context())
			check(t, err)
			if diff := cmp.Diff(want, texts(found)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func texts(found []ledger.Problem) []string {
	var l []string
	for _, p := range found {
		text := p.Text
		if p.Line > 0 {
			text = p.File + ":" + string(rune('0'+p.Line)) + ": " + text
		} else if p.File != "" {
			text = p.File + ": " + text
		}
		l = append(l, text)
	}
	return l
}

func TestVerifyCopiedCommit(t *testing.T) {
	dir := bare(t)
	l := open(t, ledger.Options{URL: dir})
	write(t, l, event("acme", "audit"))
	head := run(t, dir, "rev-parse", ledger.DefaultBranch)
	copied := run(t, dir, "commit-tree", "-p", head, "-m", run(t, dir, "log", "-1", "--format=%B", head), head+"^{tree}")
	run(t, dir, "update-ref", "refs/heads/"+ledger.DefaultBranch, copied)
	found, err := l.Verify(context.Background())
	if check(t, err); len(found) != 1 || found[0].Commit != copied || !strings.Contains(found[0].Text, head) {
		t.Errorf("found %v", found)
	}
}
