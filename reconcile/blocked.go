package reconcile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TellBlocked tells people that a plan is blocked, by each channel once for one plan: runs
// that are blocked in the same way say nothing more. What was said is in the ledger under a
// key of the installation. Where there is no ledger yet none is begun for it, and nothing
// is sent; nor while the clock is wrong, by which the ledger would be wrong too.
func (r *Run) TellBlocked(ctx context.Context, p *plan.Plan, w *World, channels, to []string) error {
	if p.Blocked == nil || p.Blocked.Rule == RuleClock || !w.History.Exists || len(to) == 0 {
		return nil
	}
	sum := sha256.Sum256([]byte(p.Blocked.Rule + "\n" + p.Blocked.Client + "\n" + p.Blocked.Approve))
	key := r.Installation + "/run/" + hex.EncodeToString(sum[:8]) + "/blocked"
	var errs []error
	for _, channel := range channels {
		name := "blocked/" + cmp.Or(channel, "log")
		m := Message{ID: key + "/" + name, Channel: channel, To: to, On: p.AsOf, Title: "Almanac is blocked: " + p.Blocked.Message,
			Text: "Nothing was changed and nothing else was sent: " + p.Blocked.Message + ".\n\nalmanac plan shows what it would do. If that is right: almanac reconcile --approve " + p.Blocked.Approve}
		errs = append(errs, r.tellOnce(ctx, record.Event{Key: key, Notice: name}, m))
	}
	return errors.Join(errs...)
}

// tellOnce claims a message, sends it and records that it was sent.
func (r *Run) tellOnce(ctx context.Context, e record.Event, m Message) error {
	claim, err := r.claimNotice(ctx, e)
	if err != nil || claim.Verb == "" {
		return err
	}
	sent := r.Notifier.Send(ctx, m)
	switch {
	case errors.Is(sent, ErrUnknownOutcome):
		return sent
	case sent == nil, errors.Is(sent, ErrNotAll):
		e.Verb = record.Notified
	default:
		e = record.Event{Key: e.Key, Verb: record.Released}
	}
	_, err = r.Ledger.Update(ctx, func(*History) (Batch, error) {
		return Batch{Events: []record.Event{r.stamped(e, claim.Nonce)}, Message: "record 1", Installation: r.Installation}, nil
	})
	if err != nil {
		err = fmt.Errorf("record what was sent (%s): %w", r.Ledger.Name(), err)
	}
	return errors.Join(sent, err)
}

// claimNotice returns the claim for a notice, or none where it went out or is about to.
func (r *Run) claimNotice(ctx context.Context, e record.Event) (claim record.Event, err error) {
	_, err = r.Ledger.Update(ctx, func(h *History) (Batch, error) {
		claim = record.Event{}
		if entry := h.Entries[e.Key]; entry != nil {
			if n := entry.Notices[e.Notice]; n.Verb == record.Notified || n.Verb != "" && n.At.Add(Grace).After(r.Now()) {
				return Batch{}, nil
			}
		}
		e.Verb = record.IntendNotify
		claim = r.stamped(e, r.Nonce())
		return Batch{Events: []record.Event{claim}, Message: "claim 1", Installation: r.Installation}, nil
	})
	if err != nil {
		return record.Event{}, fmt.Errorf("claim a notice (%s): %w", r.Ledger.Name(), err)
	}
	return claim, nil
}
