package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// stage is how far a run has come whose steps share one issue.
type stage struct {
	// steps are those that are there, in the order of the file; of a repeated step every turn.
	steps []*due.Occurrence
	// current are the steps that the run is at, in that order: nothing is in their way, and
	// their time has come. Where no time has come it is the step that comes first, so that an
	// issue is always with somebody.
	current []*due.Occurrence
	// due is the day on which the last step falls, tracked what is known of the issue.
	due     civil.Date
	tracked fate
	number  int
	// over is how the run ended, nil while it goes on.
	over *due.Over
}

// perRun reports whether an occurrence belongs to a run that has one issue for all steps.
func perRun(o *due.Occurrence) bool {
	b, ok := o.Template.(*schema.Playbook)
	return ok && b.PerRun()
}

// isPart reports whether a step has no issue of its own, but that of its run.
func isPart(o *due.Occurrence) bool { return perRun(o) && !o.Whole }

// wholeKey returns the key of the issue that stands for the run of a key.
func wholeKey(key string) string {
	parts := strings.SplitN(key, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/") + "/" + schema.WholeRun
}

// issueOf returns the issue on which an occurrence is spoken of, or nil.
func (v *View) issueOf(o *due.Occurrence) *issue.Issue {
	if isPart(o) {
		return v.Issue(wholeKey(o.Key))
	}
	return v.Issue(o.Key)
}

// at returns the step that a run with one issue is at; anything else is what it is.
func (v *View) at(o *due.Occurrence) *due.Occurrence {
	if o.Whole && perRun(o) {
		if st := v.stageOf(o); len(st.current) > 0 {
			return st.current[0]
		}
	}
	return o
}

// stageOf returns how far the run has come that an occurrence stands for.
func (v *View) stageOf(whole *due.Occurrence) *stage {
	if st := v.stages[whole.Key]; st != nil {
		return st
	}
	_, d := v.tracked(whole)
	st := &stage{due: whole.Due, tracked: d.fate, number: d.number, over: v.in.Progress.Run(whole.Key).Over}
	v.stages[whole.Key] = st // what the steps ask about each other does not hang on which is at hand
	st.steps = v.partsOf(whole)
	if st.over == nil {
		st.current = v.currentOf(st.steps)
	}
	return st
}

// partsOf returns the steps of a run in the order of the file, the turns of one by date.
func (v *View) partsOf(whole *due.Occurrence) []*due.Occurrence {
	prefix := strings.TrimSuffix(whole.Key, schema.WholeRun)
	known := map[string]*due.Occurrence{}
	for i, _ := v.find(prefix); i < len(v.occurrences) && strings.HasPrefix(v.occurrences[i].Key, prefix); i++ {
		if o := &v.occurrences[i]; !o.Whole {
			known[o.Key] = o
		}
	}
	for _, o := range v.in.Engine.Run(whole) {
		if known[o.Key] == nil {
			known[o.Key] = &o
		}
	}
	order := map[string]int{}
	for i, s := range stepsIn(whole) {
		order[s.ID] = i
	}
	l := make([]*due.Occurrence, 0, len(known))
	for _, o := range known {
		l = append(l, o)
	}
	slices.SortFunc(l, func(a, b *due.Occurrence) int {
		return cmp.Or(cmp.Compare(order[a.Step.ID], order[b.Step.ID]), compareDue(a, b))
	})
	return l
}

// stepsIn returns the steps of a run as they are written, those of the client last.
func stepsIn(whole *due.Occurrence) []*schema.Step {
	var l []*schema.Step
	whole.Template.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool { l = append(l, s); return true })
	for i := range whole.Assignment.ExtraSteps {
		l = append(l, &whole.Assignment.ExtraSteps[i])
	}
	return l
}

// currentOf returns the steps that a run is at.
func (v *View) currentOf(steps []*due.Occurrence) []*due.Occurrence {
	var l []*due.Occurrence
	var next *due.Occurrence
	for _, o := range steps {
		if v.free(o, 0).fate != later {
			continue
		}
		if v.in.AsOf >= o.Opens {
			l = append(l, o)
		}
		if next == nil || o.Opens < next.Opens {
			next = o
		}
	}
	if l == nil && next != nil {
		l = append(l, next)
	}
	return l
}

// free works out what is in the way of a step without an issue of its own: later where
// nothing is.
func (v *View) free(o *due.Occurrence, depth int) verdict {
	if o.Cancelled() {
		return verdict{fate: called}
	}
	if end, ok := v.fact(o.Key); ok {
		return verdict{fate: ended, free: end.On}
	}
	switch {
	case v.in.Progress.Run(o.Key).Over != nil:
		return verdict{fate: ended, free: v.in.AsOf}
	case o.Undecided != "":
		return verdict{fate: undecided, waitsFor: v.asks(o)}
	case o.Due == 0:
		return verdict{fate: undated}
	}
	waits, free := v.waits(o, depth)
	if len(waits) > 0 {
		return verdict{fate: waiting, waitsFor: waits, free: free}
	}
	return verdict{fate: later, free: free}
}

// part is the fate of a step without an issue of its own: it is open once the run is at it
// and the issue of the run is open.
func (v *View) part(o *due.Occurrence, depth int) verdict {
	w := v.free(o, depth)
	if w.fate == waiting && v.in.AsOf < o.Opens {
		w.fate = later
		return w
	}
	if w.fate != later {
		return w
	}
	whole := v.lookup(wholeKey(o.Key))
	if whole == nil {
		return w
	}
	st := v.stageOf(whole)
	switch {
	case st.tracked == open && slices.ContainsFunc(st.current, func(c *due.Occurrence) bool { return c.Key == o.Key }):
		w.fate, w.number = open, st.number
	case st.tracked == later && st.due < v.catchUp:
		w.fate = tooOld
	}
	return w
}

// stand has the occurrences that stand for runs with one issue show whose turn it is.
func (v *View) stand() {
	give := func(o *due.Occurrence) {
		delete(v.runs, o.Key) // what it lists names people, who are known only now
		if at := v.at(o); at != o {
			o.Owner, o.Nominal, o.Due = at.Owner, at.Nominal, at.Due
		}
	}
	v.eachRun(give)
}

// runSteps returns the steps of a run, those that it is at first.
func (v *View) runSteps(whole *due.Occurrence) []*due.Occurrence {
	st := v.stageOf(whole)
	l := slices.Clone(st.current)
	for _, o := range st.steps {
		if !slices.Contains(st.current, o) {
			l = append(l, o)
		}
	}
	return l
}

// eachRun visits what stands for runs with one issue.
func (v *View) eachRun(visit func(whole *due.Occurrence)) {
	for i := range v.occurrences {
		if o := &v.occurrences[i]; o.Whole && perRun(o) {
			visit(o)
		}
	}
	for _, s := range v.seen {
		if o := s.occurrence; o != nil && o.Whole && perRun(o) {
			if _, known := v.find(o.Key); !known {
				visit(o)
			}
		}
	}
}

// perRunLines are the steps of a run as its issue lists them, and whether none is left.
func (v *View) perRunLines(whole *due.Occurrence) (l []issue.StepLine, over bool) {
	st, left, some := v.stageOf(whole), false, false
	for _, s := range stepsIn(whole) {
		var turns []*due.Occurrence
		for _, o := range st.steps {
			if o.Step.ID == s.ID {
				turns = append(turns, o)
			}
		}
		line := issue.StepLine{Number: s.Number, Title: s.Title}
		switch end, ended := v.fact(strings.TrimSuffix(whole.Key, schema.WholeRun) + s.ID); {
		case len(turns) > 0:
			line = v.partLine(st, turns)
			some, left = true, left || !line.Ended
		case !ended:
			continue // it is not in this run, or the run was over before
		default:
			if line.Ended, line.State = true, "done"; end.Skipped {
				line.State = "skipped"
			}
		}
		l = append(l, line)
	}
	return l, st.over != nil || some && !left
}

// partLine says how a step of a run with one issue stands.
func (v *View) partLine(st *stage, turns []*due.Occurrence) issue.StepLine {
	l := v.stepLine(turns)
	for _, o := range turns {
		switch _, ended := v.fact(o.Key); {
		case slices.Contains(st.current, o):
			l.State = "now"
			if name := v.name(o.Owner); name != "" {
				l.State += " with " + name
			}
			l.State += ", due " + issue.Day(o.Due)
			return l
		case st.over != nil && !ended:
			l.Ended, l.State = false, "not done"
		case o.Undecided != "" && !l.Ended:
			l.State = "waits for the decision " + o.Undecided
		}
	}
	return l
}

// runContent adds to what the step at hand says what there is to say of the run.
func (v *View) runContent(whole, at *due.Occurrence) issue.Content {
	c := v.content(at)
	c.Now, c.Step, c.Number, c.Turn = strings.TrimSpace(c.Number+" "+c.Step), whole.Step.Title, "", turn(whole)
	c.Previous = 0
	c.Steps = v.runOf(whole).lines
	return c
}
