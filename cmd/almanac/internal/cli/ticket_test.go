package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

const request = "### Client\n\nAcme Dental Group\n\n### New site\n\nHarbour Street\n\n### Number of the hardware key\n\nHK-4711"

// TestTicketOnGitHub: an issue that a form made becomes the issue of a run, one that names no
// client gets one comment, and one by somebody without permission starts nothing.
func TestTicketOnGitHub(t *testing.T) {
	o := newOffice(t)
	o.hub.SetAssignable("priya-raman-nw", "tomasz-zielinski-nw", "dana-whitfield-nw", "lee-okafor-nw", "marcus-villanueva-nw", "ines-duarte-nw")
	o.hub.SetPermission("noor-haddad-nw", "write", "write")
	o.hub.SetPermission("ines-duarte-nw", "read", "read")
	add := func(author, body string) int {
		return o.hub.Add(githubtest.Issue{Title: "Multi-site licence: ", Body: &body, Author: author, State: "open", Labels: []string{"licence-request"}})
	}
	run, wrong, mayNot := add("noor-haddad-nw", request), add("noor-haddad-nw", strings.Replace(request, "Acme Dental Group", "Zeta", 1)), add("ines-duarte-nw", request)
	out, talk, code := o.run("reconcile")
	if code != ExitOK || !strings.Contains(out, "2 requests answered") {
		t.Fatalf("exit %d\n%s%s", code, out, talk)
	}
	i, _ := o.hub.Issue(run)
	if !strings.Contains(text(i), "k=acme-dental/multi-site-licence/t1/whole-run ") || !strings.HasPrefix(text(i), request) || !slices.Contains(i.Labels, "step:check") || len(i.Assignees) != 1 {
		t.Errorf("%+v\n%s", i, text(i))
	}
	for n, want := range map[int]string{wrong: "none with the id or the name", mayNot: "has the permission read on the repository"} {
		if i, _ := o.hub.Issue(n); len(i.Labels) != 1 || len(i.Comments) != 1 || !strings.Contains(i.Comments[0].Body, want) {
			t.Errorf("%+v", i)
		}
	}
	o.clock.Advance(30 * time.Minute)
	if out, talk, code := o.run("reconcile"); code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("the second run: exit %d\n%s%s", code, out, talk)
	}
}
