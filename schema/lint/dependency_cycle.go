package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var dependencyCycle = rule{
	Rule: Rule{ID: "lint/dependency-cycle", Severity: diag.Error, Summary: "steps that wait for each other, or dates counted from each other"},
	run: func(p *pass) {
		for _, t := range p.templates {
			cycles(p, t, t.steps, t.byStep)
		}
		for i := range p.assignments {
			if a := &p.assignments[i]; a.template != nil && a.changed() {
				cycles(p, a.template, a.steps, a.byStep)
			}
		}
	},
}

// edge is one dependency and where it is written.
type edge struct {
	from, to string
	src      schema.Source
	// path leads to what has the field, which may be empty; at is the place in the field's
	// list, or -1.
	path, field string
	at          int
	own         bool
}

// place returns the path of the dependency.
func (e edge) place() string {
	switch {
	case e.field == "":
		return e.path
	case e.at < 0:
		return at(e.path, e.field)
	}
	return at(e.path, e.field, e.at)
}

// graph are dependencies. The paths are put together only for those that go round.
type graph []edge

// cycles looks at the order of the work and at the origin of the dates apart: a step may
// well be dated from the one that it prepares. In a playbook the dates follow the work.
func cycles(p *pass, t *template, steps []step, byStep stepIndex) {
	work, dates := p.graphs[0][:0], p.graphs[1][:0]
	for i := range steps {
		s := &steps[i]
		for j, id := range s.After {
			e := edge{src: s.src, path: s.path, field: "after", at: j, own: s.own}
			work.add(byStep, s.ID, id, e)
			if t.playbook != nil {
				dates.add(byStep, s.ID, id, e)
			}
		}
		work.conditions(t, byStep, s)
		work.add(byStep, s.Prepares, s.ID, edge{src: s.src, path: s.path, field: "prepares", at: -1, own: s.own})
		dates.add(byStep, s.ID, s.Due.Anchor, edge{src: s.src, path: s.path, field: "due", at: -1, own: s.own})
		if s.week != nil && s.Due.IsZero() && s.Week == nil {
			dates.add(byStep, s.ID, s.week.Milestone, edge{src: s.src, path: s.path, own: s.own})
		}
	}
	if t.plan != nil {
		for i, m := range t.plan.Milestones {
			if o, _ := milestoneOffset(m.Due); o.Anchor != "" {
				dates.add(byStep, m.ID, o.Anchor, edge{src: t.head.Source, path: at("milestones", i), field: "due", at: -1})
			}
			for _, id := range slices.Sorted(maps.Keys(m.When)) {
				if q := t.questions[id]; q != nil {
					dates.add(byStep, m.ID, q.ID, edge{src: t.head.Source, path: at("milestones", i), field: at("when", id), at: -1})
				}
			}
		}
	}
	client := slices.ContainsFunc(steps, func(s step) bool { return s.own })
	p.graphs = [2]graph{work, dates}
	work.report(p, client, "steps wait for each other")
	dates.report(p, client, "dates are counted from each other")
}

// conditions makes a step wait for those that decide what it hangs on.
func (g *graph) conditions(t *template, byStep stepIndex, s *step) {
	if len(s.When) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(s.When)) {
		if q := t.questions[id]; q != nil {
			g.add(byStep, s.ID, q.ID, edge{src: s.src, path: s.path, field: at("when", id), at: -1, own: s.own})
		}
	}
}

// add keeps a dependency under present ids.
func (g *graph) add(byStep stepIndex, from, to string, e edge) {
	if from == "" || to == "" {
		return
	}
	e.from, e.to = from, to
	if s := byStep.find(from); s != nil {
		e.from = s.ID
	}
	if s := byStep.find(to); s != nil {
		e.to = s.ID
	}
	*g = append(*g, e)
}

// fewEdges is how many dependencies are compared with each other.
const fewEdges = 32

// ends reports whether every way along the dependencies surely has an end, as nearly all
// have: what leads to nothing further is struck out until nothing is left.
func (g graph) ends() bool {
	if len(g) > fewEdges {
		return false
	}
	var out [fewEdges]bool
	left := len(g)
	for before := left + 1; left > 0 && left < before; {
		before = left
		for i := range g {
			further := func(e edge) bool { return e.from == g[i].to }
			if !out[i] && !g.some(&out, further) {
				out[i], left = true, left-1
			}
		}
	}
	return left == 0
}

// some reports whether any dependency that is not struck out is as asked for.
func (g graph) some(out *[fewEdges]bool, is func(edge) bool) bool {
	for i := range g {
		if !out[i] && is(g[i]) {
			return true
		}
	}
	return false
}

// report tells each cycle once. Of a client's steps it tells only those that the client's
// own file takes part in: the others stand in the template.
func (g graph) report(p *pass, client bool, what string) {
	if g.ends() {
		return
	}
	edges := map[string][]edge{}
	for _, e := range g {
		edges[e.from] = append(edges[e.from], e)
	}
	done, seen := map[string]bool{}, map[string]bool{}
	for _, from := range slices.Sorted(maps.Keys(edges)) {
		walk(edges, from, done, nil, nil, func(names []string, edges []edge) {
			e := edges[len(edges)-1]
			for _, o := range edges {
				if client && o.own {
					e = o
				}
			}
			loop := strings.Join(rotate(names), " -> ")
			if seen[loop] || client && !e.own {
				return
			}
			seen[loop] = true
			if len(names) == 1 {
				p.report(e.src, e.place(), "take the reference out", "%s refers to itself: %s", names[0], loop)
				return
			}
			p.report(e.src, e.place(), "take one of the references out", "%s: %s", what, loop)
		})
	}
}

// walk goes depth first along the dependencies. names and edges are the way so far: an
// edge leads out of the name of its index.
func walk(all map[string][]edge, from string, done map[string]bool, names []string, edges []edge, found func([]string, []edge)) {
	if i := slices.Index(names, from); i >= 0 {
		found(names[i:], edges[i:])
		return
	}
	if done[from] {
		return
	}
	names = append(names, from)
	for _, e := range all[from] {
		walk(all, e.to, done, names, append(edges, e), found)
	}
	done[from] = true
}

// rotate returns the loop from its first name in order, with that name again at the end.
func rotate(names []string) []string {
	i := slices.Index(names, slices.Min(names))
	loop := append(slices.Clone(names[i:]), names[:i]...)
	return append(loop, names[i])
}
