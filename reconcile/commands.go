package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Ear is how the commands in comments are heard.
type Ear struct {
	// Judge makes what judges comments by a history of the ledger. It is called again after
	// commands were accepted, since they may be about the same step.
	Judge func(h *History) (func(issue.Comment) command.Verdict, error)
	// Permission is the least that an author needs on the repository: triage, write, maintain
	// or admin.
	Permission string
	// First is the id of the comment that started the run, and Body what it said then; empty
	// where it was not started by one.
	First, Body string
}

// Limits of one run.
const (
	// maxCommands is how many commands one run carries out or refuses; the rest waits.
	maxCommands = 200
	// firstSweep is how far back comments are read where no run has succeeded yet.
	firstSweep = 7 * 24 * time.Hour
	// sweepMargin is how far before the last success comments are read. A run that sees the
	// same comment again passes over it.
	sweepMargin = 2 * time.Hour
)

// Heard is what became of the comments of a run.
type Heard struct {
	// Accepted and Refused are in the order of their comments.
	Accepted []record.Event
	Refused  []Refusal
	// Left are commands that wait for the next run, and Failed why, where they could not be
	// judged or answered.
	Left   int
	Failed []error
	// History is what the ledger holds now.
	History *History
}

// Refusal is a command that was not carried out.
type Refusal struct {
	Comment issue.Comment
	Reason  string
}

// Empty reports whether there was nothing to hear.
func (h *Heard) Empty() bool {
	return len(h.Accepted)+len(h.Refused)+len(h.Failed)+h.Left == 0
}

// Sweep returns from when on comments are read: from shortly before the last success.
func (h *History) Sweep(now time.Time) time.Time {
	if h.Heartbeat.IsZero() {
		return now.Add(-firstSweep)
	}
	return h.Heartbeat.Add(-sweepMargin)
}

// heard is a comment with what became of it.
type heard struct {
	comment issue.Comment
	verdict command.Verdict
	// known says that the ledger has the command already, and only the answer is missing.
	known bool
}

// hearing is the commands of one run.
type hearing struct {
	*Run
	Ear
	out         *Heard
	permissions map[string]string
	budget      int
}

// Commands reads the comments that are new, and carries out what they command: it writes
// what was accepted into the ledger, from which the plan that is made next follows, and then
// answers each. A comment counts once, by its id, however often it is read and whichever
// run reads it; one that was accepted and not answered is answered by the next run. The
// forge itself is changed by answers only.
func (r *Run) Commands(ctx context.Context, h *History, e Ear) (*Heard, error) {
	g := &hearing{Run: r, Ear: e, out: &Heard{History: h}, permissions: map[string]string{}, budget: maxCommands}
	comments, err := g.read(ctx)
	if err != nil {
		return g.out, err
	}
	fresh, unanswered := g.sort(comments)
	for len(fresh) > 0 && g.budget > 0 {
		judge, err := g.Judge(g.out.History)
		if err != nil {
			return g.out, fmt.Errorf("judge the commands: %w", err)
		}
		var now []heard
		if now, fresh, err = g.round(ctx, fresh, judge); err != nil {
			return g.out, err
		}
		unanswered = append(unanswered, now...)
	}
	g.out.Left += len(fresh)
	return g.out, g.answer(ctx, unanswered)
}

// read returns the comments that hold a command, oldest first. The one that started the run
// is fetched anew: what the event said of it is not believed.
func (g *hearing) read(ctx context.Context) ([]issue.Comment, error) {
	l, err := g.Forge.Comments(ctx, g.out.History.Sweep(g.Now()))
	if err != nil {
		return nil, fmt.Errorf("list comments (%s): %w", g.Forge.Name(), err)
	}
	if g.First != "" && !slices.ContainsFunc(l, func(c issue.Comment) bool { return c.ID == g.First }) {
		c, err := g.Forge.GetComment(ctx, g.First)
		switch {
		case errors.Is(err, ErrNoComment):
		case err != nil:
			return nil, fmt.Errorf("look at comment %s (%s): %w", g.First, g.Forge.Name(), err)
		default:
			l = append(l, c)
		}
	}
	for i := range l {
		if l[i].ID == g.First && g.Body != "" && l[i].Body != g.Body && l[i].Updated.Equal(l[i].Created) {
			l[i].Updated = l[i].Updated.Add(time.Second) // it is not what the event told of: edited
		}
	}
	l = slices.DeleteFunc(l, func(c issue.Comment) bool { _, kind := command.Parse(c.Body); return kind == command.None || c.Bot })
	slices.SortFunc(l, func(a, b issue.Comment) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return l, nil
}

// sort drops the comments that are answered, and tells those that wait for their answer
// from those that nobody has judged.
func (g *hearing) sort(l []issue.Comment) (fresh []issue.Comment, unanswered []heard) {
	accepted, answered := map[string]record.Event{}, map[string]bool{}
	for _, e := range g.out.History.Entries {
		for _, c := range e.Commands {
			accepted[c.Comment] = c
		}
		for id := range e.Answered {
			answered[id] = true
		}
	}
	for _, c := range l {
		e, known := accepted[c.ID]
		switch {
		case answered[c.ID]:
		case known:
			unanswered = append(unanswered, heard{c, command.Verdict{Event: e, Key: e.Key}, true})
		default:
			fresh = append(fresh, c)
		}
	}
	return fresh, unanswered
}

// round judges comments until one is about an issue of which something was accepted in the
// same round, and writes down what was accepted. It returns what is to be answered, and
// the comments that are still to be judged.
func (g *hearing) round(ctx context.Context, l []issue.Comment, judge func(issue.Comment) command.Verdict) (now []heard, rest []issue.Comment, err error) {
	touched := map[string]bool{}
	for i, c := range l {
		v := judge(c)
		if v.Ignored != "" {
			continue
		}
		if run := runOf(v.Key); touched[run] || g.budget == 0 {
			rest = append(rest, l[i:]...)
			break
		}
		if err := g.permit(ctx, &v); err != nil {
			g.out.Failed, g.out.Left = append(g.out.Failed, err), g.out.Left+1
			continue
		}
		g.budget--
		if v.Event.Verb != "" {
			touched[runOf(v.Key)] = true
		}
		now = append(now, heard{comment: c, verdict: v})
	}
	now, err = g.accept(ctx, now)
	return now, rest, err
}

// runOf returns what commands about one thing share: client, template and cycle.
func runOf(key string) string {
	if k, err := issue.ParseKey(key); err == nil {
		return k.Client + "/" + k.Template + "/" + k.Cycle
	}
	return key
}

// permissions in their order.
var permissions = []string{"none", "read", "triage", "write", "maintain", "admin"}

// permit asks the forge whether the author of an accepted command may give it. No answer is
// an error, and the command then waits; what is refused already is not asked about.
func (g *hearing) permit(ctx context.Context, v *command.Verdict) error {
	if v.Refused != "" {
		return nil
	}
	p, known := g.permissions[v.Login]
	if !known {
		var err error
		if p, err = g.Forge.Permission(ctx, v.Login); err != nil {
			return fmt.Errorf("ask what %s may do (%s): %w", v.Login, g.Forge.Name(), err)
		}
		g.permissions[v.Login] = p
	}
	if have, want := slices.Index(permissions, p), slices.Index(permissions, g.Permission); want < 0 || have < want {
		*v = command.Verdict{Key: v.Key, Login: v.Login, Refused: "you have the permission " + p + " on the repository, and commands need " + g.Permission + ": ask whoever runs it"}
	}
	return nil
}

// accept writes down the accepted commands in one step. What another run has written down
// in the meantime is left to it.
func (g *hearing) accept(ctx context.Context, l []heard) ([]heard, error) {
	if !slices.ContainsFunc(l, func(h heard) bool { return h.verdict.Event.Verb != "" }) {
		return l, nil
	}
	var mine []heard
	var events []record.Event
	h, err := g.Ledger.Update(ctx, func(h *History) (Batch, error) {
		id, err := g.ledgerID(h)
		if err != nil {
			return Batch{}, err
		}
		mine, events = nil, nil
		for _, c := range l {
			e := c.verdict.Event
			switch {
			case taken(h, e.Key, c.comment.ID):
				continue
			case e.Verb != "":
				events = append(events, g.stamped(e, ""))
			}
			mine = append(mine, c)
		}
		return Batch{Events: events, Installation: id, Message: fmt.Sprintf("%d commands", len(events))}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("write down the commands (%s): %w", g.Ledger.Name(), err)
	}
	g.out.History, g.out.Accepted = h, append(g.out.Accepted, events...)
	return mine, nil
}

// taken reports whether the ledger has a comment already.
func taken(h *History, key, comment string) bool {
	e := h.Entries[key]
	if e == nil {
		return false
	}
	_, answered := e.Answered[comment]
	return answered || slices.ContainsFunc(e.Commands, func(c record.Event) bool { return c.Comment == comment })
}

// answer shows beside each comment what became of it, tells the author what to do where it
// was refused, and writes down who has an answer. Who has not gets it from the next run.
func (g *hearing) answer(ctx context.Context, l []heard) error {
	var done []record.Event
	for _, c := range l {
		if err := ctx.Err(); err != nil {
			break
		}
		if err := g.reply(ctx, c); err != nil {
			g.out.Failed = append(g.out.Failed, fmt.Errorf("answer comment %s: %w", c.comment.ID, err))
			continue
		}
		v := c.verdict
		done = append(done, record.Event{Key: v.Key, Verb: record.Answered, Number: c.comment.Issue, Comment: c.comment.ID, Reason: v.Refused})
		if v.Refused != "" {
			g.out.Refused = append(g.out.Refused, Refusal{c.comment, v.Refused})
		}
	}
	if len(done) == 0 {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	h, err := g.Ledger.Update(last, func(h *History) (Batch, error) {
		b := Batch{Installation: h.Installation, Message: fmt.Sprintf("answer %d", len(done))}
		for _, e := range done {
			b.Events = append(b.Events, g.stamped(e, ""))
		}
		var err error
		if b.Installation, err = g.ledgerID(h); err != nil {
			return Batch{}, err
		}
		return b, nil
	})
	if err != nil {
		return fmt.Errorf("write down the answers (%s): %w", g.Ledger.Name(), err)
	}
	g.out.History = h
	return nil
}

// reply answers one comment. A comment that is gone needs no answer.
func (g *hearing) reply(ctx context.Context, c heard) error {
	v, reaction := c.verdict, Accepted
	text := v.Reply
	if v.Refused != "" {
		reaction, text = Refused, command.Answer(c.comment, v.Refused)
	}
	if text != "" {
		if err := g.Forge.Comment(ctx, c.comment.Issue, text); err != nil {
			return err
		}
	}
	if err := g.Forge.React(ctx, c.comment.ID, reaction); err != nil && !errors.Is(err, ErrNoComment) {
		return err
	}
	return nil
}
