package lint

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// approver looks at who may sign off as things stand in the files: somebody who is away is
// back one day. A warning where it is only the one run that is stuck.
var approver = rule{
	Rule: Rule{ID: "lint/approver", Severity: diag.Error, Summary: "a step that can never be signed off as its roles are filled"},
	run: func(p *pass) {
		for _, t := range p.templates {
			for i := range t.steps {
				p.repeatedRole(&t.steps[i])
			}
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			for j := range a.extra {
				p.repeatedRole(&a.extra[j])
			}
			if a.template == nil || p.cat.Organization == nil || p.finished(a) {
				continue
			}
			for j := range a.steps {
				if s := &a.steps[j]; len(s.Approve) > 0 {
					p.stuck(a, s)
				}
			}
		}
	},
}

func (p *pass) repeatedRole(s *step) {
	for i, r := range s.Approve {
		if slices.Contains(s.Approve[:i], r) {
			p.report(s.src, at(s.path, "approve", i), "take one of the two out", "step %q asks %s to sign off twice", s.ID, r)
		}
	}
}

// stuck reports a step for whose roles no distinct people can be found. Roles that nobody
// fills are told by another rule.
func (p *pass) stuck(a *assignment, s *step) {
	roles := slices.Clone(s.Approve)
	slices.Sort(roles)
	roles = slices.Compact(roles)
	people := make([][]string, len(roles))
	for i, r := range roles {
		for _, d := range p.told(a.client, r) {
			people[i] = append(people[i], d.ID)
		}
		if len(people[i]) == 0 {
			return
		}
	}
	policy := p.cat.Organization.Policies.Approvals
	path := at(a.path, "template")
	if s.own {
		path = s.path
	}
	if !fill(people, !policy.SamePerson) {
		p.report(a.client.Source, path, "name different people in the team, or write approvals: {same-person: true} under policies",
			"%s needs sign-offs by different people for %s, and for %s there is only %s", s.ID, strings.Join(roles, " and "), a.client.ID, names(people))
		return
	}
	if policy.Self {
		return
	}
	if own := p.doer(a.client, s); own != "" && !fill(without(people, own), !policy.SamePerson) {
		p.report(a.client.Source, path, "name somebody else as owner or in the team, or write approvals: {self: true} under policies",
			"%s does step %q for %s and would have to sign it off too", own, s.ID, a.client.ID)
		return
	}
	if by := p.requester(a); by != "" && !fill(without(people, by), !policy.SamePerson) {
		p.advise(a.client.Source, at(a.path, "fields", a.template.playbook.RequestedBy), "let somebody else ask for it, or write approvals: {self: true} under policies",
			"%s asked for the run, so nobody is left who may sign off step %q", by, s.ID)
	}
}

// doer returns the one person who does a step through a role that does not sign it off.
func (p *pass) doer(c *schema.Client, s *step) string {
	if slices.Contains(s.Approve, s.Owner) {
		return ""
	}
	if l := p.told(c, s.Owner); len(l) == 1 {
		return l[0].ID
	}
	return ""
}

// requester returns the present id of who asked for a run, if the run says so.
func (p *pass) requester(a *assignment) string {
	if a.template.playbook == nil {
		return ""
	}
	if d := p.cat.Person(a.Fields[a.template.playbook.RequestedBy].Text); d != nil {
		return d.ID
	}
	return ""
}

// fill reports whether each list has somebody, and, with distinct, a person of its own. Lists
// take people from each other as long as that helps (augmenting paths): to try every choice
// would take longer than anybody waits where ten roles are pools.
func fill(people [][]string, distinct bool) bool {
	holds := map[string]int{}
	var take func(i int, asked map[string]bool) bool
	take = func(i int, asked map[string]bool) bool {
		for _, who := range people[i] {
			if asked[who] {
				continue
			}
			asked[who] = true
			if other, held := holds[who]; !distinct || !held || take(other, asked) {
				holds[who] = i
				return true
			}
		}
		return false
	}
	for i := range people {
		if !take(i, map[string]bool{}) {
			return false
		}
	}
	return true
}

// without returns the lists with one person left out.
func without(people [][]string, who string) [][]string {
	l := make([][]string, len(people))
	for i, of := range people {
		l[i] = slices.DeleteFunc(slices.Clone(of), func(id string) bool { return id == who })
	}
	return l
}

// names returns everybody in the lists, sorted.
func names(people [][]string) string {
	l := slices.Concat(people...)
	slices.Sort(l)
	return strings.Join(slices.Compact(l), ", ")
}
