package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// inviter writes the invitations to one meeting.
type inviter struct {
	*maker
	channel *schema.Channel
	key     string
	// o is nil where the files have the meeting no more.
	o *due.Occurrence
	// had is what the ledger knows, nil for nothing.
	had    *invited
	guests []meeting.Attendee
	// sent is the sequence of the request of this run, 0 for none.
	sent int
}

// anybody reports whether somebody has the meeting in the calendar, or may have.
func (i *inviter) anybody() bool { return i.had != nil && len(i.had.pending(nil)) > 0 }

func (i *inviter) ids() []string {
	var l []string
	for _, a := range i.guests {
		l = append(l, a.Person)
	}
	return l
}

// request asks the guests to come, unless they were asked for the very same before. What
// may have gone out is sent again as it was.
func (i *inviter) request() {
	inv := meeting.Invitation{UID: i.uid(), Summary: i.summary(), Attendees: i.guests}
	inv.Start, inv.End = meeting.Span(i.o.Step, i.o.Due, i.zone())
	ids, before := i.ids(), record.Event{}
	if i.had != nil {
		before = i.had.request
	}
	e := record.Event{Due: i.o.Due, Spec: i.spec(&inv, i.channel), Sequence: i.sequence(i.had)}
	kind := Invite
	if i.anybody() {
		kind = InviteUpdate
	}
	if before.Spec == e.Spec && !slices.ContainsFunc(ids, func(id string) bool { return !i.had.asked(id) }) {
		if before.Verb == record.Notified {
			return
		}
		e.Sequence, e.Notice = before.Sequence, before.Notice
		if !strings.HasPrefix(e.Notice, string(InviteUpdate)+"/") {
			kind = Invite
		}
	}
	i.sent, inv.Sequence = e.Sequence, e.Sequence
	why := "invite " + i.names(ids) + " to " + i.words(inv.Start, inv.End)
	if kind == InviteUpdate {
		why = i.changed(ids, before.When, &inv)
	}
	i.letter(kind, &inv, e, why)
}

// changed says what has become of a meeting that some of the guests were asked to before.
func (i *inviter) changed(ids []string, was string, inv *meeting.Invitation) string {
	when := i.words(inv.Start, inv.End)
	if from, to, _ := strings.Cut(was, "/"); was != inv.Start+"/"+inv.End {
		return "move the meeting of " + i.names(ids) + " from " + i.words(from, to) + " to " + when
	}
	known := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !i.had.asked(id) })
	added := slices.DeleteFunc(slices.Clone(ids), i.had.asked)
	switch {
	case len(added) == 0:
		return "tell " + i.names(ids) + " what has changed about " + when
	case len(known) == 0:
		return "invite " + i.names(added) + " to " + when
	}
	return "invite " + i.names(added) + " to " + when + ", and tell " + i.names(known)
}

// drop takes the meeting out of the calendars of those who are not among the guests. held
// says that it takes place without them.
func (i *inviter) drop(why string, held bool) {
	if i.had == nil {
		return
	}
	ids := slices.DeleteFunc(i.had.pending(i.ids()), func(id string) bool { return !i.reaches(id) })
	if len(ids) == 0 {
		return
	}
	inv := meeting.Invitation{UID: i.uid(), Cancel: true, Held: held, Summary: i.summary(), Sequence: i.sent}
	for _, id := range ids {
		inv.Attendees = append(inv.Attendees, meeting.Attendee{Person: id})
	}
	had := i.had.last[ids[0]]
	inv.Start, inv.End, _ = strings.Cut(had.When, "/")
	e := record.Event{Due: had.Due}
	if again, ok := i.had.again(ids); ok {
		e.Notice, inv.Sequence = again.Notice, again.Sequence
	} else if inv.Sequence == 0 {
		inv.Sequence = i.sequence(i.had)
	}
	e.Sequence = inv.Sequence
	i.letter(InviteCancel, &inv, e, "take it out of the calendar of "+i.names(ids)+": "+why)
}

// reaches reports whether a person can be written to still. Who is gone from the files
// cannot, and whoever looks at the plan is told.
func (i *inviter) reaches(id string) bool {
	why := "has no file any more, and is not told that the meeting is not theirs"
	if p := i.in.Catalog.Person(id); p != nil {
		why = i.refuse(p, i.channel.ID)
	}
	if why != "" {
		i.plan.Refused = append(i.plan.Refused, Refusal{Key: i.key, Person: id, Reason: why})
	}
	return why == ""
}

// letter plans one message. e tells what only its kind knows: day, sequence and fingerprint,
// and the name where it was given one before.
func (i *inviter) letter(kind due.NoticeKind, inv *meeting.Invitation, e record.Event, why string) {
	var ids []string
	for _, a := range inv.Attendees {
		ids = append(ids, a.Person)
	}
	c := i.change(Notify, &seen{key: i.key, client: record.Client(i.key), occurrence: i.o, issue: i.Issue(i.key)})
	c.Reason, c.Title, c.Due = why, inv.Summary, e.Due
	if e.Notice == "" {
		e.Notice = record.NoticeName(string(kind), e.Sequence, e.Due, i.channel.ID)
	}
	e.V, e.Key, e.Verb, e.Number = record.Version, i.key, record.Notified, c.Number
	e.UID, e.When, e.To = inv.UID, inv.Start+"/"+inv.End, strings.Join(ids, ",")
	c.Record = e
	when := i.words(inv.Start, inv.End)
	c.After = Values{"kind": string(kind), "on": e.Due.String(), "to": ids, "via": i.channel.ID, "when": when}
	if i.had != nil && i.had.request.When != "" {
		from, to, _ := strings.Cut(i.had.request.When, "/")
		c.Before = Values{"to": strings.Split(i.had.request.To, ","), "when": i.words(from, to)}
	}
	inv.Description = i.details(inv, when)
	c.Notice = &Notice{ID: i.key + "/" + e.Notice, Name: e.Notice, Channel: i.channel.ID, To: ids, Kind: kind, Invite: inv,
		Title: issue.Title(inviteTitles[kind] + ": " + inv.Summary + ", " + when), Text: inv.Summary + "\n\n" + inv.Description}
	if i.o != nil {
		c.Notice.Client, c.Notice.Owner = i.o.Client.Name, i.name(i.o.Owner)
	}
	if is := i.Issue(i.key); is != nil {
		c.Notice.URL = is.URL
	}
	i.add(c)
}

var inviteTitles = map[due.NoticeKind]string{Invite: "Invitation", InviteUpdate: "Updated invitation", InviteCancel: "Cancelled"}

// details are the lines that stand in the mail and in the calendar.
func (i *inviter) details(inv *meeting.Invitation, when string) string {
	l := []string{"When: " + when}
	if inv.Held {
		l = append(l, "It takes place without you.")
	}
	if i.o == nil {
		return strings.Join(l, "\n")
	}
	c := i.content(i.o)
	l = append(l, "Process: "+strings.TrimSpace(c.Process+" "+c.Turn))
	if c.Owner != "" {
		l = append(l, "Owner: "+c.Owner)
	}
	if len(c.With) > 0 {
		l = append(l, "With: "+strings.Join(c.With, ", "))
	}
	if c.Moved != "" {
		l = append(l, "Note: "+c.Moved)
	}
	return strings.Join(l, "\n")
}

// summary is what calendars call the meeting, as feeds do.
func (i *inviter) summary() string {
	if i.o != nil {
		return meeting.Line(i.o.Client.Name + ": " + i.o.Step.Title)
	}
	name, step := record.Client(i.key), i.key
	if c := i.in.Catalog.Client(name); c != nil {
		name = c.Name
	}
	if part := strings.Split(i.key, "/"); len(part) > 3 {
		step = strings.ReplaceAll(part[3], "-", " ")
	}
	return meeting.Line(name + ": " + step)
}

// uid is the one that the meeting was first given.
func (i *inviter) uid() string {
	if i.had != nil {
		return i.had.uid
	}
	return meeting.UID(i.key, i.org.ID)
}

// names joins the names of people.
func (i *inviter) names(ids []string) string {
	l := make([]string, len(ids))
	for n, id := range ids {
		l[n] = i.name(due.Holder{Person: id})
	}
	if len(l) < 2 {
		return strings.Join(l, "")
	}
	return strings.Join(l[:len(l)-1], ", ") + " and " + l[len(l)-1]
}

func (m *maker) zone() *time.Location {
	if m.in.Zone == nil {
		return time.UTC
	}
	return m.in.Zone
}

// words says when a meeting takes place, by the organization's clock.
func (m *maker) words(start, end string) string {
	if len(start) == len(meeting.DayForm) {
		from, _ := time.Parse(meeting.DayForm, start)
		to, _ := time.Parse(meeting.DayForm, end)
		first, last := civil.Of(from), civil.Of(to).AddDays(-1)
		if last <= first {
			return issue.Day(first) + ", all day"
		}
		return issue.Day(first) + " to " + issue.Day(last)
	}
	from, _ := time.Parse(meeting.InstantForm, start)
	to, _ := time.Parse(meeting.InstantForm, end)
	from, to = from.In(m.zone()), to.In(m.zone())
	until := to.Format("15:04")
	if civil.Of(to) != civil.Of(from) {
		until = issue.Day(civil.Of(to)) + " " + until
	}
	return issue.Day(civil.Of(from)) + ", " + from.Format("15:04") + " to " + until + " (" + m.zone().String() + ")"
}
