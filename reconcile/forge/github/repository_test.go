package github_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

func TestPublic(t *testing.T) {
	for _, public := range []bool{true, false} {
		r := newRig(t, githubtest.Options{})
		r.SetPublic(public)
		for range 2 {
			if got, err := r.Public(t.Context()); err != nil || got != public {
				t.Errorf("public %v, %v", got, err)
			}
		}
		if n, _ := r.Totals(); n != 1 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestClock is GitHub's, not ours, and costs nothing after another request.
func TestClock(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	off := func(o *github.Options) {
		o.Now = func() time.Time { return r.Server.Clock().Now().Add(-2 * time.Hour) }
	}
	f := r.client(t, off)
	for range 2 {
		got, err := f.Clock(t.Context())
		if d := got.Sub(r.Server.Clock().Now()).Abs(); err != nil || d > time.Second || got.Location() != time.UTC {
			t.Errorf("clock %s, %v", got, err)
		}
		r.Server.Clock().Advance(time.Minute)
	}
	if n, _ := r.Totals(); n != 1 {
		t.Errorf("%d requests", n)
	}
	// A reset is reckoned by GitHub's clock too: ours would wait two hours too long.
	r.Inject(r.Primary("issues/create", time.Minute))
	if _, err := f.Create(t.Context(), reconcile.NewIssue{Title: "x"}); err != nil {
		t.Error(err)
	}
}

func TestIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		account githubtest.Account
		login   string
		want    string
	}{
		"a person":           {githubtest.Account{Login: "dana-w"}, "", "dana-w"},
		"a workflow":         {githubtest.Account{Login: "github-actions[bot]", Integration: true}, "", "github-actions[bot]"},
		"an app's own token": {githubtest.Account{Login: "almanac[bot]", Integration: true}, "almanac[bot]", "almanac[bot]"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, githubtest.Options{}, func(o *github.Options) { o.Login = c.login })
			r.SetToken(githubtest.Token, c.account)
			for range 2 {
				if got, err := r.Identity(t.Context()); err != nil || got != c.want {
					t.Errorf("identity %q, %v", got, err)
				}
			}
			i, err := r.Create(t.Context(), aNewIssue())
			if err != nil || i.Author != c.want {
				t.Errorf("author %q, %v", i.Author, err)
			}
			if n := r.Count("users/get-authenticated"); n > 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// TestIdentityOfAnotherApp: GitHub does not tell whose the token is, and the first issue
// shows that it is not the workflow's. That is told once.
func TestIdentityOfAnotherApp(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac[bot]", Integration: true})
	if got, err := r.Identity(t.Context()); err != nil || got != "github-actions[bot]" {
		t.Errorf("identity %q, %v", got, err)
	}
	for range 2 {
		if _, err := r.Create(t.Context(), aNewIssue()); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(r.said(), "set ALMANAC_LOGIN to almanac[bot]") != 1 {
		t.Errorf("said %q", r.said())
	}
}

// TestIdentityOfAWorkflow: what GitHub would refuse to say is not asked.
func TestIdentityOfAWorkflow(t *testing.T) {
	r := newRig(t, githubtest.Options{}, func(o *github.Options) { o.Token = workflowToken })
	r.SetToken(workflowToken, githubtest.Account{Login: "github-actions[bot]", Integration: true})
	if got, err := r.Identity(t.Context()); err != nil || got != "github-actions[bot]" {
		t.Errorf("identity %q, %v", got, err)
	}
	if n, _ := r.Totals(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// withApp installs an app in the server and makes the client use it.
func withApp(t *testing.T, r *rig, encode func(*rsa.PrivateKey) []byte) func(*github.Options) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	r.SetApp(githubtest.App{ID: "Iv1.abc", Installation: 77, Slug: "almanac-northwind", Key: &key.PublicKey})
	return func(o *github.Options) {
		o.Token, o.App = "", &github.App{ID: "Iv1.abc", Installation: 77, Key: encode(key)}
	}
}

func pkcs1(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func pkcs8(key *rsa.PrivateKey) []byte {
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b})
}

// TestApp: one token serves until shortly before it ends, then the next one does.
func TestApp(t *testing.T) {
	for name, encode := range map[string]func(*rsa.PrivateKey) []byte{"pkcs1": pkcs1, "pkcs8": pkcs8} {
		t.Run(name, func(t *testing.T) {
			protocols(t, func(t *testing.T, o githubtest.Options) {
				r := newRig(t, o)
				f := r.client(t, withApp(t, r, encode))
				for range 5 {
					if i, err := f.Create(t.Context(), aNewIssue()); err != nil || i.Author != "almanac-northwind[bot]" {
						t.Fatalf("author %q, %v", i.Author, err)
					}
				}
				if n := r.Count("apps/create-installation-access-token"); n != 1 {
					t.Errorf("%d tokens were made", n)
				}
				r.Server.Clock().Advance(55 * time.Minute)
				if _, err := f.Get(t.Context(), 1); err != nil || r.Count("apps/create-installation-access-token") != 2 {
					t.Errorf("get: %v", err)
				}
				if me, err := f.Identity(t.Context()); err != nil || me != "almanac-northwind[bot]" {
					t.Errorf("identity %q, %v", me, err)
				}
			})
		})
	}
}

// TestAppWithAWrongClock: GitHub's answer has the right one. It counts for the proof, and for
// when the token ends.
func TestAppWithAWrongClock(t *testing.T) {
	for _, off := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		r := newRig(t, githubtest.Options{})
		f := r.client(t, withApp(t, r, pkcs1), func(o *github.Options) { o.Now = func() time.Time { return r.Server.Clock().Now().Add(off) } })
		for _, tokens := range []int{1, 1, 2, 2, 3} {
			if _, err := f.List(t.Context(), time.Time{}); err != nil {
				t.Errorf("%v off: %v", off, err)
			}
			if made := len(r.made("apps/create-installation-access-token", http.StatusCreated)); made != tokens {
				t.Errorf("%v off: %d tokens were made, want %d", off, made, tokens)
			}
			r.Server.Clock().Advance(30 * time.Minute)
		}
	}
}

// made returns the requests of an operation that ended so.
func (r *rig) made(operation string, status int) []githubtest.Request {
	return slices.DeleteFunc(r.Server.Requests(), func(q githubtest.Request) bool { return q.Operation != operation || q.Status != status })
}

// TestAppFails: its errors say what to check, and hold neither the key nor a signature.
func TestAppFails(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(r *rig)
		opt  func(o *github.Options)
		want string
	}{
		"another app":          {func(*rig) {}, func(o *github.Options) { o.App.ID = "9" }, "check its id"},
		"another installation": {func(*rig) {}, func(o *github.Options) { o.App.Installation = 9 }, "check its id"},
		"limited":              {func(r *rig) { r.Inject(r.Primary("apps/create-installation-access-token", 40*time.Minute)) }, func(*github.Options) {}, "no more for now"},
		"not well":             {func(r *rig) { f := githubtest.BadGateway("", false); f.Times = 9; r.Inject(f) }, func(*github.Options) {}, "502"},
		"no token":             {func(r *rig) { r.Inject(githubtest.Fault{Status: 201, Body: "{}"}) }, func(*github.Options) {}, "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, githubtest.Options{})
			f := r.client(t, withApp(t, r, pkcs1), c.opt)
			c.set(r)
			_, err := f.Create(t.Context(), reconcile.NewIssue{Title: "x"})
			text := fmt.Sprintf("%v %#v %+v %s", err, err, f, r.said())
			if err == nil || !strings.Contains(text, c.want) || strings.Contains(text, "PRIVATE") || strings.Contains(text, "eyJ") {
				t.Errorf("create: %s", text)
			}
			if len(r.Issues()) != 0 {
				t.Error("an issue was opened")
			}
		})
	}
}
