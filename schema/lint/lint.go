// Package lint finds what no single document shows: references that lead nowhere, steps
// that wait for each other, dates that cannot be, people who cannot be reached.
//
// A rule is a pure function over a pass: the catalog and look-ups over it that are built
// once. Every rule has its own file, stands in one explicit list, and is described in
// RULES.md; none of them knows of another. References are resolved once for all rules,
// so that an unknown, an old and a broken target can never be told twice.
//
// An error is what would make a promise to a client wrong or lost: its document is not
// used until it is mended. Everything else is a warning.
package lint

import (
	"io/fs"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// Rule is what a list of rules shows of one.
type Rule struct {
	// ID is `lint/` and a noun phrase.
	ID string
	// Severity is the worst that the rule reports.
	Severity diag.Severity
	// Summary says in one line what the rule finds: lower case, no full stop.
	Summary string
}

// Options are what the rules may know of the world. The zero Options turn off the rules
// that need more.
type Options struct {
	// Today decides what has expired; the zero Date turns that off.
	Today civil.Date
	// Files is the repository from its root, for logos; nil turns off looking into them.
	Files fs.FS
	// Locate finds the value at a dotted path of a document, columns in characters and the
	// end column exclusive. Without it, faults point at the start of their document.
	Locate func(s schema.Source, path string) (line, column, endColumn int)
	// LocateKey is Locate for the key of the value, where a name stands before the colon;
	// without it, Locate is asked.
	LocateKey func(s schema.Source, path string) (line, column, endColumn int)
	// KnownZone reports whether a name is a time zone; nil turns off the check. The data of
	// time zones lie in files, which this package does not read.
	KnownZone func(name string) bool
}

// rule is a Rule that can be run over a catalog.
type rule struct {
	Rule
	run func(*pass)
}

// Run returns everything that the rules find in an indexed catalog, sorted. Secrets are
// found in text, by CheckFile, and are not part of it.
func Run(cat *schema.Catalog, o Options) diag.List {
	p := newPass(cat, o)
	for _, r := range rules() {
		p.rule = r.Rule
		r.run(p)
	}
	return p.faults.Sorted()
}

// Rules returns every rule, in the order in which RULES.md treats them.
func Rules() []Rule {
	var l []Rule
	for _, r := range rules() {
		l = append(l, r.Rule)
	}
	return append(l, secretRule)
}

// rules is the one list of rules over a catalog.
func rules() []rule {
	return []rule{
		duplicateID, duplicateName, sharedExternalID, sharedAddress,
		unknownRole, unknownPerson, unknownTemplate, unknownStep, unknownMilestone, unknownChannel,
		unknownField, unknownQuestion, unknownCondition, unknownOption,
		oldID, brokenReference,
		roleNotFilled, emptyPool, ownDeputy, approver, unreachablePerson, emailDomain, clientContact, unknownContact, channelAddress,
		unknownTimezone, unknownHolidays, removedHoliday,
		dependencyCycle, stepOrder, rolledOrder, stepDate, repetition, recurrenceRule, zeroInterval, noIssue, stepIssue, invitation,
		unguardedLoop, endlessRun, draftStep, namedPerson, unusableField, runLabel,
		assignmentField, missingField, fieldValue, approval, duplicateAssignment, alignmentMissing, alignmentTBD,
		impossibleDate, overlap, exceptionKind, unknownCycle, noEffect, reactivation,
		expiredTemplate, expiringTemplate, templateOwner, placeholder, curlyQuotes, unsafeLogo, unusableLogo,
	}
}
