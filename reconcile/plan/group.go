package plan

import (
	"slices"
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
	updates := map[string]int{}
	for i, c := range m.plan.Changes {
		if c.Action == Update {
			updates[c.Key] = i
		}
	}
	for _, k := range m.kept {
		var g *Group
		if k.occurrence != nil {
			g = m.group(k.occurrence, k.entry)
		}
		at, updated := updates[k.key]
		switch {
		case g == nil && k.idle:
			m.plan.Summary.None++
		case g == nil:
		case updated:
			m.plan.Changes[at].under(g, k.entry)
		default:
			m.regroup(k.seen, g)
		}
	}
}

// regroup plans an update that does no more than to show an issue under that of its run.
func (m *maker) regroup(s *seen, g *Group) {
	c, o := m.change(Update, s), s.occurrence
	c.Reason, c.Edit = "it is a part of "+g.name(), &Edit{}
	c.under(g, s.entry)
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Updated, Number: s.issue.Number, Owner: o.Owner.String(), Due: o.Due}
	m.add(c)
}

// under notes that an issue is to be shown under that of its run.
func (c *Change) under(g *Group, e *record.Entry) {
	before := ""
	if e != nil && e.Parent > 0 {
		before = number(e.Parent)
	}
	c.Group = g
	c.set("parent", before, g.name())
	slices.Sort(c.Fields)
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
