package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// nextAvailable is the word in files for a step that goes to whoever of a pool is free next.
const nextAvailable = "next-available"

// burden is what somebody has to do.
type burden struct {
	// open are the steps that they have, idle is when the last one ended that they had.
	open int
	idle time.Time
}

// allot gives the steps out of pools that go to whoever is free next, the oldest due date
// first. Somebody gets a step once, when it is opened or handed over: the ledger knows it
// from then on. What somebody gave back stays with the pool until it is taken.
func (v *View) allot() {
	var l []*due.Occurrence
	for i := range v.occurrences {
		if o := &v.occurrences[i]; v.toAllot(o) && !isPart(o) {
			if f := v.fate(o, 0).fate; f == open || f == wanted {
				l = append(l, o)
			}
		}
	}
	v.eachRun(func(whole *due.Occurrence) {
		if f := v.fate(whole, 0).fate; f != open && f != wanted {
			return
		}
		for _, o := range v.stageOf(whole).current {
			if v.toAllot(o) {
				l = append(l, o)
			}
		}
	})
	if len(l) == 0 {
		return
	}
	slices.SortFunc(l, compareDue)
	loads := v.loads()
	for _, o := range l {
		v.allotOne(o, loads)
	}
}

// toAllot reports whether a step belongs to a pool and is to be given to somebody of it.
func (v *View) toAllot(o *due.Occurrence) bool {
	if o.Step.Assign != nextAvailable || o.Owner.Role == "" || v.in.Progress.Released(o.Key) || !v.inScope(o.Client.ID) {
		return false
	}
	_, frozen := v.frozen(o.Client.ID)
	return !frozen
}

// allotOne gives one step to whoever is free next. Who has its issue on the forge already,
// and may do it, keeps it.
func (v *View) allotOne(o *due.Occurrence, loads map[string]burden) {
	var can []*schema.Person
	for _, p := range v.in.Catalog.People {
		if v.in.Catalog.Person(p.ID) == p && v.in.Progress.MayDo(o, p.ID) {
			can = append(can, p)
		}
	}
	if len(can) == 0 {
		return
	}
	slices.SortFunc(can, func(a, b *schema.Person) int {
		x, y := loads[a.ID], loads[b.ID]
		return cmp.Or(cmp.Compare(x.open, y.open), x.idle.Compare(y.idle), strings.Compare(a.ID, b.ID))
	})
	p, why := can[0], whyFirst(can, loads)
	if is := v.Issue(o.Key); is != nil && len(is.Assignees) > 0 {
		has := func(p *schema.Person) bool {
			return p.GitHub != "" && slices.ContainsFunc(is.Assignees, func(l string) bool { return strings.EqualFold(l, p.GitHub) })
		}
		if i := slices.IndexFunc(can, has); i >= 0 {
			p, why = can[i], "has the issue already"
		}
	}
	to := loads[p.ID]
	to.open++
	loads[p.ID] = to
	v.give(o, p, why)
}

// give makes a person the owner of a step: what is for the pool is for that person then.
func (v *View) give(o *due.Occurrence, p *schema.Person, why string) {
	pool, owner := o.Owner, due.Holder{Person: p.ID}
	o.Owner = owner
	notices := slices.Clone(o.Notices)
	for i := range notices {
		if at := slices.Index(notices[i].To, pool); at >= 0 {
			to := slices.Clone(notices[i].To)
			to[at] = owner
			notices[i].To = sortHolders(to)
		}
	}
	o.Notices = notices
	v.allotted[o.Key] = why
}

// whyFirst says why the first of those who could do a step gets it.
func whyFirst(can []*schema.Person, loads map[string]burden) string {
	first := loads[can[0].ID]
	why := "fewest open steps: " + strconv.Itoa(first.open)
	if len(can) == 1 {
		return "nobody else is there; open steps: " + strconv.Itoa(first.open)
	}
	switch second := loads[can[1].ID]; {
	case second.open > first.open:
		return why
	case !second.idle.Equal(first.idle):
		return why + ", and longest idle"
	}
	return why + ", and first by id"
}

// givenTo says who a step out of a pool goes to in this run and why; "" where none does.
func (v *View) givenTo(o *due.Occurrence) string {
	at := v.at(o)
	why := v.allotted[at.Key]
	if why == "" {
		return ""
	}
	return "given to " + v.name(at.Owner) + ": " + why
}

// loads counts what everybody has to do by the ledger: the steps that are open, and when the
// last one ended.
func (v *View) loads() map[string]burden {
	l := map[string]burden{}
	for key, e := range v.in.Entries {
		p := v.in.Catalog.Person(e.Owner)
		if p == nil {
			continue
		}
		n := l[p.ID]
		switch {
		case e.State == record.Ended:
			if e.EndedAt.After(n.idle) {
				n.idle = e.EndedAt
			}
		case e.State == record.IsOpen && v.counts(key, e):
			n.open++
		}
		l[p.ID] = n
	}
	return l
}

// counts reports whether an open entry is a step that somebody has to do: one without an
// issue while that of its run is open, and a whole run unless such a step stands for it.
func (v *View) counts(key string, e *record.Entry) bool {
	if e.Number == 0 {
		whole := v.in.Entries[wholeKey(key)]
		_, ended := v.fact(key)
		return whole != nil && whole.State == record.IsOpen && !ended
	}
	if !tracksRun(key) {
		return true
	}
	o := v.lookup(key)
	if o == nil || !perRun(o) {
		return false // the issue of a plan's run lists steps that are somebody's
	}
	for _, at := range v.stageOf(o).current {
		if part := v.in.Entries[at.Key]; part != nil && part.State == record.IsOpen && part.Owner == e.Owner {
			return false
		}
	}
	return len(v.stageOf(o).current) > 0
}
