package civil

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is a unit of distance between two dates.
type Unit uint8

// The units, in ascending length. A business day is a working day of the calendar that the
// distance is counted in.
const (
	Day Unit = iota
	BusinessDay
	Week
	Month
	Year
)

var unitNames = [...]string{"day", "business day", "week", "month", "year"}

// String returns the singular name, and the empty string for what is no unit.
func (u Unit) String() string { return nameAt(unitNames[:], int(u)) }

func nameAt(names []string, i int) string {
	if i >= len(names) {
		return ""
	}
	return names[i]
}

// MaxSpan is the largest count that a span may carry.
const MaxSpan = 9999

// Span is a distance without a direction, such as two weeks. The zero Span is no distance
// at all; `0 days` is written as N 0 and Set true.
type Span struct {
	N    int
	Unit Unit
	Set  bool
}

// IsZero reports whether the span was left out.
func (s Span) IsZero() bool { return !s.Set }

// String returns the span as ParseSpan reads it, and the empty string when it is left out.
func (s Span) String() string {
	if !s.Set {
		return ""
	}
	if s.N == 1 {
		return "1 " + s.Unit.String()
	}
	return strconv.Itoa(s.N) + " " + s.Unit.String() + "s"
}

// ParseSpan reads a count and a unit: day, business day, week, month or year, singular or
// plural. The count runs from 0 to MaxSpan. Leading zeros and a plural that does not fit the
// count, as in `01 days`, are read; String writes them in the plain form.
func ParseSpan(s string) (Span, error) {
	count, unit, ok := strings.Cut(s, " ")
	if !ok || !digits(count) {
		return Span{}, fmt.Errorf("%q is not a length of time: write a number and day, business day, week, month or year, such as 2 weeks", s)
	}
	n, err := strconv.Atoi(count)
	if err != nil || n > MaxSpan {
		return Span{}, fmt.Errorf("%q is too long: at most %d", s, MaxSpan)
	}
	for u, name := range unitNames {
		if unit == name || unit == name+"s" {
			return Span{N: n, Unit: Unit(u), Set: true}, nil
		}
	}
	return Span{}, fmt.Errorf("%q is not a length of time: the unit is day, business day, week, month or year", s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// MarshalText returns what String returns.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSpan reads; the empty text is the zero Span.
func (s *Span) UnmarshalText(b []byte) (err error) {
	*s = Span{}
	if len(b) > 0 {
		*s, err = ParseSpan(string(b))
	}
	return err
}

// Offset is a distance from an anchor with a direction: so long before or after it, or on
// it. The zero Offset is none.
type Offset struct {
	Span Span
	// Sign is -1 before the anchor, +1 after it and 0 on it.
	Sign int
	// Anchor is the id of a step or milestone, or empty for the template's own anchor.
	Anchor string
	// Next, where set, makes it the first such day of the week after the anchor, and Span
	// and Sign have no meaning.
	Next Weekday
}

// IsZero reports whether the offset was left out.
func (o Offset) IsZero() bool { return o == Offset{} }

// String returns the offset as ParseOffset reads it.
func (o Offset) String() string {
	if o.IsZero() {
		return ""
	}
	if o.Next != 0 {
		return "next " + o.Next.String() + " after " + o.Anchor
	}
	if o.Sign == 0 {
		return "on " + o.Anchor
	}
	s := o.Span.String() + " before"
	if o.Sign > 0 {
		s = o.Span.String() + " after"
	}
	if o.Anchor != "" {
		s += " " + o.Anchor
	}
	return s
}

// ParseOffset reads `<n> <unit> before|after [<anchor>]`, `on <anchor>` or `next <weekday>
// after <anchor>`. The first before or after is the direction; an anchor may itself be
// called that.
func ParseOffset(s string) (Offset, error) {
	if anchor, ok := strings.CutPrefix(s, "on "); ok {
		if !isID(anchor) {
			return Offset{}, fmt.Errorf("%q names no anchor: write on and the id of a step or milestone", s)
		}
		return Offset{Anchor: anchor}, nil
	}
	words := strings.Split(s, " ")
	if words[0] == "next" {
		return parseNext(s, words)
	}
	for i, w := range words {
		sign := signOf(w)
		if sign == 0 {
			continue
		}
		span, err := ParseSpan(strings.Join(words[:i], " "))
		if err != nil {
			return Offset{}, err
		}
		o := Offset{Span: span, Sign: sign}
		switch rest := words[i+1:]; {
		case len(rest) == 0:
		case len(rest) == 1 && isID(rest[0]):
			o.Anchor = rest[0]
		default:
			return Offset{}, fmt.Errorf("%q goes on after %q: at most one id of a step or milestone may follow", s, w)
		}
		return o, nil
	}
	return Offset{}, errors.New(strconv.Quote(s) + " is not a due date: write how long before or after, such as 2 months before")
}

// parseNext reads `next <weekday> after <anchor>`.
func parseNext(s string, words []string) (Offset, error) {
	var o Offset
	if len(words) != 4 || words[2] != "after" || !isID(words[3]) {
		return o, fmt.Errorf("%q is not a due date: write next, a day of the week, after and what it comes after, such as next mon after start", s)
	}
	if err := o.Next.UnmarshalText([]byte(words[1])); err != nil {
		return Offset{}, err
	}
	o.Anchor = words[3]
	return o, nil
}

func signOf(word string) int {
	switch word {
	case "before":
		return -1
	case "after":
		return 1
	}
	return 0
}

// isID reports whether s is an identifier of the schema, apart from its length.
func isID(s string) bool {
	prev := byte('-')
	for i := range len(s) {
		c := s[i]
		if c == '-' && prev == '-' || c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
		prev = c
	}
	return prev != '-'
}

// MarshalText returns what String returns.
func (o Offset) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what ParseOffset reads; the empty text is the zero Offset.
func (o *Offset) UnmarshalText(b []byte) (err error) {
	*o = Offset{}
	if len(b) > 0 {
		*o, err = ParseOffset(string(b))
	}
	return err
}

// Weekday is a day of the week as files write it: mon, tue and so on. The zero Weekday is
// none; Monday is 1 and Sunday is 7 (ISO 8601).
type Weekday uint8

var weekdayNames = [...]string{"", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// String returns the three-letter name, and the empty string for none.
func (w Weekday) String() string { return nameAt(weekdayNames[:], int(w)) }

// Go returns the day as package time counts it. None has no such day; it gives Sunday.
func (w Weekday) Go() time.Weekday { return time.Weekday(w % 7) }

// MarshalText returns what String returns.
func (w Weekday) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads a three-letter name; the empty text is none. An error leaves none.
func (w *Weekday) UnmarshalText(b []byte) error {
	*w = 0
	for i, n := range weekdayNames {
		if string(b) == n {
			*w = Weekday(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not a day of the week: write mon, tue, wed, thu, fri, sat or sun", b)
}

// Roll says what happens to a date on a day off. The conventions and their names are those
// of ISDA 2006 section 4.12. The zero Roll is none given.
type Roll uint8

// The roll conventions.
const (
	// Unadjusted leaves the date where it is.
	Unadjusted Roll = iota + 1
	// Following moves it to the next working day.
	Following
	// ModifiedFollowing moves it to the next working day, unless that lies in the next
	// month; then to the working day before.
	ModifiedFollowing
	// Preceding moves it to the working day before.
	Preceding
)

var rollNames = [...]string{"", "unadjusted", "following", "modified-following", "preceding"}

// String returns the name as files write it.
func (r Roll) String() string { return nameAt(rollNames[:], int(r)) }

// MarshalText returns what String returns.
func (r Roll) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a name; the empty text is none. An error leaves none.
func (r *Roll) UnmarshalText(b []byte) error {
	*r = 0
	for i, n := range rollNames {
		if string(b) == n {
			*r = Roll(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not a roll convention: write unadjusted, following, modified-following or preceding", b)
}
