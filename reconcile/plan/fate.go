package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// State is how an occurrence stands on the day.
type State string

// The states.
const (
	// Scheduled: its time has not come, or it is about to be opened.
	Scheduled State = "scheduled"
	// Unscheduled: what it hangs on has no date.
	Unscheduled State = "unscheduled"
	// Open: it has an open issue.
	Open State = "open"
	// BlockedStep: steps that have to be done first are not.
	BlockedStep State = "blocked"
	// Overdue: it is past its due date and not done.
	Overdue State = "overdue"
	// Done: a person closed its issue as completed. A step that is only told about is done
	// when its day has come.
	Done State = "done"
	// Skipped: a person closed its issue as not planned, or deleted it.
	Skipped State = "skipped"
	// Cancelled: an exception calls it off.
	Cancelled State = "cancelled"
	// Missed: it was never opened and is too old to be.
	Missed State = "missed"
	// Obsolete: it has an issue and the files have it no more.
	Obsolete State = "obsolete"
)

// States returns every state, in the order in which a step may come to them.
func States() []State {
	return []State{Scheduled, Unscheduled, Open, BlockedStep, Overdue, Done, Skipped, Cancelled, Missed, Obsolete}
}

// fate is what is to be done about an occurrence.
type fate uint8

const (
	called     fate = iota // an exception calls it off
	silent                 // it has no issue, only notices
	undated                // it has no date
	open                   // it has an open issue
	ended                  // it is over
	later                  // its time has not come
	waiting                // other steps come first
	undecided              // it is not decided yet whether it is there
	tooOld                 // it was never opened and is too old
	superseded             // a newer turn of it is past already
	wanted                 // it is to be opened now
)

// verdict is the fate of an occurrence with its circumstances.
type verdict struct {
	fate fate
	// waitsFor are the keys of the steps that come first and are not done.
	waitsFor []string
	// free is the day from which nothing was in the way any more, zero where nothing ever
	// was; for ended, the day it ended.
	free civil.Date
	// number is the issue to be opened again, where it is wanted again.
	number int
}

// maxChain bounds how long a chain of steps is followed. Circles are faults of the files;
// here they only must not hang.
const maxChain = 50

// fate works out what is to be done about an occurrence, whatever its client.
func (v *View) fate(o *due.Occurrence, depth int) verdict {
	switch {
	case o.Cancelled():
		return verdict{fate: called}
	case isPart(o):
		return v.part(o, depth)
	case o.Step.Issue == "none":
		return verdict{fate: silent, free: o.Due}
	case o.Shared():
		return v.member(o, depth)
	}
	again, d := v.tracked(o)
	switch {
	case d.fate == open, d.fate == ended && !again:
		return d
	case o.Undecided != "":
		return verdict{fate: undecided, waitsFor: v.asks(o), number: d.number}
	case v.members[o.Key] != nil:
		return v.gatheredFate(o, d)
	case o.Whole && v.runOf(o).ended:
		return verdict{fate: ended, number: d.number}
	case o.Due == 0:
		return verdict{fate: undated}
	case v.in.AsOf < o.Opens:
		return verdict{fate: later}
	}
	waits, free := v.waits(o, depth)
	free = max(free, v.in.Engine.Answered(o))
	w := verdict{fate: wanted, waitsFor: waits, free: free, number: d.number}
	switch {
	case len(waits) > 0:
		w.fate = waiting
	case max(v.lastDue(o), free) < v.catchUp:
		w.fate = tooOld
	case v.isSuperseded(o):
		w.fate = superseded
	}
	if again && w.fate != wanted {
		return d
	}
	return w
}

// lastDue is the due date by which an issue is too old to be opened: of a run the last one.
func (v *View) lastDue(o *due.Occurrence) civil.Date {
	if o.Whole && perRun(o) {
		return v.stageOf(o).due
	}
	return o.Due
}

// tracked says what forge and ledger know of an occurrence: open, ended, or nothing, which
// is later. again reports that it ended because we closed it: then it may be wanted again.
func (v *View) tracked(o *due.Occurrence) (again bool, d verdict) {
	e := v.entry(o)
	if end, ok := v.fact(o.Key); ok {
		d = verdict{fate: ended, free: end.On}
		if e != nil {
			d.number = e.Number
		}
		return false, d
	}
	if is := v.Issue(o.Key); is != nil {
		d = verdict{fate: open, number: is.Number}
		if is.State == issue.Closed {
			d.fate, d.free = ended, v.dayOf(is.Closed)
		}
		return d.fate == ended && (v.closedUnsigned(o, is) || closedByUs(e) && !closedAgain(e, is)), d
	}
	switch {
	case e == nil:
		return false, verdict{fate: later}
	case e.State == record.Ended:
		return closedByUs(e), verdict{fate: ended, free: v.dayOf(e.EndedAt), number: e.Number}
	case e.Number == 0 && e.State == record.IsOpen: // it was given to somebody, on the issue of its run
		return false, verdict{fate: later}
	case e.State == record.IsOpen && v.gone[e.Number]:
		return false, verdict{fate: ended, free: v.in.AsOf}
	case e.State == record.IsOpen:
		return false, verdict{fate: open, number: e.Number}
	}
	return false, verdict{fate: later}
}

// closedByUs reports whether the ledger says that we closed the issue, and no person.
func closedByUs(e *record.Entry) bool {
	return e != nil && e.State == record.Ended && e.Outcome == record.Closed
}

// closedByUs reports whether we closed the very issue that is seen: where it is open, a
// person opened it again.
func (s *seen) closedByUs() bool { return closedByUs(s.entry) && s.entry.Number == s.issue.Number }

// closedAgain reports whether a person closed an issue after we had: they opened it and
// closed it again, or closed it as something that we do not.
func closedAgain(e *record.Entry, is *issue.Issue) bool {
	as := is.Reason == issue.NotPlanned || is.Reason == issue.Completed && (tracksRun(e.Key) || record.Client(e.Key) == schema.AllClients)
	return e.Number != is.Number || !as || e.EndedBefore(is.Closed)
}

// isSuperseded reports whether a missed turn of a repeated step is not worth opening, by
// the organization's policy: with latest, only the newest turn that is past counts,
// whether or not it was opened.
func (v *View) isSuperseded(o *due.Occurrence) bool {
	if o.Instance == "" || o.Due >= v.in.AsOf {
		return false
	}
	switch v.org.CatchUpRecurring() {
	case "all":
		return false
	case "none":
		return true
	}
	n := v.turns[turnsOf{o.Assignment, o.Step}]
	return n != nil && compareDue(o, n) < 0
}

// waits returns the keys of what has to be done before o and is not, sorted, and the day
// on which the last of what is done was done.
func (v *View) waits(o *due.Occurrence, depth int) (keys []string, free civil.Date) {
	if len(o.Step.After) == 0 || depth > maxChain {
		return nil, 0
	}
	for _, step := range o.Step.After {
		for _, d := range v.steps(o, step) {
			if d.Instance != "" && o.Due != 0 && d.Due > o.Due {
				continue // a later turn of a repeated step is not in the way
			}
			w, ok := v.verdicts[d.Key]
			if !ok {
				w = v.fate(d, depth+1)
				v.verdicts[d.Key] = w
			}
			if inTheWay(w, v.in.AsOf) || v.bars(d, w) {
				keys = append(keys, d.Key)
			} else {
				free = max(free, w.free)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), free
}

// inTheWay reports whether what waits for an occurrence has to wait on. What is called off
// or missed will never be done, so nobody waits for it.
func inTheWay(w verdict, asOf civil.Date) bool {
	switch w.fate {
	case called, ended, tooOld, superseded:
		return false
	case silent:
		return w.free == 0 || asOf < w.free
	}
	return true
}

// fact returns how a step ended, where people said so otherwise than by closing its issue.
func (v *View) fact(key string) (due.Ending, bool) {
	f := v.in.Progress.Facts()
	if f == nil {
		return due.Ending{}, false
	}
	end, ok := f.Ended[key]
	return end, ok
}

// closedUnsigned reports whether a person closed an issue as completed before everybody had
// signed it off, for some client where several share it. Such a step is not done.
func (v *View) closedUnsigned(o *due.Occurrence, is *issue.Issue) bool {
	if is.Reason != issue.Completed && is.Reason != "" {
		return false
	}
	return len(v.unsigned(o)) > 0 || len(v.unsignedRows(o)) > 0
}

// bars reports whether a step of which nothing more is to come bars the way all the same: it
// had to be signed off, and was skipped or missed. What would have needed the sign-off is
// not done without it. What was signed off and done bars nothing, whatever was edited since.
func (v *View) bars(o *due.Occurrence, w verdict) bool {
	if over := w.fate == ended || w.fate == tooOld || w.fate == superseded; !over || len(o.Step.Approve) == 0 {
		return false
	}
	end, known := v.fact(o.Key)
	return known && end.Skipped || !known && len(v.unsigned(o)) > 0
}

// asks returns the keys of the steps that decide what an occurrence waits for.
func (v *View) asks(o *due.Occurrence) (keys []string) {
	o.Template.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		if s.Decide != nil && s.Decide.ID == o.Undecided {
			for _, d := range v.steps(o, s.ID) {
				keys = append(keys, d.Key)
			}
		}
		return true
	})
	slices.Sort(keys)
	return keys
}

// steps returns the occurrences of another step in the cycle of o.
func (v *View) steps(o *due.Occurrence, step string) []*due.Occurrence {
	key := o.Client.ID + "/" + o.Template.Head().ID + "/" + o.Cycle + "/" + step
	var l []*due.Occurrence
	if i, ok := v.find(key); ok {
		return append(l, &v.occurrences[i])
	}
	for i, _ := v.find(key + "/"); i < len(v.occurrences) && strings.HasPrefix(v.occurrences[i].Key, key+"/"); i++ {
		l = append(l, &v.occurrences[i])
	}
	if l != nil {
		return l
	}
	if d, ok := v.in.Engine.Lookup(key); ok {
		l = append(l, &d)
	}
	return l
}

// find returns where a key is, or would be, among the occurrences.
func (v *View) find(key string) (int, bool) {
	return slices.BinarySearchFunc(v.occurrences, key, func(o due.Occurrence, k string) int { return strings.Compare(o.Key, k) })
}

// State returns how an occurrence of the catalog stands.
func (v *View) State(o *due.Occurrence) State {
	w := v.fate(o, 0)
	past := o.Due != 0 && o.Due < v.in.AsOf
	switch w.fate {
	case called:
		return Cancelled
	case undated:
		return Unscheduled
	case waiting, undecided:
		return BlockedStep
	case tooOld, superseded:
		return Missed
	case ended:
		return v.outcome(o)
	case silent:
		if o.Due == 0 {
			return Unscheduled
		}
		if o.Due <= v.in.AsOf {
			return Done
		}
		return Scheduled
	}
	switch {
	case past:
		return Overdue
	case w.fate == open && v.isBlocked(o):
		return BlockedStep
	case w.fate == open:
		return Open
	}
	return Scheduled
}

// outcome tells done from skipped for what has ended. The forge is newer than the ledger.
func (v *View) outcome(o *due.Occurrence) State {
	if end, ok := v.fact(o.Key); ok {
		if end.Skipped {
			return Skipped
		}
		return Done
	}
	if is := v.Issue(o.Key); is != nil {
		if is.Reason == issue.Completed || is.Reason == "" {
			return Done
		}
		return Skipped
	}
	e := v.entry(o)
	if e != nil && e.Outcome == record.Done || o.Whole && (e == nil || closedByUs(e)) && v.runOf(o).ended && v.ending(o) == issue.Completed {
		return Done
	}
	return Skipped
}
