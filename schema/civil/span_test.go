package civil

import (
	"encoding"
	"testing"
)

func TestParseSpan(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Span
		text string
	}{
		{"1 day", Span{1, Day, true}, "1 day"},
		{"0 days", Span{0, Day, true}, "0 days"},
		{"2 business days", Span{2, BusinessDay, true}, "2 business days"},
		{"3 weeks", Span{3, Week, true}, "3 weeks"},
		{"6 months", Span{6, Month, true}, "6 months"},
		{"9999 years", Span{9999, Year, true}, "9999 years"},
		{"1 days", Span{1, Day, true}, "1 day"}, // a plural that does not fit
		{"2 week", Span{2, Week, true}, "2 weeks"},
		{"007 days", Span{7, Day, true}, "7 days"},
	} {
		got, err := ParseSpan(tt.in)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%q = %#v %s, %v", tt.in, got, got, err)
		}
	}
	for in, want := range map[string]string{
		"":                             `"" is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks`,
		"weeks":                        `"weeks" is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks`,
		"2weeks":                       `"2weeks" is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks`,
		"-2 weeks":                     `"-2 weeks" is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks`,
		"2  weeks":                     `"2  weeks" is not a length of time: the unit is day, business day, week, month or year`,
		"2 fortnights":                 `"2 fortnights" is not a length of time: the unit is day, business day, week, month or year`,
		"2 weekss":                     `"2 weekss" is not a length of time: the unit is day, business day, week, month or year`,
		"2 Weeks":                      `"2 Weeks" is not a length of time: the unit is day, business day, week, month or year`,
		"10000 days":                   `"10000 days" is too long: at most 9999`,
		"99999999999999999999999 days": `"99999999999999999999999 days" is too long: at most 9999`,
	} {
		if got, err := ParseSpan(in); err == nil || err.Error() != want || got != (Span{}) {
			t.Errorf("ParseSpan(%q) = %v, %v, want error %s", in, got, err, want)
		}
	}
}

func TestParseOffset(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Offset
		text string
	}{
		{"2 months before", Offset{Span{2, Month, true}, -1, "", 0}, "2 months before"},
		{"1 day after signup", Offset{Span{1, Day, true}, 1, "signup", 0}, "1 day after signup"},
		{"2 business days before week-a", Offset{Span{2, BusinessDay, true}, -1, "week-a", 0}, "2 business days before week-a"},
		{"0 days before", Offset{Span{0, Day, true}, -1, "", 0}, "0 days before"},
		{"on week-a", Offset{Anchor: "week-a"}, "on week-a"},
		{"1 week after before", Offset{Span{1, Week, true}, 1, "before", 0}, "1 week after before"},
		{"on after", Offset{Anchor: "after"}, "on after"},
		{"next mon after decision", Offset{Anchor: "decision", Next: 1}, "next mon after decision"},
		{"01 days before", Offset{Span{1, Day, true}, -1, "", 0}, "1 day before"},
	} {
		got, err := ParseOffset(tt.in)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%q = %#v %s, %v", tt.in, got, got, err)
		}
	}
	for in, want := range map[string]string{
		"":                       `"" is not a due date: write how long before or after, such as 2 months before`,
		"2 months":               `"2 months" is not a due date: write how long before or after, such as 2 months before`,
		"on ":                    `"on " names no anchor: write on and the id of a step or milestone`,
		"on Week A":              `"on Week A" names no anchor: write on and the id of a step or milestone`,
		"on a--b":                `"on a--b" names no anchor: write on and the id of a step or milestone`,
		"on -a":                  `"on -a" names no anchor: write on and the id of a step or milestone`,
		"on a-":                  `"on a-" names no anchor: write on and the id of a step or milestone`,
		"before":                 `"" is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks`,
		"2 moons before":         `"2 moons" is not a length of time: the unit is day, business day, week, month or year`,
		"2 weeks after a b":      `"2 weeks after a b" goes on after "after": at most one id of a step or milestone may follow`,
		"2 weeks before ":        `"2 weeks before " goes on after "before": at most one id of a step or milestone may follow`,
		"2 weeks before Sign-up": `"2 weeks before Sign-up" goes on after "before": at most one id of a step or milestone may follow`,
	} {
		if got, err := ParseOffset(in); err == nil || err.Error() != want || got != (Offset{}) {
			t.Errorf("ParseOffset(%q) = %v, %v, want error %s", in, got, err, want)
		}
	}
}

// TestText writes and reads every kind of text, overwrites what was there, and leaves
// nothing behind where reading fails.
func TestText(t *testing.T) {
	type text interface {
		encoding.TextMarshaler
		encoding.TextUnmarshaler
	}
	date, span, offset, weekday, roll := new(Date), new(Span), new(Offset), new(Weekday), new(Roll)
	for _, tt := range []struct {
		value text
		in    []string
	}{
		{date, []string{"2026-06-01", "9999-12-31"}},
		{span, []string{"2 weeks", "1 business day"}},
		{offset, []string{"on week-a", "2 months before", "1 day after signup"}},
		{weekday, []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}},
		{roll, []string{"unadjusted", "following", "modified-following", "preceding"}},
	} {
		for _, in := range append(tt.in, "", tt.in[0], "") {
			if err := tt.value.UnmarshalText([]byte(in)); err != nil {
				t.Errorf("%T from %q: %v", tt.value, in, err)
			}
			if got, err := tt.value.MarshalText(); err != nil || string(got) != in {
				t.Errorf("%T from %q writes %q, %v", tt.value, in, got, err)
			}
		}
		if err := tt.value.UnmarshalText([]byte(tt.in[0])); err != nil {
			t.Error(err)
		}
		if err := tt.value.UnmarshalText([]byte("Nonsense")); err == nil {
			t.Errorf("%T reads nonsense", tt.value)
		}
		if got, err := tt.value.MarshalText(); err != nil || len(got) != 0 {
			t.Errorf("%T keeps %q after an error, %v", tt.value, got, err)
		}
	}
	if !date.IsZero() || !span.IsZero() || !offset.IsZero() {
		t.Error("nothing is something")
	}
	if Unit(9).String()+Weekday(9).String()+Roll(9).String() != "" {
		t.Error("what is no unit, weekday or roll has a name")
	}
}
