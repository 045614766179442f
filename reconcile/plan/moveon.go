package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// isStepLabel reports whether a label tells which step a run is at.
func isStepLabel(l string) bool { return strings.HasPrefix(strings.ToLower(l), "step:") }

// movesOn hands the issue of a run to whoever has the step that the run has come to. It
// returns why, nothing where the run is where it was.
func (m *maker) movesOn(s *seen, w Wanted, c *Change) []string {
	o := s.occurrence
	at := m.at(o)
	if at == o {
		return nil
	}
	was := slices.IndexFunc(s.issue.Labels, isStepLabel)
	asked := justAsked(s)
	if !asked && (was < 0 || slices.ContainsFunc(w.Labels, func(l string) bool { return strings.EqualFold(l, s.issue.Labels[was]) })) {
		return nil
	}
	words := "nobody has it yet: " + m.name(at.Owner) + " may take it with /take"
	if at.Owner.Person != "" {
		words = m.name(at.Owner) + " has it now"
	}
	next := at.Step.Title + ", due " + issue.Day(at.Due)
	c.Comment = issue.Text(upper(words)+". What is next: "+next) + "."
	why := []string{"the run is at " + at.Step.ID + " now"}
	if asked {
		why = []string{"asks for " + o.Template.Describe().Title + ", and stands for the run " + o.Cycle + " from now on"}
	}
	if given := m.givenTo(o); given != "" {
		why = append(why, given)
	}
	return why
}

// justAsked reports whether an issue started a run and, by the ledger, does not stand for it.
func justAsked(s *seen) bool { return s.entry != nil && s.entry.Started != nil && s.entry.Due == 0 }

// takenOver records that an issue which asked for a run stands for it: the run that made it
// so did not get to say so.
func (m *maker) takenOver(s *seen) {
	if o := s.occurrence; justAsked(s) && !m.adoptOnly {
		m.record(record.Event{Key: o.Key, Verb: record.Updated, Number: s.issue.Number, Owner: o.Owner.String(), Due: o.Due})
	}
}

// steps records what became of steps without an issue of their own: that they ended, so that
// the command or the row that says so is carried out, and to whom out of a pool they went.
func (m *maker) steps() {
	if m.adoptOnly {
		return
	}
	m.eachRun(func(whole *due.Occurrence) {
		if !m.acts(whole.Client.ID) || m.split(whole) {
			return
		}
		st := m.stageOf(whole)
		seen := map[string]bool{}
		for _, o := range st.steps {
			seen[o.Key] = true
			m.stepEnded(o.Key, m.entry(o), o)
			if slices.Contains(st.current, o) && (st.tracked == open || m.opened[whole.Key]) {
				m.stepGiven(o)
			}
		}
		for _, s := range stepsIn(whole) { // the run may have ended before they fell due
			if key := strings.TrimSuffix(whole.Key, schema.WholeRun) + s.ID; !seen[key] {
				m.stepEnded(key, m.in.Entries[key], nil)
			}
		}
	})
}

// stepEnded records how a step ended that has not ended in the ledger.
func (m *maker) stepEnded(key string, e *record.Entry, o *due.Occurrence) {
	end, over := m.fact(key)
	if !over || e != nil && e.State == record.Ended && !m.askedSince(key) {
		return
	}
	m.recordEnd(key, end, o)
}

// recordEnd records how a step without an issue of its own ended; o is nil where it is not
// known what it was.
func (m *maker) recordEnd(key string, end due.Ending, o *due.Occurrence) {
	event := record.Event{Key: key, Verb: record.Done}
	if end.Skipped {
		event.Verb = record.Skipped
	}
	if o != nil {
		m.seal(o, &event)
	}
	m.record(event)
}

// askedSince reports whether somebody ended a step again by a command.
func (m *maker) askedSince(key string) bool {
	_, asked := m.in.Progress.Asked(key)
	return asked
}

// stepGiven records who has a step out of a pool, so that it stays theirs.
func (m *maker) stepGiven(o *due.Occurrence) {
	e, had, owner := m.entry(o), "", o.Owner.String()
	if e != nil {
		had = e.Owner
	}
	switch {
	case o.Step.Assign != nextAvailable, e != nil && e.State == record.Ended:
		return
	case had == owner, had == "" && o.Owner.Person == "":
		return // nothing is new, or nobody out of the pool has had it so far
	}
	m.record(record.Event{Key: o.Key, Verb: record.Updated, Owner: owner, Due: o.Due, Reason: m.allotted[o.Key]})
}
