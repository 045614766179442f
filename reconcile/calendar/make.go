package calendar

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// maker puts feeds together.
type maker struct {
	in  Inputs
	org *schema.Organization
	// was are the events of the feed of everything as it was last written, nil where there is
	// none.
	was map[string]event
	// changed are the times of changes that the ledger tells, by key.
	changed map[string]time.Time
	// seen are the UIDs that the files give, former ones of renamed occurrences included.
	seen  map[string]bool
	feeds map[string]*Feed
	// meetings are the steps that several clients share, by the key of what they share.
	meetings map[string][]*due.Occurrence
}

// Make returns every feed, sorted by name: of each person, client and role of the catalog,
// empty ones too, and of everything. Without an organization there is none.
func Make(in Inputs) []*Feed {
	m := &maker{in: in, org: in.Catalog.Organization, changed: changes(in.Events), seen: map[string]bool{}, feeds: map[string]*Feed{}, meetings: map[string][]*due.Occurrence{}}
	if m.org == nil {
		return nil
	}
	m.was = read(in.Before(All), m.org.ID)
	m.readShared()
	m.announce()
	occurrences := in.Engine.Occurrences(in.Window())
	held := m.held()
	for i := range occurrences {
		if o := &occurrences[i]; o.Due != 0 && o.Undecided == "" && !held[o.Client.ID] {
			m.occurrence(o)
		}
	}
	m.shared(held)
	if m.was != nil {
		m.rest(held)
	} else {
		m.gone()
	}
	list := slices.SortedFunc(maps.Values(m.feeds), func(a, b *Feed) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range list {
		slices.SortFunc(f.events, func(a, b placed) int { return strings.Compare(a.uid, b.uid) })
	}
	return list
}

// announce makes the empty feeds.
func (m *maker) announce() {
	cat := m.in.Catalog
	add := func(name, title string) { m.feeds[name] = &Feed{Name: name, Title: title} }
	add(All, m.org.Name)
	for _, p := range cat.People {
		add(personFeed(p.ID), p.Name+" ("+m.org.Name+")")
	}
	for _, c := range cat.Clients {
		add(clientFeed(c.ID), c.Name+" ("+m.org.Name+")")
	}
	for _, r := range m.org.Roles {
		add(roleFeed(r.ID), cmp.Or(r.Title, r.ID)+" ("+m.org.Name+")")
	}
}

func personFeed(id string) string { return "person/" + id + ".ics" }
func clientFeed(id string) string { return "client/" + id + ".ics" }
func roleFeed(id string) string   { return "role/" + id + ".ics" }

// put adds an event to those of the named feeds that exist.
func (m *maker) put(e event, feeds []string) {
	if e.expired(m.in.Now) {
		return
	}
	r := e.render()
	slices.Sort(feeds)
	for _, name := range slices.Compact(feeds) {
		if f := m.feeds[name]; f != nil {
			f.events = append(f.events, placed{e.UID, r})
		}
	}
}

// held returns the frozen clients whose events are known from before: they stay as they
// were. Of a frozen client without any, what its files give is better than nothing.
func (m *maker) held() map[string]bool {
	held := map[string]bool{}
	for _, e := range m.was {
		if id := e.client(); !held[id] && m.in.Frozen(id) {
			held[id] = true
		}
	}
	return held
}

// occurrence adds what the files give.
func (m *maker) occurrence(o *due.Occurrence) {
	e := event{
		UID:     meeting.UID(o.Key, m.org.ID),
		Summary: meeting.Line(o.Client.Name + ": " + o.Step.Title),
	}
	e.Start, e.End = meeting.Span(o.Step, o.Due, m.in.Zone)
	m.seen[e.UID] = true
	for _, key := range o.Previous {
		m.seen[meeting.UID(key, m.org.ID)] = true
	}
	if o.Shared() {
		m.meetings[o.SharedKey()] = append(m.meetings[o.SharedKey()], o)
	}
	n := m.entry(o)
	e.Cancelled = calledOff(o, n)
	if m.in.Details {
		m.describe(&e, o, n)
	}
	e = e.stamped(m.lastChange(o))
	was, known := m.was[e.UID]
	switch {
	case known:
		e = e.settled(was, m.in.Now)
	case e.Cancelled && m.was != nil:
		return // nobody has seen it, or it was dropped again
	}
	feeds := m.feedsOf(o)
	if o.Shared() {
		feeds = slices.DeleteFunc(feeds, func(name string) bool { return name != clientFeed(o.Client.ID) })
	}
	m.put(e, feeds)
}

// calledOff reports whether an occurrence does not take place.
func calledOff(o *due.Occurrence, n *record.Entry) bool {
	return o.Cancelled() || n != nil && n.State == record.Ended && (n.Outcome == record.Skipped || n.Outcome == record.Lost)
}

// entry returns what the ledger has of an occurrence, or nil.
func (m *maker) entry(o *due.Occurrence) *record.Entry {
	for _, key := range append([]string{o.Key}, o.Previous...) {
		if n := m.in.Entries[key]; n != nil {
			return n
		}
	}
	return nil
}

// feedsOf returns the names of the feeds that an occurrence belongs to.
func (m *maker) feedsOf(o *due.Occurrence) []string {
	feeds := []string{All}
	if !o.Step.Internal {
		feeds = append(feeds, clientFeed(o.Client.ID))
	}
	for _, h := range append([]due.Holder{o.Owner}, o.With...) {
		if h.Person != "" {
			feeds = append(feeds, personFeed(h.Person))
		}
	}
	for _, who := range append([]string{o.Step.Owner}, o.Step.With...) {
		if r := m.in.Catalog.Role(who); r != nil {
			feeds = append(feeds, roleFeed(r.ID))
		}
	}
	return feeds
}

// rest adds what was in the feeds before and is no longer in the files: what is still to
// come is called off, and what was called off stays for its time. Clients that are held
// stay as they are.
func (m *maker) rest(held map[string]bool) {
	left := map[string]event{}
	for id, e := range m.was {
		keep := held[e.client()] || e.client() == schema.AllClients && len(held) > 0
		day := e.day()
		if m.seen[id] || day < m.in.Window().From || !keep && !e.Cancelled && day < m.in.Today {
			continue
		}
		if !m.in.Details {
			e.Description, e.URL = "", ""
		}
		e.Cancelled = e.Cancelled || !keep
		left[id] = e.stamped(m.in.Now).settled(m.was[id], m.in.Now)
	}
	if len(left) == 0 {
		return
	}
	where := map[string][]string{}
	for name := range m.feeds {
		for id := range read(m.in.Before(name), m.org.ID) {
			where[id] = append(where[id], name)
		}
	}
	for id, e := range left {
		m.put(e, where[id])
	}
}

// gone adds what the ledger says was closed of late and the files no longer have, where no
// feed from before tells more of it.
func (m *maker) gone() {
	w := m.in.Window()
	for key, n := range m.in.Entries {
		part := strings.Split(key, "/")
		c := m.in.Catalog.Client(part[0])
		if n.State != record.Ended || n.Outcome != record.Closed || n.Due < w.From || n.Due > w.To || m.seen[meeting.UID(key, m.org.ID)] ||
			c == nil || len(part) < 4 || m.in.Frozen(c.ID) {
			continue
		}
		if _, found := m.in.Engine.Lookup(key); found {
			continue
		}
		e := event{UID: meeting.UID(key, m.org.ID), Summary: meeting.Line(c.Name + ": " + strings.ReplaceAll(part[3], "-", " ")), Cancelled: true}
		e.Start, e.End = meeting.Span(&schema.Step{}, n.Due, m.in.Zone)
		role, _ := strings.CutPrefix(n.Owner, "role:")
		m.put(e.stamped(n.EndedAt), []string{All, clientFeed(c.ID), personFeed(n.Owner), roleFeed(role)})
	}
}
