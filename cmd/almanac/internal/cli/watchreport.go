package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// watchReport is what one save did.
type watchReport struct {
	at        time.Time
	documents int
	faults    diag.List
	// came and went are the faults that the save made and mended.
	came, went diag.List
	// plan sums up the plan or how it differs, in a few words.
	plan  string
	lines []difference
}

// mostLines is how many lines of a kind are shown for one save.
const mostLines = 20

// kinds are the kinds of differences in the order in which they are summed up.
var kinds = []string{
	"blocked", "no longer blocked", "left alone", "no longer left alone",
	"now opened", "no longer opened", "now updated", "no longer updated", "now closed", "no longer closed",
	"moved", "coming in", "dropping out", "changed",
}

// sumUp counts differences by kind.
func sumUp(l []difference) string {
	counts := map[string]int{}
	for _, d := range l {
		switch {
		case d.kind == "notices":
		case slices.Contains(kinds, d.kind):
			counts[d.kind]++
		default:
			counts["other"]++
		}
	}
	var words []string
	for _, k := range append(slices.Clone(kinds), "other") {
		if n := counts[k]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, k))
		}
	}
	if n := len(l) - sum(counts); n > 0 {
		words = append(words, plural(n, "notice"))
	}
	return strings.Join(words, ", ")
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// planWords sums up a plan.
func planWords(p *plan.Plan) string {
	var words []string
	for _, n := range []struct {
		n    int
		what string
	}{
		{p.Summary.Create, "to open"}, {p.Summary.Update, "to update"}, {p.Summary.Close, "to close"},
		{p.Summary.Adopt, "to adopt"}, {p.Summary.Notify, "to send"},
	} {
		if n.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n.n, n.what))
		}
	}
	s := cmp.Or(strings.Join(words, ", "), "nothing to do")
	if p.Blocked != nil {
		s += ", blocked: " + p.Blocked.Message
	}
	return s
}

// text returns the report as lines: one that says it all, and under it what differs.
func (r *watchReport) text() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(issue.LogLine(diag.Visible(fmt.Sprintf(format, args...))) + "\n")
	}
	line("%s  %s, %s; %s", r.at.Format(time.TimeOnly), plural(r.documents, "document"), r.faultWords(), r.plan)
	list := func(n int, show func(i int)) {
		for i := range min(n, mostLines) {
			show(i)
		}
		if n > mostLines {
			line("  and %d more", n-mostLines)
		}
	}
	list(len(r.came), func(i int) { line("  %s", faultLine(r.came[i])) })
	list(len(r.went), func(i int) { line("  mended: %s: %s", r.went[i].File, r.went[i].Message) })
	list(len(r.lines), func(i int) { line("  %s", r.lines[i].text) })
	return b.String()
}

// faultWords counts the faults, and those that came and went.
func (r *watchReport) faultWords() string {
	errors, warnings := r.faults.Count()
	var words []string
	if errors > 0 {
		words = append(words, plural(errors, "error"))
	}
	if warnings > 0 {
		words = append(words, plural(warnings, "warning"))
	}
	s := cmp.Or(strings.Join(words, ", "), "no faults")
	words = nil
	if n := len(r.came); n > 0 {
		words = append(words, fmt.Sprintf("%d new", n))
	}
	if n := len(r.went); n > 0 {
		words = append(words, fmt.Sprintf("%d mended", n))
	}
	if len(words) > 0 {
		s += " (" + strings.Join(words, ", ") + ")"
	}
	return s
}

func faultLine(d diag.Diagnostic) string {
	at := d.File
	if d.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", d.File, d.Line, max(d.Column, 1))
	}
	s := d.Severity.String() + ": " + at + ": " + d.Message
	if d.Hint != "" {
		s += " (" + d.Hint + ")"
	}
	return s
}

// causes are the faults without those that only followed from another of them.
func causes(l diag.List) diag.List {
	return slices.DeleteFunc(l.Folded(), func(d diag.Diagnostic) bool { return d.Because == d.File })
}

// compareFaults returns the faults that came and those that went, sorted. A fault that only
// stands on another line, since the text above it grew or shrank, is the same.
func compareFaults(before, after diag.List) (came, went diag.List) {
	type identity struct{ file, rule, path, message string }
	id := func(d diag.Diagnostic) identity { return identity{d.File, d.Rule, d.Path, d.Message} }
	left := map[identity]int{}
	for _, d := range before {
		left[id(d)]++
	}
	for _, d := range after {
		if left[id(d)] > 0 {
			left[id(d)]--
			continue
		}
		came = append(came, d)
	}
	for _, d := range slices.Backward(before) {
		if left[id(d)] > 0 {
			left[id(d)]--
			went = append(went, d)
		}
	}
	slices.Reverse(went)
	return came, went
}
