// Package validate checks documents against the CUE definitions of package schema.
//
// CUE is the truth, but it is slow on many small files, it hides one fault behind another,
// and it does not say where a field is missing. So the definitions are compiled, once, to a
// small validator that walks the tree of a document: it finds every fault of a document in
// one run, at its place in the file, and words it for people who do not know CUE. CUE
// itself stays the oracle: a test holds both to the same verdict on thousands of broken
// documents, and a construct that the compiler does not understand is left to CUE.
package validate

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// Engine says what checks a document.
type Engine string

// The engines.
const (
	// Auto is Compiled, and CUE for the kinds that the compiler refuses.
	Auto Engine = "auto"
	// Compiled is the compiler alone; New fails where it refuses a kind.
	Compiled Engine = "compiled"
	// CUE asks CUE itself. It is some thirty times slower and finds fewer faults at once.
	CUE Engine = "cue"
)

// Engines lists the engines, the default first.
func Engines() []Engine { return []Engine{Auto, Compiled, CUE} }

// Validator holds the definitions, ready for use. Its methods may be called by several
// goroutines: a compiled definition is never changed, and calls into CUE, whose context is
// one per Validator, take turns.
type Validator struct {
	ctx   *cue.Context
	kinds map[schema.Kind]*definition
	// mu guards all evaluation in ctx.
	mu sync.Mutex
}

// definition is one kind, as CUE has it and, unless CUE has to be asked, compiled.
type definition struct {
	kind  schema.Kind
	value cue.Value
	check check
}

// New prepares the definitions for an engine; the empty Engine is Auto. It touches neither
// disk nor network and takes a few milliseconds, so commands that read no documents should
// not call it.
func New(e Engine) (*Validator, error) {
	files, err := schemaFiles()
	if err != nil {
		return nil, err
	}
	return prepare(e, files, schema.Kinds())
}

func prepare(e Engine, files []file, kinds []schema.Kind) (*Validator, error) {
	if e == "" {
		e = Auto
	}
	if !slices.Contains(Engines(), e) {
		return nil, fmt.Errorf("unknown engine %q: choose auto, compiled or cue", e)
	}
	v := &Validator{ctx: cuecontext.New(), kinds: map[schema.Kind]*definition{}}
	root, err := load(v.ctx, files)
	if err != nil {
		return nil, fmt.Errorf("read the definitions: %w", err)
	}
	c := newCompiler()
	for _, k := range kinds {
		d := &definition{kind: k, value: root.LookupPath(cue.MakePath(cue.Def(string(k))))}
		if err := d.value.Err(); err != nil {
			return nil, fmt.Errorf("find the definition of %s: %w", k, err)
		}
		if e != CUE {
			if d.check, err = c.compile(d.value); err != nil && e == Compiled {
				return nil, fmt.Errorf("compile the definition of %s: %w", k, err)
			}
		}
		v.kinds[k] = d
	}
	return v, nil
}

// Document checks one document from node.Parse. It returns the kind, empty where it cannot
// be told, and all faults, sorted. A document of no known kind has that one fault.
func (v *Validator) Document(file string, doc *node.Node) (schema.Kind, diag.List) {
	r := &run{}
	d := v.kindOf(r, doc)
	if d == nil {
		return "", r.sorted(file)
	}
	if d.check != nil {
		r.visit(d.check, nil, doc)
	} else {
		v.ask(r, d, doc)
	}
	return d.kind, r.sorted(file)
}

// kindOf finds the definition that a document names.
func (v *Validator) kindOf(r *run, doc *node.Node) *definition {
	doc = node.Resolve(doc)
	var allowed []string
	for _, k := range schema.Kinds() {
		if v.kinds[k] != nil {
			allowed = append(allowed, string(k))
		}
	}
	key, value := child(doc, "kind")
	r.path = []string{"kind"}
	defer func() { r.path = nil }()
	if value == nil {
		hint := "begin it with a line `kind:` and one of " + strings.Join(allowed, ", ")
		if near, ok := nearKey(doc, "kind"); ok {
			hint = fmt.Sprintf("did you mean `kind` by %q?", near)
		}
		r.add(first(doc, nil), "schema/kind", "the document does not say its kind", hint)
		return nil
	}
	if is(value)&word == 0 {
		r.mistyped(&text{words: allowed}, key, value)
		return nil
	}
	name := node.Resolve(value).Value
	if d := v.kinds[schema.Kind(name)]; d != nil {
		return d
	}
	r.add(value, "schema/kind", fmt.Sprintf("there is no kind %s", quote(name)), choices(name, allowed))
	return nil
}

// child returns a key of a mapping and its value, or nil twice.
func child(n *node.Node, name string) (key, value *node.Node) {
	if n.Kind != node.Mapping {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; plainKey(k) && k.Value == name {
			return k, n.Content[i+1]
		}
	}
	return nil, nil
}

// nearKey finds a misspelt key of a mapping.
func nearKey(n *node.Node, name string) (string, bool) {
	for i := 0; n.Kind == node.Mapping && i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; plainKey(k) {
			if _, ok := diag.Suggest(k.Value, []string{name}); ok {
				return k.Value, true
			}
		}
	}
	return "", false
}
