package validate

import (
	"bytes"
	"strings"

	"cuelang.org/go/cue"
	cueyaml "cuelang.org/go/encoding/yaml"

	"github.com/almanac-gitops/almanac/schema/node"
)

// ask lets CUE judge a document. CUE sees the text of the document written anew, so its
// positions mean nothing; its paths do, and lead back to the nodes.
func (v *Validator) ask(r *run, d *definition, doc *node.Node) {
	text, err := node.Encode(bare(doc))
	if err != nil {
		r.add(doc, "schema/type", "the document cannot be handed to CUE: "+shorten(err.Error()), "")
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.judge(d, text); err != nil {
		r.blame(doc, err)
	}
}

// judge is the verdict of CUE on the text of one document. Extract and BuildExpr are used
// because BuildFile and CompileString keep every file in memory for as long as the context
// lives.
func (v *Validator) judge(d *definition, text []byte) error {
	expr, err := cueyaml.NewDecoder("document", bytes.NewReader(text)).Extract()
	if err != nil {
		return err
	}
	val := v.ctx.BuildExpr(expr)
	if err := val.Err(); err != nil {
		return err
	}
	return d.value.Unify(val).Validate(cue.Concrete(true))
}

// bare copies a tree without its comments.
func bare(n *node.Node) *node.Node {
	c := *n
	c.HeadComment, c.LineComment, c.FootComment, c.Content = "", "", "", nil
	for _, child := range n.Content {
		c.Content = append(c.Content, bare(child))
	}
	return &c
}

// blame turns the errors of CUE into faults, one for each path.
func (r *run) blame(doc *node.Node, err error) {
	for path, c := range complaints(err, nil) {
		r.path = []string{path}
		r.add(place(doc, path, c.rule), c.rule, c.message, "`--engine auto` explains it in more detail")
	}
	r.path = nil
}

// place finds the node that a fault at a path is reported at.
func place(doc *node.Node, path, rule string) *node.Node {
	if rule == "schema/required" {
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
		key, parent := node.Lookup(doc, path)
		if parent != nil {
			return first(parent, key)
		}
	}
	for {
		key, value := node.Lookup(doc, path)
		switch {
		case value != nil && key != nil && (rule == "schema/unknown-field" || is(value) == nothing):
			return key
		case value != nil:
			return value
		case path == "":
			return doc
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
}
