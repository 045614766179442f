package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalendarWorkflow runs the scripts of the workflow: the feeds are written with the
// inputs, and laid out under a folder that cannot be guessed or not at all.
func TestCalendarWorkflow(t *testing.T) {
	scripts := map[string]string{}
	for file, steps := range allSteps(t) {
		if filepath.Base(file) != "calendar.yml" {
			continue
		}
		for _, s := range steps {
			scripts[s.Name] = s.Run
		}
	}
	temp := t.TempDir()
	if err := os.MkdirAll(filepath.Join(temp, "almanac-bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(program(t), filepath.Join(temp, "almanac-bin", "almanac")); err != nil {
		t.Fatal(err)
	}
	run := func(name string, env ...string) (string, error) {
		if scripts[name] == "" {
			t.Fatalf("the workflow has no step %q", name)
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-c", scripts[name])
		cmd.Env = append(append(os.Environ(), "RUNNER_TEMP="+temp, "XDG_CACHE_HOME="+filepath.Join(temp, "cache")), env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("Write", "DIRECTORY="+filepath.Join(repositoryRoot(), "examples", "northwind"), "DETAILS=false",
		"LEDGER=dir:"+filepath.Join(temp, "none"), "AS_OF=2026-04-13"); err != nil || !strings.Contains(out, "33 feeds: 33 written") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, bad := range []string{"short", "../../../../../../../../etc", strings.Repeat("x", 30) + "/y", strings.Repeat("x", 30) + "\ny"} {
		if out, err := run("Lay out", "FOLDER="+bad); err == nil || !strings.Contains(out, "the secret path is too short") {
			t.Errorf("%q: %v\n%s", bad, err, out)
		}
	}
	secret := strings.Repeat("aZ0_-", 5)
	for _, tc := range []struct{ folder, want string }{{secret, secret}, {"", "calendars"}} {
		out, err := run("Lay out", "FOLDER="+tc.folder)
		if err != nil || !strings.Contains(out, "can be read by anybody") || strings.Contains(out, secret) {
			t.Errorf("%v\n%s", err, out)
		}
		if _, err := os.Stat(filepath.Join(temp, "site", tc.want, "person", "dana.ics")); err != nil {
			t.Error(err)
		}
	}
}
