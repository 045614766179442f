package ledger

import (
	"context"
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Log tells the steps of a folder from the events: those with one time and one run were
// written together.
func (l *dirLedger) Log(ctx context.Context, client string, max int) ([]Commit, error) {
	h, err := l.Load(ctx)
	if err != nil {
		return nil, err
	}
	events := h.Events()
	if client != "" {
		events = slices.DeleteFunc(events, func(e record.Event) bool { return record.Client(e.Key) != client })
	}
	slices.SortStableFunc(events, func(a, b record.Event) int { return b.At.Compare(a.At) })
	var log []Commit
	for _, e := range events {
		if n := len(log); n == 0 || !log[n-1].At.Equal(e.At) || log[n-1].Author != e.Run {
			if n == max && max > 0 {
				break
			}
			log = append(log, Commit{At: e.At, Author: e.Run})
		}
		last := &log[len(log)-1]
		last.Events = append(last.Events, e)
	}
	for i := range log {
		log[i].Message = count(len(log[i].Events))
	}
	return log, nil
}

// Verify looks at the present content; a folder has no past.
func (l *dirLedger) Verify(ctx context.Context) ([]Problem, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.isFolder(); err != nil {
		return nil, err
	}
	c, err := l.read()
	if err != nil {
		return nil, err
	}
	return l.present(c.content())
}
