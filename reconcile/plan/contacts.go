package plan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// plainAddress is an e-mail address that can be read in one way only. The schema asks for
// the same; here it is asked again, of whatever a Catalog holds.
var plainAddress = regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// tellClient plans what a heads-up tells contacts of the client, each in a mail of its own.
// Contacts come from the notice of the step itself: neither defaults nor any other kind of
// notice leads here, and the engine that works out who is told knows of no contacts.
func (m *maker) tellClient(o *due.Occurrence, n *due.Notice) {
	if n.Kind != due.HeadsUp || o.Whole || n.N > len(o.Step.Notify) {
		return
	}
	spec := &o.Step.Notify[n.N-1]
	for _, who := range slices.Compact(slices.Sorted(slices.Values(spec.To))) {
		id, outside := schema.ContactID(who)
		if !outside {
			continue
		}
		to := "client:" + o.Client.ID + "/" + id
		channel, why := m.mailChannel(n.Via)
		name := contactNotice(n, channel, id)
		switch why = cmp.Or(m.refuseContact(o, spec, id), why); {
		case m.sent(o, name):
		case n.On < m.in.AsOf.AddDays(-stale):
			m.plan.Summary.Stale++
		case why != "":
			m.plan.Refused = append(m.plan.Refused, Refusal{Key: o.Key, Person: to, Reason: why})
		case !m.mayInterrupt([]string{to}):
			m.plan.Refused = append(m.plan.Refused, Refusal{Key: o.Key, Person: to, Reason: "has had as many messages today as alone-per-day allows; this one waits for tomorrow"})
		default:
			m.sendClient(o, n, spec, o.Client.Contact(id), channel)
		}
	}
}

// contactNotice is what the ledger calls a message to a contact: its id, never its address.
func contactNotice(n *due.Notice, channel, id string) string {
	return noticeName(n, channel) + "/client:" + id
}

// mailChannel returns the first channel of a notice that is for mail.
func (m *maker) mailChannel(via []string) (id, why string) {
	for _, id := range via {
		if c := m.in.Catalog.Channel(id); c != nil && c.Type == "email" {
			return id, ""
		}
	}
	return "", "is written to by e-mail only, and the notice goes by no such channel"
}

// refuseContact returns why a contact is not told of an occurrence. It is the second of
// three places that ask, and takes nothing from the first, which reads the files.
func (m *maker) refuseContact(o *due.Occurrence, spec *schema.Notice, id string) string {
	c := o.Client.Contact(id)
	switch {
	case !m.org.WritesToClients():
		return "is a contact of the client, and the policy client-email is not allowed"
	case o.Step.Party != schema.PartyClient:
		return "is a contact of the client, and the step is not one with party: client"
	case o.Step.Internal:
		return "is a contact of the client, and the step is internal"
	case c == nil:
		return "is not among the contacts of the client"
	case !plainAddress.MatchString(c.Email):
		return "has an e-mail address that cannot be read in one way only"
	case strings.TrimSpace(spec.Message) == "":
		return "is a contact of the client, and the notice has no message for it"
	}
	return ""
}

// sendClient plans one message to one contact. It says what the notice has for it, the title
// and the date of the step and who it comes from: no number, no process, no people of the
// staff, and no address of anything.
func (m *maker) sendClient(o *due.Occurrence, n *due.Notice, spec *schema.Notice, k *schema.Contact, channel string) {
	when := issue.Day(o.Due)
	if o.Step.At != "" {
		when += ", " + o.Step.At
	}
	what := o.Step.Title + " (" + when + ")"
	name := contactNotice(n, channel, k.ID)
	to := []string{"client:" + o.Client.ID + "/" + k.ID}
	c := m.change(Notify, &seen{key: o.Key, client: o.Client.ID, occurrence: o, issue: m.issueOf(o)})
	c.Reason, c.Title = "message TO THE CLIENT for "+n.On.String(), m.content(o).IssueTitle()
	c.After = Values{"kind": string(n.Kind), "on": n.On.String(), "to": to, "via": channel}
	c.Notice = &Notice{ID: o.Key + "/" + name, Name: name, Channel: channel, To: to, Kind: n.Kind, Outside: true,
		Title: issue.Title(m.org.Name + ": " + what),
		Text:  "Hello " + k.Name + ",\n\n" + strings.TrimSpace(spec.Message) + "\n\n" + what + "\n\n" + m.org.Name}
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Notified, Number: c.Number, Notice: name}
	m.add(c)
}

// toldToday calls yield for each contact that had a message about an occurrence today.
func (m *maker) toldToday(o *due.Occurrence, e *record.Entry, n *due.Notice, yield func(to string)) {
	if o.Whole || n.N > len(o.Step.Notify) {
		return
	}
	channel, _ := m.mailChannel(n.Via)
	for _, who := range o.Step.Notify[n.N-1].To {
		id, outside := schema.ContactID(who)
		if ev := e.Notices[contactNotice(n, channel, id)]; outside && ev.Verb == record.Notified && m.day(ev) == m.in.AsOf {
			yield("client:" + o.Client.ID + "/" + id)
		}
	}
}

// party says in words who has to act where that is not the organization, with the people of
// the client where it is the client.
func party(o *due.Occurrence) string {
	switch o.Step.Party {
	case schema.PartyIncumbent:
		return "the provider that the client has had until now"
	case schema.PartyOther:
		return "somebody outside"
	case schema.PartyClient:
	default:
		return ""
	}
	var l []string
	for _, k := range o.Client.Contacts {
		name := k.Name
		if k.Title != "" {
			name += " (" + k.Title + ")"
		}
		l = append(l, name)
	}
	if len(l) == 0 {
		return "the client"
	}
	return "the client: " + strings.Join(l, ", ")
}
