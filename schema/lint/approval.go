package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// approval does not say whether a sign-off is still of what stands in the file: the plan
// knows, and asks for it again. What came of runs that have ended is let be.
var approval = rule{
	Rule: Rule{ID: "lint/approval", Severity: diag.Error, Summary: "a sign-off that does not count"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || p.cat.Organization == nil || a.Ended != 0 {
				continue
			}
			for j := range a.Approvals {
				p.approval(a, j)
			}
		}
	},
}

func (p *pass) approval(a *assignment, i int) {
	x, path := &a.Approvals[i], at(a.path, "approvals", i)
	s := a.stepByID(x.Step)
	role, roles := p.cat.Role(x.Role), []string(nil)
	if s == nil || role == nil {
		return
	}
	for _, r := range s.Approve {
		if k := p.cat.Role(r); k != nil {
			roles = append(roles, k.ID)
		}
	}
	switch {
	case len(s.Approve) == 0:
		p.report(a.client.Source, at(path, "step"), "take it out, or add approve to the step", "step %q is not signed off by anybody", s.ID)
	case !slices.Contains(roles, role.ID):
		p.report(a.client.Source, at(path, "role"), meant(x.Role, "role", roles), "step %q is not signed off for %s", s.ID, x.Role)
	case !p.cat.Organization.Policies.Approvals.Self && p.requester(a) != "" && p.cat.Person(x.By) == p.cat.Person(p.requester(a)):
		p.report(a.client.Source, at(path, "by"), "let somebody else sign it off", "%s asked for the run and cannot sign off step %q", x.By, s.ID)
	default:
		p.again(a, i, roles)
		p.signer(a, x, role, path)
		p.early(a, s, x, path)
	}
}

// again compares a sign-off with the others of the same step and the same text.
func (p *pass) again(a *assignment, i int, roles []string) {
	x, path := &a.Approvals[i], at(a.path, "approvals", i)
	rank := func(r string) int { return slices.Index(roles, p.cat.Role(r).ID) }
	for j := range a.Approvals {
		y := &a.Approvals[j]
		if i == j || y.Step != x.Step || y.Of != x.Of || p.cat.Role(y.Role) == nil || rank(y.Role) < 0 {
			continue
		}
		other := at(a.path, "approvals", j)
		switch {
		case j < i && rank(x.Role) == rank(y.Role):
			p.report(a.client.Source, path, "keep one of the two", "step %q is signed off for %s already (%s)", x.Step, x.Role, other)
		case j < i && x.By == y.By && !p.cat.Organization.Policies.Approvals.SamePerson:
			p.report(a.client.Source, at(path, "by"), "let somebody else sign it off", "%s signs off step %q for both %s and %s", x.By, x.Step, y.Role, x.Role)
		case rank(x.Role) > rank(y.Role) && x.On < y.On:
			p.advise(a.client.Source, at(path, "on"), "let "+x.Role+" sign off again, after "+y.Role,
				"%s signed off step %q on %s, before %s on %s, so it does not count", x.Role, x.Step, x.On, y.Role, y.On)
		}
	}
}

// signer warns of somebody who does not hold the role: they may have held it once.
func (p *pass) signer(a *assignment, x *schema.Approval, role *schema.Role, path string) {
	if p.Today != 0 && x.On > p.Today {
		p.advise(a.client.Source, at(path, "on"), "correct the day", "%s lies in the future", x.On)
	}
	by := p.cat.Person(x.By)
	if by == nil {
		return
	}
	for range p.cat.Organization.Roles {
		for _, d := range p.told(a.client, role.ID) {
			if d == by || p.standsIn(d, by, x) {
				return
			}
		}
		if role = p.cat.Role(role.Deputy); role == nil {
			break
		}
	}
	p.advise(a.client.Source, at(path, "by"), "let the holder of the role sign it off", "%s does not hold the role %q for %s, so it does not count", x.By, x.Role, a.client.ID)
}

// early warns of a sign-off before the meeting at which the clients of that day are decided
// about. A later one is given after an edit, or by somebody who was not there.
func (p *pass) early(a *assignment, s *step, x *schema.Approval, path string) {
	word := s.Due.Anchor
	if s.Issue != "shared" || a.Start == 0 || s.Due.IsZero() || word != "" && word != "start" && word != "opened" {
		return
	}
	calendar, err := civil.NewCalendar(p.cat.Organization.Calendar())
	if err != nil {
		return
	}
	day := p.rolled(calendar, s, calendar.Apply(a.Start, s.Due))
	for _, e := range a.Exceptions {
		if e.Step == s.ID && e.MoveTo != 0 {
			day = e.MoveTo
		}
	}
	if x.On < day {
		p.advise(a.client.Source, at(path, "on"), "sign it off on that day, or move it there by an exception",
			"step %q is signed off on %s, before the day of all clients on %s", s.ID, x.On, day)
	}
}

// standsIn reports whether somebody is away on the day of a sign-off and by steps in.
func (p *pass) standsIn(d, by *schema.Person, x *schema.Approval) bool {
	return slices.ContainsFunc(d.Away, func(w schema.Away) bool {
		return w.From <= x.On && x.On <= w.To && p.cat.Person(w.Deputy) == by
	})
}
