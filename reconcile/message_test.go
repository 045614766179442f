package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

func notice(key, channel, together string, kind due.NoticeKind, on civil.Date) plan.Change {
	name := string(kind) + "/1/" + on.String() + "/" + channel
	return plan.Change{Action: plan.Notify, Key: key, Client: "acme", Due: on, Record: record.Event{Key: key, Verb: record.Notified, Notice: name},
		Notice: &plan.Notice{ID: key + "/" + name, Name: name, Channel: channel, To: []string{"dana"}, Title: key + " is due " + on.String(), Text: key,
			Kind: kind, Client: "Acme", Owner: "Dana Whitfield", Together: together}}
}

func TestMessages(t *testing.T) {
	today := civil.MustParse("2026-05-06") // a Wednesday
	p := &plan.Plan{AsOf: today, Changes: []plan.Change{
		notice("c/t/1/later", "ops", "channel ops", due.HeadsUp, today.AddDays(5)),
		notice("a/t/1/week", "ops", "channel ops", due.HeadsUp, today.AddDays(4)),
		notice("b/t/1/late", "ops", "channel ops", due.Reminder, today.AddDays(-1)),
		notice("b/t/1/late", "ops", "", due.Escalation, today.AddDays(-1)),
		notice("d/t/1/mine", "ops", "channel ops", plan.Assigned, today.AddDays(-1)),
		notice("a/t/1/week", "mail", "channel mail to dana", due.HeadsUp, today.AddDays(4)),
	}}
	p.Changes[2].Notice.URL = "https://github.example/1"
	got := ""
	for _, m := range reconcile.Messages(p) {
		got += fmt.Sprintf("%s to %s, %d notices: %s\n%s\n\n", m.Channel, strings.Join(m.To, ","), len(m.Items), m.Title, m.Text)
	}
	want := `ops to dana, 4 notices: 4 notices: 1 overdue, 1 yours now, 1 due this week, 1 coming up
Overdue
- b/t/1/late is due 2026-05-05 (Dana Whitfield)
  https://github.example/1

Yours now
- d/t/1/mine is due 2026-05-05 (Dana Whitfield)

Due this week
- a/t/1/week is due 2026-05-10 (Dana Whitfield)

Coming up
- c/t/1/later is due 2026-05-11 (Dana Whitfield)

ops to dana, 1 notices: b/t/1/late is due 2026-05-05
b/t/1/late

mail to dana, 1 notices: a/t/1/week is due 2026-05-10
a/t/1/week

`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// fickle is a channel that ends messages as it is told to.
type fickle struct {
	err  error
	sent []reconcile.Message
}

func (f *fickle) Send(_ context.Context, m reconcile.Message) error {
	f.sent = append(f.sent, m)
	return f.err
}

// TestSendings holds how the end of a message is told, and what a later run makes of it.
func TestSendings(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status reconcile.Status
		again  bool // whether the next run, within the grace, sends it again
	}{
		"sent":       {nil, reconcile.Done, false},
		"not to all": {fmt.Errorf("lee: %w", reconcile.ErrNotAll), reconcile.Done, false},
		"refused":    {errors.New("404"), reconcile.Failed, true},
		"busy":       {reconcile.ErrDeferred, reconcile.Deferred, true},
		"unknown":    {reconcile.ErrUnknownOutcome, reconcile.Unknown, false},
	} {
		t.Run(name, func(t *testing.T) {
			// Reminders come by themselves, and this is about one message of several notices.
			calm := map[string]string{"clients/kestrel-logistics.yaml": "kind: Client\nid: kestrel-logistics\nname: Kestrel Logistics\n"}
			w := newWorld(t, northwind(t, calm), "2026-05-04")
			f := &fickle{err: tt.err}
			apply := func() *reconcile.Result {
				seen, err := reconcile.Observe(t.Context(), mortal{w.forge, &life{}}, ledger{w.book, &life{}})
				if err != nil {
					t.Fatal(err)
				}
				w.runs++
				n := 0
				r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: ledger{w.book, &life{}}, Notifier: f, Installation: "northwind", Name: fmt.Sprint("run-", w.runs),
					Now: w.forge.now, Nonce: func() string { n++; return fmt.Sprintf("%d-%d", w.runs, n) }}
				res, err := r.Apply(t.Context(), w.plan(seen), seen, w.clock)
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			notices := 0
			for _, o := range apply().Outcomes {
				if o.Change.Notice != nil {
					notices++
					if o.Status != tt.status || (o.Err == nil) != (tt.err == nil) {
						t.Errorf("%s %v", o.Status, o.Err)
					}
				} else if o.Status != reconcile.Done {
					t.Errorf("a message holds up %s: %s", o.Change.Key, o.Status)
				}
			}
			if notices < 2 || len(f.sent) != 1 {
				t.Fatalf("%d notices in %d messages", notices, len(f.sent))
			}
			apply()
			if again := len(f.sent) > 1; again != tt.again {
				t.Errorf("%d messages after the second run", len(f.sent))
			}
		})
	}
}

// TestChannelThatNeverWorks: that messages fail is told in the result of a run and in no message,
// so that a channel which takes nothing is asked once a run for what it was asked at first, and
// what is done besides goes on.
func TestChannelThatNeverWorks(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-05-04")
	f := &fickle{err: errors.New("404")}
	first := ""
	for run := range 6 {
		seen, err := reconcile.Observe(t.Context(), mortal{w.forge, &life{}}, ledger{w.book, &life{}})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: ledger{w.book, &life{}}, Notifier: f, Installation: "northwind", Name: fmt.Sprint("run-", run),
			Now: w.forge.now, Nonce: func() string { n++; return fmt.Sprintf("%d-%d", run, n) }}
		f.sent = nil
		res, err := r.Apply(t.Context(), w.plan(seen), seen, w.clock)
		if err != nil || !res.Partial() {
			t.Fatalf("run %d: %+v, error %v", run, res, err)
		}
		var items []string
		for _, m := range f.sent {
			for _, i := range m.Items {
				items = append(items, m.Channel+" "+i.ID)
			}
		}
		slices.Sort(items)
		text := fmt.Sprintf("%d messages:\n%s", len(f.sent), strings.Join(items, "\n"))
		if len(items) == 0 || len(slices.Compact(slices.Clone(items))) != len(items) {
			t.Fatalf("run %d: %s", run, text)
		}
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("run %d asks for other messages:\n%s\n%s", run, text, first)
		}
		w.clock = w.clock.Add(25 * time.Minute)
	}
	if len(w.forge.issues) == 0 {
		t.Error("the messages hold up the issues")
	}
}

// BenchmarkMessages gathers and writes the digests of a run, four notices a client. The
// time grows with the notices.
func BenchmarkMessages(b *testing.B) {
	today := civil.MustParse("2026-05-06")
	for _, clients := range []int{100, 1000, 10_000} {
		p := &plan.Plan{AsOf: today}
		for i := range clients {
			for j := range 4 {
				channel := fmt.Sprint("channel mail to p", i%50)
				c := notice(fmt.Sprintf("c%05d/t/2026/s%d", i, j), "mail", channel, due.HeadsUp, today.AddDays(j))
				c.Notice.Client = fmt.Sprint("Client ", i)
				p.Changes = append(p.Changes, c)
			}
		}
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			for b.Loop() {
				if n := len(reconcile.Messages(p)); n != 50 {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(p.Changes)), "ns/notice")
		})
	}
}
