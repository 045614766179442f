package github

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
)

// call sends one request below the base address and decodes the answer into out, unless
// that is nil. op says for people what it does.
func (f *Forge) call(ctx context.Context, op, method, path string, in, out any) (http.Header, error) {
	req, err := f.client.NewRequest(method, path, in)
	if err != nil {
		return nil, f.explain(op, err)
	}
	return f.send(ctx, op, req, out)
}

func (f *Forge) send(ctx context.Context, op string, req *http.Request, out any) (http.Header, error) {
	n := &note{}
	resp, err := f.client.Do(context.WithValue(ctx, noteKey{}, n), req, out)
	if err == nil {
		return resp.Header, nil
	}
	if n.err != nil {
		return nil, f.explain(op, n.err)
	}
	var answer *github.ErrorResponse
	if resp != nil && resp.StatusCode < 300 && !errors.As(err, &answer) {
		return nil, f.unreadable(op, req)
	}
	return nil, f.explain(op, err)
}

// unreadable is the error for an answer that says yes and cannot be understood. What a
// write did is then unknown.
func (f *Forge) unreadable(op string, req *http.Request) error {
	e := &failure{op: op, text: "the answer cannot be read"}
	if f.wire.kindOf(req) != read {
		e.kind = reconcile.ErrUnknownOutcome
	}
	return e
}
