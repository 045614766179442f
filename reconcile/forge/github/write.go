package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Get returns one issue. One that was deleted or moved to another repository, and a pull
// request, is not found; that the repository cannot be read is another error.
func (f *Forge) Get(ctx context.Context, number int) (issue.Issue, error) {
	return f.get(ctx, fmt.Sprintf("read issue #%d", number), number)
}

func (f *Forge) get(ctx context.Context, op string, number int) (issue.Issue, error) {
	if number < 1 {
		return issue.Issue{}, noSuch(op)
	}
	var g github.Issue
	_, err := f.call(ctx, op, http.MethodGet, f.issuePath(number), nil, &g)
	switch {
	case err != nil:
		return issue.Issue{}, f.missing(ctx, err)
	case g.GetNumber() == 0:
		return issue.Issue{}, &failure{op: op, text: "the answer cannot be read"}
	case g.PullRequestLinks != nil:
		return issue.Issue{}, &failure{op: op, text: "it is a pull request", kind: reconcile.ErrNotFound}
	}
	f.remember(&g)
	return convert(&g), nil
}

// noSuch is the error for a number that no issue has; it is not sent.
func noSuch(op string) error {
	return &failure{op: op, text: "issues are numbered from 1", kind: reconcile.ErrNotFound}
}

func (f *Forge) issuePath(number int, parts ...string) string {
	return f.path(append([]string{"issues", strconv.Itoa(number)}, parts...)...)
}

// missing makes sure that it is the issue that GitHub does not find. To a token that lost
// its access, GitHub denies the whole repository; if each issue then counted as deleted,
// all would be lost at once.
func (f *Forge) missing(ctx context.Context, err error) error {
	if !errors.Is(err, reconcile.ErrNotFound) || statusOf(err) == http.StatusMovedPermanently {
		return err
	}
	if _, repoErr := f.repository(ctx, true); repoErr != nil {
		return repoErr
	}
	return err
}

// newIssue is what opens an issue.
type newIssue struct {
	Title     string   `json:"title"`
	Body      string   `json:"body"`
	Labels    []string `json:"labels,omitempty"`
	Assignees []string `json:"assignees,omitempty"`
	// Milestone is the number of the one whose title is within.
	Milestone int    `json:"milestone,omitempty"`
	within    string // the title
}

// Create opens an issue, after it made the labels and the milestone that are missing. An assignee who does
// not exist is left out and told of.
//
// GitHub drops the labels, the assignees and the milestone of a token that may not set them, without a word.
// The answer is therefore read back. What was dropped is a *PermissionError that comes
// together with the issue: the issue exists and must be remembered by its number, since no
// list will show it. After that Create opens nothing more.
func (f *Forge) Create(ctx context.Context, n reconcile.NewIssue) (issue.Issue, error) {
	f.mu.Lock()
	mute := f.mute
	f.mu.Unlock()
	if mute != nil {
		return issue.Issue{}, fmt.Errorf("not opened, since an earlier issue lost its labels: %w", mute)
	}
	ctx = f.wire.withBudget(ctx)
	names, err := labelNames(n.Labels)
	if err != nil {
		return issue.Issue{}, err
	}
	if err := f.ensureLabels(ctx, names); err != nil {
		return issue.Issue{}, err
	}
	in := newIssue{Title: n.Title, Body: n.Body, Labels: names, Assignees: f.assignees(n.Assignees), within: n.Milestone}
	if in.Milestone, err = f.milestone(ctx, n.Milestone); err != nil {
		return issue.Issue{}, err
	}
	got, err := f.post(ctx, in)
	if len(in.Assignees) > 0 && isAboutAssignees(err) {
		// GitHub did nothing, so a second try cannot make a second issue.
		if in.Assignees, err = f.others(ctx, in.Assignees); err != nil {
			return issue.Issue{}, err
		}
		got, err = f.post(ctx, in)
	}
	if err != nil {
		return issue.Issue{}, err
	}
	f.labels.seen(got.Labels...)
	f.checkAuthor(got)
	return got, f.readBack(ctx, got, in)
}

// checkAuthor tells once where the token is not whose it was taken for: the marker of an
// issue by somebody else counts for nothing.
func (f *Forge) checkAuthor(got issue.Issue) {
	f.mu.Lock()
	us := f.login
	if us != "" {
		f.login = got.Author
	}
	f.mu.Unlock()
	if us != "" && !strings.EqualFold(us, got.Author) {
		f.warn("the token opens issues as " + got.Author + " and not as " + us + ": set ALMANAC_LOGIN to " + got.Author)
	}
}

// post sends a new issue once.
func (f *Forge) post(ctx context.Context, in newIssue) (issue.Issue, error) {
	const op = "open an issue"
	var g github.Issue
	_, err := f.call(ctx, op, http.MethodPost, f.path("issues"), in, &g)
	switch {
	case errors.Is(err, reconcile.ErrNotFound):
		return issue.Issue{}, f.missingRepository(ctx, op)
	case err != nil:
		return issue.Issue{}, err
	case g.GetNumber() == 0:
		return issue.Issue{}, &failure{op: op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	f.remember(&g)
	return convert(&g), nil
}

// missingRepository explains a 404 to a new issue: the repository is not there for the
// token, or only to be read.
func (f *Forge) missingRepository(ctx context.Context, op string) error {
	if _, err := f.repository(ctx, true); err != nil {
		return err
	}
	return &PermissionError{What: op + ": GitHub refused", Needs: needsIssues}
}

func isAboutAssignees(err error) bool {
	var e *failure
	return errors.As(err, &e) && e.status == http.StatusUnprocessableEntity && e.assignees
}

// others returns who is left of the assignees that GitHub refused together: nobody, when
// it does not say whom it means.
func (f *Forge) others(ctx context.Context, refused []string) ([]string, error) {
	left, err := f.sift(ctx, refused, true)
	if err == nil && len(left) == len(refused) {
		f.warn("GitHub does not take the assignees " + strings.Join(refused, ", ") + " together, so the issue has none")
		return nil, nil
	}
	return left, err
}

// readBack compares an issue with what was asked for.
func (f *Forge) readBack(ctx context.Context, got issue.Issue, asked newIssue) error {
	lost := without(asked.Labels, got.Labels)
	if len(lost) > 0 {
		err := &PermissionError{What: fmt.Sprintf("GitHub took #%d but left out the labels %s", got.Number, strings.Join(lost, ", ")), Needs: needsIssues}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.mute = err
		return err
	}
	return errors.Join(readBackMilestone(got, asked.within), f.readBackAssignees(ctx, got, asked.Assignees))
}

// readBackAssignees tells an assignee who cannot be one from a token that may not assign.
func (f *Forge) readBackAssignees(ctx context.Context, got issue.Issue, asked []string) error {
	lost, err := f.sift(ctx, without(asked, got.Assignees), true)
	if err != nil || len(lost) == 0 {
		return err
	}
	return &PermissionError{What: fmt.Sprintf("GitHub took #%d but did not assign it to %s", got.Number, strings.Join(lost, ", ")), Needs: needsIssues}
}

// Comment adds a comment to an issue.
func (f *Forge) Comment(ctx context.Context, number int, text string) error {
	op := fmt.Sprintf("comment on #%d", number)
	if number < 1 {
		return noSuch(op)
	}
	var c github.IssueComment
	_, err := f.call(f.wire.withBudget(ctx), op, http.MethodPost, f.issuePath(number, "comments"), map[string]string{"body": text}, &c)
	switch {
	case err != nil:
		return f.missing(ctx, err)
	case c.GetID() == 0:
		return &failure{op: op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	return nil
}
