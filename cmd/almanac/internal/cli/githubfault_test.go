package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// settled runs reconcile until nothing is left to do, and demands that it comes to that.
func (o *office) settled() {
	o.t.Helper()
	for range 5 {
		if out, _, code := o.run("reconcile"); code == ExitOK && strings.HasPrefix(out, "nothing to do") {
			return
		}
		o.clock.Advance(30 * time.Minute)
	}
	out, talk, code := o.run("reconcile")
	o.t.Fatalf("it does not settle: exit %d\n%s%s", code, out, talk)
}

// keys counts the open issues by their markers.
func (o *office) keys() map[string]int {
	keys := map[string]int{}
	for _, i := range o.hub.Issues() {
		if _, after, ok := strings.Cut(text(i), "<!-- almanac:v1 k="); ok && i.State == "open" {
			key, _, _ := strings.Cut(after, " ")
			keys[key]++
		}
	}
	return keys
}

// once demands as many issues as the example has, and one for each key.
func (o *office) once() {
	o.t.Helper()
	keys := o.keys()
	for key, n := range keys {
		if n != 1 {
			o.t.Errorf("%d issues of %s", n, key)
		}
	}
	if len(keys) != exampleIssues {
		o.t.Errorf("%d keys, want %d", len(keys), exampleIssues)
	}
}

// TestGitHubListsAreLate: for eight minutes no list shows what was opened. No run in that
// time opens anything again, or takes anything for lost.
func TestGitHubListsAreLate(t *testing.T) {
	o := newOffice(t)
	o.hub.SetLag(8 * time.Minute)
	for range 8 {
		if out, talk, code := o.run("reconcile"); code != ExitOK {
			t.Fatalf("exit %d\n%s%s", code, out, talk)
		}
		o.clock.Advance(time.Minute)
	}
	o.once()
	o.settled()
	o.once()
}

// TestGitHubClosingIsLate: an issue is closed right before a run whose list is older than that.
// The next run finds it among the closed ones, though it was closed before the last success,
// and need not look at each by its number.
func TestGitHubClosingIsLate(t *testing.T) {
	o := newOffice(t)
	o.settled()
	o.clock.Advance(time.Hour)
	o.hub.SetLag(8 * time.Minute)
	o.hub.Change(1, func(i *githubtest.Issue) { i.State, i.Reason = "closed", "not_planned" })
	o.clock.Advance(time.Minute)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	o.clock.Advance(30 * time.Minute)
	o.hub.Reset()
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, "1 recorded") || o.hub.Count("issues/get") > 0 {
		t.Errorf("exit %d, %d issues were asked for\n%s%s", code, o.hub.Count("issues/get"), out, talk)
	}
}

// TestGitHubAnswersAreLost: the answers to writes are lost after the effect and before it,
// in every way. In the end there is one issue for each step.
func TestGitHubAnswersAreLost(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{
		"502 after":     githubtest.BadGateway("issues/create", true),
		"502 before":    githubtest.BadGateway("issues/create", false),
		"dropped after": {Operation: "issues/create", After: true, Drop: true},
		"cut off":       {Operation: "issues/create", Truncate: true},
		"refused":       {Operation: "issues/create", Status: http.StatusUnprocessableEntity, Body: `{"message":"Validation Failed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.hub.SetLag(2 * time.Minute)
			fault.Skip, fault.Times = 3, 4
			o.hub.Inject(fault)
			if _, talk, code := o.run("reconcile"); code != ExitPartial {
				t.Fatalf("exit %d\n%s", code, talk)
			}
			o.settled()
			o.once()
			for _, i := range o.hub.Issues() {
				if i.State == "closed" {
					t.Errorf("#%d was one too many", i.Number)
				}
			}
		})
	}
}

// TestGitHubOtherToken changes from a personal token to an app, and renames the account: the
// ledger knows which issues are ours, so there is nothing to do.
func TestGitHubOtherToken(t *testing.T) {
	o := newOffice(t)
	o.settled()
	for _, a := range []githubtest.Account{{Login: "almanac-robot"}, {Login: "github-actions[bot]", Integration: true}} {
		o.hub.SetToken(githubtest.Token, a)
		if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
			t.Errorf("as %s: exit %d\n%s%s", a.Login, code, out, talk)
		}
		o.once()
	}
	o.replaceAll("clients/delmar-freight.yaml", "engineer: tomasz", "engineer: priya")
	if out, talk, code := o.run("reconcile"); code != ExitOK || strings.HasPrefix(out, "nothing") {
		t.Errorf("it no longer keeps them: exit %d\n%s%s", code, out, talk)
	}
}

// TestGitHubForeignMarker: an issue of another installation, by the same account, is
// reported and left alone.
func TestGitHubForeignMarker(t *testing.T) {
	o := newOffice(t)
	o.settled()
	body := strings.Replace(text(o.hub.Issues()[0]), " i=northwind ", " i=contoso ", 1)
	n := o.hub.Add(githubtest.Issue{Title: "theirs", Author: "almanac-bot", Labels: []string{"almanac"}, State: "open", Body: &body})
	before, _ := o.hub.Issue(n)
	if out, _, _ := o.run("plan"); !strings.Contains(out, "its marker names another installation: contoso") {
		t.Errorf("it is not reported:\n%s", out)
	}
	o.settled()
	if after, _ := o.hub.Issue(n); !after.Updated.Equal(before.Updated) || len(after.Comments) > 0 {
		t.Errorf("it was touched: %+v", after)
	}
}

// TestGitHubGone: issues that a person deleted or moved to another repository are not opened
// again, and hold up nothing.
func TestGitHubGone(t *testing.T) {
	o := newOffice(t)
	o.settled()
	o.hub.Delete(1)
	o.hub.Transfer(2)
	o.hub.Change(3, func(i *githubtest.Issue) { i.Locked = true })
	before := len(o.hub.Issues())
	o.replaceAll("clients/delmar-freight.yaml", "engineer: tomasz", "engineer: priya")
	o.clock.Advance(time.Hour)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, " recorded") {
		t.Errorf("exit %d\n%s%s", code, out, talk)
	}
	o.settled()
	if after := len(o.hub.Issues()); after != before {
		t.Errorf("%d issues became %d", before, after)
	}
}

// TestGitHubLabelsOfPeople: the case of labels that were there before stays, labels that
// people add stay, and one of ours that they take off comes back, but for the label that
// makes an issue ours.
func TestGitHubLabelsOfPeople(t *testing.T) {
	o := newOffice(t)
	o.hub.SetLabel("Client:Acme-Dental", "123456", "")
	o.settled()
	labels := o.hub.Labels()
	if !slices.ContainsFunc(labels, func(l githubtest.Label) bool { return l.Name == "Client:Acme-Dental" && l.Color == "123456" }) ||
		slices.ContainsFunc(labels, func(l githubtest.Label) bool { return l.Name == "client:acme-dental" }) {
		t.Errorf("labels %+v", labels)
	}
	at := slices.IndexFunc(o.hub.Issues(), func(i githubtest.Issue) bool { return slices.Contains(i.Labels, "Client:Acme-Dental") })
	n := o.hub.Issues()[at].Number
	o.hub.Change(n, func(i *githubtest.Issue) { i.Labels = []string{"almanac", "VIP"} })
	o.settled()
	if i, _ := o.hub.Issue(n); !slices.Contains(i.Labels, "VIP") || !slices.Contains(i.Labels, "Client:Acme-Dental") {
		t.Errorf("labels %v", i.Labels)
	}
}

// TestGitHubShardsAtOnce lets four shards run at the same moment on one repository and one
// ledger, all of which need the same new labels. Every step has one issue then, every label
// is there once, and a run over the whole finds nothing to do.
func TestGitHubShardsAtOnce(t *testing.T) {
	const clients = 40
	o := officeOf(t, bureau(clients))
	o.hub.SetAssignable("dana-w", "priya-n")
	var wait sync.WaitGroup
	for n := range 4 {
		wait.Go(func() {
			var out bytes.Buffer
			c := &Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Now: o.clock.Now, Sleep: o.clock.Sleep, Dir: o.root, Getenv: func(name string) string { return o.env[name] }}
			args := []string{"reconcile", "--forge", "github", "--ledger", "dir:" + o.root + "-ledger", "--shard", fmt.Sprintf("%d/4", n+1)}
			if code := c.Main(t.Context(), args); code != ExitOK {
				t.Errorf("shard %d: exit %d\n%s", n+1, code, out.String())
			}
		})
	}
	wait.Wait()
	if keys := o.keys(); len(keys) != clients || len(o.hub.Issues()) != clients {
		t.Errorf("%d issues of %d steps, want %d", len(o.hub.Issues()), len(keys), clients)
	}
	names := map[string]int{}
	for _, l := range o.hub.Labels() {
		if names[strings.ToLower(l.Name)]++; l.Color == "ededed" {
			t.Errorf("the label %s has no color of ours", l.Name)
		}
	}
	if len(names) != len(o.hub.Labels()) {
		t.Errorf("labels %+v", o.hub.Labels())
	}
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("exit %d\n%s%s", code, out, talk)
	}
}
