package ledger_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// event claims a step of a client.
func event(client, step string) record.Event {
	return record.Event{V: record.Version, At: second(), Key: client + "/vcio/2026/" + step, Verb: record.IntendCreate, Run: "r1", Nonce: "n"}
}

func always(events ...record.Event) func(*reconcile.History) (reconcile.Batch, error) {
	return func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: events, Message: "claim " + events[0].Key, Installation: "northwind"}, nil
	}
}

func write(t testing.TB, l reconcile.Ledger, events ...record.Event) *reconcile.History {
	t.Helper()
	h, err := l.Update(context.Background(), always(events...))
	check(t, err)
	return h
}

func commits(t testing.TB, dir string) string {
	t.Helper()
	return run(t, dir, "rev-list", "--count", ledger.DefaultBranch)
}

// lose answers the first push, which the server carries out, with a broken connection.
// Afterwards it calls then, before the client learns of it.
func lose(then func()) func(http.Handler) http.Handler {
	var lost atomic.Bool
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "git-receive-pack") || lost.Swap(true) {
				h.ServeHTTP(w, r)
				return
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			then()
			panic(http.ErrAbortHandler)
		})
	}
}

func TestLostAnswer(t *testing.T) {
	for _, first := range []bool{true, false} {
		dir := bare(t)
		if !first {
			write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
		}
		l := open(t, ledger.Options{URL: serve(t, dir, lose(func() {})), Sleep: brief})
		decided := 0
		h, err := l.Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			decided++
			return reconcile.Batch{Events: []record.Event{event("acme", "call")}}, nil
		})
		check(t, err)
		want := map[bool]int{true: 1, false: 2}[first]
		if decided != 1 || len(h.Events()) != want {
			t.Errorf("first %t: decided %d times, %d events", first, decided, len(h.Events()))
		}
		// What follows goes on from there.
		if h := write(t, l, event("acme", "meeting")); len(h.Events()) != want+1 {
			t.Errorf("first %t: %d events afterwards", first, len(h.Events()))
		}
	}
}

// TestLostAnswerAndOvertaken has forty commits of others on top of the one whose answer was
// lost, more than are looked at first.
func TestLostAnswerAndOvertaken(t *testing.T) {
	dir := bare(t)
	write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
	other := func() {
		head := run(t, dir, "rev-parse", ledger.DefaultBranch)
		for range 40 {
			head = run(t, dir, "commit-tree", "-p", head, "-m", "of another run", head+"^{tree}")
		}
		run(t, dir, "update-ref", "refs/heads/"+ledger.DefaultBranch, head)
	}
	decided := 0
	h, err := open(t, ledger.Options{URL: serve(t, dir, lose(other)), Sleep: brief}).Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		decided++
		return reconcile.Batch{Events: []record.Event{event("acme", "call")}}, nil
	})
	check(t, err)
	if decided != 1 || len(h.Events()) != 2 || commits(t, dir) != "42" {
		t.Errorf("decided %d times, %d events, %s commits", decided, len(h.Events()), commits(t, dir))
	}
}

// TestLostAnswerOfGitItself kills git once it has moved the branch and before it says so.
func TestLostAnswerOfGitItself(t *testing.T) {
	dir := bare(t)
	write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
	once := filepath.Join(t.TempDir(), "once")
	hook(t, dir, "reference-transaction", `test "$1" = committed || exit 0; test -e '`+once+`' && exit 0; touch '`+once+`'; kill -9 $PPID`)
	write(t, open(t, ledger.Options{URL: dir, Sleep: brief}), event("acme", "call"))
	if _, err := os.Stat(once); err != nil {
		t.Errorf("git was not killed: %v", err)
	}
	if h := write(t, open(t, ledger.Options{URL: dir}), event("acme", "meeting")); len(h.Events()) != 3 || commits(t, dir) != "3" {
		t.Errorf("%d events in %s commits", len(h.Events()), commits(t, dir))
	}
}

// TestUnknownOutcome loses the answer and the server with it.
func TestUnknownOutcome(t *testing.T) {
	dir := bare(t)
	var down atomic.Bool
	lost := lose(func() { down.Store(true) })
	url := serve(t, dir, func(h http.Handler) http.Handler {
		h = lost(h)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if down.Load() {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	l := open(t, ledger.Options{URL: url, Sleep: brief})
	if _, err := l.Update(t.Context(), always(event("acme", "audit"))); !errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("update: %v", err)
	}
	down.Store(false)
	if h, err := l.Load(t.Context()); err != nil || len(h.Events()) != 1 {
		t.Errorf("afterwards: %+v, %v", h, err)
	}
}

// TestCancelledAfterPush cancels the run while the server works: it did arrive, and that is
// still found out.
func TestCancelledAfterPush(t *testing.T) {
	dir := bare(t)
	write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
	ctx, cancel := context.WithCancel(t.Context())
	l := open(t, ledger.Options{URL: serve(t, dir, lose(cancel)), Sleep: brief})
	if h, err := l.Update(ctx, always(event("acme", "call"))); err != nil || len(h.Events()) != 2 {
		t.Errorf("update: %+v, %v", h, err)
	}
}

// hook makes a repository run a script at some moment of a push.
func hook(t *testing.T, dir, name, script string) {
	file := filepath.Join(dir, "hooks", name)
	check(t, os.MkdirAll(filepath.Dir(file), 0o777))
	check(t, os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o777))
}

func TestHookRejects(t *testing.T) {
	dir := bare(t)
	write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
	hook(t, dir, "pre-receive", "echo frozen until Monday >&2; exit 1")
	for _, url := range []string{dir, serve(t, dir, nil)} {
		slept := 0
		l := open(t, ledger.Options{URL: url, Sleep: func(context.Context, time.Duration) error { slept++; return nil }})
		_, err := l.Update(t.Context(), always(event("acme", "call")))
		if err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) || !strings.Contains(err.Error(), "hook declined") || !strings.Contains(err.Error(), "frozen until Monday") {
			t.Errorf("update: %v", err)
		}
		if slept > 0 {
			t.Errorf("tried %d times more although nothing would change", slept)
		}
	}
	if commits(t, dir) != "1" {
		t.Error("wrote all the same")
	}
}

func TestReadOnlyServer(t *testing.T) {
	dir := bare(t)
	write(t, open(t, ledger.Options{URL: dir}), event("acme", "audit"))
	run(t, dir, "config", "http.receivepack", "false")
	l := open(t, ledger.Options{URL: serve(t, dir, nil), Sleep: brief})
	if h, err := l.Load(t.Context()); err != nil || len(h.Events()) != 1 {
		t.Errorf("load: %+v, %v", h, err)
	}
	_, err := l.Update(t.Context(), always(event("acme", "call")))
	if err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) || !strings.Contains(err.Error(), "token may write") {
		t.Errorf("update: %v", err)
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	gone := s.URL + "/r.git"
	for _, address := range []string{gone, filepath.Join(t.TempDir(), "none")} {
		l := open(t, ledger.Options{URL: address, Sleep: brief})
		if h, err := l.Load(t.Context()); err == nil {
			t.Errorf("%s reads as %+v: an error must not be an absent ledger", address, h)
		}
		if _, err := l.Update(t.Context(), always(event("acme", "call"))); err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestSecrets looks for the token and for credentials of an address in every error.
func TestSecrets(t *testing.T) {
	refuse := func(code int) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, "no: "+r.URL.String(), code)
			})
		}
	}
	for _, code := range []int{401, 403, 404, 500, 502} {
		address := strings.Replace(serve(t, bare(t), refuse(code)), "http://", "http://marcus:hunter2@", 1)
		for _, o := range []ledger.Options{
			{URL: address},
			{URL: address, Token: func(context.Context, string) (string, error) { return "s3cret", nil }},
		} {
			o.Sleep = brief
			l := open(t, o)
			_, err := l.Load(t.Context())
			_, err2 := l.Update(t.Context(), always(event("acme", "call")))
			if err == nil || err2 == nil {
				t.Fatalf("%d is no error", code)
			}
			for _, text := range []string{err.Error(), err2.Error(), l.Name()} {
				for _, secret := range []string{"hunter2", "marcus", "s3cret"} {
					if strings.Contains(text, secret) {
						t.Errorf("%d: %q holds %q", code, text, secret)
					}
				}
			}
		}
	}
}

func TestToken(t *testing.T) {
	dir := bare(t)
	var user, password string
	address := serve(t, dir, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ = r.BasicAuth()
			h.ServeHTTP(w, r)
		})
	})
	asked := ""
	token := func(_ context.Context, host string) (string, error) { asked = host; return "s3cret", nil }
	write(t, open(t, ledger.Options{URL: address, Token: token}), event("acme", "call"))
	if user != "x-access-token" || password != "s3cret" || !strings.HasPrefix(address, "http://"+asked+"/") {
		t.Errorf("signed in as %q with %q, for the host %q", user, password, asked)
	}
	_, err := open(t, ledger.Options{URL: "http://git.northwind.example/r.git", Token: token}).Load(t.Context())
	if err == nil || !strings.Contains(err.Error(), "use https") {
		t.Errorf("a token over http: %v", err)
	}
}

// TestStaysHome: a server that sends us to another host gets us nowhere, and one that sends
// us to another repository of its own does.
func TestStaysHome(t *testing.T) {
	stranger := serve(t, bare(t), func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s reached the other host", r.URL) })
	})
	other := strings.TrimSuffix(strings.Replace(stranger, "127.0.0.1", "localhost", 1), "/ledger%20repo.git")
	away := serve(t, bare(t), func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other+r.URL.RequestURI(), http.StatusMovedPermanently)
		})
	})
	token := func(context.Context, string) (string, error) { return "s3cret", nil }
	l := open(t, ledger.Options{URL: away, Sleep: brief, Token: token})
	_, load := l.Load(t.Context())
	_, update := l.Update(t.Context(), always(event("acme", "call")))
	_, log := l.Log(t.Context(), "", 1)
	for _, err := range []error{load, update, log} {
		if err == nil || !strings.Contains(err.Error(), "127.0.0.1 sends us on to localhost, another host") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
	renamed := serve(t, bare(t), func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if path, old := strings.CutPrefix(r.URL.Path, "/old"); old {
				http.Redirect(w, r, (&url.URL{Path: path, RawQuery: r.URL.RawQuery}).String(), http.StatusMovedPermanently)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	write(t, open(t, ledger.Options{URL: strings.Replace(renamed, "/ledger", "/old/ledger", 1), Sleep: brief, Token: token}), event("acme", "call"))
}

// TestManyRacesLost has somebody who is always faster.
func TestManyRacesLost(t *testing.T) {
	dir := bare(t)
	other := open(t, ledger.Options{URL: dir})
	write(t, other, event("acme", "audit"))
	var waits []time.Duration
	l := open(t, ledger.Options{URL: dir, Sleep: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}})
	decided := 0
	_, err := l.Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
		if decided++; len(h.Events()) != decided {
			t.Errorf("decided on %d events the %dth time", len(h.Events()), decided)
		}
		write(t, other, event("acme", "call"))
		return reconcile.Batch{Events: []record.Event{event("acme", "mine")}}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "faster") || errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("update: %v", err)
	}
	if len(waits) != decided || waits[len(waits)-1] < 4*waits[0] || waits[len(waits)-1] > 5*time.Second {
		t.Errorf("decided %d times, waited %v", decided, waits)
	}
}
