package due

import (
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// override notes what the client changes of a step.
func (r *recorder) override(t *track, l *line) {
	if r == nil || l.override == nil {
		return
	}
	if l.removed() {
		r.note(RuleRemoved, t.client.Source, t.path("overrides."+l.overrideID+".remove"), "client %s has taken %s out", t.client.ID, l.step.ID)
		return
	}
	for _, field := range overridable {
		if sets(l.override, field) {
			s, path := t.written(l, field)
			was := "where the template says nothing"
			if v := value(l.base, field); v != "" {
				was = "instead of " + v
			}
			r.note(RuleOverride, s, path, "client %s has its own %s for %s: %s %s", t.client.ID, field, l.step.ID, value(l.step, field), was)
		}
	}
}

// value writes a field of a step as a file has it.
func value(s *schema.Step, field string) string {
	switch field {
	case "due":
		return s.Due.String()
	case "week":
		if s.Week != nil {
			return strconv.Itoa(*s.Week)
		}
	case "day":
		return s.Day.String()
	case "every":
		return every(s.Every)
	case "times":
		if s.Times > 0 {
			return strconv.Itoa(s.Times)
		}
	case "until":
		return s.Until.String()
	case "roll":
		return s.Roll.String()
	case "owner":
		return s.Owner
	case "open":
		return s.Open.String()
	case "notify":
		return leads(s.Notify)
	}
	return ""
}

func leads(notices []schema.Notice) string {
	var l []string
	for _, n := range notices {
		l = append(l, n.Before.String()+" before")
	}
	return strings.Join(l, ", ")
}

func every(e civil.Every) string {
	switch {
	case len(e.Weekdays) > 0:
		var l []string
		for _, w := range e.Weekdays {
			l = append(l, w.String())
		}
		return strings.Join(l, ", ")
	case e.Interval.Set:
		return e.Interval.String()
	}
	return e.RRule
}

// sets reports whether an override has a field that bears on dates or people.
func sets(o *schema.Override, field string) bool {
	return map[string]bool{
		"due": !o.Due.IsZero(), "week": o.Week != nil, "day": o.Day != 0, "every": !o.Every.IsZero(),
		"times": o.Times != 0, "until": o.Until != 0, "roll": o.Roll != 0, "owner": o.Owner != "",
		"open": o.Open.Set, "notify": o.Notify != nil,
	}[field]
}

// overridable are the fields that sets knows, in the order in which they are explained.
var overridable = [...]string{"due", "week", "day", "every", "times", "until", "roll", "owner", "open", "notify"}
