package lint

import (
	"maps"
	"slices"
)

// stepIndex finds steps by id and, where that is free, by previous id.
type stepIndex struct {
	// known comes first. It is shared by all who look into one template.
	known map[string]*step
	// more are steps that are looked through one by one: those of a client are few, and a
	// map for each of thousands of clients takes longer to make than to be asked.
	more []step
}

// fewSteps is how many steps are looked through one by one.
const fewSteps = 32

// newIndex returns an index of further steps beside known ones, which it does not change.
func newIndex(known map[string]*step, more []step) stepIndex {
	if len(more) <= fewSteps {
		return stepIndex{known, more}
	}
	all := map[string]*step{}
	maps.Copy(all, known)
	indexSteps(all, more)
	return stepIndex{known: all}
}

// indexSteps takes steps into a map, as far as their ids are free.
func indexSteps(m map[string]*step, steps []step) {
	for i := range steps {
		if m[steps[i].ID] == nil {
			m[steps[i].ID] = &steps[i]
		}
	}
	for i := range steps {
		for _, old := range steps[i].Previously {
			if m[old] == nil {
				m[old] = &steps[i]
			}
		}
	}
}

// find returns a step, or nil.
func (x stepIndex) find(id string) *step {
	if s := x.known[id]; s != nil {
		return s
	}
	for i := range x.more {
		if x.more[i].ID == id {
			return &x.more[i]
		}
	}
	for i := range x.more {
		if slices.Contains(x.more[i].Previously, id) {
			return &x.more[i]
		}
	}
	return nil
}

// ids puts the present ids of all steps into a set.
func (x stepIndex) ids(set map[string]bool) {
	for _, s := range x.known {
		set[s.ID] = true
	}
	for i := range x.more {
		set[x.more[i].ID] = true
	}
}
