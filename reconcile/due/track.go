package due

import (
	"strconv"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// lastDate is the last day of the calendar.
var lastDate = civil.New(9999, 12, 31)

// track is one assignment of one client: all that its dates need.
type track struct {
	e          *Engine
	client     *schema.Client
	index      int // of the assignment in the client's list; -1 where an issue started it
	assignment *schema.Assignment
	shape      *shape
	lines      []line
	cal        *civil.Calendar
	// own is the template's own anchor: the alignment date or the start; zero while unknown.
	own civil.Date
	// fixed are the days that the client gives the milestones.
	fixed      []schema.DateOr
	exceptions []exception
	// over is the day on which the run ended, zero while it goes on.
	over civil.Date
	// conditions are what becomes of the conditions of the lines; nil where none has any.
	conditions []condition
	// places are where the lines of a playbook really fall; nil in what is no playbook.
	places []place
	// previous are former ids of the client.
	previous []string
	// crews is where the people of the first line stand in the job's list.
	crews int
}

// exception is one of the client's, with what it concerns looked up. What a command moved
// is one too, with an index of -1 and the text why.
type exception struct {
	*schema.Exception
	line, n, index int
}

func newTrack(e *Engine, c *schema.Client, a *schema.Assignment, index int, s *shape, cal *civil.Calendar, room *[]line) track {
	t := track{e: e, client: c, index: index, assignment: a, shape: s, cal: cal, lines: s.customize(a, room), previous: c.Previously}
	if s.once {
		t.own, t.over = a.Start, t.end()
	} else {
		t.own = c.AlignmentDate.Date
	}
	if len(s.milestones) > 0 {
		t.fixed = make([]schema.DateOr, len(s.milestones))
		for i := range s.milestones {
			t.fixed[i] = t.milestoneDay(i)
		}
	}
	for i := range a.Exceptions {
		x := &a.Exceptions[i]
		n, ok := t.cycleNumber(x.Cycle)
		if l := findLine(t.lines, x.Step); ok && l >= 0 {
			t.exceptions = append(t.exceptions, exception{x, l, n, i})
		}
	}
	if len(e.moves) > 0 {
		t.addMoves()
	}
	t.decide()
	return t
}

// unknownCycle is the cycle of a process whose client has no alignment date yet.
const unknownCycle = "tbd"

// cycleNumber returns which turn of the process a label means, counted from 0; a plan has
// only turn 0, which an exception may leave unnamed.
func (t *track) cycleNumber(label string) (int, bool) {
	if t.shape.once {
		return 0, label == "" || label == t.assignment.RunID()
	}
	if t.own == 0 {
		return 0, label == unknownCycle
	}
	year, err := strconv.Atoi(label)
	n := year - t.own.Year()
	return n, err == nil && n >= 0 && year <= lastDate.Year() && strconv.Itoa(year) == label
}

// appendCycle appends the label of a cycle.
func (t *track) appendCycle(b []byte, n int) []byte {
	switch {
	case t.shape.once:
		return append(b, t.assignment.RunID()...)
	case t.own == 0:
		return append(b, unknownCycle...)
	}
	return strconv.AppendInt(b, int64(t.own.Year()+n), 10)
}

// turnsOn returns the anchor of cycle n: the alignment date plus whole years, counted from
// the alignment date itself, so that 29 February comes back in leap years.
func (t *track) turnsOn(n int, r *recorder) civil.Date {
	d := t.own.AddMonths(12 * n)
	r.anchor(t, n, d)
	return d
}

// nominal returns the date of a step before the roll, for a repeated one that of its first
// turn. Where there is none it returns the id of what has no date: a milestone, the anchor
// of the template, or the step itself where steps hang on each other in a ring or the
// calendar ends.
//
// The date never decreases as base does not, which is how the cycles of a window are found.
func (t *track) nominal(l *line, base civil.Date, r *recorder) (civil.Date, string) {
	return t.walk(l, base, 0, r)
}

// walk is nominal, depth anchors away from the step that is asked for.
func (t *track) walk(l *line, base civil.Date, depth int, r *recorder) (d civil.Date, lacks string) {
	if depth > len(t.lines)+len(t.shape.milestones) {
		r.ring(t, l)
		return 0, l.step.ID
	}
	if l.weekly {
		d, lacks = t.inWeek(l, base, depth, r)
	} else {
		d, lacks = t.offset(l, base, depth, r)
	}
	if lacks == "" && t.places != nil {
		d, lacks = t.follow(l, d, r)
	}
	if lacks != "" {
		return 0, lacks
	}
	if l.weekdays() {
		d = firstOf(l.step.Every.Weekdays, d)
	}
	if d == 0 {
		r.ends(t, l)
		return 0, l.step.ID
	}
	return d, ""
}

// offset counts the step's distance from its anchor and then goes to its weekday.
func (t *track) offset(l *line, base civil.Date, depth int, r *recorder) (civil.Date, string) {
	from, lacks := t.from(l.due, base, depth, r)
	if lacks != "" {
		r.lacking(t, l, lacks)
		return 0, lacks
	}
	d := t.days(l).Apply(from, l.step.Due)
	r.offset(t, l, from, d)
	if l.step.Day == 0 || d == 0 || l.weekdays() {
		return d, ""
	}
	on := weekdayOf(d.StartOfWeek(), l.step.Day)
	r.weekday(t, l, d, on)
	return on, ""
}

// inWeek finds the step's day in its week: the day that it names, else the last working
// day. A week that is off from end to end gives the last day on which people would work
// otherwise, which the roll then moves. In the week of the start nothing comes before it.
func (t *track) inWeek(l *line, base civil.Date, depth int, r *recorder) (civil.Date, string) {
	from, lacks := t.from(l.home, base, depth, r)
	if lacks != "" {
		r.lacking(t, l, lacks)
		return 0, lacks
	}
	monday := from.StartOfWeek().AddDays(7 * l.week)
	d := monday
	switch {
	case l.weekdays():
	case l.step.Day != 0:
		d = weekdayOf(monday, l.step.Day)
	default:
		d = t.cal.LastWorkdayOfWeek(monday)
	}
	r.inWeek(t, l, from, d)
	if l.firstWeek() && d != 0 && d < base {
		r.notBefore(t, l, d, base)
		d = base
	}
	return d, ""
}

// firstWeek reports whether the step stands in the week that holds the plan's start.
func (l *line) firstWeek() bool { return l.weekly && l.week == 0 && l.home.kind == own }

// from returns the date of an anchor, or what has none.
func (t *track) from(a anchor, base civil.Date, depth int, r *recorder) (civil.Date, string) {
	switch a.kind {
	case onStep:
		if t.places != nil {
			return t.real(a.at, base, depth, r)
		}
		return t.walk(&t.lines[a.at], base, depth+1, r)
	case onAfter:
		if p := &t.places[a.at]; p.floor != 0 || p.stuck != "" {
			return p.floor, p.stuck
		}
	case onMilestone:
		return t.milestone(a.at, base, depth+1, r)
	case unknown:
		return 0, a.name
	}
	if base == 0 {
		return 0, t.ownField()
	}
	return base, ""
}

// ownField is the field in a client's file that holds the template's own anchor.
func (t *track) ownField() string {
	if t.shape.once {
		return "start"
	}
	return "alignment-date"
}

// milestone returns the day of a milestone: the client's, else the plan's.
func (t *track) milestone(i int, base civil.Date, depth int, r *recorder) (civil.Date, string) {
	m, fixed := &t.shape.milestones[i], t.fixed[i]
	switch {
	case fixed.Date != 0:
		r.milestone(t, i, 0, fixed.Date)
		return fixed.Date, ""
	case fixed.Word != "", m.offset.IsZero() && !m.weekly, depth > len(t.lines)+len(t.shape.milestones):
		return 0, m.ID
	}
	from, lacks := t.from(m.anchor, base, depth, r)
	if lacks != "" {
		return 0, lacks
	}
	d := t.cal.Apply(from, m.offset)
	if m.weekly {
		d = t.cal.LastWorkdayOfWeek(from.StartOfWeek().AddDays(7 * m.week))
		if m.week == 0 {
			d = max(d, base)
		}
	}
	if d == 0 {
		return 0, m.ID
	}
	r.milestone(t, i, from, d)
	return d, ""
}

// milestoneDay returns the day that the client gives a milestone. One without a day of the
// client's, whose own day does not count, has none.
func (t *track) milestoneDay(i int) schema.DateOr {
	m := t.shape.milestones[i].Milestone
	d := t.assignment.Milestones[m.ID]
	if d.IsZero() && len(m.When) > 0 && !t.asked(0).counts(m) {
		d.Word = Unscheduled
	}
	return d
}

// weekdayOf returns a day of the week that begins on monday.
func weekdayOf(monday civil.Date, w civil.Weekday) civil.Date { return monday.AddDays(int(w) - 1) }

// isoWeekday returns the day of the week as files write it.
func isoWeekday(d civil.Date) civil.Weekday { return civil.Weekday((int(d.Weekday())+6)%7 + 1) }

// firstOf returns the first of the weekdays on d or after it.
func firstOf(days []civil.Weekday, d civil.Date) civil.Date {
	for range 7 {
		for _, w := range days {
			if d != 0 && isoWeekday(d) == w {
				return d
			}
		}
		d = d.AddDays(1)
	}
	return 0
}

// rolled returns the working day to which a nominal date moves. In the week of a plan's
// start a roll that would lead before the start goes on instead, and in a playbook one that
// would lead before a step that comes first.
func (t *track) rolled(l *line, nominal civil.Date) civil.Date {
	cal := t.days(l)
	d := cal.Roll(nominal, t.e.roll(l.step))
	if d < t.own && l.firstWeek() || t.places != nil && d < t.places[l.at].floor {
		d = cal.Roll(nominal, civil.Following)
	}
	return d
}

// days returns the working days that count for a step. A meeting that several clients share
// is the organization's own, and their closed days do not move it.
func (t *track) days(l *line) *civil.Calendar {
	if l.step.Issue == "shared" {
		return t.e.cal
	}
	return t.cal
}

// shown reports whether an occurrence that is settled is one: it falls neither before the
// client took part nor after the end of its run, unless it was done by then, nor into a time
// in which the client rests. One without a date always is, while its run goes on.
func (d *dated) shown(r *recorder) bool {
	t, due := d.track, d.due
	if t.over != 0 && (due == 0 || due > t.over) && !d.endedBy(t.over) {
		r.over(t, due)
		return false
	}
	if due == 0 {
		return true
	}
	if due < t.assignment.Since {
		r.since(t, due)
		return false
	}
	if i := t.client.Pause(due); i >= 0 {
		r.inactive(t.client, i, due)
		return false
	}
	return true
}
