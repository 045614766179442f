package files

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

// Create opens an issue under the next number that no file ever had.
func (f *forge) Create(ctx context.Context, n reconcile.NewIssue) (issue.Issue, error) {
	now := f.stamp()
	want := issue.Issue{Title: clean(n.Title), Body: text(n.Body), State: issue.Open, Created: now, Updated: now,
		Labels: unique(cleaned(n.Labels)), Assignees: unique(logins(n.Assignees)), Milestone: clean(n.Milestone)}
	made, err := f.add(ctx, func(number int) (*document, error) {
		want.Number, want.URL = number, f.path(number)
		return compose(want)
	})
	if err != nil {
		return issue.Issue{}, fmt.Errorf("open an issue in the %s: %w", f.Name(), err)
	}
	return made.Issue, nil
}

func (f *forge) stamp() time.Time { return f.now().UTC().Truncate(time.Second) }

// Edit changes a file in the fields that differ, and leaves it alone when none does.
func (f *forge) Edit(ctx context.Context, number int, e reconcile.Edit) (issue.Issue, error) {
	d, err := f.change(ctx, number, func(d *document) (*document, error) {
		if e.Was != nil && text(*e.Was) != d.Body {
			return nil, fmt.Errorf("change #%d: %w", number, reconcile.ErrChanged)
		}
		want, fields := f.edited(d, e)
		if len(fields) == 0 && want.Body == d.Body {
			return d, nil
		}
		return d.with(want, append(fields, f.times(d, &want)...))
	})
	if err != nil {
		return issue.Issue{}, err
	}
	return d.Issue, nil
}

// edited returns the issue after an edit, and the fields in which it differs.
func (f *forge) edited(d *document, e reconcile.Edit) (issue.Issue, []field) {
	want := d.Issue
	var fields []field
	if e.Title != nil && clean(*e.Title) != want.Title {
		want.Title = clean(*e.Title)
		fields = append(fields, field{"title", scalar(want.Title)})
	}
	if e.Body != nil && text(*e.Body) != want.Body {
		want.Body = text(*e.Body)
		if m, ok := issue.ParseMarker(want.Body); ok {
			fields = append(fields, field{"key", scalar(m.Key.String())})
		}
	}
	if e.State != nil {
		fields = append(fields, f.moved(&want, *e.State, e.Reason)...)
	}
	want.Labels = changed(want.Labels, cleaned(e.AddLabels), e.RemoveLabels)
	if !slices.Equal(want.Labels, d.Labels) {
		fields = append(fields, field{"labels", words(want.Labels)})
	}
	want.Assignees = changed(want.Assignees, logins(e.AddAssignees), logins(e.RemoveAssignees))
	if !slices.Equal(want.Assignees, d.Assignees) {
		fields = append(fields, field{"assignees", words(want.Assignees)})
	}
	if m := clean(e.Milestone); m != "" && m != want.Milestone {
		want.Milestone = m
		fields = append(fields, field{"milestone", scalar(m)})
	}
	return want, fields
}

// moved opens or closes an issue. Closing what is closed changes no more than the reason.
func (f *forge) moved(want *issue.Issue, to issue.State, reason issue.CloseReason) []field {
	if to == issue.Open {
		if want.State == issue.Open {
			return nil
		}
		want.State, want.Reason, want.Closed = issue.Open, "", time.Time{}
		return []field{{"state", scalar(string(issue.Open))}, {"state_reason", nil}, {"closed", nil}}
	}
	reason = cmp.Or(reason, issue.Completed)
	if want.State == issue.Closed && want.Reason == reason {
		return nil
	}
	fields := []field{{"state_reason", scalar(string(reason))}}
	if want.State == issue.Open {
		want.State, want.Closed = issue.Closed, f.stamp()
		fields = append(fields, field{"state", scalar(string(issue.Closed))}, field{"closed", instant(want.Closed)})
	}
	want.Reason = reason
	return fields
}

// times dates a change. An issue that a person closed gets the time of that as well, which
// the file would lose by being written.
func (f *forge) times(d *document, want *issue.Issue) []field {
	var fields []field
	if want.State == issue.Closed && d.undated {
		fields = append(fields, field{"closed", instant(want.Closed)})
	}
	want.Updated = latest(want.Closed, latest(want.Updated, f.stamp()))
	return append(fields, field{"updated", instant(want.Updated)})
}

// changed returns words with some added and some removed; case makes no difference.
func changed(have, add, remove []string) []string {
	kept := slices.DeleteFunc(slices.Clone(have), func(w string) bool { return hasLabel(remove, w) })
	return unique(append(kept, add...))
}

// Comment adds a comment to the field comments.
func (f *forge) Comment(ctx context.Context, number int, comment string) error {
	_, err := f.change(ctx, number, func(d *document) (*document, error) {
		want := d.Issue
		more := f.times(d, &want)
		_, have := node.Lookup(d.root, "comments")
		list := &node.Node{Kind: node.Sequence}
		if have = node.Resolve(have); have != nil && have.Kind == node.Sequence {
			list.Content = slices.Clone(have.Content)
		}
		list.Content = append(list.Content, mapping(
			field{"author", scalar(ourselves)}, field{"at", instant(f.stamp())}, field{"text", scalar(clean(text(comment)))}))
		return d.with(want, append(more, field{"comments", list}))
	})
	return err
}

// text returns what the body of an issue may hold: UTF-8 with line feeds. The end of the
// file ends its last line, so a carriage return there would become part of a line end.
func text(s string) string {
	return strings.TrimRight(lineFeeds(strings.ToValidUTF8(s, "\ufffd")), "\r")
}

// clean takes out of a field what the guard over YAML refuses: characters that cannot be
// seen and make a line read as what it is not.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r >= 0x202a && r <= 0x202e,
			r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0xfffd, r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, text(s))
}

func cleaned(l []string) []string {
	var c []string
	for _, s := range l {
		c = append(c, clean(s))
	}
	return c
}

// logins are cleaned, and without the @ that people put before them.
func logins(l []string) []string {
	l = cleaned(l)
	for i, s := range l {
		l[i] = strings.TrimLeftFunc(s, func(r rune) bool { return r == '@' || unicode.IsSpace(r) })
	}
	return l
}
