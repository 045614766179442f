package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// World is what a run finds.
type World struct {
	History *History
	// Issues are all open ones with the ownership label, the closed ones that changed since
	// the last success, and every other one that the ledger holds open.
	Issues []issue.Issue
	// Gone are numbers that the ledger holds open and the forge does not have.
	Gone []int
	// Requests are open issues by which people ask for runs, as far as FindRequests was asked
	// for them; Permissions what their authors may do, by login, and Unknown why that could not
	// be found out.
	Requests    []issue.Issue
	Permissions map[string]string
	Unknown     map[string]error
	// Identity is the login under which the forge opens issues.
	Identity string
	// Clock is the forge's own time, or zero.
	Clock time.Time
	// Unheard says that there are commands which nobody has heard or answered yet. The run is
	// then no success, or the next one would not look for them.
	Unheard bool
}

// listMargin is how far before the last success closed issues are listed. It is longer
// than a list of GitHub was ever seen to lag, and than a run may take.
const listMargin = 48 * time.Hour

// Observe reads the ledger and the forge. It changes nothing. An error of either is an
// error: nothing is concluded from what could not be read.
func Observe(ctx context.Context, f Reader, l LedgerReader) (*World, error) {
	h, err := l.Load(ctx)
	if err != nil {
		return nil, err // which ledger it is, and that it was to be read, the error says itself
	}
	w := &World{History: h}
	var since time.Time
	if !h.Heartbeat.IsZero() {
		since = h.Heartbeat.Add(-listMargin)
	}
	if w.Issues, err = f.List(ctx, since); err != nil {
		return nil, fmt.Errorf("list issues (%s): %w", f.Name(), err)
	}
	if err := w.seek(ctx, f); err != nil {
		return nil, err
	}
	if w.Identity, err = f.Identity(ctx); err != nil {
		return nil, fmt.Errorf("ask who we are (%s): %w", f.Name(), err)
	}
	if w.Clock, err = f.Clock(ctx); err != nil {
		return nil, fmt.Errorf("ask for the time (%s): %w", f.Name(), err)
	}
	return w, nil
}

// seek looks by number for issues that the ledger holds open and that are not in the list:
// somebody took the label off, or they are gone.
func (w *World) seek(ctx context.Context, f Reader) error {
	listed := map[int]bool{}
	for _, i := range w.Issues {
		listed[i.Number] = true
	}
	var missing []int
	for _, e := range w.History.Entries {
		if e.State == record.IsOpen && e.Number > 0 && !listed[e.Number] {
			missing = append(missing, e.Number)
		}
	}
	slices.Sort(missing)
	for _, n := range slices.Compact(missing) {
		i, err := f.Get(ctx, n)
		switch {
		case errors.Is(err, ErrNotFound):
			w.Gone = append(w.Gone, n)
		case err != nil:
			return fmt.Errorf("look at issue %d (%s): %w", n, f.Name(), err)
		default:
			w.Issues = append(w.Issues, i)
		}
	}
	return nil
}

// FindRequests finds the issues that have one of some labels and are not known to be ours.
// What the author of one may do is asked where the login is a person's: a stranger costs
// no request. Where the forge does not say, nobody may do anything, until the next run.
func (w *World) FindRequests(ctx context.Context, f Reader, labels []string, person func(login string) bool) error {
	w.Permissions, w.Unknown = map[string]string{}, map[string]error{}
	for _, label := range labels {
		l, err := f.Requests(ctx, label)
		if err != nil {
			return fmt.Errorf("list issues with the label %s (%s): %w", label, f.Name(), err)
		}
		w.Requests = append(w.Requests, l...)
	}
	for i := range w.Requests {
		login := w.Requests[i].Author
		if _, asked := w.Permissions[login]; asked || w.Unknown[login] != nil || !person(login) {
			continue
		}
		if p, err := f.Permission(ctx, login); err != nil {
			w.Unknown[login] = err
		} else {
			w.Permissions[login] = p
		}
	}
	return nil
}

// maxSkew is how far the clock may be off.
const maxSkew = 5 * time.Minute

// RuleClock is the gate of a clock that cannot be right. It is not lifted by an approval.
const RuleClock = "clock"

// ClockGate blocks a run whose clock is more than five minutes off the forge's, or before
// the last success that the ledger knows. It returns nil where the clock may be right.
func (w *World) ClockGate(now time.Time) *plan.Blocked {
	block := func(off time.Duration, than string) *plan.Blocked {
		return &plan.Blocked{Rule: RuleClock, Limit: int(maxSkew.Seconds()), Got: int(off.Seconds()),
			Message: fmt.Sprintf("the clock of this machine is %s %s: set the clock and run again", off.Round(time.Second), than)}
	}
	if !w.Clock.IsZero() {
		if off := now.Sub(w.Clock); off.Abs() > maxSkew {
			return block(off.Abs(), "off the clock of the forge")
		}
	}
	if early := w.History.Heartbeat.Sub(now); early > maxSkew {
		return block(early, "before the last success in the ledger")
	}
	return nil
}
