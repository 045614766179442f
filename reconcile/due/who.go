package due

import "github.com/almanac-gitops/almanac/schema/civil"

// Holder returns who is meant by a role, or by `@` and a person's id, for the client of an
// occurrence, on the day that counts for it: its due date, or today where that is later.
func (e *Engine) Holder(o *Occurrence, who string) Holder {
	return e.holder(o.Client, who, max(o.Due, e.opt.AsOf), nil)
}

// Around returns the days that lie as far as a span before and after the nominal date of an
// occurrence, by the calendar of its client. Both are zero where it has no date.
func (e *Engine) Around(o *Occurrence, s civil.Span) (low, high civil.Date) {
	if o.Nominal == 0 {
		return 0, 0
	}
	cal := e.calendar(o.Client)
	return cal.Add(o.Nominal, s, -1), cal.Add(o.Nominal, s, 1)
}
