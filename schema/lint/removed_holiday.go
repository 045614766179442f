package lint

import (
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var removedHoliday = rule{
	Rule: Rule{ID: "lint/removed-holiday", Severity: diag.Warning, Summary: "a holiday taken away that is none"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil || len(o.Holidays.Remove) == 0 {
			return
		}
		rules := civil.Rules{Workdays: o.WorkingDays, Country: o.Holidays.Country, Region: o.Holidays.Region}
		week, err := civil.NewCalendar(civil.Rules{Workdays: o.WorkingDays})
		if err != nil {
			return
		}
		public, err := civil.NewCalendar(rules)
		if err != nil {
			return
		}
		for i, d := range o.Holidays.Remove {
			name, off := public.DayOff(d)
			weekend, free := week.DayOff(d)
			switch {
			case !off:
				p.report(o.Source, at("holidays.remove", i), "take it out, or correct the day", "%s is a working day anyway", d)
			case free && name == weekend:
				p.report(o.Source, at("holidays.remove", i), "take it out, or correct the day", "%s is a %s and stays a day off", d, name)
			}
		}
	},
}
