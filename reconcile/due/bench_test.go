package due

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// BenchmarkOccurrences works out three years of a process of five steps.
func BenchmarkOccurrences(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e, err := New(company(n), Options{AsOf: civil.MustParse("2026-03-02")})
			if err != nil {
				b.Fatal(err)
			}
			w := Window{civil.MustParse("2026-01-01"), civil.MustParse("2028-12-31")}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			total := 0
			for b.Loop() {
				total += len(e.Occurrences(w))
			}
			runtime.ReadMemStats(&after)
			if total == 0 || total/b.N != n*15 {
				b.Fatalf("%d occurrences of %d clients", total/b.N, n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(total), "ns/occurrence")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(total), "B/occurrence")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(total), "allocs/occurrence")
		})
	}
}

// BenchmarkLookup asks for one key of ten thousand clients.
func BenchmarkLookup(b *testing.B) {
	e, err := New(company(10000), Options{AsOf: civil.MustParse("2026-03-02")})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, ok := e.Lookup("client-00777/vcio/2027/audit"); !ok {
			b.Fatal("not found")
		}
	}
}

// company invents an organization of n clients, each in one process of five steps. One
// client in ten departs from the template, and one person of three is away at times.
func company(n int) *schema.Catalog {
	month := func(k, sign int) civil.Offset {
		return civil.Offset{Span: civil.Span{N: k, Unit: civil.Month, Set: true}, Sign: sign}
	}
	lead := civil.Span{N: 2, Unit: civil.Week, Set: true}
	cat := &schema.Catalog{Organization: &schema.Organization{
		Holidays: schema.Holidays{Country: "us"},
		Roles:    []schema.Role{{ID: "vcio"}, {ID: "account-manager", Deputy: "vcio"}, {ID: "engineer", Deputy: "vcio"}},
		Defaults: schema.Defaults{Notify: []schema.Notice{{Before: lead}}, Via: []string{"staff-mail"}},
	}}
	cat.Organization.ID = "northwind"
	for i := range 30 {
		p := &schema.Person{Name: fmt.Sprint("Person ", i)}
		p.ID = fmt.Sprint("person-", i)
		if i%3 == 0 {
			from := civil.MustParse("2026-07-01").AddDays(i)
			p.Away = []schema.Away{{From: from, To: from.AddDays(14)}}
		}
		cat.People = append(cat.People, p)
	}
	steps := []schema.Step{
		{ID: "audit", Due: month(2, -1), Owner: "engineer"},
		{ID: "annual-strategy", Due: month(1, -1), Owner: "vcio", With: []string{"account-manager"},
			Notify: []schema.Notice{{To: []string{"account-manager", "vcio"}, Before: lead}, {To: []string{"vcio"}, Before: civil.Span{N: 2, Unit: civil.BusinessDay, Set: true}}}},
		{ID: "q1-follow-up", Due: month(2, 1), Owner: "vcio"},
		{ID: "q2-follow-up", Due: month(5, 1), Owner: "vcio"},
		{ID: "q3-follow-up", Due: month(8, 1), Owner: "vcio"},
	}
	process := &schema.ProcessTemplate{Steps: steps}
	process.ID = "vcio"
	cat.Processes = []*schema.ProcessTemplate{process}
	for i := range n {
		c := &schema.Client{Team: map[string]string{
			"vcio": fmt.Sprint("person-", i%30), "account-manager": fmt.Sprint("person-", (i+1)%30), "engineer": fmt.Sprint("person-", (i+2)%30),
		}}
		c.ID = fmt.Sprintf("client-%05d", i)
		c.AlignmentDate.Date = civil.MustParse("2022-01-01").AddDays(i % 365)
		a := schema.Assignment{Template: "vcio"}
		if i%10 == 0 {
			a.Overrides = map[string]*schema.Override{"audit": {Due: civil.Offset{Span: civil.Span{N: 6, Unit: civil.Week, Set: true}, Sign: -1}}}
		}
		c.Processes = []schema.Assignment{a}
		cat.Clients = append(cat.Clients, c)
	}
	cat.Index()
	return cat
}
