package progress

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

const recommend, call, removal = "acme/care/1/recommend", "acme/care/1/call", "acme/care/1/removal"

// endings writes how a step ended: the day of May, and whether it was skipped.
func ending(p *Progress, key string) string {
	e, ok := p.Facts().Ended[key]
	switch {
	case !ok:
		return "not"
	case e.Skipped:
		return "skipped " + e.On.String()[8:]
	}
	return "done " + e.On.String()[8:]
}

func TestEnded(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world)
		key  string
		want string
	}{
		"open":          {func(w *world) { w.opened(recommend, 7) }, recommend, "not"},
		"closed":        {func(w *world) { closeOn(w.opened(recommend, 7), 6, issue.Completed) }, recommend, "done 06"},
		"not planned":   {func(w *world) { closeOn(w.opened(recommend, 7), 6, issue.NotPlanned) }, recommend, "skipped 06"},
		"by the ledger": {func(w *world) { w.event(4, recommend, record.Opened, 7); w.event(8, recommend, record.Done, 7) }, recommend, "done 08"},
		"lost":          {func(w *world) { w.event(4, recommend, record.Opened, 7); w.event(8, recommend, record.Lost, 7) }, recommend, "skipped 08"},
		"gone":          {func(w *world) { w.event(4, recommend, record.Opened, 7); w.gone = []int{7} }, recommend, "skipped 20"},
		"opened again":  {func(w *world) { w.opened(recommend, 7); w.event(8, recommend, record.Done, 7) }, recommend, "not"},
		"another number": {func(w *world) {
			w.event(4, recommend, record.Opened, 7)
			w.issues = []issue.Issue{{Number: 8, State: issue.Closed}}
		}, recommend, "not"},
		"closed by us": {func(w *world) {
			closeOn(w.opened(recommend, 7), 6, issue.NotPlanned)
			w.event(6, recommend, record.Closed, 7)
		}, recommend, "not"},
		"closed by us, then by a person": {func(w *world) {
			closeOn(w.opened(recommend, 7), 8, issue.NotPlanned)
			w.event(6, recommend, record.Closed, 7)
		}, recommend, "skipped 08"},
		"we were about to close it": {func(w *world) {
			closeOn(w.opened(recommend, 7), 6, issue.NotPlanned)
			w.event(6, recommend, record.IntendClose, 7)
		}, recommend, "not"},
		"commanded":         {func(w *world) { w.opened(recommend, 7); w.says(9, recommend, "priya", "", "/done") }, recommend, "done 09"},
		"commanded without": {func(w *world) { w.says(9, recommend, "priya", "", "/skip - no need") }, recommend, "skipped 09"},
		"commanded, opened anew": {func(w *world) {
			w.opened(recommend, 7)
			w.says(9, recommend, "priya", "", "/done")
			w.event(10, recommend, record.Done, 7)
		}, recommend, "not"},
		"of a former client": {func(w *world) { w.event(8, "acme-old/care/1/recommend", record.Done, 7) }, recommend, "done 08"},
		"renamed": {func(w *world) {
			w.says(8, "acme-old/care/1/recommend", "priya", "", "/done")
			w.event(9, recommend, record.Renamed, 0).From = "acme-old/care/1/recommend"
		}, recommend, "done 08"},
		"by its marker": {func(w *world) {
			k, _ := issue.ParseKey(recommend)
			w.issues = []issue.Issue{{Number: 9, State: issue.Closed, Closed: on(6, 0), Labels: []string{"Almanac"}, Body: issue.Compose("x", issue.Marker{Key: k, Installation: "southwind"})}}
		}, recommend, "done 06"},
		"by the marker of others": {func(w *world) {
			k, _ := issue.ParseKey(recommend)
			w.issues = []issue.Issue{{Number: 9, State: issue.Closed, Closed: on(6, 0), Labels: []string{"almanac"}, Body: issue.Compose("x", issue.Marker{Key: k, Installation: "contoso"})}}
		}, recommend, "not"},
		"by a marker without the label": {func(w *world) {
			k, _ := issue.ParseKey(recommend)
			w.issues = []issue.Issue{{Number: 9, State: issue.Closed, Closed: on(6, 0), Body: issue.Compose("x", issue.Marker{Key: k, Installation: "northwind"})}}
		}, recommend, "not"},
		"a sign-off missing": {func(w *world) {
			closeOn(w.opened(decision, 7), 6, issue.Completed)
			w.says(5, decision, "dana", "", "/decide place")
		}, decision, "not"},
		"commanded, but asked":      {func(w *world) { w.says(9, decision, "priya", "", "/done") }, decision, "not"},
		"skipped, but asked":        {func(w *world) { w.says(9, decision, "priya", "", "/skip - no") }, decision, "skipped 09"},
		"of a foreign client":       {func(w *world) { w.event(8, "zeta/care/1/recommend", record.Done, 7) }, "zeta/care/1/recommend", "not"},
		"of a step that is no more": {func(w *world) { w.event(8, "acme/care/1/gone", record.Done, 7) }, "acme/care/1/gone", "not"},
		"of another run":            {func(w *world) { w.event(8, "acme/care/2/recommend", record.Done, 7) }, "acme/care/2/recommend", "not"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			tt.do(w)
			if got := ending(w.look(), tt.key); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestEndedWhenSignedOff(t *testing.T) {
	w := signedOff(t)
	if got := ending(w.look(), decision); got != "done 07" {
		t.Error(got)
	}
	// What a run closed afterwards was done on the same day still.
	closeOn(w.opened(decision, 7), 9, issue.Completed)
	w.event(9, decision, record.Done, 7)
	if got := ending(w.look(), decision); got != "done 07" {
		t.Error(got)
	}
	w.book.Steps[1].Checklist = []string{"Ask the client"}
	if got := ending(w.look(), decision); got != "not" {
		t.Errorf("after an edit: %s", got)
	}
}

// TestIdentity: a marker is believed only of who opens our issues.
func TestIdentity(t *testing.T) {
	w := newWorld()
	k, _ := issue.ParseKey(recommend)
	w.issues = []issue.Issue{{Number: 9, Author: "mallory", State: issue.Closed, Closed: on(6, 0), Labels: []string{"almanac"}, Body: issue.Compose("x", issue.Marker{Key: k, Installation: "northwind"})}}
	in := w.inputs()
	in.Identity = "robot"
	if got := ending(Look(in), recommend); got != "not" {
		t.Error(got)
	}
	in.Identity = "Mallory"
	if got := ending(Look(in), recommend); got != "done 06" {
		t.Error(got)
	}
}

func TestAsked(t *testing.T) {
	w := newWorld()
	w.opened(recommend, 7)
	w.says(9, recommend, "priya", "", "/skip - no need")
	want := Asked{Skip: true, By: "priya", Reason: "no need", On: civil.New(2026, 5, 9)}
	if got, ok := w.look().Asked(recommend); !ok || got != want {
		t.Errorf("%+v %t", got, ok)
	}
	w.event(10, recommend, record.Skipped, 7)
	if got, ok := w.look().Asked(recommend); ok {
		t.Errorf("carried out, and asked still: %+v", got)
	}
	w.says(11, recommend, "priya", "", "/done")
	if got, ok := w.look().Asked(recommend); !ok || got.Skip {
		t.Errorf("asked again: %+v %t", got, ok)
	}
}

func TestDecisions(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world)
		want Decision
	}{
		"none":       {func(*world) {}, Decision{}},
		"by command": {func(w *world) { w.says(5, decision, "dana", "", "/decide place") }, Decision{Option: "place", By: "dana", On: civil.New(2026, 5, 5), Step: "decision"}},
		"changed mind": {func(w *world) {
			w.says(5, decision, "dana", "", "/decide place")
			w.says(6, decision, "omar", "", "/decide not-required")
		}, Decision{Option: "not-required", By: "omar", On: civil.New(2026, 5, 6), Step: "decision"}},
		"unknown option": {func(w *world) {
			w.says(5, decision, "dana", "", "/decide place")
			w.says(6, decision, "dana", "", "/decide perhaps")
		}, Decision{Option: "place", By: "dana", On: civil.New(2026, 5, 5), Step: "decision"}},
		"the file wins": {func(w *world) {
			w.run().Decisions = map[string]string{"placement": "place"}
			w.says(6, decision, "dana", "", "/decide not-required")
		}, Decision{Option: "place", On: civil.New(2026, 5, 20), Step: "decision", Fresh: true}},
		"the file had it before": {func(w *world) {
			w.run().Decisions = map[string]string{"placement": "place"}
			w.events = append(w.events, record.Event{V: record.Version, At: on(7, 0), Key: decision, Verb: record.Decided, Arg: "place"})
		}, Decision{Option: "place", On: civil.New(2026, 5, 7), Step: "decision"}},
		"the file had it under a former id": {func(w *world) {
			w.run().Decisions = map[string]string{"placement": "place"}
			w.events = append(w.events, record.Event{V: record.Version, At: on(7, 0), Key: "acme/care/1/verdict", Verb: record.Decided, Arg: "place"})
			w.event(8, decision, record.Opened, 12)
		}, Decision{Option: "place", On: civil.New(2026, 5, 7), Step: "decision"}},
		"the file had another": {func(w *world) {
			w.run().Decisions = map[string]string{"placement": "place"}
			w.events = append(w.events, record.Event{V: record.Version, At: on(7, 0), Key: decision, Verb: record.Decided, Arg: "not-required"})
		}, Decision{Option: "place", On: civil.New(2026, 5, 20), Step: "decision", Fresh: true}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			tt.do(w)
			p := w.look()
			if got := p.Run(decision).Decisions["placement"]; got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			fact := p.Facts().Decisions["acme/care/1"]["placement"]
			if told := tt.want.By != ""; told != (fact == tt.want.Option && fact != "") {
				t.Errorf("the facts have %q", fact)
			}
		})
	}
}

// over writes how a run ended.
func over(p *Progress, run string) string {
	o, ok := p.Facts().Over[run]
	if !ok {
		return "goes on"
	}
	s := o.On.String()[5:] + " " + o.Outcome
	if o.NotPlanned {
		s += ", not planned"
	}
	return s
}

func TestOver(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"nothing known":                     {func(*world) {}, "goes on"},
		"the file says so":                  {func(w *world) { w.run().Ended, w.run().Outcome = civil.New(2026, 5, 12), "back to normal" }, "05-12 back to normal"},
		"the last step is done":             {func(w *world) { w.event(12, removal, record.Done, 7) }, "05-12 Remove"},
		"a decision that is not signed off": {func(w *world) { w.says(8, decision, "dana", "", "/decide not-required") }, "goes on"},
		"a decision, signed off": {func(w *world) {
			w.says(8, decision, "dana", "", "/decide not-required")
			w.says(8, decision, "dana", "vcio", "/approve")
			w.says(9, decision, "omar", "director", "/approve")
		}, "05-09 placement is not-required, not planned"},
		"a decision without sign-offs": {func(w *world) {
			w.step("decision").Approve = nil
			w.says(8, decision, "dana", "", "/decide not-required")
		}, "05-08 placement is not-required, not planned"},
		"a decision of the file": {func(w *world) {
			w.step("decision").Approve = nil
			w.event(6, recommend, record.Done, 7)
			w.run().Decisions = map[string]string{"placement": "not-required"}
		}, "05-20 placement is not-required, not planned"},
		"one of two last steps": {func(w *world) {
			w.step("call").Ends = "completed"
			w.event(12, removal, record.Done, 7)
		}, "goes on"},
		"both last steps": {func(w *world) {
			w.step("call").Ends = "not-planned"
			w.event(12, removal, record.Done, 7)
			w.event(14, call, record.Done, 8)
		}, "05-14 Call, not planned"},
		"one done, one skipped": {func(w *world) {
			w.step("call").Ends = "not-planned"
			w.event(12, removal, record.Done, 7)
			w.event(14, call, record.Skipped, 8)
		}, "05-12 Remove"},
		"skipped only": {func(w *world) { w.event(12, removal, record.Skipped, 7) }, "goes on"},
		"one not there": {func(w *world) {
			w.step("call").When, w.step("call").Ends = schema.When{"placement": {"never"}}, "completed"
			w.event(12, removal, record.Done, 7)
		}, "05-12 Remove"},
		"one taken out": {func(w *world) {
			w.step("call").Ends = "completed"
			w.run().Overrides = map[string]*schema.Override{"call": {Remove: true}}
			w.event(12, removal, record.Done, 7)
		}, "05-12 Remove"},
		"one called off": {func(w *world) {
			w.step("call").Ends = "completed"
			w.run().Exceptions = []schema.Exception{{Step: "call", Cancel: true}}
			w.event(12, removal, record.Done, 7)
		}, "05-12 Remove"},
		"its issue closed": {func(w *world) {
			w.book.Issue = "per-run"
			closeOn(w.opened("acme/care/1/whole-run", 7), 13, issue.NotPlanned)
		}, "05-13 its issue was closed, not planned"},
		"its issue, by us": {func(w *world) {
			w.book.Issue = "per-run"
			closeOn(w.opened("acme/care/1/whole-run", 7), 13, issue.Completed)
			w.event(13, "acme/care/1/whole-run", record.Closed, 7)
		}, "goes on"},
		"an issue that only tracks": {func(w *world) { closeOn(w.opened("acme/care/1/whole-run", 7), 13, issue.Completed) }, "goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if name != "one not there" && name != "nothing known" {
				w.says(5, decision, "dana", "", "/decide place")
			}
			if name == "one not there" {
				w.run().Decisions = map[string]string{"placement": "place"}
			}
			tt.do(w)
			if got := over(w.look(), "acme/care/1"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestSealed: what ended a run with all sign-offs stays over after texts are edited, until
// the decision is another, the issue is open again, or somebody rejects it.
func TestSealed(t *testing.T) {
	made := func() *world {
		w := newWorld()
		w.says(8, decision, "dana", "", "/decide not-required")
		w.says(8, decision, "dana", "vcio", "/approve")
		w.says(9, decision, "omar", "director", "/approve")
		of := w.hash()
		w.opened(decision, 7)
		closeOn(&w.issues[0], 10, issue.Completed)
		e := w.event(10, decision, record.Done, 7)
		e.Of, e.Arg = of, "not-required"
		w.step("decision").Title = "Decide on the placement"
		return w
	}
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"edited":       {func(*world) {}, "05-10 placement is not-required, not planned"},
		"opened again": {func(w *world) { w.issues[0].State = issue.Open }, "goes on"},
		"rejected":     {func(w *world) { w.says(11, decision, "omar", "director", "/reject - no") }, "goes on"},
		"decided anew": {func(w *world) { w.run().Decisions = map[string]string{"placement": "place"} }, "goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			w := made()
			tt.do(w)
			if got := over(w.look(), "acme/care/1"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"signed off": {func(*world) {}, "[{extra-care Call first care 1 2026-05-07}]"},
		"void":       {func(w *world) { w.run().Fields["instructions"] = schema.Value{Text: "x"} }, "[]"},
		"a list": {func(w *world) {
			w.book.Marks.From = ""
			w.run().Fields["instructions"] = schema.Value{Entries: []schema.Entry{{What: "a"}, {What: "b"}}}
		}, "[{extra-care a\nb care 1 2026-05-04}]"},
		"until":          {func(w *world) { w.event(12, removal, record.Done, 7); w.step("removal").Ends = "" }, "[]"},
		"over":           {func(w *world) { w.run().Ended = civil.New(2026, 5, 12) }, "[]"},
		"over tomorrow":  {func(w *world) { w.run().Ended = civil.New(2026, 5, 21) }, "[{extra-care Call first care 1 2026-05-07}]"},
		"another answer": {func(w *world) { w.book.Marks.When = schema.When{"placement": {"not-required"}} }, "[]"},
		"not begun":      {func(w *world) { w.book.Marks.From = ""; w.run().Start = civil.New(2026, 6, 1) }, "[]"},
		"no such step":   {func(w *world) { w.book.Marks.From = "signing" }, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := signedOff(t)
			tt.do(w)
			p := w.look()
			if got := fmt.Sprint(p.Marks("acme")); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if d := cmp.Diff(p.Marks("acme"), p.Run(call).Marks); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMovedAndTaken(t *testing.T) {
	w := decided()
	w.says(6, call, "dana", "", "/reschedule 2026-05-29 client is away")
	w.says(6, call, "mila", "engineer", "/take")
	p := w.look()
	if got, want := p.Facts().Moved[call], (due.Move{To: civil.New(2026, 5, 29), Why: "moved by Dana: client is away"}); got != want {
		t.Errorf("%+v", got)
	}
	if p.Facts().Taken[call] != "mila" || p.Released(call) {
		t.Errorf("taken by %q", p.Facts().Taken[call])
	}
	w.says(7, call, "mila", "engineer", "/release")
	if p = w.look(); p.Facts().Taken[call] != "" || !p.Released(call) {
		t.Errorf("released, and taken by %q", p.Facts().Taken[call])
	}
	w.says(8, call, "dana", "engineer", "/take")
	w.people = w.people[1:]
	if p = w.look(); p.Facts().Taken[call] != "" {
		t.Errorf("taken by somebody who is nobody: %q", p.Facts().Taken[call])
	}
}

// TestNextAvailable: who was given a step of a pool keeps it while it is open, while in the
// pool, and while there.
func TestNextAvailable(t *testing.T) {
	given := func() *world {
		w := decided()
		e := w.event(6, call, record.Updated, 0)
		e.Owner, e.Due = "mila", civil.New(2026, 5, 21)
		return w
	}
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"given": {func(*world) {}, "mila"},
		"done":  {func(w *world) { w.event(8, call, record.Done, 0) }, ""},
		"away": {func(w *world) {
			w.people[3].Away = []schema.Away{{From: civil.New(2026, 5, 20), To: civil.New(2026, 5, 20)}}
		}, ""},
		"out of it":  {func(w *world) { w.people[3].Roles = []string{"vcio"} }, ""},
		"no pool":    {func(w *world) { w.client.Team["engineer"] = "dana" }, ""},
		"by hand":    {func(w *world) { w.step("call").Assign = "" }, ""},
		"taken over": {func(w *world) { w.says(9, call, "omar", "engineer", "/take") }, "omar"},
		"given back": {func(w *world) { w.says(9, call, "mila", "engineer", "/release") }, ""},
		"of the role": {func(w *world) {
			w.event(9, call, record.Updated, 0).Owner = "role:engineer"
			w.events[len(w.events)-1].Due = 1
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := given()
			tt.do(w)
			if got := w.look().Facts().Taken[call]; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestStarted(t *testing.T) {
	w := newWorld()
	w.form = func(body string, fields []schema.Field) map[string]schema.Value {
		return map[string]schema.Value{fields[1].ID: {Text: body}}
	}
	w.event(6, "acme-old/care/t12/whole-run", record.Started, 12).By = "mila"
	w.event(5, "acme/care/t9/whole-run", record.Started, 9).Due = civil.New(2026, 5, 3)
	w.event(5, "zeta/care/t8/whole-run", record.Started, 8)
	w.issues = []issue.Issue{{Number: 12, Body: "Call me", State: issue.Open}}
	w.says(7, "acme/care/t12/decision", "dana", "", "/decide place")
	p := w.look()
	want := map[string][]schema.Assignment{"acme": {
		{Template: "care", Run: "t9", Start: civil.New(2026, 5, 3)},
		{Template: "care", Run: "t12", Start: civil.New(2026, 5, 6), Fields: map[string]schema.Value{"instructions": {Text: "Call me"}}},
	}}
	if d := cmp.Diff(want, p.Facts().Started); d != "" {
		t.Error(d)
	}
	r := p.Run("acme/care/t12/call")
	if r.Requester != "mila" || r.Decisions["placement"].Option != "place" {
		t.Errorf("%+v", r)
	}
	w.run().Run = "t12"
	if l := w.look().Facts().Started["acme"]; len(l) != 1 {
		t.Errorf("a run of the file is started again: %+v", l)
	}
}
