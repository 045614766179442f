package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
)

// Group makes an issue a sub-issue of another. One that is a sub-issue already stays where
// it is: it is either there, or a person has put it elsewhere.
//
// GitHub takes 100 sub-issues under one issue, closed ones included, and an older
// Enterprise Server none at all. Either is told of and then wraps
// reconcile.ErrNotGrouped; of a server without them nothing is asked again.
func (f *Forge) Group(ctx context.Context, parent, child int) error {
	op := fmt.Sprintf("make #%d a sub-issue of #%d", child, parent)
	if parent < 1 || child < 1 {
		return noSuch(op)
	}
	if f.isFlat() {
		return &failure{op: op, text: "the server has no sub-issues", kind: reconcile.ErrNotGrouped}
	}
	ctx = f.wire.withBudget(ctx)
	id, err := f.id(ctx, op, child)
	if err != nil {
		return err
	}
	var g github.Issue
	_, err = f.call(ctx, op, http.MethodPost, f.issuePath(parent, "sub_issues"), map[string]int64{"sub_issue_id": id}, &g)
	switch status := statusOf(err); {
	case err == nil && g.GetNumber() == 0:
		return &failure{op: op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	case status == http.StatusUnprocessableEntity && isGrouped(err):
		return nil
	case status == http.StatusUnprocessableEntity:
		f.warn(err.Error())
		return fmt.Errorf("%w: %w", err, reconcile.ErrNotGrouped)
	case errors.Is(err, reconcile.ErrNotFound):
		return f.noSubIssues(ctx, op, parent, err)
	}
	return err
}

// isGrouped reports whether GitHub refused because the issue has a parent already.
func isGrouped(err error) bool {
	said := strings.ToLower(err.Error())
	return strings.Contains(said, "one parent") || strings.Contains(said, "duplicate sub-issues")
}

// id returns the number by which GitHub knows an issue among all of its issues.
func (f *Forge) id(ctx context.Context, op string, number int) (int64, error) {
	f.mu.Lock()
	id := f.ids[number]
	f.mu.Unlock()
	if id != 0 {
		return id, nil
	}
	if _, err := f.get(ctx, op, number); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if id = f.ids[number]; id == 0 {
		return 0, &failure{op: op, text: "the answer cannot be read"}
	}
	return id, nil
}

// remember keeps the id of an issue that GitHub showed.
func (f *Forge) remember(g *github.Issue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[g.GetNumber()] = g.GetID()
}

// noSubIssues tells a server without sub-issues from an issue that is gone: of one that is
// there, any other server shows the list.
func (f *Forge) noSubIssues(ctx context.Context, op string, parent int, err error) error {
	if _, missing := f.get(ctx, op, parent); missing != nil {
		return missing
	}
	_, missing := f.call(ctx, op, http.MethodGet, f.issuePath(parent, "sub_issues")+"?per_page=1", nil, nil)
	switch {
	case missing == nil:
		return err
	case !errors.Is(missing, reconcile.ErrNotFound):
		return missing
	}
	f.mu.Lock()
	f.flat = true
	f.mu.Unlock()
	f.warn("the server has no sub-issues, so the steps of a run are listed in the issue of the run and not shown under it")
	return fmt.Errorf("%w: %w", err, reconcile.ErrNotGrouped)
}

// isFlat reports whether the server is known to have no sub-issues.
func (f *Forge) isFlat() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flat
}

var _ reconcile.Grouper = (*Forge)(nil)
