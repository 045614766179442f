package civil

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teambition/rrule-go"
)

// RRule is a recurrence rule of RFC 5545 section 3.3.10, for what the plain forms of Every
// do not say. The zero RRule is none.
type RRule struct{ option rrule.ROption }

// maxRRule is the longest text of a rule, in bytes.
const maxRRule = 300

// cycle is the number of days after which the calendar repeats itself, weekdays and all.
const cycle = 146097

// knownParts are the parts that a rule of dates may have. What sets a time of day has no
// place in it, and BYEASTER is an invention of other software.
const knownParts = "FREQ, INTERVAL, WKST, BYMONTH, BYMONTHDAY, BYDAY, BYYEARDAY, BYWEEKNO, BYSETPOS"

// ParseRRule reads a rule such as `FREQ=MONTHLY;BYDAY=2TU`, in upper case.
//
// DTSTART, COUNT and UNTIL are refused: the first day comes from the step's due date, and
// the end from its times and until. So are frequencies and parts below a day, parts that
// RFC 5545 forbids together, and a rule that never falls on any day.
func ParseRRule(s string) (RRule, error) {
	r, err := readRRule(s)
	if err != nil {
		return RRule{}, err
	}
	if !r.everFalls() {
		return RRule{}, fmt.Errorf("rule %q never falls on any day", s)
	}
	return r, nil
}

// readRRule is ParseRRule without the search for a first day.
func readRRule(s string) (RRule, error) {
	fail := func(err error) (RRule, error) {
		return RRule{}, fmt.Errorf("rule %q cannot be used: %w", s[:min(len(s), maxRRule)], err)
	}
	if len(s) > maxRRule {
		return fail(fmt.Errorf("it is longer than %d characters", maxRRule))
	}
	parts, err := rruleParts(s)
	if err != nil {
		return fail(err)
	}
	option, err := rrule.StrToROption(s)
	if err != nil {
		return fail(err)
	}
	if option.Interval == 0 && parts["INTERVAL"] == "" {
		option.Interval = 1
	}
	if err := checkOption(option, parts); err != nil {
		return fail(err)
	}
	option.Dtstart = New(2000, 1, 1).Time()
	if _, err := rrule.NewRRule(*option); err != nil {
		return fail(err)
	}
	option.Dtstart = Date(0).Time()
	return RRule{option: *option}, nil
}

// rruleParts splits a rule into its parts and refuses those that it must not have.
func rruleParts(s string) (map[string]string, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(part, "=")
		switch {
		case !ok || value == "" || strings.ContainsAny(value, "= \t\r\n"):
			return nil, fmt.Errorf("%q is not a part: write parts such as FREQ=MONTHLY with semicolons between them", part)
		case key == "DTSTART":
			return nil, errors.New("DTSTART does not belong into it: the first day comes from due")
		case key == "COUNT":
			return nil, errors.New("COUNT does not belong into it: write times beside every")
		case key == "UNTIL":
			return nil, errors.New("UNTIL does not belong into it: write until beside every")
		case !slices.Contains(strings.Split(knownParts, ", "), key):
			return nil, fmt.Errorf("%q is not a part of a rule for dates: use %s, in upper case", key, knownParts)
		case parts[key] != "":
			return nil, fmt.Errorf("%s is given twice", key)
		}
		parts[key] = value
	}
	return parts, nil
}

// checkOption refuses what RFC 5545 forbids and what the library gets wrong.
func checkOption(o *rrule.ROption, parts map[string]string) error {
	if o.Freq > rrule.DAILY {
		return fmt.Errorf("FREQ=%s is shorter than a day: use YEARLY, MONTHLY, WEEKLY or DAILY", o.Freq)
	}
	// The table of BYxxx rule parts in RFC 5545 section 3.3.10.
	switch {
	case parts["BYMONTHDAY"] != "" && o.Freq == rrule.WEEKLY:
		return errors.New("BYMONTHDAY does not go with FREQ=WEEKLY")
	case parts["BYYEARDAY"] != "" && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYYEARDAY does not go with FREQ=%s, only with FREQ=YEARLY", o.Freq)
	case parts["BYWEEKNO"] != "" && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYWEEKNO does not go with FREQ=%s, only with FREQ=YEARLY", o.Freq)
	}
	if o.Interval < 1 || o.Interval > MaxSpan {
		return fmt.Errorf("INTERVAL must be 1 to %d", MaxSpan)
	}
	if len(parts["WKST"]) > 2 {
		return errors.New("WKST must be a day of the week, such as MO")
	}
	return cmp.Or(checkByWeekNo(o, parts), checkBySetPos(o, parts), checkByDay(o, parts["BYDAY"]))
}

// checkByWeekNo refuses weeks that only some years have. The library takes the first days
// of a January for week 53 where they are in week 52, and leaves them out of week 52. It
// gives all seven days of a week where RFC 5545 means the weekday of the first day.
func checkByWeekNo(o *rrule.ROption, parts map[string]string) error {
	for _, week := range o.Byweekno {
		if week < -51 || week > 51 {
			return errors.New("BYWEEKNO must be 1 to 51, or -1 to -51 from the end: write -1 for the last week of a year")
		}
	}
	if parts["BYWEEKNO"] != "" && parts["BYDAY"] == "" {
		return errors.New("BYWEEKNO needs BYDAY to say which day of the week is meant")
	}
	return nil
}

// checkBySetPos refuses positions without a set to choose from. The library would count a
// first week from its first day on, instead of from its Monday.
func checkBySetPos(o *rrule.ROption, parts map[string]string) error {
	if parts["BYSETPOS"] == "" {
		return nil
	}
	if o.Freq > rrule.MONTHLY {
		return fmt.Errorf("BYSETPOS does not go with FREQ=%s, only with FREQ=MONTHLY and FREQ=YEARLY", o.Freq)
	}
	for _, key := range [...]string{"BYMONTH", "BYMONTHDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO"} {
		if parts[key] != "" {
			return nil
		}
	}
	return errors.New("BYSETPOS needs another part that begins with BY")
}

// checkByDay refuses numbers of weekdays that their month or year cannot have, with which
// the library ends in a panic, and numbered weekdays beside plain ones, of which it would
// take only days that are both.
func checkByDay(o *rrule.ROption, byDay string) error {
	limit := 53
	switch {
	case o.Freq > rrule.MONTHLY || len(o.Byweekno) > 0:
		limit = 0
	case o.Freq == rrule.MONTHLY || len(o.Bymonth) > 0:
		limit = 5
	}
	plain, numbered := false, false
	for i, day := range strings.Split(byDay, ",") {
		plain, numbered = plain || len(day) <= 2, numbered || len(day) > 2
		if plain && numbered {
			return errors.New("BYDAY has weekdays with and without a number: write two steps, or number them all")
		}
		if plain {
			continue
		}
		n := o.Byweekday[i].N()
		switch {
		case limit == 0:
			return fmt.Errorf("%s has a number, which goes with FREQ=MONTHLY and FREQ=YEARLY without BYWEEKNO only", day)
		case n == 0 || n > limit || n < -limit:
			return fmt.Errorf("%s must be numbered 1 to %d, or -1 to -%d from the end", day, limit, limit)
		}
	}
	return nil
}

// everFalls reports whether any day is one of the rule. Forty years without a skipped leap
// day show every kind of year, and an interval of 1 shows every day that a longer one can
// reach.
func (r RRule) everFalls() bool {
	o := r.option
	o.Interval = 1
	o.Dtstart = New(9960, 1, 1).Time()
	o.Until = maxDate.Time()
	rule, err := rrule.NewRRule(o)
	if err != nil {
		return false
	}
	_, ok := rule.Iterator()()
	return ok
}

// expand gives the turns of the rule from its first day on. Unlike the rule's DTSTART in
// RFC 5545, a first day that the rule does not name is no turn.
//
// The library looks for the next day up to the year 9999, so that a rule which never comes
// again costs 8,000 years. The expansion is therefore done as late as the calendar repeats,
// which leaves 400 at most.
func (r RRule) expand(first Date, w *turns) {
	shift := (int(maxDate-w.to) / cycle) * cycle
	o := r.option
	o.Dtstart = first.AddDays(shift).Time()
	o.Until = w.to.AddDays(shift).Time()
	rule, err := rrule.NewRRule(o)
	if err != nil || w.to < first {
		return
	}
	next := rule.Iterator()
	for n := 1; ; n++ {
		at, ok := next()
		if !ok || !w.add(n, Of(at).AddDays(-shift)) {
			return
		}
		if n == maxTurns {
			w.tooMany = true
			return
		}
	}
}
