package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// occurrenceList is the JSON contract of `list occurrences`. Fields are added, never
// renamed.
type occurrenceList struct {
	FormatVersion int             `json:"format_version" yaml:"format_version"`
	AsOf          civil.Date      `json:"as_of" yaml:"as_of"`
	Occurrences   []occurrenceRow `json:"occurrences" yaml:"occurrences"`
}

type occurrenceRow struct {
	Key      string      `json:"key" yaml:"key"`
	Client   string      `json:"client" yaml:"client"`
	Template string      `json:"template" yaml:"template"`
	Cycle    string      `json:"cycle" yaml:"cycle"`
	Step     string      `json:"step" yaml:"step"`
	Instance string      `json:"instance" yaml:"instance"`
	Type     string      `json:"type" yaml:"type"`
	Title    string      `json:"title" yaml:"title"`
	Nominal  civil.Date  `json:"nominal" yaml:"nominal"`
	Due      civil.Date  `json:"due" yaml:"due"`
	Opens    civil.Date  `json:"opens" yaml:"opens"`
	State    plan.State  `json:"state" yaml:"state"`
	Owner    string      `json:"owner" yaml:"owner"`
	With     []string    `json:"with" yaml:"with"`
	Notify   []noticeRow `json:"notify" yaml:"notify"`
	Source   plan.Place  `json:"source" yaml:"source"`
	// WaitsFor says what a blocked step waits for, and Undecided is the id of the question on
	// which it hangs whether the step is there; both are empty for all others.
	WaitsFor  string `json:"waits_for" yaml:"waits_for"`
	Undecided string `json:"undecided" yaml:"undecided"`
}

type noticeRow struct {
	On  civil.Date `json:"on" yaml:"on"`
	To  []string   `json:"to" yaml:"to"`
	Via []string   `json:"via" yaml:"via"`
}

type occurrenceOptions struct {
	engineOptions
	from, to, output, state string
}

func newListOccurrences(c *Command, o *options) *cobra.Command {
	l := &occurrenceOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:   "occurrences",
		Short: "List every step of every client that falls due between two days",
		Example: `  almanac list occurrences --from 2026-05-01 --to 2026-05-31
  almanac list occurrences --state missed --from 2026-01-01
  almanac list occurrences --client acme-dental -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.listOccurrences(cmd, l, false) },
	}
	addOutput(cmd, &l.output, "table", "json", "yaml")
	addEngineFlags(cmd, &l.engineOptions)
	cmd.Flags().StringVar(&l.from, "from", "", "first due date (default today)")
	cmd.Flags().StringVar(&l.to, "to", "", "last due date (default 90 days after the first)")
	cmd.Flags().StringVar(&l.state, "state", "", "only occurrences in this state, such as overdue")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(texts(plan.States()), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// texts returns states as plain text.
func texts(l []plan.State) []string {
	t := make([]string, len(l))
	for i, s := range l {
		t[i] = string(s)
	}
	return t
}

func newListDue(c *Command, o *options) *cobra.Command {
	l := &occurrenceOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:     "due",
		Short:   "List what is open, overdue or about to open",
		Long:    "Due lists what somebody has to look at today: steps that are open, overdue or blocked, oldest first.",
		Example: "  almanac list due\n  almanac list due --client acme-dental",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.listOccurrences(cmd, l, true) },
	}
	addOutput(cmd, &l.output, "table", "json", "yaml")
	addEngineFlags(cmd, &l.engineOptions)
	return cmd
}

// lastDay is where time ends: no later day can be written.
var lastDay = civil.New(9999, time.December, 31)

// yearFrom is the window of what is looked at ahead.
func yearFrom(since, today civil.Date) due.Window {
	return due.Window{From: since, To: cmp.Or(today.AddMonths(12), lastDay)}
}

// window returns the days that are asked for, both included.
func (l *occurrenceOptions) window(today civil.Date) (due.Window, error) {
	from, err := dayFlag("from", l.from, today)
	if err != nil {
		return due.Window{}, err
	}
	to, err := dayFlag("to", l.to, cmp.Or(from.AddDays(90), lastDay))
	if err == nil && to < from {
		err = usage("--from "+to.String()+" --to "+from.String(), "--to %s lies before --from %s", to, from)
	}
	return due.Window{From: from, To: to}, err
}

func (c *Command) listOccurrences(cmd *cobra.Command, l *occurrenceOptions, dueOnly bool) error {
	if known := plan.States(); l.state != "" && !slices.Contains(known, plan.State(l.state)) {
		return usage("--state "+string(plan.Overdue), "--state %q: expected one of %s", l.state, strings.Join(texts(known), ", "))
	}
	s, err := c.session(cmd.Context(), &l.engineOptions)
	if err != nil {
		return err
	}
	window, err := l.window(s.w.today)
	if err != nil {
		return err
	}
	view, _, err := s.view(cmd.Context())
	if err != nil {
		return err
	}
	if dueOnly {
		window = yearFrom(view.Since(), s.w.today)
	}
	list := occurrenceList{FormatVersion: 1, AsOf: s.w.today, Occurrences: []occurrenceRow{}}
	for _, o := range s.engine.Occurrences(window) {
		row := rowOf(&o, view.State(&o))
		if dueOnly && !pending(&o, row.State, s.w.today) || l.state != "" && string(row.State) != l.state {
			continue
		}
		if row.State == plan.BlockedStep {
			row.WaitsFor = waitsFor(view.Explained(&o))
		}
		list.Occurrences = append(list.Occurrences, row)
	}
	slices.SortStableFunc(list.Occurrences, func(a, b occurrenceRow) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Key, b.Key))
	})
	c.warnBroken(s.w)
	return c.writeOccurrences(list, l.output)
}

// pending reports whether somebody has to look at an occurrence today.
func pending(o *due.Occurrence, s plan.State, today civil.Date) bool {
	switch s {
	case plan.Open, plan.Overdue:
		return true
	case plan.BlockedStep, plan.Scheduled:
		return o.Opens != 0 && o.Opens <= today && o.Step.Issue != "none"
	}
	return false
}

func rowOf(o *due.Occurrence, state plan.State) occurrenceRow {
	r := occurrenceRow{
		Key: o.Key, Client: o.Client.ID, Template: o.Template.Head().ID, Cycle: o.Cycle, Step: o.Step.ID, Instance: o.Instance,
		Type: o.Step.Type, Title: o.Step.Title, Nominal: o.Nominal, Due: o.Due, Opens: o.Opens, State: state,
		Owner: o.Owner.String(), With: names(o.With), Notify: []noticeRow{}, Source: plan.Place{File: o.Source.File, Line: o.Source.Pos.Line}, Undecided: o.Undecided,
	}
	for _, n := range o.Notices {
		via := n.Via
		if via == nil {
			via = []string{}
		}
		r.Notify = append(r.Notify, noticeRow{On: n.On, To: names(n.To), Via: via})
	}
	return r
}

// waitsFor puts what a step waits for into words.
func waitsFor(needs []plan.Need) string {
	l := make([]string, len(needs))
	for i, n := range needs {
		l[i] = n.For
	}
	return strings.Join(l, "; ")
}

func names(l []due.Holder) []string {
	s := make([]string, 0, len(l))
	for _, h := range l {
		s = append(s, h.String())
	}
	return s
}

func (c *Command) writeOccurrences(list occurrenceList, output string) error {
	switch output {
	case "json":
		return writeJSON(c.Stdout, list)
	case "yaml":
		return writeYAML(c.Stdout, list)
	}
	if len(list.Occurrences) == 0 {
		_, err := fmt.Fprintln(c.Stdout, "nothing")
		return err
	}
	t := table{Columns: []string{"DUE", "STATE", "OWNER", "CLIENT", "STEP", "KEY", "WAITS FOR"}}
	if !slices.ContainsFunc(list.Occurrences, func(r occurrenceRow) bool { return r.WaitsFor != "" }) {
		t.Columns = t.Columns[:6]
	}
	for _, r := range list.Occurrences {
		t.Rows = append(t.Rows, []string{cmp.Or(r.Due.String(), "no date"), string(r.State), cmp.Or(r.Owner, "nobody"), r.Client, r.Title, r.Key, r.WaitsFor}[:len(t.Columns)])
	}
	_, err := c.Stdout.Write(alignTable(t))
	return err
}

type assignmentRow struct {
	Client    string     `json:"client" yaml:"client"`
	Template  string     `json:"template" yaml:"template"`
	Cycle     string     `json:"cycle" yaml:"cycle"`
	Since     civil.Date `json:"since" yaml:"since"`
	Start     civil.Date `json:"start" yaml:"start"`
	Overrides []string   `json:"overrides" yaml:"overrides"`
	Extra     []string   `json:"extra_steps" yaml:"extra_steps"`
	Changes   int        `json:"exceptions" yaml:"exceptions"`
	File      string     `json:"file" yaml:"file"`
	Line      int        `json:"line" yaml:"line"`
}

// listAssignments lists which client is in which template, and how far it departs from it.
func listAssignments(w *workspace, _ *listOptions) table {
	t := table{Columns: []string{"CLIENT", "TEMPLATE", "FROM", "OVERRIDES", "EXTRA STEPS", "EXCEPTIONS"}}
	data := []assignmentRow{}
	for _, cl := range w.catalog.Clients {
		for i := range cl.Processes {
			a := &cl.Processes[i]
			r := assignmentRow{Client: cl.ID, Template: a.Template, Since: a.Since, Start: a.Start, Overrides: sortedKeys(a.Overrides),
				Extra: []string{}, Changes: len(a.Exceptions), File: cl.Source.File, Line: a.Pos.Line}
			if tm := w.catalog.Template(a.Template); tm != nil && schema.RunsOnce(tm) {
				r.Cycle = a.RunID()
			}
			for _, s := range a.ExtraSteps {
				r.Extra = append(r.Extra, s.ID)
			}
			data = append(data, r)
			t.Rows = append(t.Rows, []string{r.Client, r.Template, cmp.Or(r.Start.String(), r.Since.String(), "-"),
				cmp.Or(strings.Join(r.Overrides, ", "), "-"), cmp.Or(strings.Join(r.Extra, ", "), "-"), fmt.Sprint(r.Changes)})
		}
	}
	t.Data = data
	return t
}
