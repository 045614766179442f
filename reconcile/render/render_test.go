package render

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// hostile returns a plan with one text in every place that holds text, n times.
func hostile(s string, n int) *plan.Plan {
	p := &plan.Plan{FormatVersion: plan.FormatVersion, AsOf: civil.MustParse("2026-05-04"), Commit: s, Blocked: &plan.Blocked{Rule: s, Message: s, Approve: s}}
	for i := range n {
		for _, a := range []plan.Action{plan.Adopt, plan.Update, plan.Create, plan.Close, plan.Notify} {
			c := plan.Change{Action: a, Key: s, Client: s, Title: s, Reason: s, Number: i, Fields: []string{"title", "assignee", "labels"},
				Before: plan.Values{"title": s, "assignee": ""}, After: plan.Values{"title": s, "assignee": s}, Edit: &plan.Edit{AddLabels: []string{s}}}
			if a == plan.Notify {
				c.Notice = &plan.Notice{Title: s, To: []string{s}, Channel: s}
			}
			p.Changes = append(p.Changes, c)
		}
		h := plan.Held{Key: s, Reason: s}
		p.Deferred, p.Missed, p.Waiting = append(p.Deferred, h), append(p.Missed, h), append(p.Waiting, h)
		t := plan.Stray{Key: s, Reason: s, Number: i}
		p.Orphans, p.Foreign = append(p.Orphans, t), append(p.Foreign, t)
		p.Frozen = append(p.Frozen, plan.Frost{Client: s, Reason: s, Issues: i})
		p.Refused = append(p.Refused, plan.Refusal{Key: s, Person: s, Reason: s})
	}
	return p
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Acme", "::error::x", "\n::error::x", "##[group]x", "\x1b[2J", "\r::x", "a\u2028::x", "é\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, style := range []Style{{}, {All: true, Color: true}} {
			want := strings.Count(Text(hostile("x", 2), style), "\n")
			got := Text(hostile(s, 2), style)
			if s != "" && strings.Count(got, "\n") != want {
				t.Errorf("%q changes the number of lines", s)
			}
			for l := range strings.Lines(got) {
				if strings.HasPrefix(strings.TrimSpace(l), "::") || strings.Contains(l, "##[") || !style.Color && strings.Contains(l, "\x1b") {
					t.Errorf("%q makes the line %q", s, l)
				}
			}
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"Acme", "a | b", "<!-- almanac:begin -->", "@all fixes #1", "`", "\n# x", "](https://x.example)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Markdown(hostile(s, 1), CommentSize)
		for l := range strings.Lines(got) {
			if strings.HasPrefix(l, "| ") && !strings.HasSuffix(l, " |\n") {
				t.Errorf("%q makes the line %q", s, l)
			}
			for _, bad := range []string{"<!--", "@a", "#1 x", "]("} {
				if strings.HasPrefix(l, bad) {
					t.Errorf("%q makes the line %q", s, l)
				}
			}
		}
	})
}

func TestMarkdownFits(t *testing.T) {
	p := hostile("Acme Dental Group", 1000)
	for _, size := range []int{1000, 5000, CommentSize, SummarySize} {
		got := Markdown(p, size)
		if len(got) > size {
			t.Errorf("%d bytes of %d", len(got), size)
		}
		if !strings.Contains(got, "> Blocked: Acme") || !strings.Contains(got, "To close (1000)") {
			t.Errorf("what matters most is cut: %q", got)
		}
		if cut := strings.Contains(got, " more\n"); cut != (size < SummarySize) {
			t.Errorf("size %d: says that something is missing: %t", size, cut)
		}
	}
	if got := Markdown(p, 0); !strings.Contains(got, "Blocked: ") || len(got) > 600 {
		t.Errorf("%q", got)
	}
}

func TestTextCutsLists(t *testing.T) {
	p := hostile("x", few+5)
	short, long := Text(p, Style{}), Text(p, Style{All: true})
	if got := strings.Count(short, "  and 5 more\n"); got != 7 {
		t.Errorf("%d lists are cut, want 7", got)
	}
	if strings.Contains(long, " more\n") || len(long) <= len(short) {
		t.Error("not everything is shown")
	}
}

// TestLeftOver lists what is not done, and what is done but not whole.
func TestLeftOver(t *testing.T) {
	p := hostile("a|b\n@all", 1)
	outcomes := make([]Outcome, len(p.Changes))
	for i := range outcomes {
		outcomes[i].Status = "done"
	}
	if got := LeftOver(p, outcomes, SummarySize); got != "" {
		t.Errorf("all is done, and left over is %q", got)
	}
	outcomes[0] = Outcome{Status: "failed", Error: "refused | by @GitHub"}
	outcomes[1] = Outcome{Status: "done", Number: 7, Error: "the labels were left out"}
	got := LeftOver(p, outcomes, SummarySize)
	for _, want := range []string{"Not as planned (2)", "| refused | refused \\| by @\u200bGitHub |\n", "| done, but | the labels were left out |\n"} {
		if !strings.Contains(got, want) || strings.Count(got, "\n| ") != 3 {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := LeftOver(p, outcomes, 300); len(got) > 300 || !strings.Contains(got, "Not as planned (2)") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

func TestJSONOutcomes(t *testing.T) {
	p := hostile("x", 1)
	if _, err := JSON(p, make([]Outcome, 2)); err == nil {
		t.Error("2 outcomes of 5 changes pass")
	}
	outcomes := make([]Outcome, 5)
	outcomes[3] = Outcome{Status: "done", Number: 12, URL: "https://x.example/12"}
	b, err := JSON(p, outcomes)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Changes []struct {
			Action  string
			Outcome *Outcome
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if c := doc.Changes[3]; c.Action != "close" || *c.Outcome != outcomes[3] {
		t.Errorf("%+v", c)
	}
	plain, err := JSON(p, nil)
	if err != nil || strings.Contains(string(plain), "outcome") {
		t.Errorf("an outcome of a plan: %v", err)
	}
}

func TestNext(t *testing.T) {
	for want, p := range map[string]*plan.Plan{
		"Nothing to do.":                        {},
		"Carry it out with almanac reconcile.":  {Changes: make([]plan.Change, 1)},
		"lifted for this plan by its approval.": {Approved: true},
		"close-ratio":                           {Blocked: &plan.Blocked{Rule: plan.RuleCloses, Approve: "x"}},
	} {
		if got := Text(p, Style{}); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
	stale := &plan.Plan{Summary: plan.Summary{Stale: 2}}
	if got := fmt.Sprint(Sum(stale)); !strings.HasSuffix(got, "2 heads-ups came too late and are not sent.") {
		t.Error(got)
	}
}
