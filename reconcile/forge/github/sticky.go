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
)

// Sticky is one comment of an issue or a pull request that is kept up to date.
type Sticky struct {
	// Number is that of the issue or pull request.
	Number int
	// Marker is the last line of the comment, by which it is found again: an HTML comment,
	// different for each thing that keeps a comment of its own.
	Marker string
	// Text is the comment without the marker.
	Text string
	// UpdateOnly changes a comment that is there and adds none.
	UpdateOnly bool
}

// needsPulls is what a comment on a pull request needs.
const needsPulls = `"pull-requests: write" under permissions in the workflow, "Pull requests: Read and write" for a fine-grained token or an app`

// SetSticky changes the comment that carries the marker, or adds one where there is none. A
// comment is ours only where its author is us: anybody can copy the marker. It says nothing
// where the comment is as it should be. Of several, the oldest is kept up to date, and the
// others are left alone.
func (f *Forge) SetSticky(ctx context.Context, s Sticky) error {
	op := fmt.Sprintf("comment on #%d", s.Number)
	if s.Number < 1 {
		return noSuch(op)
	}
	if s.Marker == "" || strings.ContainsAny(s.Marker, "\r\n") {
		return &failure{op: op, text: "the marker must be one line"}
	}
	old, err := f.findSticky(ctx, op, s)
	body := strings.TrimRight(s.Text, "\n") + "\n\n" + s.Marker
	switch {
	case err != nil:
	case old == nil && s.UpdateOnly, old != nil && normal(old.GetBody()) == body:
		return nil
	case old == nil:
		err = f.writeComment(ctx, op, http.MethodPost, f.issuePath(s.Number, "comments"), body)
	default:
		err = f.writeComment(ctx, op, http.MethodPatch, f.path("issues", "comments", strconv.FormatInt(old.GetID(), 10)), body)
	}
	if p := (*PermissionError)(nil); errors.As(err, &p) {
		return &PermissionError{What: op + ": " + p.What, Needs: needsPulls}
	}
	return f.missing(ctx, err)
}

// normal is a comment with the line ends that we write.
func normal(body string) string { return strings.ReplaceAll(body, "\r\n", "\n") }

func (f *Forge) writeComment(ctx context.Context, op, method, path, body string) error {
	var c github.IssueComment
	_, err := f.call(ctx, op, method, path, map[string]string{"body": body}, &c)
	if err == nil && c.GetID() == 0 {
		return &failure{op: op, text: "the answer cannot be read", kind: reconcile.ErrUnknownOutcome}
	}
	return err
}

// findSticky returns our oldest comment with the marker, or nil. All pages are read.
func (f *Forge) findSticky(ctx context.Context, op string, s Sticky) (*github.IssueComment, error) {
	us, err := f.Identity(ctx)
	if err != nil {
		return nil, err
	}
	read := map[string]bool{}
	for next := f.issuePath(s.Number, "comments") + "?per_page=100"; next != ""; {
		if read[next] {
			return nil, &failure{op: op, text: "the pages of the comments go round in circles"}
		}
		read[next] = true
		var page []*github.IssueComment
		header, err := f.call(ctx, op, http.MethodGet, next, nil, &page)
		if err != nil {
			return nil, err
		}
		if page == nil { // an empty answer is not an empty list
			return nil, &failure{op: op, text: "the answer cannot be read"}
		}
		for _, c := range page {
			if strings.EqualFold(c.GetUser().GetLogin(), us) && strings.HasSuffix(normal(c.GetBody()), "\n"+s.Marker) {
				return c, nil
			}
		}
		next = nextLink(header)
	}
	return nil, nil
}
