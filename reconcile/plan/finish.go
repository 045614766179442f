package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// finish puts everything in order.
func (m *maker) finish() {
	p := &m.plan
	for client, n := range m.frosts {
		why, _ := m.frozen(client)
		p.Frozen = append(p.Frozen, Frost{Client: client, Reason: why, Issues: n})
	}
	p.Foreign = m.foreign
	sortChanges(p.Changes)
	slices.SortFunc(p.Frozen, func(a, b Frost) int { return strings.Compare(a.Client, b.Client) })
	byNumber := func(a, b Stray) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(a.Number, b.Number))
	}
	slices.SortFunc(p.Orphans, byNumber)
	slices.SortFunc(p.Foreign, byNumber)
	slices.SortFunc(p.Refused, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Person, b.Person), strings.Compare(a.Reason, b.Reason))
	})
	p.Refused = slices.Compact(p.Refused)
	slices.SortFunc(p.Records, record.Compare)
	for _, c := range p.Changes {
		switch c.Action {
		case Create:
			p.Summary.Create++
		case Update:
			p.Summary.Update++
		case Close:
			p.Summary.Close++
		case Adopt:
			p.Summary.Adopt++
		case Notify:
			p.Summary.Notify++
		case Answer:
			p.Summary.Answer++
		}
	}
	p.Changes, p.Deferred, p.Missed = list(p.Changes), list(p.Deferred), list(p.Missed)
	p.Waiting, p.Orphans, p.Foreign = list(p.Waiting), list(p.Orphans), list(p.Foreign)
	p.Frozen, p.Refused = list(p.Frozen), list(p.Refused)
}

// list makes an empty list of none, so that it is written as one.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// sortChanges sorts by key, then as the actions come, then by number and notice. Of two
// updates of one issue, the one that shows it under another comes last.
func sortChanges(l []Change) {
	order := []Action{Adopt, Update, Create, Close, Notify, Answer}
	notice := func(c *Change) string {
		if c.Notice != nil {
			return c.Notice.Name
		}
		return ""
	}
	grouped := func(c *Change) int {
		if c.Group != nil {
			return 1
		}
		return 0
	}
	slices.SortFunc(l, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(slices.Index(order, a.Action), slices.Index(order, b.Action)),
			cmp.Compare(a.Number, b.Number), strings.Compare(notice(&a), notice(&b)), cmp.Compare(grouped(&a), grouped(&b)))
	})
}

// Nothing is the plan of a run that has nothing to do because of what started it.
func Nothing(asOf civil.Date) *Plan {
	m := &maker{View: &View{}, plan: Plan{FormatVersion: FormatVersion, AsOf: asOf}}
	m.finish()
	return &m.plan
}
