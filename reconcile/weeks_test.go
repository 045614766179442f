package reconcile_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// stage is the example with people who act in it, and the whole of a run: observe, hear the
// commands, look what became of the runs, plan, apply.
type stage struct {
	*world
	zone *time.Location
	text map[string]string
	// dice say where the first run of each day is killed; nil where none is. effects are how
	// many effects that run has by day, in a play without harm.
	dice    *rand.Rand
	effects map[string]int
	kills   int
	// reasons are why issues were changed today, by action and key.
	reasons map[string]string
	// engine and progress are those of the last run.
	engine   *due.Engine
	progress *progress.Progress
	// unheard says that the last run left commands to the next.
	unheard bool
	// lifts says that somebody approves each plan that a gate blocks.
	lifts bool
	log   strings.Builder
}

// newStage begins on a day with files. Everybody in them who has a login may write.
func newStage(t testing.TB, files map[string]string, today string) *stage {
	s := &stage{world: newWorld(t, tree(files), today), text: maps.Clone(files), effects: map[string]int{}, reasons: map[string]string{}}
	var err error
	if s.zone, err = time.LoadLocation(s.cat.Organization.Timezone); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.cat.People {
		s.forge.permissions[p.GitHub] = "write"
	}
	return s
}

// example returns the files of the example as they stand in the repository.
func example(t testing.TB) map[string]string {
	files, text := northwind(t, nil), map[string]string{}
	names, err := fs.Glob(files, "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "almanac.yaml") {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		text[name] = string(b)
	}
	return text
}

// merge is a pull request that is merged: the files have to be without fault.
func (s *stage) merge(edits []edit) {
	for _, e := range edits {
		if !strings.Contains(s.text[e.file], e.old) {
			s.t.Fatalf("%s has no %q", e.file, e.old)
		}
		s.text[e.file] = strings.Replace(s.text[e.file], e.old, e.new, 1)
	}
	s.files(tree(s.text))
	for _, d := range lint.Run(s.cat, lint.Options{Today: s.today}) {
		if d.Severity == diag.Error {
			s.t.Fatalf("%s is merged with a fault: %v", edits[0].file, d)
		}
	}
}

// know works out what became of runs, as a run does after each reading of the ledger.
func (s *stage) know(seen *reconcile.World) plan.Inputs {
	requests := ticket.Judge(ticket.Inputs{Catalog: s.cat, AsOf: s.today, Zone: s.zone, Found: seen.Requests, Entries: seen.History.Entries,
		Identity: seen.Identity, Permissions: seen.Permissions, Unknown: seen.Unknown})
	entries, observed := ticket.Join(seen.History.Entries, seen.Issues, requests)
	s.progress = progress.Look(progress.Inputs{Catalog: s.cat, AsOf: s.today, Zone: s.zone, Entries: entries,
		Observed: observed, Gone: seen.Gone, Identity: seen.Identity, Form: ticket.Form})
	var err error
	if s.engine, err = due.New(s.cat, due.Options{AsOf: s.today, Facts: s.progress.Facts()}); err != nil {
		s.t.Fatal(err)
	}
	return plan.Inputs{Groups: true, Catalog: s.cat, AsOf: s.today, Zone: s.zone, Engine: s.engine, Progress: s.progress,
		Observed: observed, Gone: seen.Gone, Identity: seen.Identity, Requests: requests,
		Entries: entries, LedgerExists: seen.History.Exists, Frozen: plan.Frozen(s.cat, diag.List{})}
}

// ear judges commands by what the files say at that moment.
func (s *stage) ear() reconcile.Ear {
	judge := func(seen *reconcile.World) (func(issue.Comment) command.Verdict, error) {
		in := s.know(seen)
		w := command.World{Catalog: s.cat, AsOf: s.today, Engine: s.engine, View: plan.Look(in), Progress: s.progress}
		return func(c issue.Comment) command.Verdict { return command.Judge(w, c) }, nil
	}
	return reconcile.Ear{Judge: judge, Permission: s.cat.Organization.CommandPermission()}
}

// perform is one run of a process with this life.
func (s *stage) perform(l *life) (*plan.Plan, *reconcile.Result, error) {
	s.runs++
	ctx, observed, nonces := context.Background(), s.clock, 0
	r := &reconcile.Run{Forge: mortal{s.forge, l}, Ledger: ledger{s.book, l}, Notifier: notifier{s.post, l}, Installation: s.cat.Organization.ID,
		Name: fmt.Sprintf("run-%d", s.runs), Now: func() time.Time { return s.clock },
		Nonce: func() string { nonces++; return fmt.Sprintf("%d-%d", s.runs, nonces) }}
	seen, err := reconcile.Observe(ctx, r.Forge, r.Ledger)
	if err != nil {
		return nil, nil, err
	}
	person := func(login string) bool { return s.cat.Login(login, false) != nil }
	if err := seen.FindRequests(ctx, r.Forge, ticket.Labels(s.cat), person); err != nil {
		return nil, nil, err
	}
	if _, err := r.Commands(ctx, seen, s.ear()); err != nil {
		return nil, nil, err
	}
	s.unheard = seen.Unheard
	in := s.know(seen)
	p := plan.Make(in)
	if p.Blocked != nil && s.lifts {
		in.Approve = p.Blocked.Approve
		p = plan.Make(in)
	}
	if p.Blocked != nil {
		s.t.Fatalf("%s: blocked: %+v", s.today, p.Blocked)
	}
	for _, c := range p.Changes {
		if at := string(c.Action) + " " + c.Key; s.reasons[at] == "" { // after a kill a plan may have more to say
			s.reasons[at] = strings.TrimSuffix(c.Reason, lostClaim)
		}
	}
	res, err := r.Apply(ctx, p, seen, observed)
	return p, res, err
}

// lostClaim is what an opening says after a run that was killed, and only then.
const lostClaim = "; claimed before, and it is not known what became of it"

// reconcile is a run that is killed, if any is, and runs until nothing is left to do.
func (s *stage) reconcile(part string) {
	s.t.Helper()
	if n := s.effects[part]; s.dice != nil && n > 0 {
		s.kills++
		_, _, _ = s.perform(&life{at: 1 + s.dice.IntN(n), after: s.dice.IntN(2) == 0})
		s.clock = s.clock.Add(25 * time.Minute)
	}
	var left []string
	for n := range 8 {
		l := &life{}
		p, res, err := s.perform(l)
		if err != nil {
			s.t.Fatalf("%s: %v", s.today, err)
		}
		if n == 0 && s.dice == nil {
			s.effects[part] = l.effects
		}
		if p.Empty() && !res.Partial() && !s.unheard {
			return
		}
		s.clock, left = s.clock.Add(25*time.Minute), append(left, "--")
		for _, c := range p.Changes {
			left = append(left, fmt.Sprintf("%s %s: %s", c.Action, c.Key, c.Reason))
		}
		for _, e := range p.Records {
			left = append(left, fmt.Sprintf("record %s %s", e.Verb, e.Key))
		}
	}
	s.t.Fatalf("%s: no end after eight runs: %q", s.today, left)
}

// day plays one day: the run of the morning, what people do, and the run that follows.
func (s *stage) day(today civil.Date, scenes []scene) {
	s.on(today.String())
	fmt.Fprintf(&s.log, "\n%s\n", issue.Day(today))
	s.part("am", func() {})
	if len(scenes) == 0 {
		return
	}
	said := map[string]string{}
	s.part("pm", func() {
		for _, c := range scenes {
			s.clock = s.clock.Add(time.Minute)
			if id := s.act(c); id != "" {
				said[id] = fmt.Sprintf("%s on %s: %s", c.who, c.on, strings.ReplaceAll(c.what, "\n", " "))
			} else {
				fmt.Fprintf(&s.log, "  %s %s %s\n", c.who, c.verb, strings.Join(strings.Fields(c.on+" "+c.what), " "))
			}
		}
	}, said)
}

// part logs what comes of something that people do.
func (s *stage) part(name string, acts func(), said ...map[string]string) {
	s.reasons = map[string]string{}
	acts()
	before, sent := map[int]issue.Issue{}, s.notices()
	for _, i := range s.forge.issues {
		before[i.Number] = i
	}
	name = half(s.today.String(), name)
	s.reconcile(name)
	for _, l := range said {
		for _, id := range slices.Sorted(maps.Keys(l)) {
			fmt.Fprintf(&s.log, "  %s => %s\n", l[id], s.answer(id))
		}
	}
	for _, line := range slices.Concat(s.changes(before), s.told(sent)) {
		fmt.Fprintf(&s.log, "    %s\n", line)
	}
	s.check(name, before)
}

// act has somebody do something, and returns the id of the comment, if it is one.
func (s *stage) act(c scene) string {
	s.t.Helper()
	as := map[string]issue.CloseReason{"closes": issue.Completed, "drops": issue.NotPlanned}
	switch c.verb {
	case "merges":
		s.merge(pulls[c.what])
	case "closes", "drops":
		i := s.byKey(c.on)
		i.State, i.Reason, i.Closed, i.Updated = issue.Closed, as[c.verb], s.clock, s.clock
	case "ticks":
		i := s.byKey(c.on)
		row := strings.Index(i.Body, "`"+c.what+"`")
		box := strings.LastIndex(i.Body[:max(row, 0)], "- [ ]")
		if row < 0 || box < 0 {
			s.t.Fatalf("%s: no row %s in\n%s", s.today, c.what, i.Body)
		}
		i.Body, i.Updated = i.Body[:box]+"- [x]"+i.Body[box+5:], s.clock
	case "asks":
		s.forge.issues = append(s.forge.issues, issue.Issue{Number: len(s.forge.issues) + 1, Title: "A request", Body: c.what, Author: s.cat.Person(c.who).GitHub, State: issue.Open,
			Labels: []string{c.on}, Created: s.clock, Updated: s.clock})
	case "says", "edits":
		login := c.who
		if p := s.cat.Person(c.who); p != nil {
			login = p.GitHub
		}
		said := issue.Comment{ID: fmt.Sprintf("c%03d", len(s.forge.said)+1), Issue: s.byKey(c.on).Number, Author: login, Body: c.what, Created: s.clock, Updated: s.clock}
		if c.verb == "edits" {
			said.Updated = s.clock.Add(time.Second)
		}
		s.forge.said = append(s.forge.said, said)
		return said.ID
	default:
		s.t.Fatalf("nobody can be seen to %s", c.verb)
	}
	return ""
}

// weeks plays the whole script from its first day to its last. A seed of 0 harms nobody.
func weeks(t testing.TB, seed uint64, effects map[string]int) *stage {
	s := newStage(t, example(t), firstDay)
	if seed > 0 {
		s.dice, s.effects = rand.New(rand.NewPCG(seed, 6)), effects
	}
	byDay := map[civil.Date][]scene{}
	for _, c := range script {
		on := civil.MustParse(c.day)
		byDay[on] = append(byDay[on], c)
	}
	for d := civil.MustParse(firstDay); d <= civil.MustParse(lastDay); d = d.AddDays(1) {
		if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
			continue
		}
		s.day(d, byDay[d])
		delete(byDay, d)
	}
	if len(byDay) > 0 {
		t.Errorf("these days are not played: %v", slices.Sorted(maps.Keys(byDay)))
	}
	return s
}

// TestWeeks plays seven weeks of the example day by day against a log of what came of it,
// once without harm and then with a run killed at a random effect every day: the log and the
// issues are the same, and no message is repeated more often than somebody was killed.
func TestWeeks(t *testing.T) {
	calm := weeks(t, 0, nil)
	golden(t, "weeks.txt", calm.log.String())
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed+1), func(t *testing.T) {
			got := weeks(t, seed+1, calm.effects)
			if d := cmp.Diff(calm.log.String(), got.log.String()); d != "" {
				t.Errorf("kills change what happens (-without +with):\n%s", d)
			}
			if d := cmp.Diff(states(calm.world), states(got.world)); d != "" {
				t.Errorf("kills change the issues (-without +with):\n%s", d)
			}
			if n := got.repeats() + surplus(calm, got); n > got.kills || got.kills < 20 {
				t.Errorf("%d messages and comments are repeated after %d kills", n, got.kills)
			}
		})
	}
}

// surplus counts the comments of ours that are there more often than in a play without harm.
func surplus(calm, got *stage) (n int) {
	for key, more := range got.comments() {
		n += max(0, more-calm.comments()[key])
	}
	return n
}

// comments counts the comments of ours by the key of the issue and their text.
func (s *stage) comments() map[string]int {
	m := map[string]int{}
	for _, i := range s.forge.issues {
		k, _ := issue.ParseMarker(i.Body)
		for _, text := range s.forge.comments[i.Number] {
			m[k.Key.String()+" "+text]++
		}
	}
	return m
}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}
