package preview

import (
	"cmp"
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
)

// freeze finds the clients who cannot be compared and returns those who were asked for.
func (c *comparison) freeze() []NotCompared {
	c.frozen = map[string]bool{}
	var list []NotCompared
	for _, s := range []struct {
		name       string
		cat, other *schema.Catalog
		given      map[string]string
	}{{"base", c.in.Base, c.in.Head, c.in.BaseFrozen}, {"head", c.in.Head, c.in.Base, c.in.HeadFrozen}} {
		frozen := maps.Clone(s.given)
		if frozen == nil {
			frozen = map[string]string{}
		}
		for _, why := range hidden(frozen, s.cat, s.other) {
			list = append(list, NotCompared{Side: s.name, Reason: why})
		}
		for id, why := range frozen {
			c.frozen[id] = true
			c.all = c.all || id == Everybody
			if id == Everybody || c.wanted(id) {
				list = append(list, NotCompared{Client: id, Side: s.name, Reason: why})
			}
		}
	}
	if c.all {
		list = slices.DeleteFunc(list, func(n NotCompared) bool { return n.Client != Everybody })
	}
	slices.SortFunc(list, func(a, b NotCompared) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// hidden adds the clients who are in a broken document of which not even the id can be
// told: those whom the other side reads out of the same file, and those in a template that
// it reads out of it. What is not readable is not gone. It returns in words the files of
// which the other side knows nothing either; one that is broken there too is no news.
func hidden(frozen map[string]string, cat, other *schema.Catalog) (unknown []string) {
	broken := unreadable(cat)
	if len(broken) == 0 {
		return nil
	}
	known := map[string]bool{}
	for _, b := range other.Broken {
		known[b.Source.File] = true
	}
	for _, d := range other.Documents() {
		known[d.Head().Source.File] = true
	}
	for _, k := range other.Clients {
		for _, file := range files(k, cat, other) {
			if why, ok := broken[file]; ok && frozen[k.ID] == "" {
				frozen[k.ID] = why
			}
		}
	}
	for _, file := range slices.Sorted(maps.Keys(broken)) {
		if !known[file] {
			unknown = append(unknown, broken[file])
		}
	}
	return unknown
}

// unreadable returns the files with documents of which kind or id cannot be told, with
// words for it.
func unreadable(cat *schema.Catalog) map[string]string {
	broken := map[string]string{}
	for _, b := range cat.Broken {
		if b.ID == "" || b.Kind == "" {
			at := Place{b.Source.File, b.Source.Pos.Line}
			broken[b.Source.File] = at.String() + ": cannot be read: almanac validate says why"
		}
	}
	return broken
}

// files returns the files from which a client of one side is gone on the other: its own,
// and those of its templates.
func files(k *schema.Client, cat, other *schema.Catalog) []string {
	var l []string
	if cat.Client(k.ID) == nil {
		l = append(l, k.Source.File)
	}
	for i := range k.Processes {
		if t := other.Template(k.Processes[i].Template); t != nil && cat.Template(t.Head().ID) == nil {
			l = append(l, t.Head().Source.File)
		}
	}
	return l
}
