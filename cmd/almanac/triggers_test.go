package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// trigger is one event of a workflow.
type trigger struct{ Types []string }

// TestReconcileTriggers holds which of what people write starts a run: what is new, and
// never what was edited, which need not be by its author.
func TestReconcileTriggers(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	var w struct {
		On struct {
			Comment trigger `yaml:"issue_comment"`
			Issues  trigger
		}
	}
	decode(t, filepath.Join(user, ".github", "workflows", "almanac-reconcile.yml"), &w)
	if got := w.On.Comment.Types; !slices.Equal(got, []string{"created"}) {
		t.Errorf("comments that are %q start a run", got)
	}
	if got := w.On.Issues.Types; !slices.Equal(got, []string{"opened", "labeled"}) {
		t.Errorf("issues that are %q start a run", got)
	}
}

// TestSkippedRunWaitsForNobody holds that the group of the runs hangs on the condition of
// the job: one that is skipped must not take the place of one that waits.
func TestSkippedRunWaitsForNobody(t *testing.T) {
	var w struct {
		Jobs map[string]struct {
			If          string
			Permissions map[string]string
			Concurrency struct {
				Group  string
				Cancel bool `yaml:"cancel-in-progress"`
			}
		}
	}
	decode(t, filepath.Join(repositoryRoot(), ".github", "workflows", "reconcile.yml"), &w)
	job, found := w.Jobs["reconcile"]
	if !found || len(w.Jobs) != 1 {
		t.Fatalf("jobs %v", w.Jobs)
	}
	condition, found := strings.CutPrefix(job.If, "${{ ")
	condition, ended := strings.CutSuffix(condition, " }}")
	want := "almanac-reconcile-${{ inputs.directory }}-${{ inputs.shard }}-${{ (" + condition + ") && 'one' || github.run_id }}"
	if !found || !ended || job.Concurrency.Group != want || job.Concurrency.Cancel {
		t.Errorf("group\n%s, want\n%s", job.Concurrency.Group, want)
	}
	if len(job.Permissions) != 2 || job.Permissions["issues"] != "write" || job.Permissions["contents"] != "write" {
		t.Errorf("permissions %v", job.Permissions)
	}
}

// TestEventsOfStrangers holds that no workflow, ours or of init, is started by an event that
// hands the files of a pull request a token that can write, or by words that were edited.
func TestEventsOfStrangers(t *testing.T) {
	user := t.TempDir()
	starter(t, user)
	seen := 0
	for _, dir := range []string{repositoryRoot(), user} {
		for _, file := range workflows(t, dir) {
			var w struct{ On any }
			decode(t, file, &w)
			events, ok := w.On.(map[string]any)
			if !ok {
				t.Errorf("%s: events %v", file, w.On)
			}
			for _, bad := range []string{"pull_request_target", "workflow_run", "discussion_comment"} {
				if _, found := events[bad]; found {
					t.Errorf("%s is started by %s", filepath.Base(file), bad)
				}
			}
			seen++
		}
	}
	if seen < 8 {
		t.Errorf("only %d workflows found", seen)
	}
}
