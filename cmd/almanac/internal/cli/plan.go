package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/render"
)

type planOptions struct {
	engineOptions
	base     baseOptions
	output   string
	approve  string
	event    string
	detailed bool
	all      bool
}

func newPlan(c *Command, o *options) *cobra.Command {
	p := &planOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what would be opened, changed, closed and sent; change nothing",
		Long: `Plan compares what the files want with the issues that there are, and says what reconcile
would do and why. It never writes anything. Commands in new comments are taken for granted
where the files allow them; what their authors may do in the repository is asked by
reconcile only.

With --base it compares two versions of the files instead, and says what the change would
do to what falls due: no issues, no ledger and no token are needed.`,
		Example: `  almanac plan
  almanac plan --client acme-dental
  almanac plan --base origin/main -o markdown`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.base.ref != "" || p.base.head != "" || cmd.Flags().Changed("horizon") {
				return c.planBase(cmd, p)
			}
			return c.plan(cmd, p)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&p.detailed, "detailed-exitcode", false, "exit 2 if there is something to do")
	f.StringVar(&p.approve, "approve", "", "approval of a blocked plan, to see whether it still holds")
	f.BoolVar(&p.all, "all", false, "every line of long lists")
	addOutput(cmd, &p.output, "text", "json", "markdown")
	addEngineFlags(cmd, &p.engineOptions)
	addBaseFlags(cmd, &p.base)
	return cmd
}

func (c *Command) plan(cmd *cobra.Command, o *planOptions) error {
	s, err := c.session(cmd.Context(), &o.engineOptions)
	if err != nil {
		return err
	}
	p, at, err := s.plan(cmd.Context(), o.approve, s.overhear)
	if err != nil {
		return err
	}
	s.frozenTalk()
	c.tellHeard(at.heard)
	if err := c.writePlan(p, o.output, o.all, o.options); err != nil {
		return err
	}
	if err := c.hand(len(p.Changes), render.Sum(p)); err != nil {
		return err
	}
	switch {
	case p.Blocked != nil:
		return exit(ExitBlocked)
	case s.invalid() != nil:
		return s.invalid()
	case o.detailed && !p.Empty():
		return exit(ExitPending)
	}
	return nil
}

// writePlan prints a plan that is not carried out.
func (c *Command) writePlan(p *plan.Plan, output string, all bool, o *options) error {
	switch output {
	case "json":
		text, err := render.JSON(p, nil)
		if err != nil {
			return err
		}
		_, err = c.Stdout.Write(text)
		return err
	case "markdown":
		_, err := fmt.Fprint(c.Stdout, render.Markdown(p, render.SummarySize))
		return err
	}
	_, err := fmt.Fprint(c.Stdout, render.Text(p, render.Style{Color: c.color(o), All: all}))
	return err
}
