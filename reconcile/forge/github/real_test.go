package github_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/forgetest"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// The names of the environment that lead to a repository to try things in.
const (
	realToken      = "ALMANAC_TEST_GITHUB_TOKEN"
	realRepository = "ALMANAC_TEST_GITHUB_REPOSITORY"
)

// TestRealRepository runs the suite of forges against GitHub itself, where the environment
// names a scratch repository (owner/name) and a token that may write its issues; without
// them it does nothing. It takes a quarter of an hour, because GitHub asks for a second
// between two writes:
//
//	ALMANAC_TEST_GITHUB_TOKEN=... ALMANAC_TEST_GITHUB_REPOSITORY=me/scratch \
//	  go test ./reconcile/forge/github -run TestRealRepository -v -timeout 60m
//
// What it leaves behind: some 200 closed issues a run without labels, since no issue can be
// deleted over this interface; their comments; a handful of labels (almanac, client:...,
// vip and others) and milestones, which later runs use again. Nobody but the token's owner
// and the repository's is assigned or mentioned. Issues of others in it are not touched.
func TestRealRepository(t *testing.T) {
	if os.Getenv(realToken) == "" || os.Getenv(realRepository) == "" {
		t.Logf("not run against GitHub itself: %s and %s are not set", realToken, realRepository)
		return
	}
	conformReal(t, nil)
}

// TestRealRepositoryOnFake goes the way of TestRealRepository on a fake that is as hard as
// the real one: never emptied, with lists that are late, and issues of others and of the
// run before in it. Only the clock is not real. It also holds what a run takes of the
// limits of GitHub, and what it leaves behind.
func TestRealRepositoryOnFake(t *testing.T) {
	s := githubtest.New(t, githubtest.Options{})
	t.Cleanup(s.Close)
	s.SetLag(5 * time.Second)
	theirs := s.Add(githubtest.Issue{Title: "of somebody else", Author: "dana-w", Labels: []string{issue.OwnershipLabel, "vip"}})
	before, _ := s.Issue(theirs)
	t.Setenv(realToken, githubtest.Token)
	t.Setenv(realRepository, s.Repository())
	t.Setenv("GITHUB_API_URL", s.URL())
	for _, assignable := range [][]string{{"almanac-bot", "northwind"}, {"dana-w"}} { // in the second run nobody whom it knows
		s.SetAssignable(assignable...)
		s.Reset()
		conformReal(t, s.Clock())
		made := s.Count("issues/create") + s.Count("issues/create-comment") + s.Count("issues/create-label")
		if made < 100 || made > 450 {
			t.Errorf("a run makes %d issues, comments and labels: an hour allows 500", made)
		}
		s.Clock().Advance(time.Hour)
	}
	for _, i := range s.Issues() {
		if i.Number != theirs && (i.State != "closed" || len(i.Labels) > 0) {
			t.Errorf("left behind: #%d, %s, %v", i.Number, i.State, i.Labels)
		}
	}
	if after, _ := s.Issue(theirs); after.State != "open" || len(after.Labels) != 2 || !after.Updated.Equal(before.Updated) {
		t.Errorf("somebody else's issue became %+v", after)
	}
}

// conformReal runs the suite on the repository of the environment. The clock is nil for the
// real one.
func conformReal(t *testing.T, clock *githubtest.Clock) {
	s := &site{t: t, api: os.Getenv("GITHUB_API_URL"), token: os.Getenv(realToken), repository: os.Getenv(realRepository), sleep: realSleep}
	o := github.Options{APIURL: s.api, Repository: s.repository, Token: s.token, Warn: func(text string) { t.Log(text) }}
	if s.api == "" {
		s.api = github.DefaultAPI
	}
	if clock != nil {
		o.Now, o.Sleep, s.sleep = clock.Now, clock.Sleep, clock.Sleep
	}
	f, err := github.New(o)
	if err != nil {
		t.Fatal(err)
	}
	people := s.people(f)
	t.Run("suite", func(t *testing.T) {
		forgetest.Run(t, func(t *testing.T) forgetest.Harness { return s.harness(t, f, people) })
	})
	for _, n := range s.opened {
		s.change(t, n, map[string]any{"state": "closed", "state_reason": "not_planned", "labels": []string{}})
	}
}

func realSleep(_ context.Context, d time.Duration) error {
	time.Sleep(d) // as GitHub asks for; there is nothing to wait on
	return nil
}

// site is a repository as people work in it: by requests of their own.
type site struct {
	t                      *testing.T
	api, token, repository string
	sleep                  func(context.Context, time.Duration) error
	opened                 []int
}

// ask sends a request below the repository and decodes the answer. A write is followed by a
// pause.
func (s *site) ask(t *testing.T, method, path string, in, out any) (status int) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if in == nil {
		body = nil
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.api+"/repos/"+s.repository+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	if method != http.MethodGet {
		s.pause(t, time.Second)
	}
	return resp.StatusCode
}

func (s *site) pause(t *testing.T, d time.Duration) {
	if err := s.sleep(context.WithoutCancel(t.Context()), d); err != nil {
		t.Fatal(err)
	}
}

// must is ask for what has to work.
func (s *site) must(t *testing.T, method, path string, in, out any) {
	t.Helper()
	if status := s.ask(t, method, path, in, out); status >= 300 {
		t.Fatalf("%s %s: status %d", method, path, status)
	}
}

func issuePath(n int) string { return "/issues/" + strconv.Itoa(n) }

func (s *site) change(t *testing.T, n int, fields map[string]any) {
	t.Helper()
	s.must(t, http.MethodPatch, issuePath(n), fields, nil)
}

// people returns who can be assigned, of the owners of the token and of the repository.
func (s *site) people(f *github.Forge) []string {
	me, err := f.Identity(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	owner, _, _ := strings.Cut(s.repository, "/")
	people := []string{}
	for _, login := range []string{me, owner} {
		if s.ask(s.t, http.MethodGet, "/assignees/"+login, nil, nil) == http.StatusNoContent && !slices.Contains(people, login) {
			people = append(people, login)
		}
	}
	slices.Sort(people)
	return people
}

func (s *site) harness(t *testing.T, f *github.Forge, people []string) forgetest.Harness {
	waits := 0
	return forgetest.Harness{
		Forge: f, Shared: true, Many: 101, People: people,
		Opened: func(n int) { s.opened = append(s.opened, n) },
		Wait: func() bool {
			waits++
			s.pause(t, 2*time.Second)
			return waits < 60
		},
		Advance: func(time.Duration) { s.pause(t, 2*time.Second) },
		CloseByHand: func(n int, reason issue.CloseReason) {
			s.change(t, n, map[string]any{"state": "closed", "state_reason": reason})
		},
		ReopenByHand: func(n int) { s.change(t, n, map[string]any{"state": "open"}) },
		EditBody:     func(n int, body string) { s.change(t, n, map[string]any{"body": body}) },
		EditTitle:    func(n int, title string) { s.change(t, n, map[string]any{"title": title}) },
		AddLabel: func(n int, l string) {
			s.must(t, http.MethodPost, issuePath(n)+"/labels", map[string]any{"labels": []string{l}}, nil)
		},
		RemoveLabel: func(n int, l string) { s.must(t, http.MethodDelete, issuePath(n)+"/labels/"+l, nil, nil) },
		AddAssignee: func(n int, l string) {
			s.must(t, http.MethodPost, issuePath(n)+"/assignees", map[string]any{"assignees": []string{l}}, nil)
		},
		AddComment: func(n int, text string) {
			s.must(t, http.MethodPost, issuePath(n)+"/comments", map[string]any{"body": text}, nil)
		},
		EditComment: func(id, text string) {
			s.must(t, http.MethodPatch, "/issues/comments/"+id, map[string]any{"body": text}, nil)
		},
		Reactions: func(id string) []string { return s.reactions(t, id) },
		Comments:  func(n int) []string { return s.comments(t, n) },
		Parent:    func(n int) int { return s.parent(t, n) },
	}
}

func (s *site) comments(t *testing.T, n int) []string {
	var list []struct{ Body string }
	s.must(t, http.MethodGet, issuePath(n)+"/comments?per_page=100", nil, &list)
	var texts []string
	for _, c := range list {
		texts = append(texts, c.Body)
	}
	return texts
}

func (s *site) reactions(t *testing.T, id string) (l []string) {
	var c struct {
		Reactions struct{ Rocket, Confused int }
	}
	s.must(t, http.MethodGet, "/issues/comments/"+id, nil, &c)
	for range c.Reactions.Rocket {
		l = append(l, "accepted")
	}
	for range c.Reactions.Confused {
		l = append(l, "refused")
	}
	return l
}

func (s *site) parent(t *testing.T, n int) int {
	var i struct {
		Parent string `json:"parent_issue_url"`
	}
	s.must(t, http.MethodGet, issuePath(n), nil, &i)
	number := 0
	if i.Parent != "" {
		if _, err := fmt.Sscan(i.Parent[strings.LastIndex(i.Parent, "/")+1:], &number); err != nil {
			t.Fatal(err)
		}
	}
	return number
}
