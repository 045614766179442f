package cli

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// TestGitHubApp opens issues as an app, in the repository that the environment names. Neither
// the key nor a token made with it is printed, whatever is wrong.
func TestGitHubApp(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	o.replaceAll("almanac.yaml", "github: {repository: northwind/client-operations}\n", "")
	o.hub.SetApp(githubtest.App{ID: "Iv1.abc", Installation: 77, Slug: "northwind-almanac", Key: &key.PublicKey})
	delete(o.env, "GITHUB_TOKEN")
	o.env["ALMANAC_APP_ID"], o.env["ALMANAC_APP_INSTALLATION"] = "Iv1.abc", "77"
	o.env["ALMANAC_APP_KEY"] = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	if _, talk, code := o.run("reconcile"); code != ExitFailed || !strings.Contains(talk, "set GITHUB_REPOSITORY") {
		t.Errorf("without a repository: exit %d\n%s", code, talk)
	}
	o.env["GITHUB_REPOSITORY"] = o.hub.Repository()
	for name, tt := range map[string]struct{ value, want string }{
		"ALMANAC_APP_INSTALLATION": {"x", "is not the number of an installation"},
		"ALMANAC_APP_ID":           {"Iv1.other", "GitHub does not know the app"},
		"ALMANAC_APP_KEY":          {strings.Replace(o.env["ALMANAC_APP_KEY"], "MII", "x", 1), "the key of the GitHub App cannot be read"},
	} {
		good := o.env[name]
		o.env[name] = tt.value
		if _, talk, code := o.run("reconcile"); code != ExitFailed || !strings.Contains(talk, tt.want) {
			t.Errorf("%s: exit %d\n%s", name, code, talk)
		}
		o.env[name] = good
	}
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.Contains(out, opened) {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	for _, i := range o.hub.Issues() {
		if i.Author != "northwind-almanac[bot]" {
			t.Errorf("#%d was opened by %s", i.Number, i.Author)
		}
	}
	o.settled()
	for _, secret := range []string{"SENTINEL", "PRIVATE", "MII", "eyJ"} {
		if strings.Contains(o.said.String(), secret) {
			t.Errorf("%s was printed", secret)
		}
	}
}

// TestGitHubBeat calls the watchdog after each run that did all it had to, and after no other.
func TestGitHubBeat(t *testing.T) {
	calls := 0
	dog := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer dog.Close()
	o := officeOf(t, bureau(3))
	o.hub.SetAssignable("dana-w", "lee-k", "priya-n")
	o.replaceAll("almanac.yaml", "policies: {", "policies: {heartbeat: {url-from: {env: WATCHDOG_URL}}, ")
	o.env["WATCHDOG_URL"] = dog.URL + "/SENTINEL"
	run := func(what string, exit, want int, args ...string) {
		t.Helper()
		calls = 0
		if out, talk, code := o.run(args...); code != exit || calls != want {
			t.Errorf("%s: exit %d, %d calls, want %d\n%s%s", what, code, calls, want, out, talk)
		}
		o.clock.Advance(30 * time.Minute)
	}
	o.hub.Inject(githubtest.Fault{Operation: "issues/create", Status: 422, Body: `{"message":"Validation Failed"}`})
	run("a plan", ExitOK, 0, "plan")
	run("done in part", ExitPartial, 0, "reconcile")
	run("the rest", ExitOK, 1, "reconcile")
	run("nothing to do", ExitOK, 1, "reconcile")
	o.hub.SetIssuesOff(true)
	run("failed", ExitFailed, 0, "reconcile")
	o.hub.SetIssuesOff(false)
	o.replaceAll("clients.yaml", "processes:", "processes: [] #")
	run("blocked", ExitBlocked, 0, "reconcile")
	if strings.Contains(o.said.String(), "SENTINEL") {
		t.Error("the address was printed")
	}
}

// TestJobSummaryMissed tells of what is too old to be opened.
func TestJobSummaryMissed(t *testing.T) {
	o := newOffice(t)
	o.env["GITHUB_STEP_SUMMARY"] = filepath.Join(t.TempDir(), "summary.md")
	if out, talk, code := o.run("reconcile"); code != ExitOK {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	text, err := os.ReadFile(o.env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 were missed", "**Missed (2)**", "cobalt-optics/vcio/2026/annual-strategy"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
