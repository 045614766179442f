package load

import (
	"context"
	"sync"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// locator finds places in files that were read, by reading them once more: positions of
// every value of 10,000 files would take more memory than all the rest.
type locator struct {
	loader *loader
	units  map[string]unit // by file

	// mu guards the nodes of the unit that was asked for last; questions come file by file.
	mu    *sync.Mutex
	last  string
	nodes map[place]*node.Node
	files map[*node.Node]string // as in cueDocument
}

// place names a document.
type place struct {
	file     string
	document int
}

func (l *locator) init(loader *loader, done []outcome) {
	*l = locator{loader: loader, units: make(map[string]unit, len(done)), mu: &sync.Mutex{}}
	for i := range done {
		for _, f := range done[i].files {
			l.units[f.name] = done[i].unit
		}
	}
	loader.cache = nil // nothing more is asked of it
}

// Locate returns where a value of a document stands: line and column, and the column after
// its last character, which is 0 where it is not known. The path is that of a diagnostic,
// such as `steps.2.owner`. Of a list or mapping the key is meant. Where the file has no such
// value, the nearest one above it is taken, and the start of the document where there is
// none or where the file has changed since.
func (r *Result) Locate(s schema.Source, path string) (line, column, endColumn int) {
	return r.locate(s, path, false)
}

// LocateKey is Locate for a fault of the key itself, such as a misspelt role before a colon.
func (r *Result) LocateKey(s schema.Source, path string) (line, column, endColumn int) {
	return r.locate(s, path, true)
}

func (r *Result) locate(s schema.Source, path string, named bool) (line, column, endColumn int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	root, ok := r.root(s)
	for ; ok && path != ""; path = parent(path) {
		key, value := node.Lookup(root, path)
		if v := node.Resolve(value); key != nil && (named || v.Kind != node.Scalar || v.Value == "" || r.files[value] != "") {
			value = key
		}
		switch {
		case value == nil || r.files[value] != "": // not there, or in another file of the package
		case r.units[s.File].cue:
			return value.Line, value.Column, 0
		default:
			return node.Span(value)
		}
	}
	return s.Pos.Line, s.Pos.Column, 0
}

// root returns the nodes of a document.
func (l *locator) root(s schema.Source) (*node.Node, bool) {
	u, ok := l.units[s.File]
	if !ok {
		return nil, false
	}
	if l.nodes == nil || l.last != u.name {
		l.last, l.nodes, l.files = u.name, map[place]*node.Node{}, map[*node.Node]string{}
		l.reread(u)
	}
	n, ok := l.nodes[place{s.File, s.Document}]
	return n, ok && n.Line == s.Pos.Line && n.Column == s.Pos.Column
}

func (l *locator) reread(u unit) {
	var sources [][]byte
	for _, f := range u.files {
		src, err := read(l.loader.fsys, f.real)
		if err != nil {
			return
		}
		sources = append(sources, src)
	}
	if !u.cue {
		docs, _ := node.Parse(u.name, sources[0])
		for i, d := range docs {
			l.nodes[place{u.name, i}] = d
		}
		return
	}
	for _, d := range l.loader.evaluate(context.Background(), u.files, sources).docs {
		l.nodes[place{d.source.File, d.source.Document}] = d.node
		for n, name := range d.files {
			l.files[n] = name
		}
	}
}
