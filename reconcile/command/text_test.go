package command

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestRefusalsHelp holds that every refusal says what to do: it names a command, a person or a
// file, or that there is nothing to do.
func TestRefusalsHelp(t *testing.T) {
	b := newBench(t)
	w, n := b.world(), 0
	for _, step := range []string{"decision", "call", "visit", "cause", "letter", "meeting"} {
		for _, v := range append(Verbs(), "merge") {
			for _, rest := range []string{"", " acme", " acme 2026-01-01", " 2026-01-01", " 2027-01-01 x", " place", " x"} {
				for _, login := range []string{"dana-w", "priya-r", "noor-h"} {
					why := Judge(w, issue.Comment{ID: "1", Issue: b.numbers[step], Author: login, Body: "/" + string(v) + rest}).Refused
					if why == "" {
						continue
					}
					n++
					helps := strings.Contains(why, ": ") || strings.Contains(why, "such as /") || strings.Contains(why, "nothing left to do")
					if !helps || strings.HasSuffix(why, ".") || strings.ToLower(why[:1]) != why[:1] || strings.Contains(why, "  ") || strings.Contains(why, ": ,") {
						t.Errorf("%s on %s by %s: %q", "/"+string(v)+rest, step, login, why)
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d refusals", n)
	}
}

func TestHelpFitsTheIssue(t *testing.T) {
	b := newBench(t)
	for step, want := range map[string][2]string{
		"call":     {"`/done`", "/approve"},
		"decision": {"`/decide place`", "/done"},
		"visit":    {"`/take`", "/decide"},
		"meeting":  {"`/done acme`", "/take"},
	} {
		v := b.say("ines-d", step, "/help")
		if v.word() != "told" || !strings.Contains(v.Reply, want[0]) || strings.Contains(v.Reply, want[1]) || !strings.Contains(v.Reply, "`/help`") {
			t.Errorf("%s: %s %q", step, v.word(), v.Reply)
		}
	}
}

// TestAnswerRepeatsNoSecret has people delete their comment, after which the answer must not
// show what they deleted, whatever the command was refused for.
func TestAnswerRepeatsNoSecret(t *testing.T) {
	for _, line := range []string{"/note password=hunter2hunter2", "/done mail dana@northwind.example", "/frob ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"} {
		verb, secret, _ := strings.Cut(line, " ")
		if got := Answer(issue.Comment{Author: "dana-w", Body: line}, "no"); strings.Contains(got, secret) || !strings.Contains(got, "`"+verb+"` by dana-w") {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestAnswerQuotesHarmlessly(t *testing.T) {
	got := Answer(issue.Comment{Author: "dana-w", Body: "/done `x` @northwind/all <!-- almanac:begin --> " + strings.Repeat("y", 90) + "\nsecond"}, "ask @dana")
	for _, bad := range []string{"second", "<!-- almanac:begin", strings.Repeat("y", 60)} {
		if strings.Contains(got, bad) {
			t.Errorf("%q holds %q", got, bad)
		}
	}
	if strings.Contains(got, "ask @dana") || !strings.Contains(got, "was not carried out: ask ") {
		t.Errorf("%q", got)
	}
}
