package notify

import (
	"context"
	"errors"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/schema"
)

// commenter writes a notice on the issue of its step, and mentions whom it is for.
type commenter struct {
	channel string
	comment func(ctx context.Context, number int, text string) error
	person  func(id string) *schema.Person
}

// Host is unknown: the forge is where the issues are.
func (c *commenter) Host() string { return "" }

// Send writes one comment for each notice. The plan sends them one by one, so that none is
// written twice because another failed.
func (c *commenter) Send(ctx context.Context, m reconcile.Message) error {
	if c.comment == nil || len(m.Items) == 0 {
		return &post.Error{Channel: c.channel, What: "it writes on issues, and this message is about none"}
	}
	for i := range m.Items {
		n := &m.Items[i]
		if n.Number == 0 {
			return &post.Error{Channel: c.channel, What: "the issue is not open yet", Is: reconcile.ErrDeferred}
		}
		if err := c.comment(ctx, n.Number, c.text(n)); err != nil {
			return c.judge(err)
		}
	}
	return nil
}

// judge keeps what a caller decides by, and what the forge says, which holds no secret.
func (c *commenter) judge(err error) error {
	e := &post.Error{Channel: c.channel, What: err.Error()}
	for _, is := range []error{reconcile.ErrDeferred, reconcile.ErrUnknownOutcome} {
		if errors.Is(err, is) {
			e.Is = is
		}
	}
	return e
}

// text mentions people by their logins, and calls those without one by name.
func (c *commenter) text(n *reconcile.Item) string {
	var to []string
	for _, id := range n.To {
		p := c.person(id)
		switch {
		case p == nil:
			to = append(to, issue.Text(id))
		case p.GitHub != "":
			to = append(to, "@"+p.GitHub)
		default:
			to = append(to, issue.Text(p.Name))
		}
	}
	return strings.Join(to, ", ") + ": " + issue.Text(n.Title) + "."
}
