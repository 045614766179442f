package due

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// TestMonths holds offsets of months against vectors reckoned by hand and by other tools.
// time.AddDate gives other dates for most of them.
func TestMonths(t *testing.T) {
	offsets := []string{"2 months before", "1 month before", "1 month after", "2 months after", "3 months after", "6 months after", "12 months after"}
	for _, line := range []string{
		"2026-01-31 2025-11-30 2025-12-31 2026-02-28 2026-03-31 2026-04-30 2026-07-31 2027-01-31",
		"2028-01-31 2027-11-30 2027-12-31 2028-02-29 2028-03-31 2028-04-30 2028-07-31 2029-01-31",
		"2026-03-31 2026-01-31 2026-02-28 2026-04-30 2026-05-31 2026-06-30 2026-09-30 2027-03-31",
		"2024-02-29 2023-12-29 2024-01-29 2024-03-29 2024-04-29 2024-05-29 2024-08-29 2025-02-28",
		"2026-08-31 2026-06-30 2026-07-31 2026-09-30 2026-10-31 2026-11-30 2027-02-28 2027-08-31",
	} {
		dates := strings.Fields(line)
		var steps []schema.Step
		for i, o := range offsets {
			due, err := civil.ParseOffset(o)
			if err != nil {
				t.Fatal(err)
			}
			steps = append(steps, schema.Step{ID: "s" + string(rune('0'+i)), Due: due, Roll: civil.Unadjusted})
		}
		e := engine(t, one(dates[0], steps...))
		for i, want := range dates[1:] {
			key := "acme/round/" + dates[0][:4] + "/" + steps[i].ID
			if o, ok := e.Lookup(key); !ok || o.Due.String() != want {
				t.Errorf("%s of %s: %s, want %s", offsets[i], dates[0], o.Due, want)
			}
		}
	}
}

// one makes a catalog of one client in one process.
func one(alignment string, steps ...schema.Step) *schema.Catalog {
	cat := &schema.Catalog{Organization: &schema.Organization{}}
	p := &schema.ProcessTemplate{Steps: steps}
	p.ID = "round"
	c := &schema.Client{Processes: []schema.Assignment{{Template: "round"}}}
	c.ID = "acme"
	c.AlignmentDate.Date = civil.MustParse(alignment)
	cat.Processes, cat.Clients = []*schema.ProcessTemplate{p}, []*schema.Client{c}
	return cat
}

func engine(t *testing.T, cat *schema.Catalog) *Engine {
	t.Helper()
	cat.Index()
	e, err := New(cat, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func keys(l []Occurrence) (k []string) {
	for i := range l {
		k = append(k, l[i].Key)
	}
	return k
}

var decade = Window{civil.MustParse("2020-01-01"), civil.MustParse("2030-12-31")}

// TestAlignmentMoves: an alignment date that moves within its year moves the dates and
// changes no key, so that nothing that is open or done comes a second time.
func TestAlignmentMoves(t *testing.T) {
	months := civil.Span{N: 2, Unit: civil.Month, Set: true}
	steps := []schema.Step{
		{ID: "audit", Due: civil.Offset{Span: months, Sign: -1}},
		{ID: "review", Due: civil.Offset{Span: months, Sign: 1}},
		{ID: "check", Due: civil.Offset{Anchor: "review"}, Every: civil.Every{Interval: months}, Times: 4},
	}
	before := engine(t, one("2026-06-01", steps...)).Occurrences(decade)
	after := engine(t, one("2026-09-15", steps...)).Occurrences(Window{decade.From, decade.To + 106})
	if diff := cmp.Diff(keys(before), keys(after)); diff != "" || len(before) < 20 {
		t.Errorf("%d keys, -before +after:\n%s", len(before), diff)
	}
	for i := range before {
		if before[i].Due >= after[i].Due {
			t.Errorf("%s did not move", before[i].Key)
		}
	}
}

// TestRename: a step that is renamed gives the same occurrences under new keys, which name
// the old ones; overrides and exceptions under the old id still hold.
func TestRename(t *testing.T) {
	step := schema.Step{ID: "audit", Due: civil.Offset{Anchor: "alignment"}}
	cat := one("2026-06-01", step, schema.Step{ID: "review", Due: civil.Offset{Anchor: "audit"}})
	moved := civil.MustParse("2026-06-17")
	a := &cat.Clients[0].Processes[0]
	a.Overrides = map[string]*schema.Override{"audit": {Title: "Ours"}}
	a.Exceptions = []schema.Exception{{Step: "audit", Cycle: "2026", MoveTo: moved}}
	cat.Processes[0].Steps[0].ID = "it-audit"
	cat.Processes[0].Steps[0].Previously = []string{"audit"}
	e := engine(t, cat)
	o, ok := e.Lookup("acme/round/2026/audit")
	if !ok || o.Key != "acme/round/2026/it-audit" || !slices.Equal(o.Previous, []string{"acme/round/2026/audit"}) {
		t.Fatalf("found %v: %s, formerly %v", ok, o.Key, o.Previous)
	}
	if o.Step.Title != "Ours" || o.Due != moved {
		t.Errorf("%s is called %q and due on %s", o.Key, o.Step.Title, o.Due)
	}
	if r, ok := e.Lookup("acme/round/2026/review"); !ok || r.Due.String() != "2026-06-01" {
		t.Errorf("the step that hangs on it is due on %q", r.Due)
	}
}

// TestMany: of a thousand clients every step is found, in the order of the keys.
func TestMany(t *testing.T) {
	all := engine(t, company(1000)).Occurrences(Window{civil.MustParse("2026-01-01"), civil.MustParse("2028-12-31")})
	if len(all) != 15_000 || !slices.IsSortedFunc(all, func(a, b Occurrence) int { return strings.Compare(a.Key, b.Key) }) {
		t.Errorf("%d occurrences, or not sorted", len(all))
	}
}

// TestFaults: what lint refuses is left out or empty, and never the end.
func TestFaults(t *testing.T) {
	anchor := civil.Offset{Anchor: "alignment"}
	bad := schema.Step{ID: "s", Due: anchor, Every: civil.Every{RRule: "FREQ=SECONDLY"}}
	endless := civil.Span{N: civil.MaxSpan, Unit: civil.Year, Set: true}
	for name, c := range map[string]struct {
		cat  *schema.Catalog
		want []string
	}{
		"empty":            {&schema.Catalog{}, nil},
		"no organization":  {&schema.Catalog{Clients: one("2026-06-01").Clients}, nil},
		"rule":             {one("2026-06-01", bad), nil},
		"two steps":        {one("2030-06-01", schema.Step{ID: "s", Due: anchor}, schema.Step{ID: "s", Due: anchor}), []string{"acme/round/2030/s"}},
		"end of the years": {one("2026-06-01", schema.Step{ID: "s", Due: civil.Offset{Span: endless, Sign: 1}}), []string{"acme/round/2026/s"}},
		"before the years": {one("2026-06-01", schema.Step{ID: "s", Due: civil.Offset{Span: endless, Sign: -1}}), []string{"acme/round/2026/s"}},
		"no steps":         {one("2026-06-01"), nil},
	} {
		if got := keys(engine(t, c.cat).Occurrences(decade)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTwice(t *testing.T) {
	cat := one("2030-06-01", schema.Step{ID: "s", Due: civil.Offset{Anchor: "alignment"}})
	c := cat.Clients[0]
	c.Processes = append(c.Processes, c.Processes[0])
	again := *c
	again.Source.File = "z.yaml"
	cat.Clients = append(cat.Clients, &again)
	if got := keys(engine(t, cat).Occurrences(decade)); !slices.Equal(got, []string{"acme/round/2030/s"}) {
		t.Errorf("one key for two documents and two assignments, got %v", got)
	}
}

func TestNewFails(t *testing.T) {
	cat := one("2026-06-01")
	cat.Organization.Holidays.Country = "zz"
	cat.Index()
	if e, err := New(cat, Options{}); err == nil || e != nil {
		t.Errorf("no error for an unknown country")
	}
}

// TestFilter: a client that is left out has nothing, and its keys say why.
func TestFilter(t *testing.T) {
	cat := one("2026-06-01", schema.Step{ID: "s", Due: civil.Offset{Anchor: "alignment"}})
	cat.Broken = []schema.Broken{{Kind: schema.KindClient, ID: "birch", Source: schema.Source{File: "birch.yaml"}}}
	cat.Index()
	e, err := New(cat, Options{Client: func(id string) bool { return id != "acme" }})
	if err != nil {
		t.Fatal(err)
	}
	if l := e.Occurrences(decade); len(l) > 0 {
		t.Errorf("got %v", keys(l))
	}
	for key, want := range map[string]string{
		"acme/round/2026/s":  "client acme is left out of this run",
		"birch/round/2026/s": "the file of client birch is invalid: validate it first",
	} {
		if tr, ok := e.Explain(key); ok || len(tr.Facts) != 1 || tr.Facts[0].Text != want {
			t.Errorf("%s: %v", key, tr.Facts)
		}
	}
}
