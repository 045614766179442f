package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// maxLabel is the greatest length of the name of a label, maxLabels how many of them GitHub
// takes on an issue.
const (
	maxLabel  = 50
	maxLabels = 100
)

// look is how a label appears; the description has at most 100 characters.
type look struct{ color, description string }

// lookOf returns the look of a label of ours, by its prefix. A label that is there already
// keeps the look that it has.
func lookOf(name string) look {
	prefix, _, found := strings.Cut(name, ":")
	if found {
		prefix += ":"
	}
	switch prefix {
	case issue.OwnershipLabel:
		return look{"5319e7", "Kept up to date by Almanac; without it an issue is not"}
	case "client:":
		return look{"1d76db", "The client that the work is for"}
	case "process:":
		return look{"0e8a16", "The process that the step belongs to"}
	case "type:":
		return look{"bfd4f2", "What kind of step it is"}
	case "role:":
		return look{"c5def5", "The role that the step belongs to"}
	case "tag:":
		return look{"ededed", "A tag of the step"}
	case "overdue":
		return look{"b60205", "The due date has passed"}
	case "blocked":
		return look{"fbca04", "Waits for another step, a decision or an approval"}
	case "touchpoint":
		return look{"d4c5f9", "The client hears from us"}
	case "internal":
		return look{"e4e669", "The client has no part in it"}
	}
	return look{"ededed", ""}
}

// labels knows which labels exist. They are compared without regard to case.
type labels struct {
	mu    sync.Mutex
	known map[string]bool
}

func newLabels() *labels { return &labels{known: map[string]bool{}} }

func (l *labels) seen(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range names {
		l.known[strings.ToLower(n)] = true
	}
}

func (l *labels) has(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[name]
}

// labelNames returns labels in lower case, without repetitions, in the order they came.
func labelNames(names []string) ([]string, error) {
	var list []string
	for _, n := range names {
		n = strings.ToLower(strings.TrimSpace(n))
		switch {
		case n == "" || utf8.RuneCountInString(n) > maxLabel:
			return nil, fmt.Errorf("the label %q has %d characters: GitHub takes 1 to %d", clean(n), utf8.RuneCountInString(n), maxLabel)
		case strings.Contains(n, ","), n == ".", n == "..":
			return nil, fmt.Errorf("the label %q cannot be used: a comma parts labels, and dots alone are a folder in an address", clean(n))
		case !has(list, n):
			list = append(list, n)
		}
	}
	if len(list) > maxLabels {
		return nil, fmt.Errorf("%d labels for one issue: GitHub takes %d, so take tags off the step", len(list), maxLabels)
	}
	return list, nil
}

// ensureLabels makes the labels that do not exist, so that they have their colours and say
// what they are for: GitHub would make them grey, without a write of their own. Each costs
// one write, once for the repository, whatever number of issues carry it. Only labels that
// no issue has shown are asked for.
func (f *Forge) ensureLabels(ctx context.Context, names []string) error {
	for _, n := range names {
		if f.labels.has(n) {
			continue
		}
		if err := f.ensureLabel(ctx, n); err != nil {
			return err
		}
		f.labels.seen(n)
	}
	return nil
}

func (f *Forge) ensureLabel(ctx context.Context, name string) error {
	op := "make the label " + clean(name)
	exists, err := f.labelExists(ctx, op, name)
	if exists || err != nil {
		return err
	}
	l := lookOf(name)
	body := map[string]string{"name": name, "color": l.color, "description": l.description}
	_, err = f.call(ctx, op, http.MethodPost, f.path("labels"), body, &github.Label{})
	switch {
	case err == nil:
		return nil
	case statusOf(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "already_exists"):
		return nil // somebody was faster
	case errors.Is(err, reconcile.ErrUnknownOutcome):
		// It does no harm either way; what matters is whether it is there.
		if exists, again := f.labelExists(ctx, op, name); exists || again != nil {
			return again
		}
		return &failure{op: op, text: "GitHub gave no answer, and it is not there"}
	case errors.Is(err, reconcile.ErrNotFound):
		return &PermissionError{What: op + ": GitHub refused", Needs: needsIssues}
	}
	return err
}

func (f *Forge) labelExists(ctx context.Context, op, name string) (bool, error) {
	_, err := f.call(ctx, op, http.MethodGet, f.path("labels", name), nil, &github.Label{})
	if statusOf(err) == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}
