package command

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

func (j *judging) done(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.works():
		return j.notYours("done")
	case j.over() != "":
		return j.over()
	case len(j.step.Step.Approve) > 0:
		return "this step is done when it is signed off by " + j.roles(j.step.Step.Approve) + ": write /approve"
	}
	return j.ready("done")
}

func (j *judging) skip(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.answers():
		return j.notYours("skipped")
	case j.over() != "":
		return j.over()
	case e.Reason == "":
		return "say why, such as /skip the client has done it already"
	}
	return ""
}

func (j *judging) decide(e *record.Event) string {
	d := j.step.Step.Decide
	if d == nil {
		return "there is nothing to decide in this step"
	}
	var reason string
	e.Arg, reason = j.command.Next()
	e.Reason = reason
	switch {
	case !j.answers() && !slices.ContainsFunc(j.step.Step.Approve, j.holds):
		return j.notYours("decided")
	case !slices.Contains(d.Options, e.Arg):
		return "write /decide and one of " + strings.Join(d.Options, ", ")
	case j.step.Assignment.Decisions[d.ID] != "":
		return "it is decided in " + j.step.Client.Source.File + ", which wins: change decisions there"
	case j.ended():
		return "the run has ended"
	}
	return ""
}

func (j *judging) approve(e *record.Event) string {
	a := j.Progress.Approvals(j.step)
	hash, _ := j.command.Next()
	e.Of = a.Of
	switch {
	case len(j.step.Step.Approve) == 0:
		return "this step needs no sign-off: write /done when it is done"
	case len(a.Missing) == 0:
		return "everybody has signed it off already"
	case j.over() != "":
		return j.over()
	case hash != "" && hash != a.Of:
		return "it has changed since: what is to be signed off is now " + a.Of + "; read it again, then write /approve " + a.Of
	case j.step.Step.Decide != nil && !j.decided():
		return "it is to be decided first: write /decide and one of " + strings.Join(j.step.Step.Decide.Options, ", ")
	}
	e.Role = a.Missing[0]
	if !j.holds(e.Role) {
		return "next to sign off is " + j.roles(a.Missing[:1]) + ", which " + j.person.Name + " is not for " + j.step.Client.Name
	}
	if why := j.Progress.Bars(j.step, j.person.ID, e.Role); why != "" {
		return why
	}
	return j.ready("signed off")
}

func (j *judging) reject(e *record.Event) string {
	e.Reason = j.command.Rest
	for _, role := range j.step.Step.Approve {
		if e.Role == "" && j.holds(role) {
			e.Role = role
		}
	}
	switch {
	case len(j.step.Step.Approve) == 0:
		return "this step needs no sign-off, so there is nothing to send back"
	case e.Role == "":
		return "only " + j.roles(j.step.Step.Approve) + " can send it back"
	case j.over() != "":
		return j.over()
	case e.Reason == "":
		return "say why, such as /reject the root cause is missing"
	}
	e.Of = j.Progress.Approvals(j.step).Of
	return ""
}

func (j *judging) reschedule(e *record.Event) string {
	e.Arg, e.Reason = j.command.Next()
	day, err := civil.Parse(e.Arg)
	limit := j.Catalog.Organization.MaxReschedule()
	low, high := j.Engine.Around(j.step, limit)
	switch {
	case !j.answers():
		return j.notYours("moved")
	case err != nil:
		return "write the day as year-month-day, such as /reschedule " + j.AsOf.AddDays(7).String()
	case j.over() != "":
		return j.over()
	case j.step.Nominal == 0:
		return "the step has no date yet"
	case j.step.Exception != nil && j.step.Exception.MoveTo != 0:
		return "an exception in " + j.step.Client.Source.File + " gives it its date, which wins: change it there"
	case day < j.AsOf:
		return day.String() + " has passed: choose a day from today on"
	case day < low || day > high:
		return "it may be moved by at most " + limit.String() + " from " + issue.Day(j.step.Nominal) + ": choose a day until " + high.String() + ", or write an exception into " + j.step.Client.Source.File
	}
	return ""
}

func (j *judging) take(e *record.Event) string {
	switch {
	case !j.isPool():
		return "this step is not in a pool: it belongs to " + j.ownerName()
	case j.over() != "":
		return j.over()
	case !j.holds(j.step.Step.Owner):
		return "only " + j.roles([]string{j.step.Step.Owner}) + " can take it"
	case j.step.Owner.Person == j.person.ID:
		return "it is yours already"
	case j.step.Owner.Person != "":
		return j.ownerName() + " has it: ask for /release first"
	}
	return ""
}

func (j *judging) release(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.isPool():
		return "this step is not from a pool, so there is nothing to put it back into"
	case j.over() != "":
		return j.over()
	case j.step.Owner.Person == "":
		return "nobody has it"
	case !j.works():
		return j.notYours("put back")
	}
	return ""
}

func (j *judging) note(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.works():
		return j.notYours("commented on with /note")
	case e.Reason == "":
		return "write the news behind it, such as /note the switch was replaced"
	}
	return ""
}

// ready returns why a step cannot be done or signed off yet.
func (j *judging) ready(how string) string {
	if waits := j.View.Waits(j.step); waits != "" {
		return "it cannot be " + how + " yet: it " + waits
	}
	if b, ok := j.step.Template.(*schema.Playbook); ok {
		var names []string
		for _, f := range b.Lacks(j.step.Assignment, j.step.Step) {
			names = append(names, f.Name())
		}
		if len(names) > 0 {
			return "it cannot be " + how + " yet: the run in " + j.step.Client.Source.File + " does not say " + strings.Join(names, ", ")
		}
	}
	return ""
}

// over returns why nothing can be done about a step any more.
func (j *judging) over() string {
	switch s := j.View.State(j.step); {
	case j.ended():
		return "the run has ended"
	case s == plan.Done || s == plan.Skipped:
		return "it is " + string(s) + " already"
	case s == plan.Cancelled || s == plan.Obsolete:
		return "it is " + string(s)
	case !j.subject.Open:
		return "the issue is closed: open it again first"
	}
	return ""
}

// ended reports whether the run of the step is over.
func (j *judging) ended() bool {
	return schema.RunsOnce(j.step.Template) && j.Progress.Run(j.step.Key).Over != nil
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
