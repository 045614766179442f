package forgetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

func list(t *testing.T, h Harness) {
	var want []int
	for n := range 12 {
		want = append(want, mustCreate(t, h, h.step(fmt.Sprint("Step ", n))).Number)
	}
	if !slices.IsSorted(want) || want[0] == want[11] {
		t.Errorf("numbers %v", want)
	}
	expectList(t, "list", h, time.Time{}, want)
}

func listSince(t *testing.T, h Harness) {
	open := mustCreate(t, h, h.step("open"))
	first := mustCreate(t, h, h.step("closed first"))
	second := mustCreate(t, h, h.step("closed second"))
	byHand := mustCreate(t, h, h.step("closed by hand"))
	h.Advance(time.Hour)
	first = mustEdit(t, h, first.Number, reconcile.Edit{State: ptr(issue.Closed), Reason: issue.Completed})
	h.Advance(time.Hour)
	second = mustEdit(t, h, second.Number, reconcile.Edit{State: ptr(issue.Closed), Reason: issue.NotPlanned})
	h.CloseByHand(byHand.Number, issue.Completed)
	all := []int{open.Number, first.Number, second.Number, byHand.Number}
	expectList(t, "all", h, time.Time{}, all)
	expectList(t, "since the first was closed, that moment included", h, first.Updated, all)
	expectList(t, "since the second was closed", h, second.Updated, []int{open.Number, second.Number, byHand.Number})
}

func foreign(t *testing.T, h Harness) {
	ours := mustCreate(t, h, h.step("ours"))
	shouted := h.step("ours, shouted")
	shouted.Labels = []string{"Almanac"}
	also := mustCreate(t, h, shouted)
	theirs := mustCreate(t, h, reconcile.NewIssue{Title: "theirs", Labels: []string{"almanac-like"}})
	bare := mustCreate(t, h, reconcile.NewIssue{Title: "without labels"})
	expectList(t, "list", h, time.Time{}, []int{ours.Number, also.Number})
	for _, n := range []int{theirs.Number, bare.Number} {
		if i := mustGet(t, h, n); len(i.Labels) > 1 {
			t.Errorf("labels %q", i.Labels)
		}
	}
	h.RemoveLabel(ours.Number, issue.OwnershipLabel)
	expectList(t, "label removed", h, time.Time{}, []int{also.Number})
	h.AddLabel(ours.Number, issue.OwnershipLabel)
	expectList(t, "label back", h, time.Time{}, []int{ours.Number, also.Number})
}

func deleted(t *testing.T, h Harness) {
	if h.Shared && h.Delete == nil {
		return // nothing in it can be deleted
	}
	first := mustCreate(t, h, h.step("first"))
	last := mustCreate(t, h, h.step("last"))
	h.Delete(last.Number)
	expectList(t, "list", h, time.Time{}, []int{first.Number})
	if _, err := h.Forge.Get(t.Context(), last.Number); !errors.Is(err, reconcile.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	// The ledger knows the deleted issue by its number.
	if next := mustCreate(t, h, h.step("next")); next.Number <= last.Number {
		t.Errorf("number %d was given again", next.Number)
	}
}

func unknown(t *testing.T, h Harness) {
	made := mustCreate(t, h, h.step("IT audit"))
	for _, n := range []int{made.Number + 1, made.Number + 1000, 0, -1} {
		_, get := h.Forge.Get(t.Context(), n)
		_, edit := h.Forge.Edit(t.Context(), n, reconcile.Edit{Title: ptr("x")})
		for what, err := range map[string]error{"get": get, "edit": edit, "comment": h.Forge.Comment(t.Context(), n, "x")} {
			if !errors.Is(err, reconcile.ErrNotFound) {
				t.Errorf("%s %d: %v", what, n, err)
			}
		}
	}
	expectList(t, "list", h, time.Time{}, []int{made.Number})
}

// many is more than any page holds.
func many(t *testing.T, h Harness) {
	var want []int
	for i := range h.Many {
		want = append(want, mustCreate(t, h, h.step(fmt.Sprint("Step ", i))).Number)
	}
	expectList(t, "list", h, time.Time{}, want)
}

func createdAtOnce(t *testing.T, h Harness) {
	const n = 16
	got := make([]int, n)
	var wait sync.WaitGroup
	for w := range n {
		wait.Go(func() {
			i, err := h.Forge.Create(t.Context(), h.step(fmt.Sprint("Step ", w)))
			if err != nil {
				t.Errorf("create: %v", err)
			}
			if got[w] = i.Number; i.Title != fmt.Sprint("Step ", w) {
				t.Errorf("created %q for step %d", i.Title, w)
			}
		})
	}
	wait.Wait()
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) != n {
		t.Errorf("numbers %v", got)
	}
	expectList(t, "list", h, time.Time{}, got)
}

func editedAtOnce(t *testing.T, h Harness) {
	made := mustCreate(t, h, h.step("IT audit"))
	want := slices.Clone(made.Labels)
	var wait sync.WaitGroup
	for w := range 8 {
		label := fmt.Sprint("tag:", w)
		want = append(want, label)
		wait.Go(func() {
			if _, err := h.Forge.Edit(t.Context(), made.Number, reconcile.Edit{AddLabels: []string{label}}); err != nil {
				t.Errorf("edit: %v", err)
			}
		})
	}
	wait.Wait()
	slices.Sort(want)
	if got := mustGet(t, h, made.Number).Labels; !slices.Equal(got, want) {
		t.Errorf("labels %q, want %q", got, want)
	}
}
