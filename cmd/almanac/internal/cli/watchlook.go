package cli

import (
	"context"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// watching is what a watch knows from one turn to the next. It holds nothing that could
// write to a forge or a ledger.
type watching struct {
	c       *Command
	options *engineOptions
	match   func(id string) bool
	files   *watchedFiles
	// folders is how many are watched, blind says that the root could not be read, and
	// warned that a folder that cannot be watched was told of.
	folders       int
	blind, warned bool
	// faults are those of the last turn.
	faults diag.List
	// base are the files of the last turn that could be planned for, and sound those of the
	// last one that left no client alone that was planned for before: what a client is
	// compared with whose files are mended again.
	base, sound *outlook
	view        forgeView
	// turns counts the looks that gave a report.
	turns int
}

// outlook is what files ask for on a day.
type outlook struct {
	*workspace
	engine *due.Engine
	frozen map[string]string
}

// look reads everything and compares it with the last turn. Both plans are made for the
// same day and out of the same issues and ledger, so that what differs comes from the
// files, whatever was reconciled in between.
func (w *watching) look(ctx context.Context) (*watchReport, error) {
	files, err := w.read(ctx)
	if err != nil {
		return nil, err
	}
	r := &watchReport{documents: files.loaded.Documents, faults: files.faults}
	if files.catalog.Organization == nil {
		r.plan = "no plan: the organization is missing or invalid"
	} else if err := w.plan(ctx, files, r); err != nil {
		if w.turns == 0 || ctx.Err() != nil {
			return nil, err
		}
		r.plan = "no plan: " + err.Error()
	}
	r.came, r.went = compareFaults(w.faults, files.faults)
	r.at = w.c.Now()
	if w.turns++; w.turns > 1 && r.plan == "" {
		r.plan = "the plan is as before"
		if len(r.came)+len(r.went) == 0 {
			r.plan = "nothing changed"
		}
	}
	w.faults = files.faults
	return r, nil
}

// plan makes the plan of the files and says how it differs from that of the last turn.
func (w *watching) plan(ctx context.Context, files *workspace, r *watchReport) error {
	now, err := w.outlook(files, plan.Frozen(files.catalog, files.faults), files.today)
	if err != nil {
		return err
	}
	forge, ledger, err := w.c.readers(w.options, files)
	if err != nil {
		return err
	}
	world, err := w.view.observe(ctx, w.c.Now, forge, ledger)
	if err != nil {
		return err
	}
	after := plan.Make(w.inputs(now, world))
	if w.base == nil {
		r.plan = "plan: " + planWords(after)
		w.base, w.sound = now, now
		return nil
	}
	if r.lines, err = w.compare(now, after, world); err != nil {
		return err
	}
	if len(r.lines) > 0 {
		r.plan = "plan: " + sumUp(r.lines)
	}
	w.base = now
	if !freezesMore(w.sound.frozen, now.frozen) {
		w.sound = now
	}
	return nil
}

// freezesMore reports whether clients are left alone that were not.
func freezesMore(before, after map[string]string) bool {
	for id := range after {
		if _, already := before[id]; !already {
			return true
		}
	}
	return false
}

// outlook prepares files for a day.
func (w *watching) outlook(files *workspace, frozen map[string]string, today civil.Date) (*outlook, error) {
	on := *files
	on.today = today
	engine, err := due.New(files.catalog, due.Options{AsOf: today, Client: w.match})
	return &outlook{&on, engine, frozen}, err
}

// inputs are those of a plan for an outlook.
func (w *watching) inputs(l *outlook, world *reconcile.World) plan.Inputs {
	s := session{c: w.c, w: l.workspace, engine: l.engine, client: w.match, frozen: l.frozen}
	return s.inputs(world)
}

// compare returns how things differ from the last turn, sorted by text. Clients that were
// left alone then and are not any more are compared with the last files that were sound:
// otherwise all that is planned for them would show as new.
func (w *watching) compare(now *outlook, after *plan.Plan, world *reconcile.World) ([]difference, error) {
	before, l, err := w.since(w.base, now, after, world)
	if err != nil || w.sound == w.base {
		return l, err
	}
	mended := func(client string) bool { return isFrozen(before, client) && !isFrozen(after, client) }
	if !anyThawed(before, after) {
		return l, nil
	}
	_, old, err := w.since(w.sound, now, after, world)
	for _, d := range old {
		if d.key != "" && mended(d.client) {
			l = append(l, d)
		}
	}
	return sorted(l), err
}

// anyThawed reports whether fewer clients are left alone.
func anyThawed(before, after *plan.Plan) bool {
	for _, f := range before.Frozen {
		if !isFrozen(after, f.Client) {
			return true
		}
	}
	return false
}

// since compares with an earlier outlook, and returns its plan of today too.
func (w *watching) since(then, now *outlook, after *plan.Plan, world *reconcile.World) (*plan.Plan, []difference, error) {
	then, err := w.outlook(then.workspace, then.frozen, now.today)
	if err != nil {
		return nil, nil, err
	}
	before := plan.Make(w.inputs(then, world))
	ahead, err := preview.Compare(preview.Inputs{
		Base: then.catalog, Head: now.catalog, AsOf: now.today, Client: w.match,
		Window:     due.Window{From: now.today, To: now.today.AddMonths(12)},
		BaseFrozen: then.frozen, HeadFrozen: now.frozen,
	})
	if err != nil {
		return nil, nil, err
	}
	return before, withLater(comparePlans(before, after), ahead), nil
}

// forgeView is what was last seen of the forge and the ledger.
type forgeView struct {
	world *reconcile.World
	// name says of which forge and ledger.
	name string
	at   time.Time
	took time.Duration
}

// viewFactor is for how many times as long as it took a look at the forge serves: one that
// took a second is good for a minute. Both plans of a turn see the same, so an older view
// hardly shows, while a forge far away would keep every save waiting.
const viewFactor = 60

// observe returns what forge and ledger hold. They are only read.
func (v *forgeView) observe(ctx context.Context, now func() time.Time, f reconcile.Reader, l reconcile.LedgerReader) (*reconcile.World, error) {
	name, began := f.Name()+"\n"+l.Name(), now()
	if v.world != nil && v.name == name && began.Sub(v.at) < viewFactor*v.took {
		return v.world, nil
	}
	world, err := reconcile.Observe(ctx, f, l)
	if err != nil {
		return nil, err
	}
	ended := now()
	*v = forgeView{world: world, name: name, at: ended, took: ended.Sub(began)}
	return world, nil
}

// readers returns forge and ledger as what can only be read.
func (c *Command) readers(e *engineOptions, w *workspace) (reconcile.Reader, reconcile.LedgerReader, error) {
	forge, folder, err := c.findForge(e, w)
	if err != nil {
		return nil, nil, err
	}
	ledger, err := c.findLedger(e, w, folder)
	return forge, ledger, err
}
