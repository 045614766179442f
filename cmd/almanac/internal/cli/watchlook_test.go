package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// slowForge is a forge without issues that needs its time to say so.
type slowForge struct {
	// Reader is nil: an observer asks for nothing but what is below.
	reconcile.Reader
	name   string
	now    time.Time
	takes  time.Duration
	broken error
	lists  int
}

func (f *slowForge) Name() string { return f.name }

func (f *slowForge) List(context.Context, time.Time) ([]issue.Issue, error) {
	f.lists++
	f.now = f.now.Add(f.takes)
	return nil, f.broken
}

func (f *slowForge) Get(context.Context, int) (issue.Issue, error) {
	return issue.Issue{}, reconcile.ErrNotFound
}
func (f *slowForge) Clock(context.Context) (time.Time, error) { return time.Time{}, nil }
func (f *slowForge) Identity(context.Context) (string, error) { return "", nil }

// noLedger is a ledger that does not exist.
type noLedger struct{}

func (noLedger) Name() string { return "none" }
func (noLedger) Load(context.Context) (*reconcile.History, error) {
	return &reconcile.History{}, nil
}

// TestForgeView looks at a forge that takes two seconds, again and again: what it showed
// serves for two minutes, while one that answers at once is asked each time.
func TestForgeView(t *testing.T) {
	f := &slowForge{name: "far", now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), takes: 2 * time.Second}
	var v forgeView
	look := func(after time.Duration, lists int) {
		t.Helper()
		f.now = f.now.Add(after)
		if _, err := v.observe(t.Context(), func() time.Time { return f.now }, f, noLedger{}); err != nil {
			t.Fatal(err)
		}
		if f.lists != lists {
			t.Errorf("asked %d times, want %d", f.lists, lists)
		}
	}
	look(0, 1)
	look(time.Second, 1)
	look(time.Minute, 1)
	look(time.Minute, 2)
	f.name = "another repository"
	look(time.Second, 3)
	f.takes = viewSlow - time.Millisecond
	look(3*time.Minute, 4)
	look(0, 5)
	f.broken = errors.New("broken")
	if _, err := v.observe(t.Context(), func() time.Time { return f.now }, f, noLedger{}); !errors.Is(err, f.broken) {
		t.Errorf("got %v, want the fault of the forge", err)
	}
	f.broken = nil
	look(0, 7)
}

// BenchmarkWatchTurn is one save of one client, read and compared.
func BenchmarkWatchTurn(b *testing.B) {
	for _, clients := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			root, cache := b.TempDir(), b.TempDir()
			if err := loadtest.Write(root, clients); err != nil {
				b.Fatal(err)
			}
			notify, err := fsnotify.NewWatcher()
			if err != nil {
				b.Fatal(err)
			}
			defer notify.Close()
			c := &Command{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, Dir: root, Getenv: func(name string) string {
				return map[string]string{"XDG_CACHE_HOME": cache}[name]
			}}
			w := &watching{c: c, options: &engineOptions{options: &options{asOf: "2026-05-01"}}, files: newWatchedFiles(root, notify)}
			if err := w.turn(b.Context()); err != nil {
				b.Fatal(err)
			}
			file := filepath.Join(root, filepath.FromSlash(loadtest.ClientFile(7)))
			text, err := os.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				text = append(text, "# saved\n"...)
				if err := os.WriteFile(file, text, 0o666); err != nil {
					b.Fatal(err)
				}
				if err := w.turn(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestTouched(t *testing.T) {
	client := func(id, name string) *schema.Client {
		return &schema.Client{Meta: schema.Meta{ID: id}, Name: name}
	}
	catalog := func(step string, clients ...*schema.Client) *schema.Catalog {
		p := &schema.ProcessTemplate{Steps: []schema.Step{{ID: step}}}
		c := &schema.Catalog{Processes: []*schema.ProcessTemplate{p}, Clients: clients}
		c.Index()
		return c
	}
	before := catalog("audit", client("acme", "Acme"), client("birch", "Birch"), client("cobalt", "Cobalt"))
	is := touched(before, catalog("audit", client("acme", "Acme"), client("birch", "Birch Legal"), client("delmar", "Delmar")))
	for id, want := range map[string]bool{"acme": false, "birch": true, "cobalt": true, "delmar": true} {
		if is(id) != want {
			t.Errorf("%s: %v, want %v", id, is(id), want)
		}
	}
	if touched(before, catalog("review", client("acme", "Acme"))) != nil {
		t.Error("a template touches all clients")
	}
	yes, no := func(string) bool { return true }, func(string) bool { return false }
	if both(nil, nil) != nil || both(nil, no)("acme") || both(no, nil)("acme") || both(yes, no)("acme") || !both(yes, yes)("acme") {
		t.Error("both choices have to hold")
	}
}
