package github

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// GitHub has no condition on a write, such as "if it is still as I read it". What replaces
// something is therefore made from a read that comes right before it: after the wait for
// the pace and after every wait for a limit. What a person does between the two, a fraction
// of a second, is lost; what they do in the seconds and minutes before is not.

// now reads the issue as it is. Where its text is no longer what the new one was made
// from, nothing may be written.
func (w *edit) now() (issue.Issue, error) {
	now, err := w.get(w.ctx, w.op, w.number)
	if err == nil && w.was != nil && now.Body != *w.was {
		err = &failure{op: w.op, kind: reconcile.ErrChanged}
	}
	return now, err
}

// whole sends everything in one request.
func (w *edit) whole() error {
	var sent patch
	ctx := composed(w.ctx, func() (any, error) {
		now, err := w.now()
		sent = w.complete(now)
		return sent, err
	})
	if err := w.sendIssue(ctx, http.MethodPatch, w.issuePath(w.number), w.patch); err != nil {
		return err
	}
	return w.readBackWhole(sent)
}

// complete returns the change with the whole sets of labels and assignees.
func (w *edit) complete(now issue.Issue) patch {
	p := w.patch
	if len(w.label)+len(w.unlabel) > 0 {
		labels := changed(now.Labels, w.label, w.unlabel)
		p.Labels = &labels
	}
	if len(w.assign)+len(w.unassign) > 0 {
		logins := changed(now.Assignees, w.assign, w.unassign)
		if len(logins) > maxAssignees {
			w.warn(fmt.Sprintf("#%d has as many assignees as GitHub takes; left out: %s", w.number, strings.Join(logins[maxAssignees:], ", ")))
			logins = logins[:maxAssignees]
		}
		p.Assignees = &logins
	}
	return p
}

// changed returns a set with some added and some removed. It is never nil: GitHub refuses a
// null, and takes an empty list for none.
func changed(set, add, remove []string) []string {
	return append(append([]string{}, without(set, remove)...), without(add, set)...)
}

// readBackWhole compares the issue with the sets that were sent.
func (w *edit) readBackWhole(sent patch) error {
	asked := newIssue{within: w.milestone}
	if sent.Labels != nil {
		asked.Labels = *sent.Labels
	}
	if sent.Assignees != nil {
		asked.Assignees = *sent.Assignees
	}
	if err := w.kept(append(common(w.unlabel, w.got.Labels), common(w.unassign, w.got.Assignees)...)); err != nil {
		return err
	}
	return w.readBack(w.ctx, *w.got, asked)
}
