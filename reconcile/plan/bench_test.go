package plan

import (
	"fmt"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// many returns the inputs of so many clients with five steps a year, every third of which
// has an open issue that agrees.
func many(b *testing.B, clients int) Inputs {
	w := newWorld("2026-05-10")
	cat := built()
	cat.Clients = nil
	cat.Processes[0].Steps = cat.Processes[0].Steps[:2]
	for i := range 3 {
		cat.Processes[0].Steps = append(cat.Processes[0].Steps, schema.Step{ID: fmt.Sprintf("q%d", i), Title: "Follow-up", Owner: "vcio",
			Due: civil.Offset{Span: civil.Span{N: 3 * (i + 1), Unit: civil.Month, Set: true}, Sign: 1}})
	}
	for i := range clients {
		cat.Clients = append(cat.Clients, &schema.Client{
			Meta: schema.Meta{Kind: schema.KindClient, ID: fmt.Sprintf("client-%05d", i)}, Name: fmt.Sprintf("Client %d", i),
			Team: map[string]string{"vcio": "dana"}, AlignmentDate: schema.DateOr{Date: civil.New(2025, 6, 1).AddDays(i % 365)},
			Processes: []schema.Assignment{{Template: "vcio"}},
		})
	}
	cat.Organization.Policies.Limits = schema.Limits{CreatesPerRun: clients / 3, CreatesPerClient: 10}
	cat.Index()
	w.Catalog = cat
	p := w.plan(b)
	w.apply(p)
	w.plan(b)
	b.Logf("%d issues open", p.Summary.Create)
	return w.Inputs
}

func BenchmarkMake(b *testing.B) {
	for _, clients := range []int{100, 1_000, 10_000} {
		in := many(b, clients)
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Make(in)
			}
			n := len(in.Engine.Occurrences(due.Window{From: in.AsOf.AddMonths(-lookBack), To: in.AsOf.AddDays(longestLead(in.Catalog))}))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/occurrence")
		})
	}
}

func BenchmarkFold(b *testing.B) {
	var events []record.Event
	for i := range 100_000 {
		events = append(events, record.Event{V: record.Version, Key: fmt.Sprintf("client-%05d/vcio/2026/step", i/4), Verb: record.Verbs()[i%3], Number: i/4 + 1})
	}
	b.ReportAllocs()
	for b.Loop() {
		record.Fold(events)
	}
}

func BenchmarkMerge(b *testing.B) {
	w := newWorld("2026-05-10")
	w.Catalog = built()
	p := w.plan(b)
	c := p.Changes[0]
	m, _ := issue.ParseMarker(c.Issue.Body)
	region := issue.Region(c.Issue.Body)
	b.ReportAllocs()
	for b.Loop() {
		issue.Merge(c.Issue.Body, region, m)
	}
}
