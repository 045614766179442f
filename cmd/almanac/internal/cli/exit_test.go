package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestExitCodes goes through every exit code of plan and reconcile, and through what happens
// when several reasons come together: a failure wins over a gate, a gate over what is left
// over, that over invalid files, and those over changes that are pending.
func TestExitCodes(t *testing.T) {
	root, env := filepath.Join(t.TempDir(), "repository"), map[string]string{"XDG_CACHE_HOME": t.TempDir()}
	if err := os.CopyFS(root, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	replace := func(glob, from, to string) {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(glob)))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no such file: %v", glob, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err == nil {
				err = os.WriteFile(name, []byte(strings.ReplaceAll(string(text), from, to)), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	want := func(what string, exit int, args ...string) {
		t.Helper()
		var out, talk bytes.Buffer
		c := &Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Now: time.Now, Dir: root, Getenv: func(name string) string { return env[name] }}
		if code := c.Main(context.Background(), append(args, "--as-of", "2026-04-13")); code != exit {
			t.Errorf("%s: exit %d, want %d\n%s%s", what, code, exit, out.String(), talk.String())
		}
	}
	const pending = "--detailed-exitcode"

	want("changes", ExitOK, "plan")
	want("changes, asked for", ExitPending, "plan", pending)
	want("a failure", ExitFailed, "plan", "--ledger", "git", pending)
	want("a wrong command line", ExitUsage, "plan", "-o", "xml", pending)

	replace("clients/acme-dental.yaml", "name: Acme", "nmae: Acme")
	want("invalid", ExitInvalid, "plan")
	want("invalid, with changes", ExitInvalid, "plan", pending)
	env["SMTP_URL"] = "smtp://127.0.0.1:1" // where nothing listens
	want("invalid, and messages that do not go out", ExitPartial, "reconcile")
	delete(env, "SMTP_URL")
	want("invalid, the rest done", ExitInvalid, "reconcile")
	want("invalid, with nothing to do", ExitInvalid, "plan", pending)

	replace("clients/acme-dental.yaml", "nmae: Acme", "name: Acme")
	want("mended", ExitOK, "reconcile")
	want("nothing to do", ExitOK, "plan", pending)

	replace("clients/*.yaml", "since: 2026-", "since: 2036-")
	want("blocked", ExitBlocked, "plan")
	want("blocked, with changes", ExitBlocked, "plan", pending)
	want("blocked", ExitBlocked, "reconcile")
	replace("clients/lindqvist-foods.yaml", "name: Lind", "nmae: Lind")
	want("blocked and invalid", ExitBlocked, "reconcile")
	want("blocked, invalid and without a ledger", ExitFailed, "reconcile", "--ledger", "git")

	replace("almanac.yaml", "timezone: America/Chicago", "timezone: Nowhere")
	want("nothing can be reckoned", ExitInvalid, "plan", pending)
}
