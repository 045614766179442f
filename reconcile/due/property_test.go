package due

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

func drawEngine(t *rapid.T) (*Engine, *schema.Catalog) {
	cat := randomCatalog.Draw(t, "catalog")
	cat.Index()
	e, err := New(cat, Options{AsOf: someDay.Draw(t, "as of"), Facts: maybe(t, randomFacts, "facts")})
	if err != nil {
		t.Fatal(err)
	}
	return e, cat
}

func drawWindow(t *rapid.T) Window {
	from := civil.MustParse("2022-01-01").AddDays(rapid.IntRange(0, 9*365).Draw(t, "from"))
	return Window{from, from.AddDays(rapid.IntRange(0, 900).Draw(t, "days"))}
}

// full writes all of an occurrence that can differ.
func full(o *Occurrence) string {
	return row(o, true) + fmt.Sprint(o.Client.ID, o.Template.Head().ID, o.Assignment.Template, o.Step.ID, o.Cycle, o.Instance, o.Source)
}

func rows(l []Occurrence, keep func(*Occurrence) bool) []string {
	var s []string
	for i := range l {
		if keep(&l[i]) {
			s = append(s, full(&l[i]))
		}
	}
	return s
}

func hasDate(o *Occurrence) bool { return o.Due != 0 }
func noDate(o *Occurrence) bool  { return o.Due == 0 }

// TestAdjacentWindows: nothing is lost between two windows, and nothing comes twice.
func TestAdjacentWindows(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		w := drawWindow(t)
		cut := w.From.AddDays(rapid.IntRange(0, int(w.To-w.From)).Draw(t, "cut"))
		all := e.Occurrences(w)
		left, right := e.Occurrences(Window{w.From, cut}), e.Occurrences(Window{cut + 1, w.To})
		both := append(rows(left, hasDate), rows(right, hasDate)...)
		one := rows(all, hasDate)
		slices.Sort(both)
		slices.Sort(one)
		if diff := cmp.Diff(one, both); diff != "" {
			t.Errorf("%v cut after %s: -one +both:\n%s", w, cut, diff)
		}
		if diff := cmp.Diff(rows(all, noDate), rows(left, noDate)); diff != "" {
			t.Errorf("unscheduled: -one +left:\n%s", diff)
		}
	})
}

// TestExcept: what is over is left out, and nothing else, with the keys as they are; about
// turns, whole runs and what has had another key nobody is asked.
func TestExcept(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		w := drawWindow(t)
		part := rapid.IntRange(1, 3).Draw(t, "part")
		said := map[string]bool{}
		over := func(key []byte, _ *schema.Step) bool {
			said[string(key)] = len(key)%part == 0
			return said[string(key)]
		}
		got := rows(e.Except(w, over), func(*Occurrence) bool { return true })
		want := rows(e.Occurrences(w), func(o *Occurrence) bool {
			_, asked := said[o.Key]
			if asked && (o.Instance != "" || o.Whole || o.Previous != nil) {
				t.Errorf("asked about %s", o.Key)
			}
			return !said[o.Key]
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestOrder: the order in which documents were read changes nothing.
func TestOrder(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, cat := drawEngine(t)
		w := drawWindow(t)
		other := &schema.Catalog{Organization: cat.Organization}
		other.People = rapid.Permutation(cat.People).Draw(t, "people")
		other.Clients = rapid.Permutation(cat.Clients).Draw(t, "clients")
		other.Processes = rapid.Permutation(cat.Processes).Draw(t, "processes")
		other.Plans, other.Playbooks = cat.Plans, cat.Playbooks
		other.Index()
		f, err := New(other, e.opt)
		if err != nil {
			t.Fatal(err)
		}
		any := func(*Occurrence) bool { return true }
		if diff := cmp.Diff(rows(e.Occurrences(w), any), rows(f.Occurrences(w), any)); diff != "" {
			t.Errorf("-one +other order:\n%s", diff)
		}
	})
}

// TestListed: what is listed is sorted, each key comes once, and looking it up or having it
// explained gives the same occurrence, dates and all.
func TestListed(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		w := drawWindow(t)
		last := ""
		for _, o := range e.Occurrences(w) {
			if o.Key <= last {
				t.Fatalf("%s comes after %s", o.Key, last)
			}
			last = o.Key
			checkListed(t, e, w, &o)
			for _, key := range append(o.Previous, o.Key) {
				checkFound(t, e, key, &o)
			}
		}
	})
}

// checkListed holds an occurrence against the rules that need no second reckoning.
func checkListed(t *rapid.T, e *Engine, w Window, o *Occurrence) {
	moved := o.Moved.To != 0 || o.Exception != nil && o.Exception.MoveTo != 0
	cal := e.calendar(o.Client)
	if o.Step.Issue == "shared" {
		cal = e.cal
	}
	switch {
	case o.Due == 0:
		if o.Unscheduled == "" || o.Nominal != 0 || o.Opens != 0 || len(o.Notices) > 0 {
			t.Errorf("%s has no date, but is %s", o.Key, full(o))
		}
		return
	case o.Due < w.From || o.Due > w.To:
		t.Errorf("%s is due on %s, outside %v", o.Key, o.Due, w)
	case o.Due < o.Assignment.Since:
		t.Errorf("%s is due on %s, before %s", o.Key, o.Due, o.Assignment.Since)
	case o.Client.InactiveOn(o.Due) || o.Client.InactiveOn(e.opt.AsOf):
		t.Errorf("%s: the client is inactive", o.Key)
	case !moved && e.roll(o.Step) != civil.Unadjusted && !cal.IsWorkday(o.Due):
		t.Errorf("%s is due on %s, a day off", o.Key, o.Due)
	}
	if o.Opens > o.Due || (o.Opens == 0) != (o.Undecided != "") {
		t.Errorf("%s opens on %s, after %s", o.Key, o.Opens, o.Due)
	}
	if !slices.IsSortedFunc(o.Notices, compareNotices) || !slices.IsSortedFunc(o.With, compareHolders) || !slices.IsSorted(o.Previous) {
		t.Errorf("%s is out of order: %s", o.Key, full(o))
	}
}

func checkFound(t *rapid.T, e *Engine, key string, o *Occurrence) {
	found, ok := e.Lookup(key)
	if !ok {
		t.Fatalf("%s is listed as\n%s but not found: %s", key, full(o), trace(e, key))
	}
	if full(&found) != full(o) {
		t.Fatalf("%s is listed as\n%s but looked up as\n%s", key, full(o), full(&found))
	}
	tr, ok := e.Explain(key)
	if !ok || full(&tr.Occurrence) != full(o) {
		t.Fatalf("%s is explained as %v\n%s", key, ok, full(&tr.Occurrence))
	}
	var nominal, due civil.Date
	for _, f := range tr.Facts {
		if f.After != 0 {
			due = f.After
		}
		switch f.Rule {
		case RuleRoll:
			nominal = f.Before
		case RuleFollows: // so far it was about another step
			nominal, due = 0, 0
		}
	}
	if o.Due != 0 && due != o.Due || nominal != 0 && nominal != o.Nominal {
		t.Errorf("%s: the facts lead from %s to %s, the occurrence says %s and %s\n%s", key, nominal, due, o.Nominal, o.Due, trace(e, key))
	}
}

// TestEveryCycle: of a step that does not repeat, the cycles within the window are found,
// however far from its cycle it falls. They are checked one by one for sixty years.
func TestEveryCycle(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, cat := drawEngine(t)
		w := drawWindow(t)
		listed := map[string]bool{}
		for _, o := range e.Occurrences(w) {
			listed[o.Key] = true
		}
		for _, c := range cat.Clients {
			for _, p := range cat.Processes {
				for _, step := range randomSteps {
					for year := 2024; year < 2084; year++ {
						key := fmt.Sprintf("%s/%s/%d/%s", c.ID, p.ID, year, step)
						o, ok := e.Lookup(key)
						in := ok && (o.Due == 0 || o.Due >= w.From && o.Due <= w.To)
						if in != listed[key] && (!ok || o.Key == key) {
							t.Fatalf("%s, due %s, in %v: listed is %v", key, o.Due, w, listed[key])
						}
					}
				}
			}
		}
	})
}

// FuzzExplain: no key, however odd, leads to a panic, to an occurrence of another key, or
// to no word of why there is none.
func FuzzExplain(f *testing.F) {
	for _, key := range []string{
		"client-00000/vcio/2027/audit", "client-00000/vcio/2027/audit/1", "client-00000/vcio/99999999999999999999/audit",
		"client-00000/vcio/-1/audit", "client-00000/vcio/02027/audit", "", "////", "client-00000/plan/1/mailing/w1-mon",
		"client-00000/plan/1/mailing/w-1-mon", "client-00000/plan/1/mailing/w999999999999999999-mon", "client-00000/plan/1/mailing/w1-", "client-00000/plan/1/mailing/--",
		"client-00000/plan/1/monthly/2026-02-30", "client-00000/plan/1/monthly/9999-12-31",
	} {
		f.Add(key)
	}
	cat := company(1)
	plan := &schema.OnboardingPlan{Weeks: []schema.PlanWeek{{Week: 1, Steps: []schema.Step{
		{ID: "mailing", Every: civil.Every{Weekdays: []civil.Weekday{1, 3}}},
		{ID: "monthly", Every: civil.Every{Interval: civil.Span{N: 1, Unit: civil.Month, Set: true}}},
	}}}}
	plan.ID = "plan"
	cat.Plans = []*schema.OnboardingPlan{plan}
	cat.Clients[0].Processes = append(cat.Clients[0].Processes, schema.Assignment{Template: "plan", Start: civil.MustParse("2026-05-04")})
	cat.Index()
	e, err := New(cat, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key string) {
		tr, ok := e.Explain(key)
		if ok != (tr.Occurrence.Key == key && key != "") {
			t.Errorf("%q: found %v, key %q", key, ok, tr.Occurrence.Key)
		}
		if len(tr.Facts) == 0 {
			t.Errorf("%q: not a word", key)
		}
	})
}
