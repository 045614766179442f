package preview

import (
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
)

// absence is an occurrence that is there on one side only.
type absence struct {
	// there is the occurrence, cancelled the one that the other side calls off, or nil.
	there, cancelled *due.Occurrence
	// side is the other side: the base for what is added, the head for what is dropped.
	side  *side
	added bool
}

// say returns one of two wordings.
func (a absence) say(added, dropped string) string {
	if a.added {
		return added
	}
	return dropped
}

// why says what makes an occurrence appear or disappear: the first thing, from the client
// down to the single date, that the other side does not have.
func (c *comparison) why(a absence) (string, Place) {
	o := a.there
	step := stepPlace(o)
	file := Place{o.Client.Source.File, o.Client.Source.Pos.Line}
	if x := a.cancelled; x != nil {
		if a.added {
			return "no longer called off", Place{file.File, o.Assignment.Pos.Line}
		}
		return "called off" + colon(x.Exception.Reason), Place{x.Client.Source.File, x.Exception.Pos.Line}
	}
	k := a.client()
	if k == nil {
		return a.say("client "+o.Client.ID+" is new",
			"client "+o.Client.ID+" has no file any more: its open issues are reported, not closed"), file
	}
	here := Place{k.Source.File, k.Source.Pos.Line}
	if a.added {
		here = file
	}
	if k.InactiveOn(c.in.AsOf) {
		return a.say("client "+o.Client.ID+" is active again", "client "+k.ID+" is inactive"+colon(resting(k, c))), here
	}
	t := a.side.cat.Template(o.Template.Head().ID)
	if t == nil {
		t = formerTemplate(a.side.cat, o.Template)
	}
	if t == nil {
		return a.say("template "+o.Template.Head().ID+" is new", "template "+o.Template.Head().ID+" is gone"), step
	}
	as, others := assignment(a.side.cat, k, t, o)
	if as == nil {
		if a.added {
			here.Line = o.Assignment.Pos.Line
		}
		in := o.Template.Head().ID
		if others {
			in = "run " + o.Assignment.RunID() + " of " + in
		}
		return a.say(o.Client.ID+" is in "+in+" now", o.Client.ID+" is not in "+in+" any more"), here
	}
	return a.step(k, t, as)
}

// resting returns why a client is inactive.
func resting(k *schema.Client, c *comparison) string {
	if i := k.Pause(c.in.AsOf); i >= 0 {
		return k.Inactive[i].Reason
	}
	return ""
}

// client returns the client of the other side, under this or a former id.
func (a absence) client() *schema.Client {
	for _, id := range append([]string{a.there.Client.ID}, a.there.Client.Previously...) {
		if k := a.side.cat.Client(id); k != nil {
			return k
		}
	}
	return nil
}

func formerTemplate(cat *schema.Catalog, t schema.Template) schema.Template {
	for _, id := range t.Head().Previously {
		if old := cat.Template(id); old != nil {
			return old
		}
	}
	return nil
}

// assignment returns a client's entry for a template, of the same run where it is a plan or a
// playbook: the one of that name, else the one that had another name. It is nil where there
// is none, and others says that the client is in other runs all the same, which go on under
// their own names.
func assignment(cat *schema.Catalog, k *schema.Client, t schema.Template, like *due.Occurrence) (found *schema.Assignment, others bool) {
	kept := map[string]bool{}
	for i := range like.Client.Processes {
		if as := &like.Client.Processes[i]; as.Template == like.Assignment.Template {
			kept[as.RunID()] = true
		}
	}
	for i := range k.Processes {
		as := &k.Processes[i]
		switch {
		case cat.Template(as.Template) != t:
		case as.RunID() == like.Assignment.RunID():
			return as, false
		case kept[as.RunID()]:
			others = true
		default:
			found = as
		}
	}
	return found, others
}

// step says what of one step in one assignment makes the difference.
func (a absence) step(k *schema.Client, t schema.Template, as *schema.Assignment) (string, Place) {
	o := a.there
	step, mine := stepPlace(o), Place{k.Source.File, as.Pos.Line}
	if a.added {
		mine = Place{o.Client.Source.File, o.Assignment.Pos.Line}
	}
	other := findStep(t, as, o.Step)
	if other == nil {
		return a.say("step "+o.Step.ID+" is new", "step "+o.Step.ID+" is gone"), step
	}
	x, _ := as.Override(other)
	if x != nil && x.Remove {
		if !a.added {
			mine.Line = x.Pos.Line
		}
		return a.say("the client takes the step again", "the client takes the step out"), mine
	}
	if why, ok := a.ended(as); ok {
		return why, mine
	}
	if why, ok := a.conditions(k, t, as, x.Apply(other)); ok {
		return why, mine
	}
	switch {
	case as.Since > o.Due && o.Due != 0:
		return a.say("before it counted from "+as.Since.String(), "comes before "+as.Since.String()+", from which the client takes part"), mine
	case as.RunID() != o.Assignment.RunID():
		return turn("run", a.pick(as.RunID(), o.Assignment.RunID()), a.pick(o.Assignment.RunID(), as.RunID())), mine
	case k.InactiveOn(o.Due):
		return a.say("the client is active on that day", "the client is inactive on that day"), Place{mine.File, 0}
	}
	if why, at, ok := a.anchor(k, as); ok {
		return why, at
	}
	now := x.Apply(other)
	if field, was, is := written(now, o.Step); field != "" {
		return turn(field, a.pick(was, is), a.pick(is, was)), a.fieldAt(step, mine, as, other)
	}
	if now.Times != o.Step.Times || now.Until != o.Step.Until {
		return a.say("repeats further", "repeats less far"), a.fieldAt(step, mine, as, other)
	}
	return "what it counts from has moved", step
}

// pick returns the value of the other side for what is added, and that of this one else:
// what was before. With the arguments turned round it returns what is now.
func (a absence) pick(other, this string) string {
	if a.added {
		return other
	}
	return this
}

// anchor reports whether the day from which the template counts differs.
func (a absence) anchor(k *schema.Client, as *schema.Assignment) (string, Place, bool) {
	other := &due.Occurrence{Client: k, Template: a.there.Template, Assignment: as}
	if a.added {
		return anchored(other, a.there)
	}
	return anchored(a.there, other)
}

// fieldAt returns where a field of the step differs: in the client's file where the client
// departs from the template on either side.
func (a absence) fieldAt(step, mine Place, as *schema.Assignment, other *schema.Step) Place {
	if x, _ := as.Override(other); x != nil || override(a.there) != nil {
		return mine
	}
	return step
}

// findStep returns a step of a template or of an assignment by this or a former id, or nil.
func findStep(t schema.Template, as *schema.Assignment, like *schema.Step) *schema.Step {
	ids := append([]string{like.ID}, like.Previously...)
	same := func(s *schema.Step) bool {
		return slices.Contains(ids, s.ID) || slices.Contains(s.Previously, like.ID)
	}
	var found *schema.Step
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		if same(s) {
			found = s
		}
		return found == nil
	})
	for i := range as.ExtraSteps {
		if found == nil && same(&as.ExtraSteps[i]) {
			found = &as.ExtraSteps[i]
		}
	}
	return found
}
