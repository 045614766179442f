package due

import (
	"bytes"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// job works out the occurrences of some clients. It collects those of one client, with
// their keys in one text, sorts them, and writes them out; the room is used again for the
// next one.
type job struct {
	e      *Engine
	window Window
	// over says what is left out; see Engine.Except.
	over func(key []byte, step *schema.Step) bool
	// low and high bound the nominal dates whose due dates can lie in the window, by the
	// calendar of the client at hand.
	low, high civil.Date
	// anchors remember the anchors of the first cycles for the assignment at hand; all of its
	// steps ask for the same ones.
	anchors [8]anchored
	tracks  []track
	// lines are those that depart from templates.
	lines []line
	found []dated
	// order is that of the keys in found: places are lighter to sort.
	order   []int32
	keys    []byte
	crews   []crew
	known   []known
	holders slab[Holder]
	notices slab[Notice]
	out     []Occurrence
}

func newJob(e *Engine, w Window) *job {
	return &job{e: e, window: w}
}

// run appends the occurrences of clients that are in the order of their keys.
func (j *job) run(clients []*schema.Client) {
	if j.e.cal != nil {
		j.low, j.high = reach(j.e.cal, j.window)
	}
	low, high := j.low, j.high
	for i, c := range clients {
		if !j.e.assigned(c) || !j.e.serves(c, nil) {
			continue
		}
		j.low, j.high = low, high
		cal := j.e.calendar(c)
		if len(c.Closed) > 0 {
			j.low, j.high = reach(cal, j.window)
		}
		j.client(c, cal)
		j.grow(i+1, len(clients))
	}
}

// sample is how many clients are enough to tell how many occurrences the others have.
const sample = 8

// grow makes room for the clients that are still to come, by what the ones so far have had,
// so that the list is moved once or twice and not at every doubling.
func (j *job) grow(done, all int) {
	if need := len(j.out) / done; done >= min(sample, all) && cap(j.out)-len(j.out) <= need {
		expected := len(j.out) * all / done
		j.out = slices.Grow(j.out, max(expected+expected/16-len(j.out), 0))
	}
}

// maxGap is how far a roll looks for a working day; see civil.Calendar.
const maxGap = 3 * 366

// reach returns the nominal dates that can roll into the window: those after the last
// working day before it, up to the one before the first working day after it.
func reach(cal *civil.Calendar, w Window) (low, high civil.Date) {
	low, high = w.From, w.To
	for range maxGap {
		if low <= 1 || cal.IsWorkday(low-1) {
			break
		}
		low--
	}
	for range maxGap {
		if high >= lastDate || cal.IsWorkday(high+1) {
			break
		}
		high++
	}
	return low, high
}

// client appends the occurrences of one client.
func (j *job) client(c *schema.Client, cal *civil.Calendar) {
	j.begin(c, cal)
	for i := range j.tracks {
		t := &j.tracks[i]
		j.seat(t)
		for k := range t.lines {
			if !t.lines[k].removed() {
				j.line(t, &t.lines[k])
			}
		}
		j.moved(t)
	}
	j.flush()
}

// begin empties the room for the next client.
func (j *job) begin(c *schema.Client, cal *civil.Calendar) {
	j.lines = j.lines[:0]
	j.tracks = j.e.tracks(j.tracks[:0], c, cal, &j.lines)
	j.found, j.keys, j.crews, j.known = j.found[:0], j.keys[:0], j.crews[:0], j.known[:0]
}

// flush writes out what was found for a client, by key.
func (j *job) flush() {
	j.order = j.order[:0]
	for i := range j.found {
		j.order = append(j.order, int32(i))
	}
	key := func(i int32) []byte { return j.keys[j.found[i].key.from:j.found[i].key.to] }
	slices.SortFunc(j.order, func(a, b int32) int { return bytes.Compare(key(a), key(b)) })
	keys := string(j.keys)
	for _, i := range j.order {
		j.writeOne(i, keys)
	}
}

func (j *job) writeAll() {
	keys := string(j.keys)
	for i := range j.found {
		j.writeOne(int32(i), keys)
	}
}

func (j *job) writeOne(i int32, keys string) {
	j.out = append(j.out, Occurrence{})
	j.write(&j.out[len(j.out)-1], &j.found[i], keys)
}

// line finds the occurrences of one step within the window.
func (j *job) line(t *track, l *line) {
	if l.whole {
		j.whole(t, l)
		return
	}
	first, lacks := t.nominal(l, t.own, nil)
	switch {
	case lacks != "":
		j.offer(dated{track: t, line: l, lacks: lacks})
	case t.shape.once && !l.repeats():
		j.offer(dated{track: t, line: l, nominal: first})
	case t.shape.once:
		j.turns(t, l, 0, first)
	default:
		j.cycles(t, l, first)
	}
}

// cycles goes through the cycles of a process that can reach the window. Nominal dates
// grow with the cycle, whatever the offset, so it is enough to begin at the last one that
// lies before the window and to end at the first one after it. A step that is told how
// often it repeats may go on past its cycle: then every earlier one counts.
func (j *job) cycles(t *track, l *line, first civil.Date) {
	n := 0
	if l.step.Times == 0 || !l.repeats() {
		n = max(0, j.window.From.Year()-first.Year()-1)
		for n > 0 && j.nominal(t, l, n) > j.low {
			n--
		}
	}
	for ; ; n++ {
		d := j.nominal(t, l, n)
		if d == 0 || d > j.high {
			return
		}
		if l.repeats() {
			j.turns(t, l, n, d)
		} else if d >= j.low {
			j.offer(dated{track: t, line: l, n: n, nominal: d})
		}
	}
}

// nominal returns the date of a step in cycle n, or zero after the end of the calendar.
func (j *job) nominal(t *track, l *line, n int) civil.Date {
	d, _ := t.nominal(l, j.anchor(t, n), nil)
	return d
}

// anchored is the anchor of a cycle.
type anchored struct {
	own, on civil.Date
	n       int
}

// anchor returns that of cycle n, which only hangs on the one of the first cycle.
func (j *job) anchor(t *track, n int) civil.Date {
	a := &j.anchors[n%len(j.anchors)]
	if a.own != t.own || a.n != n || a.on == 0 {
		*a = anchored{t.own, t.turnsOn(n, nil), n}
	}
	return a.on
}

// turns goes through the turns of a repeated step that can reach the window.
func (j *job) turns(t *track, l *line, n int, first civil.Date) {
	for _, turn := range t.turns(l, n, first, j.low, j.high) {
		j.offer(dated{track: t, line: l, n: n, turn: turn.N, nominal: turn.Date})
	}
}

// offer takes in an occurrence unless an exception moves it: moved finds those, since they
// may come from outside the window.
func (j *job) offer(d dated) {
	if d.settle(nil); !d.moved() {
		j.keep(d)
	}
}

// moved takes in what exceptions move into the window.
func (j *job) moved(t *track) {
	for i := range t.exceptions {
		x := &t.exceptions[i]
		l := &t.lines[x.line]
		if x.MoveTo == 0 || l.removed() {
			continue
		}
		if d, ok := t.one(l, x.n, x.Instance, nil); ok && d.by == x {
			j.keep(d)
		}
	}
}

// whole offers the occurrence that stands for a whole run.
func (j *job) whole(t *track, l *line) {
	if d, ok := t.whole(l, nil); ok && (j.window == Window{} || !d.moved()) {
		j.keep(d)
	}
}

// keep takes in an occurrence that is due within the window, or has no date. The zero
// Window holds every day.
func (j *job) keep(d dated) {
	if d.track.condition(d.line, d.n).truth == Fails {
		return
	}
	outside := d.lacks == "" && (d.due < j.window.From || d.due > j.window.To)
	if outside && j.window != (Window{}) || !d.shown(nil) {
		return
	}
	j.take(d)
}

// take takes in an occurrence, unless it is over.
func (j *job) take(d dated) {
	j.keys = d.appendKey(j.keys)
	if j.over != nil && d.isPlain() && j.over(j.keys[d.key.from:], d.line.step) {
		j.keys = j.keys[:d.key.from]
		return
	}
	j.found = append(j.found, d)
}

// slab hands out short lists from longer ones, so that many of them cost one allocation.
// A list may not be appended to without being copied.
type slab[T any] struct {
	free []T
	// size is the length of the last long list; the next one is twice as long.
	size int
}

// maxSlab bounds the long lists: a single occurrence that is kept keeps all of one.
const maxSlab = 1024

func (s *slab[T]) take(n int) []T {
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		s.size = min(max(2*s.size, 8), maxSlab)
		s.free = make([]T, max(n, s.size))
	}
	l := s.free[:n:n]
	s.free = s.free[n:]
	return l
}
