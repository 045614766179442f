package due

import (
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// dated is one occurrence before it is written out.
type dated struct {
	track *track
	line  *line
	// n is the cycle, counted from 0.
	n int
	// turn counts the turns of a repeated step from 1; 0 for a single one and for one that
	// has no date.
	turn         int
	nominal, due civil.Date
	// by is the exception at work, or what stands for a command that moved it; or nil.
	by    *exception
	lacks string
	key   label
}

// label is where the parts of a key stand in a text.
type label struct{ from, cycle, cycleEnd, instance, to int }

// isPlain reports whether the occurrence is of a single step and has one key only.
func (d *dated) isPlain() bool { return d.turn == 0 && !d.line.whole && !d.wasRenamed() }

// wasRenamed reports whether anything in the key once had another id.
func (d *dated) wasRenamed() bool {
	return len(d.track.previous)+len(d.track.shape.previous)+len(d.line.previous) > 0
}

// turns returns the turns of a repeated step in one cycle whose nominal dates lie within
// from and to. first is the nominal date of the first. A rule that cannot be read has none.
func (t *track) turns(l *line, n int, first, from, to civil.Date) []civil.Turn {
	if l.step.Times == 0 {
		to = min(to, t.bound(l, n, first))
	}
	if to < from || to < first {
		return nil
	}
	if l.step.Times > 0 {
		return t.expand(l, first, from, to)
	}
	var all []civil.Turn
	for from = max(from, first); from <= to; from += chunk {
		all = append(all, t.expand(l, first, from, min(to, from+chunk-1))...)
	}
	return all
}

// chunk is how many days are expanded at once: a repetition without an end may have no more
// than 10,000 turns in one go, and a window may be longer.
const chunk = 9000

// expand returns the turns between two days.
func (t *track) expand(l *line, first, from, to civil.Date) []civil.Turn {
	turns, err := t.days(l).Dates(l.step.Every, first, from, to, l.step.Times, l.step.Until)
	if err != nil {
		return nil
	}
	return turns
}

// bound returns the last day on which a step that is not told how often may repeat. In a
// process a cycle ends where the next one begins, or steps would fall due twice. In a plan
// days of the week stay within their week, unless `until` says more. In a playbook all goes
// on until the run is over.
func (t *track) bound(l *line, n int, first civil.Date) civil.Date {
	if !t.shape.once {
		next, lacks := t.nominal(l, t.turnsOn(n+1, nil), nil)
		if lacks != "" {
			return lastDate
		}
		return next.AddDays(-1)
	}
	if t.shape.plan == nil || !l.weekdays() || l.step.Until != 0 {
		return lastDate
	}
	if l.weekly {
		return t.weekZero(l).AddDays(7*l.week + 6)
	}
	return first.StartOfWeek().AddDays(6)
}

// weekZero returns the Monday of week 0, from which the turns of a plan's step on days of
// the week are named; zero where turns are named by their dates.
func (t *track) weekZero(l *line) civil.Date {
	if t.shape.plan == nil || !l.weekdays() {
		return 0
	}
	if from, lacks := t.from(l.home, t.own, 0, nil); lacks == "" {
		return from.StartOfWeek()
	}
	return t.own.StartOfWeek()
}

// appendInstance appends what tells apart the turns of a repeated step: the number where
// they are counted; in a plan the week and the day, so that a start that moves changes no
// key; else the nominal date.
func (d *dated) appendInstance(b []byte) []byte {
	t, l := d.track, d.line
	if d.turn == 0 {
		return b
	}
	if l.step.Times > 0 {
		return strconv.AppendInt(b, int64(d.turn), 10)
	}
	monday := t.weekZero(l)
	if monday == 0 {
		b, _ = d.nominal.AppendText(b)
		return b
	}
	week := int(d.nominal.StartOfWeek()-monday) / 7
	b = append(b, 'w')
	b = strconv.AppendInt(b, int64(week), 10)
	b = append(b, '-')
	return append(b, isoWeekday(d.nominal).String()...)
}

// appendKey appends the key and notes where its parts stand.
func (d *dated) appendKey(b []byte) []byte {
	t := d.track
	d.key.from = len(b)
	b = append(b, t.client.ID...)
	b = append(b, '/')
	b = append(b, t.shape.doc.Head().ID...)
	b = append(b, '/')
	d.key.cycle = len(b)
	b = t.appendCycle(b, d.n)
	d.key.cycleEnd = len(b)
	b = append(b, '/')
	b = append(b, d.line.step.ID...)
	d.key.instance = len(b)
	if d.turn > 0 {
		b = append(b, '/')
		d.key.instance = len(b)
		b = d.appendInstance(b)
	}
	d.key.to = len(b)
	return b
}

// settle works out the due date: the roll, and then the exception, which is taken as it is.
func (d *dated) settle(r *recorder) {
	t := d.track
	if d.lacks == "" {
		d.due = t.rolled(d.line, d.nominal)
		r.roll(t, d.line, d.nominal, d.due)
	}
	if !d.excepted() {
		return
	}
	var room [24]byte
	x := t.match(d, string(d.appendInstance(room[:0])))
	if x == nil {
		return
	}
	r.exception(t, x, d.due)
	d.by = x
	if x.MoveTo == 0 {
		return
	}
	if d.lacks != "" {
		// A day of its own gives a date to what has had none.
		d.lacks, d.nominal = "", x.MoveTo
	}
	d.due = x.MoveTo
}

// excepted reports whether there is any exception for the step in this cycle.
func (d *dated) excepted() bool {
	for i := range d.track.exceptions {
		if x := &d.track.exceptions[i]; x.line == d.line.at && x.n == d.n {
			return true
		}
	}
	return false
}

// cancelled reports whether an exception calls it off.
func (d *dated) cancelled() bool { return d.by != nil && d.by.Cancel }

// moved reports whether an exception or a command gave it a day of its own.
func (d *dated) moved() bool { return d.by != nil && d.by.MoveTo != 0 }

// match returns the exception that concerns an occurrence, or nil. One that names the turn
// comes before one that does not; the latter can call off every turn of a cycle, but not
// move them all to one day. Of equal ones the first counts. What a command moved comes
// after all that the file says.
func (t *track) match(d *dated, instance string) *exception {
	var all *exception
	for i := range t.exceptions {
		x := &t.exceptions[i]
		if x.line != d.line.at || x.n != d.n || x.index < 0 && all != nil {
			continue
		}
		if x.Instance == instance {
			return x
		}
		if x.Instance == "" && x.MoveTo == 0 && all == nil {
			all = x
		}
	}
	return all
}

// one returns the occurrence of a step that has a cycle and an instance, wherever it lies.
func (t *track) one(l *line, n int, instance string, r *recorder) (dated, bool) {
	d := dated{track: t, line: l, n: n}
	c := t.condition(l, n)
	if r.when(t, l, n, c); c.truth == Fails {
		return d, false
	}
	if l.whole {
		if instance != "" {
			r.single(t, l, instance)
			return d, false
		}
		d, ok := t.whole(l, r)
		if !ok {
			r.noRun(t, l)
		}
		return d, ok
	}
	first, lacks := t.nominal(l, t.turnsOn(n, r), r)
	switch {
	case lacks != "":
		// What has no date is listed once, so the later cycles of a process do not exist.
		if d.lacks = lacks; n > 0 || instance != "" {
			return d, false
		}
	case !l.repeats():
		if d.nominal = first; instance != "" {
			r.single(t, l, instance)
			return d, false
		}
	case !d.find(first, instance, r):
		return d, false
	}
	d.settle(r)
	return d, true
}

// find looks up the turn with an instance label.
func (d *dated) find(first civil.Date, instance string, r *recorder) bool {
	from, to := d.reach(first, instance)
	var room [24]byte
	for _, turn := range d.track.turns(d.line, d.n, first, from, to) {
		d.turn, d.nominal = turn.N, turn.Date
		if string(d.appendInstance(room[:0])) == instance {
			r.turn(d, first)
			return true
		}
	}
	r.noTurn(d, instance)
	return false
}

// reach returns the span of dates in which the turn with a label can lie; an empty span
// for a label that this step never gives.
func (d *dated) reach(first civil.Date, instance string) (from, to civil.Date) {
	t, l := d.track, d.line
	if l.step.Times > 0 {
		return first, lastDate
	}
	monday := t.weekZero(l)
	if monday == 0 {
		day, err := civil.Parse(instance)
		if err != nil {
			return 1, 0
		}
		return day, day
	}
	week, name, _ := strings.Cut(strings.TrimPrefix(instance, "w"), "-")
	if week == "" { // a negative week: w-1-mon
		week, name, _ = strings.Cut(name, "-")
		week = "-" + week
	}
	n, err := strconv.Atoi(week)
	var day civil.Weekday
	if err != nil || name == "" || day.UnmarshalText([]byte(name)) != nil {
		return 1, 0
	}
	on := weekdayOf(monday.AddDays(7*n), day)
	return on, on
}
