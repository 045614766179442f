package github

import (
	"context"
	"fmt"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// The limits on making content, issues and comments among it, on github.com
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
// They hold for a person or app, so what others make with the same token counts too; the
// refusal that then comes is dealt with by limit.go.
const (
	perMinute = 80
	perHour   = 500
)

// worthALine is a wait that somebody who watches is told of.
const worthALine = 5 * time.Second

// pace lets one write through at a time, with a gap between two, and creations only within
// the limits.
type pace struct {
	gap time.Duration
	// turn holds one token: who has it may write.
	turn chan struct{}
	// last is the end of the last write; made are the times of the last perHour creations.
	// Both belong to the holder of the turn.
	last time.Time
	made []time.Time
}

func newPace(gap time.Duration) *pace {
	if gap == 0 {
		gap = time.Second
	}
	p := &pace{gap: gap, turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

// begin waits for the turn, and then until a write may start. The function that it
// returns gives the turn back. What would wait too long is deferred, and was not sent.
func (p *pace) begin(ctx context.Context, t *transport, k kind, b *budget) (done func(), err error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, &failure{text: "stopped before it was sent", kind: ctx.Err()}
	}
	if err := p.wait(ctx, t, k, b); err != nil {
		p.turn <- struct{}{}
		return nil, err
	}
	return func() {
		p.last = t.now()
		p.turn <- struct{}{}
	}, nil
}

func (p *pace) wait(ctx context.Context, t *transport, k kind, b *budget) error {
	now := t.now()
	start := p.earliest(now, k)
	switch wait := start.Sub(now); {
	case wait > b.left:
		return &failure{text: fmt.Sprintf("GitHub takes %d new issues and comments an hour; the next one at %s", perHour, clock(start)), kind: reconcile.ErrDeferred}
	case wait > 0:
		b.left -= wait
		if wait > worthALine {
			t.log(fmt.Sprintf("GitHub takes %d new issues and comments a minute; going on at %s", perMinute, clock(start)))
		}
		if err := t.sleep(ctx, wait); err != nil {
			return &failure{text: "stopped before it was sent", kind: err}
		}
	case ctx.Err() != nil:
		return &failure{text: "stopped before it was sent", kind: ctx.Err()}
	}
	if k == creation {
		p.made = append(p.made[max(0, len(p.made)-perHour+1):], t.now())
	}
	return nil
}

// earliest returns the time at which a write may start.
func (p *pace) earliest(now time.Time, k kind) time.Time {
	start := now
	later := func(t time.Time) {
		if t.After(start) {
			start = t
		}
	}
	if !p.last.IsZero() {
		later(p.last.Add(p.gap))
	}
	if n := len(p.made); k == creation && n >= perMinute {
		later(p.made[n-perMinute].Add(time.Minute))
	}
	if n := len(p.made); k == creation && n >= perHour {
		later(p.made[n-perHour].Add(time.Hour))
	}
	return start
}
