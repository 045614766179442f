// Package node turns YAML text into trees that are safe to walk, and trees into Go values
// and text. It is the only package that knows the YAML library.
//
// People's files arrive by pull request from anybody, and the library dies, hangs or reads
// something else than the eye does on some of them. So Parse is a guard: it checks the text
// (size, encoding, characters), parses it under recover, and walks the tree once (depth,
// count, keys, tags, aliases) before anybody decodes anything. Whatever it dislikes is a
// fault with a line and a column, never an error and never a panic.
//
// Positions are 1-based; columns count characters (runes), and a byte order mark at the
// start of the file counts for nothing.
package node

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// Node is a node of a YAML tree.
type Node = yaml.Node

// Kind tells scalars, mappings, lists and aliases apart.
type Kind = yaml.Kind

// The kinds of nodes that a tree from Parse holds.
const (
	Scalar   = yaml.ScalarNode
	Mapping  = yaml.MappingNode
	Sequence = yaml.SequenceNode
	Alias    = yaml.AliasNode
)

// The limits of one file.
const (
	// MaxBytes is the size of the largest file that is read.
	MaxBytes = 1 << 20
	// MaxNodes is how many values a file may hold, each alias counted as what it stands for.
	MaxNodes = 50_000
	// MaxDepth is how deep lists and mappings may be nested, aliases included.
	MaxDepth = 64
	// MaxKeys is how many keys one mapping may hold. The library takes quadratic time to
	// decode a mapping.
	MaxKeys = 2_000
)

// Parse reads every document of a file. It returns the content of each document that is
// not empty, in order, and every fault it finds, sorted; a syntax error stands alone.
//
// A document over a limit of size is left out, so that whatever is returned may be walked
// (aliases are finite, and point at nodes of the same document). Beside faults it may
// return documents all the same, so that the faults of their content can be told in the
// same run; Decode refuses those.
func Parse(file string, src []byte) (docs []*Node, faults diag.List) {
	faults, usable := checkText(src)
	if usable {
		var more diag.List
		docs, more = parse(src)
		faults = append(faults, more...)
	}
	for i := range faults {
		faults[i].File = file
	}
	return docs, faults.Sorted()
}

// parse reads the documents of text that passed checkText.
func parse(src []byte) (docs []*Node, faults diag.List) {
	roots, fault := read(src)
	if fault != nil {
		return nil, diag.List{*fault}
	}
	measure(roots, src)
	g := newGuard()
	g.src = src
	for _, root := range roots {
		if root.Kind == Scalar && root.Tag == "!!null" && root.Value == "" {
			continue
		}
		if g.document(root) {
			docs = append(docs, root)
		} else if g.total > MaxNodes {
			break
		}
	}
	if len(docs) == 0 && len(g.faults) == 0 {
		g.faults = append(g.faults, empty(src))
	}
	return docs, g.faults
}

// empty is the fault of a file without any document. It is a fault because a file cut to
// nothing must not read as a client that is no longer there.
func empty(src []byte) diag.Diagnostic {
	d := diag.Diagnostic{Line: 1, Column: 1, Rule: "yaml/empty", Message: "the file is empty",
		Hint: "write a document that begins with `kind:`, or delete the file"}
	if len(bytes.TrimSpace(bytes.TrimPrefix(src, bom))) > 0 {
		d.Message = "the file holds no document, only comments or separators"
	}
	return d
}

// read runs the parser of the library over all documents.
func read(src []byte) (roots []*Node, fault *diag.Diagnostic) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for {
		doc, err := next(dec)
		switch {
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			d := syntax(src, dec, err)
			return nil, &d
		case doc.Kind == yaml.DocumentNode && len(doc.Content) == 1:
			roots = append(roots, doc.Content[0])
		}
	}
}

func next(dec *yaml.Decoder) (doc *Node, err error) {
	defer recovered(&err)
	doc = new(Node)
	return doc, dec.Decode(doc)
}

// recovered turns a panic of the library into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("yaml: %v", p)
	}
}

// Decode reads a document, or a part of one, into a Go value by its yaml tags. It checks
// the tree as Parse does and refuses one that is unsafe or ambiguous to decode.
func Decode(n *Node, into any) (err error) {
	g := newGuard()
	if g.walk(n, 1); len(g.faults) > 0 {
		f := g.faults[0]
		return fmt.Errorf("decode line %d: %s", f.Line, f.Message)
	}
	defer recovered(&err)
	if err := n.Decode(into); err != nil {
		return fmt.Errorf("decode line %d: %w", n.Line, err)
	}
	return nil
}

// Encode writes a new document, indented by two spaces. It is for files that do not exist
// yet: text that a person wrote loses its blank lines and layout.
func Encode(v any) (text []byte, err error) {
	defer recovered(&err)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode yaml: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("encode yaml: %w", err)
	}
	return b.Bytes(), nil
}
