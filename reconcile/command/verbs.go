package command

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

func (j *judging) done(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.works():
		return j.notYours("say that it is done")
	case j.settled() != "":
		return j.settled()
	case len(j.step.Step.Approve) > 0:
		return "this step is done when it is signed off by " + j.roles(j.step.Step.Approve) + ": ask for " + j.writeVerb(Approve)
	}
	return j.ready("done")
}

func (j *judging) skip(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.answers():
		return j.notYours("skip it")
	case j.settled() != "":
		return j.settled()
	case e.Reason == "":
		return "say why it is skipped, such as " + j.write("the client has done it already")
	}
	return ""
}

func (j *judging) decide(e *record.Event) string {
	d := j.step.Step.Decide
	if d == nil {
		return "there is nothing to decide in this step: write /help for what can be done here"
	}
	e.Arg, e.Reason = j.command.Next()
	switch {
	case !j.answers() && !slices.ContainsFunc(j.step.Step.Approve, j.holds):
		return j.notYours("decide it")
	case !slices.Contains(d.Options, e.Arg):
		return "say what is decided, with one of these: " + j.options()
	case j.step.Assignment.Decisions[d.ID] != "":
		return "it is decided in " + j.file() + ", which wins over comments: change decisions there"
	}
	return j.ended()
}

func (j *judging) approve(e *record.Event) string {
	a := j.Progress.Approvals(j.step)
	hash, rest := j.command.Next()
	if e.Of, e.Reason = a.Of, rest; !isHash(hash) {
		hash, e.Reason = "", j.command.Rest
	}
	switch {
	case len(j.step.Step.Approve) == 0:
		return "this step needs no sign-off: write " + j.writeVerb(Done) + " when it is done"
	case !slices.ContainsFunc(j.step.Step.Approve, j.holds):
		return "it is signed off by " + j.roles(j.step.Step.Approve) + " of " + j.step.Client.Name + ", and you are none of them: ask them to write " + j.write()
	case len(a.Missing) == 0:
		return "everybody has signed it off already, so there is nothing left to do"
	case j.over() != "":
		return j.over()
	case hash != "" && hash != a.Of:
		return "it has changed since: what there is to sign off now is " + a.Of + ", so read it again, then write " + j.write(a.Of)
	case j.step.Step.Decide != nil && !j.decided():
		return "it has to be decided before it is signed off: write " + j.options()
	}
	e.Role = a.Missing[0]
	if !j.holds(e.Role) {
		return "next to sign off is " + j.roles(a.Missing[:1]) + ": write " + j.write() + " again after that"
	}
	if why := j.Progress.Bars(j.step, j.person.ID, e.Role); why != "" {
		return why + ": ask somebody else who may sign it off as " + j.roles(a.Missing[:1]) + " to write " + j.write()
	}
	return j.ready("signed off")
}

// isHash reports whether a word is written like a hash of what there is to sign off.
func isHash(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789abcdef") == "" }

func (j *judging) reject(e *record.Event) string {
	e.Reason = j.command.Rest
	for _, role := range j.step.Step.Approve {
		if e.Role == "" && j.holds(role) {
			e.Role = role
		}
	}
	switch {
	case len(j.step.Step.Approve) == 0:
		return "this step needs no sign-off, so there is nothing to send back: say what is missing in a comment without a slash"
	case e.Role == "":
		return "only who signs it off can send it back, which is " + j.roles(j.step.Step.Approve) + " of " + j.step.Client.Name + ": ask one of them to write " + j.write("and why")
	case j.over() != "":
		return j.over()
	case e.Reason == "":
		return "say why it is sent back, such as " + j.write("the root cause is missing")
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
		return j.notYours("move it")
	case err != nil:
		return "say the day as year-month-day, such as " + j.write(j.AsOf.AddDays(7).String(), "the client is away")
	case j.over() != "":
		return j.over()
	case j.step.Nominal == 0:
		return "the step has no date yet that could be moved: it gets one once the run in " + j.file() + " has its start"
	case j.step.Exception != nil && j.step.Exception.MoveTo != 0:
		return "an exception in " + j.file() + " gives it its date, which wins over comments: change it there"
	case day < j.AsOf:
		return day.String() + " has passed: choose a day from today on"
	case day < low || day > high:
		why := "it may be moved by at most " + limit.String() + " from " + issue.Day(j.step.Nominal) + ": choose a day from " + max(low, j.AsOf).String() + " to " + high.String()
		if !j.step.FromIssue() {
			why += ", or write an exception into " + j.file()
		}
		return why
	}
	return ""
}

func (j *judging) take(e *record.Event) string {
	switch {
	case !j.isPool():
		return "this step is not in a pool: it belongs to " + j.ownerName() + ", and who has it is changed in " + j.file()
	case j.settled() != "":
		return j.settled()
	case !j.holds(j.step.Step.Owner):
		return "only " + j.roles([]string{j.step.Step.Owner}) + " can take it: ask one of them to write " + j.write()
	case j.step.Owner.Person == j.person.ID:
		return "you have it already, so there is nothing left to do"
	case j.step.Owner.Person != "":
		return j.ownerName() + " has it: ask for " + j.writeVerb(Release) + " first, then write " + j.write() + " again"
	}
	return ""
}

func (j *judging) release(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.isPool():
		return "this step is not from a pool, so it cannot be put back into one: who has it is changed in " + j.file()
	case j.settled() != "":
		return j.settled()
	case j.step.Owner.Person == "":
		return "nobody has it, so there is nothing to put back: write " + j.writeVerb(Take) + " to take it"
	case !j.works():
		return j.notYours("put it back")
	}
	return ""
}

func (j *judging) note(e *record.Event) string {
	e.Reason = j.command.Rest
	switch {
	case !j.works():
		return j.notYours("write notes on it") + "; a comment without a slash is always welcome"
	case e.Reason == "":
		return "write the news behind it, such as " + j.write("the switch was replaced")
	}
	return ""
}
