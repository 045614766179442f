package due

import (
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// shape is a template whose steps and milestones know what they hang on. It is worked out
// once and shared by all clients that do not depart from the template.
type shape struct {
	doc      schema.Template
	plan     *schema.OnboardingPlan // nil where there are no weeks
	playbook *schema.Playbook       // nil where steps hang on nominal dates
	// once says that it runs once from a start, and does not turn every year.
	once bool
	// conditional says that some step is there only under conditions.
	conditional bool
	milestones  []milestone
	lines       []line
	previous    []string
}

// line is one step as a client has it.
type line struct {
	// at is the place in the list of lines.
	at   int
	step *schema.Step
	// base is the step before the client's override.
	base     *schema.Step
	override *schema.Override
	// overrideID is the id under which the client wrote the override.
	overrideID string
	// after are the steps that come before it, in a playbook.
	after []int
	// due is what the step's offset counts from. home is what its week counts from, and
	// what an offset without an anchor counts from: the template's own anchor, or the
	// milestone of a week that hangs on one.
	due, home anchor
	// weekly says that the week makes the date; otherwise the offset does.
	weekly bool
	week   int
	// weekAt and stepAt say where the step is written. weekAt is -1 in a process, and for
	// a client's extra step.
	weekAt, stepAt int
	extra          bool
	// whole says that the line stands for the whole run of a plan.
	whole    bool
	previous []string
}

// milestone is a day of a plan. One without a week and without an offset has no date until
// a client gives it one.
type milestone struct {
	*schema.Milestone
	weekly bool
	week   int
	offset civil.Offset
	anchor anchor
}

type anchorKind uint8

const (
	own anchorKind = iota
	onStep
	onMilestone
	// onAfter is the latest of the steps that come before a step of a playbook.
	onAfter
	unknown
)

// anchor is what dates are counted from. at is a place in the lines or milestones; of
// onAfter it is the step's own.
type anchor struct {
	kind anchorKind
	at   int
	name string
}

func newShape(doc schema.Template, steps []schema.Step) *shape {
	s := &shape{doc: doc, once: schema.RunsOnce(doc)}
	s.plan, _ = doc.(*schema.OnboardingPlan)
	s.playbook, _ = doc.(*schema.Playbook)
	for i := range steps {
		s.add(line{step: &steps[i], weekAt: -1, stepAt: i})
	}
	if s.plan != nil {
		s.addPlan()
	}
	s.conditional = slices.ContainsFunc(s.lines, func(l line) bool { return len(l.step.When) > 0 })
	s.addWhole()
	s.lines = number(s.lines)
	for i := range s.milestones {
		m := &s.milestones[i]
		m.anchor = s.find(s.lines, m.offset.Anchor)
	}
	s.connect(s.lines)
	s.previous = append(s.previous, doc.Head().Previously...)
	return s
}

// addPlan takes in the milestones and the steps of every week.
func (s *shape) addPlan() {
	for i := range s.plan.Milestones {
		m := milestone{Milestone: &s.plan.Milestones[i]}
		if n, ok := strings.CutPrefix(m.Due, "week "); ok {
			week, err := strconv.Atoi(n)
			m.weekly, m.week = err == nil, week
		} else if o, err := civil.ParseOffset(m.Due); err == nil {
			m.offset = o
		}
		s.milestones = append(s.milestones, m)
	}
	for i := range s.plan.Weeks {
		w := &s.plan.Weeks[i]
		for k := range w.Steps {
			l := line{step: &w.Steps[k], weekAt: i, stepAt: k, week: w.Week}
			if w.Milestone != "" {
				l.home = s.findMilestone(w.Milestone)
			}
			s.add(l)
		}
	}
}

// add takes in a step. Of two with one id the first stays.
func (s *shape) add(l line) {
	if !slices.ContainsFunc(s.lines, func(k line) bool { return k.step.ID == l.step.ID }) {
		l.base = l.step
		s.lines = append(s.lines, l)
	}
}

// number tells each line its place and which of its former ids are still free: an id that
// another step took over leads to that step, never to two.
func number(lines []line) []line {
	for i := range lines {
		l := &lines[i]
		l.at, l.previous = i, nil
		for _, old := range l.step.Previously {
			if findLine(lines, old) == i {
				l.previous = append(l.previous, old)
			}
		}
	}
	return lines
}

// connect finds what each line hangs on.
func (s *shape) connect(lines []line) {
	for i := range lines {
		l := &lines[i]
		l.weekly = s.plan != nil && l.step.Due.IsZero() && !l.whole
		if l.step.Week != nil {
			l.week = *l.step.Week
		}
		l.due = l.home
		if word := l.step.Due.Anchor; word != "" {
			l.due = s.find(lines, word)
		}
		if s.playbook != nil {
			s.order(lines, l)
		}
	}
}

// order finds what a step of a playbook comes after. Without a due date it falls on the
// latest of those.
func (s *shape) order(lines []line, l *line) {
	l.after = nil
	for _, id := range l.step.After {
		if i := findLine(lines, id); i >= 0 && !lines[i].whole {
			l.after = append(l.after, i)
		}
	}
	if l.step.Due.IsZero() && len(l.after) > 0 {
		l.due = anchor{kind: onAfter, at: l.at}
	}
}

// find looks up an anchor: the template's own word, then steps, then milestones.
func (s *shape) find(lines []line, word string) anchor {
	if word == "" || word == s.ownAnchor() || s.playbook != nil && word == "opened" {
		return anchor{}
	}
	if i := findLine(lines, word); i >= 0 && !lines[i].whole {
		return anchor{kind: onStep, at: i, name: word}
	}
	return s.findMilestone(word)
}

func (s *shape) findMilestone(id string) anchor {
	for i := range s.milestones {
		if s.milestones[i].ID == id {
			return anchor{kind: onMilestone, at: i, name: id}
		}
	}
	return anchor{kind: unknown, name: id}
}

// ownAnchor is the word by which steps call the template's own anchor.
func (s *shape) ownAnchor() string {
	if s.once {
		return "start"
	}
	return "alignment"
}

// findLine returns the place of a step with an id, else of one that once had it, or -1.
func findLine(lines []line, id string) int {
	for i := range lines {
		if lines[i].step.ID == id {
			return i
		}
	}
	for i := range lines {
		if slices.Contains(lines[i].step.Previously, id) {
			return i
		}
	}
	return -1
}

// repeats reports whether the step has several turns.
func (l *line) repeats() bool { return !l.step.Every.IsZero() }

// weekdays reports whether the step repeats on days of the week.
func (l *line) weekdays() bool { return len(l.step.Every.Weekdays) > 0 }

// removed reports whether the client's override takes the step out.
func (l *line) removed() bool { return l.override != nil && l.override.Remove }

// customize returns the lines of an assignment: those of the template where it does not
// depart from them, else new ones, which are appended to room.
func (s *shape) customize(a *schema.Assignment, room *[]line) []line {
	if len(a.Overrides) == 0 && len(a.ExtraSteps) == 0 {
		return s.lines
	}
	from := len(*room)
	lines := append(*room, s.lines...)
	for i := range a.ExtraSteps {
		step := &a.ExtraSteps[i]
		if k := findLine(lines[from:], step.ID); k < 0 || lines[from+k].step.ID != step.ID {
			lines = append(lines, line{step: step, base: step, weekAt: -1, stepAt: i, extra: true})
		}
	}
	*room = lines
	lines = lines[from:len(lines):len(lines)]
	number(lines)
	for i := range lines {
		lines[i].depart(a.Overrides)
	}
	s.connect(lines)
	return lines
}

// depart applies the client's override, which may name the step by an id of before.
func (l *line) depart(overrides map[string]*schema.Override) {
	id := l.step.ID
	o := overrides[id]
	for i := 0; o == nil && i < len(l.previous); i++ {
		id = l.previous[i]
		o = overrides[id]
	}
	switch {
	case o == nil:
		return
	case l.whole:
		l.step = mergeWhole(l.step, o)
	default:
		l.step = o.Apply(l.step)
	}
	l.override, l.overrideID = o, id
}
