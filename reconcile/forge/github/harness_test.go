package github_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/forge/forgetest"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// rig is a server and a client of it, both on one clock.
type rig struct {
	*githubtest.Server
	*github.Forge

	mu    sync.Mutex
	lines []string
}

// newRig starts a server with the options and a client with what change makes of its own.
func newRig(t testing.TB, o githubtest.Options, change ...func(*github.Options)) *rig {
	t.Helper()
	r := &rig{Server: githubtest.New(t, o)}
	t.Cleanup(r.Server.Close)
	r.Forge = r.client(t, change...)
	return r
}

func (r *rig) client(t testing.TB, change ...func(*github.Options)) *github.Forge {
	t.Helper()
	o := github.Options{
		APIURL: r.URL(), Repository: r.Repository(), Token: githubtest.Token, Transport: r.Transport(),
		Now: r.Server.Clock().Now, Sleep: r.Server.Clock().Sleep, Log: r.print("log: "), Warn: r.print("warn: "),
	}
	for _, c := range change {
		c(&o)
	}
	f, err := github.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (r *rig) print(prefix string) func(string) {
	return func(s string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lines = append(r.lines, prefix+s)
	}
}

// said returns everything that was printed.
func (r *rig) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// protocols runs a test over HTTP/1 and HTTP/2.
func protocols(t *testing.T, run func(t *testing.T, o githubtest.Options)) {
	t.Run("http1", func(t *testing.T) { run(t, githubtest.Options{}) })
	t.Run("http2", func(t *testing.T) { run(t, githubtest.Options{HTTP2: true}) })
}

func harness(r *rig) forgetest.Harness {
	change := func(n int, do func(*githubtest.Issue)) { r.Change(n, do) }
	return forgetest.Harness{
		Forge:   r.Forge,
		Advance: r.Server.Clock().Advance,
		CloseByHand: func(n int, reason issue.CloseReason) {
			change(n, func(i *githubtest.Issue) { i.State, i.Reason = "closed", string(reason) })
		},
		ReopenByHand: func(n int) { change(n, func(i *githubtest.Issue) { i.State, i.Reason = "open", "reopened" }) },
		EditBody:     func(n int, body string) { change(n, func(i *githubtest.Issue) { i.Body = &body }) },
		EditTitle:    func(n int, title string) { change(n, func(i *githubtest.Issue) { i.Title = title }) },
		AddLabel:     func(n int, l string) { change(n, func(i *githubtest.Issue) { i.Labels = append(i.Labels, l) }) },
		RemoveLabel: func(n int, l string) {
			change(n, func(i *githubtest.Issue) {
				i.Labels = slices.DeleteFunc(i.Labels, func(s string) bool { return strings.EqualFold(s, l) })
			})
		},
		AddAssignee: func(n int, l string) {
			change(n, func(i *githubtest.Issue) { i.Assignees = append(i.Assignees, l) })
		},
		AddComment: func(n int, text string) {
			change(n, func(i *githubtest.Issue) {
				i.Comments = append(i.Comments, githubtest.Comment{Author: "lee-k", Body: text})
			})
		},
		EditComment: func(id, text string) {
			n, _ := strconv.Atoi(id)
			r.EditComment(n, text)
		},
		Reactions: func(id string) (l []string) {
			n, _ := strconv.Atoi(id)
			for _, x := range r.Reactions(n) {
				l = append(l, map[string]string{"rocket": "accepted", "confused": "refused"}[x.Content])
			}
			return l
		},
		Permissions: permissions(r),
		Delete:      r.Delete,
		Parent:      func(n int) int { i, _ := r.Issue(n); return i.Parent },
		Comments: func(n int) []string {
			i, _ := r.Issue(n)
			var texts []string
			for _, c := range i.Comments {
				texts = append(texts, c.Body)
			}
			return texts
		},
	}
}

// permissions gives some logins a role, and returns what each of them amounts to.
func permissions(r *rig) map[string]string {
	r.SetPermission("dana-w", "admin", "admin")
	r.SetPermission("lee-k", "write", "maintain")
	r.SetPermission("priya-n", "read", "triage")
	r.SetPermission("omar-s", "write", "Service desk lead")
	r.SetPermission("liar", "read", "admin")
	r.SetPermission("left", "none", "none")
	return map[string]string{"dana-w": "admin", "Dana-W": "admin", "lee-k": "maintain", "priya-n": "triage", "omar-s": "write", "liar": "read", "left": "none", "stranger": "none"}
}

// TestConformance is what every forge must do, on small pages with pull requests among the
// issues, over both protocols.
func TestConformance(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		o.PageSize = 7
		o.MaxPage = 20
		forgetest.Run(t, func(t *testing.T) forgetest.Harness {
			r := newRig(t, o)
			r.SetAssignable("priya-n", "dana-w", "lee-k")
			for range 3 {
				r.Add(githubtest.Issue{Title: "change files", Author: "dana-w", PullRequest: true, Labels: []string{issue.OwnershipLabel}})
			}
			r.SetLabel("Ask Dana", "ffffff", "")
			return harness(r)
		})
	})
}
