package preview

import (
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
)

// pair is one occurrence on both sides; one of them is nil where it is not there.
type pair struct{ base, head *due.Occurrence }

// pairs returns every occurrence that is due in the window on either side.
func (c *comparison) pairs() []pair {
	same, gone, fresh := c.merge()
	renamed := map[string]*due.Occurrence{}
	for _, o := range gone {
		renamed[o.Key] = o
	}
	for _, o := range fresh {
		was := c.former(o, renamed)
		if was != nil {
			delete(renamed, was.Key)
		}
		same = append(same, pair{was, o})
	}
	for _, o := range gone {
		if renamed[o.Key] == o {
			same = append(same, pair{o, c.later(o)})
		}
	}
	return same
}

// merge walks both lists side by side, which are sorted by key.
func (c *comparison) merge() (same []pair, gone, fresh []*due.Occurrence) {
	a, b := c.base.list, c.head.list
	for len(a) > 0 || len(b) > 0 {
		switch order := firstKey(a, b); {
		case order < 0:
			gone, a = append(gone, &a[0]), a[1:]
		case order > 0:
			fresh, b = append(fresh, &b[0]), b[1:]
		default:
			same, a, b = append(same, pair{&a[0], &b[0]}), a[1:], b[1:]
		}
	}
	return same, gone, fresh
}

func firstKey(a, b []due.Occurrence) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return strings.Compare(a[0].Key, b[0].Key)
}

// former returns what an occurrence of the head was in the base: under its own key outside
// the window, or under a former key. Only the head says what was renamed: a former key that
// only the base knows is a renaming taken back without a word, which makes new issues.
func (c *comparison) former(o *due.Occurrence, gone map[string]*due.Occurrence) *due.Occurrence {
	for _, key := range append([]string{o.Key}, o.Previous...) {
		if was := gone[key]; was != nil {
			return was
		}
		if was, ok := c.base.engine.Lookup(key); ok && was.Key == key && !c.inWindow(&was) {
			return &was
		}
	}
	return nil
}

// later returns what became of an occurrence of the base outside the window. Where the base
// has an occurrence under the new key too, that is the one which goes on.
func (c *comparison) later(o *due.Occurrence) *due.Occurrence {
	now, ok := c.head.engine.Lookup(o.Key)
	if !ok || c.inWindow(&now) {
		return nil
	}
	if now.Key != o.Key {
		if other, ok := c.base.engine.Lookup(now.Key); ok && other.Key == now.Key {
			return nil
		}
	}
	return &now
}

// inWindow reports whether an occurrence is among those that were listed.
func (c *comparison) inWindow(o *due.Occurrence) bool {
	return o.Unscheduled != "" || o.Due >= c.in.Window.From && o.Due <= c.in.Window.To
}
