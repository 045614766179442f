package github

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Edit changes labels and assignees first, each by its own address, because a change of
// the issue itself would replace what people added. The title, the text, the
// milestone and the state come last, in one request.
func (f *Forge) Edit(ctx context.Context, number int, e reconcile.Edit) (issue.Issue, error) {
	w := &edit{Forge: f, ctx: f.wire.withBudget(ctx), number: number, op: fmt.Sprintf("change #%d", number)}
	if number < 1 {
		return issue.Issue{}, noSuch(w.op)
	}
	for _, do := range []func(reconcile.Edit) error{w.addLabels, w.removeLabels, w.addAssignees, w.removeAssignees, w.patch} {
		if err := do(e); err != nil {
			return issue.Issue{}, f.missing(ctx, err)
		}
	}
	if w.got == nil {
		return f.get(ctx, w.op, number)
	}
	return *w.got, nil
}

// edit is one change of one issue under way.
type edit struct {
	*Forge
	ctx    context.Context
	number int
	op     string
	// got is the issue as the last answer had it, with everything before it done.
	got *issue.Issue
}

// send sends one part of a change and decodes the answer.
func (w *edit) send(method, path string, in, out any) error {
	_, err := w.call(w.ctx, w.op, method, path, in, out)
	return err
}

// sendIssue is send where the answer is the whole issue.
func (w *edit) sendIssue(method, path string, in any) error {
	var g github.Issue
	if err := w.send(method, path, in, &g); err != nil {
		return err
	}
	if g.GetNumber() != w.number {
		return &failure{op: w.op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	i := convert(&g)
	w.got = &i
	return nil
}

func (w *edit) addLabels(e reconcile.Edit) error {
	names, err := labelNames(e.AddLabels)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := w.ensureLabels(w.ctx, names); err != nil {
		return err
	}
	var now []*github.Label
	// go-github sends a bare list, which is not what GitHub describes.
	if err := w.send(http.MethodPost, w.issuePath(w.number, "labels"), map[string][]string{"labels": names}, &now); err != nil {
		return err
	}
	got := convert(&github.Issue{Labels: now})
	got.Number = w.number
	return w.readBack(w.ctx, got, newIssue{Labels: names})
}

// removeLabels takes one label off at a time. One that is not there is fine.
func (w *edit) removeLabels(e reconcile.Edit) error {
	names, err := labelNames(e.RemoveLabels)
	if err != nil {
		return err
	}
	for _, n := range names {
		err := w.send(http.MethodDelete, w.issuePath(w.number, "labels", n), nil, nil)
		if err != nil && statusOf(err) != http.StatusNotFound {
			return err
		}
	}
	return nil
}

// addAssignees asks first who can be assigned: GitHub leaves out others without a word.
func (w *edit) addAssignees(e reconcile.Edit) error {
	logins, err := w.sift(w.ctx, w.assignees(e.AddAssignees), false)
	if err != nil || len(logins) == 0 {
		return err
	}
	if err := w.sendIssue(http.MethodPost, w.issuePath(w.number, "assignees"), map[string][]string{"assignees": logins}); err != nil {
		return err
	}
	return w.readBackAssignees(w.ctx, *w.got, logins)
}

func (w *edit) removeAssignees(e reconcile.Edit) error {
	if len(e.RemoveAssignees) == 0 {
		return nil
	}
	return w.sendIssue(http.MethodDelete, w.issuePath(w.number, "assignees"), map[string][]string{"assignees": e.RemoveAssignees})
}

// patch is a change of the issue itself. It never holds labels or assignees: GitHub would
// take them for the whole set.
type patch struct {
	Title       *string `json:"title,omitempty"`
	Body        *string `json:"body,omitempty"`
	State       string  `json:"state,omitempty"`
	StateReason string  `json:"state_reason,omitempty"`
	Milestone   int     `json:"milestone,omitempty"`
}

func (w *edit) patch(e reconcile.Edit) (err error) {
	p := patch{Title: e.Title, Body: e.Body}
	if p.Milestone, err = w.milestone(w.ctx, e.Milestone); err != nil {
		return err
	}
	if e.State != nil {
		p.State, p.StateReason = string(*e.State), string(e.Reason)
		switch {
		case *e.State == issue.Open:
			p.StateReason = "reopened"
		case e.Reason == "":
			p.StateReason = string(issue.Completed)
		}
	}
	if p == (patch{}) {
		return nil
	}
	if err := w.sendIssue(http.MethodPatch, w.issuePath(w.number), p); err != nil {
		return err
	}
	return readBackMilestone(*w.got, e.Milestone)
}
