package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// list is what a plan leaves alone, for one reason.
type list struct {
	title, about string
	rows         []entry
}

// entry is one line of a list.
type entry struct{ what, why string }

// lists returns what a plan leaves alone, the most important first.
func lists(p *plan.Plan) []list {
	return []list{
		{"Commands", "what people wrote in comments that nobody had read", commands(p.Commands)},
		{"Frozen", "nothing is done for these clients until what is wrong is mended", frozen(p.Frozen)},
		{"Orphans", "open issues of clients that no file describes; make the client inactive to close them", strays(p.Orphans)},
		{"Refused", "not written to", refused(p.Refused)},
		{"Waiting", "opened as soon as what comes first is done", held(p.Waiting)},
		{"Deferred", "opened by later runs, the oldest first", held(p.Deferred)},
		{"Missed", "not opened any more; move one by an exception to have it opened", held(p.Missed)},
		{"Not ours", "left alone", strays(p.Foreign)},
	}
}

func commands(l []plan.Command) []entry {
	var rows []entry
	for i := range l {
		c := &l[i]
		what := strings.TrimSpace("/"+c.Command+" "+c.Argument) + " by " + c.By + " on #" + strconv.Itoa(c.Issue)
		why := "refused: " + c.Reason
		if c.Accepted {
			why = c.Key
		}
		rows = append(rows, entry{what, why})
	}
	return rows
}

func frozen(l []plan.Frost) []entry {
	var rows []entry
	for _, f := range l {
		what := f.Client
		if what == plan.Everybody {
			what = "all clients"
		}
		if f.Issues > 0 {
			what += fmt.Sprintf(" (%s)", count(f.Issues, "open issue"))
		}
		rows = append(rows, entry{what, f.Reason})
	}
	return rows
}

func strays(l []plan.Stray) []entry {
	var rows []entry
	for _, s := range l {
		rows = append(rows, entry{strings.TrimSpace(fmt.Sprintf("#%d %s", s.Number, s.Key)), s.Reason})
	}
	return rows
}

func refused(l []plan.Refusal) []entry {
	var rows []entry
	for _, r := range l {
		rows = append(rows, entry{r.Person + " about " + r.Key, r.Reason})
	}
	return rows
}

func held(l []plan.Held) []entry {
	var rows []entry
	for _, h := range l {
		rows = append(rows, entry{dated(h.Due) + h.Key, h.Reason})
	}
	return rows
}

func dated(d civil.Date) string {
	if d == 0 {
		return ""
	}
	return d.String() + " "
}

// Sum returns the numbers of a plan in one sentence.
func Sum(p *plan.Plan) string {
	s := p.Summary
	answer := ""
	if s.Answer > 0 {
		answer = fmt.Sprintf(", %d to answer", s.Answer)
	}
	line := fmt.Sprintf("%d to create, %d to update, %d to close, %d to adopt, %d to notify%s; %d agree already.",
		s.Create, s.Update, s.Close, s.Adopt, s.Notify, answer, s.None)
	if s.Stale == 1 {
		line += " One heads-up came too late and is not sent."
	} else if s.Stale > 1 {
		line += fmt.Sprintf(" %d heads-ups came too late and are not sent.", s.Stale)
	}
	return line
}

// sentence ends a message as a sentence ends.
func sentence(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// next says what to do with a plan.
func next(p *plan.Plan) []string {
	if b := p.Blocked; b != nil {
		l := []string{"", "Blocked: " + sentence(b.Message)}
		if b.Approve == "" {
			return l
		}
		l = append(l, "  Nothing is done. If every line above is meant, carry out this very plan with",
			"    almanac reconcile --approve "+b.Approve)
		if b.Rule == plan.RuleCloses {
			l = append(l, "  or raise policies.limits.close-ratio of the organization.")
		}
		return l
	}
	switch {
	case p.Approved:
		return []string{"A gate of safety was lifted for this plan by its approval."}
	case len(p.Changes) > 0:
		return []string{"Carry it out with almanac reconcile."}
	case len(p.Records) > 0:
		return []string{"Nothing to change; the ledger is told of " + count(len(p.Records), "event") + " by almanac reconcile."}
	}
	return []string{"Nothing to do."}
}
