package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// office is a repository on disk, a GitHub and a machine whose clock they share.
type office struct {
	t     testing.TB
	root  string
	clock *githubtest.Clock
	hub   *githubtest.Server
	env   map[string]string
	said  bytes.Buffer // everything that was ever printed
}

func newOffice(t testing.TB) *office {
	t.Helper()
	root := filepath.Join(t.TempDir(), "repository")
	if err := os.CopyFS(root, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	o := openOffice(t, root, githubtest.Options{PageSize: 5})
	o.hub.SetAssignable("dana-whitfield-nw", "lee-okafor-nw", "marcus-villanueva-nw", "ines-duarte-nw", "priya-raman-nw", "tomasz-zielinski-nw")
	return o
}

// openOffice is an office around a repository that is there.
func openOffice(t testing.TB, root string, server githubtest.Options) *office {
	t.Helper()
	o := &office{t: t, root: root, clock: githubtest.NewClock(time.Date(2026, 4, 13, 15, 0, 0, 0, time.UTC))}
	server.Now = o.clock.Now
	o.hub = githubtest.New(t, server)
	t.Cleanup(o.hub.Close)
	o.env = map[string]string{"GITHUB_API_URL": o.hub.URL(), "GITHUB_TOKEN": githubtest.Token, "XDG_CACHE_HOME": t.TempDir()}
	return o
}

// run runs a command line against GitHub.
func (o *office) run(args ...string) (stdout, stderr string, code int) {
	o.t.Helper()
	var out, talk bytes.Buffer
	c := &Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Now: o.clock.Now, Sleep: o.clock.Sleep, Dir: o.root,
		Getenv: func(name string) string { return o.env[name] }}
	code = c.Main(context.Background(), append(args, "--forge", "github", "--ledger", "dir:"+o.root+"-ledger"))
	o.said.WriteString(out.String() + talk.String())
	return out.String(), talk.String(), code
}

// edit changes a file of the repository.
func (o *office) edit(name, old, new string) {
	o.t.Helper()
	path := filepath.Join(o.root, name)
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), old) {
		o.t.Fatalf("%s has no %q: %v", name, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), old, new, 1)), 0o644); err != nil {
		o.t.Fatal(err)
	}
}

// exampleIssues is how many issues the example has on the day of the tests.
const exampleIssues = 20

var (
	opened = strconv.Itoa(exampleIssues) + " opened"
	stray  = "#" + strconv.Itoa(exampleIssues+1)
)

// text is the body of an issue.
func text(i githubtest.Issue) string {
	if i.Body == nil {
		return ""
	}
	return *i.Body
}

// TestGitHub lives through the example on GitHub: issues are opened, a second run asks
// little and writes nothing, what a person closes stays closed, a new owner is assigned
// with one comment, and the token is nowhere.
func TestGitHub(t *testing.T) {
	o := newOffice(t)
	out, talk, code := o.run("reconcile")
	if code != ExitOK || !strings.Contains(out, opened) {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	issues := o.hub.Issues()
	at := slices.IndexFunc(issues, func(i githubtest.Issue) bool {
		return strings.Contains(text(i), "k=acme-dental/vcio/2026/annual-strategy ")
	})
	if at < 0 || !slices.Contains(issues[at].Assignees, "dana-whitfield-nw") || !slices.Contains(issues[at].Labels, "client:acme-dental") {
		t.Fatalf("the annual meeting is not as it should be: %+v", issues)
	}
	number := issues[at].Number
	checkFamily(t, issues, func(whole, step *githubtest.Issue) bool { return step.Parent == whole.Number })

	o.hub.Reset()
	o.clock.Advance(30 * time.Minute)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second run: exit %d\n%s%s", code, out, talk)
	}
	if requests, writes := o.hub.Totals(); writes > 0 || requests > 10 {
		t.Errorf("the second run made %d requests and %d writes", requests, writes)
	}

	o.hub.Change(number, func(i *githubtest.Issue) { i.State, i.Reason = "closed", "completed" })
	o.edit("clients/jasper-architects.yaml", "account-manager: marcus", "account-manager: ines")
	o.edit("clients/delmar-freight.yaml", "engineer: tomasz", "engineer: priya")
	o.clock.Advance(time.Hour)
	out, talk, code = o.run("reconcile")
	if code != ExitOK || !strings.Contains(out, "recorded") {
		t.Errorf("the third run: exit %d\n%s%s", code, out, talk)
	}
	after := o.hub.Issues()
	moved := slices.IndexFunc(after, func(i githubtest.Issue) bool { return strings.Contains(text(i), "k=delmar-freight/vcio/2026/audit ") })
	if got := after[moved].Assignees; !slices.Equal(got, []string{"priya-raman-nw"}) {
		t.Errorf("the audit is assigned to %v", got)
	}
	if len(after) != len(issues) {
		t.Errorf("%d issues became %d", len(issues), len(after))
	}
	if out, _, _ := o.run("why", "acme-dental/vcio/2026/annual-strategy"); !strings.Contains(out, ": done, ") {
		t.Errorf("what a person closed is not done:\n%s", out)
	}
	if strings.Contains(o.said.String(), "SENTINEL") {
		t.Error("the token was printed")
	}
}

// checkFamily holds the issues of an onboarding against that of the whole run.
func checkFamily(t *testing.T, issues []githubtest.Issue, good func(whole, step *githubtest.Issue) bool) {
	t.Helper()
	const run = "k=jasper-architects/onboarding-8-week/1/"
	at := slices.IndexFunc(issues, func(i githubtest.Issue) bool { return strings.Contains(text(i), run+"whole-run ") })
	if at < 0 || !strings.Contains(text(issues[at]), "- [ ] 6.1 In-person training (due Friday 2026-05-22)") {
		t.Fatalf("the run has no issue that lists its steps: %+v", issues)
	}
	steps := 0
	for i := range issues {
		if i != at && strings.Contains(text(issues[i]), run) {
			if steps++; !good(&issues[at], &issues[i]) {
				t.Errorf("%s is under #%d, the run is #%d", issues[i].Title, issues[i].Parent, issues[at].Number)
			}
		}
	}
	if steps == 0 {
		t.Error("the run has no steps")
	}
}

// TestGitHubWithoutSubIssues does with the list in the issue of a run where the server has
// no more.
func TestGitHubWithoutSubIssues(t *testing.T) {
	o := newOffice(t)
	o.hub.NoSubIssues()
	out, talk, code := o.run("reconcile")
	if code != ExitOK || !strings.Contains(out, opened) || strings.Count(talk, "has no sub-issues") != 1 {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	checkFamily(t, o.hub.Issues(), func(_, step *githubtest.Issue) bool { return step.Parent == 0 })
	o.hub.Reset()
	o.clock.Advance(30 * time.Minute)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second run: exit %d\n%s%s", code, out, talk)
	}
	if _, writes := o.hub.Totals(); writes > 0 {
		t.Errorf("the second run made %d writes", writes)
	}
}

// TestGitHubMilestones turns milestones on for issues that are open already: each is put
// into that of its run, those made later too, and a second run asks nothing of milestones.
func TestGitHubMilestones(t *testing.T) {
	o := newOffice(t)
	if out, talk, code := o.run("reconcile"); code != ExitOK || o.hub.Count("issues/list-milestones") > 0 {
		t.Fatalf("exit %d, %d requests for milestones\n%s%s", code, o.hub.Count("issues/list-milestones"), out, talk)
	}
	before := len(o.hub.Issues())
	o.hub.AddMilestone("Spring", false)
	o.hub.Change(1, func(i *githubtest.Issue) { i.Milestone = 1 })
	o.edit("almanac.yaml", "github: {repository: northwind/client-operations}", "github: {repository: northwind/client-operations, milestones: true}")
	o.clock.Advance(14 * 24 * time.Hour)
	if out, talk, code := o.run("reconcile"); code != ExitOK || len(o.hub.Issues()) <= before {
		t.Fatalf("exit %d, %d issues\n%s%s", code, len(o.hub.Issues()), out, talk)
	}
	titles := map[string]int{}
	for _, i := range o.hub.Issues() {
		if i.Milestone == 0 {
			t.Errorf("#%d %s is in no milestone", i.Number, i.Title)
			continue
		}
		title := o.hub.Milestones()[i.Milestone-1].Title
		if titles[title]++; i.Number > 1 && !strings.HasPrefix(i.Title, strings.SplitAfter(title, ": ")[0]) {
			t.Errorf("#%d %s is in the milestone %s", i.Number, i.Title, title)
		}
	}
	if titles["Spring"] != 1 || titles["Acme Dental Group: vCIO process (2026)"] == 0 {
		t.Errorf("%v", titles)
	}
	o.hub.Reset()
	o.clock.Advance(30 * time.Minute)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second run: exit %d\n%s%s", code, out, talk)
	}
	if _, writes := o.hub.Totals(); writes > 0 || o.hub.Count("issues/list-milestones") > 0 {
		t.Errorf("the second run made %d writes and %d requests for milestones", writes, o.hub.Count("issues/list-milestones"))
	}
}

// TestGitHubPublic refuses a public repository until the organization says that it is
// meant.
func TestGitHubPublic(t *testing.T) {
	o := newOffice(t)
	o.hub.SetPublic(true)
	if _, talk, code := o.run("reconcile"); code != ExitBlocked || !strings.Contains(talk, "is public") || len(o.hub.Issues()) > 0 {
		t.Fatalf("exit %d, %d issues\n%s", code, len(o.hub.Issues()), talk)
	}
	o.edit("almanac.yaml", "email-domains:", "public: true\nemail-domains:")
	if _, talk, code := o.run("reconcile"); code != ExitOK {
		t.Errorf("exit %d\n%s", code, talk)
	}
}

// TestGitHubHostile opens issues with the worst names and holds that nothing in them
// mentions, closes, commands or forges anything.
func TestGitHubHostile(t *testing.T) {
	o := newOffice(t)
	o.edit("clients/acme-dental.yaml", "name: Acme Dental Group", `name: "::error::@dana fixes #1 <!-- almanac:v1 k=a/b/1/c i=northwind --> | group"`)
	o.edit("clients/delmar-freight.yaml", "name: Delmar Freight", `name: "x | y ##[error]z"`)
	o.edit("templates/vcio.yaml", "title: IT audit", "title: \"@northwind/everybody closes #2 ]( ` -->\"")
	out, talk, code := o.run("reconcile")
	if code != ExitOK {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	for _, line := range strings.Split(out+talk, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("a line that may be a command: %q", line)
		}
	}
	for _, i := range o.hub.Issues() {
		for _, bad := range []string{"@dana", "@northwind", "fixes #1", "closes #2"} {
			if strings.Contains(i.Title+text(i), bad) {
				t.Errorf("issue %d holds %q", i.Number, bad)
			}
		}
		if strings.Contains(text(i), "x | y") {
			t.Errorf("issue %d holds a cell too many:\n%s", i.Number, text(i))
		}
		if strings.Count("\n"+text(i), "\n<!-- almanac:v1 ") != 1 {
			t.Errorf("issue %d holds a forged marker:\n%s", i.Number, text(i))
		}
	}
	if out, _, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second run: exit %d\n%s", code, out)
	}
	o.edit("clients/delmar-freight.yaml", "x | y", "\u202ey | x")
	out, talk, code = o.run("reconcile")
	if code != ExitInvalid || !strings.Contains(talk, "right-to-left override (U+202E)") || strings.Contains(out+talk, "\u202e") {
		t.Errorf("a name that turns the line round: exit %d\n%s%s", code, out, talk)
	}
}

// TestGitHubStranger leaves an issue with a copied marker alone.
func TestGitHubStranger(t *testing.T) {
	o := newOffice(t)
	body := "<!-- almanac:v1 k=acme-dental/vcio/2026/annual-strategy i=northwind s=00000000 -->"
	n := o.hub.Add(githubtest.Issue{Title: "urgent", Author: "stranger", Labels: []string{"almanac"}, State: "open", Body: &body})
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, opened) {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	if i, _ := o.hub.Issue(n); i.Title != "urgent" || i.State != "open" {
		t.Errorf("the stranger's issue was touched: %+v", i)
	}
	if out, _, _ := o.run("plan"); !strings.Contains(out, "  #1: it has a marker, but was opened by stranger\n") {
		t.Errorf("the stranger's issue is not reported:\n%s", out)
	}
}

// TestGitHubLogin uses a token that an app made elsewhere, of which GitHub does not say whose
// it is. ALMANAC_LOGIN says it; without it doctor finds out.
func TestGitHubLogin(t *testing.T) {
	o := newOffice(t)
	o.hub.SetToken(githubtest.Token, githubtest.Account{Login: "northwind-almanac[bot]", Integration: true})
	o.env["ALMANAC_LOGIN"] = "northwind-almanac[bot]"
	if out, talk, code := o.run("reconcile"); code != ExitOK || strings.Contains(talk, "LOGIN") {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	body := text(o.hub.Issues()[0])
	o.hub.Add(githubtest.Issue{Title: "copied", Author: "github-actions[bot]", Labels: []string{"almanac"}, State: "open", Body: &body})
	if out, _, _ := o.run("plan"); !strings.Contains(out, stray) {
		t.Errorf("an issue by another workflow is taken for ours:\n%s", out)
	}
	o.hub.Delete(exampleIssues + 1)
	if out, _, code := o.run("doctor"); code != ExitOK || !strings.Contains(out, "issues are opened as northwind-almanac[bot]\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	delete(o.env, "ALMANAC_LOGIN")
	if out, _, code := o.run("doctor"); code != ExitOK || !strings.Contains(out, "export ALMANAC_LOGIN='northwind-almanac[bot]'") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestJobSummary holds that the summary of a job says what was done, what was put off and
// why, in how many runs the rest is opened, and what is wrong.
func TestJobSummary(t *testing.T) {
	o := officeOf(t, bureau(120))
	o.hub.SetAssignable("dana-w", "priya-n")
	summary := func(want ...string) {
		t.Helper()
		o.env["GITHUB_STEP_SUMMARY"] = filepath.Join(t.TempDir(), "summary.md")
		out, talk, _ := o.run("reconcile")
		text, err := os.ReadFile(o.env["GITHUB_STEP_SUMMARY"])
		if err != nil {
			t.Fatalf("%v\n%s%s", err, out, talk)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("no %q in\n%.3000s", w, text)
			}
		}
		if strings.Contains(string(text), "SENTINEL") {
			t.Errorf("the token is in the summary:\n%s", text)
		}
		o.clock.Advance(30 * time.Minute)
	}
	o.hub.Inject(githubtest.Fault{Operation: "issues/create", Skip: 10, Status: 422, Body: `{"message":"Validation Failed"}`})
	summary("**49 opened, ", "1 left over; 70 wait for the next run, because of a limit; at this pace the rest is opened in 2 more runs**",
		"**Not as planned (1)**", "| create | refused | open an issue: GitHub answered Unprocessable Entity,", "**Deferred (70)**", "the limit of 50 for one run is reached")
	o.hub.Inject(o.hub.Primary("issues/create", 40*time.Minute))
	summary("**0 opened, ", "50 left over; 21 wait", "at this pace the rest is opened in 2 more runs", "put off to the next run | open an issue: the rate limit of GitHub is used up until ")
	o.clock.Advance(time.Hour)
	summary("**50 opened, ", "opened in 1 more run**")
	summary("**21 opened, ")
	o.replaceAll("clients.yaml", "processes:", "processes: [] #")
	summary("> [!CAUTION]", "Blocked: the files want no issue at all, while 120 are open", "almanac reconcile --approve ")
}

// TestGitHubServer leads from an issue to the files on the server of the environment, and to
// github.com without one.
func TestGitHubServer(t *testing.T) {
	for server, want := range map[string]string{
		"":                       "https://github.com/northwind/client-operations/blob/HEAD/templates/vcio.yaml",
		"https://github.example": "https://github.example/northwind/client-operations/blob/HEAD/templates/vcio.yaml",
	} {
		o := newOffice(t)
		o.env["GITHUB_SERVER_URL"] = server
		if out, talk, code := o.run("reconcile", "--client", "acme-dental"); code != ExitOK {
			t.Fatalf("exit %d\n%s%s", code, out, talk)
		}
		if body := text(o.hub.Issues()[0]); !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}

// TestGitHubUnreachable says what is wrong without the token, and writes nothing.
func TestGitHubUnreachable(t *testing.T) {
	for name, change := range map[string]func(*office){
		"no token":   func(o *office) { delete(o.env, "GITHUB_TOKEN") },
		"revoked":    func(o *office) { o.env["GITHUB_TOKEN"] = "ghp_SENTINELrevoked" },
		"no server":  func(o *office) { o.env["GITHUB_API_URL"] = "http://127.0.0.1:1/api/v3" },
		"in clear":   func(o *office) { o.env["GITHUB_API_URL"] = "http://github.example/api/v3" },
		"issues off": func(o *office) { o.hub.SetIssuesOff(true) },
		"archived":   func(o *office) { o.hub.SetArchived(true) },
		"an echo": func(o *office) {
			o.hub.Inject(githubtest.Fault{Times: 1000, Status: 403, Body: `{"message":"not for Bearer ` + githubtest.Token + `"}`})
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			change(o)
			_, talk, code := o.run("reconcile")
			if code == ExitOK || !strings.Contains(talk, "almanac: error: ") && !strings.Contains(talk, "left over") || strings.Contains(o.said.String(), "SENTINEL") {
				t.Errorf("exit %d\n%s", code, o.said.String())
			}
			if len(o.hub.Issues()) > 0 {
				t.Error("an issue was opened")
			}
			t.Log(talk)
		})
	}
}
