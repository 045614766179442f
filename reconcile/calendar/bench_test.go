package calendar

import (
	"fmt"
	"testing"

	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// BenchmarkFeeds makes the text of every feed, once from nothing and once on top of what was
// written before.
func BenchmarkFeeds(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		in := inputs(b, loadtest.Generate(n), "2026-04-13")
		before := map[string]string{}
		for _, f := range Make(in) {
			text, err := f.Text()
			if err != nil {
				b.Fatal(err)
			}
			before[f.Name] = string(text)
		}
		for _, bb := range []struct {
			name string
			in   Inputs
		}{{"fresh", in}, {"again", after(in, before)}} {
			b.Run(fmt.Sprint(n, "/", bb.name), func(b *testing.B) {
				events := 0
				for b.Loop() {
					for _, f := range Make(bb.in) {
						if _, err := f.Text(); err != nil {
							b.Fatal(err)
						}
						if f.Name == All {
							events += f.Events()
						}
					}
				}
				b.ReportMetric(float64(events)/float64(b.N), "events")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(events, 1)), "ns/event")
				b.ReportMetric(float64(len(before[All]))/1e6, "MB-all")
			})
		}
	}
}
