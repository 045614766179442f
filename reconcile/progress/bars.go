package progress

import (
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/due"
)

// Bars returns why a person may not sign a step off next, for a role that they hold, and ""
// where they may.
func (p *Progress) Bars(o *due.Occurrence, person, role string) string {
	if p == nil {
		return "nothing is known of the sign-offs"
	}
	r := p.runOf(o)
	a, policy := p.approvals(r, o.Step, o.Key), p.in.Catalog.Organization.Policies.Approvals
	switch {
	case !policy.Self && person == r.requester:
		return "whoever asked for the run does not sign it off"
	case !policy.Self && p.owns(r, o.Step, o.Key, person):
		return "whoever does the step does not sign it off"
	case !policy.SamePerson && slices.ContainsFunc(a.Given, func(g Given) bool { return g.By == person }):
		return "you have signed it off for another role: somebody else has to sign it off as " + role
	}
	return ""
}
