package progress

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// scan finds what belongs to which run. Of the ledger, which holds everything of all years,
// it takes up only what somebody commanded and what belongs to a template with something to
// find out about.
type scan struct {
	*Progress
	// templates are those templates, by every id that a key may name them by.
	templates map[string]bool
	// entries are those taken up, by the key that the ledger has.
	entries map[string]*record.Entry
	started []*record.Entry
}

func newScan(p *Progress) *scan {
	s := &scan{Progress: p, templates: map[string]bool{}, entries: map[string]*record.Entry{}}
	for _, d := range p.in.Catalog.Documents() {
		if t, ok := d.(schema.Template); ok && matters(t) {
			s.heed(t)
		}
	}
	for _, c := range p.in.Catalog.Clients {
		for i := range c.Processes {
			a := &c.Processes[i]
			own := slices.ContainsFunc(a.ExtraSteps, func(s schema.Step) bool { return hangs(&s) })
			if t := p.in.Catalog.Template(a.Template); own && t != nil {
				s.heed(t)
			}
		}
	}
	return s
}

// heed takes up a template under all of its ids.
func (s *scan) heed(t schema.Template) {
	s.templates[t.Head().ID] = true
	for _, old := range t.Head().Previously {
		s.templates[old] = true
	}
}

// matters reports whether what happens in runs of a template has consequences.
func matters(t schema.Template) (yes bool) {
	if _, yes = t.(*schema.Playbook); yes {
		return true
	}
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		yes = hangs(s)
		return !yes
	})
	return yes
}

// hangs reports whether a step asks for people's decisions, or hangs on them.
func hangs(s *schema.Step) bool {
	return len(s.When) > 0 || s.Decide != nil || len(s.Approve) > 0 || s.Ends != "" || s.Assign != "" || s.Issue == "shared"
}

// readEntries takes up the entries that matter.
func (s *scan) readEntries() {
	for key, e := range s.in.Entries {
		if len(e.Commands) > 0 || e.Started != nil || len(s.templates) > 0 && s.templates[templateOf(key)] {
			s.entries[key] = e
			if e.Started != nil {
				s.started = append(s.started, e)
			}
		}
	}
	slices.SortFunc(s.started, func(a, b *record.Entry) int {
		return cmp.Or(cmp.Compare(a.Started.Number, b.Started.Number), cmp.Compare(a.Key, b.Key))
	})
}

// templateOf returns the second part of a key.
func templateOf(key string) string {
	i := strings.IndexByte(key, '/')
	if i < 0 {
		return ""
	}
	key = key[i+1:]
	if i = strings.IndexByte(key, '/'); i < 0 {
		return ""
	}
	return key[:i]
}

// addRuns takes up what runs once, whether or not anything is known of it.
func (s *scan) addRuns() {
	for _, c := range s.in.Catalog.Clients {
		if s.in.Catalog.Client(c.ID) != c {
			continue
		}
		for i := range c.Processes {
			a := &c.Processes[i]
			t := s.in.Catalog.Template(a.Template)
			if t != nil && schema.RunsOnce(t) && s.templates[t.Head().ID] {
				s.addRun(c, t, a, a.RunID())
			}
		}
	}
	for _, e := range s.started {
		s.start(e)
	}
}

// addRun returns the run of an assignment; of two with one key the first counts.
func (s *scan) addRun(c *schema.Client, t schema.Template, a *schema.Assignment, cycle string) *run {
	key := c.ID + "/" + t.Head().ID + "/" + cycle
	if r := s.runs[key]; r != nil {
		return r
	}
	r := &run{key: key, client: c, template: t, assignment: a, cycle: cycle, steps: stepsOf(t, a)}
	r.entries, r.issues, r.shared = map[string]*record.Entry{}, map[string]*issue.Issue{}, map[string]due.Ending{}
	if b, ok := t.(*schema.Playbook); ok && b.RequestedBy != "" {
		r.requester = s.person(a.Fields[b.RequestedBy].Text)
	}
	s.runs[key] = r
	return r
}

// start adds the run that an issue started, unless the file has one of that name.
func (s *scan) start(e *record.Entry) {
	parts := strings.Split(e.Key, "/")
	c, t := s.in.Catalog.Client(parts[0]), s.in.Catalog.Template(parts[1])
	b, ok := t.(*schema.Playbook)
	if c == nil || !ok || s.runs[c.ID+"/"+b.ID+"/"+parts[2]] != nil {
		return
	}
	a := schema.Assignment{Template: b.ID, Run: parts[2], Start: cmp.Or(e.Started.Due, s.day(e.Started.At))}
	if s.in.Form != nil {
		for i := range s.in.Observed {
			if s.in.Observed[i].Number == e.Started.Number {
				a.Fields = s.in.Form(s.in.Observed[i].Body, b.Fields)
			}
		}
	}
	// The facts hold a copy: appending to them may move what is there.
	r := s.addRun(c, b, &a, parts[2])
	r.requester = cmp.Or(s.person(e.Started.By), r.requester)
	if s.facts.Started == nil {
		s.facts.Started = map[string][]schema.Assignment{}
	}
	s.facts.Started[c.ID] = append(s.facts.Started[c.ID], a)
}

// place gives every entry to its run.
func (s *scan) place() {
	for raw, e := range s.entries {
		if r, key := s.resolve(raw); r != nil {
			r.entries[key] = record.Join(r.entries[key], e)
		}
	}
}

// resolve finds the run and the current key of a key of the ledger or of a marker. The run
// is nil where no client is in it any more, or the step is not in it.
func (s *scan) resolve(raw string) (*run, string) {
	k, err := issue.ParseKey(raw)
	if err != nil {
		return nil, ""
	}
	c, t := s.in.Catalog.Client(k.Client), s.in.Catalog.Template(k.Template)
	if c == nil || t == nil {
		return nil, ""
	}
	r := s.runs[c.ID+"/"+t.Head().ID+"/"+k.Cycle]
	if r == nil {
		a := s.assignment(c, t, k.Cycle)
		if a == nil {
			return nil, ""
		}
		r = s.addRun(c, t, a, k.Cycle)
	}
	key := r.key + "/"
	if step := r.step(k.Step); step != nil {
		key += step.ID
	} else if k.Step == schema.WholeRun {
		key += schema.WholeRun
	} else {
		return nil, ""
	}
	if k.Instance != "" {
		key += "/" + k.Instance
	}
	return r, key
}

// assignment returns a client's entry for a template and a cycle, or nil. The cycles of what
// does not run once are years, and one that has no alignment date is in none.
func (s *scan) assignment(c *schema.Client, t schema.Template, cycle string) *schema.Assignment {
	once := schema.RunsOnce(t)
	if _, err := strconv.Atoi(cycle); err != nil && !once {
		return nil
	}
	for i := range c.Processes {
		a := &c.Processes[i]
		if s.in.Catalog.Template(a.Template) == t && (!once || a.RunID() == cycle) {
			return a
		}
	}
	return nil
}
