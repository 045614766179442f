package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// engineOptions are the flags of every command that knows a forge.
type engineOptions struct {
	*options
	forge, ledger, client, shard string
}

// issuesFolder is where issues are kept when nothing else is said, below the root.
const issuesFolder = ".almanac/issues"

// addPlaceFlags adds the flags that say where issues and ledger are.
func addPlaceFlags(cmd *cobra.Command, e *engineOptions) {
	f := cmd.Flags()
	f.StringVar(&e.forge, "forge", "", "where issues are: github, or files:FOLDER (default files:"+issuesFolder+" in the repository)")
	f.StringVar(&e.ledger, "ledger", "", "where the ledger is: dir:FOLDER, git (this repository) or git:REMOTE (default beside the issues; git:origin with github)")
	_ = cmd.RegisterFlagCompletionFunc("forge", cobra.FixedCompletions([]string{"github", "files:"}, cobra.ShellCompDirectiveNoSpace))
}

// addEngineFlags adds those, and which clients are meant.
func addEngineFlags(cmd *cobra.Command, e *engineOptions) {
	addPlaceFlags(cmd, e)
	f := cmd.Flags()
	f.StringVar(&e.client, "client", "", "only clients whose id matches, such as 'juniper-*'")
	f.StringVar(&e.shard, "shard", "", "only the part i/n of the clients, such as 1/4, to share the work between runs")
}

// session is a repository with its forge and ledger.
type session struct {
	c *Command
	w *workspace
	// engine and progress are there once it is known what happened so far.
	engine   *due.Engine
	progress *progress.Progress
	// whole counts for all clients where the run is about what they share, and is engine
	// where it is not.
	whole *due.Engine
	// requests are the issues that ask for runs. entries and observed are what ledger and forge
	// hold, with the runs that begin.
	requests []ticket.Request
	entries  record.Entries
	observed []issue.Issue
	forge    reconcile.Forge
	ledger   ledger.Ledger
	// clock is the time at which what is done is written down; plays says that it is that of a
	// day that is played.
	clock  func() time.Time
	plays  bool
	client func(id string) bool
	// frozen are those of the clients that the run is about, allFrozen those of all.
	frozen, allFrozen map[string]string
}

// session reads the repository and finds forge and ledger. It touches neither.
func (c *Command) session(ctx context.Context, e *engineOptions) (*session, error) {
	if _, err := e.filter(); err != nil {
		return nil, err
	}
	w, err := c.open(ctx, e.options, reading{})
	if err != nil {
		return nil, err
	}
	return c.sessionOf(w, e)
}

// sessionOf is session for a repository that was read.
func (c *Command) sessionOf(w *workspace, e *engineOptions) (*session, error) {
	match, err := e.filter()
	if err != nil {
		return nil, err
	}
	if err := c.usable(w, e.options); err != nil {
		return nil, err
	}
	s := &session{c: c, w: w, client: match, allFrozen: plan.Frozen(w.catalog, w.faults)}
	s.frozen = inScope(s.allFrozen, match)
	s.checkFilter(e.client)
	folder := ""
	if s.forge, folder, err = c.findForge(e, w); err != nil {
		return nil, err
	}
	if s.clock = c.Now; folder != "" {
		s.clock, s.plays = w.clock, w.played != nil
	}
	s.ledger, err = c.findLedger(e, w, folder)
	return s, err
}

// filter returns which clients are meant by the flags; nil means all.
func (e *engineOptions) filter() (func(string) bool, error) {
	match, err := clientFilter(e.client)
	if err != nil {
		return nil, err
	}
	part, err := parseShard(e.shard)
	if err != nil || part.of == 0 {
		return match, err
	}
	return func(id string) bool { return part.holds(id) && (match == nil || match(id)) }, nil
}

// checkFilter warns where a glob means nobody: a misspelt one looks like a client for whom
// there is nothing to do.
func (s *session) checkFilter(glob string) {
	meant, err := clientFilter(glob)
	if meant == nil || err != nil || len(s.unread()) > 0 {
		return
	}
	for id := range s.frozen {
		if meant(id) {
			return
		}
	}
	if !slices.ContainsFunc(s.w.catalog.Clients, func(k *schema.Client) bool { return meant(k.ID) }) {
		s.c.talk("warning: no client matches --client %q: almanac list clients --all", glob)
	}
}

// clientFilter returns which clients a glob means; nil means all.
func clientFilter(glob string) (func(string) bool, error) {
	if glob == "" {
		return nil, nil
	}
	if _, err := path.Match(glob, ""); err != nil {
		return nil, usage("--client 'juniper-*'", "--client %q is not a pattern: use *, ? and [a-z]", glob)
	}
	return func(id string) bool { ok, _ := path.Match(glob, id); return ok }, nil
}

// findLedger returns the ledger. Beside issues in a folder it is a folder too, so that a
// trial leaves Git alone.
func (c *Command) findLedger(e *engineOptions, w *workspace, folder string) (ledger.Ledger, error) {
	kind, where, named := strings.Cut(e.ledger, ":")
	switch {
	case e.ledger == "" && folder != "":
		return ledger.Dir(filepath.Join(folder, "ledger")), nil
	case e.ledger == "":
		return c.gitLedger(w, "origin")
	case kind == "dir" && where != "":
		if !filepath.IsAbs(where) {
			where = filepath.Join(c.Dir, where)
		}
		return ledger.Dir(where), nil
	case kind == "git" && (!named || where != ""):
		return c.gitLedger(w, where)
	}
	return nil, usage("--ledger dir:FOLDER, --ledger git or --ledger git:origin", "--ledger %q: expected dir:FOLDER, git or git:REMOTE", e.ledger)
}

// gitLedger returns the ledger on a branch of a remote, or of the repository itself for "".
func (c *Command) gitLedger(w *workspace, remote string) (ledger.Ledger, error) {
	l, err := ledger.Git(ledger.Options{Dir: w.root, Remote: remote, Now: c.Now, Token: c.gitToken()})
	if errors.Is(err, gitfs.ErrNotGit) {
		return nil, hinted(err, "git init, or keep the ledger in a folder: --ledger dir:FOLDER")
	}
	return l, err
}

// inputs are everything that a plan depends on.
func (s *session) inputs(world *reconcile.World) plan.Inputs {
	_, groups := s.forge.(reconcile.Grouper)
	return plan.Inputs{
		Groups:  groups,
		Catalog: s.w.catalog, AsOf: s.w.today, Zone: s.w.zone, Commit: s.commit(), Engine: s.whole, Progress: s.progress,
		Observed: s.observed, Gone: world.Gone, Identity: world.Identity, Requests: s.requests,
		Entries: s.entries, LedgerExists: world.History.Exists,
		Frozen: s.frozenBy(s.allFrozen, world.History), Unread: s.unread(), Client: s.client, BaseURL: s.baseURL(),
	}
}

// commit names the version of the files, where they are in Git.
func (s *session) commit() string {
	repo, err := gitfs.Open(s.w.root)
	if err != nil {
		return ""
	}
	head, err := repo.Head()
	if err != nil {
		return ""
	}
	return head
}

// baseURL leads to the files on GitHub. It names no commit: a body that changed with every
// commit would be written again with every commit.
func (s *session) baseURL() string {
	repository := s.w.catalog.Organization.GitHub.Repository
	if repository == "" {
		return ""
	}
	base := cmp.Or(s.c.Getenv("GITHUB_SERVER_URL"), "https://github.com") + "/" + repository + "/blob/HEAD"
	if repo, err := gitfs.Open(s.w.root); err == nil {
		if sub, err := repo.Sub(s.w.root); err == nil && sub.Prefix() != "" {
			base += "/" + sub.Prefix()
		}
	}
	return base
}

// observe reads ledger and forge; both are only read. Clients whose part of the ledger
// cannot be read are frozen from then on.
func (s *session) observe(ctx context.Context) (*reconcile.World, error) {
	world, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	s.frozen = inScope(s.frozenBy(s.frozen, world.History), s.client)
	return world, s.know(world)
}

// look reads ledger and forge, and the issues that ask for runs.
func (s *session) look(ctx context.Context) (*reconcile.World, error) {
	world, err := reconcile.Observe(ctx, s.forge, s.ledger)
	if err != nil {
		return nil, err
	}
	person := func(login string) bool { return s.w.catalog.Login(login, world.Identity == "") != nil }
	return world, world.FindRequests(ctx, s.forge, ticket.Labels(s.w.catalog), person)
}

// know works out what became of runs, and makes the engine that counts with it.
func (s *session) know(world *reconcile.World) (err error) {
	s.requests = ticket.Judge(ticket.Inputs{
		Catalog: s.w.catalog, AsOf: s.w.today, Zone: s.w.zone, Found: world.Requests, Entries: world.History.Entries,
		Identity: world.Identity, Permissions: world.Permissions, Unknown: world.Unknown, Client: s.client,
		Invalid: plan.InvalidTemplates(s.w.catalog, s.w.faults),
	})
	s.entries, s.observed = ticket.Join(world.History.Entries, world.Issues, s.requests)
	s.progress = progress.Look(progress.Inputs{
		Catalog: s.w.catalog, AsOf: s.w.today, Zone: s.w.zone, Entries: s.entries,
		Observed: s.observed, Gone: world.Gone, Identity: world.Identity, Form: ticket.Form,
	})
	o := due.Options{AsOf: s.w.today, Client: s.client, Facts: s.progress.Facts()}
	if s.engine, err = due.New(s.w.catalog, o); err != nil {
		return err
	}
	s.whole = s.engine
	if s.client != nil && s.client(schema.AllClients) {
		o.Client = nil
		s.whole, err = due.New(s.w.catalog, o)
	}
	return err
}

// inScope drops the clients that the run is not about.
func inScope(frozen map[string]string, match func(string) bool) map[string]string {
	frozen = maps.Clone(frozen)
	maps.DeleteFunc(frozen, func(id, _ string) bool { return id != plan.Everybody && match != nil && !match(id) })
	return frozen
}

// frozenBy adds to the clients that are frozen those of whom the ledger cannot be read, and
// those in a run of which only the ledger tells, and whose playbook cannot be used.
func (s *session) frozenBy(frozen map[string]string, h *reconcile.History) map[string]string {
	all := plan.FrozenRuns(s.w.catalog, s.w.faults, h.Entries)
	maps.Copy(all, frozen)
	for client, err := range h.Damaged {
		all[client] = "its part of the ledger cannot be read: " + err.Error()
	}
	return all
}

// view is what is known of every occurrence.
func (s *session) view(ctx context.Context) (*plan.View, *reconcile.World, error) {
	world, err := s.observe(ctx)
	if err != nil {
		return nil, nil, err
	}
	return plan.Look(s.inputs(world)), world, nil
}

// moment is what a plan was made of.
type moment struct {
	world    *reconcile.World
	observed time.Time
	heard    *reconcile.Heard
}

// plan makes the plan of this moment, once what people wrote was heard. A run whose clock
// cannot be right does nothing, so it hears nothing either.
func (s *session) plan(ctx context.Context, approve string, hear func(context.Context, *reconcile.World) (*reconcile.Heard, error)) (*plan.Plan, moment, error) {
	at := moment{observed: s.clock(), heard: &reconcile.Heard{}}
	var err error
	if at.world, err = s.look(ctx); err != nil {
		return nil, at, err
	}
	if s.plays && s.w.played.resume(at.world.History.Events()) {
		at.observed = s.clock() // nobody else is in a folder that is played
	}
	blocked := at.world.ClockGate(s.c.Now())
	if blocked == nil {
		if at.heard, err = hear(ctx, at.world); err != nil {
			return nil, at, err
		}
	}
	s.frozen = inScope(s.frozenBy(s.frozen, at.world.History), s.client)
	if err := s.know(at.world); err != nil {
		return nil, at, err
	}
	in := s.inputs(at.world)
	in.Approve = approve
	p := plan.Make(in)
	p.Commands = at.heard.Commands
	if blocked != nil {
		p.Blocked = blocked
	}
	return p, at, nil
}

// run returns what carries out plans.
func (s *session) run(n reconcile.Notifier) *reconcile.Run {
	return &reconcile.Run{
		Forge: s.forge, Ledger: s.ledger, Notifier: n, Installation: s.w.catalog.Organization.ID, Former: s.w.catalog.Organization.Previously,
		Name: s.c.runName(), Now: s.clock, Machine: s.c.Now, Nonce: rand.Text,
	}
}

// runName names the run in the ledger: that of Actions, or a time.
func (c *Command) runName() string {
	if id := c.Getenv("GITHUB_RUN_ID"); id != "" {
		return "actions-" + id + "-" + cmp.Or(c.Getenv("GITHUB_RUN_ATTEMPT"), "1")
	}
	return "local-" + c.Now().UTC().Format("20060102T150405Z")
}

// unread are the files that may hold any client, in words.
func (s *session) unread() []string { return plan.Unread(s.w.catalog, s.w.faults) }

// frozenTalk says on standard error which clients are left alone, and which files may hold
// another one.
func (s *session) frozenTalk() {
	for _, id := range sortedKeys(s.frozen) {
		if id == plan.Everybody {
			s.c.talk("warning: nothing is done for anybody: %s", s.frozen[id])
			continue
		}
		s.c.talk("warning: %s is left alone: %s", id, s.frozen[id])
	}
	for _, file := range s.unread() {
		s.c.talk("warning: no client is read out of this file: %s", file)
	}
	if s.invalid() != nil {
		s.c.talk("hint: almanac validate shows every fault of the files, almanac ledger verify those of the ledger")
	}
}

// invalid is the exit code for a run that left clients alone.
func (s *session) invalid() error {
	if len(s.frozen)+len(s.unread()) == 0 {
		return nil
	}
	return exit(ExitInvalid)
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
