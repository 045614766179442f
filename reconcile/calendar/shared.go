package calendar

import (
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/schema"
)

// shared adds one event for what several clients share, to the feeds of all who are in any of
// it. It is called off when it is for every client.
func (m *maker) shared(held map[string]bool) {
	for _, key := range slices.Sorted(maps.Keys(m.meetings)) {
		l := m.meetings[key]
		first := l[0]
		e := event{UID: meeting.UID(key, m.org.ID), Summary: meeting.Line(first.Template.Describe().Title + ": " + first.Step.Title), Cancelled: true}
		m.seen[e.UID] = true
		last, changed, feeds := first.Due, m.lastChange(first), []string(nil)
		var clients []string
		for _, o := range l {
			last = max(last, o.Due)
			if t := m.lastChange(o); t.After(changed) {
				changed = t
			}
			if !calledOff(o, m.entry(o)) {
				e.Cancelled = false
				clients = append(clients, o.Client.Name)
			}
			feeds = append(feeds, slices.DeleteFunc(m.feedsOf(o), func(name string) bool { return name == clientFeed(o.Client.ID) })...)
		}
		e.Start, e.End = meeting.Span(first.Step, last, m.in.Zone)
		if m.in.Details {
			m.describe(&e, first, m.in.Entries[key])
			e.Description = "Clients: " + meeting.Line(strings.Join(clients, ", ")) + "\n" + e.Description
		}
		was, known := m.was[e.UID]
		switch e = e.stamped(changed); {
		case known && len(held) > 0 && e.Cancelled:
			e = was // the part of a client whose files are faulty may go on
		case known:
			e = e.settled(was, m.in.Now)
		case e.Cancelled && m.was != nil:
			continue
		}
		m.put(e, feeds)
	}
}

// readShared adds to the events from before those that only the feed of a client has: its part
// of what it shares with others.
func (m *maker) readShared() {
	if m.was == nil {
		return
	}
	for _, c := range m.in.Catalog.Clients {
		if !slices.ContainsFunc(c.Processes, func(a schema.Assignment) bool { return sharing(m.in.Catalog.Template(a.Template)) }) {
			continue
		}
		for id, e := range read(m.in.Before(clientFeed(c.ID)), m.org.ID) {
			if _, known := m.was[id]; !known {
				m.was[id] = e
			}
		}
	}
}

// sharing reports whether a template has steps that clients share.
func sharing(t schema.Template) (yes bool) {
	if t == nil {
		return false
	}
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		yes = yes || (&due.Occurrence{Step: s}).Shared()
		return !yes
	})
	return yes
}
