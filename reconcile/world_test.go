package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/load"
)

// errKilled is what everything returns to a process that is dead.
var errKilled = errors.New("killed")

// life is a process that may die: at its effect number `at`, before it happens or after.
type life struct {
	mu      sync.Mutex
	at      int // 0: never
	after   bool
	effects int
	dead    bool
}

// effect runs an effect, or does not, or does and dies before the answer arrives.
func (l *life) effect(do func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return errKilled
	}
	l.effects++
	if l.effects != l.at {
		return do()
	}
	l.dead = true
	if l.after {
		_ = do()
	}
	return fmt.Errorf("%w: %w", reconcile.ErrUnknownOutcome, errKilled)
}

func (l *life) read() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return errKilled
	}
	return nil
}

// forge keeps issues in memory. It is shared by all lives.
type forge struct {
	mu       sync.Mutex
	issues   []issue.Issue
	comments map[int][]string
	// posted are our own comments, in order.
	posted []issue.Comment
	// said are the comments of people, in order, and reactions what is shown beside them.
	said      []issue.Comment
	reactions map[string]reconcile.Reaction
	// permissions are those of logins; who is not in it has none.
	permissions map[string]string
	// parents are the issues under which others are shown, by number.
	parents map[int]int
	// refusal, where set, is what becomes of every attempt to group.
	refusal  error
	attempts int
	// meddle, where set, is what a person does to an issue just before each edit of it.
	meddle func(*issue.Issue)
	now    func() time.Time
}

// mortal is a forge as one life sees it.
type mortal struct {
	*forge
	*life
}

func (m mortal) Name() string                             { return "memory" }
func (m mortal) Identity(context.Context) (string, error) { return "almanac-bot", m.life.read() }
func (m mortal) Clock(context.Context) (time.Time, error) { return m.forge.now(), m.life.read() }

func (m mortal) List(_ context.Context, since time.Time) ([]issue.Issue, error) {
	if err := m.life.read(); err != nil {
		return nil, err
	}
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	var l []issue.Issue
	for _, i := range m.issues {
		if slices.Contains(i.Labels, issue.OwnershipLabel) && (i.State == issue.Open || !i.Updated.Before(since)) {
			l = append(l, i)
		}
	}
	return l, nil
}

func (m mortal) Get(_ context.Context, n int) (issue.Issue, error) {
	if err := m.life.read(); err != nil {
		return issue.Issue{}, err
	}
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	if n < 1 || n > len(m.issues) {
		return issue.Issue{}, reconcile.ErrNotFound
	}
	return m.issues[n-1], nil
}

func (m mortal) Create(_ context.Context, n reconcile.NewIssue) (made issue.Issue, err error) {
	err = m.life.effect(func() error {
		m.forge.mu.Lock()
		defer m.forge.mu.Unlock()
		made = issue.Issue{Number: len(m.issues) + 1, Title: n.Title, Body: n.Body, State: issue.Open, Labels: slices.Sorted(slices.Values(n.Labels)),
			Assignees: slices.Sorted(slices.Values(n.Assignees)), Author: "almanac-bot", Milestone: n.Milestone, Created: m.now(), Updated: m.now()}
		m.issues = append(m.issues, made)
		return nil
	})
	if err != nil {
		made = issue.Issue{}
	}
	return made, err
}

func (m mortal) Edit(_ context.Context, n int, e reconcile.Edit) (made issue.Issue, err error) {
	err = m.life.effect(func() error {
		m.forge.mu.Lock()
		defer m.forge.mu.Unlock()
		i := &m.issues[n-1]
		if tick := m.meddle; tick != nil {
			tick(i)
		}
		if e.Was != nil && *e.Was != i.Body {
			return reconcile.ErrChanged
		}
		if e.Title != nil {
			i.Title = *e.Title
		}
		if e.Milestone != "" {
			i.Milestone = e.Milestone
		}
		if e.Body != nil {
			i.Body = *e.Body
		}
		if e.State != nil {
			i.State, i.Reason = *e.State, e.Reason
			if i.Closed = (time.Time{}); *e.State == issue.Closed {
				i.Closed = m.now()
			}
		}
		i.Labels = changed(i.Labels, e.AddLabels, e.RemoveLabels)
		i.Assignees = changed(i.Assignees, e.AddAssignees, e.RemoveAssignees)
		i.Updated = m.now()
		made = *i
		return nil
	})
	return made, err
}

func changed(l, add, remove []string) []string {
	l = slices.DeleteFunc(slices.Concat(l, add), func(s string) bool { return slices.Contains(remove, s) })
	slices.Sort(l)
	return slices.Compact(l)
}

func (m mortal) Comment(_ context.Context, n int, text string) error {
	return m.life.effect(func() error {
		m.forge.mu.Lock()
		defer m.forge.mu.Unlock()
		m.comments[n] = append(m.comments[n], text)
		m.posted = append(m.posted, issue.Comment{ID: fmt.Sprintf("p%d", len(m.posted)), Issue: n, Author: "almanac-bot", Bot: true, Body: text, Created: m.now(), Updated: m.now()})
		return nil
	})
}

func (m mortal) Comments(_ context.Context, since time.Time) ([]issue.Comment, error) {
	if err := m.life.read(); err != nil {
		return nil, err
	}
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	return slices.DeleteFunc(slices.Concat(m.said, m.posted), func(c issue.Comment) bool { return c.Updated.Before(since) }), nil
}

func (m mortal) GetComment(_ context.Context, id string) (issue.Comment, error) {
	if err := m.life.read(); err != nil {
		return issue.Comment{}, err
	}
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	if i := slices.IndexFunc(m.said, func(c issue.Comment) bool { return c.ID == id }); i >= 0 {
		return m.said[i], nil
	}
	return issue.Comment{}, reconcile.ErrNoComment
}

func (m mortal) Permission(_ context.Context, login string) (string, error) {
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	return cmp.Or(m.permissions[login], "none"), m.life.read()
}

func (m mortal) Requests(_ context.Context, label string) ([]issue.Issue, error) {
	if err := m.life.read(); err != nil {
		return nil, err
	}
	m.forge.mu.Lock()
	defer m.forge.mu.Unlock()
	var l []issue.Issue
	for _, i := range m.issues {
		if i.State == issue.Open && slices.Contains(i.Labels, label) && !slices.Contains(i.Labels, issue.OwnershipLabel) {
			l = append(l, i)
		}
	}
	return l, nil
}

func (m mortal) React(_ context.Context, id string, r reconcile.Reaction) error {
	return m.life.effect(func() error {
		m.forge.mu.Lock()
		defer m.forge.mu.Unlock()
		if !slices.ContainsFunc(m.said, func(c issue.Comment) bool { return c.ID == id }) {
			return reconcile.ErrNoComment
		}
		m.reactions[id] = r
		return nil
	})
}

func (m mortal) Group(_ context.Context, parent, child int) error {
	return m.life.effect(func() error {
		m.forge.mu.Lock()
		defer m.forge.mu.Unlock()
		m.attempts++
		if m.refusal == nil && m.parents[child] == 0 {
			m.parents[child] = parent
		}
		return m.refusal
	})
}

// book is a ledger in memory, shared by all lives.
type book struct {
	mu           sync.Mutex
	events       []record.Event
	exists       bool
	installation string
	heartbeat    time.Time
}

type ledger struct {
	*book
	*life
}

func (l ledger) Name() string { return "memory" }

func (l ledger) Load(context.Context) (*reconcile.History, error) {
	if err := l.life.read(); err != nil {
		return nil, err
	}
	l.book.mu.Lock()
	defer l.book.mu.Unlock()
	return l.history(), nil
}

func (b *book) history() *reconcile.History {
	events := slices.Clone(b.events)
	return &reconcile.History{Exists: b.exists, Head: fmt.Sprint(len(b.events)), Installation: b.installation, Heartbeat: b.heartbeat,
		Entries: record.Fold(b.events), All: func() []record.Event { return events }}
}

func (l ledger) Update(ctx context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (h *reconcile.History, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = l.life.effect(func() error {
		l.book.mu.Lock()
		defer l.book.mu.Unlock()
		b, err := decide(l.history())
		if err != nil {
			return err
		}
		l.events = append(l.events, b.Events...)
		l.exists, l.installation = true, cmp.Or(l.installation, b.Installation)
		if b.Heartbeat.After(l.heartbeat) {
			l.heartbeat = b.Heartbeat
		}
		h = l.history()
		return nil
	})
	return h, err
}

// post keeps messages in memory, shared by all lives.
type post struct {
	mu   sync.Mutex
	sent []reconcile.Message
}

type notifier struct {
	*post
	*life
}

func (n notifier) Send(_ context.Context, m reconcile.Message) error {
	return n.life.effect(func() error {
		n.post.mu.Lock()
		defer n.post.mu.Unlock()
		n.sent = append(n.sent, m)
		return nil
	})
}

// world is everything outside the process.
type world struct {
	t     testing.TB
	cat   *schema.Catalog
	today civil.Date
	clock time.Time
	forge *forge
	book  *book
	post  *post
	runs  int
}

// newWorld begins with the files of a folder and nothing else.
func newWorld(t testing.TB, files fs.FS, today string) *world {
	w := &world{t: t, forge: &forge{comments: map[int][]string{}, reactions: map[string]reconcile.Reaction{}, permissions: map[string]string{}, parents: map[int]int{}}, book: &book{}, post: &post{}}
	w.forge.now = func() time.Time { return w.clock }
	w.files(files)
	w.on(today)
	return w
}

// files reads other files. They must have no errors.
func (w *world) files(files fs.FS) {
	r, err := load.Load(context.Background(), files, load.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Faults.HasErrors() {
		w.t.Fatalf("%v", r.Faults)
	}
	w.cat = r.Catalog
}

// on goes to noon of a day.
func (w *world) on(day string) {
	w.today = civil.MustParse(day)
	w.clock = w.today.Time().Add(12 * time.Hour)
}

// run is one run of a process with this life.
func (w *world) run(ctx context.Context, l *life) (*plan.Plan, *reconcile.Result, error) {
	w.runs++
	observed := w.clock
	f, b := mortal{w.forge, l}, ledger{w.book, l}
	seen, err := reconcile.Observe(ctx, f, b)
	if err != nil {
		return nil, nil, err
	}
	if err := seen.FindRequests(ctx, f, ticket.Labels(w.cat), func(login string) bool { return w.cat.Login(login, false) != nil }); err != nil {
		return nil, nil, err
	}
	p := w.plan(seen)
	if p.Blocked != nil {
		return p, nil, nil
	}
	nonces := 0
	r := &reconcile.Run{Forge: f, Ledger: b, Notifier: notifier{w.post, l}, Installation: w.cat.Organization.ID, Former: w.cat.Organization.Previously, Name: fmt.Sprintf("run-%d", w.runs),
		Now: func() time.Time { return w.clock }, Nonce: func() string { nonces++; return fmt.Sprintf("%d-%d", w.runs, nonces) }}
	res, err := r.Apply(ctx, p, seen, observed)
	return p, res, err
}

func (w *world) plan(seen *reconcile.World) *plan.Plan {
	requests := ticket.Judge(ticket.Inputs{Catalog: w.cat, AsOf: w.today, Found: seen.Requests, Entries: seen.History.Entries,
		Identity: seen.Identity, Permissions: seen.Permissions, Unknown: seen.Unknown})
	entries, observed := ticket.Join(seen.History.Entries, seen.Issues, requests)
	known := progress.Look(progress.Inputs{Catalog: w.cat, AsOf: w.today, Entries: entries, Observed: observed, Gone: seen.Gone, Identity: seen.Identity, Form: ticket.Form})
	e, err := due.New(w.cat, due.Options{AsOf: w.today, Facts: known.Facts()})
	if err != nil {
		w.t.Fatal(err)
	}
	return plan.Make(plan.Inputs{Groups: true, Catalog: w.cat, AsOf: w.today, Engine: e, Progress: known, Observed: observed, Gone: seen.Gone, Identity: seen.Identity,
		Entries: entries, Requests: requests, LedgerExists: seen.History.Exists, Frozen: plan.Frozen(w.cat, diag.List{})})
}

// converge runs until there is nothing to do. Time passes between the runs.
func (w *world) converge() {
	w.t.Helper()
	for range 12 {
		p, res, err := w.run(context.Background(), &life{})
		if err != nil {
			w.t.Fatal(err)
		}
		if p.Blocked != nil {
			w.t.Fatalf("blocked: %+v", p.Blocked)
		}
		if p.Empty() && !res.Partial() {
			return
		}
		w.clock = w.clock.Add(25 * time.Minute)
	}
	w.t.Fatal("no end after twelve runs")
}

// keys returns how many issues there are of each key.
func (w *world) keys() map[string]int {
	m := map[string]int{}
	for _, i := range w.forge.issues {
		if k, ok := issue.ParseMarker(i.Body); ok {
			m[k.Key.String()]++
		}
	}
	return m
}

// notices returns how often each notice was sent.
func (w *world) notices() map[string]int {
	m := map[string]int{}
	for _, s := range w.post.sent {
		for _, i := range s.Items {
			m[i.ID]++
		}
	}
	return m
}

// repeats counts the messages that hold something that was sent before.
func (w *world) repeats() int {
	n, seen := 0, map[string]bool{}
	for _, s := range w.post.sent {
		again := false
		for _, i := range s.Items {
			again, seen[i.ID] = again || seen[i.ID], true
		}
		if again {
			n++
		}
	}
	return n
}

// northwind is the example, with some files replaced.
func northwind(t testing.TB, replace map[string]string) fs.FS {
	t.Helper()
	files := map[string]string{}
	base := os.DirFS("../examples/northwind")
	err := fs.WalkDir(base, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, ".") {
			return err
		}
		b, err := fs.ReadFile(base, name)
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range replace {
		files[name] = text
	}
	return tree(files)
}
