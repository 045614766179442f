package ledger

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
)

// gitError is an error of go-git without what it may have caught of secrets. The cause can
// be asked for by errors.Is and is never printed.
type gitError struct {
	text  string
	cause error
}

func (e *gitError) Error() string { return e.text }

func (e *gitError) Is(target error) bool { return errors.Is(e.cause, target) }

// fail words an error of go-git, which is about to read or to write.
func (l *gitLedger) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	text := fmt.Sprintf("%s the ledger, %s: %s", what, l.Name(), short(l.clean(err.Error())))
	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		text += ": check that the token may " + what + " the repository (contents: write in a workflow)"
	case errors.Is(err, transport.ErrRepositoryNotFound):
		text += ": check the address, and that the token may see the repository"
	case strings.Contains(text, "dubious ownership"):
		text += ": run git config --global --add safe.directory for the repository"
	case strings.Contains(text, "executable file not found"):
		text += ": a ledger on this machine needs git; install it, or use --ledger dir:PATH"
	}
	return &gitError{text: text, cause: err}
}

var (
	// credentials is what stands before the host of an address; a password may hold an @.
	credentials = regexp.MustCompile(`://[^/\s"']*@`)
	spaces      = regexp.MustCompile(`\s+`)
)

// clean takes credentials out of a text.
func (l *gitLedger) clean(text string) string { return credentials.ReplaceAllString(text, "://") }

// short puts a text on one line of moderate length: servers answer with whole pages.
func short(text string) string {
	const most = 300
	text = strings.TrimSpace(spaces.ReplaceAllString(text, " "))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
