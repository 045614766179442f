package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// answer says what became of a comment, by the ledger and by what is shown beside it.
func (s *stage) answer(id string) string {
	entries := s.book.history().Entries
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		a, ok := entries[key].Answered[id]
		if !ok {
			continue
		}
		want := reconcile.Accepted
		text := "accepted"
		if a.Reason != "" {
			want, text = reconcile.Refused, "refused: "+a.Reason
		}
		if got := s.forge.reactions[id]; got != want {
			s.t.Errorf("%s: %s is answered as %q, and shows %q", s.today, id, want, got)
		}
		return text
	}
	if got := s.forge.reactions[id]; got != "" {
		s.t.Errorf("%s: %s shows %q, and the ledger does not know it", s.today, id, got)
	}
	return "nobody answers"
}

// changes says what is otherwise with the issues than it was before.
func (s *stage) changes(before map[int]issue.Issue) (l []string) {
	for _, now := range s.forge.issues {
		m, _ := issue.ParseMarker(now.Body)
		key := m.Key.String()
		was, known := before[now.Number]
		why := func(a plan.Action) string { return key + ": " + s.reasons[string(a)+" "+key] }
		switch {
		case !known:
			l = append(l, "opened "+why(plan.Create))
		case was.State != now.State && now.State == issue.Closed:
			l = append(l, "closed as "+string(now.Reason)+" "+why(plan.Close))
		case was.State != now.State:
			l = append(l, "opened again "+why(plan.Update))
		default:
			if fields := differing(was, now); len(fields) > 0 {
				l = append(l, "changed "+strings.Join(fields, ", ")+" of "+why(plan.Update))
			}
		}
	}
	slices.Sort(l)
	return l
}

// differing returns what two versions of an issue do not have in common.
func differing(a, b issue.Issue) (l []string) {
	add := func(what string, is bool) {
		if is {
			l = append(l, what)
		}
	}
	add("title", a.Title != b.Title)
	add("body", a.Body != b.Body)
	add("labels", !slices.Equal(a.Labels, b.Labels))
	add("assignees", !slices.Equal(a.Assignees, b.Assignees))
	return l
}

// told says who was told what since, each notice once.
func (s *stage) told(before map[string]int) (l []string) {
	for _, m := range s.post.sent {
		for _, i := range m.Items {
			if before[i.ID] == 0 {
				l = append(l, fmt.Sprintf("told %s: %s %s", strings.Join(i.To, ", "), i.Kind, i.Key))
			}
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}
