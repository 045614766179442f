package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// Ear is how the commands in comments are heard.
type Ear struct {
	// Judge makes what judges comments by the present content of a world. It is called again
	// after commands were accepted, since others may be about the same run.
	Judge func(w *World) (func(issue.Comment) command.Verdict, error)
	// Permission is the least that an author needs on the repository: triage, write, maintain
	// or admin.
	Permission string
	// First is the id of the comment that started the run, and Body what it said then; empty
	// where it was not started by one.
	First, Body string
	// Part says that the run is about some clients only, so that the last success may be
	// that of a run about others.
	Part bool
}

// Limits of one run. What is over them waits for the next one.
const (
	// maxCommands is how many commands are carried out or refused, and maxOfOne how many of
	// one author, so that nobody keeps the others waiting.
	maxCommands, maxOfOne = 200, 40
	// maxRounds is how often is judged anew, which is how many commands about one run are
	// accepted.
	maxRounds = 10
	// maxLooks is how many issues are looked at that the forge did not list.
	maxLooks = 50
)

// How far back comments are read.
const (
	// firstSweep is where there is no history at all.
	firstSweep = 7 * 24 * time.Hour
	// sweepMargin is before the last success, and partMargin where that may be the success of
	// a run about other clients. A run that sees a comment again passes over it.
	sweepMargin, partMargin = 2 * time.Hour, 7 * 24 * time.Hour
)

// Heard is what became of the comments of a run.
type Heard struct {
	// Commands are those that were accepted or refused, in the order of their comments.
	Commands []plan.Command
	// Left are commands that wait for the next run, and Elsewhere those that another run is
	// answering.
	Left, Elsewhere int
	// Failed says why commands could not be judged or answered.
	Failed []error
}

// Whole reports whether nothing is left over for a later run.
func (h *Heard) Whole() bool { return h.Left+h.Elsewhere+len(h.Failed) == 0 }

// Commands reads the comments that are new, and carries out what they command: it writes
// what was accepted into the ledger, from which the plan that is made next follows, and then
// answers each. The world has the newer history afterwards, and is marked where something
// is left over, so that no success is written before everybody was heard.
//
// What was refused stays refused: a run that was stopped before it could say so leaves the
// reason with its claim, and the next one does not judge by what was said after the comment.
//
// A comment counts once, by its id, however often it is read and whichever run reads it.
// What is accepted is claimed by the event itself, and its answer is a reaction, which may
// be given twice. A reply is claimed before it is written: of a run that was killed in
// between, the next one repeats a single reply at most, and says so.
func (r *Run) Commands(ctx context.Context, w *World, e Ear) (*Heard, error) {
	w.Unheard = true
	g := &hearing{Ear: e, run: r, reader: r.Forge, world: w, now: r.Now, out: &Heard{}}
	if err := g.hear(ctx); err != nil {
		return g.out, err
	}
	err := g.answer(ctx)
	w.Unheard = err != nil || !g.out.Whole()
	return g.out, err
}

// Overhear says what Commands would do as far as that is known without asking what authors
// may do, and puts it into the history of the world alone. It writes nothing.
func Overhear(ctx context.Context, f Reader, now time.Time, w *World, e Ear) (*Heard, error) {
	g := &hearing{Ear: e, reader: f, world: w, now: func() time.Time { return now }, out: &Heard{}}
	return g.out, g.hear(ctx)
}

// Sweep returns from when on comments are read.
func (h *History) Sweep(now time.Time, part bool) time.Time {
	switch {
	case !h.Heartbeat.IsZero() && part:
		return h.Heartbeat.Add(-partMargin)
	case !h.Heartbeat.IsZero():
		return h.Heartbeat.Add(-sweepMargin)
	}
	since := now.Add(-firstSweep)
	for _, e := range h.Events() {
		if e.At.Before(since) {
			since = e.At // no run has succeeded since the first issue was opened
		}
	}
	return since
}

// heard is a comment with what became of it.
type heard struct {
	comment issue.Comment
	verdict command.Verdict
	// again names the run that claimed the reply before and did not tell how it ended.
	again string
}

// replies reports whether the answer is a text, and not only a reaction.
func (h *heard) replies() bool { return h.verdict.Refused != "" || h.verdict.Reply != "" }

// told returns a command as a plan tells it.
func (h *heard) told() plan.Command {
	line, _ := command.Parse(h.comment.Body)
	v := &h.verdict
	c := plan.Command{Comment: h.comment.ID, Issue: h.comment.Issue, Key: v.Key, Command: string(line.Verb), By: v.By, Accepted: v.Refused == "", Reason: v.Refused, Again: h.again}
	if v.Refused == "" {
		c.Argument, c.Reason = v.Event.Arg, v.Event.Reason
	}
	return c
}

// hearing is the commands of one run.
type hearing struct {
	Ear
	// run is nil where nothing is written.
	run    *Run
	reader Reader
	world  *World
	now    func() time.Time
	out    *Heard
	// known is what the ledger had of comments.
	known map[string]memory
	// order is that of the comments, by id.
	order map[string]int
	// answers are still to be given.
	answers     []heard
	permissions map[string]string
	// spent counts the commands of this run, spoken those of each author.
	spent  int
	spoken map[string]int
	// held are the runs of which a command had to be left: what was said later about them
	// waits as well.
	held map[string]bool
}

// hear reads, judges and claims. Without a ledger nothing is heard: what was carried out
// before is not known.
func (g *hearing) hear(ctx context.Context) error {
	if !g.world.History.Exists {
		return nil
	}
	g.permissions, g.spoken, g.held = map[string]string{}, map[string]int{}, map[string]bool{}
	comments, err := g.read(ctx)
	if err != nil {
		return err
	}
	fresh := g.fresh(comments)
	if len(fresh) == 0 {
		return nil
	}
	judge, err := g.judge(ctx, fresh)
	for rounds := 0; err == nil && len(fresh) > 0 && g.spent < maxCommands && rounds < maxRounds; rounds++ {
		if rounds > 0 {
			if judge, err = g.Judge(g.world); err != nil {
				break
			}
		}
		fresh, err = g.round(ctx, fresh, judge)
	}
	if err != nil {
		return fmt.Errorf("hear the commands: %w", err)
	}
	g.out.Left += len(fresh)
	slices.SortFunc(g.out.Commands, func(a, b plan.Command) int { return g.order[a.Comment] - g.order[b.Comment] })
	slices.SortFunc(g.answers, func(a, b heard) int { return g.order[a.comment.ID] - g.order[b.comment.ID] })
	return nil
}
