package record

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Compare puts events in order: by time, then by nonce, then by everything else, so that
// two different events are never equal and "the newest" does not depend on who asks.
func Compare(a, b Event) int { return compare(&a, &b) }

// compare is Compare without copies, and looks at the rest only where time and nonce agree:
// most of the time that folding takes is spent here.
func compare(a, b *Event) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	if c := strings.Compare(a.Nonce, b.Nonce); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Key, b.Key),
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
	list := FoldList(events)
	entries := make(Entries, len(list))
	for i := range list {
		entries[list[i].Key] = &list[i]
	}
	return entries
}

// FoldList is Fold without the map: each entry once, in the order in which their keys first
// come up. Nothing of it hangs on the list of events, which may be written over afterwards.
func FoldList(events []Event) []Entry {
	keys, byKey := gather(events)
	entries := make([]Entry, len(keys))
	for i, k := range keys {
		entries[i].fold(k, byKey[i])
	}
	return entries
}

// gather sorts events by the keys that they count for. Places rather than copies are handed
// out: an event is large, and there are as many as in all years.
func gather(events []Event) (keys []string, byKey [][]*Event) {
	routes := routesOf(events)
	group, at := make([]int32, len(events)), make(map[string]int32, len(events)/2)
	var sizes []int32
	for i := range events {
		k := events[i].Key
		if len(routes) > 0 {
			k = routes.home(&events[i])
		}
		g, known := at[k]
		if !known {
			g = int32(len(keys))
			at[k], keys, sizes = g, append(keys, k), append(sizes, 0)
		}
		group[i] = g
		sizes[g]++
	}
	room := make([]*Event, len(events))
	byKey = make([][]*Event, len(keys))
	for g, n := range sizes {
		byKey[g], room = room[:0:n], room[n:]
	}
	for i, g := range group {
		byKey[g] = append(byKey[g], &events[i])
	}
	return keys, byKey
}

// fold adds up the events of one occurrence.
func (n *Entry) fold(key string, events []*Event) {
	n.Key, n.Number = key, number(events)
	released := releases(events)
	opened := reopened(n.Number, events)
	undone := func(e *Event) bool { return opened != nil && compare(e, opened) < 0 }
	var claimed, closing, given, ended, grouped *Event
	for _, e := range events {
		if e.intent() && released[e.Nonce] {
			continue
		}
		about := e.Number == 0 || n.Number == 0 || e.Number == n.Number
		switch e.Verb {
		case IntendCreate:
			n.State = max(n.State, Intent)
			claimed = newest(claimed, e)
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
				closing = newest(closing, e)
			}
		case Closed, Done, Skipped, Lost:
			if n.State = max(n.State, IsOpen); about && (e.Verb != Closed || !undone(e)) {
				n.State, ended = Ended, newest(ended, e)
				n.seal(e)
			}
		case IntendNotify, Notified:
			n.notice(e)
		case Commanded, IntendAnswer, Answered, Started, Decided:
			n.people(e)
		}
	}
	slices.SortFunc(n.Commands, CompareCommands)
	n.conclude(claimed, closing, given, ended, grouped)
}

// conclude takes over what the newest events of each kind say; nil stands for none.
func (n *Entry) conclude(claimed, closing, given, ended, grouped *Event) {
	if claimed != nil {
		n.Claim = claimed.Claim()
	}
	if closing != nil {
		n.Close = closing.Claim()
	}
	if given != nil {
		n.Owner, n.Due = given.Owner, given.Due
	}
	if ended != nil {
		n.Outcome, n.EndedAt = ended.Verb, ended.At
	}
	if grouped != nil {
		n.Parent = grouped.Parent
	}
}

// reopened returns the newest opening of the issue that counts, nil for none. It undoes a
// closing of our own that came before it: what was obsolete is wanted again. What a person
// did it does not undo.
func reopened(number int, events []*Event) (opened *Event) {
	for _, e := range events {
		if e.Verb == Opened && e.Number == number {
			opened = newest(opened, e)
		}
	}
	return opened
}

// intent reports whether the event only claims what is to be done.
func (e *Event) intent() bool {
	return e.Verb == IntendCreate || e.Verb == IntendClose || e.Verb == IntendNotify || e.Verb == IntendAnswer
}

// releases returns the nonces of the claims that were taken back.
func releases(events []*Event) map[string]bool {
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
func number(events []*Event) int {
	var known, named *Event
	for _, e := range events {
		if e.Number == 0 || e.Verb == Commanded || e.Verb == IntendAnswer || e.Verb == Answered {
			continue // a comment may stand in the issue of another occurrence
		}
		if named = newest(named, e); e.Verb == Opened || e.Verb == Adopted || e.Verb == Started {
			known = newest(known, e)
		}
	}
	switch {
	case known != nil:
		return known.Number
	case named != nil:
		return named.Number
	}
	return 0
}

// notice keeps what is known of a message: that it was sent rather than that somebody
// meant to.
func (n *Entry) notice(e *Event) {
	if n.Notices == nil {
		n.Notices = map[string]Event{}
	}
	old, known := n.Notices[e.Notice]
	switch {
	case !known:
	case old.Verb == Notified && e.Verb == IntendNotify:
		return
	case old.Verb == IntendNotify && e.Verb == Notified:
	case compare(&old, e) >= 0:
		return
	}
	n.Notices[e.Notice] = *e
}

// newest returns the later of two events; any event is later than none.
func newest(a, b *Event) *Event {
	if a == nil || compare(a, b) < 0 {
		return b
	}
	return a
}

// routes are the renamings by former key, oldest first.
type routes map[string][]Event

func routesOf(events []Event) routes {
	var r routes
	for i := range events {
		if e := &events[i]; e.Verb == Renamed && e.From != e.Key {
			if r == nil {
				r = routes{}
			}
			r[e.From] = append(r[e.From], *e)
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
func (r routes) home(e *Event) string {
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
