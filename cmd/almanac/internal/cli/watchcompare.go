package cli

import (
	"reflect"
	"slices"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema"
)

// compare returns how things differ from the last turn, sorted by text. Clients that were
// left alone then and are not any more are compared with the last files that were sound:
// otherwise all that is planned for them would show as new.
func (w *watching) compare(now *outlook, after *plan.Plan, world *reconcile.World) ([]difference, error) {
	before, l, err := w.since(w.base, now, after, world)
	if err != nil || w.sound == w.base {
		return l, err
	}
	frozenThen, frozenNow := frozenIn(before), frozenIn(after)
	mended := func(client string) bool { return frozenThen(client) && !frozenNow(client) }
	if !slices.ContainsFunc(before.Frozen, func(f plan.Frost) bool { return mended(f.Client) }) {
		return l, nil
	}
	_, old, err := w.since(w.sound, now, after, world)
	for _, d := range old {
		if d.key != "" && mended(d.client) {
			l = append(l, d)
		}
	}
	return sorted(l), err
}

// since compares with an earlier outlook, and returns its plan of today too.
func (w *watching) since(then, now *outlook, after *plan.Plan, world *reconcile.World) (*plan.Plan, []difference, error) {
	before := w.planned
	if then != w.base || world != w.planWorld || then.today != now.today {
		in, err := w.inputs(w.outlook(then.workspace, then.frozen, now.today), world)
		if err != nil {
			return nil, nil, err
		}
		before = plan.Make(in)
	}
	ahead, err := preview.Compare(preview.Inputs{
		Base: then.catalog, Head: now.catalog, AsOf: now.today, Client: both(w.match, touched(then.catalog, now.catalog)),
		Window:     yearFrom(now.today, now.today),
		BaseFrozen: then.frozen, HeadFrozen: now.frozen,
	})
	if err != nil {
		return nil, nil, err
	}
	return before, withLater(planDiff(before, after), ahead), nil
}

// touched returns which clients may differ between two catalogs, by id; nil means all. Most
// saves touch one client of thousands.
func touched(before, after *schema.Catalog) func(id string) bool {
	if !reflect.DeepEqual(before.Organization, after.Organization) || !reflect.DeepEqual(before.People, after.People) ||
		!reflect.DeepEqual(before.Processes, after.Processes) || !reflect.DeepEqual(before.Plans, after.Plans) ||
		!reflect.DeepEqual(before.Playbooks, after.Playbooks) {
		return nil
	}
	was, ids := map[string]*schema.Client{}, map[string]bool{}
	for _, c := range before.Clients {
		if before.Client(c.ID) == c {
			was[c.ID] = c
		}
	}
	for _, c := range after.Clients {
		if after.Client(c.ID) != c {
			continue
		}
		if !reflect.DeepEqual(was[c.ID], c) {
			ids[c.ID] = true
		}
		delete(was, c.ID)
	}
	for id := range was {
		ids[id] = true
	}
	return func(id string) bool { return ids[id] }
}

// both joins two choices of clients, of which nil means all.
func both(a, b func(string) bool) func(string) bool {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(id string) bool { return a(id) && b(id) }
}
