package github

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// maxRounds bounds how often the open issues are read while people keep closing them.
const maxRounds = 3

// List reads all pages or fails. The search interface is never used: it lags by minutes.
//
// Without since it is one list. With it, the open issues come first and the closed ones
// after: one that is closed in between is then in both, never in neither. Closing moves
// the later issues one place forward, so that one of them can slip from a page not yet
// read to one already read; where an issue was closed after the reading began, the open
// ones are read again.
func (f *Forge) List(ctx context.Context, since time.Time) ([]issue.Issue, error) {
	found := map[int]issue.Issue{}
	if since.IsZero() {
		if _, err := f.listInto(ctx, found, "all", since); err != nil {
			return nil, err
		}
		return f.listed(found), nil
	}
	closed := map[int]issue.Issue{}
	for range maxRounds {
		began, err := f.listInto(ctx, found, "open", time.Time{})
		if err != nil {
			return nil, err
		}
		before := maps.Clone(closed)
		if _, err := f.listInto(ctx, closed, "closed", since); err != nil {
			return nil, err
		}
		maps.Copy(found, closed)
		if !disturbed(before, closed, began) {
			return f.listed(found), nil
		}
	}
	return nil, &failure{op: "list issues", text: "issues are being closed faster than they can be read: run again when it is quieter"}
}

// disturbed reports whether an issue was closed at or after the time at which the open ones
// were begun, and was not known to be closed before. GitHub's clock is in whole seconds, so
// one second is allowed for.
func disturbed(before, closed map[int]issue.Issue, began time.Time) bool {
	for n, i := range closed {
		if _, known := before[n]; !known && !i.Closed.Before(began.Add(-time.Second)) {
			return true
		}
	}
	return false
}

// listed returns issues by number and remembers their labels and assignees, which
// therefore exist.
func (f *Forge) listed(found map[int]issue.Issue) []issue.Issue {
	list := make([]issue.Issue, 0, len(found))
	for _, n := range slices.Sorted(maps.Keys(found)) {
		list = append(list, found[n])
	}
	for _, i := range list {
		f.labels.seen(i.Labels...)
		f.people.seen(i.Assignees...)
	}
	return list
}

// listInto reads one list to its end, by the addresses that GitHub gives: page 101 cannot
// be asked for by number, and after the first page the addresses have the number of the
// repository in them. It returns GitHub's time at the first page.
func (f *Forge) listInto(ctx context.Context, into map[int]issue.Issue, state string, since time.Time) (began time.Time, err error) {
	// Sorted by when they were made: by when they changed, they would move while being read.
	q := url.Values{"labels": {issue.OwnershipLabel}, "state": {state}, "sort": {"created"}, "direction": {"asc"}, "per_page": {"100"}}
	if !since.IsZero() {
		q.Set("since", since.UTC().Format(time.RFC3339))
	}
	err = pages("list issues", f.path("issues")+"?"+q.Encode(), func(address string) (string, error) {
		// The label is looked at again because a filter that a server does not understand
		// returns everything.
		next, err := f.page(ctx, address, into, func(i *issue.Issue) bool { return has(i.Labels, issue.OwnershipLabel) })
		if err == nil && began.IsZero() {
			began, _ = f.wire.clock()
		}
		return next, err
	})
	return began, err
}

// pages reads a list to its end. It gets the address of the first page and page returns
// that of the next, "" after the last.
func pages(op, first string, page func(address string) (next string, err error)) (err error) {
	read := map[string]bool{}
	for next := first; next != ""; {
		if read[next] {
			return &failure{op: op, text: "the pages of the list go round in circles"}
		}
		read[next] = true
		if next, err = page(next); err != nil {
			return err
		}
	}
	return nil
}

// page takes in what is meant of one page, and returns the address of the next, "" after the
// last. A pull request is an issue to GitHub, and never meant.
func (f *Forge) page(ctx context.Context, address string, into map[int]issue.Issue, meant func(*issue.Issue) bool) (string, error) {
	page, next, err := onePage[*github.Issue](ctx, f, "list issues", address)
	if err != nil {
		return "", err
	}
	for _, g := range page {
		if i := convert(g); g.PullRequestLinks == nil && meant(&i) {
			into[i.Number] = i
			f.remember(g)
		}
	}
	return next, nil
}

// onePage reads one page of a list and returns the address of the next, "" after the last.
func onePage[T any](ctx context.Context, f *Forge, op, address string) (page []T, next string, err error) {
	header, err := f.call(ctx, op, http.MethodGet, address, nil, &page)
	if errors.Is(err, reconcile.ErrNotFound) {
		return nil, "", f.noRepository(op)
	}
	if err != nil {
		return nil, "", err
	}
	if page == nil { // an empty answer is not an empty list
		return nil, "", &failure{op: op, text: "the answer cannot be read"}
	}
	return page, nextLink(header), nil
}

// nextLink returns the address that a Link header (RFC 8288) calls next. An address may
// hold commas.
func nextLink(h http.Header) string {
	for _, rest := range h.Values("Link") {
		for {
			_, after, found := strings.Cut(rest, "<")
			if !found {
				break
			}
			address, params, _ := strings.Cut(after, ">")
			params, rest, _ = strings.Cut(params, "<")
			if strings.Contains(params, `rel="next"`) {
				return address
			}
			if rest != "" {
				rest = "<" + rest
			}
		}
	}
	return ""
}
