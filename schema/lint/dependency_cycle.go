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
	to   string
	src  schema.Source
	path string
	own  bool
}

// graph maps each name to what it depends on.
type graph map[string][]edge

// cycles looks at the order of the work and at the origin of the dates apart: a step may
// well be dated from the one that it prepares.
func cycles(p *pass, t *template, steps []step, byStep map[string]*step) {
	work, dates := graph{}, graph{}
	for i := range steps {
		s := &steps[i]
		for j, id := range s.After {
			work.add(byStep, s.ID, id, edge{src: s.src, path: at(s.path, "after", j), own: s.own})
		}
		work.add(byStep, s.Prepares, s.ID, edge{src: s.src, path: at(s.path, "prepares"), own: s.own})
		dates.add(byStep, s.ID, s.Due.Anchor, edge{src: s.src, path: at(s.path, "due"), own: s.own})
		if s.week != nil && s.Due.IsZero() && s.Week == nil {
			dates.add(byStep, s.ID, s.week.Milestone, edge{src: s.src, path: s.path, own: s.own})
		}
	}
	if t.plan != nil {
		for i, m := range t.plan.Milestones {
			o, _ := milestoneOffset(m.Due)
			dates.add(byStep, m.ID, o.Anchor, edge{src: t.head.Source, path: at("milestones", i, "due")})
		}
	}
	client := slices.ContainsFunc(steps, func(s step) bool { return s.own })
	work.report(p, client, "steps wait for each other")
	dates.report(p, client, "dates are counted from each other")
}

// add keeps a dependency under present ids.
func (g graph) add(byStep map[string]*step, from, to string, e edge) {
	if from == "" || to == "" {
		return
	}
	if s := byStep[from]; s != nil {
		from = s.ID
	}
	if s := byStep[to]; s != nil {
		to = s.ID
	}
	e.to = to
	g[from] = append(g[from], e)
}

// report tells each cycle once. Of a client's steps it tells only those that the client's
// own file takes part in: the others stand in the template.
func (g graph) report(p *pass, client bool, what string) {
	done, seen := map[string]bool{}, map[string]bool{}
	for _, from := range slices.Sorted(maps.Keys(g)) {
		g.walk(from, done, nil, nil, func(names []string, edges []edge) {
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
				p.report(e.src, e.path, "take the reference out", "%s refers to itself: %s", names[0], loop)
				return
			}
			p.report(e.src, e.path, "take one of the references out", "%s: %s", what, loop)
		})
	}
}

// walk goes depth first along the dependencies. names and edges are the way so far: an
// edge leads out of the name of its index.
func (g graph) walk(from string, done map[string]bool, names []string, edges []edge, found func([]string, []edge)) {
	if i := slices.Index(names, from); i >= 0 {
		found(names[i:], edges[i:])
		return
	}
	if done[from] {
		return
	}
	names = append(names, from)
	for _, e := range g[from] {
		g.walk(e.to, done, names, append(edges, e), found)
	}
	done[from] = true
}

// rotate returns the loop from its first name in order, with that name again at the end.
func rotate(names []string) []string {
	i := slices.Index(names, slices.Min(names))
	loop := append(slices.Clone(names[i:]), names[:i]...)
	return append(loop, names[i])
}
