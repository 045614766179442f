package report

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// State is how an episode stands.
type State string

// The states.
const (
	// Pending: it is not decided yet, or its day has not come.
	Pending State = "pending"
	// Active: the client is on the playbook.
	Active State = "active"
	// Ended: the client was on it.
	Ended State = "ended"
	// Declined: the run is over, and the client never was on it.
	Declined State = "declined"
)

// Episode is one run at one client.
type Episode struct {
	Client string `json:"client"`
	Name   string `json:"name"`
	Run    string `json:"run"`
	State  State  `json:"state"`
	// RecommendedBy is a person's id; empty where the playbook does not ask.
	RecommendedBy string     `json:"recommended_by"`
	Recommended   civil.Date `json:"recommended_on"`
	// Placed and Ended are empty where it has not come to that.
	Placed  civil.Date `json:"placed_on"`
	Ended   civil.Date `json:"ended_on"`
	Outcome string     `json:"outcome"`
	// Entry counts the times that the client was placed, from 1; 0 where it was not.
	Entry          int      `json:"entry"`
	Criteria       []string `json:"criteria"`
	Weeks          int      `json:"weeks"`
	WeeksWithNote  int      `json:"weeks_with_note"`
	Announcements  int      `json:"announcements"`
	AnnouncedOnDay int      `json:"announcements_on_time"`
	// RootCauseDays are the days from the placement to the root cause, -1 where there is none.
	RootCauseDays int `json:"root_cause_days"`
}

type maker struct {
	in     Inputs
	report *Report
	field  *schema.Field
	// steps are the occurrences up to today, and noted the Mondays of the weeks with a note,
	// by run.
	steps    map[string][]due.Occurrence
	noted    map[string]map[civil.Date]bool
	episodes []Episode
}

// stepsOf returns the occurrences of the playbook that fell due by today, by run.
func stepsOf(in Inputs) map[string][]due.Occurrence {
	m := map[string][]due.Occurrence{}
	for _, o := range in.Engine.Occurrences(due.Window{From: 1, To: in.AsOf}) {
		if b, ok := o.Template.(*schema.Playbook); ok && b == in.Playbook && o.Due != 0 {
			key := o.Client.ID + "/" + b.ID + "/" + o.Cycle
			m[key] = append(m[key], o)
		}
	}
	return m
}

// episode gathers what there is to tell of a run.
func (m *maker) episode(key string) Episode {
	part := strings.Split(key, "/")
	c, r := m.in.Catalog.Client(part[0]), m.in.Progress.Run(key)
	e := Episode{Client: c.ID, Name: c.Name, Run: part[2], RecommendedBy: r.Requester, Recommended: r.Assignment.Start, Criteria: []string{}, RootCauseDays: -1}
	e.Placed, e.Ended = m.span(key, c, r)
	if r.Over != nil {
		e.Outcome = r.Over.Outcome
	}
	switch {
	case e.Placed == 0 && r.Over == nil:
		e.State = Pending
	case e.Placed == 0:
		e.State, e.Ended = Declined, r.Over.On
	case e.Ended == 0:
		e.State = Active
	default:
		e.State = Ended
	}
	if m.field != nil {
		e.Criteria = append(e.Criteria, r.Assignment.Fields[m.field.ID].Texts()...)
	}
	if e.Placed != 0 {
		m.weeks(&e, key, r.Assignment.Since)
		m.rootCause(&e, key)
	}
	m.announcements(&e, key)
	return e
}

// span returns the days on which a run began and ceased to mark its client; zero where it has
// not come to that.
func (m *maker) span(key string, c *schema.Client, r progress.Run) (from, to civil.Date) {
	b, decided := m.in.Playbook, map[string]string{}
	for id, d := range r.Decisions {
		decided[id] = d.Option
	}
	x := due.Conditions{Template: b, Client: c, Assignment: r.Assignment, Decided: decided}
	mark := schema.Marks{}
	if b.Marks != nil {
		mark = *b.Marks
	}
	if truth, _, _ := x.Check(mark.When); truth != due.Holds {
		return 0, 0
	}
	from = r.Assignment.Start
	if mark.From != "" {
		end, known := m.ended(key, mark.From)
		if !known && r.Over == nil || known && end.Skipped {
			return 0, 0
		}
		from = max(from, end.On)
	}
	if from > m.in.AsOf {
		return 0, 0
	}
	if end, known := m.ended(key, mark.Until); known && mark.Until != "" {
		return from, max(from, end.On)
	}
	if r.Over != nil {
		to = max(from, r.Over.On)
	}
	return from, to
}

// ended returns how a step of a run ended, which may be named by a former id.
func (m *maker) ended(run, step string) (due.Ending, bool) {
	e, ok := m.in.Progress.Facts().Ended[run+"/"+stepID(m.in.Playbook, step)]
	return e, ok
}

// weeks counts the weeks of an episode since it is followed, and those with a note.
func (m *maker) weeks(e *Episode, key string, since civil.Date) {
	last := m.in.AsOf
	if e.Ended != 0 {
		last = min(e.Ended, last)
	}
	noted := m.noted[key]
	for monday := e.Placed.StartOfWeek(); monday <= last; monday = monday.AddDays(7) {
		switch {
		case noted[monday]:
			e.Weeks, e.WeeksWithNote = e.Weeks+1, e.WeeksWithNote+1
		case monday.AddDays(6) < m.in.AsOf && monday.AddDays(6) >= since:
			e.Weeks++
		}
	}
}

// notedIn returns the Mondays of the weeks in which somebody wrote a note on a run, or did
// one of its repeated steps, by run. The ledger keeps what was written under former ids.
func notedIn(in Inputs) map[string]map[civil.Date]bool {
	weeks := map[string]map[civil.Date]bool{}
	note := func(key issue.Key, on civil.Date) {
		c, t := in.Catalog.Client(key.Client), in.Catalog.Template(key.Template)
		if c == nil || t != schema.Template(in.Playbook) {
			return
		}
		run := c.ID + "/" + in.Playbook.ID + "/" + key.Cycle
		if weeks[run] == nil {
			weeks[run] = map[civil.Date]bool{}
		}
		weeks[run][on.StartOfWeek()] = true
	}
	for raw, e := range in.Entries {
		for _, c := range e.Commands {
			if key, err := issue.ParseKey(raw); err == nil && c.Command == "note" {
				note(key, in.Day(c))
			}
		}
	}
	for raw, end := range in.Progress.Facts().Ended {
		if key, err := issue.ParseKey(raw); err == nil && key.Instance != "" && !end.Skipped {
			note(key, end.On)
		}
	}
	return weeks
}

// announcements counts those whose day has come.
func (m *maker) announcements(e *Episode, key string) {
	for i := range m.steps[key] {
		o := &m.steps[key][i]
		end, done := m.in.Progress.Facts().Ended[o.Key]
		if o.Step.Type != "announcement" || o.Step.Issue == "none" || o.Cancelled() || o.Undecided != "" || done && end.Skipped {
			continue
		}
		switch {
		case done && end.On <= o.Due:
			e.Announcements, e.AnnouncedOnDay = e.Announcements+1, e.AnnouncedOnDay+1
		case done, o.Due < m.in.AsOf && !m.barred(key, o.Step.After):
			e.Announcements++
		}
	}
}

// barred reports whether one of the steps is there and has not ended: what comes after it
// cannot be late.
func (m *maker) barred(key string, steps []string) bool {
	return slices.ContainsFunc(m.steps[key], func(o due.Occurrence) bool {
		_, ended := m.in.Progress.Facts().Ended[o.Key]
		named := func(id string) bool { return id == o.Step.ID || slices.Contains(o.Step.Previously, id) }
		return slices.ContainsFunc(steps, named) && !ended && !o.Cancelled()
	})
}

// rootCause finds how long it took to know the root cause.
func (m *maker) rootCause(e *Episode, key string) {
	if step := m.report.RootCause; step != "" {
		if end, ok := m.ended(key, step); ok && !end.Skipped {
			e.RootCauseDays = max(0, int(end.On-e.Placed))
		}
	}
}

// countEntries counts how often each client was placed, in the order of the placements.
func (m *maker) countEntries() {
	order := make([]*Episode, 0, len(m.episodes))
	for i := range m.episodes {
		if m.episodes[i].Placed != 0 {
			order = append(order, &m.episodes[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *Episode) int { return int(a.Placed - b.Placed) })
	times := map[string]int{}
	for _, e := range order {
		times[e.Client]++
		e.Entry = times[e.Client]
	}
}
