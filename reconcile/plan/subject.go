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
	// Frozen says why nothing is done for the client; "" where something is.
	Frozen string
}

// Subject returns what an issue is about, open or closed, and false where it is none of ours
// or the run is not about its client. Where the files have no such step it has no steps.
func (v *View) Subject(number int) (Subject, bool) {
	if v.numbers == nil {
		v.numbers = make(map[int]*seen, len(v.seen))
		for _, s := range v.seen {
			if s.issue != nil {
				v.numbers[s.issue.Number] = s
			}
		}
	}
	s := v.numbers[number]
	if s == nil || !v.inScope(s.client) {
		return Subject{}, false
	}
	a := Subject{Key: s.key, Open: s.issue.State != issue.Closed, Shared: v.members[s.key] != nil}
	a.Frozen, _ = v.frozen(s.client)
	switch {
	case s.occurrence == nil:
	case a.Shared:
		a.Steps, _ = v.rows(s.occurrence)
	case s.occurrence.Whole && perRun(s.occurrence):
		a.Steps, a.PerRun = v.runSteps(s.occurrence), true
	default:
		a.Steps = []*due.Occurrence{s.occurrence}
	}
	return a, true
}

// Frozen returns why nothing is done for a client, and "" where something is.
func (v *View) Frozen(client string) string {
	why, _ := v.frozen(client)
	return why
}

// Waits returns why a step cannot be done yet, in words, and "" where nothing is in the way
// but its own sign-off.
func (v *View) Waits(o *due.Occurrence) string {
	if !v.barred(o) {
		return ""
	}
	return v.barrier(o)
}
