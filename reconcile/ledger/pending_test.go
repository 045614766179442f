package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

func crashEvent(client, step string) record.Event {
	return record.Event{V: record.Version, At: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Key: client + "/vcio/2026/" + step, Verb: record.IntendCreate, Nonce: "n"}
}

func put(t *testing.T, l reconcile.Ledger, events ...record.Event) *reconcile.History {
	t.Helper()
	h, err := l.Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: events, Installation: "northwind"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestCrash cuts an update of two files short at every byte of its way: whoever reads finds
// all of it, and whoever writes next carries it out, once.
func TestCrash(t *testing.T) {
	full := t.TempDir()
	put(t, Dir(full), crashEvent("acme", "audit"))
	var p pending
	{
		l := &dirLedger{dir: full}
		c, err := l.read()
		if err != nil {
			t.Fatal(err)
		}
		_, m, err := l.history(c.content())
		if err != nil {
			t.Fatal(err)
		}
		q, err := c.prepare(m, reconcile.Batch{Events: []record.Event{crashEvent("acme", "call"), crashEvent("zeta", "call")}})
		if err != nil {
			t.Fatal(err)
		}
		p = *q
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	a, z := p.Files["acme"].Lines, p.Files["zeta"].Lines
	for n := 0; n <= len(a)+len(z)+1; n += 7 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ledger")
			if err := os.CopyFS(dir, os.DirFS(full)); err != nil {
				t.Fatal(err)
			}
			save(t, filepath.Join(dir, pendingFile), string(text))
			save(t, filepath.Join(dir, "v1/acme.jsonl"), load(t, filepath.Join(full, "v1/acme.jsonl"))+a[:min(n, len(a))])
			if n > len(a) {
				save(t, filepath.Join(dir, "v1/zeta.jsonl"), z[:min(n-len(a), len(z))])
			}
			if n > len(a)+len(z) {
				save(t, filepath.Join(dir, metaFile), p.Meta)
			}
			want := []string{"acme/vcio/2026/audit", "acme/vcio/2026/call", "zeta/vcio/2026/call"}
			h, err := Dir(dir).Load(t.Context())
			if err != nil || !slices.Equal(keysOf(h), want) || len(h.Damaged) > 0 {
				t.Errorf("load: %q, %v, %v", keysOf(h), h.Damaged, err)
			}
			h = put(t, Dir(dir), crashEvent("zeta", "last"))
			if want = append(want, "zeta/vcio/2026/last"); !slices.Equal(keysOf(h), want) {
				t.Errorf("update: %q", keysOf(h))
			}
			if _, err := os.Stat(filepath.Join(dir, pendingFile)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the update is still pending: %v", err)
			}
			if got := load(t, filepath.Join(dir, "v1/acme.jsonl")); strings.Count(got, "\n") != 2 {
				t.Errorf("file %q", got)
			}
		})
	}
}

func keysOf(h *reconcile.History) []string {
	var l []string
	for _, e := range h.Events() {
		l = append(l, e.Key)
	}
	return l
}

func save(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAdditionOnto(t *testing.T) {
	a := addition{Size: 4, Lines: "new\n"}
	for text, want := range map[string]string{
		"old\n":              "old\nnew\n",
		"old\nne":            "old\nnew\n",
		"old\nnew\n":         "old\nnew\n",
		"old\nnew\nlater\n":  "old\nnew\nlater\n",
		"old\nby hand\n":     "old\nby hand\nnew\n",
		"ol":                 "ol\nnew\n",
		"":                   "new\n",
		"old\nby hand, open": "old\nby hand, open\nnew\n",
	} {
		if got := string(a.onto([]byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestLockIsWaitedFor has the lock held by another: the context ends the waiting, and the
// lock is not lost to nobody.
func TestLockIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	put(t, Dir(dir), crashEvent("acme", "audit"))
	unlock, err := lock(t.Context(), filepath.Join(dir, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = Dir(dir).Update(ctx, func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{}, errors.New("decided without the lock")
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("update: %v", err)
	}
	// Reading needs no lock.
	if h, err := Dir(dir).Load(t.Context()); err != nil || len(h.Events()) != 1 {
		t.Errorf("load: %+v, %v", h, err)
	}
	unlock()
	put(t, Dir(dir), crashEvent("acme", "call"))
}

func TestDirRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	save(t, file, "")
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if h, err := Dir(dir).Load(t.Context()); err == nil {
			t.Errorf("%s reads as %+v", dir, h)
		}
		_, err := Dir(dir).Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			return reconcile.Batch{Events: []record.Event{crashEvent("acme", "audit")}}, nil
		})
		if err == nil {
			t.Errorf("%s was written to", dir)
		}
	}
	dir := t.TempDir()
	put(t, Dir(dir), crashEvent("acme", "audit"))
	save(t, filepath.Join(dir, pendingFile), "{")
	if _, err := Dir(dir).Load(t.Context()); err == nil || !strings.Contains(err.Error(), pendingFile) {
		t.Errorf("broken pending update: %v", err)
	}
}
