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
func (n *Entry) people(e *Event) {
	switch e.Verb {
	case Commanded:
		same := func(c Event) bool { return c.Comment == e.Comment }
		if i := slices.IndexFunc(n.Commands, same); i < 0 {
			n.Commands = append(n.Commands, *e)
		} else if compare(e, &n.Commands[i]) < 0 {
			n.Commands[i] = *e
		}
	case Answered:
		if n.Answered == nil {
			n.Answered = map[string]Event{}
		}
		if first, known := n.Answered[e.Comment]; !known || compare(e, &first) < 0 {
			n.Answered[e.Comment] = *e
		}
	case Decided:
		if n.Decided == nil || compare(n.Decided, e) < 0 {
			last := *e
			n.Decided = &last
		}
	case Started:
		n.State = max(n.State, IsOpen)
		if n.Started == nil || compare(e, n.Started) < 0 {
			first := *e
			n.Started = &first
		}
	}
}

// seal keeps the newest event that tells what was signed off.
func (n *Entry) seal(e *Event) {
	if e.Verb != Done || e.Of == "" || n.Sealed != nil && compare(n.Sealed, e) >= 0 {
		return
	}
	last := *e
	n.Sealed = &last
}
