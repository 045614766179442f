package lint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// pass is one run of all rules over one catalog.
type pass struct {
	Options
	cat  *schema.Catalog
	rule Rule
	// workdays knows the days of the week on which the organization works and no holidays,
	// so that a date that is only compared does not depend on the year.
	workdays *civil.Calendar

	templates   []*template
	byTemplate  map[string]*template
	assignments []assignment
	// processPaths are the paths of the entries of a client's processes.
	processPaths []string
	// graphs are room for the rule about cycles to use again.
	graphs [2]graph
	// staff is what staffing yields, once it was asked.
	staff []staffed
	// loose are the references that do not simply hold.
	loose       []reference
	suggestions map[suggestKey]string
	compared    int
	flaws       map[*schema.Client]flaw

	faults diag.List
}

// template is a template with its steps laid out.
type template struct {
	schema.Template
	head *schema.TemplateHead
	// plan and playbook are nil for templates of the other kinds.
	plan       *schema.OnboardingPlan
	playbook   *schema.Playbook
	steps      []step
	byStep     stepIndex
	milestones map[string]*schema.Milestone
	// questions find the first step that decides each question, by its id.
	questions map[string]*step
	// tracking stands for the issue of a whole run; nil where a run has none.
	tracking *step
}

// step is a step as it holds for a template or, with overrides, for one client.
type step struct {
	*schema.Step
	// week is nil outside the weeks of a plan.
	week *schema.PlanWeek
	src  schema.Source
	// path leads to the step, or to the override that changes it.
	path string
	// own says that a client's file adds or changes it.
	own bool
}

// assignment is one entry of a client's processes.
type assignment struct {
	*schema.Assignment
	client *schema.Client
	path   string
	// template is nil where there is none of that id.
	template *template
	// steps are those of the template, or those that hold with the client's changes.
	steps []step
	// extra are the steps that only the client has, and byStep finds all steps.
	extra  []step
	byStep stepIndex
	// keys are the ids under which the client overrides steps, sorted.
	keys []string
}

// changed reports whether the client departs from the template.
func (a *assignment) changed() bool { return len(a.Overrides) > 0 || len(a.ExtraSteps) > 0 }

// stepByID returns a step that holds for the client by its id or an earlier one, or nil.
func (a *assignment) stepByID(id string) *step { return a.byStep.find(id) }

func newPass(cat *schema.Catalog, o Options) *pass {
	p := &pass{Options: o, cat: cat, byTemplate: map[string]*template{}, suggestions: map[suggestKey]string{}, flaws: map[*schema.Client]flaw{}}
	p.workdays = workCalendar(cat.Organization)
	for _, t := range cat.Processes {
		p.addTemplate(t)
	}
	for _, t := range cat.Plans {
		p.addTemplate(t)
	}
	for _, t := range cat.Playbooks {
		p.addTemplate(t)
	}
	n := 0
	for _, c := range cat.Clients {
		n += len(c.Processes)
	}
	p.assignments = make([]assignment, 0, n)
	for _, c := range cat.Clients {
		for i := range c.Processes {
			p.assignments = append(p.assignments, p.assign(c, i))
		}
	}
	p.loose = resolve(p)
	return p
}

// workCalendar falls back to Monday to Friday, which always works.
func workCalendar(o *schema.Organization) *civil.Calendar {
	var r civil.Rules
	if o != nil {
		r.Workdays = o.WorkingDays
	}
	c, err := civil.NewCalendar(r)
	if err != nil {
		c, _ = civil.NewCalendar(civil.Rules{})
	}
	return c
}

func (p *pass) addTemplate(doc schema.Template) {
	t := &template{Template: doc, head: doc.Describe(), milestones: map[string]*schema.Milestone{}, questions: map[string]*step{}}
	switch d := doc.(type) {
	case *schema.ProcessTemplate:
		t.list(d.Steps)
	case *schema.Playbook:
		t.playbook = d
		t.list(d.Steps)
	case *schema.OnboardingPlan:
		t.plan = d
		t.weeks()
	}
	t.byStep.known = map[string]*step{}
	indexSteps(t.byStep.known, t.steps)
	for i := range t.steps {
		if q := t.steps[i].Decide; q != nil && t.questions[q.ID] == nil {
			t.questions[q.ID] = &t.steps[i]
		}
	}
	p.templates = append(p.templates, t)
	if p.cat.Template(t.head.ID) == doc {
		p.byTemplate[t.head.ID] = t
	}
}

// list takes in steps that stand in no week.
func (t *template) list(steps []schema.Step) {
	for i := range steps {
		t.steps = append(t.steps, step{Step: &steps[i], src: t.head.Source, path: at("steps", i)})
	}
}

// weeks takes in what a plan has.
func (t *template) weeks() {
	for i := range t.plan.Weeks {
		w := &t.plan.Weeks[i]
		for j := range w.Steps {
			t.steps = append(t.steps, step{Step: &w.Steps[j], week: w, src: t.head.Source, path: at("weeks", i, "steps", j)})
		}
	}
	for i := range t.plan.Milestones {
		t.milestones[t.plan.Milestones[i].ID] = &t.plan.Milestones[i]
	}
	if k := t.plan.Tracking; k != nil {
		s := &schema.Step{ID: schema.WholeRun, Owner: k.Owner, Notify: []schema.Notice{}}
		t.tracking = &step{Step: s, src: t.head.Source, path: "tracking"}
	}
}

// once reports whether the template runs from a start and does not turn every year.
func (t *template) once() bool { return t.plan != nil || t.playbook != nil }

// perRun reports whether a run has one issue that goes from step to step.
func (t *template) perRun() bool { return t.playbook != nil && t.playbook.PerRun() }

// noun is what kind of template it is.
func (t *template) noun() string {
	switch {
	case t.plan != nil:
		return "plan"
	case t.playbook != nil:
		return "playbook"
	}
	return "process"
}

// field returns a field of a playbook, or nil.
func (t *template) field(id string) *schema.Field {
	if t.playbook == nil {
		return nil
	}
	return t.playbook.Field(id)
}

// assign lays out one entry of a client's processes.
func (p *pass) assign(c *schema.Client, i int) assignment {
	a := assignment{Assignment: &c.Processes[i], client: c, path: p.processPath(i), template: p.lookup(c.Processes[i].Template)}
	if a.template == nil {
		return a
	}
	a.steps, a.byStep = a.template.steps, a.template.byStep
	if a.changed() {
		a.keys = slices.AppendSeq(make([]string, 0, len(a.Overrides)), maps.Keys(a.Overrides))
		slices.Sort(a.keys)
		a.steps = overridden(&a)
		own := len(a.steps)
		a.steps = appendExtra(a.steps, &a)
		a.extra = a.steps[own:]
		a.byStep = newIndex(nil, a.steps)
	}
	return a
}

// processPath returns the path of an entry of a client's processes. All clients share the
// texts: they have few entries, and the same.
func (p *pass) processPath(i int) string {
	for len(p.processPaths) <= i {
		p.processPaths = append(p.processPaths, at("processes", len(p.processPaths)))
	}
	return p.processPaths[i]
}

// lookup returns the template with an id or previous id, or nil.
func (p *pass) lookup(id string) *template {
	t := p.cat.Template(id)
	if t == nil {
		return nil
	}
	return p.byTemplate[t.Head().ID]
}

// report adds a fault of the running rule at a path of a document.
func (p *pass) report(s schema.Source, path, hint, format string, args ...any) {
	p.add(p.rule.Severity, s, path, hint, fmt.Sprintf(format, args...))
}

// advise is report with the severity of a warning, for a rule whose worst is an error.
func (p *pass) advise(s schema.Source, path, hint, format string, args ...any) {
	p.add(diag.Warning, s, path, hint, fmt.Sprintf(format, args...))
}

func (p *pass) add(sev diag.Severity, s schema.Source, path, hint, message string) {
	line, column, end := p.place(s, path, false)
	p.faults = append(p.faults, diag.Diagnostic{
		File: s.File, Line: line, Column: column, EndColumn: end,
		Severity: sev, Rule: p.rule.ID, Path: path, Message: message, Hint: hint,
	})
}

// place finds a value, or its key.
func (p *pass) place(s schema.Source, path string, key bool) (line, column, end int) {
	switch {
	case key && p.LocateKey != nil:
		return p.LocateKey(s, path)
	case p.Locate != nil:
		return p.Locate(s, path)
	}
	return s.Pos.Line, s.Pos.Column, 0
}

// at joins names and indices to a dotted path; a leading empty part is left out.
func at(parts ...any) string {
	b := make([]byte, 0, 64)
	for _, part := range parts {
		if len(b) > 0 {
			b = append(b, '.')
		}
		switch v := part.(type) {
		case string:
			b = append(b, v...)
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		}
	}
	return string(b)
}
