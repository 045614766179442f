package github

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
)

// needsMembers is what it takes to ask what others may do.
const needsMembers = `"metadata: read", which a workflow, a fine-grained token and an app always have, and write access to the repository for the owner of a classic token`

// ofRole is what GitHub's older field says of each role. It knows neither triage nor
// maintain, nor the roles that an organization makes of its own, for which it says on
// which they are built.
var ofRole = map[string]string{"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}

// Permission asks GitHub what a login may do. An association such as MEMBER or COLLABORATOR,
// which GitHub shows beside comments, does not say it. Whom GitHub does not know has none.
func (f *Forge) Permission(ctx context.Context, login string) (string, error) {
	if !loginShape.MatchString(login) || len(login) > 100 {
		return "none", ctx.Err()
	}
	op := "look what " + login + " may do"
	var got struct {
		Permission string       `json:"permission"`
		Role       string       `json:"role_name"`
		User       *github.User `json:"user"`
	}
	_, err := f.call(ctx, op, http.MethodGet, f.path("collaborators", login, "permission"), nil, &got)
	if p := (*PermissionError)(nil); errors.As(err, &p) {
		return "", &PermissionError{What: op + ": " + p.What, Needs: needsMembers}
	}
	if statusOf(err) == http.StatusNotFound {
		_, err := f.repository(ctx, true) // to a token without access, GitHub denies everything
		return ifKnown("none", err)
	}
	if err != nil {
		return "", err
	}
	if _, known := ofRole[got.Permission]; !known {
		return "", &failure{op: op, text: "the answer cannot be read"}
	}
	if !strings.EqualFold(got.User.GetLogin(), login) {
		return "none", nil // somebody else's, so nobody's
	}
	if ofRole[got.Role] == got.Permission {
		return got.Role, nil
	}
	return got.Permission, nil
}

// ifKnown keeps a permission from being returned with an error.
func ifKnown(permission string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return permission, nil
}
