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
// since nobody is answered twice and nothing is done twice. Of claims it is the newest.
func (n *Entry) people(e *Event) {
	switch e.Verb {
	case Commanded:
		same := func(c Event) bool { return c.Comment == e.Comment }
		if i := slices.IndexFunc(n.Commands, same); i < 0 {
			n.Commands = append(n.Commands, *e)
		} else if compare(e, &n.Commands[i]) < 0 {
			n.Commands[i] = *e
		}
	case IntendAnswer:
		if n.Answering == nil {
			n.Answering = map[string]Event{}
		}
		if old, known := n.Answering[e.Comment]; !known || compare(&old, e) < 0 {
			n.Answering[e.Comment] = *e
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

// Join adds up two entries of one occurrence, in whatever order, such as those under its key
// and a former one: the one that came further, with what people did and what was sent by
// both, as if a renaming had brought their events together. Either may be nil, and neither is
// changed.
func Join(a, b *Entry) *Entry {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	if compareEntries(a, b) < 0 {
		a, b = b, a
	}
	n := *a
	n.Commands, n.Answered, n.Answering, n.Notices = nil, nil, nil, nil
	n.Sealed, n.Started, n.Decided = nil, nil, nil
	for _, e := range []*Entry{a, b} {
		for _, c := range e.Commands {
			n.people(&c)
		}
		for _, m := range []map[string]Event{e.Answered, e.Answering} {
			for _, a := range m {
				n.people(&a)
			}
		}
		for _, a := range e.Notices {
			n.notice(&a)
		}
		if e.Sealed != nil {
			n.seal(e.Sealed)
		}
		for _, a := range []*Event{e.Started, e.Decided} {
			if a != nil {
				n.people(a)
			}
		}
	}
	slices.SortFunc(n.Commands, CompareCommands)
	return &n
}

// compareEntries puts the entry last that came further; of two that came as far it is the one
// that ended later, then the one with the later issue.
func compareEntries(a, b *Entry) int {
	return cmp.Or(cmp.Compare(a.State, b.State), a.EndedAt.Compare(b.EndedAt), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Key, b.Key))
}
