package reconcile_test

// The play runs from the Monday on which Gable Roofing waits for the director to the Friday
// after the holiday that moves the meeting.
const firstDay, lastDay = "2026-04-13", "2026-05-29"

// scene is something that somebody does on a day: closes or drops the issue of a key, ticks
// the row of a member key on the issue that several clients share, says something on an issue
// (edits: and changes it afterwards), asks for something by an issue with a label, or merges a
// pull request.
type scene struct{ day, who, verb, on, what string }

// edit replaces a passage of a file.
type edit struct{ file, old, new string }

// pulls are the pull requests of the play.
var pulls = map[string][]edit{
	"a room for the training at ivory-clinic": {{"clients/ivory-clinic.yaml", "{week-6: future}", "{week-6: at-once}"}},
	"the root cause of kestrel-logistics": {{"clients/kestrel-logistics.yaml", "      references: [ticket 10442, ticket 10467]\n",
		"      references: [ticket 10442, ticket 10467]\n      root-cause: [\"The access points are older than the scanners, ticket 10442\"]\n      done-when: Two weeks without an outage of the scanners.\n      actions:\n        - {what: Replace the access points, owner: priya, due: 2026-04-24}\n"}},
	"what gable-roofing reached":          {{"clients/gable-roofing.yaml", "      done-when:", "      reached: The advertisement is gone, and they came to the quarterly meeting.\n      done-when:"}},
	"what kestrel-logistics reached":      {{"clients/kestrel-logistics.yaml", "      done-when:", "      reached: No outage since the new access points of 2026-04-18.\n      done-when:"}},
	"a recommendation for delmar-freight": {{"clients/delmar-freight.yaml", "processes:\n", "processes:\n  - template: extra-care\n    start: 2026-04-16\n    fields:\n      recommended-by: marcus\n      criteria: [communication]\n      reason: Nobody answered the last two mails.\n      instructions: Call, do not write.\n"}},
	"a recommendation for birch-legal":    {{"clients/birch-legal.yaml", "processes:\n", "processes:\n  - template: extra-care\n    start: 2026-04-22\n    fields:\n      recommended-by: ines\n      criteria: [client was bought]\n      reason: New owners.\n      instructions: Ask who decides before you promise anything.\n"}},
	"a reason that says more":             {{"clients/birch-legal.yaml", "reason: New owners.", "reason: The new owners have an IT department."}},
	"a reason that says it all":           {{"clients/birch-legal.yaml", "reason: The new owners have an IT department.", "reason: The new owners have an IT department, and the contract ends in autumn."}},
	"lee's leave":                         {{"people/leadership.yaml", "external-ids: {connectwise: \"115\"}\n", "external-ids: {connectwise: \"115\"}\naway:\n  - {from: 2026-04-27, to: 2026-05-01, deputy: dana}\n"}},
	"the root cause of gable-roofing":     {{"clients/gable-roofing.yaml", "    decisions: {placement: place}\n", "      root-cause: [\"No visit for a year, they were a paused client\"]\n      references: [contract of 2024]\n      done-when: The advertisement is withdrawn.\n      actions:\n        - {what: Visit every other week, owner: lee, due: 2026-05-15}\n    decisions: {placement: place}\n"}},
	"the root cause of birch-legal":       {{"clients/birch-legal.yaml", "      instructions: Ask", "      root-cause: [We were not known to the new owners]\n      references: [minutes of 2026-05-12]\n      done-when: The contract is renewed.\n      actions:\n        - {what: Present ourselves to the new owners, owner: lee, due: 2026-05-29}\n      instructions: Ask"}},
}

// licenceForm is what the issue form for a licence makes of what Priya fills in.
const licenceForm = "### Client\n\nkestrel-logistics\n\n### New site\n\nThe warehouse\n\n### Number of the hardware key\n\nK-1107\n\n### Wanted by\n\n_No response_\n\n### Account of the second user\n\nwarehouse-2"

const (
	care    = "all-clients/extra-care/"
	gable   = "gable-roofing/extra-care/1/"
	kestrel = "kestrel-logistics/extra-care/1/"
	delmar  = "delmar-freight/extra-care/1/"
	birch   = "birch-legal/extra-care/1/"
	ivory   = "ivory-clinic/onboarding-8-week/1/"
	// The run is called by the number of the issue that asks for it.
	licenceRun = "kestrel-logistics/multi-site-licence/t63/whole-run"
	jasper     = "jasper-architects/onboarding-8-week/1/"
)

var script = []scene{
	{"2026-04-13", "mallory", "says", care + "2026-04-13/decision", "/approve gable-roofing"},
	{"2026-04-13", "tomasz", "says", care + "2026-04-13/decision", "/approve gable-roofing"},
	{"2026-04-13", "noor", "edits", care + "2026-04-13/decision", "/approve gable-roofing"},
	{"2026-04-13", "noor", "says", care + "2026-04-13/decision", "/approve"},
	{"2026-04-13", "noor", "says", care + "2026-04-13/decision", "/approve gable-roofing"},
	{"2026-04-13", "dana", "says", care + "2026-04-13/weekly-review", "/decide kestrel-logistics stay"},
	{"2026-04-13", "dana", "ticks", care + "2026-04-13/weekly-review", kestrel + "weekly-review/2026-04-13"},
	{"2026-04-13", "marcus", "closes", jasper + "sign-up", ""},
	{"2026-04-13", "ines", "closes", ivory + "sign-up", ""},

	{"2026-04-14", "noor", "ticks", care + "2026-04-14/announce-huddle", gable + "announce-huddle"},
	{"2026-04-14", "priya", "ticks", care + "2026-04-14/announce-teams", gable + "announce-teams"},
	{"2026-04-14", "dana", "says", kestrel + "root-cause", "/approve"},
	{"2026-04-14", "priya", "says", kestrel + "root-cause", "/note the supplier looks into it"},
	{"2026-04-14", "priya", "says", ivory + "first-call", "/take"},
	{"2026-04-14", "tomasz", "says", ivory + "first-call", "/take"},

	{"2026-04-15", "ines", "closes", gable + "document", ""},
	{"2026-04-15", "priya", "merges", "", "the root cause of kestrel-logistics"},
	{"2026-04-15", "priya", "closes", kestrel + "root-cause", ""},
	{"2026-04-15", "priya", "says", ivory + "first-call", "/release I am on site"},
	{"2026-04-15", "tomasz", "says", ivory + "first-call", "/take"},

	{"2026-04-16", "dana", "says", kestrel + "root-cause", "/approve\n\nGood work."},
	{"2026-04-16", "marcus", "merges", "", "a recommendation for delmar-freight"},
	{"2026-04-16", "tomasz", "says", ivory + "first-call", "/decide future"},
	{"2026-04-16", "tomasz", "says", ivory + "first-call", "/done"},

	{"2026-04-17", "tomasz", "ticks", care + "2026-04-17/friday-update", gable + "friday-update/2026-04-17"},
	{"2026-04-17", "tomasz", "ticks", care + "2026-04-17/friday-update", kestrel + "friday-update/2026-04-17"},

	{"2026-04-20", "dana", "says", care + "2026-04-20/decision", "/decide delmar-freight decline the owner was on holiday"},
	{"2026-04-20", "dana", "says", care + "2026-04-20/decision", "/approve delmar-freight"},
	{"2026-04-20", "noor", "says", care + "2026-04-20/decision", "/approve delmar-freight"},
	{"2026-04-20", "dana", "says", care + "2026-04-20/weekly-review", "/decide kestrel-logistics remove"},
	{"2026-04-20", "dana", "says", care + "2026-04-20/weekly-review", "/done kestrel-logistics"},
	{"2026-04-20", "lee", "says", care + "2026-04-20/weekly-review", "/done gable-roofing"},

	{"2026-04-21", "priya", "merges", "", "what kestrel-logistics reached"},
	{"2026-04-21", "dana", "says", kestrel + "removal", "/approve"},
	{"2026-04-21", "dana", "says", kestrel + "removal", "/approve"},
	{"2026-04-21", "noor", "says", kestrel + "removal", "/approve"},
	{"2026-04-21", "dana", "closes", delmar + "tell-declined", ""},

	{"2026-04-22", "noor", "closes", kestrel + "announce-removal", ""},
	{"2026-04-22", "ines", "merges", "", "a recommendation for birch-legal"},
	{"2026-04-22", "lee", "merges", "", "lee's leave"},

	{"2026-04-23", "priya", "closes", kestrel + "announce-removal-teams", ""},

	{"2026-04-24", "tomasz", "ticks", care + "2026-04-24/friday-update", gable + "friday-update/2026-04-24"},

	{"2026-04-27", "dana", "says", care + "2026-04-27/decision", "/decide birch-legal place"},
	{"2026-04-27", "dana", "says", care + "2026-04-27/decision", "/approve birch-legal"},
	{"2026-04-27", "dana", "says", care + "2026-04-27/weekly-review", "/decide gable-roofing stay"},
	{"2026-04-27", "dana", "says", care + "2026-04-27/weekly-review", "/done gable-roofing"},

	{"2026-04-28", "ines", "merges", "", "a reason that says more"},
	{"2026-04-28", "noor", "says", care + "2026-04-27/decision", "/approve birch-legal"},

	{"2026-04-29", "dana", "says", care + "2026-04-27/decision", "/approve birch-legal"},
	{"2026-04-29", "noor", "says", care + "2026-04-27/decision", "/reject birch-legal say until when the contract runs"},

	{"2026-04-30", "ines", "merges", "", "a reason that says it all"},
	{"2026-04-30", "dana", "says", care + "2026-04-27/decision", "/approve birch-legal"},
	{"2026-04-30", "noor", "says", care + "2026-04-27/decision", "/approve birch-legal"},

	{"2026-05-01", "noor", "ticks", care + "2026-05-01/announce-huddle", birch + "announce-huddle"},
	{"2026-05-01", "priya", "ticks", care + "2026-05-01/announce-teams", birch + "announce-teams"},
	{"2026-05-01", "tomasz", "closes", care + "2026-05-01/friday-update", ""},
	{"2026-05-01", "ines", "closes", birch + "document", ""},

	{"2026-05-04", "tomasz", "merges", "", "the root cause of gable-roofing"},
	{"2026-05-04", "lee", "says", gable + "root-cause", "/approve"},
	{"2026-05-04", "lee", "says", care + "2026-05-04/weekly-review", "/done gable-roofing"},
	{"2026-05-04", "lee", "says", care + "2026-05-04/weekly-review", "/done birch-legal"},

	{"2026-05-06", "priya", "asks", "licence-request", licenceForm},

	{"2026-05-07", "priya", "says", licenceRun, "/done"},
	{"2026-05-07", "ines", "says", licenceRun, "/take"},

	{"2026-05-08", "ines", "says", licenceRun, "/take"},
	{"2026-05-08", "ines", "says", licenceRun, "/decide required"},
	{"2026-05-08", "ines", "says", licenceRun, "/done"},
	{"2026-05-08", "tomasz", "closes", care + "2026-05-08/friday-update", ""},

	{"2026-05-11", "lee", "says", care + "2026-05-11/weekly-review", "/decide gable-roofing remove"},
	{"2026-05-11", "lee", "closes", care + "2026-05-11/weekly-review", ""},

	{"2026-05-11", "tomasz", "says", licenceRun, "/done"},
	{"2026-05-11", "priya", "says", licenceRun, "/done"},

	{"2026-05-12", "tomasz", "says", licenceRun, "/done"},
	{"2026-05-12", "ines", "merges", "", "a room for the training at ivory-clinic"},
	{"2026-05-12", "lee", "says", care + "2026-05-11/weekly-review", "/decide gable-roofing stay they called"},
	{"2026-05-12", "lee", "says", birch + "root-cause", "/reschedule 2026-05-20 the new owners are away"},

	{"2026-05-15", "tomasz", "closes", care + "2026-05-15/friday-update", ""},

	{"2026-05-18", "lee", "says", care + "2026-05-18/weekly-review", "/decide gable-roofing remove"},
	{"2026-05-18", "lee", "closes", care + "2026-05-18/weekly-review", ""},

	{"2026-05-19", "tomasz", "merges", "", "what gable-roofing reached"},
	{"2026-05-19", "lee", "says", gable + "removal", "/approve"},
	{"2026-05-19", "noor", "says", gable + "removal", "/approve"},

	{"2026-05-20", "noor", "closes", gable + "announce-removal", ""},
	{"2026-05-20", "priya", "closes", gable + "announce-removal-teams", ""},
	{"2026-05-20", "tomasz", "merges", "", "the root cause of birch-legal"},
	{"2026-05-20", "lee", "says", birch + "root-cause", "/approve"},

	{"2026-05-22", "priya", "closes", care + "2026-05-22/friday-update", ""},

	{"2026-05-26", "lee", "says", care + "2026-05-25/weekly-review", "/decide birch-legal stay"},
	{"2026-05-26", "lee", "ticks", care + "2026-05-25/weekly-review", birch + "weekly-review/2026-05-25"},

	{"2026-05-29", "priya", "closes", care + "2026-05-29/friday-update", ""},
}
