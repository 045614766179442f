package github

import (
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// convert returns an issue as the rest of Almanac sees it.
func convert(g *github.Issue) issue.Issue {
	i := issue.Issue{
		Number:  g.GetNumber(),
		Title:   g.GetTitle(),
		Body:    strings.ReplaceAll(g.GetBody(), "\r\n", "\n"), // null is ""; the web page writes CRLF
		State:   issue.State(g.GetState()),
		Author:  g.GetUser().GetLogin(),
		URL:     g.GetHTMLURL(),
		Created: g.GetCreatedAt().UTC(),
		Updated: g.GetUpdatedAt().UTC(),
	}
	if i.Author == "" {
		i.Author = "ghost" // as GitHub shows an account that is gone
	}
	if i.State == issue.Closed {
		i.Closed = g.GetClosedAt().UTC()
		i.Reason = issue.CloseReason(g.GetStateReason())
		if i.Reason != issue.NotPlanned && i.Reason != issue.Duplicate {
			i.Reason = issue.Completed // issues closed before there were reasons have none
		}
	}
	for _, l := range g.Labels {
		i.Labels = append(i.Labels, l.GetName())
	}
	for _, u := range g.Assignees {
		i.Assignees = append(i.Assignees, u.GetLogin())
	}
	i.Milestone = g.GetMilestone().GetTitle()
	slices.Sort(i.Labels)
	slices.Sort(i.Assignees)
	return i
}

// has reports whether a list holds a name, without regard to case, as GitHub compares
// labels and logins.
func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// common returns the names of want that are in got.
func common(want, got []string) []string { return without(want, without(want, got)) }

// without returns the names of want that are not in got.
func without(want, got []string) []string {
	var missing []string
	for _, s := range want {
		if !has(got, s) {
			missing = append(missing, s)
		}
	}
	return missing
}
