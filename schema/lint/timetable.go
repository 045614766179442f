package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// sampleAnchor stands for the anchor of a template that no client is looked at for: a
// Monday that begins a month of the middle of a year.
var sampleAnchor = civil.MustParse("2026-06-01")

// anchorWords are what a template may call its own anchor.
func anchorWords(t *template) []string {
	switch {
	case t.playbook != nil:
		return []string{"start", "opened"}
	case t.plan != nil:
		return []string{"start"}
	}
	return []string{"alignment"}
}

// milestoneOffset reads the due date of a milestone; false for none and for a week.
func milestoneOffset(due string) (civil.Offset, bool) {
	o, err := civil.ParseOffset(due)
	return o, err == nil
}

// milestoneWeek reads `week <n>`.
func milestoneWeek(due string) (int, bool) {
	s, ok := strings.CutPrefix(due, "week ")
	n, err := strconv.Atoi(s)
	return n, ok && err == nil
}

// timetable works out nominal dates of the first turn of each step, before any roll, from
// one anchor. Holidays do not count: the dates are only compared with each other.
type timetable struct {
	calendar *civil.Calendar
	template *template
	anchor   civil.Date
	// set are the milestones that a client fixes or leaves open.
	set    map[string]schema.DateOr
	byStep stepIndex
	// dates are known already; a zero Date is none, or is being worked out.
	dates map[dated]civil.Date
}

// dated tells apart a step and a milestone of one id.
type dated struct {
	id        string
	milestone bool
}

// timetable lays out the steps of a template, or of one assignment to it.
func (p *pass) timetable(t *template, a *assignment, anchor civil.Date) *timetable {
	tt := &timetable{calendar: p.workdays, template: t, anchor: anchor, byStep: t.byStep, dates: map[dated]civil.Date{}}
	if a != nil {
		tt.set, tt.byStep = a.Milestones, a.byStep
	}
	return tt
}

// date returns the nominal date of a step, or the zero Date where it has none: it hangs on
// an open milestone, on itself, or on nothing that is known.
func (t *timetable) date(s *step) civil.Date {
	key := dated{id: s.ID}
	if d, ok := t.dates[key]; ok {
		return d
	}
	t.dates[key] = 0
	d := t.nominal(s)
	t.dates[key] = d
	return d
}

func (t *timetable) nominal(s *step) civil.Date {
	switch {
	case t.template.playbook != nil:
		return t.following(s)
	case t.template.plan == nil:
		return t.offset(s.Due)
	}
	day := s.Day
	if day == 0 && len(s.Every.Weekdays) > 0 {
		day = s.Every.Weekdays[0]
	}
	switch {
	case !s.Due.IsZero():
		return onWeekday(t.offset(s.Due), s.Day)
	case s.Week != nil:
		return t.week(t.anchor, *s.Week, day)
	case s.week == nil:
		return 0
	case s.week.Milestone != "":
		return t.week(t.milestone(s.week.Milestone), s.week.Week, day)
	}
	return t.week(t.anchor, s.week.Week, day)
}

// following returns the date of a step of a playbook: never before a step in its `after`, and
// without a due date of its own on the latest day of those, or on the start.
func (t *timetable) following(s *step) civil.Date {
	d := t.anchor
	if !s.Due.IsZero() {
		d = t.offset(s.Due)
	}
	for _, id := range s.After {
		if first := t.byStep.find(id); first != nil && d != 0 {
			d = max(d, t.date(first))
		}
	}
	return d
}

// onWeekday moves a date within its week, Monday to Sunday.
func onWeekday(d civil.Date, day civil.Weekday) civil.Date {
	if d == 0 || day == 0 {
		return d
	}
	return d.StartOfWeek().AddDays(int(day) - 1)
}

// week returns a day of the n-th week from a date, the last working day where none is
// named, and in week 0 nothing before that date.
func (t *timetable) week(from civil.Date, n int, day civil.Weekday) civil.Date {
	if from == 0 {
		return 0
	}
	d := onWeekday(from.AddDays(7*n), day)
	if day == 0 {
		d = t.calendar.LastWorkdayOfWeek(from.AddDays(7 * n))
	}
	if n == 0 {
		d = max(d, from)
	}
	return d
}

func (t *timetable) offset(o civil.Offset) civil.Date {
	if o.IsZero() {
		return 0
	}
	from := t.anchor
	if o.Anchor != "" && !slices.Contains(anchorWords(t.template), o.Anchor) {
		if s := t.byStep.find(o.Anchor); s != nil {
			from = t.date(s)
		} else {
			from = t.milestone(o.Anchor)
		}
	}
	if from == 0 {
		return 0
	}
	return t.calendar.Apply(from, o)
}

func (t *timetable) milestone(id string) civil.Date {
	if d, ok := t.set[id]; ok {
		return d.Date
	}
	key := dated{id, true}
	if d, ok := t.dates[key]; ok {
		return d
	}
	t.dates[key] = 0
	m := t.template.milestones[id]
	if m == nil {
		return 0
	}
	var d civil.Date
	if n, ok := milestoneWeek(m.Due); ok {
		d = t.week(t.anchor, n, 0)
	} else if o, ok := milestoneOffset(m.Due); ok {
		d = t.offset(o)
	}
	t.dates[key] = d
	return d
}
