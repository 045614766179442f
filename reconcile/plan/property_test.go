package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// built returns a small catalog without reading files: three clients, a process with
// dependencies, turns and notices, and a plan.
func built() *schema.Catalog {
	span := func(n int, u civil.Unit) civil.Span { return civil.Span{N: n, Unit: u, Set: true} }
	months := func(n, sign int) civil.Offset { return civil.Offset{Span: span(n, civil.Month), Sign: sign} }
	head := func(k schema.Kind, id string) schema.Meta {
		return schema.Meta{Kind: k, ID: id, Source: schema.Source{File: id + ".yaml", Pos: schema.Pos{Line: 1}}}
	}
	cat := &schema.Catalog{
		Organization: &schema.Organization{
			Meta: head(schema.KindOrganization, "northwind"), Name: "Northwind IT", EmailDomains: []string{"northwind.example"},
			Roles:    []schema.Role{{ID: "vcio", Title: "vCIO"}, {ID: "support", Title: "Support", Pool: true}},
			Channels: []schema.Channel{{ID: "mail", Type: "email", From: "almanac@northwind.example"}},
		},
		People: []*schema.Person{
			{Meta: head(schema.KindPerson, "dana"), Name: "Dana Whitfield", Email: "dana@northwind.example", GitHub: "dana-w", Roles: []string{"support"}},
			{Meta: head(schema.KindPerson, "lee"), Name: "Lee Park", Email: "lee@northwind.example", GitHub: "lee-p"},
		},
		Processes: []*schema.ProcessTemplate{{
			TemplateHead: schema.TemplateHead{Meta: head(schema.KindProcessTemplate, "vcio"), Title: "vCIO process"},
			Steps: []schema.Step{
				{ID: "audit", Title: "IT audit", Type: "audit", Due: months(2, -1), Owner: "support", Open: span(2, civil.Week), Checklist: []string{"Servers", "Licences"}},
				{ID: "strategy", Title: "Strategy @all", Due: months(1, -1), Owner: "vcio", After: []string{"audit"},
					With: []string{"support"}, At: "10:00", Invite: true,
					Notify:   []schema.Notice{{Before: span(3, civil.Week)}, {Before: span(2, civil.BusinessDay)}},
					Remind:   &schema.Remind{After: span(1, civil.Day), Every: span(3, civil.Day), Max: 3},
					Escalate: &schema.Escalate{After: span(5, civil.BusinessDay), To: []string{"support"}}},
				{ID: "rounds", Title: "Rounds", Due: months(1, 1), Owner: "vcio", Every: civil.Every{Interval: span(2, civil.Week)}, Times: 4},
				{ID: "news", Title: "News", Due: months(1, 1), Owner: "vcio", Issue: "none", Invite: true, Notify: []schema.Notice{{Before: span(1, civil.Week)}}},
			},
		}},
	}
	for i, id := range []string{"acme", "beta", "core"} {
		cat.Clients = append(cat.Clients, &schema.Client{
			Meta: head(schema.KindClient, id), Name: strings.ToUpper(id), Team: map[string]string{"vcio": "dana"},
			AlignmentDate: schema.DateOr{Date: civil.New(2026, 6, 1+7*i)},
			Processes:     []schema.Assignment{{Template: "vcio", Since: civil.New(2026, 1, 1)}},
		})
	}
	cat.Index()
	return cat
}

// tracked is built with every client in a plan whose runs are tracked.
func tracked() *schema.Catalog {
	cat := built()
	lead := civil.Span{N: 3, Unit: civil.Day, Set: true}
	p := &schema.OnboardingPlan{
		TemplateHead: schema.TemplateHead{Title: "Welcome"}, Tracking: &schema.Tracking{Owner: "vcio"},
		Milestones: []schema.Milestone{{ID: "visit", Due: "week 4"}},
		Weeks: []schema.PlanWeek{
			{Week: 0, Steps: []schema.Step{{ID: "call", Title: "Call", Owner: "support", Open: lead}}},
			{Week: 2, Steps: []schema.Step{
				{ID: "look", Title: "Look", Owner: "vcio", Open: lead, After: []string{"call"}},
				{ID: "mail", Title: "Mail", Owner: "vcio", Every: civil.Every{Weekdays: []civil.Weekday{1, 3}}, Issue: "none"},
			}},
			{Milestone: "visit", Steps: []schema.Step{{ID: "day", Title: "Day", Owner: "support", Due: civil.Offset{Anchor: "visit"}, Open: lead}}},
		},
	}
	p.Kind, p.ID, p.Source.File = schema.KindOnboardingPlan, "welcome", "welcome.yaml"
	cat.Plans = []*schema.OnboardingPlan{p}
	for i, c := range cat.Clients {
		c.Processes = append(c.Processes, schema.Assignment{Template: "welcome", Start: civil.New(2026, 3, 2+9*i)})
	}
	cat.Index()
	return cat
}

// plot is a run of random events in a world.
type plot struct {
	*world
	t *rapid.T
	// decided are the issues that a person closed last.
	decided map[int]bool
	// foreign are issues of others, as they were opened.
	foreign map[int]issue.Issue
}

// actions are what may happen between two runs.
func (p *plot) actions() map[string]func(*rapid.T) {
	mine := func(t *rapid.T) *issue.Issue {
		var l []int
		for i := range p.issues {
			if _, theirs := p.foreign[p.issues[i].Number]; !theirs && p.issues[i].Number > 0 {
				l = append(l, p.issues[i].Number)
			}
		}
		if len(l) == 0 {
			t.Skip("no issue yet")
		}
		return p.find(rapid.SampledFrom(l).Draw(t, "issue"))
	}
	client := func(t *rapid.T) *schema.Client { return rapid.SampledFrom(p.Catalog.Clients).Draw(t, "client") }
	return map[string]func(*rapid.T){
		"time passes": func(t *rapid.T) { p.AsOf = p.AsOf.AddDays(rapid.IntRange(1, 40).Draw(t, "days")) },
		"a person closes": func(t *rapid.T) {
			i := mine(t)
			if i.State == issue.Open {
				p.close(i.Number, rapid.SampledFrom([]issue.CloseReason{issue.Completed, issue.NotPlanned}).Draw(t, "how"))
				p.decided[i.Number] = true
			}
		},
		"a person reopens": func(t *rapid.T) {
			if i := mine(t); i.Reason != issue.Duplicate {
				i.State, i.Reason = issue.Open, ""
				delete(p.decided, i.Number)
			}
		},
		"a person edits": func(t *rapid.T) {
			i := mine(t)
			i.Milestone = rapid.SampledFrom([]string{i.Milestone, "", "theirs"}).Draw(t, "milestone")
			i.Title = rapid.SampledFrom([]string{i.Title, "mine"}).Draw(t, "title")
			i.Body = rapid.SampledFrom([]string{i.Body + "\n\nmine", "gone", "", strings.Replace(i.Body, "[ ]", "[x]", 1)}).Draw(t, "body")
			i.Labels = rapid.SampledFrom([][]string{i.Labels, {"almanac"}, {"almanac", "urgent", "overdue"}}).Draw(t, "labels")
			i.Assignees = rapid.SampledFrom([][]string{i.Assignees, nil, {"somebody"}}).Draw(t, "assignees")
		},
		"somebody pastes a marker": func(t *rapid.T) {
			i := mine(t)
			p.foreign[p.open("mallory", i.Title, i.Body, i.Labels, nil)] = p.issues[len(p.issues)-1]
		},
		"an answer is lost": func(t *rapid.T) {
			i := *mine(t)
			if _, ok := issue.ParseMarker(i.Body); ok && slices.Contains(i.Labels, issue.OwnershipLabel) && !p.decided[i.Number] {
				p.open(robot, i.Title, i.Body, i.Labels, i.Assignees)
			}
		},
		"an issue is deleted": func(t *rapid.T) { p.remove(mine(t).Number) },
		"a client rests":      func(t *rapid.T) { client(t).Inactive = []schema.Inactive{{From: p.AsOf}} },
		"a client is back":    func(t *rapid.T) { client(t).Inactive = nil },
		"the owner changes":   func(t *rapid.T) { client(t).Team["vcio"] = rapid.SampledFrom([]string{"dana", "lee"}).Draw(t, "who") },
		"a step is taken out": func(t *rapid.T) {
			client(t).Processes[0].Overrides = map[string]*schema.Override{"audit": {Remove: true}}
		},
		"a client is reset":      func(t *rapid.T) { client(t).Processes[0].Overrides, client(t).Processes[0].Exceptions = nil, nil },
		"an occurrence is moved": func(t *rapid.T) { p.except(client(t), schema.Exception{MoveTo: p.AsOf.AddDays(10)}) },
		"an occurrence is off":   func(t *rapid.T) { p.except(client(t), schema.Exception{Cancel: true}) },
		"a client is renamed": func(t *rapid.T) {
			c := client(t)
			c.Previously, c.ID = append(c.Previously, c.ID), c.ID+"x"
		},
		"tracking goes and comes": func(*rapid.T) {
			for _, plan := range p.Catalog.Plans {
				if was := plan.Tracking; was != nil {
					plan.Tracking = nil
				} else {
					plan.Tracking = &schema.Tracking{Owner: "vcio"}
				}
			}
		},
		"invitations go and come": func(t *rapid.T) {
			s := &p.Catalog.Processes[0].Steps[1]
			s.Invite, s.At = rapid.Bool().Draw(t, "invite"), rapid.SampledFrom([]string{"", "10:00", "11:00"}).Draw(t, "at")
		},
		"milestones go and come": func(*rapid.T) {
			p.Catalog.Organization.GitHub.Milestones = !p.Catalog.Organization.GitHub.Milestones
		},
		"a milestone moves": func(t *rapid.T) {
			if a := client(t).Processes; len(a) > 1 {
				a[1].Milestones = map[string]schema.DateOr{"visit": rapid.SampledFrom([]schema.DateOr{{Word: "unscheduled"}, {Date: p.AsOf.AddDays(12)}}).Draw(t, "day")}
			}
		},
		"": func(t *rapid.T) { p.settle(t) },
	}
}

func (p *plot) except(c *schema.Client, x schema.Exception) {
	x.Step, x.Cycle, x.Reason = "strategy", fmt.Sprint(p.AsOf.Year()), "agreed"
	c.Processes[0].Exceptions = []schema.Exception{x}
}

// settle reconciles until nothing is left to do, and checks what must hold then.
func (p *plot) settle(t *rapid.T) {
	p.Catalog.Index()
	for round := 0; ; round++ {
		made := p.plan(t)
		p.checkPlan(t, made)
		if made.Blocked != nil {
			p.Approve = made.Blocked.Approve
			if made = p.plan(t); made.Blocked != nil {
				t.Fatalf("its own approval does not lift the gate: %+v", made.Blocked)
			}
		}
		if made.Empty() {
			break
		}
		if round > 2 { // one to put renamed keys together, one to adopt, one to tidy
			t.Fatalf("round %d still finds something to do:\n%s", round, brief(made))
		}
		p.apply(made)
	}
	p.checkWorld(t)
}

// checkPlan holds what is true of every plan.
func (p *plot) checkPlan(t *rapid.T, made *Plan) {
	for _, c := range made.Changes {
		if _, theirs := p.foreign[c.Number]; theirs {
			t.Errorf("%s of issue %d, which is not ours", c.Action, c.Number)
		}
	}
	want, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	in := p.Inputs
	in.Observed = rapid.Permutation(in.Observed).Draw(t, "order of issues")
	if got, _ := json.Marshal(Make(in)); !bytes.Equal(want, got) {
		t.Errorf("the order of issues makes another plan:\n%s\n%s", want, got)
	}
	in = p.Inputs
	in.Entries = toldToday(p.Entries, p.AsOf)
	if got, _ := json.Marshal(Make(in)); !bytes.Equal(want, got) {
		t.Errorf("what is over makes another plan where it is looked at:\n%s\n%s", got, want)
	}
}

// toldToday returns entries that each hold a notice of today which nobody asks for: so none
// of them is over, and a plan looks at every occurrence.
func toldToday(entries record.Entries, today civil.Date) record.Entries {
	all := record.Entries{}
	for key, e := range entries {
		told := *e
		told.Notices = maps.Clone(e.Notices)
		if told.Notices == nil {
			told.Notices = map[string]record.Event{}
		}
		told.Notices["none"] = record.Event{Key: key, Verb: record.IntendNotify, Notice: "none", At: today.Time()}
		all[key] = &told
	}
	return all
}

// checkWorld holds what is true once nothing is left to do.
func (p *plot) checkWorld(t *rapid.T) {
	open := map[string]int{}
	v := Look(p.Inputs)
	for _, s := range v.seen {
		for _, i := range append([]*issue.Issue{s.issue}, s.others...) {
			if i != nil && i.State == issue.Open {
				open[s.key]++
			}
		}
	}
	for key, n := range open {
		if n > 1 {
			t.Errorf("%d open issues of %s", n, key)
		}
	}
	for n := range p.decided {
		if i := p.find(n); i != nil && i.State != issue.Closed {
			t.Errorf("issue %d was opened again after a person closed it", n)
		}
	}
	for n, was := range p.foreign {
		if now := p.find(n); now.Body != was.Body || now.State != was.State || !slices.Equal(now.Labels, was.Labels) {
			t.Errorf("issue %d of somebody else was touched", n)
		}
	}
	for id, n := range p.sent {
		if n > 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	for _, e := range p.Entries {
		if e.State == record.IsOpen && e.Number == 0 {
			t.Errorf("%s is open without a number", e.Key)
		}
	}
	p.checkFamilies(t, v)
	p.checkMilestones(t, v)
	p.checkCalendars(t, v)
}

// checkCalendars holds that every meeting to come which is open stands in the calendars of
// its guests as it is, and no other in anybody's.
func (p *plot) checkCalendars(t *rapid.T, v *View) {
	m := &maker{View: v, opened: map[string]bool{}}
	shown := map[string]record.Event{}
	for _, e := range p.events {
		if !isInvitation(e) {
			continue
		}
		for _, id := range strings.Split(e.To, ",") {
			at := id + " " + e.UID
			if e.Sequence < shown[at].Sequence {
				t.Errorf("%s gets sequence %d after %d", at, e.Sequence, shown[at].Sequence)
			}
			shown[at] = e
		}
	}
	meant := map[string]bool{}
	for i := range v.occurrences {
		o := &v.occurrences[i]
		if !o.Step.Invite || o.Due < v.in.AsOf {
			continue
		}
		stands, _ := m.stands(o.Key, o)
		start, end := meeting.Span(o.Step, o.Due, m.zone())
		had := invitations(v.entry(o))
		for _, g := range m.guests(o, &p.Catalog.Organization.Channels[0]) {
			uid := meeting.UID(o.Key, "northwind")
			if had != nil {
				uid = had.uid
			}
			at := g.Person + " " + uid
			e, told := shown[at]
			there := told && !takesBack(e)
			switch meant[at] = stands != isOff; {
			case stands == takesPlace && m.opens(o) && (!there || e.When != start+"/"+end):
				t.Errorf("%s has %+v, want %s", at, e, start)
			case stands == isOff && there && e.Due >= v.in.AsOf:
				t.Errorf("%s has %+v, and it is off", at, e)
			}
		}
	}
	for at, e := range shown {
		if meant[at] || takesBack(e) || e.Due < v.in.AsOf {
			continue
		}
		o, found := v.in.Engine.Lookup(e.Key)
		if _, near := v.find(o.Key); found && !near {
			continue // guests were counted only of what is near
		}
		if stands, _ := m.stands(e.Key, v.lookup(e.Key)); stands != asItWas {
			t.Errorf("%s has %+v, which nobody means", at, e)
		}
	}
}

// checkMilestones holds that every open issue of ours that is wanted is in some milestone,
// where they are wanted. One that a person opened again after we had closed it is theirs.
func (p *plot) checkMilestones(t *rapid.T, v *View) {
	for _, o := range v.occurrences {
		i := v.Issue(o.Key)
		if i != nil && i.Milestone == "" && v.State(&o) == Open && p.Catalog.Organization.GitHub.Milestones && !closedByUs(v.entry(&o)) {
			t.Errorf("%s is in no milestone", o.Key)
		}
	}
}

// checkFamilies holds that steps are shown under the issue of their run while both are open,
// and that it is open no longer than any of them.
func (p *plot) checkFamilies(t *rapid.T, v *View) {
	for _, o := range v.occurrences {
		key := o.Client.ID + "/" + o.Template.Head().ID + "/" + o.Cycle + "/" + schema.WholeRun
		whole := v.Issue(key)
		if _, tracked := v.in.Engine.Lookup(key); !tracked { // a person may keep the issue of a run that is tracked no more
			continue
		}
		if whole == nil || whole.State != issue.Open || v.State(&o) != Open {
			continue
		}
		e := v.entry(&o)
		switch {
		case !o.Whole && e.Parent != whole.Number:
			t.Errorf("%s is shown under %d, not %d", o.Key, e.Parent, whole.Number)
		case o.Whole && v.runOf(&o).ended && !closedByUs(e):
			t.Errorf("%s is open, and its run has ended", o.Key)
		}
	}
}

// TestConverges lets people, files and time do as they please between runs.
func TestConverges(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		p := &plot{world: newWorld("2026-03-01"), t: t, decided: map[int]bool{}, foreign: map[int]issue.Issue{}}
		p.Catalog = built()
		p.settle(t)
		t.Repeat(p.actions())
	})
}

// TestRunsConverge is TestConverges with whole runs, on a forge that groups.
func TestRunsConverge(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		p := &plot{world: newWorld("2026-03-01"), t: t, decided: map[int]bool{}, foreign: map[int]issue.Issue{}}
		p.Catalog, p.Groups = tracked(), true
		p.settle(t)
		t.Repeat(p.actions())
	})
}

// TestOrderOfDocuments holds that the plan does not depend on the order of files.
func TestOrderOfDocuments(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		plan := func(cat *schema.Catalog) string {
			w := newWorld("2026-05-10")
			w.Catalog = cat
			b, err := json.Marshal(w.plan(t))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		cat := built()
		cat.Clients = rapid.Permutation(cat.Clients).Draw(t, "clients")
		cat.People = rapid.Permutation(cat.People).Draw(t, "people")
		cat.Index()
		if got, want := plan(cat), plan(built()); got != want {
			t.Errorf("%s\n%s", got, want)
		}
	})
}
