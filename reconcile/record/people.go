package record

import (
	"cmp"
	"slices"
)

// CompareCommands puts commands in order: by time, then by comment. Forges count comments
// upwards, so of two ids the longer one is the later.
func CompareCommands(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.Comment), len(b.Comment)), cmp.Compare(a.Comment, b.Comment), Compare(a, b))
}

// people takes in what people did: of several events about one comment the oldest counts,
// since nobody is answered twice and nothing is done twice.
func (n *Entry) people(e Event) {
	switch e.Verb {
	case Commanded:
		same := func(c Event) bool { return c.Comment == e.Comment }
		if i := slices.IndexFunc(n.Commands, same); i < 0 {
			n.Commands = append(n.Commands, e)
		} else {
			n.Commands[i] = oldest(n.Commands[i], e)
		}
	case Answered:
		if n.Answered == nil {
			n.Answered = map[string]Event{}
		}
		n.Answered[e.Comment] = oldest(n.Answered[e.Comment], e)
	case Decided:
		last := e
		if n.Decided != nil {
			last = newest(*n.Decided, e)
		}
		n.Decided = &last
	case Started:
		n.State = max(n.State, IsOpen)
		first := e
		if n.Started != nil {
			first = oldest(*n.Started, e)
		}
		n.Started = &first
	}
}

// seal keeps the newest event that tells what was signed off.
func (n *Entry) seal(e Event) {
	if e.Verb != Done || e.Of == "" {
		return
	}
	last := e
	if n.Sealed != nil {
		last = newest(*n.Sealed, e)
	}
	n.Sealed = &last
}

// oldest returns the earlier of two events; any event is earlier than the zero Event.
func oldest(a, b Event) Event {
	if a.Verb == "" || b.Verb != "" && Compare(b, a) < 0 {
		return b
	}
	return a
}
