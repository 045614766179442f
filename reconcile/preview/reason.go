package preview

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// explain says why an occurrence moves or changes, and where that is written.
func (c *comparison) explain(i *Item, before, after *due.Occurrence) (string, Place) {
	var words []string
	at := stepPlace(after)
	if i.Action == Move {
		why, place := c.moved(before, after)
		words, at = append(words, why), place
	}
	if i.Before.Key != i.After.Key {
		words = append(words, "renamed from "+i.Before.Key)
	}
	var rest []string
	for _, f := range i.Fields {
		switch f {
		case "owner", "title", "type":
			words = append(words, turn(f, i.value(f, i.Before), i.value(f, i.After)))
		case "at":
			words = append(words, turn("time", cmp.Or(before.Step.At, "none"), cmp.Or(after.Step.At, "none")))
		case "duration":
			words = append(words, turn(f, cmp.Or(before.Step.Duration, "none"), cmp.Or(after.Step.Duration, "none")))
		case "after":
			rest = append(rest, "steps before it")
		case "undecided", "decision", "approvals", "fields":
			if said := runWords(f, before, after); !has(words, said) {
				words = append(words, said)
			}
			at = Place{after.Client.Source.File, after.Assignment.Pos.Line}
		case "due", "key", "unscheduled":
		case "nominal", "opens":
			if i.Action == Change {
				words = append(words, turn(f, i.value(f, i.Before), i.value(f, i.After)))
			}
		default:
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		words = append(words, "other "+strings.Join(rest, ", "))
	}
	if i.Action == Change && has(i.Fields, "owner") && before.Step.Owner == after.Step.Owner && before.Owner != after.Owner {
		at = teamPlace(before, after, at)
	}
	return strings.Join(words, "; "), at
}

// value writes a field of a state, or "nobody" and the like where it is empty.
func (i *Item) value(field string, s *State) string {
	switch field {
	case "owner":
		return cmp.Or(s.Owner, "nobody")
	case "title":
		return s.Title
	case "type":
		return cmp.Or(s.Type, "none")
	case "opens":
		return cmp.Or(issue.Day(s.Opens), "no date")
	}
	return cmp.Or(issue.Day(s.Nominal), "no date")
}

// turn writes how a value changes.
func turn(name, before, after string) string { return name + " " + before + " → " + after }

// moved says why the due date differs: the first rule, in the order in which they apply
// from the last to the first, that is not the same on both sides.
func (c *comparison) moved(a, b *due.Occurrence) (string, Place) {
	client := Place{b.Client.Source.File, b.Client.Source.Pos.Line}
	assignment := Place{client.File, b.Assignment.Pos.Line}
	switch {
	case movedTo(b) != 0 && movedTo(b) != movedTo(a):
		return "an exception moves it" + colon(b.Exception.Reason), Place{client.File, b.Exception.Pos.Line}
	case movedTo(a) != 0 && movedTo(b) == 0:
		return "no exception moves it any more", assignment
	case b.Unscheduled != "":
		return "waits for " + b.Unscheduled + ", which has no date" + because(a, b), c.waits(b)
	case a.Unscheduled != "":
		return a.Unscheduled + " has a date now" + because(a, b), c.waits(b)
	}
	if a.Whole && b.Whole {
		return "the last step of the run moves", stepPlace(b)
	}
	if why, at, ok := anchored(a, b); ok {
		return why, at
	}
	if field, was, now := written(a.Step, b.Step); field != "" {
		return turn(field, was, now), fieldPlace(a, b)
	}
	if a.Nominal == b.Nominal {
		return c.rolled(a, b)
	}
	if !maps.Equal(a.Assignment.Milestones, b.Assignment.Milestones) {
		return "a milestone has another date", assignment
	}
	return "what it counts from has moved", stepPlace(b)
}

// because says which decision stands behind a date that came or went.
func because(a, b *due.Occurrence) string {
	turned := decisionsTurned(a.Assignment, b.Assignment)
	if turned == "" {
		return ""
	}
	return ", because " + turned
}

func movedTo(o *due.Occurrence) civil.Date {
	if o.Exception == nil {
		return 0
	}
	return o.Exception.MoveTo
}

// colon puts a text behind a colon, if there is one.
func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// waits returns where the milestones of a client are written.
func (c *comparison) waits(o *due.Occurrence) Place {
	return Place{o.Client.Source.File, cmp.Or(o.Assignment.Pos.Line, o.Client.Source.Pos.Line)}
}

// anchored reports whether the day from which the whole template counts differs.
func anchored(a, b *due.Occurrence) (string, Place, bool) {
	if schema.RunsOnce(b.Template) {
		return turn("start", day(a.Assignment.Start), day(b.Assignment.Start)),
			Place{b.Client.Source.File, b.Assignment.Pos.Line}, a.Assignment.Start != b.Assignment.Start
	}
	was, now := a.Client.AlignmentDate, b.Client.AlignmentDate
	return turn("alignment date", align(was), align(now)), Place{b.Client.Source.File, b.Client.Source.Pos.Line}, was != now
}

func day(d civil.Date) string { return cmp.Or(d.String(), "none") }

func align(d schema.DateOr) string {
	text, _ := d.MarshalText()
	return cmp.Or(string(text), "none")
}

// written returns the first field of a step that bears on its date and differs.
func written(a, b *schema.Step) (field, before, after string) {
	for _, f := range []struct {
		name     string
		was, now string
	}{
		{"due", a.Due.String(), b.Due.String()},
		{"week", week(a.Week), week(b.Week)},
		{"day", a.Day.String(), b.Day.String()},
		{"every", every(a.Every), every(b.Every)},
		{"roll", a.Roll.String(), b.Roll.String()},
	} {
		if f.was != f.now {
			return f.name, cmp.Or(f.was, "none"), cmp.Or(f.now, "none")
		}
	}
	return "", "", ""
}

func week(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// every writes a repetition as a file has it.
func every(e civil.Every) string {
	if len(e.Weekdays) > 0 {
		var l []string
		for _, w := range e.Weekdays {
			l = append(l, w.String())
		}
		return strings.Join(l, ", ")
	}
	return cmp.Or(e.Interval.String(), e.RRule)
}

// rolled says why a step is rolled to another day than before.
func (c *comparison) rolled(a, b *due.Occurrence) (string, Place) {
	at := stepPlace(b)
	was, now := c.base.rolledFrom(a), c.head.rolledFrom(b)
	switch {
	case was == "" && now != "":
		return issue.Day(b.Nominal) + " is a day off now: " + now, at
	case was != "" && now == "":
		return issue.Day(b.Nominal) + " is no day off any more", at
	}
	return "other working days lie around " + issue.Day(b.Nominal), at
}

// stepPlace returns where a step is written.
func stepPlace(o *due.Occurrence) Place { return Place{o.Source.File, o.Source.Pos.Line} }

// fieldPlace returns where the change of a step's field is written: in the client's
// override where that differs, else in the step.
func fieldPlace(a, b *due.Occurrence) Place {
	was, now := override(a), override(b)
	if now != nil && !reflect.DeepEqual(content(was), content(now)) {
		return Place{b.Client.Source.File, now.Pos.Line}
	}
	if now == nil && was != nil {
		return Place{b.Client.Source.File, b.Assignment.Pos.Line}
	}
	return stepPlace(b)
}

// content returns an override without its place.
func content(o *schema.Override) schema.Override {
	if o == nil {
		return schema.Override{}
	}
	c := *o
	c.Pos = schema.Pos{}
	return c
}

// override returns the client's departure from a step, or nil.
func override(o *due.Occurrence) *schema.Override {
	x, _ := o.Assignment.Override(o.Step)
	return x
}

// teamPlace returns where another owner comes from: the client's file where its team
// differs.
func teamPlace(a, b *due.Occurrence, otherwise Place) Place {
	if maps.Equal(a.Client.Team, b.Client.Team) {
		return otherwise
	}
	return Place{b.Client.Source.File, b.Client.Source.Pos.Line}
}

func has(l []string, s string) bool { return slices.Contains(l, s) }
