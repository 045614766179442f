package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestActionlint holds the workflows of this repository, and those that init writes into a
// user's, against the checker of workflows.
func TestActionlint(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	linter := tool(t, "github.com/rhysd/actionlint/cmd/actionlint")
	for _, dir := range []string{repositoryRoot(), user} {
		if out, err := exec.Command(linter, append([]string{"-color=false"}, workflows(t, dir)...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
}

// starter writes into a folder what init writes.
func starter(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command(program(t), "init", dir, "--as-of", "2026-04-13").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// program returns where almanac is.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "almanac")
	placeProgram(t, bin)
	return bin
}

// tool builds one of the tools of .ci/tools.mod and returns where it is.
func tool(t *testing.T, pkg string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-modfile=.ci/tools.mod", "-o", bin, pkg)
	cmd.Dir = repositoryRoot()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

// step is a step of a workflow or of the action.
type step struct {
	ID, Name, Uses, Run string
	With, Env           map[string]string
}

// action is action.yml.
type action struct {
	Inputs  map[string]any
	Outputs map[string]struct{ Value string }
	Runs    struct{ Steps []step }
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	decode(t, filepath.Join(repositoryRoot(), "action.yml"), &a)
	return a
}

// script returns what a step of the action runs.
func (a action) script(t *testing.T, name string) string {
	t.Helper()
	for _, s := range a.Runs.Steps {
		if s.Name == name {
			return s.Run
		}
	}
	t.Fatalf("action.yml has no step %q", name)
	return ""
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// allSteps returns the steps of the action and of every workflow, by file.
func allSteps(t *testing.T) map[string][]step {
	t.Helper()
	found := map[string][]step{"action.yml": readAction(t).Runs.Steps}
	files := workflows(t, repositoryRoot())
	if len(files) < 5 {
		t.Fatalf("%d workflows", len(files))
	}
	for _, file := range files {
		var w struct {
			Jobs map[string]struct{ Steps []step }
		}
		decode(t, file, &w)
		for _, job := range w.Jobs {
			found[filepath.Base(file)] = append(found[filepath.Base(file)], job.Steps...)
		}
	}
	return found
}

// TestNoExpressionInScripts holds that values reach scripts through the environment only:
// what an expression puts into a script is run.
func TestNoExpressionInScripts(t *testing.T) {
	scripts := 0
	for file, steps := range allSteps(t) {
		for _, s := range steps {
			if s.Run == "" {
				continue
			}
			scripts++
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: the script of %q holds an expression", file, s.Name+s.ID)
			}
			if strings.Contains(s.Run, "\n") && !strings.HasPrefix(s.Run, "set -euo pipefail\n") {
				t.Errorf("%s: the script of %q goes on after an error", file, s.Name+s.ID)
			}
		}
	}
	if scripts < 6 {
		t.Errorf("only %d scripts found", scripts)
	}
}

// TestPinned holds that everything of others is pinned by commit, with the version beside it,
// and everything of ours by its major version, with a note on how to pin that too: in the
// workflows of this repository, in those that init writes, and in the examples in comments.
func TestPinned(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	files := []string{filepath.Join(repositoryRoot(), "action.yml")}
	for _, dir := range []string{repositoryRoot(), user} {
		files = append(files, workflows(t, dir)...)
	}
	theirs := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	ours := regexp.MustCompile(`^almanac-gitops/almanac(/\.github/workflows/\w+\.yml)?@v1$`)
	note := regexp.MustCompile(`(?i)pin.* by\s+(# )?commit|See validate\.yml on pinning`)
	counts := map[bool]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^[ #-]*uses: (.*)$`).FindAllStringSubmatch(string(text), -1) {
			own := strings.HasPrefix(m[1], "almanac-gitops/")
			if counts[own]++; own && !ours.MatchString(m[1]) || !own && !theirs.MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned", file, m[1])
			}
			if own && !note.Match(text) {
				t.Errorf("%s does not say how to pin %s by commit", file, m[1])
			}
		}
	}
	if counts[false] < 10 || counts[true] < 10 {
		t.Errorf("only %d actions of others and %d of ours found", counts[false], counts[true])
	}
}

// oddMinutes are those of a schedule, none of them even: everybody's are at 0, 15, 30 and 45,
// or every five minutes, so those that end in 5 are no better.
var oddMinutes = regexp.MustCompile(`^[1-5]?[1379](,[1-5]?[1379])*$`)

// TestLeastPower holds that no workflow runs with more than it says, that a checkout leaves
// no token behind in the clone, that nothing runs a stranger's files with a token that can
// write, and that schedules keep away from the start of the hour, when GitHub drops runs.
func TestLeastPower(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	checkouts, crons := 0, 0
	for _, dir := range []string{repositoryRoot(), user} {
		for _, file := range workflows(t, dir) {
			var w struct {
				On          map[string]any `yaml:"on"`
				Permissions map[string]string
				Jobs        map[string]struct{ Steps []step }
			}
			decode(t, file, &w)
			_, called := w.On["workflow_call"]
			_, target := w.On["pull_request_target"]
			if target || w.Permissions == nil && !called {
				t.Errorf("%s: permissions %v, pull_request_target %v", file, w.Permissions, target)
			}
			for name, may := range w.Permissions {
				if may != "read" {
					t.Errorf("%s: every job may %s %s", file, may, name)
				}
			}
			for _, job := range w.Jobs {
				for _, s := range job.Steps {
					if strings.HasPrefix(s.Uses, "actions/checkout@") {
						if checkouts++; s.With["persist-credentials"] != "false" {
							t.Errorf("%s: the checkout leaves its token in the clone", file)
						}
					}
				}
			}
			l, _ := w.On["schedule"].([]any)
			for _, s := range l {
				entry := s.(map[string]any)
				minutes, _, _ := strings.Cut(entry["cron"].(string), " ")
				if crons++; entry["timezone"] == nil || !oddMinutes.MatchString(minutes) {
					t.Errorf("%s: scheduled at %v", file, entry)
				}
			}
		}
	}
	if checkouts < 5 || crons < 2 {
		t.Errorf("only %d checkouts and %d schedules found", checkouts, crons)
	}
}

// TestPermissions holds what each job may do, all of it. A job without permissions of its own
// has those of its workflow, and in a called one those of its caller.
func TestPermissions(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	read := map[string]string{"contents": "read"}
	want := map[string]map[string]string{
		"ci.yml": read, "validate.yml": nil, "preview.yml": nil, "calendar.yml": nil,
		"reconcile.yml":         {"contents": "write", "issues": "write"},
		"release.yml":           {"contents": "write", "id-token": "write", "attestations": "write"},
		"almanac-validate.yml":  read,
		"almanac-preview.yml":   {"contents": "read", "pull-requests": "write"},
		"almanac-reconcile.yml": {"contents": "write", "issues": "write"},
	}
	for _, dir := range []string{repositoryRoot(), user} {
		for _, file := range workflows(t, dir) {
			var w struct {
				Permissions map[string]string
				Jobs        map[string]struct{ Permissions map[string]string }
			}
			decode(t, file, &w)
			for name, job := range w.Jobs {
				place := filepath.Base(file)
				if len(w.Jobs) > 1 {
					place += "/" + name
				}
				got := job.Permissions
				if got == nil {
					got = w.Permissions
				}
				if expected, known := want[place]; !known || !maps.Equal(got, expected) {
					t.Errorf("%s: the job %s may %v, want %v", place, name, got, expected)
				}
				delete(want, place)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("no job %v", want)
	}
}

// TestActionInputs holds that every input is used, and that the called workflows hand over
// inputs that exist.
func TestActionInputs(t *testing.T) {
	a := readAction(t)
	text, err := os.ReadFile(filepath.Join(repositoryRoot(), "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range a.Inputs {
		if !strings.Contains(string(text), "${{ inputs."+name+" }}") {
			t.Errorf("action.yml: the input %s is not used", name)
		}
	}
	calls := 0
	for file, steps := range allSteps(t) {
		for _, s := range steps {
			if s.Uses != "almanac-gitops/almanac@v1" {
				continue
			}
			calls++
			for name := range s.With {
				if _, ok := a.Inputs[name]; !ok {
					t.Errorf("%s: the action has no input %s", file, name)
				}
			}
		}
	}
	if calls < 3 {
		t.Errorf("only %d calls of the action found", calls)
	}
}

// TestActionDownload runs the step that gets a release, with a curl that brings a file
// from here.
func TestActionDownload(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "release.tar.gz")
	write(t, filepath.Join(dir, "almanac"), "#!/bin/sh\necho I am the release\n", 0o755)
	if out, err := exec.Command("tar", "-czf", archive, "-C", dir, "almanac").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	other := strings.Repeat("0", 64)
	const name = "almanac_1.2.3_linux_amd64.tar.gz"
	for _, tc := range []struct{ name, version, checksums, os, want string }{
		{"good", "v1.2.3", other + "  almanac_1.2.3_darwin_arm64.tar.gz\n" + sum + "  " + name, "Linux", ""},
		{"changed", "v1.2.3", other + "  " + name, "Linux", "has SHA-256 " + sum + ", not " + other},
		{"unknown", "v1.2.3", sum + "  almanac_1.2.2_linux_amd64.tar.gz", "Linux", "no SHA-256 for " + name},
		{"no checksums", "v1.2.3", "", "Linux", "no SHA-256 for " + name},
		{"not a version", "v1.2.3/../x", sum + "  " + name, "Linux", "expected a release such as v1.2.3"},
		{"windows", "v1.2.3", sum + "  " + name, "Windows", "does not run on Windows"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			temp := t.TempDir()
			write(t, filepath.Join(temp, "bin", "curl"), curl, 0o755)
			cmd := exec.Command("bash", "--noprofile", "--norc", "-c", readAction(t).script(t, "Get almanac"))
			cmd.Env = append(os.Environ(), "LC_ALL=C", "PATH="+filepath.Join(temp, "bin")+":"+os.Getenv("PATH"), "RUNNER_TEMP="+temp, "ARCHIVE="+archive,
				"VERSION="+tc.version, "CHECKSUMS="+tc.checksums, "OS="+tc.os, "ARCH=X64")
			out, err := cmd.CombinedOutput()
			got := filepath.Join(temp, "almanac-bin", "almanac")
			if tc.want == "" {
				if said, rerr := exec.Command(got).CombinedOutput(); err != nil || rerr != nil || string(said) != "I am the release\n" {
					t.Fatalf("%v, %v\n%s%s", err, rerr, out, said)
				}
				return
			}
			if err == nil || !strings.Contains(string(out), tc.want) {
				t.Errorf("%v\n%s\nwant %q", err, out, tc.want)
			}
			if _, err := os.Stat(got); err == nil {
				t.Error("what was refused was unpacked all the same")
			}
		})
	}
}

// curl stands in for the real one: it copies $ARCHIVE to where -o says, and insists on https.
const curl = `#!/usr/bin/env bash
set -euo pipefail
while [ $# -gt 1 ]; do
  if [ "$1" = -o ]; then out="$2"; fi
  if [ "$1" = --proto ]; then [ "$2" = '=https' ]; fi
  shift
done
[ "$1" = https://github.com/almanac-gitops/almanac/releases/download/v1.2.3/almanac_1.2.3_linux_amd64.tar.gz ]
cp "$ARCHIVE" "$out"
`

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestActionArguments runs the step that calls the tool with hostile inputs, and looks at
// what the tool gets.
func TestActionArguments(t *testing.T) {
	hostile := []string{`$(touch pwned)`, "`touch pwned`", `"; touch pwned; "`, `--as-of=1999-01-01`, "a\nb", "' || touch pwned #", "*"}
	for _, bad := range hostile {
		temp := t.TempDir()
		write(t, filepath.Join(temp, "almanac-bin", "almanac"), "#!/bin/sh\nprintf '<%s>' \"$@\"\nexit 3\n", 0o755)
		cmd := exec.Command("bash", "--noprofile", "--norc", "-c", readAction(t).script(t, "Run almanac"))
		cmd.Dir = temp
		cmd.Env = append(os.Environ(), "LC_ALL=C", "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+filepath.Join(temp, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(temp, "summary"),
			"COMMAND=reconcile", "DIRECTORY="+bad, "OUTPUT=", "AS_OF="+bad, "CLIENT="+bad, "STRICT="+bad, "BASE="+bad, "FORGE="+bad, "LEDGER="+bad, "SHARD="+bad, "APPROVE="+bad, "ENVIRONMENT=")
		out, err := cmd.CombinedOutput()
		want := "<reconcile><--dir=" + bad + "><--output=text>"
		for _, flag := range []string{"as-of", "client", "base", "forge", "ledger", "shard", "approve"} {
			want += "<--" + flag + "=" + bad + ">"
		}
		if string(out) != want || cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("%q: %v\ngot  %s\nwant %s", bad, err, out, want)
		}
		if _, err := os.Stat(filepath.Join(temp, "pwned")); err == nil {
			t.Errorf("%q was run", bad)
		}
		outputs, err := os.ReadFile(filepath.Join(temp, "output"))
		if err != nil || !slices.Contains(strings.Split(string(outputs), "\n"), "exit-code=3") {
			t.Errorf("%v: outputs %q lack the exit code", err, outputs)
		}
	}
}

// TestActionEnvironment holds that the lines of the secret reach the tool, hidden in the log,
// and cannot change what is run or where the token goes.
func TestActionEnvironment(t *testing.T) {
	run := func(lines string) (string, int) {
		temp := t.TempDir()
		write(t, filepath.Join(temp, "almanac-bin", "almanac"), "#!/bin/sh\nprintf '<%s><%s>' \"$SMTP_URL\" \"$SLACK_OPS_URL\"\nenv | grep -c ^ENVIRONMENT=\nexit 0\n", 0o755)
		cmd := exec.Command("bash", "--noprofile", "--norc", "-c", readAction(t).script(t, "Run almanac"))
		cmd.Env = append(os.Environ(), "LC_ALL=C", "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+filepath.Join(temp, "output"), "COMMAND=reconcile", "DIRECTORY=.",
			"OUTPUT=", "AS_OF=", "CLIENT=", "STRICT=", "BASE=", "FORGE=", "LEDGER=", "SHARD=", "APPROVE=", "ENVIRONMENT="+lines)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	got, code := run("SMTP_URL=smtps://user:p=w$(id)@mail.example\n\nSLACK_OPS_URL=https://hooks.example/a b\n")
	want := "::add-mask::smtps://user:p=w$(id)@mail.example\n::add-mask::https://hooks.example/a b\n<smtps://user:p=w$(id)@mail.example><https://hooks.example/a b>0\n"
	if got != want || code != 0 {
		t.Errorf("exit %d\ngot  %q\nwant %q", code, got, want)
	}
	for _, bad := range []string{"PATH=/evil", "LD_PRELOAD=/evil.so", "GITHUB_API_URL=https://evil.example", "BASH_ENV=/evil", "HTTPS_PROXY=evil", "SSL_CERT_FILE=/evil", "no value", "lower=x", "X Y=z"} {
		got, code := run("SMTP_URL=x\n" + bad)
		if code != 64 || !strings.Contains(got, "line 2 is not NAME=value") || strings.Contains(got, bad) || strings.Contains(got, "<") {
			t.Errorf("%q: exit %d, %q", bad, code, got)
		}
	}
}

// workflows returns the workflows of a repository.
func workflows(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%s: %d workflows, %v", dir, len(files), err)
	}
	return files
}
