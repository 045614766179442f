package github

import (
	"context"
	"maps"
	"net/url"
	"slices"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Requests lists by the label alone. An issue that is closed while the list is read may
// push another one out of it, which is then there the next time: nothing is done because
// one is missing.
func (f *Forge) Requests(ctx context.Context, label string) ([]issue.Issue, error) {
	names, err := labelNames([]string{label})
	if err != nil {
		return nil, &failure{op: "list issues", text: err.Error()}
	}
	q := url.Values{"labels": names, "state": {"open"}, "sort": {"created"}, "direction": {"asc"}, "per_page": {"100"}}
	found := map[int]issue.Issue{}
	err = pages("list issues", f.path("issues")+"?"+q.Encode(), func(address string) (string, error) {
		return f.requestPage(ctx, address, names[0], found)
	})
	if err != nil {
		return nil, err
	}
	var list []issue.Issue
	for _, n := range slices.Sorted(maps.Keys(found)) {
		list = append(list, found[n])
	}
	return list, nil
}

// requestPage reads one page and returns the address of the next, "" after the last.
func (f *Forge) requestPage(ctx context.Context, address, label string, into map[int]issue.Issue) (string, error) {
	page, next, err := onePage[*github.Issue](ctx, f, "list issues", address)
	if err != nil {
		return "", err
	}
	for _, g := range page {
		i := convert(g)
		if g.PullRequestLinks == nil && i.State == issue.Open && has(i.Labels, label) && !has(i.Labels, issue.OwnershipLabel) {
			into[i.Number] = i
			f.remember(g)
		}
	}
	return next, nil
}
