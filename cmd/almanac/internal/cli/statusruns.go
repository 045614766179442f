package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// runStatus is how one run of a playbook or plan stands.
type runStatus struct {
	Key      string `json:"key" yaml:"key"`
	Template string `json:"template" yaml:"template"`
	Title    string `json:"title" yaml:"title"`
	Run      string `json:"run" yaml:"run"`
	// State is active or over.
	State string     `json:"state" yaml:"state"`
	Since civil.Date `json:"since" yaml:"since"`
	// Label and Marked are the label on the client's issues and the day from which they have
	// it; empty while they have none.
	Label  string     `json:"label" yaml:"label"`
	Marked civil.Date `json:"marked" yaml:"marked"`
	// Ended and Outcome are empty while the run goes on.
	Ended   civil.Date `json:"ended" yaml:"ended"`
	Outcome string     `json:"outcome" yaml:"outcome"`
	Overdue []nextStep `json:"overdue" yaml:"overdue"`
	Waiting []waitRow  `json:"waiting" yaml:"waiting"`

	playbook bool
	// ahead says that it has not begun.
	ahead bool
	// marks is the label that the run puts on the client's issues at times; empty for none.
	marks string
}

// waitRow is something that a step waits for.
type waitRow struct {
	Key   string        `json:"key" yaml:"key"`
	Title string        `json:"title" yaml:"title"`
	Kind  plan.NeedKind `json:"kind" yaml:"kind"`
	For   string        `json:"for" yaml:"for"`
	// Role and Person are who signs off next, or who decides; Person may be role:<id>.
	Role   string `json:"role" yaml:"role"`
	Person string `json:"person" yaml:"person"`
}

// shownAfter is for how many days a run that is over is told of.
const shownAfter = 30

// runs returns how the runs stand that go on or ended of late, by client, each sorted by
// template and run.
func (s *session) runs() map[string][]*runStatus {
	l := map[string][]*runStatus{}
	for _, key := range s.progress.Runs() {
		part := strings.Split(key, "/")
		t, r := s.w.catalog.Template(part[1]), s.progress.Run(key)
		rs := &runStatus{Key: key, Template: part[1], Title: t.Describe().Title, Run: part[2], State: "active", Since: r.Assignment.Start, Overdue: []nextStep{}, Waiting: []waitRow{}}
		b, playbook := t.(*schema.Playbook)
		if rs.playbook = playbook; playbook && b.Marks != nil {
			rs.marks = b.Marks.Label
		}
		rs.ahead = rs.Since > s.w.today
		for _, m := range r.Marks {
			rs.Label, rs.Marked = m.Label, m.Since
		}
		if o := r.Over; o != nil {
			if o.On < s.w.today.AddDays(-shownAfter) {
				continue
			}
			rs.State, rs.Ended, rs.Outcome = "over", o.On, o.Outcome
		}
		l[part[0]] = append(l[part[0]], rs)
	}
	return l
}

// runOf returns the run that an occurrence belongs to, nil where none is told of.
func runOf(l []*runStatus, o *due.Occurrence) *runStatus {
	i := slices.IndexFunc(l, func(r *runStatus) bool { return strings.HasPrefix(o.Key, r.Key+"/") })
	if i < 0 {
		return nil
	}
	return l[i]
}

// count adds what an occurrence of the run has to say.
func (r *runStatus) count(o *due.Occurrence, state plan.State, needs []plan.Need) {
	if r.State == "over" || o.Whole {
		return
	}
	if state == plan.Overdue {
		r.Overdue = append(r.Overdue, nextStep{o.Due, o.Key, o.Step.Title, o.Owner.String()})
	}
	for _, n := range needs {
		r.Waiting = append(r.Waiting, waitRow{Key: o.Key, Title: o.Step.Title, Kind: n.Kind, For: n.For, Role: n.Role, Person: n.Who.String()})
	}
}

// sortRuns puts what is told of runs in order.
func sortRuns(l []*runStatus) {
	for _, r := range l {
		slices.SortFunc(r.Overdue, func(a, b nextStep) int { return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Key, b.Key)) })
	}
}

// write tells of a run in lines, for people.
func (r *runStatus) write(p *printer, client string) {
	name := r.Title
	if r.Run != "1" {
		name += ", run " + r.Run
	}
	switch {
	case r.State == "over":
		p.line("%s: %s ended on %s (%s)", client, name, r.Ended, cmp.Or(r.Outcome, "no outcome is written down"))
	case r.Label != "":
		p.line("%s: on %s since %s (%s)", client, r.Label, r.Marked, name)
	case r.ahead:
		p.line("%s: %s begins on %s", client, name, r.Since)
	case r.marks != "":
		p.line("%s: not on %s (%s, begun on %s)", client, r.marks, name, r.Since)
	default:
		p.line("%s: %s since %s", client, name, r.Since)
	}
	for _, o := range r.Overdue {
		p.line("  overdue  %s  %s, %s", o.Due, o.Title, cmp.Or(o.Owner, "nobody"))
	}
	for _, w := range r.waits() {
		p.line("  waiting  for %s: %s", w.what, strings.Join(w.titles, ", "))
	}
}

// wait is what several steps wait for.
type wait struct {
	what   string
	titles []string
}

// waits returns what the run waits for, what people can do about it first. What hangs on a
// question is left out while the question itself is there.
func (r *runStatus) waits() []wait {
	var l []wait
	for _, kind := range []plan.NeedKind{plan.NeedSignoff, plan.NeedAnswer, plan.NeedFields, plan.NeedSteps, plan.NeedDecision} {
		if kind == plan.NeedDecision && slices.ContainsFunc(r.Waiting, func(w waitRow) bool { return w.Kind == plan.NeedAnswer }) {
			break
		}
		for _, w := range r.Waiting {
			if w.Kind != kind {
				continue
			}
			i := slices.IndexFunc(l, func(o wait) bool { return o.what == w.For })
			if i < 0 {
				i, l = len(l), append(l, wait{what: w.For})
			}
			if !slices.Contains(l[i].titles, w.Title) {
				l[i].titles = append(l[i].titles, w.Title)
			}
		}
	}
	return l
}

// told reports whether a list of all clients tells of the run: of a plan only where somebody
// has to decide or to sign.
func (r *runStatus) told() bool {
	return r.playbook || slices.ContainsFunc(r.Waiting, func(w waitRow) bool { return w.Kind == plan.NeedAnswer || w.Kind == plan.NeedSignoff })
}

// writeRuns tells of the runs of all clients below their table.
func (c *Command) writeRuns(r statusReport) error {
	p := &printer{w: c.Stdout}
	for i := range r.Clients {
		for _, run := range r.Clients[i].Runs {
			if run.told() {
				p.line("")
				run.write(p, r.Clients[i].Client)
			}
		}
	}
	return p.err
}
