package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var careFiles = loadtest.Northwind(`github: {repository: northwind/client-operations}
roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director}
defaults: {notify: []}
`, "dana", "noor") + `---
kind: Playbook
id: care
title: Extra care
owner: dana
steps:
  - {id: call, title: Call, owner: vcio, due: on start}
  - {id: decision, title: Decide, owner: vcio, due: on start, approve: [vcio, director]}
  - {id: meeting, title: Meet, owner: vcio, due: on start, issue: shared}
`

// careRepository is a repository of clients in extra care since 2026-04-13.
func careRepository(t testing.TB, clients int) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "repository")
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	text := careFiles
	for n := range clients {
		text += fmt.Sprintf("---\nkind: Client\nid: client-%d\nname: Client %d\nteam: {vcio: dana, director: noor}\nprocesses:\n  - template: care\n    start: 2026-04-13\n", n, n)
	}
	if err := os.WriteFile(filepath.Join(root, "almanac.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// hallway is an office whose people talk on issues.
func hallway(t testing.TB, server githubtest.Options) *office {
	o := openOffice(t, careRepository(t, 2), server)
	o.hub.SetAssignable("dana-w", "noor-h")
	o.hub.SetPermission("dana-w", "write", "write")
	o.hub.SetPermission("noor-h", "admin", "admin")
	o.settled()
	return o
}

// of returns the number of the issue with a key.
func (o *office) of(key string) int {
	o.t.Helper()
	for _, i := range o.hub.Issues() {
		if strings.Contains(text(i), "k="+key+" ") {
			return i.Number
		}
	}
	o.t.Fatalf("no issue of %s", key)
	return 0
}

// comment has somebody write a comment, and returns its id.
func (o *office) comment(key, login, body string) (id int) {
	number := o.of(key)
	o.clock.Advance(time.Minute)
	o.hub.Change(number, func(i *githubtest.Issue) {
		i.Comments = append(i.Comments, githubtest.Comment{Author: login, Body: body})
	})
	i, _ := o.hub.Issue(number)
	return i.Comments[len(i.Comments)-1].ID
}

// event writes the event of a comment, and has the next run started by it.
func (o *office) event(id int, body string) {
	o.t.Helper()
	file := filepath.Join(o.t.TempDir(), "event.json")
	b, err := json.Marshal(map[string]any{"action": "created", "issue": map[string]any{"number": 1},
		"comment": map[string]any{"id": id, "body": body, "user": map[string]any{"login": "dana-w", "type": "User"}}})
	if err == nil {
		err = os.WriteFile(file, b, 0o644)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	o.env["GITHUB_EVENT_NAME"], o.env["GITHUB_EVENT_PATH"] = "issue_comment", file
}

// reactions are what stands beside a comment.
func (o *office) reactions(id int) string {
	var l []string
	for _, r := range o.hub.Reactions(id) {
		l = append(l, r.Content)
	}
	return strings.Join(l, " ")
}

// TestGitHubCommands is a command from the event that it starts a run with, on lists that are
// late, to the closed issue; a comment that was edited since; and one without permission.
func TestGitHubCommands(t *testing.T) {
	o := hallway(t, githubtest.Options{})
	id := o.comment("client-0/care/1/call", "dana-w", "/done we met")
	o.event(id, "/done we met")
	out, talk, code := o.run("reconcile", "-o", "json")
	var p struct {
		Commands []struct {
			Comment, Key, Command, By, Reason string
			Issue                             int
			Accepted                          bool
		}
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil || code != ExitOK || len(p.Commands) != 1 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, talk)
	}
	if c := p.Commands[0]; !c.Accepted || c.Comment != fmt.Sprint(id) || c.Key != "client-0/care/1/call" || c.By != "dana" || c.Reason != "we met" || c.Issue != o.of(c.Key) {
		t.Errorf("%+v", c)
	}
	if i, _ := o.hub.Issue(o.of("client-0/care/1/call")); i.State != "closed" || o.reactions(id) != "rocket" {
		t.Errorf("the issue is %s, reactions %q", i.State, o.reactions(id))
	}

	id = o.comment("client-1/care/1/call", "dana-w", "/note nothing new")
	o.event(id, "/done")
	if out, _, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, "refused   /note") || !strings.Contains(out, "edited") || o.reactions(id) != "confused" {
		t.Errorf("exit %d, reactions %q\n%s", code, o.reactions(id), out)
	}
	o.env["GITHUB_EVENT_NAME"] = "schedule"
	id = o.comment("client-1/care/1/call", "dana-w", "/done")
	o.clock.Advance(time.Minute)
	o.hub.EditComment(id, "/done really")
	o.hub.SetPermission("noor-h", "read", "read")
	other := o.comment("client-1/care/1/call", "noor-h", "/help")
	summary := filepath.Join(t.TempDir(), "summary.md")
	o.env["GITHUB_STEP_SUMMARY"] = summary
	out, _, code = o.run("reconcile")
	if code != ExitOK || !strings.Contains(out, "0 commands accepted, 2 refused") || o.reactions(id) != "confused" || o.reactions(other) != "confused" || !strings.Contains(out, "permission read") {
		t.Errorf("exit %d, reactions %q and %q\n%s", code, o.reactions(id), o.reactions(other), out)
	}
	if b, err := os.ReadFile(summary); err != nil || !strings.Contains(string(b), "**Commands (2)**") {
		t.Errorf("%v %s", err, b)
	}
	if out, _, _ := o.run("reconcile"); !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("once more:\n%s", out)
	}
}

// TestGitHubUnheard: a run that does not learn what an author may do ends in part, and the
// command is heard days later.
func TestGitHubUnheard(t *testing.T) {
	o := hallway(t, githubtest.Options{})
	o.comment("client-0/care/1/call", "dana-w", "/done")
	o.hub.Inject(githubtest.Fault{Operation: "repos/get-collaborator-permission-level", Status: 500, Times: 99})
	for range 3 {
		if out, talk, code := o.run("reconcile"); code != ExitPartial || !strings.Contains(talk, "warning: ask what dana-w may do") {
			t.Fatalf("exit %d\n%s%s", code, out, talk)
		}
		o.clock.Advance(24 * time.Hour)
	}
	o.hub.ClearFaults()
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, "accepted  /done") {
		t.Errorf("exit %d\n%s%s", code, out, talk)
	}
}

// TestGitHubCost: what the README says of a run with nothing to do, counted of the whole of
// it: one list for each hundred open issues, three requests besides, no write. With another
// token than that of a workflow GitHub is asked whose it is.
func TestGitHubCost(t *testing.T) {
	o := officeOf(t, bureau(100))
	o.hub.SetAssignable("dana-w", "priya-n")
	o.settled()
	const workflow = "ghs_SENTINELsentinelSENTINELsentinel0003"
	o.hub.SetToken(workflow, githubtest.Account{Login: "github-actions[bot]", Integration: true})
	for _, tt := range []struct {
		open, more int
		token      string
	}{{100, 0, workflow}, {100, 0, githubtest.Token}, {3000, 2900, workflow}} {
		for range tt.more { // of somebody else, with our label: they are read all the same
			o.hub.Add(githubtest.Issue{Title: "x", Labels: []string{"almanac"}, State: "open", Author: "mallory"})
		}
		o.env["GITHUB_TOKEN"] = tt.token
		o.clock.Advance(30 * time.Minute)
		o.hub.Reset()
		if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do: 100 issues") {
			t.Fatalf("exit %d\n%s%s", code, out, talk)
		}
		want := tt.open/100 + 3
		if tt.token != workflow {
			want++
		}
		if all, writes := o.hub.Totals(); all != want || writes != 0 {
			t.Errorf("%d open issues: %d requests, want %d; %d writes", tt.open, all, want, writes)
		}
	}
}

// TestGitHubSweepCost: a look over 3,000 open issues lists comments once, whatever strangers
// wrote, and asks for no one of them.
func TestGitHubSweepCost(t *testing.T) {
	o := hallway(t, githubtest.Options{})
	body := "<!-- almanac:v1 k=client-0/care/1/call i=somebody-else -->"
	for n := range 3000 {
		o.hub.Add(githubtest.Issue{Title: fmt.Sprint(n), Body: &body, Labels: []string{"almanac"}, State: "open", Author: "mallory"})
	}
	for range 60 {
		o.comment("client-1/care/1/call", "mallory", "/done")
	}
	o.hub.Reset()
	if out, talk, code := o.run("reconcile"); code != ExitOK || strings.Contains(out, "/done") {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	counts := []int{o.hub.Count("issues/list-comments-for-repo"), o.hub.Count("issues/list-comments"), o.hub.Count("issues/get-comment"), o.hub.Count("repos/get-collaborator-permission-level")}
	if requests, writes := o.hub.Totals(); !slices.Equal(counts, []int{1, 0, 0, 0}) || requests > 45 || writes != 0 {
		t.Errorf("%d requests, %d writes, of comments %v", requests, writes, counts)
	}
}

// TestShardsShare lets four shards work on clients who share an issue, and on commands: each
// command is heard by one of them, and the shared issue is that of a single run.
func TestShardsShare(t *testing.T) {
	root := careRepository(t, 9)
	if out, err := exec.Command("git", "init", "-q", root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	issues := filepath.Join(t.TempDir(), "issues")
	shards := func() (out string) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				o, talk, code := inProcess(t, root, "reconcile", "--as-of", "2026-04-13", "--forge", "files:"+issues, "--ledger", "git", "--shard", fmt.Sprintf("%d/4", i+1))
				mu.Lock()
				defer mu.Unlock()
				if out += o; code != ExitOK {
					t.Errorf("shard %d: exit %d: %s%s", i+1, code, o, talk)
				}
			})
		}
		wg.Wait()
		return out
	}
	shards()
	keys := keysIn(t, issues)
	const shared = "all-clients/care/2026-04-13/meeting"
	if keys[shared] != 1 || len(keys) != 19 {
		t.Fatalf("issues %v", keys)
	}
	file := func(key string) (string, string) {
		paths, _ := filepath.Glob(filepath.Join(issues, "*.md"))
		for _, p := range paths {
			if b, err := os.ReadFile(p); err == nil && strings.Contains(string(b), "\nkey: "+key+"\n") {
				return p, string(b)
			}
		}
		t.Fatalf("no issue of %s", key)
		return "", ""
	}
	if _, text := file(shared); strings.Count(text, "- [ ] ") != 9 {
		t.Errorf("not every client has a row:\n%s", text)
	}
	path, text := file(shared)
	var said strings.Builder
	for n := range 9 {
		fmt.Fprintf(&said, "\n  - {author: dana, text: /done client-%d}", n)
	}
	said.WriteString("\n  - {author: noor, text: /done client-3}")
	write(t, path, strings.Replace(text, "\n---\n", "\ncomments:"+said.String()+"\n---\n", 1))
	path, text = file("client-4/care/1/call")
	write(t, path, strings.Replace(text, "\n---\n", "\ncomments: [{author: dana, text: /done}]\n---\n", 1))
	out := shards()
	if accepted, refused := strings.Count(out, "accepted  /done"), strings.Count(out, "refused   /done"); accepted != 10 || refused != 1 {
		t.Errorf("%d accepted, %d refused:\n%s", accepted, refused, out)
	}
	shards()
	if _, text := file(shared); !strings.Contains(text, "state: closed") {
		t.Errorf("the shared issue is not closed:\n%s", text)
	}
	if out, talk, code := inProcess(t, root, "reconcile", "--as-of", "2026-04-13", "--forge", "files:"+issues, "--ledger", "git"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("a run over the whole found something to do after the shards: exit %d\n%s%s", code, out, talk)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEventUnusable: what is no event is told in the words of events, and with what to do.
func TestEventUnusable(t *testing.T) {
	root := careRepository(t, 1)
	for text, want := range map[string]string{
		"":                                 "it is not JSON of an event: unexpected end",
		"[]":                               "it is not an event issue_comment: the whole is not what GitHub sends",
		`{"comment": {"id": "5"}}`:         "it is not an event issue_comment: comment.id is not what GitHub sends",
		`{"comment": {"id": 1e30}}`:        "it is not an event issue_comment: comment.id is not what GitHub sends",
		`{"action": "opened", "issue":{}}`: "it is not about a comment: expected an event issue_comment",
	} {
		write(t, filepath.Join(root, "event.json"), text)
		_, talk, code := inProcess(t, root, "reconcile", "--event", "event.json", "--forge", "files:issues")
		if code != ExitFailed || !strings.Contains(talk, want) || strings.Contains(talk, "struct") || !strings.Contains(talk, "almanac reconcile without --event") {
			t.Errorf("%q: exit %d\n%s", text, code, talk)
		}
	}
}

// FuzzEvent reads anything: what is no new comment of a person with a command starts nothing.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"action": "created", "comment": {"id": 5, "body": "/done", "user": {"type": "User"}}}`))
	f.Add([]byte(`{"action": "created", "issue": {"pull_request": {}}, "comment": {"id": 5, "body": "/done"}}`))
	f.Add([]byte(`{"comment": {"id": -1}}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := parseEvent(text)
		if err != nil && e != (event{}) || err == nil && (e.comment == "") == (e.nothing == "") || e.comment != "" && !strings.HasPrefix(e.body, "/") {
			t.Errorf("%q gives %+v, %v", text, e, err)
		}
	})
}
