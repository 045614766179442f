package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

// Comments reads every file. Who wrote a comment and when is what the file says, and an
// edited one is not known from others: whoever can write the folder is trusted. One that
// has no reaction of ours is returned whatever since says, for the time that a person
// writes beside it says nothing of when it was put there.
func (f *forge) Comments(ctx context.Context, since time.Time) ([]issue.Comment, error) {
	docs, err := f.documents(ctx)
	if err != nil {
		return nil, err
	}
	var l []issue.Comment
	var errs []error
	for _, d := range docs {
		said, err := f.remarks(d)
		errs = append(errs, err)
		for _, r := range said {
			if !r.seen || !r.Updated.Before(since) {
				l = append(l, r.Comment)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read the comments: %w", err)
	}
	// Stable: those of one moment stay in the order in which they are written.
	slices.SortStableFunc(l, func(a, b issue.Comment) int { return a.Created.Compare(b.Created) })
	return l, nil
}

func (f *forge) GetComment(ctx context.Context, id string) (issue.Comment, error) {
	if err := ctx.Err(); err != nil {
		return issue.Comment{}, fmt.Errorf("read comment %s: %w", id, err)
	}
	d, err := f.get(issueOf(id))
	if err != nil {
		return issue.Comment{}, f.gone(id, err)
	}
	l, i, err := f.find(d, id)
	if err != nil {
		return issue.Comment{}, err
	}
	return l[i].Comment, nil
}

// find returns the comments of a file and the place of one of them.
func (f *forge) find(d *document, id string) ([]remark, int, error) {
	l, err := f.remarks(d)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(l, func(r remark) bool { return r.ID == id })
	if i < 0 {
		return nil, 0, f.gone(id, reconcile.ErrNotFound)
	}
	return l, i, nil
}

// gone says of a comment what was found of its issue.
func (f *forge) gone(id string, err error) error {
	if errors.Is(err, reconcile.ErrNotFound) {
		err = reconcile.ErrNoComment
	}
	return fmt.Errorf("comment %s of the %s: %w", id, f.Name(), err)
}

// React writes the reaction into the comment, and with it the id and, where it has none,
// the time: both could not be found out any more once somebody edits the text.
func (f *forge) React(ctx context.Context, id string, r reconcile.Reaction) error {
	if r != reconcile.Accepted && r != reconcile.Refused {
		return fmt.Errorf("comment %s: there is no reaction %q", id, r)
	}
	_, err := f.change(ctx, issueOf(id), func(d *document) (*document, error) {
		l, i, err := f.find(d, id)
		if err != nil {
			return nil, err
		}
		entry := l[i].reacted(r)
		if entry == nil {
			return d, nil
		}
		want := d.Issue
		more := f.times(d, &want)
		_, old := node.Lookup(d.root, "comments")
		list := *node.Resolve(old)
		list.Style &^= node.Flow
		list.Content = nil
		for n, r := range l {
			// Written out where it stood for another, which may now get an id of its own.
			if r.entry.Anchor != "" {
				r.entry = bare(r.entry)
			}
			list.Content = append(list.Content, r.entry)
			if n == i {
				list.Content[n] = entry
			}
		}
		return d.with(want, append(more, field{"comments", &list}))
	})
	if errors.Is(err, reconcile.ErrNotFound) {
		return f.gone(id, err)
	}
	return err
}

// reacted returns the entry with a reaction, nil where it has that.
func (r *remark) reacted(to reconcile.Reaction) *node.Node {
	if r.entry.Kind == node.Scalar {
		r.entry = mapping(field{"text", scalar(r.Body)})
	}
	if _, have := node.Lookup(r.entry, "reaction"); r.seen && have != nil && node.Resolve(have).Value == string(to) {
		return nil
	}
	e := *r.entry
	e.Anchor = ""
	e.Style &^= node.Flow
	e.Content = slices.Clone(e.Content)
	if r.at == "" {
		set(&e, "at", instant(r.Created))
	}
	set(&e, "id", scalar(r.ID))
	set(&e, "reaction", scalar(string(to)))
	return &e
}

// set sets a field of a mapping.
func set(m *node.Node, name string, value *node.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			m.Content[i+1] = value
			return
		}
	}
	m.Content = append(m.Content, mapping(field{name, value}).Content...)
}

// Permission is the greatest for everybody: whoever can write the folder can do as much by
// hand.
func (f *forge) Permission(ctx context.Context, login string) (string, error) {
	if strings.TrimSpace(login) == "" {
		return "none", ctx.Err()
	}
	return "admin", ctx.Err()
}

func (f *forge) Requests(ctx context.Context, label string) ([]issue.Issue, error) {
	docs, err := f.documents(ctx)
	if err != nil {
		return nil, err
	}
	var l []issue.Issue
	for _, d := range docs {
		if d.State == issue.Open && hasLabel(d.Labels, label) && !hasLabel(d.Labels, issue.OwnershipLabel) {
			l = append(l, d.Issue)
		}
	}
	return l, nil
}
