package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Subject is what an issue of ours is about.
type Subject struct {
	Key string
	// Steps are what can be spoken of on the issue: its own step, for a run with one issue the
	// steps that it is at, the first of them first, and for a shared issue those of its
	// clients.
	Steps []*due.Occurrence
	// Shared says that several clients share the issue, and PerRun that it stands for a run.
	Shared, PerRun bool
	// Open says that the issue is open.
	Open bool
}

// Subject returns what an issue is about, and false where it is none of ours, or none that
// the files have.
func (v *View) Subject(number int) (Subject, bool) {
	for _, s := range v.seen {
		if s.issue == nil || s.issue.Number != number {
			continue
		}
		if s.occurrence == nil {
			return Subject{}, false
		}
		if l := v.members[s.key]; l != nil {
			return Subject{Key: s.key, Steps: v.rowsOf(s.occurrence), Shared: true, Open: s.issue.State != issue.Closed}, true
		}
		if o := s.occurrence; o.Whole && perRun(o) {
			return Subject{Key: s.key, Steps: v.runSteps(o), PerRun: true, Open: s.issue.State != issue.Closed}, true
		}
		return Subject{Key: s.key, Steps: []*due.Occurrence{s.occurrence}, Open: s.issue.State != issue.Closed}, true
	}
	return Subject{}, false
}

// Waits returns why a step cannot be done yet, in words, and "" where nothing is in the way
// but its own sign-off.
func (v *View) Waits(o *due.Occurrence) string {
	if !v.barred(o) {
		return ""
	}
	return v.barrier(o)
}
