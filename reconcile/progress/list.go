package progress

import (
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
)

// Runs returns what the keys of the runs begin with that are known, client/template/run,
// sorted. Years of processes are none.
func (p *Progress) Runs() []string {
	if p == nil {
		return nil
	}
	l := slices.Sorted(maps.Keys(p.runs))
	return slices.DeleteFunc(l, func(key string) bool { return !schema.RunsOnce(p.runs[key].template) })
}
