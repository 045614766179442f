package due

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Rule names what made or unmade a date or a holder.
type Rule string

// The rules, in the order in which they apply.
const (
	// RuleUnknown: the key names something that there is not.
	RuleUnknown Rule = "unknown"
	// RuleOverride: the client departs from the template.
	RuleOverride Rule = "override"
	// RuleRemoved: the client's override takes the step out.
	RuleRemoved Rule = "removed"
	// RuleWhen: the conditions on which the step is there.
	RuleWhen Rule = "when"
	// RuleAnchor: the date from which the cycle counts.
	RuleAnchor Rule = "anchor"
	// RuleMilestone: the day of a milestone.
	RuleMilestone Rule = "milestone"
	// RuleOffset: the distance from the anchor.
	RuleOffset Rule = "offset"
	// RuleWeek: the week of a plan and the day in it.
	RuleWeek Rule = "week"
	// RuleWeekday: the day of the week to which the distance leads.
	RuleWeekday Rule = "weekday"
	// RuleFollows: the day on which a step really falls, from which others count.
	RuleFollows Rule = "follows"
	// RuleAfter: the steps that it comes after, and before which it does not fall.
	RuleAfter Rule = "after"
	// RuleUnscheduled: what the step hangs on has no date.
	RuleUnscheduled Rule = "unscheduled"
	// RuleRun: the step with which a whole run ends.
	RuleRun Rule = "run"
	// RuleRepeat: the turn of a repeated step.
	RuleRepeat Rule = "repeat"
	// RuleDayOff: what makes the nominal date a day off.
	RuleDayOff Rule = "day-off"
	// RuleRoll: the way off a day off.
	RuleRoll Rule = "roll"
	// RuleException: the client moves this one occurrence.
	RuleException Rule = "exception"
	// RuleMoved: a command moves this one occurrence.
	RuleMoved Rule = "moved"
	// RuleCancelled: the client calls this one occurrence off.
	RuleCancelled Rule = "cancelled"
	// RuleSince: it falls before the client took part.
	RuleSince Rule = "since"
	// RuleOver: it falls due after the end of its run.
	RuleOver Rule = "over"
	// RuleInactive: it falls into a time in which the client rests.
	RuleInactive Rule = "inactive"
	// RuleOpens: the day from which the issue is open.
	RuleOpens Rule = "opens"
	// RuleOwner: who holds the role.
	RuleOwner Rule = "owner"
	// RuleTaken: who took it out of a pool.
	RuleTaken Rule = "taken"
	// RuleAway: who holds it is away.
	RuleAway Rule = "away"
	// RuleDeputy: who stands in.
	RuleDeputy Rule = "deputy"
)

// Fact is one rule at work.
type Fact struct {
	Rule Rule
	// Text says what was found and what follows, in lower case and without a full stop.
	Text string
	// Before and After are the date that the rule was given and the one that it made; both
	// are zero where it is not about a date.
	Before, After civil.Date
	// Source is the document that says so, and Path the place in it: `steps.0.due`. Both
	// are empty where nothing is written and a default holds.
	Source schema.Source
	Path   string
}

// Trace says how an occurrence came about, or why there is none.
type Trace struct {
	// Occurrence is the zero value where there is none.
	Occurrence Occurrence
	// Facts are in the order in which the rules apply; those about people follow those
	// about dates.
	Facts []Fact
}

// Lookup returns the occurrence with a key or a former key, whatever its date. It is the
// one that Occurrences gives for a window that holds its due date.
func (e *Engine) Lookup(key string) (Occurrence, bool) { return e.lookup(key, nil) }

// Explain returns every rule that made the date and the owner of a key, by the very steps
// that Occurrences takes. For a key without an occurrence it reports false and the trace
// says why, as far as the key can be followed.
func (e *Engine) Explain(key string) (Trace, bool) {
	r := &recorder{}
	o, ok := e.lookup(key, r)
	return Trace{Occurrence: o, Facts: r.facts}, ok
}

func (e *Engine) lookup(key string, r *recorder) (Occurrence, bool) {
	part := strings.Split(key, "/")
	if len(part) < 4 || len(part) > 5 {
		r.note(RuleUnknown, schema.Source{}, "", "%q is no key: a key is client/template/cycle/step, with /instance for a repeated step", key)
		return Occurrence{}, false
	}
	c := e.cat.Client(part[0])
	if c == nil || e.cal == nil {
		r.noClient(e, part[0])
		return Occurrence{}, false
	}
	if !e.serves(c, r) {
		return Occurrence{}, false
	}
	j := &job{e: e}
	j.tracks = e.tracks(nil, c, e.calendar(c), &j.lines)
	t, n := j.track(c, part[1], part[2], r)
	if t == nil {
		return Occurrence{}, false
	}
	l := t.step(part[3], r)
	if l == nil {
		return Occurrence{}, false
	}
	instance := ""
	if len(part) == 5 {
		instance = part[4]
	}
	d, ok := t.one(l, n, instance, r)
	if !ok || !d.shown(r) {
		return Occurrence{}, false
	}
	return j.single(t, &d, key, r)
}

// track returns the assignment and the cycle that a key means.
func (j *job) track(c *schema.Client, template, cycle string, r *recorder) (*track, int) {
	s := j.e.shapes[template]
	if s == nil {
		r.note(RuleUnknown, c.Source, "processes", "there is no template %s", template)
		return nil, 0
	}
	var other *track
	for i := range j.tracks {
		t := &j.tracks[i]
		if t.shape != s {
			continue
		}
		if n, ok := t.cycleNumber(cycle); ok && cycle != "" {
			return t, n
		}
		other = t
	}
	if other == nil {
		r.note(RuleUnknown, c.Source, "processes", "client %s is not in %s", c.ID, s.doc.Head().ID)
	} else {
		r.noCycle(other, cycle)
	}
	return nil, 0
}

// step returns the step that a key means, unless it is removed.
func (t *track) step(id string, r *recorder) *line {
	i := findLine(t.lines, id)
	if i < 0 {
		r.note(RuleUnknown, t.shape.doc.Head().Source, "", "%s has no step %s", t.shape.doc.Head().ID, id)
		return nil
	}
	l := &t.lines[i]
	r.override(t, l)
	if l.removed() {
		return nil
	}
	return l
}

// single writes out one occurrence, if it is the one that the key means: an id that went
// over to another document leads to other keys.
func (j *job) single(t *track, d *dated, key string, r *recorder) (Occurrence, bool) {
	j.seat(t)
	var o Occurrence
	j.write(&o, d, string(d.appendKey(nil)))
	if o.Key != key && !contains(o.Previous, key) {
		r.note(RuleUnknown, t.source(d.line), "", "%s is not a former key of %s: an id in it is in use again", key, o.Key)
		return Occurrence{}, false
	}
	if r != nil {
		r.opens(t, d.line, &o)
		r.owner(t, d.line, &o)
	}
	return o, true
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
