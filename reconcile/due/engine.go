package due

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Options say for which day and for which clients an Engine works.
type Options struct {
	// AsOf is today. A client that is inactive on it has no occurrences, and a step that is
	// overdue belongs to whoever is there today, not to whoever was there when it fell due.
	AsOf civil.Date
	// Client says which clients count, by id; nil means all of them.
	Client func(id string) bool
	// Facts are what is known beside the files; nil means nothing.
	Facts *Facts
}

// Engine answers what falls due when. It never changes after New, so any number of
// goroutines may ask it.
//
// It works with what a catalog holds, faults included: an assignment of an unknown
// template is left out, a role that nobody holds gives an empty Holder, a step that hangs
// on something unknown is unscheduled. Without an organization there is no calendar and
// hence no occurrence. Of two documents, assignments or steps with one key the first one
// counts.
type Engine struct {
	cat     *schema.Catalog
	opt     Options
	facts   *Facts
	cal     *civil.Calendar
	clients []*schema.Client
	shapes  map[string]*shape
	// moves are the keys that commands moved, by client, in the order of the keys.
	moves map[*schema.Client][]string
}

// New prepares the templates and the calendar of a catalog that has been indexed. It fails
// where the organization's country or region has no known holidays.
func New(cat *schema.Catalog, o Options) (*Engine, error) {
	e := &Engine{cat: cat, opt: o, facts: cmp.Or(o.Facts, &Facts{}), shapes: map[string]*shape{}}
	if cat.Organization == nil {
		return e, nil
	}
	cal, err := civil.NewCalendar(cat.Organization.Calendar())
	if err != nil {
		return nil, fmt.Errorf("working days of %s: %w", cat.Organization.ID, err)
	}
	e.cal = cal
	for _, c := range cat.Clients {
		if cat.Client(c.ID) == c {
			e.clients = append(e.clients, c)
		}
	}
	// Keys sort by id and a slash, which comes after a hyphen: acme-dental before acme.
	slices.SortFunc(e.clients, func(a, b *schema.Client) int { return strings.Compare(a.ID+"/", b.ID+"/") })
	for _, p := range cat.Processes {
		e.addShape(newShape(p, p.Steps))
	}
	for _, p := range cat.Plans {
		e.addShape(newShape(p, nil))
	}
	for _, p := range cat.Playbooks {
		e.addShape(newShape(p, p.Steps))
	}
	e.findMoves()
	return e, nil
}

// addShape makes a template findable under the ids by which assignments may name it.
func (e *Engine) addShape(s *shape) {
	head := s.doc.Head()
	for _, id := range append([]string{head.ID}, head.Previously...) {
		if e.cat.Template(id) == s.doc {
			e.shapes[id] = s
		}
	}
}

// Occurrences returns what falls due within the window, sorted by key. Occurrences that an
// exception cancels are among them, as tombstones; unscheduled ones are too, once each,
// whatever the window. Two windows that touch give together what one over both gives, the
// unscheduled ones twice.
func (e *Engine) Occurrences(w Window) []Occurrence { return e.Except(w, nil) }

// Except is Occurrences without those that are over: most of a year lies behind, and to
// know that takes no more than a key. It is asked about single steps that have never had
// another key: neither about turns, nor about whole runs, nor where something was renamed.
// The key is the callback's only until it returns.
func (e *Engine) Except(w Window, over func(key []byte, step *schema.Step) bool) []Occurrence {
	w.From = max(w.From, 1)
	j := newJob(e, w)
	j.over = over
	j.run(e.clients)
	return j.out
}

// tracks appends what a client is in, one entry for each key prefix: what its file says,
// then what issues have started. Lines that depart from the template are put into room.
func (e *Engine) tracks(list []track, c *schema.Client, cal *civil.Calendar, room *[]line) []track {
	for i := range c.Processes {
		list = e.track(list, c, &c.Processes[i], i, cal, room)
	}
	if len(e.facts.Started) > 0 {
		started := e.facts.Started[c.ID]
		for i := range started {
			list = e.track(list, c, &started[i], -1, cal, room)
		}
	}
	return list
}

// track appends one assignment of a client, unless an earlier one has the same keys.
func (e *Engine) track(list []track, c *schema.Client, a *schema.Assignment, index int, cal *civil.Calendar, room *[]line) []track {
	s := e.shapes[a.Template]
	if s == nil {
		return list
	}
	for i := range list {
		if list[i].shape == s && (!s.once || list[i].assignment.RunID() == a.RunID()) {
			return list
		}
	}
	list = append(list, newTrack(e, c, a, index, s, cal, room))
	if s.playbook != nil {
		list[len(list)-1].place()
	}
	return list
}

// assigned reports whether a client is in anything.
func (e *Engine) assigned(c *schema.Client) bool {
	return len(c.Processes) > 0 || len(e.facts.Started) > 0 && len(e.facts.Started[c.ID]) > 0
}

// calendar returns the working days that count for a client.
func (e *Engine) calendar(c *schema.Client) *civil.Calendar {
	if len(c.Closed) == 0 {
		return e.cal
	}
	days := make([]civil.Days, len(c.Closed))
	for i, d := range c.Closed {
		days[i] = civil.Days{From: d.From, To: d.To, Name: d.Name}
	}
	return e.cal.With(days...)
}

// serves reports whether anything can fall due for a client.
func (e *Engine) serves(c *schema.Client, r *recorder) bool {
	if e.opt.Client != nil && !e.opt.Client(c.ID) {
		r.note(RuleUnknown, c.Source, "id", "client %s is left out of this run", c.ID)
		return false
	}
	if i := c.Pause(e.opt.AsOf); i >= 0 {
		r.inactive(c, i, e.opt.AsOf)
		return false
	}
	return true
}

// roll returns the roll convention of a step.
func (e *Engine) roll(s *schema.Step) civil.Roll {
	return cmp.Or(s.Roll, e.cat.Organization.DefaultRoll())
}
