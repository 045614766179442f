package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Wanted is the issue that an occurrence ought to have while it is open.
type Wanted struct {
	Title, Region string
	Marker        issue.Marker
	// Labels are sorted; every one of them is ours.
	Labels []string
	// Assignee is a login, empty for a pool and for a person without one.
	Assignee string
	// Milestone is the title of the one of its run, "" where the organization wants none.
	Milestone string
}

// Desired returns the issue that an occurrence ought to have, if it is open. Whether it
// ought to be open is not asked here.
func (v *View) Desired(o *due.Occurrence) Wanted {
	c := v.content(o)
	w := Wanted{Title: c.IssueTitle(), Region: c.Region(), Labels: v.labels(o), Assignee: v.login(v.at(o).Owner.Person)}
	key, _ := issue.ParseKey(o.Key)
	w.Marker = issue.Marker{Key: key, Installation: v.org.ID, Spec: issue.Spec(w.Region)}
	if v.org.GitHub.Milestones {
		w.Milestone = issue.MilestoneTitle(o.Client.Name, o.Template.Describe().Title, o.Cycle)
	}
	return w
}

// content gathers what the issue says.
func (v *View) content(o *due.Occurrence) issue.Content {
	if at := v.at(o); at != o {
		return v.runContent(o, at)
	}
	s := o.Step
	c := issue.Content{
		Client: o.Client.Name, Number: s.Number, Step: s.Title,
		Process: o.Template.Describe().Title, Turn: turn(o),
		Type: s.Type, At: s.At, Duration: s.Duration,
		Nominal: o.Nominal, Due: o.Due, Moved: v.moved(o),
		Owner: v.name(o.Owner), By: party(o), Tags: s.Tags,
		Checklist: s.Checklist, Instructions: s.Instructions,
		File: o.Source.File, Line: o.Source.Pos.Line, FileURL: v.link(o.Source),
		Previous: v.previous(o),
	}
	if o.Whole {
		c.Steps = v.runOf(o).lines
	}
	for _, h := range o.With {
		c.With = append(c.With, v.name(h))
	}
	v.addRoles(o, &c)
	c.Banners, c.Draft = v.banners(o), s.Draft
	c.Fields, c.Question, c.Signoff = v.fields(o), v.question(o), v.signoff(o)
	if c.Signoff == nil && len(v.members[o.Key]) == 0 {
		c.Lacks = lacking(o)
	}
	c.FromIssue = o.FromIssue()
	v.addShare(o, &c)
	return c
}

// addRoles says who does the work, answers for it, is asked and is told.
func (v *View) addRoles(o *due.Occurrence, c *issue.Content) {
	s := o.Step
	names := func(who []string) (l []string) {
		for _, w := range who {
			l = append(l, v.name(v.in.Engine.Holder(o, w)))
		}
		return l
	}
	c.Responsible, c.Consulted, c.Informed = names(s.Responsible), names(s.Consulted), names(s.Informed)
	if s.Accountable != "" {
		c.Accountable = v.name(v.in.Engine.Holder(o, s.Accountable))
	}
}

// turn tells apart the times that a step comes: the year of a process, the run of a plan
// unless it is the first, and the turn of a repetition.
func turn(o *due.Occurrence) string {
	var l []string
	if !schema.RunsOnce(o.Template) {
		l = append(l, o.Cycle)
	} else if o.Cycle != "1" {
		l = append(l, "run "+o.Cycle)
	}
	if o.Instance != "" {
		l = append(l, o.Instance)
	}
	return strings.Join(l, ", ")
}

// moved says why an occurrence is not due on its nominal date, or what it waits for.
func (v *View) moved(o *due.Occurrence) string {
	switch {
	case o.Unscheduled != "":
		return "no date yet: waits for " + o.Unscheduled
	case o.Moved.To != 0:
		return o.Moved.Why
	case o.Exception != nil:
		return o.Exception.Reason
	case o.Nominal == o.Due:
		return ""
	}
	var closed []civil.Days
	for _, d := range o.Client.Closed {
		closed = append(closed, civil.Days{From: d.From, To: d.To, Name: d.Name})
	}
	day := o.Nominal.Weekday().String()
	if name, off := v.cal.With(closed...).DayOff(o.Nominal); off && name != day {
		return name
	}
	return ""
}

// name returns how a holder is called among people.
func (v *View) name(h due.Holder) string {
	if p := v.in.Catalog.Person(h.Person); p != nil {
		return p.Name
	}
	if r := v.in.Catalog.Role(h.Role); r != nil {
		return r.Title
	}
	return h.String()
}

// login returns the forge's name of a person, or "".
func (v *View) login(person string) string {
	if p := v.in.Catalog.Person(person); p != nil {
		return p.GitHub
	}
	return ""
}

// link returns the address of a line of a file.
func (v *View) link(s schema.Source) string {
	if s.File == "" {
		return ""
	}
	address := s.File
	if v.in.BaseURL != "" {
		address = strings.TrimRight(v.in.BaseURL, "/") + "/" + address
	}
	if s.Pos.Line > 0 {
		address += "#L" + strconv.Itoa(s.Pos.Line)
	}
	return address
}

// previous returns the number of the issue of the same step one year ago, or 0. Turns that
// are called by their date have none.
func (v *View) previous(o *due.Occurrence) int {
	year, err := strconv.Atoi(o.Cycle)
	if schema.RunsOnce(o.Template) || err != nil {
		return 0
	}
	key := o.Client.ID + "/" + o.Template.Head().ID + "/" + strconv.Itoa(year-1) + "/" + o.Step.ID
	if o.Instance != "" {
		key += "/" + o.Instance
	}
	if is := v.Issue(key); is != nil {
		return is.Number
	}
	if e := v.in.Entries[key]; e != nil {
		return e.Number
	}
	return 0
}

// The labels that come and go with the state of an issue.
const (
	labelOverdue = "overdue"
	labelBlocked = "blocked"
)

// labels returns the labels of ours that an open issue carries.
func (v *View) labels(o *due.Occurrence) []string {
	whole := o
	o = v.at(o)
	s := o.Step
	l := append(make([]string, 0, 9+len(s.Tags)), issue.OwnershipLabel, "process:"+o.Template.Head().ID)
	if o.Client.ID != schema.AllClients {
		l = append(l, "client:"+o.Client.ID)
	}
	if s.Type != "" {
		l = append(l, "type:"+s.Type)
	}
	if role, ok := strings.CutPrefix(s.Owner, "@"); !ok && role != "" {
		l = append(l, "role:"+role)
	}
	for _, t := range s.Tags {
		l = append(l, "tag:"+t)
	}
	for _, m := range v.marks(o) {
		l = append(l, m.Label)
	}
	given := func(label string, is bool) {
		if is {
			l = append(l, label)
		}
	}
	given("touchpoint", s.Touchpoint)
	given("internal", s.Internal)
	given(labelOverdue, o.Due != 0 && o.Due < v.in.AsOf)
	given(labelBlocked, v.isBlocked(o) || v.stuck(o))
	given("step:"+s.ID, whole != o)
	slices.Sort(l)
	return slices.Compact(l)
}

func (v *View) isBlocked(o *due.Occurrence) bool {
	return len(v.unsigned(o)) > 0 || v.barred(o)
}

// stuck reports whether a run with one issue goes on and no step of it can be done.
func (v *View) stuck(o *due.Occurrence) bool {
	return o.Whole && perRun(o) && len(v.stageOf(o).current) == 0 && !v.runOf(o).ended
}

// barred reports whether somebody else has to do or to decide something first.
func (v *View) barred(o *due.Occurrence) bool {
	keys, _ := v.waits(o, 0)
	return o.Undecided != "" || len(keys) > 0
}

// isOurLabel reports whether a label, in lower case, is one that we give and take.
func (v *View) isOurLabel(l string) bool {
	switch l {
	case issue.OwnershipLabel, "touchpoint", "internal", labelOverdue, labelBlocked:
		return true
	}
	if v.markLabels[l] {
		return true
	}
	prefix, _, ok := strings.Cut(l, ":")
	return ok && slices.Contains([]string{"client", "process", "type", "role", "step", "tag"}, prefix)
}

// lead returns how long before its due date an occurrence opens, in words.
func (v *View) lead(o *due.Occurrence) string {
	if o.Opens == o.Due {
		return "opens on the day"
	}
	span := o.Step.Open
	if span.IsZero() {
		notices := o.Step.Notify
		if notices == nil {
			notices = v.org.Defaults.Notify
		}
		for _, n := range o.Notices {
			if n.Kind == due.HeadsUp && n.On == o.Opens && n.N <= len(notices) {
				span = notices[n.N-1].Before
			}
		}
	}
	if span.IsZero() {
		return "opens " + o.Opens.String()
	}
	return "opens " + span.String() + " before"
}
