package cli

import (
	"context"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/plan"
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
	// planned is the plan of base, for planWorld and the day of base.
	planned   *plan.Plan
	planWorld *reconcile.World
	view      forgeView
	// turns counts the looks that gave a report.
	turns int
}

// outlook is what files ask for on a day.
type outlook struct {
	*workspace
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
	r := &watchReport{documents: files.loaded.Documents, faults: files.faults.Folded()}
	if files.catalog.Organization == nil {
		r.plan = "no plan: the organization is missing or invalid"
	} else if err := w.plan(ctx, files, r); err != nil {
		if w.turns == 0 || ctx.Err() != nil {
			return nil, err
		}
		r.plan = "no plan: " + err.Error()
	}
	came, went := compareFaults(w.faults, files.faults)
	r.came, r.went = came.Folded(), causes(went)
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
	now := w.outlook(files, plan.Frozen(files.catalog, files.faults), files.today)
	forge, ledger, err := w.c.readers(w.options, files)
	if err != nil {
		return err
	}
	world, err := w.view.observe(ctx, w.c.Now, forge, ledger)
	if err != nil {
		return err
	}
	in, err := w.inputs(now, world)
	if err != nil {
		return err
	}
	after := plan.Make(in)
	if w.base == nil {
		r.plan = "plan: " + planWords(after)
	} else if r.lines, err = w.compare(now, after, world); err != nil {
		return err
	} else if len(r.lines) > 0 {
		r.plan = "plan: " + sumUp(r.lines)
	}
	w.base, w.planned, w.planWorld = now, after, world
	if w.sound == nil || !freezesMore(w.sound.frozen, now.frozen) {
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
func (w *watching) outlook(files *workspace, frozen map[string]string, today civil.Date) *outlook {
	on := *files
	on.today = today
	return &outlook{&on, frozen}
}

// inputs are those of a plan for an outlook.
func (w *watching) inputs(l *outlook, world *reconcile.World) (plan.Inputs, error) {
	s := session{c: w.c, w: l.workspace, client: w.match, frozen: l.frozen, allFrozen: l.frozen}
	if err := s.know(world); err != nil {
		return plan.Inputs{}, err
	}
	return s.inputs(world), nil
}
