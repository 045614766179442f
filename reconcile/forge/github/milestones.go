package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// milestones knows the numbers of milestones by their titles in lower case. It is nil
// inside until they are first needed: a run that puts no issue into one asks nothing.
type milestones struct {
	mu      sync.Mutex
	numbers map[string]int
}

// milestone returns the number of the milestone with a title, and makes it where it is
// missing. Closed ones count: GitHub takes no second one with the same title. The lock is
// held meanwhile, so that two issues of one run make one milestone.
func (f *Forge) milestone(ctx context.Context, title string) (int, error) {
	if title == "" {
		return 0, nil
	}
	f.milestones.mu.Lock()
	defer f.milestones.mu.Unlock()
	if f.milestones.numbers == nil {
		if err := f.listMilestones(ctx); err != nil {
			return 0, err
		}
	}
	if n := f.milestones.numbers[strings.ToLower(title)]; n > 0 {
		return n, nil
	}
	return f.makeMilestone(ctx, title)
}

// makeMilestone makes a milestone. Where GitHub gave no answer, or says that it is there,
// the list is read again; the run that made it then does not matter.
func (f *Forge) makeMilestone(ctx context.Context, title string) (int, error) {
	op := "make the milestone " + clean(title)
	var g github.Milestone
	_, err := f.call(ctx, op, http.MethodPost, f.path("milestones"), map[string]string{"title": title}, &g)
	switch {
	case err == nil && g.GetNumber() > 0:
		f.milestones.numbers[strings.ToLower(title)] = g.GetNumber()
		return g.GetNumber(), nil
	case errors.Is(err, reconcile.ErrNotFound):
		return 0, &PermissionError{What: op + ": GitHub refused", Needs: needsIssues}
	case err != nil && !errors.Is(err, reconcile.ErrUnknownOutcome) && !isTaken(err):
		return 0, err
	}
	if again := f.listMilestones(ctx); again != nil {
		return 0, again
	}
	if n := f.milestones.numbers[strings.ToLower(title)]; n > 0 {
		return n, nil
	}
	if isTaken(err) {
		return 0, err
	}
	return 0, &failure{op: op, text: "GitHub gave no answer, and it is not there"}
}

// isTaken reports whether GitHub refused because a milestone has the title already.
func isTaken(err error) bool {
	return statusOf(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "already_exists")
}

// listMilestones reads all milestones, or keeps what it knew.
func (f *Forge) listMilestones(ctx context.Context) error {
	const op = "list milestones"
	numbers := map[string]int{}
	first := f.path("milestones") + "?" + url.Values{"state": {"all"}, "per_page": {"100"}}.Encode()
	err := pages(op, first, func(address string) (string, error) {
		var page []*github.Milestone
		header, err := f.call(ctx, op, http.MethodGet, address, nil, &page)
		if err != nil {
			return "", f.missing(ctx, err)
		}
		if page == nil { // an empty answer is not an empty list
			return "", &failure{op: op, text: "the answer cannot be read"}
		}
		for _, m := range page {
			numbers[strings.ToLower(m.GetTitle())] = m.GetNumber()
		}
		return nextLink(header), nil
	})
	if err == nil {
		f.milestones.numbers = numbers
	}
	return err
}

// readBackMilestone tells whether GitHub put an issue into a milestone. It leaves that out
// without a word where the token may not.
func readBackMilestone(got issue.Issue, title string) error {
	if title == "" || strings.EqualFold(got.Milestone, title) {
		return nil
	}
	return &PermissionError{What: fmt.Sprintf("GitHub took #%d but did not put it into the milestone %s", got.Number, clean(title)), Needs: needsIssues}
}
