package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// claim writes down the accepted commands, and who is about to get a reply, in one step. What
// another run has written down in the meantime is left to it.
func (g *hearing) claim(ctx context.Context, l []heard) error {
	if len(l) == 0 {
		return nil
	}
	if g.run == nil {
		g.pretend(l)
		return nil
	}
	var mine []heard
	elsewhere := 0
	h, err := g.run.Ledger.Update(ctx, func(h *History) (b Batch, err error) {
		if b.Installation, err = g.run.ledgerID(h); err != nil {
			return Batch{}, err
		}
		known := recall(h)
		mine, elsewhere = nil, 0
		for _, c := range l {
			switch m := known[c.comment.ID]; {
			case m.answered:
				continue
			case m.command.Verb != "", m.claim.At.Add(Grace).After(g.now()):
				elsewhere++
				continue
			default:
				c.again = m.claim.Run
			}
			e := c.verdict.Event
			if c.replies() {
				e = record.Event{Key: c.verdict.Key, Verb: record.IntendAnswer, Number: c.comment.Issue, Comment: c.comment.ID, Reason: c.verdict.Refused}
				e.Nonce = g.run.Nonce()
			}
			e = g.run.stamped(e, e.Nonce)
			if !c.replies() {
				e.At = after(e.At, h, e.Key)
			}
			b.Events, mine = append(b.Events, e), append(mine, c)
		}
		b.Message = fmt.Sprintf("hear %d", len(b.Events))
		return b, nil
	})
	if err != nil {
		return fmt.Errorf("write them down (%s): %w", g.run.Ledger.Name(), err)
	}
	g.world.History, g.out.Elsewhere = h, g.out.Elsewhere+elsewhere
	g.answers = append(g.answers, mine...)
	for i := range mine {
		g.out.Commands = append(g.out.Commands, mine[i].told())
	}
	return nil
}

// after returns a time that is later than that of the last command about the same step: what
// was said later counts as later, however coarse the clock.
func after(now time.Time, h *History, key string) time.Time {
	e := h.Entries[key]
	if e == nil || len(e.Commands) == 0 {
		return now
	}
	if last := e.Commands[len(e.Commands)-1].At; !now.After(last) {
		return last.Add(time.Millisecond)
	}
	return now
}

// pretend puts what would be accepted into the history of this world alone.
func (g *hearing) pretend(l []heard) {
	h := *g.world.History
	h.Entries = maps.Clone(h.Entries)
	for i := range l {
		if e := l[i].verdict.Event; e.Verb != "" {
			e.V, e.At = record.Version, after(g.now().UTC(), &h, e.Key)
			h.Entries[e.Key] = record.Join(h.Entries[e.Key], record.Fold([]record.Event{e})[e.Key])
		}
		g.out.Commands = append(g.out.Commands, l[i].told())
	}
	g.world.History = &h
}

// answer shows beside each comment what became of it, tells the author what to do where it
// was refused, and writes down who has an answer. Who has not gets it from a later run, once
// the claim has run out: it holds the reason, so that the answer is the same.
func (g *hearing) answer(ctx context.Context) error {
	var pending []record.Event
	owed := false // pending holds a reply
	began := g.now()
	for i := range g.answers {
		c := &g.answers[i]
		if owed && c.replies() {
			// Before another reply goes out: after a crash one is given twice, never more.
			if err := g.settle(ctx, &pending); err != nil {
				return err
			}
			owed = false
		}
		err := ctx.Err()
		if stop := err != nil || g.now().Sub(began) > Grace/2; stop { // claims may be others' by then
			g.out.Left++
			continue
		}
		if err = g.reply(ctx, c); err != nil {
			g.out.Failed = append(g.out.Failed, fmt.Errorf("answer comment %s: %w", c.comment.ID, err))
			continue
		}
		owed = owed || c.replies()
		pending = append(pending, g.run.stamped(record.Event{Key: c.verdict.Key, Verb: record.Answered, Number: c.comment.Issue, Comment: c.comment.ID, Reason: c.verdict.Refused}, ""))
	}
	return g.settle(ctx, &pending)
}

// settle writes down what was answered, even for a run that was stopped.
func (g *hearing) settle(ctx context.Context, pending *[]record.Event) error {
	if len(*pending) == 0 {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if ctx.Err() == nil {
		last = ctx
	}
	h, err := g.run.Ledger.Update(last, func(h *History) (b Batch, err error) {
		b.Installation, err = g.run.ledgerID(h)
		b.Events, b.Message = *pending, fmt.Sprintf("answer %d", len(*pending))
		return b, err
	})
	if err != nil {
		return fmt.Errorf("write down the answers (%s): %w", g.run.Ledger.Name(), err)
	}
	g.world.History, *pending = h, nil
	return nil
}

// reply answers one comment. One that is gone has nobody left to be shown a reaction.
func (g *hearing) reply(ctx context.Context, c *heard) error {
	v, reaction := c.verdict, Accepted
	text := v.Reply
	if v.Refused != "" {
		reaction, text = Refused, command.Answer(c.comment, v.Refused)
	}
	if text != "" {
		if err := g.run.Forge.Comment(ctx, c.comment.Issue, text); err != nil {
			return err
		}
	}
	err := g.run.Forge.React(ctx, c.comment.ID, reaction)
	if errors.Is(err, ErrNoComment) || text != "" && err != nil {
		return nil // the reply says it all, and is not given twice for the sake of a reaction
	}
	return err
}
