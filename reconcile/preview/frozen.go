package preview

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

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
		hidden(frozen, s.cat, s.other)
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
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Side, b.Side))
	})
	return list
}

// hidden adds the clients who are in a broken document of which not even the id can be
// told: those whom the other side reads out of the same file, and those in a template that
// it reads out of it. What is not readable is not gone.
func hidden(frozen map[string]string, cat, other *schema.Catalog) {
	broken := map[string]string{}
	for _, b := range cat.Broken {
		if b.ID == "" || b.Kind == "" {
			place := b.Source.File
			if n := b.Source.Pos.Line; n > 0 {
				place += ":" + strconv.Itoa(n)
			}
			broken[b.Source.File] = place + ": the document cannot be read"
		}
	}
	if len(broken) == 0 {
		return
	}
	add := func(id, why string) {
		if _, already := frozen[id]; !already {
			frozen[id] = why
		}
	}
	for _, k := range other.Clients {
		if why, ok := broken[k.Source.File]; ok && cat.Client(k.ID) == nil {
			add(k.ID, why)
		}
		for i := range k.Processes {
			t := other.Template(k.Processes[i].Template)
			if t == nil || cat.Template(t.Head().ID) != nil {
				continue
			}
			if why, ok := broken[t.Head().Source.File]; ok {
				add(k.ID, why)
			}
		}
	}
}
