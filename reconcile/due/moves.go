package due

import (
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
)

// findMoves sorts what commands moved by client.
func (e *Engine) findMoves() {
	if len(e.facts.Moved) == 0 {
		return
	}
	e.moves = map[*schema.Client][]string{}
	for _, key := range slices.Sorted(maps.Keys(e.facts.Moved)) {
		id, _, _ := strings.Cut(key, "/")
		if c := e.cat.Client(id); c != nil {
			e.moves[c] = append(e.moves[c], key)
		}
	}
}

// addMoves puts what commands moved behind the exceptions of the file.
func (t *track) addMoves() {
	for _, key := range t.e.moves[t.client] {
		part := strings.Split(key, "/")
		if len(part) < 4 || len(part) > 5 || t.e.shapes[part[1]] != t.shape {
			continue
		}
		m := t.e.facts.Moved[key]
		x := &schema.Exception{Cycle: part[2], Step: part[3], MoveTo: m.To, Reason: m.Why}
		if len(part) == 5 {
			x.Instance = part[4]
		}
		n, ok := t.cycleNumber(x.Cycle)
		if l := findLine(t.lines, x.Step); ok && l >= 0 && x.Cycle != "" && m.To != 0 {
			t.exceptions = append(t.exceptions, exception{x, l, n, -1})
		}
	}
}
