package meeting

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/calendar/icslint"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

var update = flag.Bool("update", false, "rewrite golden files")

var (
	written   = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	organizer = Party{"Northwind IT", "almanac@northwind.example"}
)

func people(id string) (Party, bool) {
	p, ok := map[string]Party{
		"dana": {"Dana Whitfield", "dana@northwind.example"},
		"pat":  {`O'Brien, Pat; "PJ"` + "\r\nX-EVIL:1", "pat.o'brien+vcio@northwind.example"},
	}[id]
	return p, ok
}

func sample() Invitation {
	return Invitation{UID: "acme.vcio.2026.annual@northwind", Sequence: 3300000, Summary: "Acme: Strategy, budget; \U0001F9B7 " + strings.Repeat("é", 60),
		Description: "Owner: Dana\nWith: Pat", URL: "https://github.com/northwind/ops/issues/7", Start: "20260501T150000Z", End: "20260501T163000Z",
		Attendees: []Attendee{{"dana", false}, {"pat", true}, {"gone", false}}}
}

func TestInvitation(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alter func(*Invitation)
		has   []string
		not   []string
	}{
		{"request", func(*Invitation) {}, []string{
			"METHOD:REQUEST\r\n", "UID:acme.vcio.2026.annual@northwind\r\n", "DTSTAMP:20260410T120000Z\r\n", "SEQUENCE:3300000\r\n",
			"ORGANIZER;CN=\"Northwind IT\":mailto:almanac@northwind.example\r\n",
			"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Dana Whitfield\":mailto:dana@northwind.example\r\n",
			"ROLE=OPT-PARTICIPANT", `CN="O'Brien, Pat; 'PJ' X-EVIL:1":mailto:pat.o'brien+vcio@northwind.example` + "\r\n",
			"DTSTART:20260501T150000Z\r\n", "DTEND:20260501T163000Z\r\n", `SUMMARY:Acme: Strategy\, budget\; `, `DESCRIPTION:Owner: Dana\nWith: Pat` + "\r\n",
			"URL:https://github.com/northwind/ops/issues/7\r\n", "STATUS:CONFIRMED\r\n", "TRANSP:OPAQUE\r\n",
		}, []string{"gone", "VTIMEZONE", "TZID"}},
		{"all day", func(i *Invitation) { i.Start, i.End = "20260501", "20260502" },
			[]string{"DTSTART;VALUE=DATE:20260501\r\n", "DTEND;VALUE=DATE:20260502\r\n", "TRANSP:TRANSPARENT\r\n"}, nil},
		{"cancel", func(i *Invitation) { i.Cancel = true }, []string{"METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n", "SEQUENCE:3300000\r\n"}, []string{"RSVP", "PARTSTAT"}},
		{"without one", func(i *Invitation) { i.Cancel, i.Held = true, true }, []string{"METHOD:CANCEL\r\n"}, []string{"STATUS"}},
		{"no web address", func(i *Invitation) { i.URL = "issues/7.md" }, nil, []string{"\nURL"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := sample()
			tt.alter(&i)
			raw := i.Text(organizer, people, written)
			for _, p := range icslint.Lint(raw) {
				t.Errorf("%s", p)
			}
			golden(t, "testdata/"+strings.ReplaceAll(tt.name, " ", "-")+".ics", raw)
			text := strings.ReplaceAll(string(raw), "\r\n ", "")
			for _, want := range tt.has {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			for _, bad := range tt.not {
				if strings.Contains(text, bad) {
					t.Errorf("%q in\n%s", bad, text)
				}
			}
		})
	}
}

// golden compares with a file, which foreign parsers read too.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// FuzzInvitation: whatever people are called and steps are called, an invitation has no
// fault, and nothing in it becomes a line of its own.
func FuzzInvitation(f *testing.F) {
	for _, s := range []string{"", `O'Brien, Pat; "PJ"`, "x\r\nEND:VCALENDAR\r\n", "\xff\x00\x1b", strings.Repeat("é", 90), `C:\new`, "\u202eabc", "a\u2028b", ":;,=\""} {
		f.Add(s, s, s, false)
		f.Add(s, "", s, true)
	}
	f.Fuzz(func(t *testing.T, name, summary, description string, cancel bool) {
		i := sample()
		i.Summary, i.Description, i.URL, i.Cancel = summary, description, "https://forge.example/"+summary, cancel
		party := func(string) (Party, bool) { return Party{name, "dana@northwind.example"}, true }
		raw := i.Text(Party{name, organizer.Address}, party, written)
		for _, p := range icslint.Lint(raw) {
			t.Errorf("%s\n%s", p, raw)
		}
		if n := strings.Count(string(raw), "\r\nEND:"); n != 2 {
			t.Errorf("%d ends in\n%s", n, raw)
		}
	})
}

func TestSpan(t *testing.T) {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, duration, start, end string }{
		{"", "", "20260501", "20260502"},
		{"", "2 days", "20260501", "20260503"},
		{"10:00", "", "20260501T150000Z", "20260501T160000Z"},
		{"10:00", "90 minutes", "20260501T150000Z", "20260501T163000Z"},
		{"10:00", "1 day", "20260501T150000Z", "20260502T150000Z"},
	} {
		start, end := Span(&schema.Step{At: tt.at, Duration: tt.duration}, civil.MustParse("2026-05-01"), chicago)
		if start != tt.start || end != tt.end {
			t.Errorf("%s for %s: %s to %s", tt.at, tt.duration, start, end)
		}
	}
}

func TestSequence(t *testing.T) {
	if a, b := Sequence(written), Sequence(written.Add(time.Minute)); a <= 0 || b != a+1 || b > 1<<31-1 {
		t.Errorf("%d, then %d", a, b)
	}
	if got := Sequence(time.Time{}); got != 0 {
		t.Errorf("before the beginning: %d", got)
	}
}
