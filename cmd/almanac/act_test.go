package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// workflowToken is the token that the workflows of the test get.
const workflowToken = "ghs_SENTINELsentinelSENTINELsentinel0002"

// world is a repository as init writes it, with its workflows, a remote and a GitHub.
type world struct {
	t                *testing.T
	act, home        string
	repo, tool, stub string
	github           *githubtest.Server
}

// newWorld makes a repository out of what init writes, as of a day. Its workflows are run
// as they are, but for that day: they call those of this repository, and those its action.
func newWorld(t *testing.T, day string) *world {
	t.Helper()
	w := &world{t: t, act: tool(t, "github.com/nektos/act"), home: t.TempDir(), tool: t.TempDir(), stub: filepath.Join(repositoryRoot(), "cmd/almanac/testdata/actions")}
	for _, part := range []string{"cmd", "schema", "reconcile", ".github"} {
		if err := os.CopyFS(filepath.Join(w.tool, part), os.DirFS(filepath.Join(repositoryRoot(), part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"action.yml", "go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(repositoryRoot(), name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(w.tool, name), string(text), 0o644)
	}
	w.repo = filepath.Join(t.TempDir(), "client-operations")
	starter(t, w.repo)
	for _, name := range []string{"validate", "preview", "reconcile"} {
		w.edit(".github/workflows/almanac-"+name+".yml", name+".yml@v1", name+".yml@v1\n    with:\n      as-of: '"+day+"'")
	}
	origin := filepath.Join(t.TempDir(), "origin.git")
	w.git("init", "--quiet", "--bare", origin)
	w.git("init", "--quiet", "--initial-branch=main")
	w.git("remote", "add", "origin", origin)
	w.commit("first version")
	w.git("push", "--quiet", "origin", "main")
	w.github = githubtest.New(t, githubtest.Options{Now: time.Now})
	t.Cleanup(w.github.Close)
	w.github.SetToken(workflowToken, githubtest.Account{Login: "github-actions[bot]", Integration: true})
	return w
}

func (w *world) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = w.repo
	cmd.Env = append(os.Environ(), "HOME="+w.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Pat Example", "GIT_AUTHOR_EMAIL=pat@northwind.example",
		"GIT_COMMITTER_NAME=Pat Example", "GIT_COMMITTER_EMAIL=pat@northwind.example")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *world) commit(message string) {
	w.t.Helper()
	w.git("add", "--all")
	w.git("commit", "--quiet", "--message", message)
}

// edit replaces a piece of a file that must be there once.
func (w *world) edit(file, old, new string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.repo, file))
	if err != nil || strings.Count(string(text), old) != 1 {
		w.t.Fatalf("%s: %v, and %q is in it %d times", file, err, old, strings.Count(string(text), old))
	}
	write(w.t, filepath.Join(w.repo, file), strings.Replace(string(text), old, new, 1), 0o644)
}

// run runs one workflow of the repository on an event, and returns what it printed.
func (w *world) run(event, workflow string, payload map[string]any) (string, error) {
	w.t.Helper()
	payload["repository"] = map[string]any{"default_branch": "main", "full_name": w.github.Repository()}
	text, err := json.Marshal(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.t.TempDir(), "event.json")
	write(w.t, file, string(text), 0o644)
	args := []string{event, "--platform", "ubuntu-latest=-self-hosted", "--container-daemon-socket", "-", "--no-cache-server",
		"--workflows", ".github/workflows/almanac-" + workflow + ".yml", "--eventpath", file, "--defaultbranch", "main",
		"--local-repository", "almanac-gitops/almanac@v1=" + w.tool, "--secret", "GITHUB_TOKEN=" + workflowToken,
		"--env", "GITHUB_API_URL=" + w.github.URL(), "--env", "GITHUB_REPOSITORY=" + w.github.Repository()}
	for _, steps := range allSteps(w.t) {
		for _, s := range steps {
			if parts := strings.SplitN(s.Uses, "/", 3); len(parts) > 1 && !strings.HasPrefix(s.Uses, "almanac-gitops/") {
				_, version, _ := strings.Cut(s.Uses, "@")
				name, _, _ := strings.Cut(parts[0]+"/"+parts[1], "@")
				args = append(args, "--local-repository", name+"@"+version+"="+w.stub)
			}
		}
	}
	for _, name := range []string{"GOMODCACHE", "GOCACHE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			w.t.Fatal(err)
		}
		args = append(args, "--env", name+"="+strings.TrimSpace(string(value)))
	}
	cmd := exec.Command(w.act, args...)
	cmd.Dir = w.repo
	cmd.Env = append(os.Environ(), "HOME="+w.home, "XDG_CACHE_HOME="+filepath.Join(w.home, ".cache"))
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), workflowToken) {
		w.t.Errorf("the token is in the log of %s:\n%s", workflow, out)
	}
	return string(out), err
}

// must runs a workflow that has to succeed, and holds what it printed against texts.
func (w *world) must(event, workflow string, payload map[string]any, want ...string) string {
	w.t.Helper()
	out, err := w.run(event, workflow, payload)
	if err != nil {
		w.t.Fatalf("%s on %s: %v\n%s", workflow, event, err, out)
	}
	for _, text := range want {
		if !strings.Contains(out, text) {
			w.t.Errorf("%s on %s: no %q in\n%s", workflow, event, text, out)
		}
	}
	return out
}

// pull is the event of a pull request out of a repository.
func (w *world) pull(number int, from string) map[string]any {
	return map[string]any{"number": number, "pull_request": map[string]any{
		"number": number,
		"base":   map[string]any{"ref": "main", "sha": w.git("rev-parse", "origin/main")},
		"head":   map[string]any{"ref": "later", "sha": w.git("rev-parse", "HEAD"), "repo": map[string]any{"full_name": from}},
	}}
}

// issues returns what was opened.
func (w *world) issues() []githubtest.Issue {
	return slices.DeleteFunc(w.github.Issues(), func(i githubtest.Issue) bool { return i.PullRequest })
}

// requests returns how many requests and writes there were since the last call.
func (w *world) requests() (all, writes int) {
	defer w.github.Reset()
	return w.github.Totals()
}

// TestEndToEnd runs the workflows that init writes as GitHub would: a pull request gets its
// preview, a merge gets its issues, and a second run does nothing. When runs no longer succeed,
// a pull request says so.
func TestEndToEnd(t *testing.T) {
	w := newWorld(t, "2026-04-13")
	number := w.github.Add(githubtest.Issue{Title: "Maple Dental a month earlier", PullRequest: true, Author: "lee-k"})
	w.pullRequest(number)
	w.faultyPullRequest(number)
	w.git("switch", "--quiet", "main")
	w.git("merge", "--quiet", "--no-ff", "earlier")
	w.git("push", "--quiet", "origin", "main")
	w.merge()
	w.again()
	w.talk()
	w.silence(number)
}

// pullRequest moves a client in a branch, twice.
func (w *world) pullRequest(number int) {
	t := w.t
	w.git("switch", "--quiet", "--create", "earlier")
	w.edit("clients/maple-dental.yaml", "alignment-date: 2026-07-01", "alignment-date: 2026-06-15")
	w.commit("Maple Dental begins earlier")
	w.must("pull_request", "validate", w.pull(number, w.github.Repository()), "No faults found", "::set-output:: summary=0 errors, 0 warnings")

	const moved = "maple-dental/vcio/2026/annual-strategy"
	w.must("pull_request", "preview", w.pull(number, "stranger/fork"), "Summary - **Preview: ", moved)
	if all, _ := w.requests(); all != 0 {
		t.Errorf("a pull request from a fork made %d requests of GitHub", all)
	}
	w.must("pull_request", "preview", w.pull(number, w.github.Repository()), "Summary - **Preview: ", moved)
	first := w.comment(number)
	if !strings.Contains(first, moved) || !strings.Contains(first, "2026-05-15") {
		t.Errorf("the comment does not say what moves:\n%s", first)
	}
	if _, writes := w.requests(); writes != 1 {
		t.Errorf("%d writes for the first preview, want 1", writes)
	}
	w.edit("clients/maple-dental.yaml", "alignment-date: 2026-06-15", "alignment-date: 2026-06-01")
	w.commit("Maple Dental begins even earlier")
	w.must("pull_request", "preview", w.pull(number, w.github.Repository()))
	if second := w.comment(number); !strings.Contains(second, "2026-05-01") || strings.Contains(second, "2026-05-15") {
		t.Errorf("the comment was not brought up to date:\n%s", second)
	}
	w.requests()
}

// comment returns the one comment of a pull request.
func (w *world) comment(number int) string {
	w.t.Helper()
	i, _ := w.github.Issue(number)
	if len(i.Comments) != 1 || i.Comments[0].Author != "github-actions[bot]" {
		w.t.Fatalf("want one comment of ours, got %+v", i.Comments)
	}
	return i.Comments[0].Body
}

// faultyPullRequest breaks a file: it is annotated, sent to code scanning, and red.
func (w *world) faultyPullRequest(number int) {
	t := w.t
	w.git("switch", "--quiet", "--create", "faulty")
	w.edit("clients/maple-dental.yaml", "team: {vcio: alex,", "teem: {vcio: alex,")
	w.edit(".github/workflows/almanac-validate.yml", "    with:\n", "    with:\n      sarif: true\n")
	w.commit("a slip of the pen")
	out, err := w.run("pull_request", "validate", w.pull(number, w.github.Repository()))
	if err == nil {
		t.Errorf("validate passes a faulty file:\n%s", out)
	}
	for _, want := range []string{"::error file=clients/maple-dental.yaml,line=7", "did you mean", "::set-output:: exit-code=3", `"ruleId": "schema/unknown-field"`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if all, _ := w.requests(); all != 0 {
		t.Errorf("validate made %d requests of GitHub", all)
	}
}

// merge opens what is due on the day, and claims it in the branch of the ledger.
func (w *world) merge() {
	t := w.t
	w.must("push", "reconcile", map[string]any{"ref": "refs/heads/main"}, "2 opened, 0 changed, 0 closed", "::set-output:: changes=2")
	var titles []string
	for _, i := range w.issues() {
		titles = append(titles, i.Title)
		if i.Author != "github-actions[bot]" || !slices.Contains(i.Labels, "almanac") || i.State != "open" {
			t.Errorf("#%d: %s by %s, labels %q", i.Number, i.State, i.Author, i.Labels)
		}
	}
	slices.Sort(titles)
	if want := []string{"Maple Dental: Annual strategy meeting (2026)", "River Bikes: Welcome call"}; !slices.Equal(titles, want) {
		t.Errorf("opened %q, want %q", titles, want)
	}
	w.git("fetch", "--quiet", "origin")
	if log := w.git("show", "origin/almanac-ledger:v1/maple-dental.jsonl"); strings.Count(log, "maple-dental/vcio/2026/annual-strategy") < 2 {
		t.Errorf("the ledger does not hold claim and result:\n%s", log)
	}
	w.requests()
}

// talk has people and programs write. Only a command of a person on an issue and a request
// start a run.
func (w *world) talk() {
	t := w.t
	w.git("switch", "--quiet", "main")
	comment := func(action, kind, body string, more map[string]any) map[string]any {
		i := map[string]any{"number": w.issues()[0].Number, "labels": []any{map[string]any{"name": "almanac"}}}
		maps.Copy(i, more)
		return map[string]any{"action": action, "issue": i, "comment": map[string]any{"id": 1, "body": body, "user": map[string]any{"login": "lee-k", "type": kind}}}
	}
	asked := func(kind string, labels ...string) map[string]any {
		var l []any
		for _, name := range labels {
			l = append(l, map[string]any{"name": name})
		}
		return map[string]any{"action": "opened", "sender": map[string]any{"login": "lee-k", "type": kind}, "issue": map[string]any{"number": 9, "labels": l}}
	}
	for _, c := range []struct {
		what, event string
		payload     map[string]any
		runs        bool
	}{
		{"talk", "issue_comment", comment("created", "User", "Well, /done I think", nil), false},
		{"a program", "issue_comment", comment("created", "Bot", "/done", nil), false},
		{"on a pull request", "issue_comment", comment("created", "User", "/done", map[string]any{"pull_request": map[string]any{"url": "x"}}), false},
		{"edited", "issue_comment", comment("edited", "User", "/done", nil), false},
		{"our own issue", "issues", asked("User", "onboarding", "Almanac"), false},
		{"an issue of a program", "issues", asked("Bot", "onboarding"), false},
		{"an issue without a label", "issues", asked("User"), false},
		{"a command", "issue_comment", comment("created", "User", "/help \"; touch pwned; $(touch pwned)", nil), true},
	} {
		out := w.must(c.event, "reconcile", c.payload)
		if all, _ := w.requests(); all > 0 != c.runs || strings.Contains(out, "nothing to do") != c.runs {
			t.Errorf("%s: %d requests\n%s", c.what, all, out)
		}
		if _, err := os.Stat(filepath.Join(w.repo, "pwned")); err == nil {
			t.Errorf("%s: the text was run", c.what)
		}
	}
}

// again runs once more on the clock, and then on a branch that nobody agreed to.
func (w *world) again() {
	t := w.t
	before := w.git("rev-parse", "origin/almanac-ledger^{tree}")
	w.must("schedule", "reconcile", map[string]any{"schedule": "17,47 6-19 * * 1-5"}, "nothing to do: 2 issues agree with the files", "::set-output:: changes=0")
	if all, writes := w.requests(); writes != 0 || all == 0 {
		t.Errorf("the second run made %d requests, %d of them writes; want some and none", all, writes)
	}
	w.git("fetch", "--quiet", "origin")
	if diff := w.git("diff", "--stat", before, "origin/almanac-ledger^{tree}", "--", "v1"); diff != "" {
		t.Errorf("the second run wrote to the ledger:\n%s", diff)
	}
	w.git("switch", "--quiet", "faulty")
	w.must("workflow_dispatch", "reconcile", map[string]any{"ref": "refs/heads/faulty"})
	if all, _ := w.requests(); all != 0 {
		t.Errorf("a run on another branch made %d requests of GitHub", all)
	}
}

// silence has the last success be long ago. A pull request that is in order tells of it.
func (w *world) silence(number int) {
	dir := filepath.Join(w.t.TempDir(), "ledger")
	w.git("fetch", "--quiet", "origin")
	w.git("worktree", "add", "--quiet", "--detach", dir, "origin/almanac-ledger")
	meta := filepath.Join(dir, "meta.json")
	text, err := os.ReadFile(meta)
	old := regexp.MustCompile(`("heartbeat": ?)"[^"]*"`)
	if err != nil || !old.Match(text) {
		w.t.Fatalf("%v: no heartbeat in %s", err, text)
	}
	write(w.t, meta, old.ReplaceAllString(string(text), `$1"2026-01-02T03:04:05Z"`), 0o644)
	w.git("-C", dir, "commit", "--quiet", "--all", "--message", "long ago")
	w.git("-C", dir, "push", "--quiet", "origin", "HEAD:almanac-ledger")
	w.must("pull_request", "validate", w.pull(number, w.github.Repository()), "::warning title=almanac::the last success was ", "::set-output:: summary=0 errors, 0 warnings")
}
