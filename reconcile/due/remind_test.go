package due

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// TestReminders holds when reminders fall due and how many there are: one without `every`,
// three without `max`.
func TestReminders(t *testing.T) {
	days := func(n int) civil.Span { return civil.Span{N: n, Unit: civil.Day, Set: true} }
	for want, r := range map[string]*schema.Remind{
		"06-03":                               {After: days(2)},
		"06-03 06-08 06-13":                   {After: days(2), Every: days(5)},
		"06-02 06-03":                         {After: days(1), Every: days(1), Max: 2},
		"06-02 06-09 06-16 06-23 06-30 07-07": {After: days(1), Every: days(7), Max: 6},
	} {
		o, ok := engine(t, one("2026-06-01", schema.Step{ID: "audit", Due: civil.Offset{Anchor: "alignment"}, Roll: civil.Unadjusted, Remind: r})).Lookup("acme/round/2026/audit")
		if !ok {
			t.Fatal("no such step")
		}
		var got []string
		for i, n := range o.Notices {
			if n.Kind != Reminder || n.N != i+1 {
				t.Errorf("%+v", n)
			}
			got = append(got, strings.TrimPrefix(n.On.String(), "2026-"))
		}
		if l := strings.Join(got, " "); l != want {
			t.Errorf("%+v: %s, want %s", r, l, want)
		}
	}
}
