package reconcile_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

func tree(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// replaced changes one passage of a file of the example.
func replaced(t testing.TB, name, old, new string) map[string]string {
	t.Helper()
	b, err := fs.ReadFile(northwind(t, nil), name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("%s has no %q", name, old)
	}
	return map[string]string{name: strings.Replace(string(b), old, new, 1)}
}

// play goes through five weeks. At the run named by its number the process has the life
// that kill gives; everything else lives. The plot holds each kind of effect: opening,
// closing, editing with a comment, notifying, and recording what people did.
func play(t testing.TB, doomed int, l *life) *world {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	step := func(n int) {
		if n == doomed {
			_, _, _ = w.run(context.Background(), l)
			w.clock = w.clock.Add(25 * time.Minute)
		}
		w.converge()
	}
	step(1)
	// A person finishes the first open issue and gives up the second.
	for i := range w.forge.issues[:2] {
		w.forge.issues[i].State, w.forge.issues[i].Reason = issue.Closed, []issue.CloseReason{issue.Completed, issue.NotPlanned}[i]
		w.forge.issues[i].Closed, w.forge.issues[i].Updated = w.clock, w.clock
	}
	// Somebody else comes to a meeting that people are invited to.
	w.files(northwind(t, replaced(t, "clients/acme-dental.yaml", "account-manager: marcus", "account-manager: ines")))
	w.on("2026-04-27")
	step(2)
	// A client is handed to somebody else, and one goes inactive.
	files := replaced(t, "clients/acme-dental.yaml", "vcio: dana", "vcio: lee")
	maps.Copy(files, replaced(t, "clients/jasper-architects.yaml", "processes:", "inactive: [{from: 2026-05-01, reason: moved away}]\nprocesses:"))
	w.files(northwind(t, files))
	w.on("2026-05-18")
	step(3)
	return w
}

// TestKilledAnywhere stops a run before and after every single effect, lets later runs go
// on, and demands the end that a run without harm has: one issue a key, every message sent
// and at most one of them twice.
func TestKilledAnywhere(t *testing.T) {
	want := play(t, 0, nil)
	dieAnywhere(t, 3, 4, play, func(t *testing.T, got *world) { compare(t, want, got) })
}

// dieAnywhere plays with each of the first runs, by their numbers from 1, stopped before and
// after every single effect, of which each run has at least so many, and checks the end.
func dieAnywhere[W any](t *testing.T, runs, least int, play func(t testing.TB, doomed int, l *life) W, check func(t *testing.T, got W)) {
	t.Helper()
	for doomed := 1; doomed <= runs; doomed++ {
		count := &life{}
		play(t, doomed, count)
		if count.effects < least {
			t.Fatalf("run %d has only %d effects", doomed, count.effects)
		}
		for at := 1; at <= count.effects; at++ {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("run %d/effect %d/after %v", doomed, at, after), func(t *testing.T) {
					check(t, play(t, doomed, &life{at: at, after: after}))
				})
			}
		}
	}
}

func compare(t *testing.T, want, got *world) {
	t.Helper()
	if d := cmp.Diff(want.keys(), got.keys()); d != "" {
		t.Errorf("issues by key (-want +got):\n%s", d)
	}
	for key, n := range got.keys() {
		if n != 1 {
			t.Errorf("%s has %d issues", key, n)
		}
	}
	if d := cmp.Diff(states(want), states(got)); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
	sent := got.notices()
	for id, n := range want.notices() {
		if sent[id] < n {
			t.Errorf("notice %s was not sent", id)
		}
	}
	if n := got.repeats(); n > 1 {
		t.Errorf("%d messages repeat what was sent before", n)
	}
	sameInvitations(t, got)
	if d := cmp.Diff(want.calendars(), got.calendars()); d != "" {
		t.Errorf("meetings by person (-want +got):\n%s", d)
	}
}

// sameInvitations holds that an invitation which is repeated says again what it said, so
// that a calendar takes it for the one that it has.
func sameInvitations(t *testing.T, w *world) {
	said := map[string]*meeting.Invitation{}
	for _, m := range w.post.sent {
		if m.Invite == nil {
			continue
		}
		if first := said[m.ID]; first != nil {
			if d := cmp.Diff(first, m.Invite); d != "" {
				t.Errorf("%s says something else the second time:\n%s", m.ID, d)
			}
		}
		said[m.ID] = m.Invite
	}
}

// calendars returns what stands in the calendars of everybody who was invited: the meetings
// by person and UID, as a calendar takes in invitations, which is by their sequence.
func (w *world) calendars() map[string]string {
	last, shown := map[string]int{}, map[string]string{}
	for _, m := range w.post.sent {
		i := m.Invite
		if i == nil {
			continue
		}
		for _, to := range m.To {
			at := to + " " + i.UID
			if i.Sequence < last[at] {
				continue
			}
			if last[at] = i.Sequence; i.Cancel {
				delete(shown, at)
			} else {
				shown[at] = i.Start
			}
		}
	}
	return shown
}

// states returns what each issue looks like, by key.
func states(w *world) map[string]string {
	m := map[string]string{}
	for _, i := range w.forge.issues {
		k, _ := issue.ParseMarker(i.Body)
		parent := ""
		if n := w.forge.parents[i.Number]; n > 0 {
			p, _ := issue.ParseMarker(w.forge.issues[n-1].Body)
			parent = p.Key.String()
		}
		m[k.Key.String()] = fmt.Sprint(i.State, i.Reason, i.Title, i.Labels, i.Assignees, parent, issue.Region(i.Body))
	}
	return m
}

// TestSecondRunDoesNothing holds that a run which converged leaves nothing to do, whatever
// happened before it.
func TestSecondRunDoesNothing(t *testing.T) {
	w := play(t, 0, nil)
	l := &life{}
	p, _, err := w.run(context.Background(), l)
	if err != nil || !p.Empty() || l.effects > 0 {
		t.Errorf("%d effects, error %v, plan %+v", l.effects, err, p)
	}
}

// TestPlotHasEveryEffect keeps the test above from growing toothless.
func TestPlotHasEveryEffect(t *testing.T) {
	w := play(t, 0, nil)
	verbs := map[string]bool{}
	for _, e := range w.book.events {
		verbs[string(e.Verb)] = true
	}
	for _, v := range []string{"intend-create", "opened", "done", "skipped", "updated", "intend-close", "closed", "intend-notify", "notified"} {
		if !verbs[v] {
			t.Errorf("the plot never comes to %s", v)
		}
	}
	digests, kinds := 0, map[due.NoticeKind]bool{}
	for _, m := range w.post.sent {
		if m.Digest() {
			digests++
		}
		for _, i := range m.Items {
			kinds[i.Kind] = true
		}
	}
	if digests == 0 || !kinds[due.HeadsUp] || !kinds[plan.Assigned] || !kinds[plan.Invite] || !kinds[plan.InviteUpdate] || !kinds[plan.InviteCancel] {
		t.Errorf("the plot has %d digests, kinds %v", digests, kinds)
	}
	if len(w.calendars()) == 0 {
		t.Error("no meeting stands in any calendar in the end")
	}
	if len(w.forge.comments) == 0 {
		t.Error("the plot has no comment")
	}
}
