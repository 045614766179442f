//go:build linux

package reconcile_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	ledgers "github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// BenchmarkThreeYears works out three years of five steps a year for each client, and a
// plan, beside a warm load of the same files. The goal is that planning costs less than the
// load and a microsecond an occurrence: x-budget is what occurrences and plan take in that,
// and must be below 1; x-budget-dates is that of the occurrences alone. The ledger stays in
// memory meanwhile as a run holds it, so that collecting garbage costs what it costs a run.
func BenchmarkThreeYears(b *testing.B) {
	sizes(b, func(b *testing.B, clients int) {
		q, l := newQuiet(b, clients), laps{}
		years := due.Window{From: civil.MustParse("2028-01-01"), To: civil.MustParse("2030-12-31")}
		var n time.Duration
		for b.Loop() {
			l.start()
			cat := q.load(b)
			l.lap("load")
			e := q.engine(b, cat)
			n = time.Duration(len(e.Occurrences(years)))
			l.lap("occurrences")
			q.agree(b, plan.Make(q.inputs(cat, e, q.world)))
			l.lap("plan")
		}
		if n < time.Duration(15*clients) { // and what a roll brings into the window at its ends
			b.Fatalf("%d occurrences of %d clients", n, clients)
		}
		b.ReportMetric(float64(l.median("occurrences")/n), "ns/occurrence")
		budget := l.median("load") + n*time.Microsecond
		b.ReportMetric(ratio(l.median("occurrences"), budget), "x-budget-dates")
		b.ReportMetric(ratio(l.median("occurrences")+l.median("plan"), budget), "x-budget")
		l.report(b)
	})
}

// BenchmarkUnchanged does what `almanac plan` does where there is nothing to do, and says
// which part of it took which share of the time. Three of ten clients have an open issue,
// and the ledger holds what was done in the year before. The goal is that reading dominates:
// %reading is the share of load, ledger and issues together.
func BenchmarkUnchanged(b *testing.B) {
	sizes(b, func(b *testing.B, clients int) {
		q, l := newQuiet(b, clients), laps{}
		for b.Loop() {
			l.start()
			cat := q.load(b)
			l.lap("load")
			lint.Run(cat, lint.Options{Today: quietDay, Files: os.DirFS(q.dir)})
			l.lap("lint")
			w := q.observe(b, &l)
			p := progress.Look(progress.Inputs{Catalog: cat, AsOf: quietDay, Entries: w.History.Entries, Observed: w.Issues, Gone: w.Gone, Identity: w.Identity})
			l.lap("progress")
			in := q.inputs(cat, q.engine(b, cat), w)
			in.Progress = p
			q.agree(b, plan.Make(in))
			l.lap("plan")
		}
		b.ReportMetric(l.share("load", "ledger", "issues"), "%reading")
		b.ReportMetric(float64(len(q.world.Issues)), "issues")
		b.ReportMetric(float64(len(q.world.History.Events())), "events")
		b.ReportMetric(float64(l.median("issues").Microseconds())/float64(len(q.world.Issues)), "µs/issue")
		l.report(b)
	})
}

// BenchmarkMemory runs `almanac plan` as a process of its own on an unchanged repository,
// and reports how much memory it takes at most, and what of the processors. The goal is
// that MiB-peak stays below 500.
func BenchmarkMemory(b *testing.B) {
	almanac := filepath.Join(b.TempDir(), "almanac")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", almanac, "../cmd/almanac").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	sizes(b, func(b *testing.B, clients int) {
		q := newQuiet(b, clients)
		run := func() (memory int, took time.Duration) {
			c := exec.Command(almanac, "plan", "-C", q.dir, "--as-of", quietDay.String(), "--detailed-exitcode")
			c.Env = append(os.Environ(), "XDG_CACHE_HOME="+q.cache)
			if err := c.Start(); err != nil {
				b.Fatal(err)
			}
			memory = watchMemory(c.Process.Pid)
			if err := c.Wait(); err != nil {
				b.Fatal(err)
			}
			return memory, c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		}
		run() // fills the cache
		var most int
		var all time.Duration
		for b.Loop() {
			memory, took := run()
			most, all = max(most, memory), all+took
		}
		b.ReportMetric(float64(most)/1024, "MiB-peak")
		b.ReportMetric(float64(all.Microseconds())/1000/float64(b.N), "cpu-ms")
	})
}

// watchMemory returns the most memory, in KiB, that a process had in its life, and returns
// when it ends. What the system tells of an ended process is no use here: it counts the
// memory of the one that started it too.
func watchMemory(pid int) (most int) {
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, rest, ok := strings.Cut(string(text), "VmHWM:")
		if err != nil || !ok {
			return most
		}
		if _, err := fmt.Sscan(rest, &most); err != nil {
			return most
		}
		time.Sleep(time.Millisecond)
	}
}

func sizes(b *testing.B, bench func(b *testing.B, clients int)) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { bench(b, n) })
	}
}

// laps time the parts of every turn of a benchmark, in the time of all processors, which
// other programs on the machine touch least. Medians stand for them.
type laps struct {
	names []string
	took  map[string][]time.Duration
	since time.Duration
}

func (l *laps) start() {
	runtime.GC() // what the turn before left is not the debt of this one
	l.since = spent()
}

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// lap ends a part. The next one begins.
func (l *laps) lap(name string) {
	if l.took == nil {
		l.took = map[string][]time.Duration{}
	}
	if l.took[name] == nil {
		l.names = append(l.names, name)
	}
	now := spent()
	l.took[name] = append(l.took[name], now-l.since)
	l.since = now
}

func (l *laps) median(name string) time.Duration {
	all := slices.Sorted(slices.Values(l.took[name]))
	return all[len(all)/2]
}

// report gives the share of every part.
func (l *laps) report(b *testing.B) {
	for _, name := range l.names {
		b.ReportMetric(l.share(name), "%"+name)
	}
	b.ReportMetric(float64(l.sum(l.names).Microseconds())/1000, "cpu-ms")
}

// share returns what parts together take in all, in percent.
func (l *laps) share(names ...string) float64 { return 100 * ratio(l.sum(names), l.sum(l.names)) }

func (l *laps) sum(names []string) (all time.Duration) {
	for _, name := range names {
		all += l.median(name)
	}
	return all
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

var quietDay = civil.MustParse("2028-05-10")

// quiet is a repository on a day on which there is nothing left to do, with its issues and
// its ledger in folders, and a warm cache.
type quiet struct {
	dir   string
	cache string
	world *reconcile.World
}

func newQuiet(b *testing.B, clients int) *quiet {
	b.Helper()
	q := &quiet{dir: b.TempDir(), cache: b.TempDir()}
	for name, f := range loadtest.Generate(clients) {
		write(b, filepath.Join(q.dir, filepath.FromSlash(name)), fiveSteps(string(f.Data)))
	}
	cat := q.load(b)
	q.settle(b, cat)
	q.world = q.observe(b, &laps{})
	q.agree(b, plan.Make(q.inputs(cat, q.engine(b, cat), q.world)))
	return q
}

// fiveSteps leaves each client in the one process of five steps a year, and opens what is
// due in the next two weeks or was in the last one: three issues for ten clients.
func fiveSteps(text string) string {
	text, _, _ = strings.Cut(text, "  - template: essential-care\n")
	if strings.HasPrefix(text, "kind: Organization\n") {
		text += "policies:\n  catch-up: {window: 7 days}\n  limits: {creates-per-run: 100000, creates-per-client: 100}\n"
	}
	return text
}

func write(b *testing.B, name, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

func (q *quiet) issues() string              { return filepath.Join(q.dir, ".almanac", "issues") }
func (q *quiet) ledger() reconcile.Ledger    { return ledgers.Dir(filepath.Join(q.issues(), "ledger")) }
func (q *quiet) forge() reconcile.Forge      { return files.New(q.issues(), files.Options{}) }
func (q *quiet) noon(d civil.Date) time.Time { return d.Time().Add(12 * time.Hour) }
func (q *quiet) load(b *testing.B) *schema.Catalog {
	b.Helper()
	r, err := load.Load(b.Context(), os.DirFS(q.dir), load.Options{CacheDir: q.cache, Check: lint.CheckFile})
	if err != nil || r.Faults.HasErrors() {
		b.Fatal(err, r.Faults)
	}
	return r.Catalog
}

func (q *quiet) engine(b *testing.B, cat *schema.Catalog) *due.Engine {
	b.Helper()
	e, err := due.New(cat, due.Options{AsOf: quietDay})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func (q *quiet) inputs(cat *schema.Catalog, e *due.Engine, w *reconcile.World) plan.Inputs {
	return plan.Inputs{Catalog: cat, AsOf: quietDay, Engine: e, Observed: w.Issues, Gone: w.Gone, Identity: w.Identity,
		Entries: w.History.Entries, LedgerExists: w.History.Exists, BaseURL: "https://github.com/northwind/client-operations/blob/HEAD"}
}

// observe is reconcile.Observe with a lap for each of its two sources.
func (q *quiet) observe(b *testing.B, l *laps) *reconcile.World {
	b.Helper()
	h, err := q.ledger().Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l.lap("ledger")
	w, err := reconcile.Observe(b.Context(), q.forge(), read{q.ledger(), h})
	if err != nil {
		b.Fatal(err)
	}
	l.lap("issues")
	return w
}

// read is a ledger that was read before.
type read struct {
	reconcile.LedgerReader
	history *reconcile.History
}

func (r read) Load(context.Context) (*reconcile.History, error) { return r.history, nil }

// settle does what a plan asks for: issues become files, all at once and without waiting
// for the disk, and the ledger tells of them, of the messages, and of what was done in the
// year before.
func (q *quiet) settle(b *testing.B, cat *schema.Catalog) {
	b.Helper()
	p := plan.Make(plan.Inputs{Catalog: cat, AsOf: quietDay, Engine: q.engine(b, cat), LedgerExists: true,
		BaseURL: "https://github.com/northwind/client-operations/blob/HEAD"})
	numbers, events := map[string]int{}, []record.Event{}
	event := func(e record.Event, on civil.Date) {
		e.V, e.At, e.Run, e.Number = record.Version, q.noon(on), "run", numbers[e.Key]
		events = append(events, e)
	}
	for _, c := range p.Changes {
		if c.Action == plan.Create {
			numbers[c.Key] = len(numbers) + 1
			q.open(b, numbers[c.Key], c.Issue, c.Key)
		}
		event(c.Record, quietDay)
	}
	for _, m := range p.Missed {
		numbers[m.Key] = len(numbers) + 1
		event(record.Event{Key: m.Key, Verb: record.IntendCreate}, m.Due.AddDays(-14))
		event(record.Event{Key: m.Key, Verb: record.Opened, Owner: "dana", Due: m.Due}, m.Due.AddDays(-14))
		event(record.Event{Key: m.Key, Verb: record.Done}, m.Due)
	}
	// The clock of the machine may stand long before the day in question.
	before := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := q.ledger().Update(b.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: events, Installation: cat.Organization.ID, Heartbeat: before}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// open writes an issue as the forge does.
func (q *quiet) open(b *testing.B, number int, n *plan.NewIssue, key string) {
	b.Helper()
	at := q.noon(quietDay).Format(time.RFC3339)
	text := fmt.Sprintf("---\nnumber: %d\nkey: %s\ntitle: %q\nstate: open\nlabels:\n  - %s\nassignees: [%s]\ncreated: %s\nupdated: %s\n---\n\n%s\n",
		number, key, n.Title, strings.Join(n.Labels, "\n  - "), strings.Join(n.Assignees, ", "), at, at, n.Body)
	write(b, filepath.Join(q.issues(), fmt.Sprintf("%d.md", number)), text)
}

// agree fails unless a plan has nothing to do and every issue is as it should be.
func (q *quiet) agree(b *testing.B, p *plan.Plan) {
	b.Helper()
	if !p.Empty() || p.Summary.None != len(q.world.Issues) || p.Summary.None == 0 {
		b.Fatalf("%+v, %d issues", p.Summary, len(q.world.Issues))
	}
}
