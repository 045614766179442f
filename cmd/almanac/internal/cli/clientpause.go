package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/edit"
)

func newClientDeactivate(c *Command, o *options) *cobra.Command {
	var reason, from string
	cmd := c.editCommand(o, &cobra.Command{
		Use:   "deactivate CLIENT --reason TEXT",
		Short: "Stop everything for a client; its open issues are closed at the next run",
		Example: `  almanac client deactivate acme-dental --reason "contract ended"
  almanac client deactivate acme-dental --from 2026-07-01 --reason "contract ends in June"`,
	}, 1, func(e *editing, args []string) (*edit.File, error) {
		day, err := dayFlag("from", from, e.w.today)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(reason) == "" {
			return nil, usage("almanac client deactivate "+args[0]+` --reason "contract ended"`, "say why, with --reason")
		}
		for _, i := range e.client.Inactive {
			if i.To == 0 || i.To >= day {
				return nil, hinted(fmt.Errorf("%s is inactive from %s already", args[0], i.From), "edit "+e.client.Source.File)
			}
		}
		return e.file.Append(e.doc, "inactive", edit.Map{{Key: "from", Value: day}, {Key: "reason", Value: reason}})
	})
	cmd.Flags().StringVar(&reason, "reason", "", "why the client is inactive")
	cmd.Flags().StringVar(&from, "from", "", "first day, instead of today")
	return cmd
}

// dayFlag reads a date given as a flag.
func dayFlag(flag, value string, otherwise civil.Date) (civil.Date, error) {
	if value == "" {
		return otherwise, nil
	}
	d, err := civil.Parse(value)
	if err != nil {
		return 0, usage("--"+flag+" 2026-05-01", "--%s: %v", flag, err)
	}
	return d, nil
}

func newClientReactivate(c *Command, o *options) *cobra.Command {
	var on, approvedBy string
	cmd := c.editCommand(o, &cobra.Command{
		Use:   "reactivate CLIENT",
		Short: "Go on with a client that is inactive",
		Long: `Reactivate ends the pause on the day before the client is back. A return within the
reactivation lock (policies.reactivation-lock, 12 months from the first day of the pause
when left out) needs the person who agreed to it.`,
		Example: `  almanac client reactivate ember-bakery
  almanac client reactivate ember-bakery --on 2026-09-01 --approved-by lee`,
	}, 1, func(e *editing, args []string) (*edit.File, error) {
		day, err := dayFlag("on", on, e.w.today)
		if err != nil {
			return nil, err
		}
		return e.reactivate(day, approvedBy)
	})
	cmd.Flags().StringVar(&on, "on", "", "first day back, instead of today")
	cmd.Flags().StringVar(&approvedBy, "approved-by", "", "person who agreed to the return")
	return cmd
}

// reactivate ends the pause that a day lies in.
func (e *editing) reactivate(day civil.Date, approvedBy string) (*edit.File, error) {
	id := e.client.ID
	at := slices.IndexFunc(e.client.Inactive, func(i schema.Inactive) bool { return i.To == 0 || i.To >= day })
	if at < 0 {
		return nil, hinted(fmt.Errorf("%s is not inactive on %s", id, day), "almanac list clients --all")
	}
	if from := e.client.Inactive[at].From; day <= from {
		return nil, usage("almanac client reactivate "+id+" --on DATE", "%s is inactive only from %s", id, from)
	}
	entry := fmt.Sprintf("inactive.%d.", at)
	to, err := e.file.Set(e.doc, entry+"to", day.AddDays(-1))
	if err == nil && approvedBy != "" {
		return to.Set(e.doc, entry+"approved-by", approvedBy)
	}
	return to, err
}

func newClientReset(c *Command, o *options) *cobra.Command {
	var template string
	cmd := c.editCommand(o, &cobra.Command{
		Use:   "reset CLIENT",
		Short: "Go back to the templates: drop overrides and extra steps",
		Long: `Reset takes the client's overrides and extra steps away, so that the templates hold again.
Exceptions stay: they belong to single dates, and what was cancelled stays cancelled. What
was done stays done.`,
		Example: "  almanac client reset delmar-freight\n  almanac client reset delmar-freight --template vcio --dry-run",
	}, 1, func(e *editing, _ []string) (*edit.File, error) { return e.reset(template) })
	cmd.Flags().StringVar(&template, "template", "", "only in this process, plan or playbook; with /RUN in one run of it")
	return cmd
}

// reset drops the departures and says on standard error what they were.
func (e *editing) reset(template string) (*edit.File, error) {
	only := -1
	if template != "" {
		at, err := e.assignment(template)
		if err != nil {
			return nil, err
		}
		only = at
	}
	to := e.file
	for i := range e.client.Processes {
		a := &e.client.Processes[i]
		if only >= 0 && i != only {
			continue
		}
		for _, step := range sortedKeys(a.Overrides) {
			e.c.talk("drops the override of %s in %s", step, a.Template)
		}
		for _, s := range a.ExtraSteps {
			e.c.talk("drops the extra step %s in %s", s.ID, a.Template)
		}
		for _, key := range []string{"overrides", "extra-steps"} {
			next, err := to.Remove(e.doc, fmt.Sprintf("processes.%d.%s", i, key))
			if err != nil {
				return nil, err
			}
			to = next
		}
	}
	return to, nil
}
