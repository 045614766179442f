package reconcile

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
)

// do makes one change and returns how it ended. What was done is pending for the ledger.
func (a *applying) do(ctx context.Context, t *task) Outcome {
	o := Outcome{Change: t.change, Number: t.change.Number, Status: Done}
	switch t.change.Action {
	case plan.Adopt:
	case plan.Create:
		a.create(ctx, t, &o)
	case plan.Update:
		a.update(ctx, t, &o)
	case plan.Close:
		a.close(ctx, t, &o)
	case plan.Answer:
		a.answer(ctx, t, &o)
	}
	a.unchanged[t.change.Key] = a.unchanged[t.change.Key] || o.Status != Done
	a.done(t, &o)
	return o
}

// done puts what was done down for the ledger.
func (a *applying) done(t *task, o *Outcome) {
	if o.Status == Done {
		e := a.stamped(t.change.Record, t.claim.Nonce)
		if e.Number, e.Parent = o.Number, t.parent; t.change.Action == plan.Answer {
			e.Number = 0 // the issue is not that of the key
		}
		a.pending = append(a.pending, e)
	}
}

// judge turns the error of a write into a status.
func (a *applying) judge(o *Outcome, err error) {
	o.Err = err
	switch {
	case err == nil:
	case errors.Is(err, ErrDeferred):
		o.Status, a.full = Deferred, true
	case errors.Is(err, ErrUnknownOutcome), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		o.Status = Unknown
	default:
		o.Status = Failed
	}
}

// create opens an issue. One that comes with an error exists all the same and is recorded.
func (a *applying) create(ctx context.Context, t *task, o *Outcome) {
	n := t.change.Issue
	made, err := a.Forge.Create(ctx, NewIssue{Title: n.Title, Body: n.Body, Labels: n.Labels, Assignees: n.Assignees, Milestone: n.Milestone})
	if made.Number == 0 {
		if a.judge(o, err); err == nil {
			o.Status, o.Err = Unknown, errors.New("the forge returned no issue")
		}
		return
	}
	o.Number, o.URL, o.Err = made.Number, made.URL, err
	a.opened[t.change.Key] = made
	o.Err = errors.Join(o.Err, a.group(ctx, t, made.Number))
}

// group shows an issue under that of its run, where the plan says so and that one is open.
// What the forge will never show there counts as done: it has said so itself.
func (a *applying) group(ctx context.Context, t *task, number int) error {
	g := t.change.Group
	grouper, can := a.Forge.(Grouper)
	if g == nil || !can {
		return nil
	}
	parent := cmp.Or(g.Number, a.opened[g.Key].Number)
	if parent == 0 {
		return errNoParent
	}
	err := grouper.Group(ctx, parent, number)
	if err == nil || errors.Is(err, ErrNotGrouped) {
		t.parent = parent
		return nil
	}
	a.full = a.full || errors.Is(err, ErrDeferred)
	return err
}

// errNoParent says that an issue has to wait for that of its run.
var errNoParent = errors.New("the issue of its run is not open yet, so it is not shown under it")

// update edits an issue, or shows it under that of its run.
func (a *applying) update(ctx context.Context, t *task, o *Outcome) {
	e := t.change.Edit
	if t.change.Group != nil {
		if a.judge(o, a.group(ctx, t, t.change.Number)); errors.Is(o.Err, errNoParent) {
			o.Status = Deferred
		}
		return
	}
	edit := Edit{Title: e.Title, AddLabels: e.AddLabels, RemoveLabels: e.RemoveLabels, AddAssignees: e.AddAssignees, RemoveAssignees: e.RemoveAssignees}
	now, err := a.Forge.Get(ctx, t.change.Number)
	if errors.Is(err, ErrNotFound) && e.Reopen {
		// Somebody deleted what we had closed: there is nothing to open again.
		a.pending = append(a.pending, a.stamped(record.Event{Key: t.change.Key, Verb: record.Lost, Number: t.change.Number}, ""))
	}
	if err != nil {
		a.judge(o, err)
		return
	}
	o.URL = now.URL
	if now.State == issue.Closed && !e.Reopen {
		o.Status, o.Err = Elsewhere, errors.New("closed in the meantime")
		return
	}
	if now.Milestone == "" { // a person may have put it into one in the meantime
		edit.Milestone = e.Milestone
	}
	if e.Reopen {
		open := issue.Open
		edit.State = &open
	}
	_, err = a.edit(ctx, t, edit, now)
	if a.judge(o, err); o.Status == Done && t.change.Comment != "" {
		a.comment(ctx, t, o)
	}
}

// maxMerges is how often a text is merged anew that people keep changing.
const maxMerges = 3

// edit sends an edit with the body merged into the one of now, and merges it once more
// where somebody changed that in between: a box that was ticked stays ticked.
func (a *applying) edit(ctx context.Context, t *task, edit Edit, now issue.Issue) (issue.Issue, error) {
	e := t.change.Edit
	if !e.Body {
		return a.Forge.Edit(ctx, t.change.Number, edit)
	}
	for try := 1; ; try++ {
		body, was := issue.Merge(now.Body, e.Region, e.Marker), now.Body
		edit.Body, edit.Was = &body, &was
		got, err := a.Forge.Edit(ctx, t.change.Number, edit)
		if !errors.Is(err, ErrChanged) || try == maxMerges {
			return got, err
		}
		if now, err = a.Forge.Get(ctx, t.change.Number); err != nil {
			return issue.Issue{}, err
		}
	}
}

// close closes an issue and says why in a comment. An interruption between the two costs
// the comment, never a second one. Where the body has to say more, it does so in the same
// step.
func (a *applying) close(ctx context.Context, t *task, o *Outcome) {
	closed := issue.Closed
	now, err := a.closing(ctx, t, Edit{State: &closed, Reason: t.change.CloseReason})
	o.URL = now.URL
	a.judge(o, err)
	if o.Status == Done && t.change.Comment != "" {
		a.comment(ctx, t, o)
	}
}

// closing sends the edit that closes, with the last words of the body where there are any.
func (a *applying) closing(ctx context.Context, t *task, edit Edit) (issue.Issue, error) {
	if t.change.Edit == nil {
		return a.Forge.Edit(ctx, t.change.Number, edit)
	}
	now, err := a.Forge.Get(ctx, t.change.Number)
	if err != nil {
		return now, err
	}
	return a.edit(ctx, t, edit, now)
}

// answer comments on an issue that asks for a run. Where another run meant to and did not get
// to say whether it had, the comment is looked for first: nobody is told the same twice.
func (a *applying) answer(ctx context.Context, t *task, o *Outcome) {
	if t.again != "" {
		l, err := a.Forge.Comments(ctx, t.since.Add(-maxSkew))
		if err != nil {
			a.judge(o, err)
			return
		}
		mark := ticket.Mark(t.change.Record.Notice)
		if slices.ContainsFunc(l, func(c issue.Comment) bool { return c.Issue == o.Number && strings.Contains(c.Body, mark) }) {
			return
		}
	}
	a.judge(o, a.Forge.Comment(ctx, o.Number, t.change.Comment))
}

// comment adds the comment of a change that is made. That it failed is told, and does not
// undo the change.
func (a *applying) comment(ctx context.Context, t *task, o *Outcome) {
	if err := a.Forge.Comment(ctx, t.change.Number, t.change.Comment); err != nil {
		a.full = a.full || errors.Is(err, ErrDeferred)
		o.Err = err
	}
}

// notify sends one message for notices that go out together. What it is told to say of an
// issue that was not changed is not true yet, and not sent.
func (a *applying) notify(ctx context.Context, l []*task) []Outcome {
	outcomes := make([]Outcome, len(l))
	var items []Item
	for i, t := range l {
		item := a.item(t)
		o := Outcome{Change: t.change, Number: t.change.Number, URL: item.URL, Again: t.again, Status: Done}
		if t.change.Notice.Kind == plan.Assigned && a.unchanged[on(&t.change)] {
			o.Status, o.Err = Deferred, errors.New("the issue is not handed over yet")
		} else {
			items = append(items, item)
		}
		outcomes[i] = o
	}
	if len(items) == 0 {
		return outcomes
	}
	err := a.Notifier.Send(ctx, gather(l[0].change.Notice.Channel, a.plan.AsOf, items))
	for i, t := range l {
		if o := &outcomes[i]; o.Status == Done {
			judgeSent(o, err)
			a.done(t, o)
		}
	}
	return outcomes
}

// item is a notice as it is sent: it points to the issue, even to one that the run opened.
func (a *applying) item(t *task) Item {
	i := itemOf(&t.change)
	if t.change.Notice.Outside {
		return i // what is meant for a client points to nothing of ours
	}
	if made := a.opened[on(&t.change)]; i.URL == "" && made.Number > 0 {
		i.URL, i.Number = made.URL, made.Number
	}
	return i
}

// on returns the key of the issue that a change is about.
func on(c *plan.Change) string { return cmp.Or(c.In, c.Key) }

// judgeSent turns the error of a message into a status.
func judgeSent(o *Outcome, err error) {
	o.Err = err
	switch {
	case err == nil, errors.Is(err, ErrNotAll):
	case errors.Is(err, ErrDeferred):
		o.Status = Deferred
	case errors.Is(err, ErrUnknownOutcome), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		o.Status = Unknown
	default:
		o.Status = Failed
	}
}
