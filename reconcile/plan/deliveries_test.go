package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// sends returns the notices of a plan: channel, recipients, kind, and what it goes out with.
func sends(p *Plan) string {
	s := ""
	for _, c := range p.Changes {
		if n := c.Notice; n != nil {
			s += fmt.Sprintf("%s %s %s [%s]\n", n.Channel, strings.Join(n.To, ","), n.Kind, n.Together)
		}
	}
	return s
}

func wantSends(t *testing.T, p *Plan, lines ...string) {
	t.Helper()
	if d := cmp.Diff(strings.Join(append(lines, ""), "\n"), sends(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// audited is the example with an audit that tells Dana and Priya.
func audited(dana, priya string) map[string]string {
	files := with("vcio.yaml", "owner: engineer, open: 2 weeks}", "owner: engineer, open: 2 weeks, with: [vcio], notify: [{before: 2 days, via: [ops, mail]}], remind: {after: 1 day}}")
	files["people.yaml"] = with("people.yaml", "github: dana-w", "github: dana-w\nnotify: "+dana, "github: priya-r", "email: priya@northwind.example\nnotify: "+priya)["people.yaml"]
	return files
}

func TestPreferences(t *testing.T) {
	for name, tt := range map[string]struct {
		dana, priya string
		want        []string
	}{
		"none":        {"{}", "{}", []string{"mail dana,priya heads-up [channel mail to dana, priya]", "ops dana,priya heads-up [channel ops]"}},
		"own channel": {"{via: [ops]}", "{}", []string{"mail priya heads-up [channel mail to priya]", "ops dana,priya heads-up [channel ops]"}},
		"one by one":  {"{digest: false}", "{digest: true}", []string{"mail priya heads-up [channel mail to priya]", "mail dana heads-up []", "ops priya heads-up [channel ops]", "ops dana heads-up []"}},
		"not today":   {"{via: [mail], days: [tue, fri]}", "{via: [mail]}", []string{"mail priya heads-up [channel mail to priya]"}},
		"today":       {"{via: [mail], days: [mon]}", "{via: [mail]}", []string{"mail priya heads-up [channel mail to priya]", "mail dana heads-up [channel mail to dana]"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld("2026-03-30") // a Monday
			w.read(t, audited(tt.dana, tt.priya))
			p := w.plan(t)
			wantSends(t, p, tt.want...)
			w.reconcile(t, 1)
		})
	}
}

// TestOtherDay holds that what falls on a day on which somebody is not written to comes on
// the next one, once, and not again with the others once they are written to every day.
func TestOtherDay(t *testing.T) {
	w := newWorld("2026-03-30")
	w.read(t, audited("{via: [mail], days: [tue]}", "{via: [mail]}"))
	wantSends(t, w.reconcile(t, 1), "mail priya heads-up [channel mail to priya]")
	w.AsOf++
	wantSends(t, w.reconcile(t, 1), "mail dana heads-up [channel mail to dana]")
	w.read(t, audited("{via: [mail]}", "{via: [mail]}"))
	nothing(t, w.plan(t))
	w.AsOf += 2
	wantSends(t, w.plan(t), "mail priya reminder []")
}

// TestAloneOrTogether holds that only fresh reminders interrupt, and that nobody is
// interrupted more than a few times a day, whatever the number of runs.
func TestAloneOrTogether(t *testing.T) {
	files := crowd(8)
	files["vcio.yaml"] = with("vcio.yaml", "owner: engineer, open: 2 weeks}", "owner: vcio, open: 2 weeks, remind: {after: 1 day, every: 10 days}}")["vcio.yaml"]
	files["almanac.yaml"] = strings.Replace(files["almanac.yaml"], "channels:", "defaults: {via: [mail]}\nchannels:", 1)
	count := func(p *Plan) (alone, together int) {
		for _, c := range p.Changes {
			switch {
			case c.Notice == nil:
			case c.Notice.Together == "":
				alone++
			default:
				together++
			}
		}
		return alone, together
	}
	w := newWorld("2026-04-01")
	w.read(t, files)
	w.reconcile(t, 2)
	w.AsOf++
	if alone, together := count(w.plan(t)); alone != 5 || together != 3 {
		t.Errorf("%d alone, %d together", alone, together)
	}
	// Another run on the same day, after one that saw a single client.
	w.clock = w.AsOf.Time().Add(10 * time.Hour)
	w.Client = func(id string) bool { return id == "c00" || id == "c01" || id == "c02" }
	p := w.plan(t)
	w.apply(p)
	w.Client = nil
	w.clock = w.AsOf.Time().Add(12 * time.Hour)
	if alone, together := count(w.plan(t)); alone != 5-3 || together != 3 {
		t.Errorf("after 3 of them %d alone, %d together", alone, together)
	}
	// What is days old interrupts nobody.
	w.AsOf += 3
	if alone, together := count(w.plan(t)); alone != 0 || together != 5 {
		t.Errorf("days later %d alone, %d together", alone, together)
	}
}

// TestAssigned holds that a new owner is told once, and not forgotten by a run that died or
// could not send.
func TestAssigned(t *testing.T) {
	w := started(t)
	w.read(t, with("acme.yaml", "engineer: priya", "engineer: dana"))
	p := w.plan(t)
	wantSends(t, p, " dana assigned [channel ]")
	w.apply(p)
	nothing(t, w.plan(t))
	last := len(w.events) - 1
	w.events[last].Verb = record.IntendNotify
	wantSends(t, w.plan(t), " dana assigned [channel ]")
	w.AsOf += 2
	if got := sends(w.plan(t)); !strings.Contains(got, "dana assigned") {
		t.Errorf("after two days: %s", got)
	}
	w.AsOf++
	if got := sends(w.plan(t)); strings.Contains(got, "assigned") {
		t.Errorf("after three days: %s", got)
	}
	w.AsOf -= 3
	w.read(t, northwind) // back to Priya on the same day
	wantSends(t, w.reconcile(t, 1), " priya assigned [channel ]")
}

func TestFirstDay(t *testing.T) {
	w := newWorld("2026-03-30")
	w.read(t, audited("{days: [wed]}", "{days: []}"))
	n := &due.Notice{Kind: due.HeadsUp, On: civil.MustParse("2026-03-27")}
	if d := firstDay(w.Catalog.Person("dana"), n); d != civil.MustParse("2026-04-01") {
		t.Error(d)
	}
	if d := firstDay(w.Catalog.Person("priya"), n); d != n.On {
		t.Error(d)
	}
	n.Kind = Assigned
	if d := firstDay(w.Catalog.Person("dana"), n); d != n.On {
		t.Error(d)
	}
}

// TestEscalation holds that a fresh escalation goes to whom the step names, at once and by
// itself, and one that is days old with everything else.
func TestEscalation(t *testing.T) {
	files := with("vcio.yaml", "owner: engineer, open: 2 weeks}", "owner: engineer, open: 2 weeks, escalate: {after: 1 day, to: [vcio]}}")
	files["almanac.yaml"] = strings.Replace(files["almanac.yaml"], "channels:", "defaults: {via: [mail]}\nchannels:", 1)
	w := newWorld("2026-04-01")
	w.read(t, files)
	w.reconcile(t, 2)
	w.AsOf++
	wantSends(t, w.plan(t), "mail dana escalation []")
	w.AsOf += 3
	wantSends(t, w.plan(t), "mail dana escalation [channel mail to dana]")
}

// TestNotLate holds that nobody is reminded on the day itself, nor of what has no issue that
// anybody could close.
func TestNotLate(t *testing.T) {
	for name, tt := range map[string]struct{ step, next string }{
		"on the day":  {"open: 2 weeks, remind: {after: 0 days}}", " priya reminder [channel ]"},
		"no issue":    {"issue: none, notify: [], remind: {after: 0 days}, escalate: {after: 0 days, to: [vcio]}}", ""},
		"a day later": {"open: 2 weeks, remind: {after: 1 day}}", " priya reminder [channel ]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld("2026-04-01")
			w.read(t, with("vcio.yaml", "owner: engineer, open: 2 weeks}", "owner: engineer, "+tt.step))
			w.reconcile(t, 2)
			for id := range w.sent {
				t.Errorf("on the day %s is sent", id)
			}
			w.AsOf++
			if got := strings.TrimSuffix(sends(w.plan(t)), "\n"); got != tt.next {
				t.Errorf("a day later %q, want %q", got, tt.next)
			}
		})
	}
}
