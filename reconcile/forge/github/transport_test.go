package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// aNewIssue is as large as almanac makes them, so that a body that is lost on the way of a
// second try is seen.
func aNewIssue() reconcile.NewIssue {
	return reconcile.NewIssue{Title: "Acme Dental: IT audit", Body: strings.Repeat("0123456789", 6000), Labels: []string{issue.OwnershipLabel}}
}

// ready returns a rig whose label exists and is known, so that Create is one request.
func ready(t testing.TB, o githubtest.Options, change ...func(*github.Options)) *rig {
	t.Helper()
	r := newRig(t, o, change...)
	r.Add(githubtest.Issue{Title: "first", Author: "almanac-bot", Labels: []string{issue.OwnershipLabel}})
	if _, err := r.List(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	r.Reset()
	return r
}

// TestLimitsThatLift: a refusal for a limit is waited for and tried again, writes too, with
// their whole body.
func TestLimitsThatLift(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(r *rig) githubtest.Fault
		times int
		want  []time.Duration
	}{
		"secondary with Retry-After":     {func(r *rig) githubtest.Fault { return r.Secondary("", "7") }, 1, []time.Duration{7 * time.Second}},
		"secondary without":              {func(r *rig) githubtest.Fault { return r.Secondary("", "") }, 1, []time.Duration{time.Minute}},
		"secondary twice":                {func(r *rig) githubtest.Fault { return r.Secondary("", "") }, 2, []time.Duration{time.Minute, 2 * time.Minute}},
		"429 with Retry-After":           {func(r *rig) githubtest.Fault { return r.TooMany("", "9") }, 1, []time.Duration{9 * time.Second}},
		"429 without":                    {func(r *rig) githubtest.Fault { return r.TooMany("", "") }, 1, []time.Duration{time.Minute}},
		"429 of a primary limit":         {func(r *rig) githubtest.Fault { return withStatus(r.Primary("", 90*time.Second), 429) }, 1, []time.Duration{91 * time.Second}},
		"primary that resets soon":       {func(r *rig) githubtest.Fault { return r.Primary("", 90*time.Second) }, 1, []time.Duration{91 * time.Second}},
		"primary that has reset already": {func(r *rig) githubtest.Fault { return r.Primary("", -time.Minute) }, 1, []time.Duration{2 * time.Second}},
		"Retry-After that is a word":     {func(r *rig) githubtest.Fault { return r.Secondary("", "abc") }, 1, []time.Duration{time.Minute}},
		"Retry-After that is a date": {func(r *rig) githubtest.Fault {
			return r.Secondary("", r.Server.Clock().Now().Add(30*time.Second).UTC().Format(http.TimeFormat))
		}, 1, []time.Duration{30 * time.Second}},
		"another page that explains": {func(r *rig) githubtest.Fault {
			return githubtest.Fault{Status: 403, Body: `{"message":"You have triggered an abuse detection mechanism.","documentation_url":"https://docs.github.com/elsewhere"}`}
		}, 1, []time.Duration{time.Minute}},
		"content, as a 422": {func(r *rig) githubtest.Fault {
			return githubtest.Fault{Status: 422, Body: `{"message":"Validation Failed","errors":["was submitted too quickly"]}`}
		}, 1, []time.Duration{time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			protocols(t, func(t *testing.T, o githubtest.Options) {
				r := ready(t, o)
				f := c.fault(r)
				f.Operation, f.Times = "issues/create", c.times
				r.Inject(f)
				n := aNewIssue()
				i, err := r.Create(t.Context(), n)
				if err != nil || i.Body != n.Body {
					t.Fatalf("created %d with %d bytes: %v", i.Number, len(i.Body), err)
				}
				if got := r.Server.Clock().Slept(); !slices.Equal(got, c.want) {
					t.Errorf("slept %v, want %v", got, c.want)
				}
				if n := r.Count("issues/create"); n != c.times+1 || len(r.Issues()) != 2 {
					t.Errorf("%d requests made %d issues", n, len(r.Issues()))
				}
				if !strings.Contains(r.said(), "trying again") {
					t.Errorf("said nothing of the wait: %q", r.said())
				}
			})
		})
	}
}

func withStatus(f githubtest.Fault, status int) githubtest.Fault {
	f.Status = status
	return f
}

// TestLimitsThatLast are deferred at once, and nothing more is sent until they lift:
// neither to the interface that refused nor to another.
func TestLimitsThatLast(t *testing.T) {
	for name, fault := range map[string]func(r *rig) githubtest.Fault{
		"primary":                func(r *rig) githubtest.Fault { return r.Primary("", 40*time.Minute) },
		"secondary, Retry-After": func(r *rig) githubtest.Fault { return r.Secondary("", "2400") },
		"429":                    func(r *rig) githubtest.Fault { return r.TooMany("", "2400") },
		"Retry-After of ages":    func(r *rig) githubtest.Fault { return r.TooMany("", "9223372037") },
		"primary without a text": func(r *rig) githubtest.Fault { f := r.Primary("", 40*time.Minute); f.Body = ""; return f },
		"reset in milliseconds": func(r *rig) githubtest.Fault {
			f := r.Primary("", 0)
			f.Header["X-Ratelimit-Reset"] = []string{"1767603600000"}
			return f
		},
	} {
		t.Run(name, func(t *testing.T) {
			protocols(t, func(t *testing.T, o githubtest.Options) {
				r := ready(t, o)
				f := fault(r)
				f.Operation = "issues/create"
				r.Inject(f)
				if _, err := r.Create(t.Context(), aNewIssue()); !errors.Is(err, reconcile.ErrDeferred) {
					t.Fatalf("create: %v", err)
				}
				if _, err := r.Get(t.Context(), 1); !errors.Is(err, reconcile.ErrDeferred) {
					t.Errorf("get: %v", err)
				}
				if n, _ := r.Totals(); n != 1 || len(r.Server.Clock().Slept()) != 0 {
					t.Errorf("%d requests, slept %v", n, r.Server.Clock().Slept())
				}
				r.Server.Clock().Advance(61 * time.Minute)
				if _, err := r.Create(t.Context(), aNewIssue()); err != nil {
					t.Errorf("create after the limit: %v", err)
				}
			})
		})
	}
}

// TestLimitThatStays: after three tries it is deferred, not tried for ever.
func TestLimitThatStays(t *testing.T) {
	r := ready(t, githubtest.Options{})
	f := r.Secondary("issues/create", "")
	f.Times = 100
	r.Inject(f)
	if _, err := r.Create(t.Context(), aNewIssue()); !errors.Is(err, reconcile.ErrDeferred) || errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("create: %v", err)
	}
	if n := r.Count("issues/create"); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// TestPrimaryLimit: the real limit of a token, used up within a run.
func TestPrimaryLimit(t *testing.T) {
	r := ready(t, githubtest.Options{Hourly: 10})
	var err error
	made := 0
	for ; made < 20 && err == nil; made++ {
		_, err = r.Create(t.Context(), aNewIssue())
	}
	if !errors.Is(err, reconcile.ErrDeferred) || len(r.Issues()) != made {
		t.Errorf("after %d: %v", made, err)
	}
}

// lostAnswers are the ways in which an answer does not come.
func lostAnswers(operation string) map[string]githubtest.Fault {
	m := map[string]githubtest.Fault{
		"502 before":  githubtest.BadGateway(operation, false),
		"502 after":   githubtest.BadGateway(operation, true),
		"503":         {Operation: operation, Status: 503, Body: `{"message":"Service unavailable"}`},
		"drop before": {Operation: operation, Drop: true},
		"drop after":  {Operation: operation, Drop: true, After: true},
		"cut off":     {Operation: operation, Truncate: true},
	}
	return m
}

// TestLostAnswerToAWrite is an unknown outcome, whatever the write; it is sent once.
func TestLostAnswerToAWrite(t *testing.T) {
	title, closed := "other", issue.Closed
	for operation, write := range map[string]func(ctx context.Context, r *rig) error{
		"issues/create":         func(ctx context.Context, r *rig) error { _, err := r.Create(ctx, aNewIssue()); return err },
		"issues/create-comment": func(ctx context.Context, r *rig) error { return r.Comment(ctx, 1, "moved") },
		"issues/update": func(ctx context.Context, r *rig) error {
			return edit(ctx, r, reconcile.Edit{Title: &title, State: &closed})
		},
		"issues/add-labels": func(ctx context.Context, r *rig) error {
			return edit(ctx, r, reconcile.Edit{AddLabels: []string{issue.OwnershipLabel}})
		},
		"issues/remove-label": func(ctx context.Context, r *rig) error {
			return edit(ctx, r, reconcile.Edit{RemoveLabels: []string{issue.OwnershipLabel}})
		},
		"issues/add-assignees": func(ctx context.Context, r *rig) error {
			return edit(ctx, r, reconcile.Edit{AddAssignees: []string{"northwind"}})
		},
		"issues/remove-assignees": func(ctx context.Context, r *rig) error {
			return edit(ctx, r, reconcile.Edit{RemoveAssignees: []string{"northwind"}})
		},
	} {
		for name, fault := range lostAnswers(operation) {
			t.Run(operation+" "+name, func(t *testing.T) {
				protocols(t, func(t *testing.T, o githubtest.Options) {
					r := ready(t, o)
					r.Inject(fault)
					if err := write(t.Context(), r); !errors.Is(err, reconcile.ErrUnknownOutcome) {
						t.Errorf("error %v", err)
					}
					if n := r.Count(operation); n != 1 {
						t.Errorf("sent %d times", n)
					}
				})
			})
		}
	}
}

func edit(ctx context.Context, r *rig, e reconcile.Edit) error {
	_, err := r.Edit(ctx, 1, e)
	return err
}

// TestNoAnswerInTime: a server that hangs is left after the timeout, which is long enough
// for the answers of one that does not.
func TestNoAnswerInTime(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		r := ready(t, o, func(o *github.Options) { o.Timeout = time.Second })
		r.Inject(githubtest.Fault{Operation: "issues/create", Hang: true, After: true}, githubtest.Fault{Operation: "issues/get", Hang: true})
		_, err := r.Create(t.Context(), aNewIssue())
		if !errors.Is(err, reconcile.ErrUnknownOutcome) || !strings.Contains(err.Error(), "no answer in time") {
			t.Errorf("create: %v", err)
		}
		if i, err := r.Get(t.Context(), 2); err != nil || i.Number != 2 {
			t.Errorf("get: %v, %v", i, err)
		}
	})
}

// TestEmptyAnswerToAWrite: it was done, but what was made is not known.
func TestEmptyAnswerToAWrite(t *testing.T) {
	r := ready(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Operation: "issues/create", Empty: true}, githubtest.Fault{Operation: "issues/create-comment", Status: 201, Body: "<html>"})
	if _, err := r.Create(t.Context(), aNewIssue()); !errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("create: %v", err)
	}
	if err := r.Comment(t.Context(), 1, "moved"); !errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("comment: %v", err)
	}
}

// TestStoppedWrite: go-github tells only that the context ended; that the write may have
// happened must not get lost.
func TestStoppedWrite(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		r := ready(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		r.Inject(githubtest.Fault{Operation: "issues/create", Hang: true, After: true, Do: cancel})
		if _, err := r.Create(ctx, aNewIssue()); !errors.Is(err, reconcile.ErrUnknownOutcome) {
			t.Errorf("create: %v", err)
		}
	})
}

// TestNeverSent: where there is no connection, nothing can have happened.
func TestNeverSent(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	f, err := github.New(github.Options{APIURL: s.URL, Repository: "northwind/ops", Token: githubtest.Token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Create(t.Context(), reconcile.NewIssue{Title: "x"})
	if err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) || !strings.Contains(err.Error(), "could not reach GitHub") {
		t.Errorf("create: %v", err)
	}
}

// TestLostAnswerToARead is tried again, three times in all, and then an error that is not
// an unknown outcome.
func TestLostAnswerToARead(t *testing.T) {
	for name, fault := range lostAnswers("issues/get") {
		t.Run(name, func(t *testing.T) {
			protocols(t, func(t *testing.T, o githubtest.Options) {
				r := ready(t, o)
				fault.Times = 2
				r.Inject(fault)
				if i, err := r.Get(t.Context(), 1); err != nil || i.Title != "first" {
					t.Errorf("get: %v, %v", i, err)
				}
				fault.Times = 100 // Go itself sends a read again on a connection that was used before
				r.Inject(fault)
				if _, err := r.Get(t.Context(), 1); err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) || errors.Is(err, reconcile.ErrNotFound) {
					t.Errorf("get: %v", err)
				}
				if n := r.Count("issues/get"); n > 12 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// TestPace: writes of every kind are a second apart.
func TestPace(t *testing.T) {
	r := ready(t, githubtest.Options{})
	for n := range 10 {
		title := fmt.Sprint("title ", n)
		for what, err := range map[string]error{
			"comment": r.Comment(t.Context(), 1, "x"),
			"change":  edit(t.Context(), r, reconcile.Edit{Title: &title}),
			"label":   edit(t.Context(), r, reconcile.Edit{AddLabels: []string{issue.OwnershipLabel}}),
		} {
			if err != nil {
				t.Fatalf("%s %d: %v", what, n, err)
			}
		}
	}
	sent := slices.DeleteFunc(r.Server.Requests(), func(q githubtest.Request) bool { return !q.Write() })
	if len(sent) != 30 {
		t.Errorf("%d writes", len(sent))
	}
	for i := 1; i < len(sent); i++ {
		if gap := sent[i].At.Sub(sent[i-1].At); gap < time.Second {
			t.Errorf("write %d came %v after the one before", i, gap)
		}
	}
}

// TestHourOfContent: 500 in an hour, 80 in a minute; the server would refuse more.
func TestHourOfContent(t *testing.T) {
	r := ready(t, githubtest.Options{}, func(o *github.Options) { o.MinWriteGap = time.Millisecond })
	for n := range 500 {
		if err := r.Comment(t.Context(), 1, "x"); err != nil {
			t.Fatalf("comment %d: %v", n, err)
		}
	}
	for _, s := range r.Server.Requests() {
		if s.Status != http.StatusCreated {
			t.Fatalf("%s answered %d: the pace was too fast", s.Operation, s.Status)
		}
	}
	if err := r.Comment(t.Context(), 1, "x"); !errors.Is(err, reconcile.ErrDeferred) {
		t.Errorf("comment 501: %v", err)
	}
	if _, err := r.Edit(t.Context(), 1, reconcile.Edit{AddLabels: []string{issue.OwnershipLabel}, RemoveLabels: []string{"overdue"}}); err != nil {
		t.Errorf("a change that makes nothing: %v", err)
	}
	if n := r.Count("issues/create-comment"); n != 500 {
		t.Errorf("%d comments were sent", n)
	}
	r.Server.Clock().Advance(time.Hour)
	if err := r.Comment(t.Context(), 1, "x"); err != nil {
		t.Errorf("comment an hour later: %v", err)
	}
}

// TestSharedBudget: the waits of one Create come out of one budget, so that it ends before
// its claim may be taken over.
func TestSharedBudget(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.Inject(r.Secondary("issues/get-label", "100"), r.Secondary("issues/create-label", "100"))
	start := r.Server.Clock().Now()
	if _, err := r.Create(t.Context(), aNewIssue()); !errors.Is(err, reconcile.ErrDeferred) {
		t.Errorf("create: %v", err)
	}
	if took := r.Server.Clock().Now().Sub(start); took > 3*time.Minute || len(r.Issues()) != 0 {
		t.Errorf("took %v and made %d issues", took, len(r.Issues()))
	}
}

// TestHeaders: a read never comes out of a cache, and nothing asks Go to send a write twice.
func TestHeaders(t *testing.T) {
	var bad []string
	r := newRig(t, githubtest.Options{Watch: func(q *http.Request, _ []byte) {
		if q.Method == http.MethodGet && q.Header.Get("Cache-Control") != "max-age=0" {
			bad = append(bad, q.URL.Path)
		}
		if v := q.Header.Get("X-Github-Api-Version"); v != "2022-11-28" {
			t.Errorf("%s: version %q", q.URL.Path, v)
		}
	}})
	if _, err := r.Create(t.Context(), aNewIssue()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.List(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if len(bad) > 0 {
		t.Errorf("may come out of a cache: %v", bad)
	}
}

// TestGoGithubDoesNotLimit: the last request of an hour is answered. go-github would then
// refuse the next one by the clock of this machine, which may be wrong, without asking.
func TestGoGithubDoesNotLimit(t *testing.T) {
	r := ready(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Operation: "issues/get", Status: 200, Body: `{"number":1,"title":"x"}`, Header: http.Header{
		"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)},
	}})
	for range 2 {
		if _, err := r.Get(t.Context(), 1); err != nil {
			t.Error(err)
		}
	}
	if n := r.Count("issues/get"); n != 2 {
		t.Errorf("%d requests", n)
	}
}
