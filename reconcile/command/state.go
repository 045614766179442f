package command

import (
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
)

// ready returns why a step cannot be done or signed off yet.
func (j *judging) ready(how string) string {
	if waits := j.View.Waits(j.step); waits != "" {
		return "it cannot be " + how + " yet, because it " + waits + ": write the command again after that"
	}
	if b, ok := j.step.Template.(*schema.Playbook); ok {
		var names []string
		for _, f := range b.Lacks(j.step.Assignment, j.step.Step) {
			names = append(names, f.Name())
		}
		if len(names) > 0 {
			where := "into the run in " + j.file()
			if j.step.FromIssue() {
				where = "below its heading in this issue"
			}
			return "it cannot be " + how + " yet: write " + strings.Join(names, ", ") + " " + where + ", then write the command again"
		}
	}
	return ""
}

// over returns why nothing can be done about a step any more.
func (j *judging) over() string {
	if why := j.ended(); why != "" {
		return why
	}
	switch s := j.View.State(j.step); {
	case s == plan.Done || s == plan.Skipped:
		return "it is " + string(s) + " already, so there is nothing left to do"
	case s == plan.Cancelled:
		return "it is called off by an exception in " + j.file() + ": take that out to have it again"
	case s == plan.Obsolete:
		return "the files do not ask for it any more, so there is nothing left to do"
	case !j.subject.Open:
		return "the issue is closed: open it again, then write the command again"
	}
	return ""
}

// settled returns why a step cannot be done, skipped, taken or given back any more. What fell
// due before its run ended, and is still open, can: else nobody would get rid of it.
func (j *judging) settled() string {
	switch j.View.State(j.step) {
	case plan.Open, plan.Overdue, plan.BlockedStep:
		if j.subject.Open && !j.subject.PerRun {
			return ""
		}
	}
	return j.over()
}

// ended returns why nothing can be done in the run of the step any more.
func (j *judging) ended() string {
	if !schema.RunsOnce(j.step.Template) {
		return ""
	}
	over := j.Progress.Run(j.step.Key).Over
	if over == nil {
		return ""
	}
	another := "in " + j.file()
	if j.step.FromIssue() {
		another = "asked for by another issue"
	}
	return "the run ended on " + issue.Day(over.On) + ", so nothing in it changes any more: what is new is another run, " + another
}

// decided reports whether the question of the step has an answer.
func (j *judging) decided() bool {
	id := j.step.Step.Decide.ID
	if j.step.Assignment.Decisions[id] != "" {
		return true
	}
	_, ok := j.Progress.Run(j.step.Key).Decisions[id]
	return ok
}

// options are the commands that answer the question of the step.
func (j *judging) options() string {
	var l []string
	for _, o := range j.step.Step.Decide.Options {
		l = append(l, j.writeVerb(Decide, o))
	}
	return strings.Join(l, " or ")
}

// file is where the client of the step is written down.
func (j *judging) file() string { return j.step.Client.Source.File }
