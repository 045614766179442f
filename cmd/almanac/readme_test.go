package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// testCommand is the one that .ci/run calls, and that a test cannot run from within.
const testCommand = "go test ./..."

// TestReadme runs every command of the README, in order, in a copy of the repository's
// example, with the program that these tests are built from, and with a fake for GitHub.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repositoryRoot(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	bin := filepath.Join(work, "bin")
	placeProgram(t, filepath.Join(bin, "almanac"))
	if err := os.CopyFS(filepath.Join(work, "examples"), os.DirFS(filepath.Join(repositoryRoot(), "examples"))); err != nil {
		t.Fatal(err)
	}
	hub := githubtest.New(t, githubtest.Options{Now: time.Now})
	t.Cleanup(hub.Close)
	env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "XDG_CACHE_HOME="+filepath.Join(work, "cache"), "HOME="+work,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Pat Example", "GIT_AUTHOR_EMAIL=pat@northwind.example", "GIT_COMMITTER_NAME=Pat Example", "GIT_COMMITTER_EMAIL=pat@northwind.example",
		"GITHUB_API_URL="+hub.URL(), "GITHUB_TOKEN="+githubtest.Token, "GITHUB_REPOSITORY="+hub.Repository())
	ran := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.TrimSpace(block[1]) == testCommand {
			continue
		}
		script := strings.ReplaceAll(block[1], "go run ./cmd/almanac", "almanac")
		script = strings.ReplaceAll(script, "go install ./cmd/almanac\n", "")
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = work
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), githubtest.Token) {
			t.Errorf("%s\n%v\n%s", block[1], err, out)
		}
		ran++
	}
	if ran < 3 {
		t.Errorf("only %d blocks of commands found", ran)
	}
	if len(hub.Issues()) == 0 {
		t.Error("the commands for GitHub opened nothing on it")
	}
}

// placeProgram puts the program somewhere. It is these tests themselves, which TestMain makes
// into almanac where they are called so: that saves a build for each test.
func placeProgram(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, to); err != nil {
		t.Fatal(err)
	}
}

// TestMainJob runs the first command of the README twice: issues are opened, and then
// there is nothing left to do.
func TestMainJob(t *testing.T) {
	work := t.TempDir()
	bin := filepath.Join(work, "almanac")
	placeProgram(t, bin)
	run := func() string {
		cmd := exec.Command(bin, "reconcile", "-C", filepath.Join(repositoryRoot(), "examples", "northwind"), "--as-of", "2026-04-13", "--forge", "files:"+filepath.Join(work, "demo"))
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(work, "cache"))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := run(); !strings.Contains(out, "acme-dental/vcio/2026/annual-strategy") || !strings.Contains(out, " opened, ") {
		t.Errorf("the first run opened nothing:\n%s", out)
	}
	if out := run(); !strings.HasPrefix(out, "nothing to do: ") {
		t.Errorf("the second run found something to do:\n%s", out)
	}
}

// TestReadmeTestCommand holds that CI calls the test command of the README.
func TestReadmeTestCommand(t *testing.T) {
	for _, name := range []string{"README.md", ".ci/run"} {
		text, err := os.ReadFile(filepath.Join(repositoryRoot(), name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\n"+testCommand+"\n") {
			t.Errorf("%s does not have the line %q", name, testCommand)
		}
	}
}
