package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// invitation is an error where no invitation can arrive at all: everybody would take the
// meeting for announced.
var invitation = rule{
	Rule: Rule{ID: "lint/invitation", Severity: diag.Error, Summary: "an invitation that reaches nobody, comes too late, or takes the whole day"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil {
			return
		}
		mail := slices.ContainsFunc(o.Channels, func(c schema.Channel) bool { return c.Type == "email" })
		p.written(func(_ *template, _ *assignment, s *step) {
			switch {
			case s.Invite && mail:
				p.announced(o, s)
			case s.Invite:
				p.report(s.src, at(s.path, "invite"), "add a channel of type email to the channels of the organization, or take invite out",
					"nobody can be invited to step %q: invitations go by e-mail, and there is no channel for it", s.ID)
			}
		})
		if mail {
			p.guests(o)
		}
	},
}

// announced reports what those who are invited would wonder about.
func (p *pass) announced(o *schema.Organization, s *step) {
	if s.At == "" {
		p.advise(s.src, at(s.path, "invite"), "add at with the time at which it begins",
			"the invitation to step %q is for the whole day: it has no time of day", s.ID)
	}
	noticed := len(s.Notify) > 0 || s.Notify == nil && len(o.Defaults.Notify) > 0
	if !s.Open.Set && !noticed {
		p.advise(s.src, at(s.path, "invite"), "add open, such as open: 3 weeks",
			"the invitation to step %q goes out on the day itself: it does not open earlier", s.ID)
	}
}

// guests reports steps whose invitation has nobody to go to, once for each step.
func (p *pass) guests(o *schema.Organization) {
	told := map[*schema.Step]bool{}
	for i := range p.assignments {
		a := &p.assignments[i]
		if a.template == nil || p.finished(a) {
			continue
		}
		for j := range a.steps {
			s := &a.steps[j]
			if !s.Invite || told[s.Step] || p.canInvite(o, a.client, s) {
				continue
			}
			told[s.Step] = true
			p.report(s.src, at(s.path, "invite"), "add email to one of those who take part, or take invite out",
				"nobody who takes part in step %q for client %s has an e-mail address of the staff, so nobody is invited", s.ID, a.client.ID)
		}
	}
}

// canInvite reports whether anybody who takes part in a step can be written to.
func (p *pass) canInvite(o *schema.Organization, c *schema.Client, s *step) bool {
	reachable := func(who string) bool {
		return slices.ContainsFunc(p.told(c, who), func(d *schema.Person) bool { return d.Email != "" && !outside(o, d.Email) })
	}
	return reachable(s.Owner) || slices.ContainsFunc(s.With, reachable)
}
