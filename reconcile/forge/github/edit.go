package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Edit changes an issue in at most two requests, and in one where the assignees change too,
// since a comment that says so comes after that: GitHub asks for a second between two
// writes and counts them by the hour.
//
// A label or an assignee alone is added or removed by its own address, which leaves alone
// what people put there. What would take more requests goes in one that holds everything,
// with all labels and all assignees, because there GitHub takes them for the whole set.
// These are then read at the last moment (see whole.go).
func (f *Forge) Edit(ctx context.Context, number int, e reconcile.Edit) (issue.Issue, error) {
	w := &edit{Forge: f, ctx: f.wire.withBudget(ctx), number: number, op: fmt.Sprintf("change #%d", number), was: e.Was}
	if number < 1 {
		return issue.Issue{}, noSuch(w.op)
	}
	if err := w.prepare(e); err != nil {
		return issue.Issue{}, f.missing(ctx, err)
	}
	if err := w.do(); err != nil {
		return issue.Issue{}, f.missing(ctx, err)
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
	// label and unlabel are labels to add and to remove, assign and unassign are logins.
	label, unlabel, assign, unassign []string
	// milestone is the title of the one whose number is in patch.
	milestone string
	patch     patch
	// was is the text that the new one was made from; nil where that does not matter.
	was *string
	// got is the issue as the last answer had it, with everything before it done.
	got *issue.Issue
}

// patch is a change of the issue itself. Labels and assignees are the whole sets.
type patch struct {
	Title       *string   `json:"title,omitempty"`
	Body        *string   `json:"body,omitempty"`
	State       string    `json:"state,omitempty"`
	StateReason string    `json:"state_reason,omitempty"`
	Milestone   int       `json:"milestone,omitempty"`
	Labels      *[]string `json:"labels,omitempty"`
	Assignees   *[]string `json:"assignees,omitempty"`
}

// prepare finds out what there is to do, and makes the labels and the milestone that are
// missing. Who can be assigned is asked first: GitHub leaves out others without a word.
func (w *edit) prepare(e reconcile.Edit) (err error) {
	if w.label, err = labelNames(e.AddLabels); err != nil {
		return err
	}
	if w.unlabel, err = labelNames(e.RemoveLabels); err != nil {
		return err
	}
	if err := w.ensureLabels(w.ctx, w.label); err != nil {
		return err
	}
	if w.assign, err = w.sift(w.ctx, w.assignees(e.AddAssignees), false); err != nil {
		return err
	}
	w.unassign, w.milestone = e.RemoveAssignees, e.Milestone
	w.patch = patch{Title: e.Title, Body: e.Body}
	if w.patch.Milestone, err = w.Forge.milestone(w.ctx, e.Milestone); err != nil {
		return err
	}
	if e.State != nil {
		w.patch.State, w.patch.StateReason = string(*e.State), string(e.Reason)
		switch {
		case *e.State == issue.Open:
			w.patch.StateReason = "reopened"
		case e.Reason == "":
			w.patch.StateReason = string(issue.Completed)
		}
	}
	return nil
}

// do sends the change. Where GitHub refuses an assignee that the issue has had all along,
// the whole set cannot be sent back, and everything goes by its own address.
func (w *edit) do() error {
	most := 2
	if len(w.assign)+len(w.unassign) > 0 {
		most = 1
	}
	if w.requests() > most {
		err := w.whole()
		if !isAboutAssignees(err) {
			return err
		}
	}
	return w.apart()
}

// requests counts what it takes when everything goes by its own address.
func (w *edit) requests() int {
	n := len(w.unlabel)
	for _, some := range []bool{len(w.label) > 0, len(w.assign) > 0, len(w.unassign) > 0, w.patch != patch{}} {
		if some {
			n++
		}
	}
	return n
}

// apart sends everything by its own address.
func (w *edit) apart() error {
	for _, do := range []func() error{w.addLabels, w.removeLabels, w.addAssignees, w.removeAssignees, w.change} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// send sends one part of a change and decodes the answer.
func (w *edit) send(ctx context.Context, method, path string, in, out any) error {
	_, err := w.call(ctx, w.op, method, path, in, out)
	return err
}

// sendIssue is send where the answer is the whole issue.
func (w *edit) sendIssue(ctx context.Context, method, path string, in any) error {
	var g github.Issue
	if err := w.send(ctx, method, path, in, &g); err != nil {
		return err
	}
	if g.GetNumber() != w.number {
		return &failure{op: w.op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	i := convert(&g)
	w.got = &i
	return nil
}

func (w *edit) addLabels() error {
	if len(w.label) == 0 {
		return nil
	}
	var now []*github.Label
	// go-github sends a bare list, which is not what GitHub describes.
	if err := w.send(w.ctx, http.MethodPost, w.issuePath(w.number, "labels"), map[string][]string{"labels": w.label}, &now); err != nil {
		return err
	}
	got := convert(&github.Issue{Labels: now})
	got.Number = w.number
	return w.readBack(w.ctx, got, newIssue{Labels: w.label})
}

// removeLabels takes one label off at a time. One that is not there is fine; but GitHub says
// so of one that is there too, to a token that may not see it.
func (w *edit) removeLabels() error {
	for _, n := range w.unlabel {
		var left []*github.Label
		err := w.send(w.ctx, http.MethodDelete, w.issuePath(w.number, "labels", n), nil, &left)
		now := convert(&github.Issue{Labels: left})
		if statusOf(err) == http.StatusNotFound {
			now, err = w.get(w.ctx, w.op, w.number)
		}
		if err == nil {
			err = w.kept(common([]string{n}, now.Labels))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *edit) addAssignees() error {
	if len(w.assign) == 0 {
		return nil
	}
	if err := w.sendIssue(w.ctx, http.MethodPost, w.issuePath(w.number, "assignees"), map[string][]string{"assignees": w.assign}); err != nil {
		return err
	}
	return w.readBackAssignees(w.ctx, *w.got, w.assign)
}

func (w *edit) removeAssignees() error {
	if len(w.unassign) == 0 {
		return nil
	}
	if err := w.sendIssue(w.ctx, http.MethodDelete, w.issuePath(w.number, "assignees"), map[string][]string{"assignees": w.unassign}); err != nil {
		return err
	}
	return w.kept(common(w.unassign, w.got.Assignees))
}

// kept is the error for what GitHub was to take off and did not: it passes over that, without
// a word, where the token may not. It is nil for nothing.
func (w *edit) kept(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return &PermissionError{What: fmt.Sprintf("GitHub took the change of #%d but did not take off %s", w.number, strings.Join(names, ", ")), Needs: needsIssues}
}

// change sends what has no address of its own.
func (w *edit) change() error {
	if (w.patch == patch{}) {
		return nil
	}
	ctx := w.ctx
	if w.was != nil {
		ctx = composed(ctx, func() (any, error) {
			_, err := w.now()
			return w.patch, err
		})
	}
	if err := w.sendIssue(ctx, http.MethodPatch, w.issuePath(w.number), w.patch); err != nil {
		return err
	}
	return readBackMilestone(*w.got, w.milestone)
}
