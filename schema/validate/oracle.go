package validate

import (
	"bytes"
	"fmt"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
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
	for path, c := range complaints(err) {
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

// complaint is what CUE finds wrong at one path.
type complaint struct {
	fault
	rank int
}

// complaints sorts the errors of CUE by their path within the document, and keeps the most
// telling one of each.
func complaints(err error) map[string]complaint {
	best := map[string]complaint{}
	for _, e := range errors.Errors(err) {
		path := inside(e.Path())
		c := classify(e, path)
		key := strings.Join(path, ".")
		if b, ok := best[key]; !ok || c.rank < b.rank {
			best[key] = c
		}
	}
	return best
}

// inside returns a path without the definition that it begins with, and without quotes.
func inside(path []string) []string {
	if len(path) > 0 && strings.HasPrefix(path[0], "#") {
		path = path[1:]
	}
	l := make([]string, len(path))
	for i, p := range path {
		l[i] = strings.Trim(p, `"`)
	}
	return l
}

// classify finds the rule that an error of CUE is about. CUE has no codes, so its words
// decide; what none of them fits is a matter of type.
func classify(e errors.Error, path []string) complaint {
	format, args := e.Msg()
	msg := shorten(fmt.Sprintf(format, args...))
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	rules := []struct{ words, rule, message string }{
		{"field not allowed", "schema/unknown-field", "unknown field " + quote(last)},
		{"required but not present", "schema/required", fmt.Sprintf("the required field %q is missing", last)},
		{"time.Format", "schema/date", "expected a date like 2026-06-01: " + msg},
		{"Runes", "schema/length", "the text is too short or too long: " + msg},
		{"mismatched types", "schema/type", "expected a value of another type: " + msg},
		{"empty disjunction", "schema/enum", "none of the allowed values fits: " + msg},
		{"=~", "schema/pattern", "the text is not written as it has to be: " + msg},
		{"out of bound", "schema/range", "the number is out of range: " + msg},
		{"conflicting values", "schema/enum", "expected another value: " + msg},
	}
	for i, c := range rules {
		if strings.Contains(msg, c.words) {
			return complaint{fault{rule: c.rule, message: c.message}, i}
		}
	}
	return complaint{fault{rule: "schema/type", message: "CUE refuses this: " + msg}, len(rules)}
}
