package due

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// recorder writes down the rules as they are applied. Every method does nothing on nil, so
// that dates are reckoned in one place, whether somebody asks why or not.
type recorder struct {
	facts []Fact
	// ringed says that steps hang on each other, which is told once and not at each of them.
	ringed bool
}

func (r *recorder) note(rule Rule, s schema.Source, path, format string, args ...any) {
	if r != nil {
		r.facts = append(r.facts, Fact{Rule: rule, Text: fmt.Sprintf(format, args...), Source: s, Path: path})
	}
}

// date notes a rule that made one date of another.
func (r *recorder) date(rule Rule, s schema.Source, path string, before, after civil.Date, format string, args ...any) {
	r.note(rule, s, path, format, args...)
	last := &r.facts[len(r.facts)-1]
	last.Before, last.After = before, after
}

// long writes a date as people check it: with its day of the week.
func long(d civil.Date) string { return d.Weekday().String() + " " + d.String() }

// path returns where a field of the client's assignment is written.
func (t *track) path(field string) string {
	if t.index < 0 { // nothing is written of a run that an issue started
		return ""
	}
	return "processes." + strconv.Itoa(t.index) + "." + field
}

// written returns the document and the path that hold a field of a step: the client's
// override where it has the field, else the step itself.
func (t *track) written(l *line, field string) (schema.Source, string) {
	switch {
	case l.override != nil && sets(l.override, field):
		return t.client.Source, t.path("overrides." + l.overrideID + "." + field)
	case l.whole && t.shape.playbook != nil:
		return t.shape.doc.Head().Source, wholeField(field)
	case l.whole && (field == "owner" || field == "title"):
		return t.shape.doc.Head().Source, "tracking." + field
	case l.whole:
		return t.shape.doc.Head().Source, "tracking"
	case l.extra:
		return t.client.Source, t.path("extra-steps." + strconv.Itoa(l.stepAt) + "." + field)
	case l.weekAt >= 0:
		return t.shape.doc.Head().Source, "weeks." + strconv.Itoa(l.weekAt) + ".steps." + strconv.Itoa(l.stepAt) + "." + field
	}
	return t.shape.doc.Head().Source, "steps." + strconv.Itoa(l.stepAt) + "." + field
}

// wholeField returns where a playbook says what the issue of a whole run has.
func wholeField(field string) string {
	switch field {
	case "owner":
		return "steps.0.owner"
	case "title":
		return "title"
	}
	return "issue"
}

// noClient notes why no client answers to an id.
func (r *recorder) noClient(e *Engine, id string) {
	if r == nil {
		return
	}
	for _, b := range e.cat.Broken {
		if b.Kind == schema.KindClient && b.ID == id {
			r.note(RuleUnknown, b.Source, "", "the file of client %s is invalid: validate it first", id)
			return
		}
	}
	if e.cal == nil {
		r.note(RuleUnknown, schema.Source{}, "", "there is no valid organization, and so no calendar")
		return
	}
	r.note(RuleUnknown, schema.Source{}, "", "there is no client %s", id)
}

// noCycle notes why an assignment has no cycle of a name.
func (r *recorder) noCycle(t *track, cycle string) {
	if r == nil {
		return
	}
	id := t.shape.doc.Head().ID
	switch {
	case t.shape.once:
		r.note(RuleUnknown, t.client.Source, t.path("run"), "client %s has no run %s of %s: its run is %s", t.client.ID, cycle, id, t.assignment.RunID())
	case t.own == 0:
		r.note(RuleUnscheduled, t.client.Source, "alignment-date", "client %s has no alignment date yet, so %s has no cycle %s", t.client.ID, id, cycle)
	default:
		r.note(RuleUnknown, t.client.Source, "alignment-date", "%s has no cycle %s: the first one is %d, the year of the alignment date %s", id, cycle, t.own.Year(), t.own)
	}
}

// anchor notes the date from which a cycle counts.
func (r *recorder) anchor(t *track, n int, d civil.Date) {
	switch {
	case r == nil || t.own == 0:
	case t.index < 0:
		r.date(RuleAnchor, schema.Source{}, "", t.own, d, "the run was started by an issue of %s", long(d))
	case t.shape.playbook != nil:
		r.date(RuleAnchor, t.client.Source, t.path("start"), t.own, d, "the run starts on %s", long(d))
	case t.shape.once:
		r.date(RuleAnchor, t.client.Source, t.path("start"), t.own, d, "the plan starts on %s", long(d))
	case n == 0:
		r.date(RuleAnchor, t.client.Source, "alignment-date", t.own, d, "cycle %d begins on the alignment date %s", t.own.Year(), long(d))
	default:
		_, _, day := t.own.YMD()
		_, _, got := d.YMD()
		clamp := ""
		if day != got {
			clamp = ", there being no 29 February"
		}
		years := civil.Span{N: n, Unit: civil.Year, Set: true}
		r.date(RuleAnchor, t.client.Source, "alignment-date", t.own, d, "cycle %d begins %s after the alignment date %s, on %s%s", t.own.Year()+n, years, t.own, long(d), clamp)
	}
}

func (r *recorder) milestone(t *track, i int, from, d civil.Date) {
	if r == nil {
		return
	}
	m := &t.shape.milestones[i]
	if from == 0 {
		r.date(RuleMilestone, t.client.Source, t.path("milestones."+m.ID), 0, d, "client %s has set %s to %s", t.client.ID, m.ID, long(d))
		return
	}
	r.date(RuleMilestone, t.shape.doc.Head().Source, "milestones."+strconv.Itoa(i)+".due", from, d, "milestone %s, %s: %s", m.ID, m.Due, long(d))
}

func (r *recorder) offset(t *track, l *line, from, d civil.Date) {
	if r == nil {
		return
	}
	s, path := t.written(l, "due")
	what := l.step.Due.String()
	switch {
	case l.due.kind == onAfter:
		what = "no due date given, so on the latest day of what it comes after"
	case what == "":
		what = "no due date given, so on the anchor"
	case l.step.Due.Anchor == "" && l.due.name != "":
		what += " " + l.due.name
	case l.step.Due.Anchor == "":
		what += " the " + t.shape.ownAnchor()
	}
	r.date(RuleOffset, s, path, from, d, "%s: %s, from %s to %s", l.step.ID, what, from, long(d))
}

func (r *recorder) weekday(t *track, l *line, d, on civil.Date) {
	if r == nil {
		return
	}
	s, path := t.written(l, "day")
	r.date(RuleWeekday, s, path, d, on, "%s takes place on a %s: %s in the week of %s", l.step.ID, on.Weekday(), on, d)
}

func (r *recorder) inWeek(t *track, l *line, from, d civil.Date) {
	if r == nil {
		return
	}
	field, day := "week", "its last working day"
	switch {
	case l.weekdays():
		field, day = "every", "from its Monday on"
	case l.step.Day != 0:
		field, day = "day", "its "+d.Weekday().String()
	case !t.cal.IsWorkday(d):
		day = "all of it is off, so its last ordinary working day"
	}
	s, path := t.written(l, field)
	if field == "week" && l.weekAt >= 0 && l.step.Week == nil {
		s, path = t.shape.doc.Head().Source, "weeks."+strconv.Itoa(l.weekAt)+".week"
	}
	r.date(RuleWeek, s, path, from, d, "week %d, counted from the week of %s, %s: %s", l.week, from, day, long(d))
}

func (r *recorder) notBefore(t *track, l *line, d, base civil.Date) {
	if r == nil {
		return
	}
	r.date(RuleWeek, t.client.Source, t.path("start"), d, base, "%s would come before the plan starts, so it moves to %s", d, long(base))
}

func (r *recorder) lacking(t *track, l *line, lacks string) {
	if r == nil || r.ringed {
		return
	}
	if t.places != nil && t.places[l.at].ringed {
		r.ring(t, l)
		return
	}
	s, path := t.written(l, "due")
	for i := range t.shape.milestones {
		if t.shape.milestones[i].ID == lacks {
			s, path = t.client.Source, t.path("milestones."+lacks)
		}
	}
	switch lacks {
	case "start":
		s, path = t.client.Source, t.path("start")
	case "alignment-date":
		s, path = t.client.Source, "alignment-date"
	}
	r.conditional(t, lacks)
	r.note(RuleUnscheduled, s, path, "%s hangs on %s, which has no date", l.step.ID, lacks)
}

func (r *recorder) ring(t *track, l *line) {
	if r != nil {
		r.ringed = true
		s, path := t.written(l, "due")
		r.note(RuleUnscheduled, s, path, "%s hangs on itself, by way of other steps", l.step.ID)
	}
}

func (r *recorder) ends(t *track, l *line) {
	if r != nil {
		s, path := t.written(l, "due")
		r.note(RuleUnscheduled, s, path, "%s lies outside the years 1 to 9999", l.step.ID)
	}
}

func (r *recorder) turn(d *dated, first civil.Date) {
	if r != nil {
		s, path := d.track.written(d.line, "every")
		r.date(RuleRepeat, s, path, first, d.nominal, "turn %d of every %s, counted from %s: %s", d.turn, every(d.line.step.Every), first, long(d.nominal))
	}
}

func (r *recorder) noTurn(d *dated, instance string) {
	if r == nil {
		return
	}
	s, path := d.track.written(d.line, "every")
	if instance == "" {
		instance = "without an instance"
	}
	r.note(RuleUnknown, s, path, "%s repeats every %s; there is no turn %s", d.line.step.ID, every(d.line.step.Every), instance)
}

// whole notes which step makes the date of a run; last is nil where all are called off.
func (r *recorder) whole(t *track, d *dated, last *line) {
	switch {
	case r == nil:
	case d.lacks != "":
		r.lacking(t, d.line, d.lacks)
	case last == nil && d.nominal == t.over:
		r.date(RuleRun, schema.Source{}, "", 0, d.nominal, "the run was over on %s, before its last step fell due", long(d.nominal))
	case last == nil:
		r.date(RuleRun, t.shape.doc.Head().Source, "tracking", 0, d.nominal, "every step of the run is called off, the last one for %s", long(d.nominal))
	default:
		s, path := t.written(last, "due")
		r.date(RuleRun, s, path, 0, d.nominal, "the run ends with %s, due %s", last.step.ID, long(d.nominal))
	}
}

func (r *recorder) noRun(t *track, l *line) {
	s, path := t.written(l, "due")
	r.note(RuleUnknown, s, path, "no step of the run falls due, so nothing stands for it")
}

func (r *recorder) single(t *track, l *line, instance string) {
	r.note(RuleUnknown, t.source(l), "", "%s does not repeat, so there is no turn %s", l.step.ID, instance)
}

// roll notes what makes a day one off, each day on the way included, and where the roll
// leads.
func (r *recorder) roll(t *track, l *line, nominal, due civil.Date) {
	if r == nil {
		return
	}
	name, off := t.days(l).DayOff(nominal)
	if off && due != nominal {
		name = daysOff(t.days(l), nominal, due)
	}
	if off {
		s, path := t.dayOff(nominal)
		r.note(RuleDayOff, s, path, "%s is off: %s", long(nominal), name)
	}
	s, path := t.convention(l)
	switch roll := t.e.roll(l.step); {
	case !off:
		r.date(RuleRoll, s, path, nominal, due, "%s is a working day", long(nominal))
	case due == nominal:
		r.date(RuleRoll, s, path, nominal, due, "%s leaves it on %s", roll, long(due))
	case t.days(l).Roll(nominal, roll) != due && t.places != nil:
		r.date(RuleRoll, s, path, nominal, due, "nothing comes before what it comes after, so it moves to %s and not back", long(due))
	case t.days(l).Roll(nominal, roll) != due:
		r.date(RuleRoll, s, path, nominal, due, "nothing comes before the plan starts, so it moves to %s and not back", long(due))
	default:
		r.date(RuleRoll, s, path, nominal, due, "%s moves it to %s", roll, long(due))
	}
}

// convention returns where the roll convention of a step is written, if it is.
func (t *track) convention(l *line) (schema.Source, string) {
	o := t.e.cat.Organization
	switch {
	case l.step.Roll != 0:
		return t.written(l, "roll")
	case o.Defaults.Roll != 0:
		return o.Source, "defaults.roll"
	}
	return schema.Source{}, ""
}

// daysOff names the days off from a date up to the one to which it rolls.
func daysOff(cal *civil.Calendar, from, to civil.Date) string {
	var names []string
	for d := from; d != to && len(names) < 10; d = toward(d, to) {
		if n, off := cal.DayOff(d); off && !contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

func toward(d, to civil.Date) civil.Date {
	if d < to {
		return d + 1
	}
	return d - 1
}

// dayOff returns where a day off is written, in the order in which Calendar.DayOff names
// it. Nothing is written where Saturday and Sunday are off because nobody said otherwise.
func (t *track) dayOff(d civil.Date) (schema.Source, string) {
	o := t.e.cat.Organization
	for i, h := range o.Holidays.Add {
		if h.Date == d {
			return o.Source, "holidays.add." + strconv.Itoa(i)
		}
	}
	name, _ := t.e.cal.DayOff(d)
	if name != "" && name != d.Weekday().String() {
		return o.Source, "holidays.country"
	}
	for i, c := range t.client.Closed {
		if d >= c.From && d <= c.To {
			return t.client.Source, "closed." + strconv.Itoa(i)
		}
	}
	if len(o.WorkingDays) > 0 {
		return o.Source, "working-days"
	}
	return schema.Source{}, ""
}

func (r *recorder) exception(t *track, x *exception, due civil.Date) {
	if r == nil {
		return
	}
	if x.index < 0 {
		r.date(RuleMoved, schema.Source{}, "", due, x.MoveTo, "moved to %s: %s", long(x.MoveTo), x.Reason)
		return
	}
	path := t.path("exceptions." + strconv.Itoa(x.index))
	if x.MoveTo != 0 {
		r.date(RuleException, t.client.Source, path+".move-to", due, x.MoveTo, "moved to %s: %s", long(x.MoveTo), x.Reason)
	}
	if x.Cancel {
		r.note(RuleCancelled, t.client.Source, path+".cancel", "called off: %s", x.Reason)
	}
}

func (r *recorder) since(t *track, due civil.Date) {
	if r != nil {
		r.note(RuleSince, t.client.Source, t.path("since"), "%s comes before %s, from which client %s takes part", due, t.assignment.Since, t.client.ID)
	}
}

func (r *recorder) inactive(c *schema.Client, i int, on civil.Date) {
	if r == nil {
		return
	}
	span := &c.Inactive[i]
	until, why := " on", ""
	if span.To != 0 {
		until = " to " + span.To.String()
	}
	if span.Reason != "" {
		why = ": " + span.Reason
	}
	r.note(RuleInactive, c.Source, "inactive."+strconv.Itoa(i), "client %s is inactive on %s, from %s%s%s", c.ID, on, span.From, until, why)
}
