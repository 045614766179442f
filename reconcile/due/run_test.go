package due

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// runOf returns what the keys of an occurrence's run begin with.
func runOf(o *Occurrence) string {
	return strings.Join(strings.Split(o.Key, "/")[:3], "/")
}

// over returns the day on which the run of an occurrence was over, from the file or the
// facts as they stand.
func (e *Engine) over(o *Occurrence) civil.Date {
	if !schema.RunsOnce(o.Template) {
		return 0
	}
	return cmp.Or(o.Assignment.Ended, e.facts.Over[runOf(o)].On)
}

// TestAfter: in a playbook no step falls before one in its `after`, nor before the day on
// which that one was done, unless somebody gave it a day of its own; what comes after
// something without a date has none.
func TestAfter(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		for _, o := range e.Occurrences(drawWindow(t)) {
			if _, book := o.Template.(*schema.Playbook); !book || o.Whole || o.Exception != nil || o.Moved.To != 0 {
				continue
			}
			first := firsts(e.Run(&o))
			for _, id := range o.Step.After {
				before := first[id]
				switch {
				case before == nil || before.Cancelled():
				case before.Due == 0 && o.Due != 0 && e.facts.Ended[before.Key].On == 0:
					t.Errorf("%s is due %s after %s, which has no date", o.Key, o.Due, before.Key)
				case o.Due != 0 && o.Due < max(before.Due, e.facts.Ended[before.Key].On):
					t.Errorf("%s is due %s, before %s, due %s, done %s", o.Key, o.Due, before.Key, before.Due, e.facts.Ended[before.Key].On)
				}
			}
		}
	})
}

// firsts returns the steps of a run, of a repeated one the first turn.
func firsts(run []Occurrence) map[string]*Occurrence {
	m := map[string]*Occurrence{}
	for i := range run {
		if m[run[i].Step.ID] == nil {
			m[run[i].Step.ID] = &run[i]
		}
	}
	return m
}

// TestWhen: a step with a condition that fails is never produced, and what hangs on an open
// question says so, opens never and tells nobody.
func TestWhen(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		for _, o := range e.Occurrences(drawWindow(t)) {
			c := Conditions{Template: o.Template, Client: o.Client, Assignment: o.Assignment, Decided: e.facts.Decisions[runOf(&o)]}
			truth, id, _ := c.Check(o.Step.When)
			switch {
			case truth == Fails:
				t.Errorf("%s is there, although %v fails", o.Key, o.Step.When)
			case (truth == Undecided) != (o.Undecided != "") || o.Undecided != "" && o.Undecided != id:
				t.Errorf("%s waits for %q, its conditions for %q", o.Key, o.Undecided, id)
			case truth == Undecided && (o.Opens != 0 || len(o.Notices) > 0):
				t.Errorf("%s is undecided and opens %s: %v", o.Key, o.Opens, o.Notices)
			}
		}
	})
}

// TestConditionsOnlyTake: in processes and plans conditions take steps away and change
// nothing about the others.
func TestConditionsOnlyTake(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, cat := drawEngine(t)
		w := drawWindow(t)
		with := keys(e.Occurrences(w))
		when, restore := unconditional(cat)
		e, err := New(cat, e.opt)
		if err != nil {
			t.Fatal(err)
		}
		all := e.Occurrences(w)
		restore() // whether a question is asked hangs on the conditions of the step that asks
		var want []string
		for _, o := range all {
			c := Conditions{Template: o.Template, Client: o.Client, Assignment: o.Assignment, Decided: e.facts.Decisions[runOf(&o)]}
			own := o.Template.Head().ID + "/" + o.Step.ID
			if truth, _, _ := c.Check(when[own]); truth != Fails && plain(o.Key) {
				want = append(want, o.Key)
			}
		}
		with = slices.DeleteFunc(with, func(key string) bool { return !plain(key) })
		if diff := gocmp.Diff(strings.Join(want, "\n"), strings.Join(with, "\n")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// plain reports whether a key is that of a step of a process or plan, as the template has it.
func plain(key string) bool {
	part := strings.Split(key, "/")
	return part[1] != "book" && part[3] != "extra" && part[3] != schema.WholeRun
}

// unconditional takes the conditions out of all processes and plans, and returns them by
// template and step, with what puts them back.
func unconditional(cat *schema.Catalog) (when map[string]schema.When, restore func()) {
	when = map[string]schema.When{}
	var back []func()
	take := func(t schema.Template) {
		t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
			w := s.When
			back = append(back, func() { s.When = w })
			when[t.Head().ID+"/"+s.ID], s.When = w, nil
			return true
		})
	}
	for _, p := range cat.Processes {
		take(p)
	}
	for _, p := range cat.Plans {
		take(p)
	}
	return when, func() {
		for _, f := range back {
			f()
		}
	}
}

// TestOver: nothing falls due after its run is over, and what has no date is gone, unless it
// had ended by then.
func TestOver(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		for _, o := range e.Occurrences(drawWindow(t)) {
			over, end := e.over(&o), e.facts.Ended[o.Key].On
			if over != 0 && (o.Due == 0 || o.Due > over) && (end == 0 || end > over) {
				t.Errorf("%s is due %s, its run over on %s", o.Key, o.Due, over)
			}
		}
	})
}

// TestFactsOfOthers: what is known about other clients changes nothing for a client, and
// what is known about other runs nothing for a run.
func TestFactsOfOthers(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, cat := drawEngine(t)
		w := drawWindow(t)
		run := randomRun.Draw(t, "the run")
		opt := e.opt
		opt.Facts = about(e.facts, run)
		f, err := New(cat, opt)
		if err != nil {
			t.Fatal(err)
		}
		ofRun := func(o *Occurrence) bool { return runOf(o) == run }
		if diff := gocmp.Diff(rows(e.Occurrences(w), ofRun), rows(f.Occurrences(w), ofRun)); diff != "" {
			t.Errorf("%s: -with all facts +with its own:\n%s", run, diff)
		}
	})
}

// about returns the facts of one run; what issues have started is kept.
func about(f *Facts, run string) *Facts {
	own := &Facts{
		Ended: maps.Clone(f.Ended), Decisions: maps.Clone(f.Decisions), Over: maps.Clone(f.Over),
		Moved: maps.Clone(f.Moved), Taken: maps.Clone(f.Taken), Started: f.Started,
	}
	keep(own.Ended, run)
	keep(own.Decisions, run)
	keep(own.Over, run)
	keep(own.Moved, run)
	keep(own.Taken, run)
	return own
}

func keep[V any](m map[string]V, run string) {
	maps.DeleteFunc(m, func(key string, _ V) bool { return key != run && !strings.HasPrefix(key, run+"/") })
}

// TestNoFacts: knowing nothing is the same in every form.
func TestNoFacts(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, cat := drawEngine(t)
		w := drawWindow(t)
		all := func(*Occurrence) bool { return true }
		var want []string
		for i, facts := range []*Facts{nil, {}, about(e.facts, "nobody/at/all")} {
			opt := e.opt
			if opt.Facts = facts; facts != nil {
				opt.Facts.Started = nil
			}
			f, err := New(cat, opt)
			if err != nil {
				t.Fatal(err)
			}
			got := rows(f.Occurrences(w), all)
			if i == 0 {
				want = got
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("facts %d: -nil +empty:\n%s", i, diff)
			}
		}
	})
}

// TestRingsEnd: steps that all come after each other are without a date, at once, however
// many they are.
func TestRingsEnd(t *testing.T) {
	p := &schema.Playbook{}
	p.ID = "knot"
	var ids []string
	for _, a := range "abcdefgh" {
		for _, b := range "abcdefgh" {
			ids = append(ids, string(a)+string(b))
		}
	}
	for i, id := range ids {
		p.Steps = append(p.Steps, schema.Step{ID: id, After: ids, Due: civil.Offset{Anchor: ids[(i+1)%len(ids)]}})
	}
	cat := one("2026-01-01")
	cat.Playbooks = []*schema.Playbook{p}
	cat.Clients[0].Processes = []schema.Assignment{{Template: "knot", Start: civil.MustParse("2026-01-01")}}
	e := engine(t, cat)
	l := e.Occurrences(decade)
	for _, o := range l {
		if tr, ok := e.Explain(o.Key); o.Unscheduled == "" || !ok || len(tr.Facts) == 0 {
			t.Errorf("%s is due %s: %v", o.Key, o.Due, tr.Facts)
		}
	}
	if len(l) != len(ids) {
		t.Errorf("%d of %d steps", len(l), len(ids))
	}
}
