package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// comment is the type of the channel that writes on the issues themselves.
const comment = "comment"

// delivery is a notice by one channel: to all whom it is for, or to one person who wants it
// otherwise.
type delivery struct {
	channel string
	// name is what the ledger calls it.
	name string
	// on is the day from which it may go out.
	on civil.Date
	// alone is the person's id, for one person only.
	alone  string
	people []*schema.Person
	// pools are role:<id> of those without people.
	pools []string
}

// deliveries returns a notice by channel and, within one, by who gets it apart, in the order
// in which they come up.
func (m *maker) deliveries(n *due.Notice) []delivery {
	var l []delivery
	at := func(channel, alone string) *delivery {
		i := slices.IndexFunc(l, func(d delivery) bool { return d.channel == channel && d.alone == alone })
		if i < 0 {
			d := delivery{channel: channel, alone: alone, name: noticeName(n, channel), on: n.On}
			if alone != "" {
				d.name += "/" + alone
			}
			i, l = len(l), append(l, d)
		}
		return &l[i]
	}
	for _, h := range n.To {
		people := m.people(h)
		if len(people) == 0 && h.Role != "" {
			for _, channel := range channels(n.Via) {
				d := at(channel, "")
				d.pools = append(d.pools, h.String())
			}
		}
		for _, p := range people {
			for _, channel := range channels(via(p, n.Via)) {
				d := at(channel, apart(p, n.Kind))
				if !slices.Contains(d.people, p) {
					d.people = append(d.people, p)
				}
				if d.alone != "" {
					d.on = firstDay(p, n)
				}
			}
		}
	}
	return l
}

// via returns the channels by which a person is told.
func via(p *schema.Person, otherwise []string) []string {
	if p.Notify != nil && len(p.Notify.Via) > 0 {
		return p.Notify.Via
	}
	return otherwise
}

// apart returns the id of a person who gets a notice apart from others: on other days, one
// by one, or because it is about nobody else.
func apart(p *schema.Person, kind due.NoticeKind) string {
	if kind == Assigned || p.Notify != nil && (len(p.Notify.Days) > 0 || oneByOne(p)) {
		return p.ID
	}
	return ""
}

func oneByOne(p *schema.Person) bool {
	return p.Notify != nil && p.Notify.Digest != nil && !*p.Notify.Digest
}

// firstDay returns the first day from that of the notice on which a person is written to.
// That a step is theirs now they hear at once.
func firstDay(p *schema.Person, n *due.Notice) civil.Date {
	if p.Notify == nil || len(p.Notify.Days) == 0 || n.Kind == Assigned {
		return n.On
	}
	for i := range 7 {
		d := n.On.AddDays(i)
		if slices.ContainsFunc(p.Notify.Days, func(w civil.Weekday) bool { return w.Go() == d.Weekday() }) {
			return d
		}
	}
	return n.On
}

// together returns what a delivery goes out with in one message: nothing for a fresh
// reminder or escalation, and for those who want it so; by mail what is for the same people,
// and by other channels everything, because all who are there read it anyhow.
func (m *maker) together(n *due.Notice, d *delivery, to []string) string {
	channel := m.in.Catalog.Channel(d.channel)
	if channel != nil && channel.Type == comment {
		return "" // on the issue of the step: it interrupts as little as any comment
	}
	late := n.Kind == due.Reminder || n.Kind == due.Escalation
	if d.channel != "" && (late && d.on >= m.in.AsOf.AddDays(-stale) || d.alone != "" && oneByOne(d.people[0])) && m.mayInterrupt(to) {
		return ""
	}
	if channel != nil && channel.Type == "email" {
		return "channel " + d.channel + " to " + strings.Join(to, ", ")
	}
	return "channel " + d.channel
}

// mayInterrupt counts a message of its own for each of its recipients, and reports whether
// they have not had too many today: an alarm for everything is an alarm for nothing.
func (m *maker) mayInterrupt(to []string) bool {
	if m.alone == nil {
		m.alone = m.aloneToday()
	}
	for _, id := range to {
		if m.alone[id] >= m.org.AlonePerDay() {
			return false
		}
	}
	for _, id := range to {
		m.alone[id]++
	}
	return true
}

// aloneToday counts the reminders and escalations that went out today, by person, and what
// went to contacts of clients. The
// ledger does not name people: it is counted by who would get them now.
func (m *maker) aloneToday() map[string]int {
	count := map[string]int{}
	for i := range m.occurrences {
		o := &m.occurrences[i]
		e := m.entry(o)
		if e == nil || len(e.Notices) == 0 {
			continue
		}
		for j := range o.Notices {
			n := &o.Notices[j]
			if n.On > m.in.AsOf {
				continue
			}
			if n.Kind == due.HeadsUp {
				m.toldToday(o, e, n, func(to string) { count[to]++ })
				continue
			}
			for _, d := range m.deliveries(n) {
				if ev := e.Notices[d.name]; ev.Verb != record.Notified || m.day(ev) != m.in.AsOf {
					continue
				}
				for _, p := range d.people {
					count[p.ID]++
				}
			}
		}
	}
	return count
}
