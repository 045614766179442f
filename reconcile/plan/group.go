package plan

import (
	"strconv"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// kept is an issue that is open and stays so.
type kept struct {
	*seen
	// idle says that nothing was to be done about it so far.
	idle bool
}

// groupKept shows the issues that stay under those of their runs. It comes after all that
// is opened, since a run may be tracked only now.
func (m *maker) groupKept() {
	for _, k := range m.kept {
		var g *Group
		if k.occurrence != nil {
			g = m.group(k.occurrence, k.entry)
		}
		switch {
		case g != nil:
			m.regroup(k.seen, g)
		case k.idle:
			m.plan.Summary.None++
		}
	}
}

// regroup plans an update that does no more than to show an issue under that of its run. It
// is a change of its own even where the issue is edited too, so that no change takes more
// than two writes of a forge.
func (m *maker) regroup(s *seen, g *Group) {
	c, o, before := m.change(Update, s), s.occurrence, ""
	if e := s.entry; e != nil && e.Parent > 0 {
		before = number(e.Parent)
	}
	c.Reason, c.Edit, c.Group = "it is a part of "+g.name(), &Edit{}, g
	c.set("parent", before, g.name())
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Updated, Number: s.issue.Number, Owner: o.Owner.String(), Due: o.Due}
	m.add(c)
}

// group returns the issue of the run under which the issue of a step belongs, unless the
// forge does not group, or shows it there already. The issue of the run is open, or opened
// by this plan.
func (m *maker) group(o *due.Occurrence, e *record.Entry) *Group {
	if p, ok := o.Template.(*schema.OnboardingPlan); !m.in.Groups || !ok || p.Tracking == nil || o.Whole {
		return nil
	}
	key := o.Client.ID + "/" + o.Template.Head().ID + "/" + o.Cycle + "/" + schema.WholeRun
	whole, ok := m.in.Engine.Lookup(key)
	if !ok {
		return nil
	}
	_, d := m.tracked(&whole)
	if d.fate != open && !m.opened[key] || d.number > 0 && e != nil && e.Parent == d.number {
		return nil
	}
	return &Group{Key: key, Number: d.number}
}

// name returns the number of the issue, or its key while it has none.
func (g *Group) name() string {
	if g.Number > 0 {
		return "#" + strconv.Itoa(g.Number)
	}
	return g.Key
}
