package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var unknownHolidays = rule{
	Rule: Rule{ID: "lint/unknown-holidays", Severity: diag.Error, Summary: "a country or region whose public holidays are not known"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil {
			return
		}
		h := o.Holidays
		regions := civil.Regions(h.Country)
		switch {
		case h.Country == "" && h.Region != "":
			p.report(o.Source, "holidays.region", "add country", "region %q stands without a country", h.Region)
		case h.Country == "":
		case !slices.Contains(civil.Countries(), h.Country):
			p.report(o.Source, "holidays.country", elsewhere(h.Country, "country", civil.Countries()), "the holidays of country %q are not known", h.Country)
		case h.Region != "" && !slices.Contains(regions, h.Region):
			p.report(o.Source, "holidays.region", elsewhere(h.Region, "region", regions), "the holidays of region %q of %s are not known", h.Region, h.Country)
		}
	},
}

// elsewhere says what was probably meant, and what to do where nothing fits.
func elsewhere(id, noun string, known []string) string {
	return join(meant(id, noun, known), "where none fits, leave it out and list the days under add")
}
