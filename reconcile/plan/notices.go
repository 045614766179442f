package plan

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// stale is for how many days a heads-up is still worth sending. An older one says nothing
// that the issue does not.
const stale = 2

// tell plans the notices of an occurrence that fall due. hasIssue says that its issue is
// open or about to be: what has none is never overdue, since nobody can say that it is
// done. Reminders and escalations wait while other steps are in the way.
func (m *maker) tell(o *due.Occurrence, hasIssue bool) {
	if m.adoptOnly || len(o.Notices) == 0 {
		return
	}
	late := hasIssue && o.Due != 0 && o.Due < m.in.AsOf && !m.isBlocked(o)
	var reminder *due.Notice
	for i := range o.Notices {
		n := &o.Notices[i]
		switch {
		case n.On > m.in.AsOf:
		case n.Kind == due.HeadsUp:
			m.headsUp(o, n)
		case n.Kind == due.Reminder && late && (reminder == nil || reminder.N < n.N):
			reminder = n
		case n.Kind == due.Escalation && late:
			m.send(o, n)
		}
	}
	if reminder != nil {
		m.send(o, reminder)
	}
}

// headsUp sends a notice that is fresh, and counts one that is not and never went out.
func (m *maker) headsUp(o *due.Occurrence, n *due.Notice) {
	if n.On >= m.in.AsOf.AddDays(-stale) {
		m.send(o, n)
		return
	}
	for _, channel := range channels(n) {
		if !m.sent(o, n, channel) {
			m.plan.Summary.Stale++
		}
	}
}

// channels returns the channels of a notice; the log where there are none.
func channels(n *due.Notice) []string {
	if len(n.Via) == 0 {
		return []string{""}
	}
	return n.Via
}

// sent reports whether a notice went out. One that may have gone out is sent again: to be
// told twice of what is due does less harm than not to be told.
func (m *maker) sent(o *due.Occurrence, n *due.Notice, channel string) bool {
	e := m.entry(o)
	return e != nil && e.Notices[noticeName(n, channel)].Verb == record.Notified
}

func noticeName(n *due.Notice, channel string) string {
	return record.NoticeName(string(n.Kind), n.N, n.On, channel)
}

// send plans one message for each channel that has not had it.
func (m *maker) send(o *due.Occurrence, n *due.Notice) {
	for _, channel := range channels(n) {
		if m.sent(o, n, channel) {
			continue
		}
		to := m.recipients(o, n, channel)
		if len(to) == 0 {
			continue
		}
		c := m.change(Notify, &seen{key: o.Key, client: o.Client.ID, occurrence: o, issue: m.Issue(o.Key)})
		title, text, why := m.message(o, n)
		name := noticeName(n, channel)
		c.Reason, c.Title = why, m.content(o).IssueTitle()
		c.After = Values{"kind": string(n.Kind), "on": n.On.String(), "to": to, "via": channel}
		c.Notice = &Notice{ID: o.Key + "/" + name, Name: name, Channel: channel, To: to, Title: title, Text: text}
		if is := m.Issue(o.Key); is != nil {
			c.Notice.URL = is.URL
		}
		c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Notified, Number: c.Number, Notice: name}
		m.add(c)
	}
}

// recipients returns the persons that a notice goes to, sorted: for a pool everybody who
// holds the role. Who may not be written to is refused and reported.
func (m *maker) recipients(o *due.Occurrence, n *due.Notice, channel string) []string {
	var to []string
	for _, h := range n.To {
		people := m.people(h)
		if len(people) == 0 && h.Role != "" {
			to = append(to, h.String())
		}
		for _, p := range people {
			if why := m.refuse(p, channel); why != "" {
				m.plan.Refused = append(m.plan.Refused, Refusal{Key: o.Key, Person: p.ID, Reason: why})
				continue
			}
			to = append(to, p.ID)
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}

func (m *maker) people(h due.Holder) []*schema.Person {
	if h.Role == "" {
		if p := m.in.Catalog.Person(h.Person); p != nil {
			return []*schema.Person{p}
		}
		return nil
	}
	var l []*schema.Person
	for _, p := range m.in.Catalog.People {
		if slices.ContainsFunc(p.Roles, func(r string) bool { return r == h.Role || m.sameRole(r, h.Role) }) {
			l = append(l, p)
		}
	}
	return l
}

func (m *maker) sameRole(a, b string) bool {
	r := m.in.Catalog.Role(a)
	return r != nil && r == m.in.Catalog.Role(b)
}

// refuse returns why a person is not written to. Almanac never writes to anybody outside
// the organization, whatever the channel: an address outside its domains may be a client's.
func (m *maker) refuse(p *schema.Person, channel string) string {
	if p.Email == "" {
		if c := m.in.Catalog.Channel(channel); c != nil && c.Type == "email" {
			return "has no e-mail address for the channel " + channel
		}
		return ""
	}
	a, err := mail.ParseAddress(p.Email)
	if err != nil {
		return "has an e-mail address that cannot be read"
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	if !slices.ContainsFunc(m.org.EmailDomains, func(d string) bool { return strings.EqualFold(d, domain) }) {
		return "has an e-mail address outside email-domains"
	}
	return ""
}

// message returns the title and text of a notice, and why it goes out.
func (m *maker) message(o *due.Occurrence, n *due.Notice) (title, text, why string) {
	c := m.content(o)
	what := issue.Day(o.Due)
	switch n.Kind {
	case due.HeadsUp:
		why, what = "heads-up for "+n.On.String(), "is due "+what
	case due.Reminder:
		why, what = "reminder for "+n.On.String(), "was due "+what+" and is still open"
	default:
		why, what = "escalation for "+n.On.String(), "was due "+what+" and is still not done"
	}
	name := c.IssueTitle()
	l := []string{name + " " + what + ".", "", "Client: " + c.Client, "Process: " + c.Process}
	if c.Owner != "" {
		l = append(l, "Owner: "+c.Owner)
	}
	if len(c.With) > 0 {
		l = append(l, "With: "+strings.Join(c.With, ", "))
	}
	if c.Moved != "" {
		l = append(l, "Note: "+c.Moved)
	}
	return issue.Title(name + " " + what), strings.Join(l, "\n"), why
}
