package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// candidate is an occurrence to be opened.
type candidate struct {
	*due.Occurrence
	verdict
}

// open opens what is to be opened, as far as the limits allow, the oldest due date first.
// The rest is no fault: it comes with the next runs.
func (m *maker) open() {
	slices.SortFunc(m.candidates, byUrgency)
	run, client := 0, map[string]int{}
	var runLimit, clientLimit int
	if m.org != nil {
		runLimit, clientLimit = m.org.CreateLimits()
	}
	for _, c := range m.candidates {
		id := c.Client.ID
		switch {
		case m.adoptOnly:
			m.deferred(c, "a first run without a ledger only adopts the issues that are there")
		case run >= runLimit:
			m.deferred(c, "the limit of "+strconv.Itoa(runLimit)+" for one run is reached")
		case client[id] >= clientLimit:
			m.deferred(c, "the limit of "+strconv.Itoa(clientLimit)+" for one client in one run is reached")
		default:
			run, client[id] = run+1, client[id]+1
			m.opened[c.Key] = c.Whole
			if c.number > 0 {
				m.reopen(c)
			} else {
				m.create(c)
			}
			m.tellOf(c.Occurrence)
		}
	}
}

// byUrgency puts the oldest due date first. What stands for a whole run counts by the day
// on which it opens, and so comes before every step of the run.
func byUrgency(a, b candidate) int {
	on := func(c candidate) (day, steps int) {
		if c.Whole {
			return int(c.Opens), 0
		}
		return int(c.Due), 1
	}
	dayA, stepsA := on(a)
	dayB, stepsB := on(b)
	return cmp.Or(cmp.Compare(dayA, dayB), cmp.Compare(stepsA, stepsB), strings.Compare(a.Key, b.Key))
}

func (m *maker) deferred(c candidate, reason string) {
	m.plan.Deferred = append(m.plan.Deferred, held(c.Occurrence, reason))
}

// why says why an occurrence is opened now.
func (m *maker) why(c candidate) string {
	s := "due " + c.Due.String() + ", " + m.lead(c.Occurrence)
	switch days := int(m.in.AsOf - c.Due); {
	case days == 1:
		s = "due " + c.Due.String() + ", yesterday"
	case days > 1:
		s = "due " + c.Due.String() + ", " + strconv.Itoa(days) + " days ago"
	}
	if c.free > c.Opens {
		s += "; what it waited for is done"
	}
	return s
}

// create plans a new issue.
func (m *maker) create(c candidate) {
	o, w := c.Occurrence, m.Desired(c.Occurrence)
	ch := m.change(Create, &seen{key: o.Key, client: o.Client.ID, occurrence: o})
	ch.Reason, ch.Title = m.why(c), w.Title
	if given := m.givenTo(o); given != "" {
		ch.Reason += "; " + given
	}
	if e := m.entry(o); e != nil && e.State == record.Intent {
		ch.Reason += "; claimed before, and it is not known what became of it"
	}
	ch.Issue = &NewIssue{Title: w.Title, Body: issue.Compose(w.Region, w.Marker), Labels: w.Labels, Assignees: logins(w.Assignee), Milestone: w.Milestone}
	ch.Fields = []string{"assignee", "body", "labels", "state", "title"}
	ch.After = Values{"assignee": o.Owner.String(), "body": w.Marker.Spec, "labels": w.Labels, "state": string(issue.Open), "title": w.Title}
	if w.Milestone != "" {
		ch.Fields, ch.After["milestone"] = append(ch.Fields, "milestone"), w.Milestone
	}
	if ch.Group = m.group(o, nil); ch.Group != nil {
		ch.Fields, ch.After["parent"] = append(ch.Fields, "parent"), ch.Group.name()
	}
	slices.Sort(ch.Fields)
	ch.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Opened, Owner: o.Owner.String(), Due: o.Due}
	m.add(ch)
}

func logins(l string) []string {
	if l == "" {
		return []string{}
	}
	return []string{l}
}

// reopen opens again what we had closed, since it is wanted again. What else is to be
// changed about it follows when it is seen open.
func (m *maker) reopen(c candidate) {
	o := c.Occurrence
	s := &seen{key: o.Key, client: o.Client.ID, occurrence: o, entry: m.entry(o), issue: m.Issue(o.Key)}
	if s.issue == nil {
		s.issue = &issue.Issue{Number: c.number, State: issue.Closed}
	}
	why := "wanted again; " + m.why(c)
	if m.closedUnsigned(o, s.issue) {
		why = m.unsignedReason(o)
	}
	m.edit(s, why)
	m.kept = append(m.kept, kept{seen: s})
}
