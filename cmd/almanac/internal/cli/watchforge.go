package cli

import (
	"context"
	"reflect"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// forgeView is what was last seen of the forge and the ledger.
type forgeView struct {
	world *reconcile.World
	// name says of which forge and ledger.
	name string
	at   time.Time
	took time.Duration
}

const (
	// viewSlow is how long a look at the forge may take to be taken anew on every save.
	viewSlow = 500 * time.Millisecond
	// viewFactor is for how many times as long as it took a slower one serves: two seconds
	// are good for two minutes. Both plans of a turn see the same, so an older view hardly
	// shows, while a forge far away would keep every save waiting.
	viewFactor = 60
)

// observe returns what forge and ledger hold, in the World of last time as long as nothing
// changed. They are only read.
func (v *forgeView) observe(ctx context.Context, now func() time.Time, f reconcile.Reader, l reconcile.LedgerReader) (*reconcile.World, error) {
	name, began := f.Name()+"\n"+l.Name(), now()
	if v.world != nil && v.name == name && v.took >= viewSlow && began.Sub(v.at) < viewFactor*v.took {
		return v.world, nil
	}
	world, err := reconcile.Observe(ctx, f, l)
	if err != nil {
		return nil, err
	}
	ended := now()
	if v.name == name && reflect.DeepEqual(v.world, world) {
		world = v.world
	}
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
