package civil

import "testing"

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2026-06-01", "2024-02-29", "2100-02-29", "0000-00-00", "9999-12-31", "0001-01-01", "2026-6-1", "2026-06-01T00:00:00Z", "20２6-06-01", "-026-06-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			if d != 0 {
				t.Errorf("%q gives %d and %v", s, d, err)
			}
			return
		}
		if d.String() != s || d < 1 || d > maxDate {
			t.Errorf("%q is %d and written %s", s, d, d)
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"2 weeks", "1 business day", "0 days", "01 months", "9999 years", "10000 days", "99999999999999999999 days", "2  weeks", "-1 day", "weeks", "1 day "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		span, err := ParseSpan(s)
		if err != nil {
			if span != (Span{}) {
				t.Errorf("%q gives %#v and %v", s, span, err)
			}
			return
		}
		if back, err := ParseSpan(span.String()); err != nil || back != span || span.IsZero() {
			t.Errorf("%q is %#v, written %q and read %#v, %v", s, span, span, back, err)
		}
		if d := MustParse("2026-01-31"); new(Calendar).Add(d, span, 1) < d && new(Calendar).Add(d, span, 1) != 0 {
			t.Errorf("%q after %s is before it", s, d)
		}
	})
}

func FuzzParseOffset(f *testing.F) {
	for _, s := range []string{"2 months before", "1 day after signup", "on week-a", "on ", "on a--b", "1 week after before", "0 days before", "before", "after after", "2 weeks before a b", "on on"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOffset(s)
		if err != nil {
			if o != (Offset{}) {
				t.Errorf("%q gives %#v and %v", s, o, err)
			}
			return
		}
		if back, err := ParseOffset(o.String()); err != nil || back != o || o.IsZero() {
			t.Errorf("%q is %#v, written %q and read %#v, %v", s, o, o, back, err)
		}
	})
}

func FuzzParseRRule(f *testing.F) {
	for _, s := range []string{
		"FREQ=MONTHLY;BYDAY=2TU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU", "FREQ=YEARLY;BYWEEKNO=-51;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=-366,366",
		"FREQ=MONTHLY;BYDAY=53MO", "FREQ=YEARLY;BYDAY=-53SU", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYEASTER=9999",
		"FREQ=SECONDLY", "FREQ=DAILY;COUNT=1", "FREQ=DAILY;INTERVAL=9223372036854775807", "FREQ=MONTHLY;INTERVAL=9999;BYMONTHDAY=31",
		"FREQ=YEARLY;BYMONTH=1,2,3;BYDAY=5MO,-5SU;BYSETPOS=1,-1,366", "FREQ=DAILY;WKST=", "=;=", "FREQ=DAILY;BYDAY=,",
	} {
		f.Add(s, int32(0))
	}
	f.Add("FREQ=YEARLY", int32(3652058))
	f.Fuzz(func(t *testing.T, s string, day int32) {
		first := Date(1 + (int64(day)+1<<31)%int64(maxDate))
		turns, err := Every{RRule: s}.Dates(first, 0, first.AddDays(800), 20, 0)
		for i, turn := range turns {
			if turn.N != i+1 || turn.Date < first || i > 0 && turn.Date <= turns[i-1].Date {
				t.Errorf("%q from %s gives %s", s, first, show(turns))
			}
		}
		r, parseErr := ParseRRule(s)
		if parseErr != nil {
			if ruleText(r) != "" {
				t.Errorf("%q gives %s and %v", s, ruleText(r), parseErr)
			}
			return
		}
		if err != nil && s != "" && first.AddDays(800) != 0 {
			t.Errorf("%q is a rule but cannot be used: %v", s, err)
		}
		if back, err := ParseRRule(ruleText(r)); err != nil || ruleText(back) != ruleText(r) {
			t.Errorf("%q is written %s and read %s, %v", s, ruleText(r), ruleText(back), err)
		}
	})
}
