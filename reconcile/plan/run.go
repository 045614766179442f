package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
)

// run is what is known of the whole run of a plan. It holds no numbers of issues and
// nothing that carrying out a plan changes, so that what is written of it stays.
type run struct {
	lines []issue.StepLine
	// ended says that there is nothing left to do in it. A step that goes on for ever does
	// not keep a run from ending.
	ended bool
}

// runOf returns the run that an occurrence stands for.
func (v *View) runOf(o *due.Occurrence) *run {
	if r := v.runs[o.Key]; r != nil {
		return r
	}
	r := &run{}
	if perRun(o) {
		r.lines, r.ended = v.perRunLines(o)
		v.runs[o.Key] = r
		return r
	}
	v.runs[o.Key] = r // steps cannot wait for their run; where files say so, it has not ended
	var order []string
	turns := map[string][]*due.Occurrence{}
	for _, s := range v.in.Engine.Run(o) {
		id := s.Step.ID
		if turns[id] == nil {
			order = append(order, id)
		}
		known := &s
		if i, ok := v.find(s.Key); ok {
			known = &v.occurrences[i]
		}
		turns[id] = append(turns[id], known)
	}
	left, some := false, false
	for _, id := range order {
		l := v.stepLine(turns[id])
		if r.lines = append(r.lines, l); !turns[id][0].Endless() {
			some, left = true, left || !l.Ended
		}
	}
	r.ended = some && !left
	return r
}

// stepLine says how a step stands, all of its turns together.
func (v *View) stepLine(turns []*due.Occurrence) issue.StepLine {
	s := turns[0].Step
	l := issue.StepLine{Number: s.Number, Title: s.Title, Ended: true}
	how := map[State]bool{}
	first, last := turns[0], turns[0]
	for _, o := range turns {
		state := v.State(o)
		how[state] = true
		l.Ended = l.Ended && over(state)
		if o.Due < first.Due {
			first = o
		}
		if o.Due > last.Due {
			last = o
		}
	}
	switch {
	case turns[0].Endless() && first.Due != 0:
		l.Ended, l.State = false, "again and again from "+issue.Day(first.Due)
	case l.Ended:
		l.State = outcomeOf(how)
	case last.Due == 0:
		l.State = "no date yet: waits for " + last.Unscheduled
	default:
		if l.State = "due " + issue.Day(first.Due); first.Due != last.Due {
			l.State += " to " + issue.Day(last.Due)
		}
		if how[BlockedStep] {
			l.State += ", waits for other steps"
		}
	}
	return l
}

// over reports whether nothing more is to be done about what stands so.
func over(s State) bool { return s == Done || s == Skipped || s == Cancelled || s == Missed }

// outcomeOf says how a step ended whose turns ended in these ways: the best of them.
func outcomeOf(how map[State]bool) string {
	switch {
	case how[Done]:
		return "done"
	case how[Skipped]:
		return "skipped"
	case how[Cancelled]:
		return "called off"
	}
	return "missed"
}

// tracksRun reports whether a key is that of the issue of a whole run.
func tracksRun(key string) bool {
	k, err := issue.ParseKey(key)
	return err == nil && k.Step == schema.WholeRun
}

// hasEnded reports whether seen issues are those of a run that has ended.
func (v *View) hasEnded(s *seen) bool {
	return s.occurrence != nil && s.occurrence.Whole && v.runOf(s.occurrence).ended
}

const runEnded = "every step of the run has ended"

// endRun closes the issue of a run that has ended, and says in it how the last steps did.
// It is what the issue is for, and so counts for no gate. One that a person opened again
// stays open.
func (m *maker) endRun(s *seen) {
	if s.closedByUs() {
		m.plan.Summary.None++
		return
	}
	why := runEnded
	if over := m.in.Progress.Run(s.key).Over; over != nil && perRun(s.occurrence) {
		why = "the run has ended"
		if over.Outcome != "" {
			why += ": " + over.Outcome
		}
	}
	m.finishIssue(s, why)
}

// ending returns how the issue of a run that has ended is closed.
func (v *View) ending(o *due.Occurrence) issue.CloseReason {
	if over := v.in.Progress.Run(o.Key).Over; over != nil && over.NotPlanned && perRun(o) {
		return issue.NotPlanned
	}
	return issue.Completed
}

// finishIssue closes an issue of which all parts have ended: as completed, unless that of a
// run that ended otherwise.
func (m *maker) finishIssue(s *seen, why string) {
	m.add(m.endChange(s, why, m.ending(s.occurrence)))
}
