package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/render"
	"github.com/almanac-gitops/almanac/schema/civil"
)

func newReconcile(c *Command, o *options) *cobra.Command {
	r := &planOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Open, change and close issues and send notices until all agrees with the files",
		Long: `Reconcile makes a plan and carries it out. Running it twice changes nothing; a run that was
stopped or failed is finished by the next one. What would close too much is blocked and
needs an approval of that very plan.

Before it plans, it reads the comments that are new and carries out the commands in them,
such as /done; /help in a comment lists them. A refused command is answered and fails nothing.

Exit codes: 0 done, 3 done apart from clients whose files are invalid, 4 blocked by a
gate, 5 done in part.`,
		Example: `  almanac reconcile
  almanac reconcile --client acme-dental
  almanac reconcile --forge files:issues --as-of 2026-05-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.reconcile(cmd.Context(), r) },
	}
	cmd.Flags().StringVar(&r.approve, "approve", "", "approval that a blocked plan gave")
	cmd.Flags().StringVar(&r.event, "event", "", "file with the event of GitHub about the comment that started the run (default in Actions: that of the run)")
	addOutput(cmd, &r.output, "text", "json")
	addEngineFlags(cmd, &r.engineOptions)
	return cmd
}

func (c *Command) reconcile(ctx context.Context, o *planOptions) error {
	started, err := c.occasion(o.event)
	if err != nil {
		return err
	}
	if started.nothing != "" {
		return c.pass(started.nothing, o.output)
	}
	s, err := c.session(ctx, &o.engineOptions)
	if err != nil {
		return err
	}
	if err := s.checkPublic(ctx); err != nil {
		return err
	}
	run := s.run(c.router(s.w, s.forge))
	p, at, err := s.plan(ctx, o.approve, func(ctx context.Context, w *reconcile.World) (*reconcile.Heard, error) {
		return run.Commands(ctx, w, s.ear(started))
	})
	if err != nil {
		return err
	}
	s.frozenTalk()
	c.tellHeard(at.heard)
	if p.Blocked != nil {
		s.tellBlocked(ctx, p, at.world)
		if err := c.writePlan(p, o.output, false, o.options); err != nil {
			return err
		}
		if err := c.summarizePlan(p, "", nil); err != nil {
			return err
		}
		if err := c.hand(0, "blocked: "+p.Blocked.Message); err != nil {
			return err
		}
		return exit(ExitBlocked)
	}
	end := func() {}
	if o.output == "text" {
		for i := range p.Commands {
			fmt.Fprintln(c.Stdout, commandLine(&p.Commands[i]))
		}
		run.Progress, end = c.follow(len(p.Changes))
	}
	result, err := run.Apply(ctx, p, at.world, at.observed)
	end()
	if werr := c.tellRun(s, p, result, o.output); werr != nil {
		return werr
	}
	if err == nil && !result.Partial() && at.heard.Whole() {
		c.beat(ctx, s.w.catalog.Organization)
	}
	return s.verdict(result, at.heard, err)
}

// pass ends a run that has nothing to do because of what started it.
func (c *Command) pass(why, output string) error {
	if err := c.hand(0, "nothing to do: "+why); err != nil {
		return err
	}
	if output == "json" {
		c.talk("nothing to do: %s", why)
		return c.writePlan(plan.Nothing(civil.Of(c.Now().UTC())), output, false, nil)
	}
	_, err := fmt.Fprintln(c.Stdout, "nothing to do: "+issue.LogLine(why))
	return err
}

// verdict is the exit code of a run.
func (s *session) verdict(result *reconcile.Result, heard *reconcile.Heard, err error) error {
	switch {
	case err != nil:
		return err
	case result.Interrupted:
		return &exitError{code: ExitPartial, err: fmt.Errorf("the run was stopped"), hints: []string{"what is left over is done by the next run: almanac reconcile"}}
	case result.Partial(), heard.Left+len(heard.Failed) > 0:
		return &exitError{code: ExitPartial, err: fmt.Errorf("done in part"), hints: []string{"what is left over is done by the next run: almanac reconcile"}}
	}
	return s.invalid()
}

// tellRun prints what a run did, and appends it to the summary of an Actions job.
func (c *Command) tellRun(s *session, p *plan.Plan, result *reconcile.Result, output string) error {
	outcomes := outcomesOf(p, result)
	line := heardLine(p.Commands) + summaryLine(p, result) + s.rest(p, result)
	if output == "json" {
		text, err := render.JSON(p, outcomes)
		if err != nil {
			return err
		}
		if _, err := c.Stdout.Write(text); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(c.Stdout, line); err != nil {
		return err
	}
	if err := c.hand(len(p.Changes), line); err != nil {
		return err
	}
	return c.summarizePlan(p, line, outcomes)
}

// outcomesOf puts the outcomes in the order of the plan's changes.
func outcomesOf(p *plan.Plan, result *reconcile.Result) []render.Outcome {
	type id struct {
		action plan.Action
		key    string
		number int
		notice string
		group  bool // an issue may be edited and, apart from that, shown under another
	}
	idOf := func(c *plan.Change) id {
		i := id{c.Action, c.Key, c.Number, "", c.Group != nil}
		if c.Notice != nil {
			i.notice = c.Notice.Name
		}
		return i
	}
	by := map[id]reconcile.Outcome{}
	for _, o := range result.Outcomes {
		by[idOf(&o.Change)] = o
	}
	l := make([]render.Outcome, len(p.Changes))
	for i := range p.Changes {
		o := by[idOf(&p.Changes[i])]
		l[i] = render.Outcome{Status: string(o.Status), Number: o.Number, URL: o.URL, Again: o.Again}
		if o.Status == "" {
			l[i].Status = string(reconcile.Deferred)
		}
		if o.Err != nil {
			l[i].Error = o.Err.Error()
		}
	}
	return l
}

// summaryLine says in one line what a run did.
func summaryLine(p *plan.Plan, result *reconcile.Result) string {
	var done [6]int
	left, elsewhere := 0, 0
	actions := []plan.Action{plan.Create, plan.Update, plan.Close, plan.Adopt, plan.Notify, plan.Answer}
	for _, o := range result.Outcomes {
		switch o.Status {
		case reconcile.Done:
		case reconcile.Elsewhere:
			elsewhere++
			continue
		default:
			left++
			continue
		}
		for i, a := range actions {
			if o.Change.Action == a {
				done[i]++
			}
		}
	}
	if len(p.Changes) == 0 && result.Recorded == 0 {
		line := "nothing to do: " + agreeing(p.Summary.None)
		return line + held(p)
	}
	line := fmt.Sprintf("%d opened, %d changed, %d closed, %d adopted, %s sent", done[0], done[1], done[2], done[3], plural(done[4], "notice"))
	if done[5] > 0 {
		line += ", " + plural(done[5], "request") + " answered"
	}
	if result.Recorded > 0 {
		line += fmt.Sprintf(", %d recorded", result.Recorded)
	}
	if elsewhere > 0 {
		line += fmt.Sprintf(", %d done by another run or claimed by it", elsewhere)
	}
	if left > 0 {
		line += fmt.Sprintf(", %d left over", left)
	}
	return line + held(p)
}

// agreeing says how many issues are as they should be.
func agreeing(n int) string {
	if n == 1 {
		return "1 issue agrees with the files"
	}
	return fmt.Sprintf("%d issues agree with the files", n)
}

// held says what the plan itself leaves for later.
func held(p *plan.Plan) string {
	line := ""
	add := func(n int, what string) {
		if n > 0 {
			line += fmt.Sprintf("; %d %s", n, what)
		}
	}
	add(len(p.Deferred), "wait for the next run, because of a limit")
	add(len(p.Waiting), "wait for other steps")
	add(len(p.Missed), "were missed: almanac list occurrences --state missed --from DATE")
	add(len(p.Orphans), "belong to clients without a file")
	add(len(p.Refused), "recipients are not written to")
	return line
}

// rest says in how many further runs what a limit holds back will be done.
func (s *session) rest(p *plan.Plan, result *reconcile.Result) string {
	left := len(p.Deferred)
	for _, o := range result.Outcomes {
		if o.Change.Action == plan.Create && o.Status == reconcile.Deferred {
			left++
		}
	}
	if left == 0 {
		return ""
	}
	limit, each := s.w.catalog.Organization.CreateLimits()
	most := map[string]int{}
	runs := (left + limit - 1) / limit
	for _, d := range p.Deferred {
		most[d.Client]++
		runs = max(runs, (most[d.Client]+each-1)/each)
	}
	return "; at this pace the rest is opened in " + plural(runs, "more run")
}

// summarizePlan appends the plan, and what became of it, to the summary of an Actions job.
func (c *Command) summarizePlan(p *plan.Plan, line string, outcomes []render.Outcome) error {
	return c.summarize(func(b *bytes.Buffer) error {
		if line != "" {
			fmt.Fprintf(b, "**%s**\n", issue.Text(line))
			b.WriteString(render.LeftOver(p, outcomes, render.SummarySize/2) + "\n")
		}
		b.WriteString(render.Markdown(p, render.SummarySize-b.Len()))
		return nil
	})
}
