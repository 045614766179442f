package plan

import (
	"slices"
	"testing"
)

// TestMilestoneOfARun: with the option, a new issue belongs to the milestone of its run, and
// nothing is said of milestones without.
func TestMilestoneOfARun(t *testing.T) {
	w := welcomed(t, "2026-05-04", "")
	for _, c := range w.plan(t).Changes {
		if c.Issue != nil && c.Issue.Milestone != "" || slices.Contains(c.Fields, "milestone") {
			t.Errorf("off: %s %v %+v", c.Key, c.Fields, c.Issue)
		}
	}
	w.Catalog.Organization.GitHub.Milestones = true
	const title = "Acme Dental: Welcome (1)"
	created := 0
	for _, c := range w.plan(t).Changes {
		if c.Action != Create {
			continue
		}
		if created++; c.Issue.Milestone != title || c.After["milestone"] != title || !slices.Contains(c.Fields, "milestone") || !slices.IsSorted(c.Fields) {
			t.Errorf("on: %s %v %+v", c.Key, c.Fields, c.Issue)
		}
	}
	if created < 3 { // that of the whole run and of steps
		t.Errorf("%d created", created)
	}
	w.reconcile(t, 1)
}

// TestMilestoneOfWhatIsThere: turned on later, issues without a milestone get that of their
// run. One that a person chose stays, one that a person took away comes back, and a client
// who is called otherwise moves nothing. Turned off, all stays as it is.
func TestMilestoneOfWhatIsThere(t *testing.T) {
	const title = "Acme Dental: vCIO process (2026)"
	w := started(t)
	org := w.Catalog.Organization
	is := func(want string) {
		t.Helper()
		w.reconcile(t, 1)
		if got := w.find(1).Milestone; got != want {
			t.Errorf("in %q, want %q", got, want)
		}
	}
	is("")
	org.GitHub.Milestones = true
	p := w.plan(t)
	if len(p.Changes) != 1 || !slices.Equal(p.Changes[0].Fields, []string{"milestone"}) || p.Changes[0].After["milestone"] != title ||
		p.Changes[0].Before["milestone"] != "" || p.Changes[0].Reason != "differs from the files: milestone" {
		t.Fatalf("%+v", p.Changes)
	}
	is(title)
	w.find(1).Milestone = "Spring"
	is("Spring")
	w.find(1).Milestone = ""
	is(title)
	w.Catalog.Clients[0].Name = "Acme Smiles"
	is(title)
	org.GitHub.Milestones = false
	w.find(1).Milestone = ""
	is("")
}
