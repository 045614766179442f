package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
)

// PermissionError says that GitHub did not do something, or only a part of it, because the
// token may not. After Create it can come together with an issue: that issue exists.
type PermissionError struct {
	// What GitHub did not do.
	What string
	// Needs is the permission that is missing, for people.
	Needs string
}

func (e *PermissionError) Error() string { return e.What + ": the token needs " + e.Needs }

// needsIssues is what every write needs, in the words of the three kinds of token.
const needsIssues = `"issues: write" under permissions in the workflow, "Issues: Read and write" for a fine-grained token or an app, or at least the triage role in the repository for the owner of a classic token`

// failure is every error of this package. It keeps texts only, never a request or an
// answer, because those hold the token.
type failure struct {
	// op is what was done, such as "open an issue in northwind/ops"; it may be empty.
	op, text string
	// status is that of an answer of GitHub; assignees says that it complains of them.
	status    int
	assignees bool
	// kind is what a caller decides by; it may be nil.
	kind error
}

func (e *failure) Error() string {
	s := e.text
	if e.kind != nil {
		if k := e.kind.Error(); strings.HasPrefix(k, s) {
			s = k
		} else if !strings.Contains(s, k) {
			s += ": " + k
		}
	}
	if e.op != "" {
		s = e.op + ": " + s
	}
	return s
}

func (e *failure) Unwrap() error { return e.kind }

// statusOf returns the status of the answer that an error stands for, or 0.
func statusOf(err error) int {
	var e *failure
	if errors.As(err, &e) {
		return e.status
	}
	return 0
}

// explain turns an error of a call into one of ours.
func (f *Forge) explain(op string, err error) error {
	e := &failure{op: op}
	var own *failure
	var answer *github.ErrorResponse
	switch {
	case errors.As(err, &own):
		*e = *own
		e.op = op
	case errors.As(err, &answer):
		f.explainAnswer(e, answer)
	default:
		e.text, e.kind = network(err), cause(err)
	}
	e.text = f.safe(e.text)
	return e
}

// safe makes text of a server fit to be shown.
func (f *Forge) safe(s string) string { return clean(f.tokens.redact(s)) }

// explainAnswer says what an answer of GitHub means and what to do.
func (f *Forge) explainAnswer(e *failure, answer *github.ErrorResponse) {
	e.status = answer.Response.StatusCode
	said := f.safe(strings.TrimSpace(answer.Message))
	lower := strings.ToLower(said)
	name := f.owner + "/" + f.repo
	switch {
	case e.status == http.StatusUnauthorized:
		e.text = "GitHub does not take the token: it is wrong, has expired or was revoked"
	case e.status == http.StatusForbidden && strings.Contains(lower, "archived"):
		e.text = name + " is archived, so nothing in it can change: unarchive it under Settings, or name another repository"
	case strings.Contains(lower, "locked"):
		e.text = "the issue is locked: unlock it on GitHub"
	case e.status == http.StatusForbidden:
		e.text = "GitHub refused, " + quoted(said)
		e.kind = &PermissionError{What: e.text, Needs: needsIssues}
	case e.status == http.StatusGone && strings.Contains(lower, "disabled"):
		e.text = "issues are turned off in " + name + ": turn them on under Settings, General, Features"
	case e.status == http.StatusNotFound, e.status == http.StatusGone:
		e.text, e.kind = "GitHub says "+quoted(said), reconcile.ErrNotFound
	default:
		e.text = "GitHub answered " + http.StatusText(e.status) + ", " + quoted(said)
	}
	if e.kind != nil {
		return
	}
	for _, d := range answer.Errors {
		e.assignees = e.assignees || strings.HasPrefix(d.Field, "assignee")
		if s := strings.TrimSpace(d.Message); s != "" {
			e.text += "; " + s
		} else {
			e.text += "; " + d.Field + " " + d.Code
		}
	}
}

func quoted(s string) string {
	if s == "" {
		return "nothing more"
	}
	return `"` + s + `"`
}

// network is the text of an error without the address it happened at.
func network(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return err.Error()
}

// cause keeps that somebody stopped the run.
func cause(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	return nil
}

// maxText bounds what a server can put into an error.
const maxText = 500

// clean makes text of a server one line of bounded length without control characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText]) + "…"
	}
	return s
}
