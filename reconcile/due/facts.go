package due

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Facts are what is known beside the files: what people did and decided. The zero Facts, and
// a nil one, know nothing. They are not changed once an Engine has them.
type Facts struct {
	// Ended holds what has ended, by key: only steps of runs need to be in it.
	Ended map[string]Ending
	// Decisions hold what commands decided, by run (client/template/cycle) and by the id of
	// the question. What the client's file says wins.
	Decisions map[string]map[string]string
	// DecidedOn holds since when an answer counts, of files and commands, by run and by the id
	// of the question. What hangs on an answer falls no earlier in a playbook.
	DecidedOn map[string]map[string]civil.Date
	// Over holds the runs that have come to their end, by run. What the file says wins.
	Over map[string]Over
	// Moved holds what commands moved, by key. An exception in the file wins.
	Moved map[string]Move
	// Taken maps the keys of steps that somebody out of a pool has taken, or was given, to
	// that person's id.
	Taken map[string]string
	// Started are the runs that issues have started, by the id of the client, in order of
	// the number.
	Started map[string][]schema.Assignment
}

// answered returns the day since which the answers count on which a step of a run hangs.
func (f *Facts) answered(run string, s *schema.Step) (day civil.Date) {
	if len(s.When) == 0 {
		return 0
	}
	for id, on := range f.DecidedOn[run] {
		if s.When[id] != nil {
			day = max(day, on)
		}
	}
	return day
}

// Answered returns the day since which the answers count on which an occurrence hangs, zero
// where it hangs on none.
func (e *Engine) Answered(o *Occurrence) civil.Date {
	return e.facts.answered(o.Client.ID+"/"+o.Template.Head().ID+"/"+o.Cycle, o.Step)
}

// Ending is how a step ended.
type Ending struct {
	// On is the day.
	On civil.Date
	// Skipped says that it was not done and will not be.
	Skipped bool
}

// Over is how a run ended.
type Over struct {
	On civil.Date
	// Outcome is what it came to, in a few words.
	Outcome string
	// NotPlanned says that its issue is closed as not planned.
	NotPlanned bool
}

// Move is a date that a command gave one occurrence.
type Move struct {
	To civil.Date
	// Why tells who moved it and for what reason.
	Why string
}
