package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/gitfs"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
)

// baseOptions are the flags that make plan compare two versions of the files.
type baseOptions struct {
	ref, head, horizon string
}

// farthest is the longest horizon, in days: ten years.
const farthest = 3653

func addBaseFlags(cmd *cobra.Command, b *baseOptions) {
	f := cmd.Flags()
	f.StringVar(&b.ref, "base", "", "compare with the files of this commit, branch or tag, instead of with issues")
	f.StringVar(&b.head, "head", "", "with --base: the commit, branch or tag to look at (default the files as they are)")
	f.StringVar(&b.horizon, "horizon", "90 days", "with --base: how far ahead steps are compared")
}

// planBase says what a change of files would do.
func (c *Command) planBase(cmd *cobra.Command, o *planOptions) error {
	match, err := o.filter()
	if err != nil {
		return err
	}
	horizon, err := o.base.check()
	if err != nil {
		return err
	}
	for _, name := range []string{"approve", "forge", "ledger"} {
		if cmd.Flags().Changed(name) {
			return usage("almanac plan --base "+o.base.ref, "--%s means nothing with --base: two versions of the files are compared, and issues and ledger are not read", name)
		}
	}
	r, err := c.openRevisions(o.options, &o.base)
	if err != nil {
		return err
	}
	if err := r.read(cmd.Context()); err != nil {
		return err
	}
	p, err := preview.Compare(r.inputs(horizon, match))
	if err != nil {
		return err
	}
	p.Base, p.Head = r.baseCommit, r.headCommit
	if err := c.writePreview(p, o.output); err != nil {
		return err
	}
	if err := c.hand(len(p.Items), p.Line()); err != nil {
		return err
	}
	switch {
	case p.Invalid():
		return exit(ExitInvalid)
	case o.detailed && !p.Empty():
		return exit(ExitPending)
	}
	return nil
}

// check reads the flags.
func (b *baseOptions) check() (civil.Span, error) {
	switch {
	case b.ref == "" && b.head != "":
		return civil.Span{}, usage("almanac plan --base origin/main --head "+b.head, "--head needs --base: say what to compare with")
	case b.ref == "":
		return civil.Span{}, usage("almanac plan --base origin/main --horizon "+strconv.Quote(b.horizon), "--horizon needs --base: it says how far ahead two versions are compared")
	}
	horizon, err := civil.ParseSpan(b.horizon)
	if err != nil {
		return horizon, usage(`--horizon "90 days"`, "--horizon: %v", err)
	}
	const today = civil.Date(730_000)
	if to := new(civil.Calendar).Add(today, horizon, 1); to == 0 || to-today > farthest {
		return horizon, usage(`--horizon "90 days"`, "--horizon %q is too far: at most 10 years", b.horizon)
	}
	return horizon, nil
}

func (c *Command) writePreview(p *preview.Preview, output string) error {
	switch output {
	case "json":
		return writeJSON(c.Stdout, p)
	case "markdown":
		return preview.WriteMarkdown(c.Stdout, p, preview.DefaultBudget)
	}
	return preview.WriteText(c.Stdout, p)
}

// revisions are two versions of the files of a repository.
type revisions struct {
	c *Command
	o *options
	// base is nil where the commit has no such folder yet. head is a revision too, or nil
	// for the files of the folder.
	base, head             *gitfs.Tree
	baseCommit, headCommit string
	// files are those of the head.
	files fs.FS
	root  string

	before, after             *schema.Catalog
	beforeFrozen, afterFrozen map[string]string
	today                     civil.Date
	// client says which clients the change can concern; nil means all.
	client func(id string) bool
}

func (c *Command) openRevisions(o *options, b *baseOptions) (*revisions, error) {
	root, err := c.repository(o)
	if err != nil {
		return nil, err
	}
	r := &revisions{c: c, o: o, root: root, files: os.DirFS(root)}
	repo, err := gitfs.Open(root)
	if errors.Is(err, gitfs.ErrNotGit) {
		return nil, hinted(fmt.Errorf("--base needs Git, and %s is in no Git repository", root),
			"to compare with the issues instead: almanac plan",
			"to begin a history: git init && git add --all && git commit -m 'first version'")
	}
	if err != nil {
		return nil, err
	}
	if repo, err = repo.Sub(root); err != nil {
		return nil, err
	}
	if r.base, r.baseCommit, err = revision(repo, b.ref); err != nil {
		return nil, fmt.Errorf("--base: %w", err)
	}
	if b.head == "" {
		return r, nil
	}
	if r.head, r.headCommit, err = revision(repo, b.head); err != nil {
		return nil, fmt.Errorf("--head: %w", err)
	}
	if r.head == nil {
		return nil, fmt.Errorf("--head: revision %s has no folder %s", b.head, repo.Prefix())
	}
	r.files = r.head
	return r, nil
}

// revision returns the files of a commit, or nil where the commit is older than the folder
// of the repository.
func revision(repo *gitfs.Repo, name string) (*gitfs.Tree, string, error) {
	t, err := repo.Rev(name)
	if err == nil {
		return t, t.Commit, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	top, err := repo.Sub("")
	if err != nil {
		return nil, "", err
	}
	if t, err = top.Rev(name); err != nil {
		return nil, "", err
	}
	return nil, t.Commit, nil
}

// inputs are everything that the preview depends on. It looks back as far as steps are
// caught up on, since those may be open.
func (r *revisions) inputs(horizon civil.Span, match func(string) bool) preview.Inputs {
	cal := new(civil.Calendar)
	w := due.Window{From: r.today, To: cal.Add(r.today, horizon, 1)}
	if org := r.after.Organization; org != nil {
		w.From = max(1, cal.Add(r.today, org.CatchUpWindow(), -1))
	}
	client := r.client
	if match != nil {
		client = func(id string) bool { return (r.client == nil || r.client(id)) && match(id) }
	}
	return preview.Inputs{
		Base: r.before, Head: r.after, AsOf: r.today, Window: w, Client: client,
		BaseFrozen: r.beforeFrozen, HeadFrozen: r.afterFrozen,
	}
}

// read reads both versions: of the files that changed and of what they refer to where that
// is enough, else of everything.
func (r *revisions) read(ctx context.Context) error {
	d, err := r.changes()
	if err != nil {
		return fmt.Errorf("find the files that changed: %w", err)
	}
	if d.few() {
		if err := r.load(ctx, d.only()); err != nil {
			return err
		}
		s := r.scope(d)
		if !s.wide && r.after.Organization != nil {
			r.client = s.has
			return nil
		}
	}
	if err := r.load(ctx, nil); err != nil {
		return err
	}
	if s := r.scope(d); !s.all && !d.unclear {
		r.client = s.has
	}
	return nil
}

// load reads both versions, the head first: what it shares with the base is then found in
// the cache, and of the base only what differs is read from Git.
func (r *revisions) load(ctx context.Context, only []string) error {
	w, err := r.c.read(ctx, r.o, reading{noCache: only != nil, only: only}, r.root, r.files)
	if err != nil {
		return err
	}
	if only == nil {
		if err := r.c.usable(w, r.o); err != nil {
			return err
		}
	}
	faults := w.faults
	if only != nil {
		// What lint says of the other files it says without having seen everything.
		faults = slices.DeleteFunc(slices.Clone(faults), func(f diag.Diagnostic) bool {
			return strings.HasPrefix(f.Rule, "lint/") && !slices.Contains(only, f.File)
		})
	}
	r.today, r.after, r.afterFrozen = w.today, w.catalog, plan.Frozen(w.catalog, faults)
	return r.loadBase(ctx, only)
}

// loadBase reads the base. Where it has no organization at all, everything is new.
func (r *revisions) loadBase(ctx context.Context, only []string) error {
	r.before, r.beforeFrozen = &schema.Catalog{}, nil
	r.before.Index()
	if r.base == nil {
		return nil
	}
	lo := load.Options{Check: lint.CheckFile, Version: thisBuild(), Only: only}
	if only == nil {
		lo.CacheDir = r.c.cacheDir(r.root + "@base")
	}
	loaded, err := load.Load(ctx, r.base, lo)
	if err != nil {
		return fmt.Errorf("read the base: %w", err)
	}
	for _, f := range loaded.Faults {
		if f.Rule == "load/no-organization" {
			return nil
		}
	}
	r.before, r.beforeFrozen = loaded.Catalog, plan.Frozen(loaded.Catalog, loaded.Faults)
	return nil
}
