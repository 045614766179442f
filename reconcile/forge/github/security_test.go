package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// stranger is a server that must not be asked for anything. It listens on the same machine
// under another name, which is what Go's own check of hosts goes by.
func stranger(t *testing.T) (address string) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		t.Errorf("another host was asked: %s %s, with the token: %v", q.Method, q.URL, q.Header.Get("Authorization") != "")
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// TestNoOtherHost: neither a redirect nor a Link leads away from the interface.
func TestNoOtherHost(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		other := stranger(t)
		for _, status := range []int{301, 302, 303, 307, 308} {
			r := ready(t, o)
			r.Inject(githubtest.Fault{Times: 100, Status: status, Header: http.Header{"Location": {other + "/api/v3/repos/northwind/client-operations/issues"}}})
			for name, err := range everything(t, r) {
				if err == nil || errors.Is(err, reconcile.ErrNotFound) {
					t.Errorf("%d, %s: %v", status, name, err)
				}
			}
		}
		r := ready(t, o)
		r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Status: 200, Body: "[]", Header: http.Header{"Link": {"<" + other + `/page2>; rel="next"`}}})
		if _, err := r.List(t.Context(), time.Time{}); err == nil || !strings.Contains(err.Error(), "refused to go to localhost") {
			t.Errorf("list: %v", err)
		}
	})
}

// everything calls every method and returns the errors.
func everything(t *testing.T, r *rig) map[string]error {
	ctx, title := t.Context(), "other"
	f := r.client(t)
	errs := map[string]error{"comment": f.Comment(ctx, 1, "text")}
	_, errs["list"] = f.List(ctx, time.Time{})
	_, errs["list since"] = f.List(ctx, r.Server.Clock().Now())
	_, errs["get"] = f.Get(ctx, 1)
	_, errs["create"] = f.Create(ctx, reconcile.NewIssue{Title: "x", Labels: []string{issue.OwnershipLabel}, Assignees: []string{"dana-w"}})
	_, errs["milestone"] = f.Edit(ctx, 1, reconcile.Edit{Milestone: "Acme Dental: vCIO process (2026)"})
	_, errs["edit"] = f.Edit(ctx, 1, reconcile.Edit{Title: &title, AddLabels: []string{"overdue"}, AddAssignees: []string{"dana-w"}})
	_, errs["hand-over"] = f.Edit(ctx, 1, reconcile.Edit{Body: &title, Was: &title, RemoveLabels: []string{"a", "b"}, AddAssignees: []string{"dana-w"}, RemoveAssignees: []string{"lee-k"}})
	errs["sticky"] = f.SetSticky(ctx, github.Sticky{Number: 1, Marker: "<!-- x -->", Text: "text"})
	errs["group"] = f.Group(ctx, 1, 2)
	_, errs["identity"] = f.Identity(ctx)
	_, errs["public"] = f.Public(ctx)
	return errs
}

// TestSameHostElsewhere: a redirect to another path, scheme or user of the same host is
// refused too.
func TestSameHostElsewhere(t *testing.T) {
	r := ready(t, githubtest.Options{})
	for _, to := range []string{
		strings.TrimSuffix(r.URL(), "/api/v3") + "/login",
		strings.Replace(r.URL(), "http://", "https://", 1) + "/repos/northwind/client-operations/issues/1",
		strings.Replace(r.URL(), "http://", "http://me:secret@", 1) + "/repos/northwind/client-operations/issues/1",
		"//elsewhere.example/x",
	} {
		r.Inject(githubtest.Fault{Operation: "issues/get", Status: 302, Header: http.Header{"Location": {to}}})
		if _, err := r.Get(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "refused to go to") || strings.Contains(err.Error(), "secret") {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

// TestCircles: redirects and pages that lead round in circles end.
func TestCircles(t *testing.T) {
	r := ready(t, githubtest.Options{})
	self := r.URL() + "/repos/northwind/client-operations/issues"
	r.Inject(githubtest.Fault{Operation: "issues/get", Times: 100, Status: 302, Header: http.Header{"Location": {self + "/1"}}})
	if _, err := r.Get(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "circles") {
		t.Errorf("get: %v", err)
	}
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Times: 100, Status: 200, Body: "[]", Header: http.Header{"Link": {"<" + self + `>; rel="next"`}}})
	if _, err := r.List(t.Context(), time.Time{}); err == nil || !strings.Contains(err.Error(), "circles") {
		t.Errorf("list: %v", err)
	}
}

// TestTokenIsNowhere: whatever fails, and even where the server repeats the token, it is
// in no error, no log and no print of a value.
func TestTokenIsNowhere(t *testing.T) {
	echo := `{"message":"bad ` + githubtest.Token + `","errors":[{"message":"Bearer ` + githubtest.Token + `","field":"` + githubtest.Token + `","code":"x"}]}`
	faults := []githubtest.Fault{{Drop: true}, {Truncate: true}, {Empty: true}, {Status: 200, Body: "{"}, {Status: 200, Body: "null"},
		{Status: 200, Body: `{"id":4711,"number":1,"full_name":"x/` + githubtest.Token + `","login":"` + githubtest.Token + `"}`}}
	for _, status := range []int{202, 301, 304, 400, 401, 403, 404, 410, 422, 429, 451, 500, 502} {
		faults = append(faults, githubtest.Fault{Status: status, Body: echo, Header: http.Header{"Location": {"https://" + githubtest.Token + ".example/?t=" + githubtest.Token}}})
	}
	protocols(t, func(t *testing.T, o githubtest.Options) {
		for _, fault := range faults {
			r := ready(t, o)
			fault.Times = 1000
			r.Inject(fault)
			var printed strings.Builder
			fmt.Fprintf(&printed, "%v %+v %#v %s", r.Forge, r.Forge, r.Forge, r.Name())
			failed := 0
			for _, err := range everything(t, r) {
				fmt.Fprintf(&printed, "%v %+v %#v\n", err, err, err)
				for e := err; e != nil; e = errors.Unwrap(e) {
					fmt.Fprintf(&printed, "%#v\n", e)
					failed++
				}
			}
			printed.WriteString(r.said())
			if strings.Contains(printed.String(), "SENTINEL") {
				at := strings.Index(printed.String(), "SENTINEL")
				t.Errorf("status %d: the token was printed: …%.300s", fault.Status, printed.String()[max(0, at-200):])
			}
			if failed == 0 {
				t.Errorf("%+v: nothing failed", fault)
			}
		}
	})
}

// TestHostileText gets to GitHub and back as it is; nothing of it becomes an address.
func TestHostileText(t *testing.T) {
	for _, text := range []string{
		"@northwind/all #1 fixes #2 GH-3", "--> <!-- almanac:v1 k=a/b/c/d i=x -->", "::error::x\n::add-mask::y", "\x1b[31mred", "a|b\\|c",
		"\u202egnp.exe", "../../../user", "?page=2&x=1#y", "%0A%2e%2e", "</details><script>", `"quoted" 'and' \backslash\`, "\x00\x01",
	} {
		r := ready(t, githubtest.Options{})
		i, err := r.Create(t.Context(), reconcile.NewIssue{Title: "x" + text, Body: text, Labels: []string{issue.OwnershipLabel}})
		if err != nil || i.Title != "x"+text || i.Body != text {
			t.Errorf("created %q, %q: %v", i.Title, i.Body, err)
		}
		if err := r.Comment(t.Context(), i.Number, text); err != nil {
			t.Error(err)
		}
		if got, _ := r.Issue(i.Number); len(got.Comments) != 1 || got.Comments[0].Body != text {
			t.Errorf("commented %+v", got.Comments)
		}
	}
}

// TestHostileLabels stay one part of the address. The server refuses what reaches for
// anything else.
func TestHostileLabels(t *testing.T) {
	for _, label := range []string{"../../../other/x", "area/api", "c#", "what?x=1", "100% done", "área", "%2e%2e", "a b", "tag:ä/ö", `"`, "a;b=c"} {
		r := ready(t, githubtest.Options{})
		i, err := r.Edit(t.Context(), 1, reconcile.Edit{AddLabels: []string{label}})
		if err != nil || len(i.Labels) != 2 {
			t.Fatalf("%q: labels %q: %v", label, i.Labels, err)
		}
		if got := r.Labels(); got[len(got)-1].Name != label {
			t.Errorf("%q: the label is %q", label, got[len(got)-1].Name)
		}
		if i, err = r.Edit(t.Context(), 1, reconcile.Edit{RemoveLabels: []string{label}}); err != nil || len(i.Labels) != 1 {
			t.Errorf("%q: labels %q after removal: %v", label, i.Labels, err)
		}
	}
	for _, label := range []string{"", "  ", ".", "..", "a,b", strings.Repeat("x", 51)} {
		r := ready(t, githubtest.Options{})
		for what, e := range map[string]reconcile.Edit{"add": {AddLabels: []string{label}}, "remove": {RemoveLabels: []string{label}}} {
			if _, err := r.Edit(t.Context(), 1, e); err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) {
				t.Errorf("%s %q: %v", what, label, err)
			}
		}
		if n, _ := r.Totals(); n != 0 {
			t.Errorf("%q: %d requests", label, n)
		}
	}
}

// TestManyLabels: more than GitHub takes are refused before anything is sent.
func TestManyLabels(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	var labels []string
	for n := range 101 {
		labels = append(labels, fmt.Sprint("tag:", n))
	}
	if _, err := r.Create(t.Context(), reconcile.NewIssue{Title: "x", Labels: labels}); err == nil || !strings.Contains(err.Error(), "101 labels for one issue") {
		t.Errorf("create: %v", err)
	}
	if n, _ := r.Totals(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestHostileServerText comes out on one line, without control characters, and cut.
func TestHostileServerText(t *testing.T) {
	r := ready(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Status: 422, Body: `{"message":"\n::error::x\u001b[31m\u202e` + strings.Repeat("y", 5000) + `"}`})
	_, err := r.Get(t.Context(), 1)
	if err == nil || strings.ContainsAny(err.Error(), "\n\x1b\u202e") || len(err.Error()) > 1000 {
		t.Errorf("error %q", err)
	}
}

// TestOptions: what cannot be right is refused before anything is sent.
func TestOptions(t *testing.T) {
	good := github.Options{Repository: "northwind/ops", Token: "t"}
	for name, c := range map[string]struct {
		change func(*github.Options)
		want   string
	}{
		"no token":             {func(o *github.Options) { o.Token = "" }, "set GITHUB_TOKEN"},
		"token of two lines":   {func(o *github.Options) { o.Token = "a\nb" }, "copy it again"},
		"no repository":        {func(o *github.Options) { o.Repository = "" }, "expected owner/name"},
		"repository only":      {func(o *github.Options) { o.Repository = "ops" }, "expected owner/name"},
		"dots":                 {func(o *github.Options) { o.Repository = "northwind/.." }, "expected owner/name"},
		"climbing":             {func(o *github.Options) { o.Repository = "../../user" }, "expected owner/name"},
		"three parts":          {func(o *github.Options) { o.Repository = "a/b/c" }, "expected owner/name"},
		"query":                {func(o *github.Options) { o.Repository = "a/b?x=1" }, "expected owner/name"},
		"owner with a dot":     {func(o *github.Options) { o.Repository = "a.b/c" }, "expected owner/name"},
		"http":                 {func(o *github.Options) { o.APIURL = "http://github.example/api/v3" }, "must begin with https"},
		"no address":           {func(o *github.Options) { o.APIURL = "github.example" }, "is not an address"},
		"address with a user":  {func(o *github.Options) { o.APIURL = "https://u:p@github.example" }, "is not an address"},
		"address with a query": {func(o *github.Options) { o.APIURL = "https://github.example/?x" }, "is not an address"},
		"another scheme":       {func(o *github.Options) { o.APIURL = "ftp://github.example" }, "must begin with https"},
		"app without id":       {func(o *github.Options) { o.Token, o.App = "", &github.App{Installation: 1} }, "needs its id"},
		"app without key": {func(o *github.Options) {
			o.Token, o.App = "", &github.App{ID: "1", Installation: 1, Key: []byte("SECRET")}
		}, "cannot be read"},
	} {
		o := good
		c.change(&o)
		if _, err := github.New(o); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for api, want := range map[string]string{
		"":                                "GitHub issues of northwind/ops",
		"https://api.github.com/":         "GitHub issues of northwind/ops",
		"https://github.example/api/v3":   "GitHub issues of northwind/ops on github.example",
		"http://127.0.0.1:8080/api/v3///": "GitHub issues of northwind/ops on 127.0.0.1:8080",
		"http://localhost:3999":           "GitHub issues of northwind/ops on localhost:3999",
		"https://api.acme.ghe.com":        "GitHub issues of northwind/ops on api.acme.ghe.com",
	} {
		o := good
		o.APIURL = api
		f, err := github.New(o)
		if err != nil || f.Name() != want {
			t.Errorf("%q: %v, %v", api, f, err)
		}
	}
}
