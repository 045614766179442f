package civil

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cy"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/is"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/ke"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mt"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/mx"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/rs"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/th"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// country is a country whose public holidays are known.
type country struct {
	code string
	// national holds where no region is named; nil where there is no such list.
	national []*cal.Holiday
	regions  []region
}

// region is a part of a country and all the holidays that are kept there.
type region struct {
	code     string
	holidays []*cal.Holiday
}

// countries is every country that rickar/cal has a package for, sorted by code, with its
// regions sorted too. It is never changed. The European Central Bank, which it has as well,
// is no country. Australia has no list of its own there and the one of Switzerland is a
// union of all cantons, so both need a region. The regions of the United Kingdom and
// Matariki in New Zealand are put together here from what the packages define.
var countries = []country{
	{code: "ar", national: ar.Holidays},
	{code: "at", national: at.Holidays},
	{code: "au", regions: []region{
		{"act", au.HolidaysACT},
		{"nsw", au.HolidaysNSW},
		{"nt", au.HolidaysNT},
		{"qld", au.HolidaysQLD},
		{"sa", au.HolidaysSA},
		{"tas", au.HolidaysTAS},
		{"vic", au.HolidaysVIC},
		{"wa", au.HolidaysWA},
	}},
	{code: "be", national: be.Holidays},
	{code: "bg", national: bg.Holidays},
	{code: "br", national: br.Holidays},
	{code: "ca", national: ca.Holidays},
	{code: "ch", regions: []region{
		{"ag", ch.HolidaysAG},
		{"ai", ch.HolidaysAI},
		{"ar", ch.HolidaysAR},
		{"be", ch.HolidaysBE},
		{"bl", ch.HolidaysBL},
		{"bs", ch.HolidaysBS},
		{"fr", ch.HolidaysFR},
		{"ge", ch.HolidaysGE},
		{"gl", ch.HolidaysGL},
		{"gr", ch.HolidaysGR},
		{"ju", ch.HolidaysJU},
		{"lu", ch.HolidaysLU},
		{"ne", ch.HolidaysNE},
		{"nw", ch.HolidaysNW},
		{"ow", ch.HolidaysOW},
		{"sg", ch.HolidaysSG},
		{"sh", ch.HolidaysSH},
		{"so", ch.HolidaysSO},
		{"sz", ch.HolidaysSZ},
		{"tg", ch.HolidaysTG},
		{"ti", ch.HolidaysTI},
		{"ur", ch.HolidaysUR},
		{"vd", ch.HolidaysVD},
		{"vs", ch.HolidaysVS},
		{"zg", ch.HolidaysZG},
		{"zh", ch.HolidaysZH},
	}},
	{code: "cy", national: cy.Holidays},
	{code: "cz", national: cz.Holidays},
	{code: "de", national: de.Holidays, regions: []region{
		{"bb", de.HolidaysBB},
		{"be", de.HolidaysBE},
		{"bw", de.HolidaysBW},
		{"by", de.HolidaysBY},
		{"hb", de.HolidaysHB},
		{"he", de.HolidaysHE},
		{"hh", de.HolidaysHH},
		{"mv", de.HolidaysMV},
		{"ni", de.HolidaysNI},
		{"nw", de.HolidaysNW},
		{"rp", de.HolidaysRP},
		{"sh", de.HolidaysSH},
		{"sl", de.HolidaysSL},
		{"sn", de.HolidaysSN},
		{"st", de.HolidaysST},
		{"th", de.HolidaysTH},
	}},
	{code: "dk", national: dk.Holidays},
	{code: "ee", national: ee.Holidays},
	{code: "es", national: es.Holidays},
	{code: "fi", national: fi.Holidays},
	{code: "fr", national: fr.Holidays},
	{code: "gb", national: gb.Holidays, regions: []region{
		{"eng", gb.Holidays},
		{"nir", slices.Concat(gb.Holidays, []*cal.Holiday{stPatrick, boyne})},
		{"sct", scotland},
		{"wls", gb.Holidays},
	}},
	{code: "gr", national: gr.Holidays},
	{code: "hr", national: hr.Holidays},
	{code: "hu", national: hu.Holidays},
	{code: "ie", national: ie.Holidays},
	{code: "is", national: is.Holidays},
	{code: "it", national: it.Holidays},
	{code: "jp", national: jp.Holidays},
	{code: "ke", national: ke.Holidays},
	{code: "lt", national: lt.Holidays},
	{code: "lu", national: lu.Holidays},
	{code: "lv", national: lv.Holidays},
	{code: "mt", national: mt.Holidays},
	{code: "mw", national: mw.Holidays},
	{code: "mx", national: mx.Holidays},
	{code: "nc", national: nc.Holidays},
	{code: "nl", national: nl.Holidays},
	{code: "no", national: no.Holidays},
	{code: "nz", national: slices.Concat(nz.Holidays, []*cal.Holiday{nz.Matariki})},
	{code: "pl", national: pl.Holidays},
	{code: "pt", national: pt.Holidays},
	{code: "ro", national: ro.Holidays},
	{code: "rs", national: rs.Holidays},
	{code: "ru", national: ru.Holidays},
	{code: "se", national: se.Holidays},
	{code: "si", national: si.Holidays},
	{code: "sk", national: sk.Holidays},
	{code: "th", national: th.Holidays},
	{code: "ua", national: ua.Holidays},
	{code: "us", national: us.Holidays},
	{code: "za", national: za.Holidays},
}

// Holidays of parts of the United Kingdom (Banking and Financial Dealings Act 1971,
// schedule 1), with a Saturday or Sunday kept on the next free weekday.
var (
	stPatrick = &cal.Holiday{Name: "St Patrick's Day", Month: time.March, Day: 17, Func: cal.CalcDayOfMonth, Observed: toMonday}
	boyne     = &cal.Holiday{Name: "Battle of the Boyne", Month: time.July, Day: 12, Func: cal.CalcDayOfMonth, Observed: toMonday}
	stAndrew  = &cal.Holiday{Name: "St Andrew's Day", Month: time.November, Day: 30, Func: cal.CalcDayOfMonth, Observed: toMonday, StartYear: 2007}
	toMonday  = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}
	// secondOfJanuary makes room for New Year's Day, as Boxing Day does for Christmas Day.
	secondOfJanuary = &cal.Holiday{Name: "2nd January", Month: time.January, Day: 2, Func: cal.CalcDayOfMonth, Observed: gb.BoxingDay.Observed}

	scotland = []*cal.Holiday{
		gb.NewYear, secondOfJanuary, gb.GoodFriday, gb.EarlyMay, gb.VEDay, gb.CoronationDay,
		gb.SpringHoliday, gb.SpringHoliday2022, gb.PlatinumJubilee, gb.SummerHolidayScotland,
		stAndrew, gb.ChristmasDay, gb.BoxingDay,
	}
)
