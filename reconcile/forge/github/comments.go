package github

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Comments reads the comments of the whole repository in one list, so that a look at
// thousands of issues costs one request where little was said. Since is held by GitHub
// against when a comment was last edited. Pages are sorted by when comments were made: by
// when they were edited, they would move while they are read. One that is deleted
// meanwhile moves those after it forward all the same, and one of them may be missing,
// which is why whoever asks again asks from a little before the last time.
func (f *Forge) Comments(ctx context.Context, since time.Time) ([]issue.Comment, error) {
	q := url.Values{"sort": {"created"}, "direction": {"asc"}, "per_page": {"100"}}
	if !since.IsZero() {
		q.Set("since", since.UTC().Format(time.RFC3339))
	}
	// By id, because a page may show again what moved back while it was read.
	found := map[int64]issue.Comment{}
	err := pages("list comments", f.path("issues", "comments")+"?"+q.Encode(), func(address string) (string, error) {
		return f.commentPage(ctx, address, found)
	})
	if err != nil {
		return nil, err
	}
	list := make([]issue.Comment, 0, len(found))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		// Looked at again, because a filter that a server does not understand is passed over.
		if c := found[id]; !c.Updated.Before(since.Truncate(time.Second)) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b issue.Comment) int { return a.Created.Compare(b.Created) })
	return list, nil
}

// commentPage reads one page and returns the address of the next, "" after the last.
func (f *Forge) commentPage(ctx context.Context, address string, into map[int64]issue.Comment) (string, error) {
	const op = "list comments"
	page, next, err := onePage[*github.IssueComment](ctx, f, op, address)
	if err != nil {
		return "", err
	}
	for _, g := range page {
		c, ok := convertComment(g)
		if !ok {
			return "", &failure{op: op, text: "the answer cannot be read"}
		}
		if !onPull(g) {
			into[g.GetID()] = c
		}
	}
	return next, nil
}

func (f *Forge) noRepository(op string) error {
	return &failure{op: op, status: http.StatusNotFound, text: "GitHub shows no repository " + f.owner + "/" + f.repo + ": check its name, and that the token may read it"}
}

// convertComment returns a comment as the rest of Almanac sees it, and false where it lacks
// what tells it from others.
func convertComment(g *github.IssueComment) (issue.Comment, bool) {
	number, err := strconv.Atoi(path.Base(g.GetIssueURL()))
	c := issue.Comment{
		ID: strconv.FormatInt(g.GetID(), 10), Issue: number, Author: cmp.Or(g.GetUser().GetLogin(), "ghost"), Body: normal(g.GetBody()),
		Created: g.GetCreatedAt().UTC(), Updated: g.GetUpdatedAt().UTC(),
	}
	c.Bot = g.GetUser().GetType() == "Bot" || strings.HasSuffix(c.Author, "[bot]")
	return c, err == nil && number > 0 && g.GetID() > 0 && !c.Created.IsZero() && !c.Updated.IsZero()
}

// onPull reports whether a comment stands on a pull request, which only the address of its
// page tells.
func onPull(g *github.IssueComment) bool {
	u, err := url.Parse(g.GetHTMLURL())
	return err == nil && path.Base(path.Dir(u.Path)) == "pull"
}

// commentShape is what the id of a comment looks like; nothing else is put into an address.
var commentShape = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// GetComment asks for one comment. One on a pull request is none of an issue.
func (f *Forge) GetComment(ctx context.Context, id string) (issue.Comment, error) {
	op := "read comment " + clean(id)
	if !commentShape.MatchString(id) {
		return issue.Comment{}, &failure{op: op, kind: reconcile.ErrNoComment}
	}
	var g github.IssueComment
	if _, err := f.call(ctx, op, http.MethodGet, f.path("issues", "comments", id), nil, &g); err != nil {
		return issue.Comment{}, f.missingComment(ctx, op, err)
	}
	c, ok := convertComment(&g)
	switch {
	case !ok || c.ID != id:
		return issue.Comment{}, &failure{op: op, text: "the answer cannot be read"}
	case onPull(&g):
		return issue.Comment{}, &failure{op: op, text: "it stands on a pull request", kind: reconcile.ErrNoComment}
	}
	return c, nil
}

// missingComment makes sure that it is the comment that GitHub does not find, and not the
// repository.
func (f *Forge) missingComment(ctx context.Context, op string, err error) error {
	err = f.missing(ctx, err)
	if statusOf(err) != 0 && errors.Is(err, reconcile.ErrNotFound) {
		return &failure{op: op, status: statusOf(err), kind: reconcile.ErrNoComment}
	}
	return err
}

// reactions are those of GitHub that say as much.
var reactions = map[reconcile.Reaction]string{reconcile.Accepted: "rocket", reconcile.Refused: "confused"}

// React adds a reaction. GitHub keeps one of a kind from each login, so that it may be
// asked twice.
func (f *Forge) React(ctx context.Context, id string, r reconcile.Reaction) error {
	op := "react to comment " + clean(id)
	content, known := reactions[r]
	switch {
	case !known:
		return &failure{op: op, text: "there is no reaction " + quoted(clean(string(r)))}
	case !commentShape.MatchString(id):
		return &failure{op: op, kind: reconcile.ErrNoComment}
	}
	var got github.Reaction
	_, err := f.call(f.wire.withBudget(ctx), op, http.MethodPost, f.path("issues", "comments", id, "reactions"), map[string]string{"content": content}, &got)
	switch {
	case err != nil:
		return f.missingComment(ctx, op, err)
	case got.GetContent() != content:
		return &failure{op: op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	return nil
}
