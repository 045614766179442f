package cli

import (
	"context"
	"fmt"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// ear is how this repository judges commands: by its files as they are here, which in a
// workflow are those of the default branch.
func (s *session) ear(e event) reconcile.Ear {
	return reconcile.Ear{Judge: s.judge, Permission: s.w.catalog.Organization.CommandPermission(), First: e.comment, Body: e.body, Part: s.client != nil}
}

// judge works out what is known, and returns what judges comments by it.
func (s *session) judge(world *reconcile.World) (func(issue.Comment) command.Verdict, error) {
	if err := s.know(world); err != nil {
		return nil, err
	}
	w := command.World{Catalog: s.w.catalog, AsOf: s.w.today, Engine: s.whole, View: plan.Look(s.inputs(world)), Progress: s.progress,
		Trusting: world.Identity == ""}
	return func(c issue.Comment) command.Verdict { return command.Judge(w, c) }, nil
}

// overhear says what the commands that are new would do, and writes nothing.
func (s *session) overhear(ctx context.Context, world *reconcile.World) (*reconcile.Heard, error) {
	return reconcile.Overhear(ctx, s.forge, s.clock(), world, s.ear(event{}))
}

// tellHeard says on standard error which commands were not heard or answered.
func (c *Command) tellHeard(h *reconcile.Heard) {
	for _, err := range h.Failed {
		c.talk("warning: %v", err)
	}
	if h.Left > 0 {
		c.talk("warning: %s left to the next run", plural(h.Left, "command"))
	}
	if h.Elsewhere > 0 {
		c.talk("%s left to another run that is at it", plural(h.Elsewhere, "command"))
	}
}

// commandLine tells one command and what became of it.
func commandLine(p *plan.Command) string {
	how, rest := "accepted", ""
	if !p.Accepted {
		how, rest = "refused", ": "+p.Reason
	}
	line := fmt.Sprintf("%-9s %-6s %s  #%d  by %s", how, "/"+p.Command, p.Key, p.Issue, p.By)
	if p.Again != "" {
		rest += " (it may have been answered before, in run " + p.Again + ")"
	}
	return issue.LogLine(line + rest)
}

// heardLine says how many commands were accepted and refused, to be put before the result
// of a run; "" where there were none.
func heardLine(l []plan.Command) string {
	accepted := 0
	for i := range l {
		if l[i].Accepted {
			accepted++
		}
	}
	switch refused := len(l) - accepted; {
	case len(l) == 0:
		return ""
	case refused == 0:
		return plural(accepted, "command") + " accepted; "
	default:
		return fmt.Sprintf("%s accepted, %d refused; ", plural(accepted, "command"), refused)
	}
}
