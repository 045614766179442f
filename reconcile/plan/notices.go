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

// stale is for how many days a notice is worth interrupting somebody. An older heads-up says
// nothing that the issue does not, and is not sent; an older reminder goes into the digest.
const stale = 2

// tell plans the notices of an occurrence that fall due. hasIssue says that its issue is
// open or about to be: what has none is never overdue, since nobody can say that it is
// done. Reminders and escalations wait while other steps are in the way.
func (m *maker) tell(o *due.Occurrence, hasIssue bool) {
	if m.adoptOnly {
		return
	}
	m.tellAssigned(o)
	if len(o.Notices) == 0 {
		return
	}
	late := hasIssue && o.Due != 0 && o.Due < m.in.AsOf && !m.barred(o)
	var reminder *due.Notice
	for i := range o.Notices {
		n := &o.Notices[i]
		switch {
		case n.On > m.in.AsOf:
		case n.Kind == due.HeadsUp:
			m.headsUp(o, n)
			m.tellClient(o, n)
		case n.Kind == due.Reminder && late && (reminder == nil || reminder.N < n.N):
			reminder = n
		case n.Kind == due.Escalation && late:
			m.late(o, n)
		}
	}
	if reminder != nil {
		m.late(o, reminder)
	}
}

// tellOf plans the notices of an issue that is open or about to be: those of its occurrence,
// and for a run with one issue those of the steps that it is at.
func (m *maker) tellOf(o *due.Occurrence) {
	if !o.Whole || !perRun(o) {
		m.tell(o, true)
		return
	}
	for _, at := range m.stageOf(o).current {
		m.tell(at, true)
	}
}

// headsUp sends a notice that is fresh, and counts one that is not and never went out. Days
// on which a person is not written to put it off, by six at most.
func (m *maker) headsUp(o *due.Occurrence, n *due.Notice) {
	if n.On < m.in.AsOf.AddDays(-stale-6) {
		for _, channel := range channels(n.Via) {
			if !m.sent(o, noticeName(n, channel)) {
				m.plan.Summary.Stale++
			}
		}
		return
	}
	for _, d := range m.deliveries(n) {
		switch {
		case d.on > m.in.AsOf || m.had(o, &d):
		case d.on >= m.in.AsOf.AddDays(-stale):
			m.send(o, n, d)
		default:
			m.plan.Summary.Stale++
		}
	}
}

// late sends a reminder or an escalation, however old.
func (m *maker) late(o *due.Occurrence, n *due.Notice) {
	for _, d := range m.deliveries(n) {
		if d.on <= m.in.AsOf && !m.had(o, &d) {
			m.send(o, n, d)
		}
	}
}

// channels returns the channels of a notice; the log where there are none.
func channels(via []string) []string {
	if len(via) == 0 {
		return []string{""}
	}
	return via
}

// sent reports whether a notice went out. One that may have gone out is sent again: to be
// told twice of what is due does less harm than not to be told.
func (m *maker) sent(o *due.Occurrence, name string) bool {
	e := m.entry(o)
	return e != nil && e.Notices[name].Verb == record.Notified
}

// had reports whether a delivery is done with. Whoever had the notice alone does not get it
// with the others as well. The other way round cannot be told, since the ledger does not
// name people: who has just chosen to be told apart may hear of a thing twice.
func (m *maker) had(o *due.Occurrence, d *delivery) bool {
	if m.sent(o, d.name) {
		return true
	}
	if e := m.entry(o); e == nil || len(e.Notices) == 0 || d.alone != "" {
		return false
	}
	d.people = slices.DeleteFunc(d.people, func(p *schema.Person) bool { return m.sent(o, d.name+"/"+p.ID) })
	return len(d.people)+len(d.pools) == 0
}

func noticeName(n *due.Notice, channel string) string {
	return record.NoticeName(string(n.Kind), n.N, n.On, channel)
}

// send plans one message, if anybody may get it.
func (m *maker) send(o *due.Occurrence, n *due.Notice, d delivery) {
	if c := m.in.Catalog.Channel(d.channel); c != nil && c.Type == comment && o.Step.Issue == "none" && !isPart(o) {
		return // there is nothing to write on
	}
	to := m.recipients(o, &d)
	if len(to) == 0 {
		return
	}
	c := m.change(Notify, &seen{key: o.Key, client: o.Client.ID, occurrence: o, issue: m.issueOf(o)})
	if isPart(o) {
		c.In = wholeKey(o.Key)
	}
	title, text, why := m.message(o, n)
	content := m.content(o)
	c.Reason, c.Title = why, content.IssueTitle()
	c.After = Values{"kind": string(n.Kind), "on": n.On.String(), "to": to, "via": d.channel}
	c.Notice = &Notice{ID: o.Key + "/" + d.name, Name: d.name, Channel: d.channel, To: to, Title: title, Text: text,
		Kind: n.Kind, Client: content.Client, Owner: content.Owner, Together: m.together(n, &d, to)}
	if is := m.issueOf(o); is != nil {
		c.Notice.URL = is.URL
	}
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Notified, Number: c.Number, Notice: d.name}
	m.add(c)
}

// recipients returns who a delivery goes to, sorted. Who may not be written to is refused
// and reported.
func (m *maker) recipients(o *due.Occurrence, d *delivery) []string {
	to := slices.Clone(d.pools)
	for _, p := range d.people {
		if why := m.refuse(p, d.channel); why != "" {
			m.plan.Refused = append(m.plan.Refused, Refusal{Key: o.Key, Person: p.ID, Reason: why})
			continue
		}
		to = append(to, p.ID)
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

// refuse returns why a person is not written to. Nobody on the staff has an address outside
// the domains of the organization, whatever the channel: it may be a client's. That contacts
// of clients may be written to changes nothing about it.
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
	case Assigned:
		why, what = "tells the new owner", "is yours now, due "+what
	case Finished:
		why, what = "tells that it is done", "is done, since "+issue.Day(n.On)
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
	if q := c.Question; n.Kind == Finished && q != nil && q.Answer != "" {
		l = append(l, "Decided: "+q.Answer)
	}
	if c.Moved != "" {
		l = append(l, "Note: "+c.Moved)
	}
	return issue.Title(name + " " + what), strings.Join(l, "\n"), why
}
