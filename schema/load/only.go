package load

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// only reads the files that were asked for and then, in three goes, others: those named
// like what is still missing, those in other folders than the ones asked for, and the rest.
// Each go is left out once nothing is missing. One client of ten thousand thus costs a
// listing and some thirty small files.
func (l *loader) only(ctx context.Context, units []unit, f *found) ([]outcome, error) {
	s := selection{loader: l, rest: units, found: map[need]bool{}}
	folders := map[string]bool{}
	asked := map[string]bool{}
	for _, name := range l.options.Only {
		name = path.Clean(name)
		folders[path.Dir(name)], asked[name] = true, true
		if !slices.ContainsFunc(units, func(u unit) bool { return u.has(name) }) {
			f.faults = append(f.faults, diag.Diagnostic{File: name, Rule: "load/not-found", Message: "there is no such file among those that are read",
				Hint: "check the path, which counts from the folder of almanac.yaml; dot folders and what " + ignoreFile + " lists are not read"})
		}
	}
	goes := []func(unit) bool{
		func(u unit) bool { return slices.ContainsFunc(u.files, func(f file) bool { return asked[f.name] }) },
		s.named,
		s.named, // what the first go found may refer to more
		func(u unit) bool { return !folders[path.Dir(u.name)] },
		func(unit) bool { return true },
	}
	for i, wanted := range goes {
		if i > 0 && len(s.missing()) == 0 {
			break
		}
		if err := s.read(ctx, wanted); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(s.done, func(a, b outcome) int { return cmp.Compare(a.name, b.name) })
	return s.done, nil
}

func (u unit) has(name string) bool {
	return slices.ContainsFunc(u.files, func(f file) bool { return f.name == name })
}

// need is a document that another refers to.
type need struct{ what, id string }

// selection is what has been read of a repository, and what has not.
type selection struct {
	loader *loader
	done   []outcome
	rest   []unit
	found  map[need]bool
	needs  []need
	// stems are the ids that missing returned last.
	stems map[string]bool
}

// read reads the units that are wanted.
func (s *selection) read(ctx context.Context, wanted func(unit) bool) error {
	var now, later []unit
	for _, u := range s.rest {
		if wanted(u) {
			now = append(now, u)
		} else {
			later = append(later, u)
		}
	}
	done, err := s.loader.all(ctx, now)
	if err != nil {
		return err
	}
	s.done, s.rest = append(s.done, done...), later
	for i := range done {
		s.note(&done[i])
	}
	return nil
}

// missing returns what is needed and not there yet.
func (s *selection) missing() []need {
	s.stems = map[string]bool{}
	var l []need
	for _, n := range append(s.needs, need{what: "organization"}) {
		if !s.found[n] {
			l = append(l, n)
			s.stems[cmp.Or(n.id, "almanac")] = true
		}
	}
	return l
}

// named reports whether a file is called like something that is missing.
func (s *selection) named(u unit) bool {
	return slices.ContainsFunc(u.files, func(f file) bool {
		base := path.Base(f.name)
		return s.stems[strings.TrimSuffix(base, path.Ext(base))]
	})
}

// note takes up what a unit offers and what it refers to.
func (s *selection) note(o *outcome) {
	for _, b := range o.broken {
		s.offer(b.Kind, b.ID)
	}
	for _, d := range o.Organizations {
		s.offer(d.Kind, d.ID)
		for _, role := range d.Roles {
			s.person(role.Holder)
		}
	}
	for _, d := range o.People {
		s.offer(d.Kind, append(d.Previously, d.ID)...)
		for _, a := range d.Away {
			s.person(a.Deputy)
		}
	}
	for _, d := range o.Clients {
		s.client(d)
	}
	for _, d := range o.Processes {
		s.template(d)
	}
	for _, d := range o.Plans {
		s.template(d)
	}
	for _, d := range o.Playbooks {
		s.template(d)
	}
}

func (s *selection) offer(kind schema.Kind, ids ...string) {
	for _, id := range ids {
		switch kind {
		case schema.KindOrganization:
			s.found[need{what: "organization"}] = true
		case schema.KindPerson:
			s.found[need{"person", id}] = true
		case schema.KindProcessTemplate, schema.KindOnboardingPlan, schema.KindPlaybook:
			s.found[need{"template", id}] = true
		}
	}
}

func (s *selection) client(c *schema.Client) {
	for _, id := range c.Team {
		s.person(id)
	}
	for _, i := range c.Inactive {
		s.person(i.ApprovedBy)
	}
	for i := range c.Processes {
		a := &c.Processes[i]
		s.needs = append(s.needs, need{"template", a.Template})
		for _, o := range a.Overrides {
			s.who(o.Owner, o.With, o.Notify, o.Escalate)
		}
		for j := range a.ExtraSteps {
			s.step(&a.ExtraSteps[j])
		}
		for _, v := range a.Approvals {
			s.person(v.By)
		}
	}
}

func (s *selection) template(t schema.Template) {
	h := t.Describe()
	s.offer(h.Kind, append(h.Previously, h.ID)...)
	s.person(h.Owner)
	t.Walk(func(_ *schema.PlanWeek, x *schema.Step) bool {
		s.step(x)
		return true
	})
}

func (s *selection) person(id string) {
	if id != "" {
		s.needs = append(s.needs, need{"person", id})
	}
}

// step needs the people whom a step names.
func (s *selection) step(x *schema.Step) {
	s.who(x.Owner, slices.Concat(x.With, x.Responsible, x.Consulted, x.Informed, []string{x.Accountable}), x.Notify, x.Escalate)
}

// who needs the people that are named by `@`; roles are in the organization.
func (s *selection) who(owner string, with []string, notify []schema.Notice, escalate *schema.Escalate) {
	all := append([]string{owner}, with...)
	for _, n := range notify {
		all = append(all, n.To...)
	}
	if escalate != nil {
		all = append(all, escalate.To...)
	}
	for _, w := range all {
		if id, ok := strings.CutPrefix(w, "@"); ok {
			s.person(id)
		}
	}
}
