package calendar

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/reconcile/calendar/icslint"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
)

// FuzzText: whatever people write comes back as it was, cleaned, out of a feed without
// faults, whose lines have at most 75 octets and break no character.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", `O'Brien, Pat; "PJ"`, "a\r\nb\rc\u2028d", `C:\new\n`, "👩‍💻" + strings.Repeat("é", 90), strings.Repeat("a<b>c ", 40),
		"\xff\xfe\x00\x1b", "BEGIN:VEVENT", "x\r\nEND:VCALENDAR\r\n", "\u202eabc\u2066", strings.Repeat(" ", 200), strings.Repeat("<", 200), "Cancelled: x",
	} {
		f.Add(s, s, true)
		f.Add(s, "", false)
	}
	f.Fuzz(func(t *testing.T, summary, description string, cancelled bool) {
		e := event{UID: meeting.UID("a/b/2026/c", "northwind"), Summary: meeting.Line(summary), Description: strings.TrimSpace(meeting.Clean(description)),
			Start: "20260501", End: "20260502", Cancelled: cancelled, URL: meeting.Address("https://forge.example/" + summary)}.stamped(commit)
		feed := Feed{Title: summary, events: []placed{{e.UID, e.render()}}}
		text, err := feed.Text()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range icslint.Lint(text) {
			t.Errorf("%s\n%s", p, text)
		}
		for l := range bytes.SplitSeq(text, []byte("\r\n")) {
			if len(l) > 75 || !utf8.Valid(l) {
				t.Errorf("line %q has %d octets", l, len(l))
			}
		}
		if got := read(text, "northwind"); len(got) != 1 || got[e.UID] != e {
			t.Errorf("%+v came back as %+v\n%s", e, got, text)
		}
	})
}

func TestRead(t *testing.T) {
	feed := Feed{}
	text, err := feed.Text()
	if err != nil {
		t.Fatal(err)
	}
	if got := read(text, "northwind"); got == nil || len(got) > 0 {
		t.Errorf("an empty feed of ours is %v", got)
	}
	for _, foreign := range []string{"", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nEND:VCALENDAR\r\n", strings.ReplaceAll(string(text), "\r", "")} {
		if got := read([]byte(foreign), "northwind"); got != nil {
			t.Errorf("%q is read as %v", foreign, got)
		}
	}
}
