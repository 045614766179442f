package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// commenter is a folder with a preview in it, and a GitHub with a pull request.
type commenter struct {
	t      *testing.T
	dir    string
	env    map[string]string
	github *githubtest.Server
	number int
}

func newCommenter(t *testing.T) *commenter {
	s := githubtest.New(t, githubtest.Options{Now: time.Now})
	t.Cleanup(s.Close)
	return &commenter{t: t, dir: t.TempDir(), github: s, number: s.Add(githubtest.Issue{Title: "a change", PullRequest: true, Author: "lee-k"}),
		env: map[string]string{"GITHUB_API_URL": s.URL(), "GITHUB_REPOSITORY": s.Repository(), "GITHUB_TOKEN": githubtest.Token}}
}

// run comments with a text, and returns the exit code and what was printed.
func (c *commenter) run(text string, args ...string) (int, string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "preview.md"), []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := &Command{Stdout: &out, Stderr: &out, Getenv: func(name string) string { return c.env[name] }, Now: time.Now, Dir: c.dir}
	return cmd.Main(c.t.Context(), append([]string{"preview-comment"}, args...)), out.String()
}

func (c *commenter) comments() []string {
	i, _ := c.github.Issue(c.number)
	var l []string
	for _, m := range i.Comments {
		text, _, _ := strings.Cut(m.Body, "\n\n<!-- almanac-preview:")
		l = append(l, text)
	}
	return l
}

func TestComment(t *testing.T) {
	c := newCommenter(t)
	for _, step := range []struct {
		text string
		args []string
		want string
	}{
		{"nothing yet", []string{"--pr=1", "--body-file=preview.md", "--update-only"}, ""},
		{"first", []string{"--pr=1", "--body-file=preview.md"}, "first"},
		{"second", []string{"--pr=1", "--body-file", filepath.Join(c.dir, "preview.md")}, "second"},
		{"other", []string{"--pr=1", "--body-file=preview.md", "--key=ops"}, "second|other"},
		{"third", []string{"--pr=1", "--body-file=preview.md", "--update-only"}, "third|other"},
	} {
		code, out := c.run(step.text, step.args...)
		if got := strings.Join(c.comments(), "|"); code != ExitOK || out != "" || got != step.want {
			t.Errorf("%s: exit %d, %q; comments %q, want %q", step.text, code, out, got, step.want)
		}
	}
}

func TestCommentFails(t *testing.T) {
	good := []string{"--pr=1", "--body-file=preview.md"}
	for _, tc := range []struct {
		name, text string
		args       []string
		env        map[string]string
		code       int
		want       string
	}{
		{name: "no number", args: good[1:], code: ExitUsage, want: "give the number"},
		{name: "no file named", args: good[:1], code: ExitUsage, want: "give the number"},
		{name: "no such file", args: []string{"--pr=1", "--body-file=other.md"}, code: ExitFailed, want: "there is no file"},
		{name: "too long", text: strings.Repeat("é", maxComment+1), args: good, code: ExitFailed, want: "65001 characters"},
		{name: "not text", text: "\xff", args: good, code: ExitFailed, want: "not UTF-8"},
		{name: "no token", args: good, env: map[string]string{"GITHUB_TOKEN": ""}, code: ExitFailed, want: "set GITHUB_REPOSITORY and GITHUB_TOKEN"},
		{name: "wrong token", args: good, env: map[string]string{"GITHUB_TOKEN": "ghp_SENTINELsentinel"}, code: ExitFailed, want: "does not take the token"},
		{name: "no such pull request", args: []string{"--pr=99", "--body-file=preview.md"}, code: ExitFailed, want: "comment on #99"},
		{name: "token in the clear", args: good, env: map[string]string{"GITHUB_API_URL": "http://github.example/api/v3"}, code: ExitFailed, want: "must begin with https"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newCommenter(t)
			for name, value := range tc.env {
				c.env[name] = value
			}
			code, out := c.run(tc.text, tc.args...)
			if code != tc.code || !strings.Contains(out, tc.want) {
				t.Errorf("exit %d, want %d %q\n%s", code, tc.code, tc.want, out)
			}
			if strings.Contains(out, "SENTINEL") {
				t.Errorf("the token is printed:\n%s", out)
			}
			if got := c.comments(); len(got) > 0 {
				t.Errorf("commented all the same: %q", got)
			}
		})
	}
}

func TestHand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "output")
	c := &Command{Getenv: func(name string) string { return map[string]string{"GITHUB_OUTPUT": file}[name] }}
	for _, err := range []error{c.hand(2, "two\nreport=/etc/passwd"), c.hand(noChanges, "none")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if want := "summary=two report=/etc/passwd\nchanges=2\nsummary=none\n"; err != nil || string(got) != want {
		t.Errorf("%v, %q, want %q", err, got, want)
	}
	if err := (&Command{Getenv: func(string) string { return "" }}).hand(1, "nowhere"); err != nil {
		t.Errorf("outside of Actions: %v", err)
	}
}
