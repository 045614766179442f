package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// statusReport is the JSON contract of `status`. Fields are added, never renamed.
type statusReport struct {
	FormatVersion int        `json:"format_version" yaml:"format_version"`
	AsOf          civil.Date `json:"as_of" yaml:"as_of"`
	// LastSuccess is when a run last succeeded, as RFC 3339; empty where none ever did.
	LastSuccess string         `json:"last_success" yaml:"last_success"`
	Clients     []clientStatus `json:"clients" yaml:"clients"`
}

type clientStatus struct {
	Client string `json:"client" yaml:"client"`
	Name   string `json:"name" yaml:"name"`
	// Frozen says why nothing is done for the client; empty where all is well.
	Frozen  string `json:"frozen" yaml:"frozen"`
	Open    int    `json:"open" yaml:"open"`
	Overdue int    `json:"overdue" yaml:"overdue"`
	Blocked int    `json:"blocked" yaml:"blocked"`
	// Next are the next three due dates that are not done.
	Next []nextStep `json:"next" yaml:"next"`
	// Touchpoints of the twelve months up to today.
	Touchpoints touchpoints `json:"touchpoints" yaml:"touchpoints"`
	// Runs are those of playbooks and of plans with decisions that go on, or ended in the last
	// 30 days.
	Runs []*runStatus `json:"runs" yaml:"runs"`
}

type nextStep struct {
	Due   civil.Date `json:"due" yaml:"due"`
	Key   string     `json:"key" yaml:"key"`
	Title string     `json:"title" yaml:"title"`
	Owner string     `json:"owner" yaml:"owner"`
}

type touchpoints struct {
	Done    int        `json:"done" yaml:"done"`
	Planned int        `json:"planned" yaml:"planned"`
	Last    civil.Date `json:"last" yaml:"last"`
	// DaysSince counts from the last one to today; -1 where there was none.
	DaysSince int `json:"days_since" yaml:"days_since"`
}

func newStatus(c *Command, o *options) *cobra.Command {
	e := &engineOptions{options: o}
	var output string
	cmd := &cobra.Command{
		Use:   "status [CLIENT]",
		Short: "Say for each client what is open, overdue and next, and when somebody last spoke to it",
		Long: `Status says for each client what is open, overdue, blocked and next, and when somebody last
spoke to it. Below that stand the runs of playbooks: who is on extra care since when, what
is overdue, and what is waited for: steps that come first, answers to questions, what the
client's file has to say, and who signs off next. Runs that ended are told of for 30 days.`,
		Example: `  almanac status
  almanac status acme-dental
  almanac status -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: c.completeClients(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && e.client != "" {
				return usage("almanac status "+args[0], "the client is named twice, by %q and by --client", args[0])
			}
			s, err := c.session(cmd.Context(), e)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				cl, err := s.w.client(args[0])
				if err != nil {
					return err
				}
				s.client = func(id string) bool { return id == cl.ID }
				c.tellResting(cl, s.w.today)
			}
			view, world, err := s.view(cmd.Context())
			if err != nil {
				return err
			}
			r := s.status(view, world)
			s.frozenTalk()
			if stale := staleHeartbeat(s.w.catalog.Organization, world.History.Heartbeat, c.Now()); stale != "" {
				c.talk("warning: %s", stale)
			}
			if output == "table" && len(args) == 1 && len(r.Clients) == 1 {
				return c.writeOne(s, view, r.Clients[0])
			}
			return c.writeStatus(r, output)
		},
	}
	addOutput(cmd, &output, "table", "json", "yaml")
	addEngineFlags(cmd, e)
	return cmd
}

// tellResting says on standard error why there is nothing to tell of a client that was named.
func (c *Command) tellResting(cl *schema.Client, today civil.Date) {
	at := cl.Pause(today)
	if at < 0 {
		return
	}
	i, until := &cl.Inactive[at], ""
	if i.To != 0 {
		until = " to " + i.To.String()
	}
	c.talk("%s is inactive from %s%s%s", cl.ID, i.From, until, reasonGiven(i.Reason))
}

// status looks at every client that is active today.
func (s *session) status(view *plan.View, world *reconcile.World) statusReport {
	r := statusReport{FormatVersion: 1, AsOf: s.w.today, Clients: []clientStatus{}}
	if h := world.History.Heartbeat; !h.IsZero() {
		r.LastSuccess = h.UTC().Format(time.RFC3339)
	}
	by := map[string]*clientStatus{}
	for _, cl := range s.w.catalog.Clients {
		if cl.InactiveOn(s.w.today) || s.client != nil && !s.client(cl.ID) {
			continue
		}
		r.Clients = append(r.Clients, s.blank(cl))
	}
	runs := s.runs()
	for i := range r.Clients {
		cs := &r.Clients[i]
		by[cs.Client] = cs
		cs.Runs = append(cs.Runs, runs[cs.Client]...)
	}
	for _, o := range s.engine.Occurrences(yearFrom(view.Since(), s.w.today)) {
		if cs := by[o.Client.ID]; cs != nil {
			state := view.State(&o)
			cs.count(&o, state, world, s.w.today)
			if run := runOf(cs.Runs, &o); run != nil {
				run.count(&o, state, view.Needs(&o))
			}
		}
	}
	for i := range r.Clients {
		next := r.Clients[i].Next
		slices.SortFunc(next, func(a, b nextStep) int { return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Key, b.Key)) })
		r.Clients[i].Next = next[:min(3, len(next))]
		sortRuns(r.Clients[i].Runs)
	}
	return r
}

func (s *session) blank(cl *schema.Client) clientStatus {
	return clientStatus{Client: cl.ID, Name: cl.Name, Frozen: cmp.Or(s.frozen[cl.ID], s.frozen[plan.Everybody]),
		Next: []nextStep{}, Touchpoints: touchpoints{DaysSince: -1}, Runs: []*runStatus{}}
}

// count adds one occurrence.
func (cs *clientStatus) count(o *due.Occurrence, state plan.State, world *reconcile.World, today civil.Date) {
	switch state {
	case plan.Open:
		cs.Open++
	case plan.Overdue:
		cs.Overdue++
	case plan.BlockedStep:
		if o.Opens != 0 && o.Opens <= today {
			cs.Blocked++
		}
	}
	switch state {
	case plan.Open, plan.Scheduled, plan.BlockedStep:
		if o.Due >= today && o.Step.Issue != "none" && o.Undecided == "" {
			cs.Next = append(cs.Next, nextStep{o.Due, o.Key, o.Step.Title, o.Owner.String()})
		}
	}
	if o.Step.Touchpoint && o.Due >= today.AddMonths(-12) {
		cs.touch(o, state, world, today)
	}
}

// touch counts a touchpoint.
func (cs *clientStatus) touch(o *due.Occurrence, state plan.State, world *reconcile.World, today civil.Date) {
	if o.Due <= today && state != plan.Cancelled {
		cs.Touchpoints.Planned++
	}
	if state != plan.Done {
		return
	}
	if o.Due > today {
		cs.Touchpoints.Planned++ // done early
	}
	cs.Touchpoints.Done++
	on := min(o.Due, today)
	if e := world.History.Entries[o.Key]; e != nil && !e.EndedAt.IsZero() {
		on = min(civil.Of(e.EndedAt), today)
	}
	if on > cs.Touchpoints.Last {
		cs.Touchpoints.Last, cs.Touchpoints.DaysSince = on, int(today-on)
	}
}

func (c *Command) writeStatus(r statusReport, output string) error {
	switch output {
	case "json":
		return writeJSON(c.Stdout, r)
	case "yaml":
		return writeYAML(c.Stdout, r)
	}
	t := table{Columns: []string{"CLIENT", "OPEN", "OVERDUE", "BLOCKED", "NEXT", "TOUCHPOINTS", "LAST"}}
	for _, cs := range r.Clients {
		next := "-"
		if len(cs.Next) > 0 {
			next = cs.Next[0].Due.String() + " " + cs.Next[0].Title
		}
		if cs.Frozen != "" {
			next = "left alone: " + cs.Frozen
		}
		t.Rows = append(t.Rows, []string{cs.Client, fmt.Sprint(cs.Open), fmt.Sprint(cs.Overdue), fmt.Sprint(cs.Blocked), next,
			fmt.Sprintf("%d of %d", cs.Touchpoints.Done, cs.Touchpoints.Planned), ago(cs.Touchpoints)})
	}
	if _, err := c.Stdout.Write(alignTable(t)); err != nil {
		return err
	}
	if err := c.writeRuns(r); err != nil {
		return err
	}
	c.talk("last success: %s", cmp.Or(r.LastSuccess, "never"))
	return nil
}

func ago(t touchpoints) string {
	if t.DaysSince < 0 {
		return "never"
	}
	return plural(t.DaysSince, "day") + " ago"
}

// writeOne tells everything about one client.
func (c *Command) writeOne(s *session, view *plan.View, cs clientStatus) error {
	p := &printer{w: c.Stdout}
	p.line("%s (%s)", cs.Name, cs.Client)
	if cs.Frozen != "" {
		p.line("left alone until this is mended: %s", cs.Frozen)
	}
	p.line("touchpoints: %d of %d in the last twelve months, last one %s", cs.Touchpoints.Done, cs.Touchpoints.Planned, ago(cs.Touchpoints))
	shown := 0
	for _, o := range s.engine.Occurrences(yearFrom(view.Since(), s.w.today)) {
		state := view.State(&o)
		if o.Client.ID != cs.Client || !pending(&o, state, s.w.today) {
			continue
		}
		shown++
		number := ""
		if is := view.Issue(o.Key); is != nil {
			number = fmt.Sprintf(" (issue %d)", is.Number)
		}
		p.line("  %-8s %s  %s, %s%s", state, o.Due, o.Step.Title, cmp.Or(o.Owner.String(), "nobody"), number)
	}
	if shown == 0 {
		p.line("nothing is open")
	}
	for _, n := range cs.Next {
		p.line("  next     %s  %s, %s", n.Due, n.Title, cmp.Or(n.Owner, "nobody"))
	}
	for _, r := range cs.Runs {
		p.line("")
		r.write(p, cs.Client)
	}
	return p.err
}
