package github

import (
	"context"
	"maps"
	"net/url"
	"slices"

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
		return f.page(ctx, address, found, func(i *issue.Issue) bool {
			return i.State == issue.Open && has(i.Labels, names[0]) && !has(i.Labels, issue.OwnershipLabel)
		})
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
