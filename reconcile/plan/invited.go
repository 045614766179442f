package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// invited is what the ledger knows of the invitations to one meeting.
type invited struct {
	// uid is the one of the first invitation: a key that is renamed does not change it.
	uid string
	// top is the greatest sequence so far.
	top int
	// request is the newest invitation that asks to come; without a verb there is none.
	request record.Event
	// last is the newest that each person got, or may have got, by id.
	last map[string]record.Event
}

// isInvitation reports whether an event tells of an invitation.
func isInvitation(e record.Event) bool { return e.UID != "" }

// takesBack reports whether it is one that takes a meeting out of calendars.
func takesBack(e record.Event) bool { return strings.HasPrefix(e.Notice, string(InviteCancel)+"/") }

// invitations returns what the ledger knows of an occurrence, nil for nothing.
func invitations(e *record.Entry) *invited {
	if e == nil || len(e.Notices) == 0 {
		return nil
	}
	events := slices.DeleteFunc(slices.Collect(maps.Values(e.Notices)), func(e record.Event) bool { return !isInvitation(e) })
	if len(events) == 0 {
		return nil
	}
	l := &invited{uid: slices.MinFunc(events, record.Compare).UID, last: map[string]record.Event{}}
	slices.SortFunc(events, func(a, b record.Event) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), record.Compare(a, b))
	})
	for _, e := range events {
		l.top = max(l.top, e.Sequence)
		if !takesBack(e) {
			l.request = e
		}
		for _, id := range strings.Split(e.To, ",") {
			l.last[id] = e
		}
	}
	return l
}

// asked reports whether a person has the meeting in the calendar, as far as is known.
func (l *invited) asked(person string) bool {
	e, ok := l.last[person]
	return ok && !takesBack(e)
}

// pending returns, sorted, those who are to be told that the meeting is not theirs, since
// they were asked and are not among the guests. Whoever was told so, perhaps, is told again.
func (l *invited) pending(guests []string) []string {
	var out []string
	for id, e := range l.last {
		if !slices.Contains(guests, id) && (!takesBack(e) || e.Verb == record.IntendNotify) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// again returns the message that may have gone out and says the same to the same people,
// so that it is sent again as it was: calendars take the second for the first.
func (l *invited) again(ids []string) (e record.Event, ok bool) {
	for i, id := range ids {
		n := l.last[id]
		if i > 0 && n != e || !takesBack(n) || n.Verb != record.IntendNotify {
			return record.Event{}, false
		}
		e = n
	}
	return e, e.To == strings.Join(ids, ",")
}
