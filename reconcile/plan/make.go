package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// Make compares what ought to be with what is. It never fails: what cannot be worked out
// is left alone and reported.
func Make(in Inputs) *Plan {
	m := &maker{View: Look(in), openOf: map[string]int{}, closesOf: map[string]int{}, carried: map[string]bool{}, handed: map[string]bool{}, opened: map[string]bool{}}
	m.plan = Plan{FormatVersion: FormatVersion, AsOf: in.AsOf, Commit: in.Commit}
	m.adoptOnly = m.onlyAdopts()
	m.frost()
	m.lost()
	for _, key := range slices.Sorted(maps.Keys(m.seen)) {
		m.observed(m.seen[key])
	}
	m.decided()
	m.ticked()
	m.requests()
	for i := range m.occurrences {
		m.occurrence(&m.occurrences[i])
	}
	for i := range m.groups {
		m.occurrence(&m.groups[i])
	}
	m.open()
	m.steps()
	m.groupKept()
	m.inviting()
	m.finish()
	m.gate()
	return &m.plan
}

// maker puts a plan together.
type maker struct {
	*View
	plan Plan
	// adoptOnly says that there are issues of ours and no ledger: it was lost, or this is
	// another machine. Nothing is done but to take the issues in.
	adoptOnly bool
	// candidates are the occurrences whose issue is to be opened, as far as limits allow.
	candidates []candidate
	// scoped counts the occurrences that the run is about, as far as they were looked at.
	scoped int
	// managed are the open issues that could be closed, openOf the same by client.
	managed int
	openOf  map[string]int
	// closes are all planned closes, closesOf those that no file asks for, by client.
	closes   int
	closesOf map[string]int
	frosts   map[string]int
	// carried are the former keys that are recorded as renamed.
	carried map[string]bool
	// opened are the issues of whole runs that this plan opens, by key; kept are the open
	// issues that stay.
	opened map[string]bool
	kept   []kept
	// handed are the keys whose new owner is told in this run.
	handed map[string]bool
	// alone counts the messages of their own that people got today; nil until it is asked.
	alone  map[string]int
	client struct {
		id   string
		skip bool
	}
}

// onlyAdopts reports whether there is no ledger, and something to put into one.
func (m *maker) onlyAdopts() bool {
	if m.in.LedgerExists {
		return false
	}
	for _, s := range m.seen {
		if s.entry != nil && s.entry.Started != nil {
			continue // it asks for a run, which begins only now
		}
		if s.issue != nil && m.in.Catalog.Client(s.client) != nil && m.acts(s.client) {
			return true
		}
	}
	return false
}

// frost lists the frozen clients.
func (m *maker) frost() {
	m.frosts = map[string]int{}
	for client := range m.in.Frozen {
		if client == Everybody || m.inScope(client) {
			m.frosts[client] = 0
		}
	}
}

// freeze counts an open issue of a frozen client.
func (m *maker) freeze(s *seen) bool {
	if _, frozen := m.frozen(s.client); !frozen {
		return false
	}
	entry := s.client
	_, own := m.in.Frozen[entry]
	if _, all := m.in.Frozen[Everybody]; all && !own {
		entry = Everybody
	}
	if s.issue != nil && s.issue.State != issue.Closed {
		m.frosts[entry]++
	}
	return true
}

// lost records the issues that are gone from the forge. What stands for them now, if
// anything, is adopted instead.
func (m *maker) lost() {
	if len(m.gone) == 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m.in.Entries)) {
		e := m.in.Entries[key]
		if e.State != record.IsOpen || !m.gone[e.Number] || !m.acts(record.Client(key)) {
			continue
		}
		if s := m.seen[key]; s == nil || s.issue == nil {
			m.record(record.Event{Key: key, Verb: record.Lost, Number: e.Number})
		}
	}
}

// acts reports whether anything may be done for a client, by current or former id.
func (m *maker) acts(client string) bool {
	if c := m.in.Catalog.Client(client); c != nil {
		client = c.ID
	}
	_, frozen := m.frozen(client)
	return m.inScope(client) && !frozen
}

func (m *maker) record(e record.Event) {
	e.V = record.Version
	m.plan.Records = append(m.plan.Records, e)
}

// observed decides about the issues of one key.
func (m *maker) observed(s *seen) {
	if !m.inScope(s.client) || m.freeze(s) {
		return
	}
	if m.in.Catalog.Client(s.client) == nil && s.client != schema.AllClients {
		m.orphan(s)
		return
	}
	split := false
	if o := s.occurrence; o != nil {
		m.renamed(o)
		split = m.split(o)
	}
	for _, i := range s.others {
		if i.State != issue.Closed && !split {
			m.count(s)
			m.duplicate(s, i)
		}
	}
	switch {
	case s.issue == nil, split:
	case s.issue.State == issue.Closed:
		m.closed(s)
	default:
		m.count(s)
		m.openIssue(s)
	}
}

// count adds an open issue to the denominators of the gates.
func (m *maker) count(s *seen) {
	m.managed++
	m.openOf[s.client]++
	if s.occurrence != nil {
		m.scoped++
	}
}

func (m *maker) orphan(s *seen) {
	for _, i := range append([]*issue.Issue{s.issue}, s.others...) {
		if i != nil && i.State != issue.Closed {
			m.plan.Orphans = append(m.plan.Orphans, Stray{Key: s.key, Client: s.client, Number: i.Number, Title: i.Title,
				Reason: "no file describes the client " + s.client + " any more"})
		}
	}
}

// closed records how a person closed an issue, once, and again if they did so again: what
// hangs on it counts from that day. Where we had claimed to close it, it is
// not wanted still, and it was closed as we would have, it was us: the run that did it did
// not get to say so.
func (m *maker) closed(s *seen) {
	e, how := s.entry, record.Done
	if r := s.issue.Reason; r == issue.NotPlanned || r == issue.Duplicate {
		how = record.Skipped
	}
	event := record.Event{Key: s.key, Verb: how, Number: s.issue.Number}
	switch {
	case s.occurrence != nil && m.closedUnsigned(s.occurrence, s.issue):
		return // it is opened again
	case e == nil || e.Number != s.issue.Number:
		m.record(record.Event{Key: s.key, Verb: record.Adopted, Number: s.issue.Number})
	case e.State == record.Ended && e.Outcome == how && !m.sinceThen(s), how == record.Skipped && e.Outcome == record.Lost, closedByUs(e) && !closedAgain(e, s.issue):
		return
	case e.Close.Verb != "" && (how == record.Skipped && m.isUnwanted(s) || m.hasEnded(s) && m.ending(s.occurrence) == s.issue.Reason):
		event.Verb, event.Reason = record.Closed, e.Close.Reason
	}
	m.record(event)
}

// sinceThen reports whether an issue was closed once more after the ledger had its end: on a
// later day, since what hangs on it counts from days, or after a command that is carried out
// with it. A closing after today belongs to a day that is played, and says nothing of when it
// was; nor does its hour on that day, which the clock of the day that is played may not have
// come to.
func (m *maker) sinceThen(s *seen) bool {
	on := m.dayOf(s.issue.Closed)
	if !s.entry.EndedBefore(s.issue.Closed) || on > m.in.AsOf {
		return false
	}
	return on > m.dayOf(s.entry.EndedAt) || m.askedSince(s.key)
}

// openIssue decides about an open issue: what the ledger does not know is adopted, what is
// not wanted is closed, everything else brought up to date.
func (m *maker) openIssue(s *seen) {
	if !m.adoptOnly && m.share(s) {
		return
	}
	why, by := m.unwanted(s)
	var how record.Verb
	var said string
	if s.occurrence != nil {
		how, said = m.settled(s.occurrence)
	}
	switch {
	case m.adoptOnly:
		m.adopt(s)
	case why != "" && s.closedByUs():
		m.plan.Summary.None++
	case why != "":
		m.close(s, why, by)
	case m.hasEnded(s):
		m.endRun(s)
	case how != "":
		m.settle(s, how, said)
	default:
		adopted := m.adopt(s)
		changed := m.update(s)
		m.kept = append(m.kept, kept{s, !changed && !adopted})
	}
}

// adopt takes an issue into the ledger that the ledger does not know.
func (m *maker) adopt(s *seen) bool {
	if e := s.entry; e != nil && e.Number == s.issue.Number && (e.State == record.IsOpen || e.State == record.Ended) {
		return false
	}
	e := record.Event{V: record.Version, Key: s.key, Verb: record.Adopted, Number: s.issue.Number}
	c := m.change(Adopt, s)
	c.Reason = "issue " + number(s.issue.Number) + " carries the key, and the ledger does not know it"
	if o := s.occurrence; o != nil {
		e.Owner, e.Due = o.Owner.String(), o.Due
	}
	c.Record = e
	c.After["number"] = strconv.Itoa(s.issue.Number)
	m.add(c)
	return true
}

func number(n int) string { return "#" + strconv.Itoa(n) }

// change begins a change of an issue that is there.
func (m *maker) change(a Action, s *seen) Change {
	c := Change{Action: a, Key: s.key, Client: s.client, Fields: []string{}, Before: Values{}, After: Values{}}
	if s.issue != nil {
		c.Number, c.Title = s.issue.Number, s.issue.Title
	}
	if o := s.occurrence; o != nil {
		c.Whole, c.Due, c.Source = o.Whole, o.Due, Place{o.Source.File, o.Source.Pos.Line}
	} else if cl := m.in.Catalog.Client(s.client); cl != nil {
		c.Source = Place{cl.Source.File, cl.Source.Pos.Line}
	}
	return c
}

func (m *maker) add(c Change) { m.plan.Changes = append(m.plan.Changes, c) }

// occurrence decides about one occurrence of the files, and passes over those that have an
// open issue, which is decided about already.
func (m *maker) occurrence(o *due.Occurrence) {
	if id := o.Client.ID; id != m.client.id {
		m.client.id, m.client.skip = id, !m.acts(id)
	}
	if m.client.skip {
		return
	}
	m.scoped++
	m.renamed(o)
	if m.split(o) || isPart(o) {
		return
	}
	w := m.fate(o, 0)
	if o.Due != 0 && o.Due < m.reported && (w.fate == silent || w.fate == tooOld || w.fate == superseded) {
		return
	}
	switch w.fate {
	case wanted:
		m.candidates = append(m.candidates, candidate{o, w})
	case open:
		if m.Issue(o.Key) != nil && !o.Shared() {
			m.tellOf(o)
		}
	case ended:
		m.after(o, w.free)
	case silent:
		m.tell(o, false)
	case waiting:
		h := held(o, "waits for "+strings.Join(w.waitsFor, ", "))
		h.WaitsFor = w.waitsFor
		m.plan.Waiting = append(m.plan.Waiting, h)
	case undecided:
		if o.Due == 0 || o.Due > m.in.AsOf {
			break
		}
		h := held(o, "waits for the decision "+o.Undecided)
		h.WaitsFor = w.waitsFor
		m.plan.Waiting = append(m.plan.Waiting, h)
	case tooOld:
		m.plan.Missed = append(m.plan.Missed, held(o, "never opened, and due before the catch-up window"))
	case superseded:
		m.plan.Missed = append(m.plan.Missed, held(o, "never opened, and not opened afterwards by the catch-up policy"))
	}
}

// renamed carries over what the ledger holds under former keys.
func (m *maker) renamed(o *due.Occurrence) {
	for _, former := range o.Previous {
		if m.in.Entries[former] != nil && !m.carried[former] {
			m.carried[former] = true
			m.record(record.Event{Key: o.Key, Verb: record.Renamed, From: former})
		}
	}
}

func held(o *due.Occurrence, reason string) Held {
	return Held{Key: o.Key, Client: o.Client.ID, Title: o.Step.Title, Due: o.Due, Reason: reason, Source: Place{o.Source.File, o.Source.Pos.Line}}
}
