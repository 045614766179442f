package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
)

// repository returns what GitHub says of the repository: what it said before, unless
// again is set.
func (f *Forge) repository(ctx context.Context, again bool) (*github.Repository, error) {
	f.mu.Lock()
	home := f.home
	f.mu.Unlock()
	if home != nil && !again {
		return home, nil
	}
	op := "look at " + f.owner + "/" + f.repo
	home = &github.Repository{}
	_, err := f.call(ctx, op, http.MethodGet, f.path(), nil, home)
	switch {
	case errors.Is(err, reconcile.ErrNotFound):
		return nil, &failure{op: op, status: http.StatusNotFound, text: "GitHub shows no such repository: check its name, and that the token may read it"}
	case err != nil:
		return nil, err
	case home.GetID() == 0:
		return nil, &failure{op: op, text: "the answer cannot be read"}
	}
	if name := home.GetFullName(); !strings.EqualFold(name, f.owner+"/"+f.repo) {
		f.warn("the repository " + f.owner + "/" + f.repo + " is now " + name + ": use the new name")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.home = home
	return home, nil
}

// Public reports whether everybody can read the repository, and so the names of clients.
func (f *Forge) Public(ctx context.Context) (bool, error) {
	home, err := f.repository(ctx, false)
	if err != nil {
		return false, err
	}
	return !home.GetPrivate(), nil
}

// Clock returns GitHub's own time, to the second: from the answers so far, so that it
// costs a request only before the first one.
func (f *Forge) Clock(ctx context.Context) (time.Time, error) {
	if t, ok := f.wire.clock(); ok {
		return t, nil
	}
	if _, err := f.repository(ctx, true); err != nil {
		return time.Time{}, err
	}
	t, _ := f.wire.clock()
	return t, nil
}

// Identity returns the login under which Create opens issues. The token of a workflow may
// not ask for it; it opens issues as github-actions[bot], as do all workflows of the
// repository, which is why the marker holds the installation. A token that an app made
// elsewhere may not ask either: Options.Login says it then.
func (f *Forge) Identity(ctx context.Context) (string, error) {
	f.mu.Lock()
	login := f.login
	f.mu.Unlock()
	if login != "" {
		return login, nil
	}
	login, err := f.askIdentity(ctx)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.login = login
	return login, nil
}

// workflow is who opens issues with the token of a workflow.
const workflow = "github-actions[bot]"

func (f *Forge) askIdentity(ctx context.Context) (string, error) {
	// GitHub refuses to say it of any token of an installation, so asking is a request of a
	// thousand an hour for nothing.
	if t, ok := f.tokens.(*staticToken); ok && strings.HasPrefix(t.value, "ghs_") {
		return workflow, nil
	}
	if app, ok := f.tokens.(*appTokens); ok {
		slug, err := app.slug(ctx)
		return slug + "[bot]", err
	}
	const op = "ask GitHub whose the token is"
	var user github.User
	_, err := f.call(ctx, op, http.MethodGet, "user", nil, &user)
	switch {
	case err == nil && user.GetLogin() == "":
		return "", &failure{op: op, text: "the answer cannot be read"}
	case statusOf(err) == http.StatusForbidden && strings.Contains(err.Error(), "not accessible by integration"):
		return workflow, nil
	}
	return user.GetLogin(), err
}
