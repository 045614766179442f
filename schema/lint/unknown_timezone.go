package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownTimezone = rule{
	Rule: Rule{ID: "lint/unknown-timezone", Severity: diag.Error, Summary: "a time zone that does not exist"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil || p.KnownZone == nil || portable(o.Timezone) && p.KnownZone(o.Timezone) {
			return
		}
		p.report(o.Source, "timezone", "write an IANA name such as America/Chicago or Europe/Berlin", "there is no time zone %q", o.Timezone)
	},
}

// portable refuses the one name that means something else on every machine.
func portable(zone string) bool { return zone != "Local" && zone != "" }
