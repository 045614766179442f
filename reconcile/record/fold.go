package record

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Compare puts events in order: by time, then by nonce, then by everything else, so that
// two different events are never equal and "the newest" does not depend on who asks.
func Compare(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Nonce, b.Nonce), cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Run, b.Run),
		cmp.Compare(a.Notice, b.Notice), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Owner, b.Owner),
		cmp.Compare(a.Due, b.Due), cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.From, b.From), cmp.Compare(a.V, b.V),
		cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.Command, b.Command), cmp.Compare(a.Arg, b.Arg),
		cmp.Compare(a.By, b.By), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Of, b.Of),
		cmp.Compare(a.UID, b.UID), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.When, b.When), cmp.Compare(a.To, b.To), cmp.Compare(a.Spec, b.Spec))
}

// NoticeName names a message for the ledger: the kind of notice, which of its kind it is,
// the day from which it goes out, and the channel, or `log` where there is none. A notice
// whose day moves is another message; one that moves back is not sent again.
func NoticeName(kind string, n int, on civil.Date, channel string) string {
	return kind + "/" + strconv.Itoa(n) + "/" + on.String() + "/" + cmp.Or(channel, "log")
}

// Fold adds events up to entries by key. The order of the events and repeats of them make
// no difference, so histories merge by putting them together.
//
// Of an occurrence that has had several numbers (a duplicate was adopted and the other
// closed, a lost issue was found again under a new number), the newest one that was opened
// or adopted counts, and events about the others do not end it.
//
// What we closed ourselves is open again once it was opened again under its number; what
// a person ended stays ended.
//
// Events of a key that was renamed belong to the new key, as far as they are not later
// than the renaming: the old id may be given to somebody else afterwards.
func Fold(events []Event) Entries {
	routes := routesOf(events)
	// Places rather than copies: an event is large, and there are as many as in all years.
	byKey := map[string][]int32{}
	for i := range events {
		k := events[i].Key
		if len(routes) > 0 {
			k = routes.home(events[i])
		}
		byKey[k] = append(byKey[k], int32(i))
	}
	entries := make(Entries, len(byKey))
	var own []Event
	for k, l := range byKey {
		own = own[:0]
		for _, i := range l {
			own = append(own, events[i])
		}
		entries[k] = fold(k, own)
	}
	return entries
}

// fold adds up the events of one occurrence.
func fold(key string, events []Event) *Entry {
	n := &Entry{Key: key, Number: number(events)}
	released := releases(events)
	opened := reopened(n.Number, events)
	undone := func(e Event) bool { return opened.Verb != "" && Compare(e, opened) < 0 }
	var given, ended, grouped Event
	for _, e := range events {
		if e.intent() && released[e.Nonce] {
			continue
		}
		about := e.Number == 0 || n.Number == 0 || e.Number == n.Number
		switch e.Verb {
		case IntendCreate:
			n.State = max(n.State, Intent)
			n.Claim = newest(n.Claim, e)
		case Opened, Adopted, Updated:
			n.State = max(n.State, IsOpen)
			if about && e.Due != 0 {
				given = newest(given, e)
			}
			if about && e.Parent != 0 {
				grouped = newest(grouped, e)
			}
		case IntendClose:
			if about && !undone(e) {
				n.Close = newest(n.Close, e)
			}
		case Closed, Done, Skipped, Lost:
			if n.State = max(n.State, IsOpen); about && (e.Verb != Closed || !undone(e)) {
				n.State, ended = Ended, newest(ended, e)
				n.seal(e)
			}
		case IntendNotify, Notified:
			n.notice(e)
		case Commanded, Answered, Started, Decided:
			n.people(e)
		}
	}
	slices.SortFunc(n.Commands, CompareCommands)
	n.Owner, n.Due, n.Outcome, n.EndedAt = given.Owner, given.Due, ended.Verb, ended.At
	n.Parent = grouped.Parent
	return n
}

// reopened returns the newest opening of the issue that counts. It undoes a closing of our
// own that came before it: what was obsolete is wanted again. What a person did it does
// not undo.
func reopened(number int, events []Event) (opened Event) {
	for _, e := range events {
		if e.Verb == Opened && e.Number == number {
			opened = newest(opened, e)
		}
	}
	return opened
}

// intent reports whether the event only claims what is to be done.
func (e Event) intent() bool {
	return e.Verb == IntendCreate || e.Verb == IntendClose || e.Verb == IntendNotify
}

// releases returns the nonces of the claims that were taken back.
func releases(events []Event) map[string]bool {
	var l map[string]bool
	for _, e := range events {
		if e.Verb == Released && e.Nonce != "" {
			if l == nil {
				l = map[string]bool{}
			}
			l[e.Nonce] = true
		}
	}
	return l
}

// number returns the newest number that was opened or adopted, or else the newest that any
// event names.
func number(events []Event) int {
	var known, named Event
	for _, e := range events {
		if e.Number == 0 || e.Verb == Commanded || e.Verb == Answered {
			continue // a comment may stand in the issue of another occurrence
		}
		if named = newest(named, e); e.Verb == Opened || e.Verb == Adopted || e.Verb == Started {
			known = newest(known, e)
		}
	}
	return cmp.Or(known.Number, named.Number)
}

// notice keeps what is known of a message: that it was sent rather than that somebody
// meant to.
func (n *Entry) notice(e Event) {
	if n.Notices == nil {
		n.Notices = map[string]Event{}
	}
	old := n.Notices[e.Notice]
	switch {
	case old.Verb == Notified && e.Verb == IntendNotify:
	case old.Verb == IntendNotify && e.Verb == Notified:
		n.Notices[e.Notice] = e
	default:
		n.Notices[e.Notice] = newest(old, e)
	}
}

// newest returns the later of two events; any event is later than the zero Event.
func newest(a, b Event) Event {
	if a.Verb == "" || b.Verb != "" && Compare(a, b) < 0 {
		return b
	}
	return a
}

// routes are the renamings by former key, oldest first.
type routes map[string][]Event

func routesOf(events []Event) routes {
	r := routes{}
	for _, e := range events {
		if e.Verb == Renamed && e.From != e.Key {
			r[e.From] = append(r[e.From], e)
		}
	}
	for _, l := range r {
		slices.SortFunc(l, Compare)
	}
	return r
}

// home returns the key that an event counts for now. From each key it follows the first
// renaming that is not older; every next one must be newer than the last, so that a
// renaming there and back ends.
func (r routes) home(e Event) string {
	key, last := e.Key, Event{At: e.At}
	for {
		l := r[key]
		i := slices.IndexFunc(l, func(n Event) bool { return Compare(n, last) > 0 })
		if i < 0 {
			return key
		}
		key, last = l[i].Key, l[i]
	}
}
