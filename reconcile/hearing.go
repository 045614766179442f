package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// read returns the comments that hold a command, oldest first. The one that started the run
// is fetched anew: what the event said of it is not believed, and it need not be in the list
// yet.
func (g *hearing) read(ctx context.Context) ([]issue.Comment, error) {
	l, err := g.reader.Comments(ctx, g.world.History.Sweep(g.now(), g.Part))
	if err != nil {
		return nil, fmt.Errorf("list comments (%s): %w", g.reader.Name(), err)
	}
	if g.First != "" {
		c, err := g.reader.GetComment(ctx, g.First)
		if err != nil && !errors.Is(err, ErrNoComment) {
			return nil, fmt.Errorf("look at comment %s (%s): %w", g.First, g.reader.Name(), err)
		}
		at := slices.IndexFunc(l, func(c issue.Comment) bool { return c.ID == g.First })
		switch {
		case err != nil && at >= 0:
			l = slices.Delete(l, at, at+1)
		case err == nil && at >= 0:
			l[at] = g.compared(c)
		case err == nil:
			l = append(l, g.compared(c))
		}
	}
	l = slices.DeleteFunc(l, func(c issue.Comment) bool { _, kind := command.Parse(c.Body); return kind == command.None || c.Bot })
	// Stable: those of one moment stay in the order of the forge.
	slices.SortStableFunc(l, func(a, b issue.Comment) int { return a.Created.Compare(b.Created) })
	return l, nil
}

// compared marks the comment of the event as edited where it no longer says what the event
// told of.
func (g *hearing) compared(c issue.Comment) issue.Comment {
	if g.Body != "" && c.Body != g.Body && c.Updated.Equal(c.Created) {
		c.Updated = c.Updated.Add(time.Second)
	}
	return c
}

// fresh returns the comments that nobody has judged. Those that are accepted and wait for
// their reaction are answered by this run.
func (g *hearing) fresh(l []issue.Comment) (fresh []issue.Comment) {
	g.known = recall(g.world.History)
	g.order = make(map[string]int, len(l))
	for i, c := range l {
		g.order[c.ID] = i
		switch m := g.known[c.ID]; {
		case m.answered:
		case m.command.Verb != "":
			g.answers = append(g.answers, heard{comment: c, verdict: command.Verdict{Event: m.command, Key: m.command.Key, By: m.command.By}})
		default:
			fresh = append(fresh, c)
		}
	}
	return fresh
}

// memory is what the ledger has of one comment.
type memory struct {
	answered bool
	command  record.Event
	claim    record.Event
}

// recall returns what the ledger has of comments, by their ids and whatever they are about:
// what one run takes for the command of one step may be that of the next to another.
func recall(h *History) map[string]memory {
	known := map[string]memory{}
	for _, e := range h.Entries {
		for _, c := range e.Commands {
			m := known[c.Comment]
			m.command = c
			known[c.Comment] = m
		}
		for id := range e.Answered {
			m := known[id]
			m.answered = true
			known[id] = m
		}
		for id, c := range e.Answering {
			m := known[id]
			m.claim = c
			known[id] = m
		}
	}
	return known
}

// judge returns what judges. Issues that the ledger knows and the forge did not list, since
// they were closed long ago, are looked at before, but only where somebody whom the files
// know speaks there.
func (g *hearing) judge(ctx context.Context, l []issue.Comment) (func(issue.Comment) command.Verdict, error) {
	judge, err := g.Judge(g.world)
	if err != nil {
		return nil, err
	}
	ours := map[int]bool{}
	for _, e := range g.world.History.Entries {
		ours[e.Number] = true
	}
	looked := 0
	for _, c := range l {
		if v := judge(c); !v.Unseen || !ours[c.Issue] || looked == maxLooks {
			continue
		}
		ours[c.Issue] = false
		is, err := g.reader.Get(ctx, c.Issue)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("look at issue %d (%s): %w", c.Issue, g.reader.Name(), err)
		}
		if looked++; err == nil {
			g.world.Issues = append(g.world.Issues, is)
		}
	}
	if looked == 0 {
		return judge, nil
	}
	return g.Judge(g.world)
}

// round judges each comment that is about a run of which nothing was accepted in the same
// round, and claims what came of it. It returns those that are still to be judged.
func (g *hearing) round(ctx context.Context, l []issue.Comment, judge func(issue.Comment) command.Verdict) (rest []issue.Comment, err error) {
	touched := map[string]bool{}
	var now []heard
	for _, c := range l {
		v := judge(c)
		if said := g.known[c.ID].claim; said.Reason != "" && v.Ignored == "" {
			v.Refuse(said.Reason)
			v.Key = said.Key
		}
		run := runOf(v.Key)
		switch {
		case v.Ignored != "":
		case touched[run]:
			rest = append(rest, c)
		case g.held[run], g.spent == maxCommands, g.spoken[v.Login] == maxOfOne:
			g.leave(run)
		default:
			if err := g.permit(ctx, &v); err != nil {
				g.leave(run)
				g.out.Failed = append(g.out.Failed, err)
				continue
			}
			g.spent++
			g.spoken[v.Login]++
			touched[run] = v.Event.Verb != ""
			now = append(now, heard{comment: c, verdict: v})
		}
	}
	return rest, g.claim(ctx, now)
}

// leave leaves a command to the next run, and with it what is said about its run later.
func (g *hearing) leave(run string) {
	g.held[run] = true
	g.out.Left++
}

// runOf returns what commands about one thing share: client, template and cycle.
func runOf(key string) string {
	if k, err := issue.ParseKey(key); err == nil {
		return k.Client + "/" + k.Template + "/" + k.Cycle
	}
	return key
}

// permit asks the forge whether the author of a command may give it. No answer is an error,
// and the command then waits; what is refused already is not asked about.
func (g *hearing) permit(ctx context.Context, v *command.Verdict) error {
	if v.Refused != "" || g.run == nil {
		return nil
	}
	p, known := g.permissions[v.Login]
	if !known {
		var err error
		if p, err = g.reader.Permission(ctx, v.Login); err != nil {
			return fmt.Errorf("ask what %s may do (%s): %w", v.Login, g.reader.Name(), err)
		}
		g.permissions[v.Login] = p
	}
	if !issue.Permits(p, g.Permission) {
		v.Refuse("you have the permission " + p + " on the repository, and commands need " + g.Permission + ": ask whoever administers the repository for it, then write the command again")
	}
	return nil
}
