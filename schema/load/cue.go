package load

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// The limits of CUE, which computes: a file may be as large as a YAML file and nest as deep
// as CUE's own parser allows, and what the files of a folder amount to is limited to 10,000
// documents, each with as many values as one of YAML, and in time. CUE cannot be interrupted:
// an evaluation that takes too long is left behind until the process ends, and until then
// only the memory of the machine limits it.
const (
	cueTime      = 30 * time.Second
	cueDocuments = 10_000
)

// cueUnit reads the documents that the CUE files of a folder compute.
func (l *loader) cueUnit(ctx context.Context, o *outcome, sources [][]byte) {
	sound := !o.faults.HasErrors()
	e := l.evaluate(ctx, o.files, sources)
	o.faults = append(o.faults, e.faults...)
	o.broken = append(o.broken, e.broken...)
	for i := range e.docs {
		d := &e.docs[i]
		if d.bottom {
			o.settle(d.source, d.node, schema.Kind(text(d.node, "kind")), d.wrong, false)
			continue
		}
		kind, faults := l.check(d.source.File, d.node)
		o.settle(d.source, d.node, kind, d.merge(faults), sound)
	}
}

// evaluate runs CUE within the time that it may take.
func (l *loader) evaluate(ctx context.Context, files []file, sources [][]byte) *evaluation {
	ctx, cancel := context.WithTimeout(ctx, l.cueTime)
	defer cancel()
	lost := func(format string, args ...any) *evaluation {
		e := &evaluation{}
		e.lose(files[0].name, diag.Diagnostic{Rule: "load/cue", Message: fmt.Sprintf(format, args...),
			Hint: "compute less here, or write the documents as YAML"})
		return e
	}
	done := make(chan *evaluation, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- lost("CUE fails on the files of this folder: %v", p)
			}
		}()
		done <- evaluate(files, sources)
	}()
	select {
	case e := <-done:
		return e
	case <-ctx.Done():
		return lost("CUE takes longer than %s over the files of this folder", l.cueTime)
	}
}

// evaluation is what the CUE files of a folder amount to.
type evaluation struct {
	docs   []cueDocument
	faults diag.List
	broken []schema.Broken
	// count counts the documents of each file.
	count map[string]int
}

// lose notes an error by which it is not known what a file holds.
func (e *evaluation) lose(name string, d diag.Diagnostic) {
	if d.File == "" {
		d.File = name
	}
	e.faults = append(e.faults, d)
	e.unknown(d.File)
}

// unknown notes files of which it is not known what they hold.
func (e *evaluation) unknown(names ...string) {
	for _, name := range names {
		b := schema.Broken{Source: schema.Source{File: name}}
		if !slices.Contains(e.broken, b) {
			e.broken = append(e.broken, b)
		}
	}
}

// evaluate takes the files of one package together and those of none each alone.
func evaluate(files []file, sources [][]byte) *evaluation {
	e := &evaluation{count: map[string]int{}}
	type group struct {
		cuePackage
		bad bool
	}
	groups := map[string]*group{}
	var order []*group
	for i, f := range files {
		tree, ok := e.parse(f.name, sources[i])
		id := "\x00" + f.name
		if tree != nil && tree.PackageName() != "" && tree.PackageName() != "_" {
			id = tree.PackageName()
		}
		g := groups[id]
		if g == nil {
			g = &group{}
			groups[id], order = g, append(order, g)
		}
		g.add(f.name, sources[i])
		g.bad = g.bad || !ok
	}
	for _, g := range order {
		if g.bad {
			e.unknown(g.names...) // one bad file leaves nothing to say of the others
		} else {
			e.documents(&g.cuePackage)
		}
	}
	return e
}

// standard matches the import paths of CUE's own packages: all others have a dot.
var standard = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9]+)*$`)

// parse checks that a file is CUE, not too large or deep for it, and imports nothing that
// would have to be fetched.
func (e *evaluation) parse(name string, src []byte) (tree *ast.File, ok bool) {
	if len(src) > node.MaxBytes {
		e.lose(name, diag.Diagnostic{Rule: "load/cue-size", Message: fmt.Sprintf("the file is larger than %d bytes", node.MaxBytes), Hint: "split it"})
		return nil, false
	}
	if d, deep := tooDeep(name, src); deep {
		e.lose(name, d)
		return nil, false
	}
	tree, err := parser.ParseFile(name, src)
	if err != nil {
		for _, f := range cueFaults(err, map[string]bool{name: true}) {
			e.lose(name, f.Diagnostic)
		}
		return nil, false
	}
	ok = true
	for spec := range tree.ImportSpecs() {
		path := strings.Trim(spec.Path.Value, "\"#")
		if path == schema.ImportPath || standard.MatchString(path) {
			continue
		}
		ok = false
		e.lose(name, diag.Diagnostic{Line: spec.Path.Pos().Line(), Column: spec.Path.Pos().Column(), Rule: "load/cue-import",
			Message: fmt.Sprintf("the import %s is not available: nothing is fetched", diag.Quote(path)),
			Hint:    fmt.Sprintf("import packages of CUE itself or %q, and keep all else in this folder", schema.ImportPath)})
	}
	return tree, ok
}

// cueDocument is a document that CUE computed, as nodes with positions in the CUE files.
type cueDocument struct {
	source schema.Source
	node   *node.Node
	// files tells in which file of the package a node is, where that is not source.File.
	files map[*node.Node]string
	// bottom is set for a document that is an error as a whole; node has its kind and id.
	bottom bool
	// undecided are the values that are none yet, wrong the errors of CUE within the document.
	undecided, wrong diag.List
}

// merge puts the faults that validation found together with those of CUE. The errors of CUE
// count only where validation is content, since it words the same ones better. Ends of
// columns are dropped: in the text, a value may look quite unlike itself.
func (d *cueDocument) merge(l diag.List) diag.List {
	merged := slices.Clone(d.undecided)
	for _, f := range l {
		if slices.ContainsFunc(d.undecided, func(u diag.Diagnostic) bool { return u.Path == f.Path }) {
			continue
		}
		if name := d.files[nearest(d.node, f.Path)]; name != "" {
			f.File = name
		}
		f.EndColumn = 0
		merged = append(merged, f)
	}
	if !merged.HasErrors() {
		merged = append(merged, d.wrong...)
	}
	return merged
}

// nearest returns the value at a path, or at the nearest path above that has one.
func nearest(root *node.Node, path string) *node.Node {
	for {
		if _, n := node.Lookup(root, path); n != nil {
			return n
		}
		path = parent(path)
	}
}

// parent cuts the last name off a path.
func parent(path string) string { return path[:max(0, strings.LastIndexByte(path, '.'))] }
