package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// runState is how a run stands.
type runState struct {
	Key string `json:"key"`
	// State is active or over.
	State   string     `json:"state"`
	Ended   civil.Date `json:"ended"`
	Outcome string     `json:"outcome"`
}

// signOffRow is one sign-off of a step.
type signOffRow struct {
	Role string `json:"role"`
	// State is given, void, missing, or rejected.
	State string     `json:"state"`
	By    string     `json:"by"`
	On    civil.Date `json:"on"`
	// Why says why it is void, or was refused.
	Why string `json:"why"`
}

// explainRun adds what is known of the run that a step belongs to, and what the step waits
// for.
func (s *session) explainRun(x *explanation, view *plan.View) {
	if part := strings.SplitN(x.Key, "/", 4); len(part) == 4 {
		key := strings.Join(part[:3], "/")
		if r := s.progress.Run(key); r.Assignment != nil {
			x.Run = &runState{Key: key, State: "active"}
			if r.Over != nil {
				x.Run.State, x.Run.Ended, x.Run.Outcome = "over", r.Over.On, r.Over.Outcome
			}
		}
	}
	o, ok := s.engine.Lookup(x.Key)
	if !ok {
		return
	}
	if x.Shared = view.Shared(&o); x.Shared != "" {
		if is := view.Issue(x.Shared); is != nil {
			x.Issue = is.Number
		}
	}
	needs := view.Explained(&o)
	if x.Occurrence.State == plan.BlockedStep {
		x.Occurrence.WaitsFor = waitsFor(needs)
	}
	for _, n := range needs {
		x.Waiting = append(x.Waiting, waitRow{Key: o.Key, Title: o.Step.Title, Kind: n.Kind, For: n.For + s.howTo(view, &o, n), Role: n.Role, Person: n.Who.String()})
	}
	x.SignOffs = append(x.SignOffs, signOffs(s.progress.Approvals(&o))...)
}

// howTo says by whom and how a question is answered.
func (s *session) howTo(view *plan.View, o *due.Occurrence, n plan.Need) string {
	if n.Question == "" || len(n.Options) == 0 {
		return ""
	}
	where, command := "its issue", "/decide "
	for _, key := range n.Keys {
		asks, ok := s.engine.Lookup(key)
		if !ok {
			continue
		}
		if where == "its issue" {
			where = "the issue of " + asks.Step.ID
		}
		shared := view.Shared(&asks)
		if shared != "" {
			command = "/decide " + o.Client.ID + " "
		}
		whole := key[:strings.LastIndexByte(key, '/')+1] + schema.WholeRun
		if is := cmp.Or(view.Issue(cmp.Or(shared, key)), view.Issue(whole)); is != nil {
			where = fmt.Sprintf("issue %d", is.Number)
		}
	}
	if !o.FromIssue() {
		where += fmt.Sprintf(", or decisions: {%s: ...} in %s", n.Question, o.Client.Source.File)
	}
	return fmt.Sprintf(" (%s decides: %s%s on %s)", cmp.Or(n.Who.String(), "nobody"), command, strings.Join(n.Options, " or "+command), where)
}

// signOffs lists what was signed off, what does not count, and what is missing.
func signOffs(a progress.Approvals) (l []signOffRow) {
	for _, g := range a.Given {
		l = append(l, signOffRow{Role: g.Role, State: "given", By: g.By, On: g.On})
	}
	for _, g := range a.Void {
		l = append(l, signOffRow{Role: g.Role, State: "void", By: g.By, On: g.On, Why: g.Why})
	}
	if r := a.Rejected; r != nil {
		l = append(l, signOffRow{Role: r.Role, State: "rejected", By: r.By, On: r.On, Why: r.Reason})
	}
	for _, role := range a.Missing {
		l = append(l, signOffRow{Role: role, State: "missing"})
	}
	return l
}

// writeRun tells what the step waits for and how its run stands.
func (x *explanation) writeRun(p *printer) {
	if r := x.Run; r != nil && r.State == "over" {
		p.line("  %-11s             the run has ended on %s: %s", "run", r.Ended, cmp.Or(r.Outcome, "no outcome is written down"))
	}
	if x.Shared != "" {
		p.line("  %-11s             clients share an issue for it, %s", "shared", x.Shared)
	}
	for _, w := range x.Waiting {
		p.line("  %-11s             waits for %s", w.Kind, w.For)
	}
	for _, s := range x.SignOffs {
		text := fmt.Sprintf("%s: %s", s.State, s.Role)
		if s.By != "" {
			text += fmt.Sprintf(" by %s on %s", s.By, s.On)
		}
		p.line("  %-11s             %s%s", "sign-off", text, reasonGiven(s.Why))
	}
}
