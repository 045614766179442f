package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Times of the protocol.
const (
	// Grace is how long a claim belongs to whoever made it. It is longer than any list of a
	// forge lags behind and than any single request takes.
	Grace = 20 * time.Minute
	// flushEvery and flushAfter say when what was done is written down.
	flushEvery = 20
	flushAfter = time.Minute
	// heartbeatEvery is how often a run with nothing to do writes that it succeeded.
	heartbeatEvery = time.Hour
	// lastWords is how long an interrupted run may take to write down what it did. GitHub
	// Actions ends a job about ten seconds after it asked it to stop.
	lastWords = 7 * time.Second
)

// Run carries out plans.
type Run struct {
	Forge    Forge
	Ledger   Ledger
	Notifier Notifier
	// Installation is the organization id, and Former are ids that it had before: a ledger
	// that was begun under one of them goes on.
	Installation string
	Former       []string
	// Name names the run in the ledger.
	Name string
	// Now reads the clock by which things are written down. Machine, where set, is the one of
	// the machine, by which successes count, where the other is that of a day that is played.
	Now, Machine func() time.Time
	// Nonce returns a text that was never returned before, anywhere.
	Nonce func() string
	// Progress, where set, is told each outcome as it happens.
	Progress func(Outcome)
}

// Status says how a change ended.
type Status string

// The statuses.
const (
	// Done: it is as planned.
	Done Status = "done"
	// Elsewhere: another run did it or is at it.
	Elsewhere Status = "elsewhere"
	// Deferred: the forge takes no more for now, or the run was stopped before it.
	Deferred Status = "deferred"
	// Unknown: it was sent and no answer came; a later run finds out.
	Unknown Status = "unknown"
	// Failed: it was refused.
	Failed Status = "failed"
)

// Outcome is how one change ended.
type Outcome struct {
	Change plan.Change
	Status Status
	Number int
	URL    string
	// Err says why it is not done, or what is not as it should be although it is.
	Err error
	// Again names the run that may have sent the message before; empty for all but messages
	// whose sending was interrupted.
	Again string
}

// Result is how a run ended.
type Result struct {
	// Outcomes follow the order in which the changes were tried.
	Outcomes []Outcome
	// Interrupted says that the run was stopped.
	Interrupted bool
	// Recorded says how many events were written besides those of the outcomes.
	Recorded int
}

// Partial reports whether something is left over for a later run.
func (r *Result) Partial() bool {
	return r.Interrupted || slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Status != Done && o.Status != Elsewhere })
}

// Apply carries out a plan that was made from a world which was observed at an instant. A
// blocked plan is an error of the caller. The changes of the plan are claimed first, in one
// step; whatever another run has claimed or done since is left to it. An error means that
// the ledger could not be read or written; what was done until then is in the result.
func (r *Run) Apply(ctx context.Context, p *plan.Plan, w *World, observed time.Time) (*Result, error) {
	if p.Blocked != nil {
		return nil, errors.New("apply: the plan is blocked")
	}
	a := &applying{Run: r, plan: p, observed: observed, head: w.History.Head, unheard: w.Unheard, result: &Result{}, opened: map[string]issue.Issue{}, unchanged: map[string]bool{}}
	switch {
	case p.Empty() && w.Unheard:
		return a.result, nil
	case p.Empty():
		return a.result, r.heartbeat(ctx, w.History)
	}
	if err := a.claim(ctx); err != nil {
		return a.result, err
	}
	err := a.act(ctx)
	return a.result, errors.Join(err, a.finish(ctx))
}

// machine reads the clock of the machine.
func (r *Run) machine() time.Time {
	if r.Machine != nil {
		return r.Machine()
	}
	return r.Now()
}

// heartbeat writes that a run with nothing to do succeeded, at most once an hour.
func (r *Run) heartbeat(ctx context.Context, h *History) error {
	now := r.machine()
	if now.Sub(h.Heartbeat) < heartbeatEvery {
		return nil
	}
	_, err := r.Ledger.Update(ctx, func(h *History) (Batch, error) {
		id, err := r.ledgerID(h)
		return Batch{Message: "heartbeat", Heartbeat: now, Installation: id}, err
	})
	if err != nil {
		return fmt.Errorf("write the heartbeat (%s): %w", r.Ledger.Name(), err)
	}
	return nil
}

// ledgerID returns the id under which a ledger is written, which is the one it was begun
// under. A ledger of somebody else is an error.
func (r *Run) ledgerID(h *History) (string, error) {
	switch {
	case h.Installation == "" || h.Installation == r.Installation:
		return r.Installation, nil
	case slices.Contains(r.Former, h.Installation):
		return h.Installation, nil
	}
	return "", fmt.Errorf("the ledger belongs to %q, and this is %q: choose another ledger, or declare the former id with previously", h.Installation, r.Installation)
}

// applying is a run under way.
type applying struct {
	*Run
	plan     *plan.Plan
	observed time.Time
	// head is the version of the ledger that the plan was made from.
	head string
	// unheard says that the run is no success, whatever becomes of the plan.
	unheard bool
	claimed time.Time
	// tasks are the changes in the order in which they are tried.
	tasks  []*task
	result *Result
	// pending are events that are not in the ledger yet.
	pending []record.Event
	flushed time.Time
	// opened are the issues that this run opened, by key.
	opened map[string]issue.Issue
	// full says that the forge takes no more for now.
	full bool
	// unchanged are the keys of issues that were to be changed in this run and were not.
	unchanged map[string]bool
}

// task is one change and the claim for it.
type task struct {
	change plan.Change
	// claim is the event that claims it; the zero Event where the change needs none.
	claim record.Event
	// taken says why the change is left to another run; empty where it is ours.
	taken string
	// parent is the issue under which the task has put its own, or tried to; 0 for none.
	parent int
	// again names the run that claimed the message before and did not tell how it ended, and
	// since is when it did.
	again string
	since time.Time
}

// order puts what only tidies before what opens, oldest due date first, and messages last,
// because they point to issues. Issues of whole runs are opened before what is shown under
// them.
func order(a, b *task) int {
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.change.Due, b.change.Due),
		cmp.Compare(a.change.Key, b.change.Key), cmp.Compare(a.change.Number, b.change.Number))
}

// rank returns the place of a task by what it does.
func (t *task) rank() int {
	c := &t.change
	switch {
	case c.Action == plan.Adopt:
		return 0
	case c.Action == plan.Close:
		return 1
	case c.Action == plan.Update && (c.Group == nil || c.Group.Number > 0):
		return 2
	case c.Action == plan.Create && c.Whole:
		return 3
	case c.Action == plan.Notify:
		return 5
	}
	return 4
}

// claim writes the intents of everything that has an effect, and the records of the plan,
// in one step. It may be tried several times, each time on a newer history.
func (a *applying) claim(ctx context.Context) error {
	recorded := 0
	_, err := a.Ledger.Update(ctx, func(h *History) (Batch, error) {
		id, err := a.ledgerID(h)
		if err != nil {
			return Batch{}, err
		}
		a.claimed = a.Now()
		a.tasks = nil
		b := Batch{Installation: id}
		for _, e := range a.news(h) {
			b.Events = append(b.Events, a.stamped(e, ""))
		}
		recorded = len(b.Events)
		for _, c := range a.plan.Changes {
			t := &task{change: c}
			t.claim, t.taken = a.intent(h.Entries[c.Key], c)
			if t.claim.Verb != "" {
				b.Events = append(b.Events, t.claim)
			}
			if e := h.Entries[c.Key]; e != nil && (c.Notice != nil || c.Action == plan.Answer) {
				t.again, t.since = e.Notices[c.Record.Notice].Run, e.Notices[c.Record.Notice].At
			}
			a.tasks = append(a.tasks, t)
		}
		b.Message = fmt.Sprintf("claim %d, record %d", len(b.Events)-recorded, recorded)
		return b, nil
	})
	if err != nil {
		return fmt.Errorf("claim the changes (%s): %w", a.Ledger.Name(), err)
	}
	a.result.Recorded = recorded
	slices.SortStableFunc(a.tasks, order)
	a.flushed = a.Now()
	return nil
}

// news returns the records of the plan that no other run has written since the world was
// observed. Runs at the same moment see the same, and it is enough that one of them says so.
func (a *applying) news(h *History) []record.Event {
	if h.Head == a.head {
		return a.plan.Records
	}
	written := map[record.Event]bool{}
	for _, e := range h.Events() {
		if !e.At.Before(a.observed.Truncate(time.Millisecond)) {
			written[unstamped(e)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(a.plan.Records), func(e record.Event) bool { return written[unstamped(e)] })
}

// unstamped is an event without what stamped gives it: what it says, whoever said it.
func unstamped(e record.Event) record.Event {
	e.V, e.At, e.Run, e.Nonce = 0, time.Time{}, "", ""
	return e
}

// stamped completes an event with version, time and run.
func (r *Run) stamped(e record.Event, nonce string) record.Event {
	e.V, e.At, e.Run, e.Nonce = record.Version, r.Now().UTC().Truncate(time.Millisecond), r.Name, nonce
	return e
}

// intent returns the claim for a change as the ledger stands, or why the change is not
// ours to make.
func (a *applying) intent(e *record.Entry, c plan.Change) (record.Event, string) {
	if e == nil {
		e = &record.Entry{}
	}
	intend := func(v record.Verb) record.Event {
		return a.stamped(record.Event{Key: c.Key, Verb: v, Number: c.Number}, a.Nonce())
	}
	switch c.Action {
	case plan.Create:
		switch {
		case e.State > record.Intent:
			return record.Event{}, "another run has opened it"
		case a.held(e.Claim):
			return record.Event{}, claimedBy(e.Claim)
		}
		return intend(record.IntendCreate), ""
	case plan.Close:
		switch {
		case e.State == record.Ended && e.Number == c.Number && e.EndedAt.After(a.observed):
			return record.Event{}, "it has ended in the meantime"
		case a.held(e.Close):
			return record.Event{}, claimedBy(e.Close)
		}
		return intend(record.IntendClose), ""
	case plan.Notify, plan.Answer:
		n := e.Notices[c.Record.Notice]
		switch {
		case n.Verb == record.Notified:
			return record.Event{}, "another run has sent it"
		case n.Verb == record.IntendNotify && a.held(n.Claim()):
			return record.Event{}, claimedBy(n.Claim())
		}
		claim := a.stamped(c.Record, a.Nonce()) // an invitation says more than its name
		claim.Verb = record.IntendNotify
		return claim, ""
	}
	return record.Event{}, ""
}

// claimedBy says who holds a claim, and when it ends if that run never comes back.
func claimedBy(claim record.Claim) string {
	return fmt.Sprintf("claimed by run %s, and taken over after %s if that one has stopped", claim.Run, claim.At.Add(Grace).UTC().Format("15:04 MST"))
}

// held reports whether a claim still belongs to whoever made it. It is compared with the
// instant at which the forge was observed: what was claimed later may not have shown.
func (a *applying) held(claim record.Claim) bool {
	return claim.Verb != "" && claim.At.Add(Grace).After(a.observed)
}

// act tries every task, and notices that go out together as one. It stops early when the
// run is stopped, and leaves what is left over to others. A flush that the stop broke off
// is made up for by finish: writing an event twice says no more than writing it once.
func (a *applying) act(ctx context.Context) error {
	for _, l := range a.batches() {
		if err := a.writeSent(ctx, l); err != nil && ctx.Err() == nil {
			return err
		}
		status, why := a.hold(ctx, l)
		outcomes := make([]Outcome, len(l))
		switch {
		case status != "":
			for i, t := range l {
				outcomes[i] = Outcome{Change: t.change, Number: t.change.Number, Status: status, Err: why}
			}
		case l[0].change.Action == plan.Notify:
			outcomes = a.notify(ctx, l)
		default:
			outcomes[0] = a.do(ctx, l[0])
		}
		for i, t := range l {
			a.settle(t, outcomes[i])
		}
		if ctx.Err() != nil {
			continue // a stopped run writes down the rest at once, in finish
		}
		if len(a.pending) >= flushEvery || a.Now().Sub(a.flushed) > flushAfter {
			if err := a.flush(ctx, Batch{}); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return nil
}

// batches returns the tasks in their order, those that go out as one message together at
// the place of the first.
func (a *applying) batches() [][]*task {
	var l [][]*task
	at := map[string]int{}
	for _, t := range a.tasks {
		n := t.change.Notice
		if n == nil || n.Together == "" || t.taken != "" {
			l = append(l, []*task{t})
			continue
		}
		i, ok := at[n.Together]
		if !ok {
			i = len(l)
			at[n.Together], l = i, append(l, nil)
		}
		l[i] = append(l[i], t)
	}
	return l
}

// hold says why tasks that belong together are not tried; no status means that they are.
func (a *applying) hold(ctx context.Context, l []*task) (Status, error) {
	action := l[0].change.Action
	switch {
	case l[0].taken != "":
		return Elsewhere, errors.New(l[0].taken)
	case ctx.Err() != nil:
		a.result.Interrupted = true
		return Deferred, errors.New("the run was stopped")
	case a.Now().Sub(a.claimed) > Grace/2:
		return Deferred, errors.New("the run took too long, and its claims may be others' by now")
	case a.full && action != plan.Notify && action != plan.Adopt:
		return Deferred, ErrDeferred
	}
	return "", nil
}

// settle notes how a task ended. A claim for which nothing was done is given back, except
// that to tell a new owner: once the issue agrees with the files it is all that is left to
// say that somebody was not told.
func (a *applying) settle(t *task, o Outcome) {
	if o.Status == Deferred || o.Status == Failed {
		if n := t.change.Notice; n == nil || n.Kind != plan.Assigned {
			a.release(t)
		}
	}
	a.result.Outcomes = append(a.result.Outcomes, o)
	if a.Progress != nil {
		a.Progress(o)
	}
}

// writeSent writes down the message that was sent before another one is sent: after a
// crash one message may go out twice, never more.
func (a *applying) writeSent(ctx context.Context, next []*task) error {
	if next[0].change.Action != plan.Notify || next[0].taken != "" || ctx.Err() != nil ||
		!slices.ContainsFunc(a.pending, func(e record.Event) bool { return e.Verb == record.Notified }) {
		return nil
	}
	return a.flush(ctx, Batch{})
}

// release takes back a claim that nothing was done for.
func (a *applying) release(t *task) {
	if t.claim.Verb != "" {
		a.pending = append(a.pending, a.stamped(record.Event{Key: t.claim.Key, Verb: record.Released}, t.claim.Nonce))
	}
}

// finish writes down what is not written yet, and the success if it was one. It does so
// even for a run that was stopped.
func (a *applying) finish(ctx context.Context) error {
	var b Batch
	if !a.result.Partial() && !a.unheard {
		b.Heartbeat = a.machine()
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
	}
	return a.flush(ctx, b)
}

// flush writes what was done.
func (a *applying) flush(ctx context.Context, b Batch) error {
	if len(a.pending) == 0 && b.Heartbeat.IsZero() {
		return nil
	}
	b.Events, b.Message = a.pending, fmt.Sprintf("record %d", len(a.pending))
	if _, err := a.Ledger.Update(ctx, func(*History) (Batch, error) { return b, nil }); err != nil {
		return fmt.Errorf("record what was done (%s): %w", a.Ledger.Name(), err)
	}
	a.pending, a.flushed = nil, a.Now()
	return nil
}
