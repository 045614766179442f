package issue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/civil"
)

func TestRegionOfARun(t *testing.T) {
	c := Content{
		Client: "Acme Dental Group", Step: "Decide on extra care", Process: "Extra care",
		Due: civil.MustParse("2026-05-11"), Nominal: civil.MustParse("2026-05-11"), Owner: "Dana Whitfield",
		Responsible: []string{"Priya Raman", "Dana Whitfield"}, Accountable: "Noor Haddad", Draft: true,
		Banners: []Banner{{Title: "Extra care", Since: civil.MustParse("2026-05-04"), Text: "Call before you\nvisit, @everybody"}},
		Fields: []FieldLine{
			{Name: "Reason", Values: []string{"three outages | in May"}},
			{Name: "Actions", Values: []string{"Replace the switch, Priya Raman", "Weekly call"}},
		},
		Question: &Question{Text: "Is the client placed?", Options: []string{"place", "decline"}, Answer: "place", By: "Dana Whitfield on Monday 2026-05-11"},
		Signoff: &Signoff{Of: "3f9a0c1be27d", Round: 2, Undecided: true, Lacks: []string{"Root cause"},
			Roles:    []SignoffLine{{Role: "vCIO", Given: "Dana Whitfield on Monday 2026-05-11"}, {Role: "Director", Next: true}, {Role: "Owner"}},
			Void:     []string{"vCIO, Dana Whitfield on Friday 2026-05-08"},
			Rejected: "Noor Haddad on Friday 2026-05-08: no root cause"},
	}
	want := `> **Extra care** since Monday 2026-05-04: Call before you visit, @` + zwsp + `everybody

| | |
|---|---|
| Client | Acme Dental Group |
| Due | Monday 2026-05-11 |
| Owner | Dana Whitfield |
| Responsible | Priya Raman, Dana Whitfield |
| Accountable | Noor Haddad |
| Process | Extra care |
| Draft | it is not settled yet how this is done |

**About this run**

- Reason: three outages \| in May
- Actions:
  - Replace the switch, Priya Raman
  - Weekly call

**To decide**: Is the client placed?

Decided: **place** (Dana Whitfield on Monday 2026-05-11)

Answer with a comment: ` + "`/decide place` or `/decide decline`" + `

**To sign off** (round 2)

- vCIO: signed off by Dana Whitfield on Monday 2026-05-11
- Director: **next**
- Owner: after those above
- to be decided before that
- missing in the client's file before that: Root cause
- void: vCIO, Dana Whitfield on Friday 2026-05-08
- rejected: Noor Haddad on Friday 2026-05-08: no root cause

Sign off with a comment: ` + "`/approve 3f9a0c1be27d`, or send it back with `/reject and the reason`"
	if d := cmp.Diff(want, c.Region()); d != "" {
		t.Error(d)
	}
}

// A row that a person ticked stays ticked; one that we know to be done is ticked whatever
// the box says.
func TestRowsKeepTicks(t *testing.T) {
	row := RowLine{Client: "Acme Dental Group", Text: "on extra care since Monday 2026-05-04", Key: "acme-dental/extra-care/1/weekly-review/2026-05-18"}
	m := Marker{Key: Key{Client: "all-clients", Template: "extra-care", Cycle: "2026-05-18", Step: "weekly-review"}, Installation: "northwind"}
	body := Compose(Content{Rows: []RowLine{row}}.Region(), m)
	ticked := strings.Replace(body, "- [ ] **Acme", "- [x] **Acme", 1)
	if again := Merge(ticked, Content{Rows: []RowLine{row}}.Region(), m); again != ticked {
		t.Errorf("the tick is gone:\n%s", again)
	}
	row.Ended = true
	if again := Merge(body, Content{Rows: []RowLine{row}}.Region(), m); !strings.Contains(again, "- [x] **Acme Dental Group** (done): on extra care") {
		t.Errorf("a row that is done has no tick:\n%s", again)
	}
}
