package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/report"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

type reportOptions struct {
	engineOptions
	from, to, output, rootCause, criterion string
}

func newReport(c *Command, o *options) *cobra.Command {
	return group("report", "Report how a playbook has served", newReportCare(c, o))
}

func newReportCare(c *Command, o *options) *cobra.Command {
	r := &reportOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:   "care [PLAYBOOK]",
		Short: "Say which clients were on a playbook such as extra care, why, and how well it was kept",
		Long: `Care tells of each run of a playbook that marks its clients: who recommended it when, from
when to when the client was on it, what came of it, and whether it was the client's first.
Without a name it is the only such playbook that there is. What it counts:

  weeks          Monday to Sunday, with a day on the playbook; a week has a note if somebody
                 wrote /note on an issue of the run in it, or did one of its repeated steps.
                 A week that is not over, or lies before the run's since, counts only with one
  announcements  steps of type announcement whose day has come; on time if done by then
  root cause     days from the placement until a step is done: --root-cause, else the step
                 before which the field root-cause is required, else the step of that id
  criteria       each episode once for each value of a field: --criterion, else the first
                 choice field with several values
  entries        how often the client has been placed so far

--from and --to choose the episodes that have a day between the two; their figures are those
of the whole episode. In CSV, cells that a spreadsheet would reckon with get an apostrophe.`,
		Example: `  almanac report care
  almanac report care extra-care --from 2026-01-01 --to 2026-06-30 -o markdown
  almanac report care -o csv > care.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.reportCare(cmd, r, args) },
	}
	addOutput(cmd, &r.output, "table", "markdown", "csv", "json")
	addEngineFlags(cmd, &r.engineOptions)
	cmd.Flags().StringVar(&r.from, "from", "", "only episodes that go on or end on this day or later")
	cmd.Flags().StringVar(&r.to, "to", "", "only episodes that were recommended on this day or before")
	cmd.Flags().StringVar(&r.rootCause, "root-cause", "", "id of the step that ends with the root cause known")
	cmd.Flags().StringVar(&r.criterion, "criterion", "", "id of the field by which episodes are counted")
	return cmd
}

// reportCare makes the report and writes it.
func (c *Command) reportCare(cmd *cobra.Command, r *reportOptions, args []string) error {
	s, err := c.session(cmd.Context(), &r.engineOptions)
	if err != nil {
		return err
	}
	b, err := s.marking(args)
	if err != nil {
		return err
	}
	in, err := r.inputs(b)
	if err != nil {
		return err
	}
	_, world, err := s.view(cmd.Context())
	if err != nil {
		return err
	}
	s.frozenTalk()
	if err := c.writeReport(report.Make(s.reported(in, world)), r.output); err != nil {
		return err
	}
	return s.invalid()
}

// marking returns the playbook that is meant: the named one, or the only one that marks its
// clients.
func (s *session) marking(args []string) (*schema.Playbook, error) {
	var found []*schema.Playbook
	var ids []string
	for _, b := range s.w.catalog.Playbooks {
		if len(args) == 1 && s.w.catalog.Template(args[0]) == schema.Template(b) {
			return b, nil
		}
		if b.Marks != nil {
			found, ids = append(found, b), append(ids, b.ID)
		}
	}
	switch {
	case len(args) == 1:
		return nil, usage("almanac list templates", "there is no playbook %q", args[0])
	case len(found) == 0:
		return nil, usage("almanac report care PLAYBOOK", "no playbook marks its clients, so say which one you mean")
	case len(found) > 1:
		return nil, usage("almanac report care "+ids[0], "several playbooks mark their clients, so say which one you mean: %s", strings.Join(ids, ", "))
	}
	return found[0], nil
}

// inputs are what the flags say.
func (r *reportOptions) inputs(b *schema.Playbook) (in report.Inputs, err error) {
	in = report.Inputs{Playbook: b, RootCause: r.rootCause, Criterion: r.criterion}
	if in.Window.From, err = dayFlag("from", r.from, 0); err != nil {
		return in, err
	}
	if in.Window.To, err = dayFlag("to", r.to, 0); err != nil {
		return in, err
	}
	switch w := in.Window; {
	case w.To != 0 && w.To < w.From:
		return in, usage("--from "+w.To.String()+" --to "+w.From.String(), "--to %s lies before --from %s", w.To, w.From)
	case r.rootCause != "" && report.RootCauseStep(b, r.rootCause) == "":
		return in, usage("almanac explain Playbook.steps.id", "--root-cause %q: %s has no such step", r.rootCause, b.ID)
	case r.criterion != "" && b.Field(r.criterion) == nil:
		return in, usage("almanac explain Playbook.fields.id", "--criterion %q: %s has no such field", r.criterion, b.ID)
	}
	return in, nil
}

// reported adds what is known of the world.
func (s *session) reported(in report.Inputs, world *reconcile.World) report.Inputs {
	in.Catalog, in.AsOf, in.Engine, in.Progress = s.w.catalog, s.w.today, s.engine, s.progress
	in.Entries, in.Client = world.History.Entries, s.client
	in.Day = func(e record.Event) civil.Date { return civil.Of(e.At.In(s.w.zone)) }
	return in
}

// writeReport writes a report in one of four forms.
func (c *Command) writeReport(r *report.Report, output string) error {
	switch output {
	case "json":
		return writeJSON(c.Stdout, r)
	case "csv":
		return r.WriteCSV(c.Stdout)
	case "markdown":
		return r.WriteMarkdown(c.Stdout)
	}
	p := &printer{w: c.Stdout}
	head, rows, lines := r.Table()
	for _, l := range lines {
		p.line("%s", l)
	}
	if len(rows) > 0 {
		p.line("")
		p.table(head, rows)
	}
	if len(r.Criteria) > 0 {
		p.line("")
		var count [][]string
		for _, k := range r.Criteria {
			count = append(count, []string{k.Value, strconv.Itoa(k.Episodes), strconv.Itoa(k.Placed)})
		}
		p.table([]string{"CRITERION", "EPISODES", "PLACED"}, count)
	}
	return p.err
}

// table writes rows below their columns.
func (p *printer) table(columns []string, rows [][]string) {
	if p.err == nil {
		_, p.err = fmt.Fprint(p.w, string(alignTable(table{Columns: columns, Rows: rows})))
	}
}
