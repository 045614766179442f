package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// inviting plans the invitations to the meetings of one run: what calendars ought to hold,
// against what the ledger says they were told.
//
// A meeting is announced once its step opens, unless it is over. From then on every change
// of its date, time, title or guests follows, and it is taken back when it is called off,
// skipped or gone, whatever else may be held back: a meeting that stands in a calendar and
// does not take place costs people their time. What is done or over is left as it was, and
// so are the meetings of clients without a file, like their issues. Invitations are not
// notices: no digest, no days and no cap hold them back, and none is counted as one.
func (m *maker) inviting() {
	if m.org == nil || m.adoptOnly {
		return
	}
	channel := m.inviteBy()
	if channel == nil {
		return
	}
	decided := map[string]bool{}
	for _, key := range m.invited {
		o, now := m.lookup(key), key
		if o != nil {
			now = o.Key
		}
		if !decided[now] {
			decided[now] = true
			m.invitation(channel, key, o)
		}
	}
	for i := range m.occurrences {
		if o := &m.occurrences[i]; o.Step.Invite && o.Due >= m.in.AsOf && !decided[o.Key] {
			m.invitation(channel, o.Key, o)
		}
	}
}

// inviteBy returns the channel that invitations go by: the first for mail by which notices
// go, else the first for mail at all; nil where there is none.
func (m *maker) inviteBy() *schema.Channel {
	for _, id := range m.org.Defaults.Via {
		if c := m.in.Catalog.Channel(id); c != nil && c.Type == "email" {
			return c
		}
	}
	i := slices.IndexFunc(m.org.Channels, func(c schema.Channel) bool { return c.Type == "email" })
	if i < 0 {
		return nil
	}
	return &m.org.Channels[i]
}

// isInvited reports whether the ledger has somebody asked to a meeting that is still to come.
func (v *View) isInvited(e *record.Entry) bool {
	for _, n := range e.Notices {
		if isInvitation(n) && n.Due >= v.in.AsOf {
			return true
		}
	}
	return false
}

// standing says what calendars ought to be told of a meeting.
type standing uint8

const (
	asItWas standing = iota // it is over, or nobody's business
	takesPlace
	isOff
)

// invitation decides about one meeting. key is the one that the ledger has, or else that of
// the occurrence; o is nil where the files have it no more.
func (m *maker) invitation(channel *schema.Channel, key string, o *due.Occurrence) {
	if !m.acts(record.Client(key)) || m.in.Catalog.Client(record.Client(key)) == nil || o != nil && m.split(o) {
		return
	}
	entry := m.in.Entries[key]
	if o != nil {
		entry = m.entry(o)
	}
	i := &inviter{maker: m, channel: channel, key: key, o: o, had: invitations(entry)}
	if o != nil {
		i.key = o.Key
	}
	stands, why := m.stands(key, o)
	if stands == takesPlace {
		if i.guests = m.guests(o, channel); len(i.guests) == 0 {
			stands, why = isOff, "nobody who takes part can be invited any more"
		}
	}
	switch {
	case stands == asItWas:
	case stands == takesPlace && (i.anybody() || m.opens(o)):
		i.request()
		i.drop("takes place without them", true)
	case stands == isOff && i.anybody() && i.had.request.Due >= m.in.AsOf:
		i.guests = nil
		i.drop(why, false)
	}
}

// stands says whether a meeting takes place, and why not.
func (m *maker) stands(key string, o *due.Occurrence) (s standing, why string) {
	c := m.in.Catalog.Client(record.Client(key))
	if o == nil || o.Cancelled() || inactive(c, m.View) != nil {
		why, _ = m.unwanted(&seen{key: key, raw: key, client: c.ID, occurrence: o})
		return isOff, why
	}
	w := m.fate(o, 0)
	switch {
	case w.fate == ended && m.outcome(o) == Done:
		return asItWas, ""
	case w.fate == ended:
		return isOff, "skipped: its issue was closed as not planned"
	case !o.Step.Invite || o.Whole:
		return isOff, "nobody is invited to this step any more"
	case o.Due == 0:
		return isOff, "no date any more: waits for " + o.Unscheduled
	case o.Due < m.in.AsOf:
		return asItWas, ""
	}
	return takesPlace, ""
}

// opens reports whether an occurrence is open, by this run at the latest.
func (m *maker) opens(o *due.Occurrence) bool {
	if _, now := m.opened[o.Key]; now {
		return true
	}
	switch m.fate(o, 0).fate {
	case open:
		return true
	case silent:
		return m.in.AsOf >= o.Opens
	}
	return false
}

// guests returns who is invited, sorted: those who do it and those who take part. Of a pool
// that is everybody in it, but optional, since any one of them will do. Who may not be
// written to is refused and reported.
func (m *maker) guests(o *due.Occurrence, channel *schema.Channel) []meeting.Attendee {
	optional := map[string]bool{}
	for _, h := range append([]due.Holder{o.Owner}, o.With...) {
		for _, p := range m.people(h) {
			if why := m.refuse(p, channel.ID); why != "" {
				m.plan.Refused = append(m.plan.Refused, Refusal{Key: o.Key, Person: p.ID, Reason: why})
				continue
			}
			known, twice := optional[p.ID]
			optional[p.ID] = h.Role != "" && (!twice || known)
		}
	}
	var l []meeting.Attendee
	for _, id := range slices.Sorted(maps.Keys(optional)) {
		l = append(l, meeting.Attendee{Person: id, Optional: optional[id]})
	}
	return l
}

// spec is a fingerprint of everything that somebody who is invited sees change. Addresses
// are in it, so that a new one gets an invitation too.
func (m *maker) spec(i *meeting.Invitation, channel *schema.Channel) string {
	l := []string{i.Summary, i.Start, i.End, channel.From}
	for _, a := range i.Attendees {
		p := m.in.Catalog.Person(a.Person)
		l = append(l, fmt.Sprintf("%s %q %s %v", p.ID, p.Name, p.Email, a.Optional))
	}
	sum := sha256.Sum256([]byte(strings.Join(l, "\n")))
	return hex.EncodeToString(sum[:8])
}

// sequence returns that of the next invitation. It keeps ahead of what a feed says on the
// same day, which a calendar may have been given as well, and of itself after a ledger was
// lost.
func (m *maker) sequence(had *invited) int {
	today := meeting.Sequence(m.in.AsOf.AddDays(1).Time())
	if had == nil {
		return today
	}
	return max(today, had.top+1)
}
