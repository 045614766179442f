package icslint

import (
	"fmt"
	"strings"
	"testing"
)

// good is a file without a fault; every case spoils one thing.
const good = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n" +
	"BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260301T090000Z\r\nSEQUENCE:1\r\nSTATUS:CONFIRMED\r\n" +
	"DTSTART;VALUE=DATE:20260501\r\nDTEND;VALUE=DATE:20260502\r\nSUMMARY:Annual \r\n strategy\\, é\r\n" +
	"ATTENDEE;CN=\"O'Brien, Pat\";RSVP=TRUE:mailto:pat@northwind.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestLint(t *testing.T) {
	if found := Lint([]byte(good)); len(found) > 0 {
		t.Fatalf("the good file has faults: %v", found)
	}
	second := "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260301T090000Z\r\nDTSTART:20260501T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"
	for _, tt := range []struct{ name, old, new, want string }{
		{"LF", "VERSION:2.0\r\n", "VERSION:2.0\n", "2: the line does not end with CRLF"},
		{"no end", "END:VCALENDAR\r\n", "END:VCALENDAR", "15: the line does not end with CRLF"},
		{"long", "UID:a", "UID:" + strings.Repeat("a", 72), "5: the line has 76 octets: at most 75"},
		{"fold inside a character", "é", "\xc3\r\n \xa9", "12: the line is not UTF-8, or is folded inside a character"},
		{"empty line", "UID:a", "\r\nUID:a", "5: the line is empty"},
		{"control", "UID:a", "UID:a\x07", "5: the line holds the control character 0x7"},
		{"starts folded", "BEGIN:VCALENDAR", " BEGIN:VCALENDAR", "1: the file begins with a continued line"},
		{"no property", "UID:a", "just text", `5: the line is no property: "just text"`},
		{"UID missing", "UID:a\r\n", "", "4: the VEVENT has no UID"},
		{"UID twice in one", "UID:a", "UID:a\r\nUID:b", "6: UID comes twice in the VEVENT of line 4"},
		{"UID of another", "END:VCALENDAR", second, "16: the UID a comes in line 5 already"},
		{"DTSTAMP missing", "DTSTAMP:20260301T090000Z\r\n", "", "4: the VEVENT has no DTSTAMP"},
		{"DTSTAMP twice", "SEQUENCE:1", "DTSTAMP:20260301T090000Z", "7: DTSTAMP comes twice in the VEVENT of line 4"},
		{"DTSTAMP local", "090000Z", "090000", `6: DTSTAMP is "20260301T090000": expected an instant in UTC, such as 20260501T140000Z`},
		{"DTSTART missing", "DTSTART;VALUE=DATE:20260501\r\n", "", "4: the VEVENT has no DTSTART"},
		{"SEQUENCE", "SEQUENCE:1", "SEQUENCE:-1", `7: SEQUENCE is "-1": expected a whole number`},
		{"STATUS", "CONFIRMED", "CANCELED", `8: STATUS is "CANCELED": expected TENTATIVE, CONFIRMED or CANCELLED`},
		{"no such day", "20260502", "20260231", `10: DTEND is "20260231", which is no such time`},
		{"before it begins", "20260502", "20260501", "10: DTEND 20260501 does not come after DTSTART 20260501"},
		{"two kinds", "DTEND;VALUE=DATE:20260502", "DTEND:20260502T090000Z", "10: DTSTART and DTEND are not of one kind"},
		{"end and length", "SEQUENCE:1", "DURATION:PT1H", "10: the VEVENT has both DTEND and DURATION"},
		{"undeclared zone", "DTEND;VALUE=DATE:20260502", "DTEND;TZID=Europe/Berlin:20260502T090000", "10: TZID Europe/Berlin has no VTIMEZONE"},
		{"zone of an instant", "DTEND;VALUE=DATE:20260502", "DTEND;TZID=X:20260502T090000Z", "10: DTEND has a TZID, and is in UTC or a day"},
		{"comma", `strategy\,`, "strategy,", "11: SUMMARY holds a character that has to be escaped"},
		{"escape", `strategy\,`, `strategy\x`, "11: SUMMARY holds a character that has to be escaped"},
		{"quotes", `CN="O'Brien, Pat"`, `CN=O'Brien\, "Pat"`, "13: ATTENDEE;CN: its value is not quoted as it has to be"},
		{"parameter twice", "RSVP=TRUE", "RSVP=TRUE;RSVP=TRUE", "13: ATTENDEE has the parameter RSVP twice"},
		{"parameter without value", "RSVP=TRUE", "RSVP", "13: ATTENDEE has a parameter without a name or a value"},
		{"version", "2.0", "1.0", `2: VERSION is "1.0": expected 2.0`},
		{"no product", "PRODID:-//x//y//EN\r\n", "", "1: the VCALENDAR has no PRODID"},
		{"never closed", "END:VEVENT\r\n", "", "14: END:VCALENDAR without its BEGIN"},
		{"outside", "END:VCALENDAR\r\n", "END:VCALENDAR\r\nUID:b\r\n", "16: UID stands outside of a component"},
		{"publish", "VERSION:2.0", "VERSION:2.0\r\nMETHOD:PUBLISH", "5: METHOD:PUBLISH needs an ORGANIZER and no ATTENDEE (RFC 5546 section 3.2.1)"},
		{"unknown method", "VERSION:2.0", "VERSION:2.0\r\nMETHOD:INVITE", `3: METHOD is "INVITE": expected one of [PUBLISH REQUEST REPLY ADD CANCEL REFRESH COUNTER DECLINECOUNTER]`},
		{"request without organizer", "VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST", "5: METHOD:REQUEST needs an ORGANIZER, an ATTENDEE and a SUMMARY (RFC 5546 section 3.2.2)"},
		{"cancel without organizer", "VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL", "5: METHOD:CANCEL needs an ORGANIZER and a SEQUENCE (RFC 5546 section 3.2.5)"},
		{"cancel that is confirmed", "VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL", "9: METHOD:CANCEL goes with STATUS:CANCELLED or none (RFC 5546 section 3.2.5)"},
		{"address of nobody", "mailto:", "", `13: ATTENDEE is "pat@northwind.example": expected mailto: and an address`},
		{"nothing", good, "", "1: the file holds 0 calendars: expected one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(good, tt.old, tt.new, 1)
			if text == good {
				t.Fatalf("%q is not in the good file", tt.old)
			}
			found := Lint([]byte(text))
			for _, p := range found {
				if p.String() == tt.want {
					return
				}
			}
			t.Errorf("found %v, want %s", found, tt.want)
		})
	}
}

// TestLintScheduling: faults that take a file of their own.
func TestLintScheduling(t *testing.T) {
	request := strings.Replace(good, "VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST", 1)
	request = strings.Replace(request, "UID:a", "UID:a\r\nORGANIZER:mailto:a@northwind.example", 1)
	if found := Lint([]byte(request)); len(found) > 0 {
		t.Fatalf("a good request has faults: %v", found)
	}
	second := "BEGIN:VEVENT\r\nUID:b\r\nDTSTAMP:20260301T090000Z\r\nDTSTART:20260501T090000Z\r\nORGANIZER:mailto:a@northwind.example\r\n" +
		"ATTENDEE:mailto:a@northwind.example\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR"
	for _, tt := range []struct{ old, new, want string }{
		{"END:VCALENDAR", second, "17: METHOD:REQUEST is about one UID, and this is another one"},
		{"CONFIRMED", "CANCELLED", "10: METHOD:REQUEST does not go with STATUS:CANCELLED (RFC 5546 section 3.2.2)"},
	} {
		found := Lint([]byte(strings.Replace(request, tt.old, tt.new, 1)))
		if len(found) != 1 || found[0].String() != tt.want {
			t.Errorf("found %v, want %s", found, tt.want)
		}
	}
}

func FuzzLint(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("BEGIN:VEVENT\r\nDTSTART;TZID=\"x:20260101\r\n\r\n x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := strings.Count(string(text), "\n") + 1
		for _, p := range Lint(text) {
			if p.Line < 1 || p.Line > lines {
				t.Errorf("%s: the file has %d lines", p, lines)
			}
		}
	})
}

// TestLintLongLine has a line that is folded so often that to join it at every fold would not
// end in the time of a test.
func TestLintLongLine(t *testing.T) {
	const folds = 2_000_000
	text := strings.Join([]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "X-LONG:" + strings.Repeat("\r\n x", folds), "END:VCALENDAR", "X-AFTER:1", ""}, "\r\n")
	want := fmt.Sprintf("[%d: X-AFTER stands outside of a component]", folds+6)
	if got := fmt.Sprint(Lint([]byte(text))); got != want {
		t.Errorf("%.200s\nwant %s", got, want)
	}
}
