package load

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// cuePackage are files that are evaluated as one.
type cuePackage struct {
	names   []string
	sources [][]byte
}

func (p *cuePackage) add(name string, src []byte) {
	p.names, p.sources = append(p.names, name), append(p.sources, src)
}

// documents evaluates a package and collects its documents. Where CUE finds errors, the
// package is evaluated once more with definitions that allow everything: what it then gives
// can be checked like any other document, which finds all faults and words them better.
func (e *evaluation) documents(p *cuePackage) {
	names := map[string]bool{}
	for _, name := range p.names {
		names[name] = true
	}
	root, err := p.build(theDefinitions)
	var wrong []cueFault
	if err != nil {
		wrong = cueFaults(err, names)
		root, _ = p.build(noDemands)
	}
	for i, v := range documents(root) {
		if i == cueDocuments {
			e.lose(p.names[0], diag.Diagnostic{Rule: "load/cue", Hint: "compute less here, or split the package over several folders",
				Message: fmt.Sprintf("the package computes more than %d documents", cueDocuments)})
			break
		}
		e.document(p, v, names, wrong)
	}
	for _, w := range wrong {
		if !w.told {
			w.Path = w.at
			e.lose(p.names[0], w.Diagnostic)
		}
	}
}

// document converts one document, and gives it the errors of CUE that lie within it.
func (e *evaluation) document(p *cuePackage, v cue.Value, names map[string]bool, wrong []cueFault) {
	c := converter{names: names, files: map[*node.Node]string{}}
	d := cueDocument{files: c.files, bottom: v.IncompleteKind() == cue.BottomKind}
	if d.bottom {
		d.node = c.outline(v)
	} else {
		d.node = c.convert(v, "", token.NoPos, 1)
		d.undecided = c.faults
	}
	name := c.files[d.node]
	if name == "" {
		name = p.names[0]
	}
	d.source = schema.Source{File: name, Document: e.count[name], Pos: pos(d.node)}
	e.count[name]++
	prefix := dotted(v.Path())
	for i := range wrong {
		if f, within := wrong[i].within(prefix); within {
			d.wrong = append(d.wrong, f)
		}
	}
	for n, f := range d.files {
		if f == name {
			delete(d.files, n)
		}
	}
	for _, l := range []diag.List{d.undecided, d.wrong} {
		for i := range l {
			if l[i].File == "" {
				l[i].File, l[i].Line, l[i].Column = name, d.source.Pos.Line, d.source.Pos.Column
			}
		}
	}
	e.docs = append(e.docs, d)
}

// documents returns the root if it is a document, or else the fields at top level that are
// documents and such elements of those that are lists. Hidden fields and definitions are
// never documents.
func documents(root cue.Value) []cue.Value {
	if isDocument(root) {
		return []cue.Value{root}
	}
	fields, err := root.Fields()
	if err != nil {
		return nil
	}
	var l []cue.Value
	for fields.Next() {
		v := fields.Value()
		if isDocument(v) {
			l = append(l, v)
			continue
		}
		for elements, err := v.List(); err == nil && elements.Next(); {
			if isDocument(elements.Value()) {
				l = append(l, elements.Value())
			}
		}
	}
	return l
}

// isDocument asks for the field alone, since a struct with an error in it is no struct to CUE.
func isDocument(v cue.Value) bool {
	return v.LookupPath(cue.MakePath(cue.Str("kind"))).Exists()
}

// dotted returns a path as diagnostics have it.
func dotted(p cue.Path) string {
	var l []string
	for _, s := range p.Selectors() {
		if s.Type() == cue.IndexLabel {
			l = append(l, strconv.Itoa(s.Index()))
		} else {
			l = append(l, strings.Trim(s.String(), `"`))
		}
	}
	return strings.Join(l, ".")
}

// build evaluates the files, which may import CUE's own packages and the definitions. It
// does not use the loader of CUE, which looks for modules on the disk and in registries.
func (p *cuePackage) build(definitions func(*build.Instance) error) (cue.Value, error) {
	var c *build.Context
	c = build.NewContext(build.Loader(func(_ token.Pos, path string) *build.Instance {
		if path != schema.ImportPath {
			return nil
		}
		inst := c.NewInstance("", nil)
		inst.ImportPath = path
		if err := definitions(inst); err != nil {
			inst.Err = errors.Promote(err, "definitions")
		}
		return inst
	}))
	inst := c.NewInstance("", nil)
	for i, name := range p.names {
		tree, err := parser.ParseFile(name, p.sources[i])
		if err != nil {
			return cue.Value{}, err
		}
		if err := inst.AddSyntax(tree); err != nil {
			return cue.Value{}, err
		}
	}
	if err := inst.Complete(); err != nil {
		return cue.Value{}, err
	}
	v := cuecontext.New().BuildInstance(inst)
	return v, v.Validate()
}

// definitionFiles parses the definitions that are part of the program.
func definitionFiles() ([]*ast.File, error) {
	names, err := fs.Glob(schema.Definitions, "*.cue")
	if err != nil {
		return nil, err
	}
	var l []*ast.File
	for _, name := range names {
		src, err := schema.Definitions.ReadFile(name)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(schema.ImportPath+"/"+name, src)
		if err != nil {
			return nil, err
		}
		l = append(l, tree)
	}
	return l, nil
}

// theDefinitions fills a package with the definitions.
func theDefinitions(inst *build.Instance) error {
	files, err := definitionFiles()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := inst.AddSyntax(f); err != nil {
			return err
		}
	}
	return inst.Complete()
}

// noDemands fills a package with the names of the definitions, each of which allows
// everything.
func noDemands(inst *build.Instance) error {
	files, err := definitionFiles()
	if err != nil {
		return err
	}
	var names []string
	for _, f := range files {
		for _, d := range f.Decls {
			if field, ok := d.(*ast.Field); ok {
				if name, _, err := ast.LabelName(field.Label); err == nil {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	text := fmt.Sprintf("package schema\n\n%s: _\n", strings.Join(names, ": _\n"))
	tree, err := parser.ParseFile(schema.ImportPath+"/anything.cue", text)
	if err != nil {
		return err
	}
	if err := inst.AddSyntax(tree); err != nil {
		return err
	}
	return inst.Complete()
}
