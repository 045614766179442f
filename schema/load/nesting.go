package load

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue/scanner"
	"cuelang.org/go/cue/token"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// maxNesting is how many levels deep CUE may nest. It is the limit that the parser of CUE
// has for what stands in brackets; it has none for `a: a: a: 1` and `1 + 1 + 1`, and whatever
// then goes through such a tree ends the whole process once its stack is full.
const maxNesting = 10_000

// nesting counts how deep a text of CUE nests before it is parsed.
type nesting struct {
	scanner.Scanner
	// run is what nests since the last comma or line end, and outer the same before each
	// bracket that is open; depth is the sum of all.
	run, depth int
	outer      []enclosing
	// text says that the next bracket is within a text.
	text bool
}

// enclosing is a bracket that is open.
type enclosing struct {
	run  int
	text bool
}

// tooDeep returns the fault of a file that nests too deep.
func tooDeep(name string, src []byte) (diag.Diagnostic, bool) {
	n := nesting{}
	n.Init(token.NewFile(name, -1, len(src)), src, nil, 0)
	for {
		pos, tok, lit := n.Scan()
		if tok == token.EOF {
			return diag.Diagnostic{}, false
		}
		if n.take(tok, lit); n.depth > maxNesting {
			return diag.Diagnostic{Line: pos.Line(), Column: pos.Column(), Rule: "load/cue",
				Message: fmt.Sprintf("CUE is nested more than %d levels deep here", maxNesting), Hint: "write it flatter"}, true
		}
	}
}

// take counts one token. Whatever is no value, name or comma may be a level.
func (n *nesting) take(tok token.Token, lit string) {
	// A text that has no end may end in a bracket as well, which then is not the next token.
	text := n.text
	n.text = tok == token.INTERPOLATION
	switch tok {
	case token.IDENT, token.INT, token.FLOAT, token.STRING, token.ATTRIBUTE, token.COMMENT, token.INTERPOLATION:
	case token.COMMA:
		n.depth, n.run = n.depth-n.run, 0
	case token.LPAREN, token.LBRACK, token.LBRACE:
		n.outer = append(n.outer, enclosing{n.run + 1, text})
		n.depth, n.run = n.depth+1, 0
	case token.RPAREN, token.RBRACK, token.RBRACE:
		n.close()
	default:
		n.depth, n.run = n.depth+1, n.run+1
	}
}

// close goes back to what stood before a bracket, and on with the text that it was in.
func (n *nesting) close() {
	last := len(n.outer) - 1
	if last < 0 {
		return
	}
	in := n.outer[last]
	n.depth, n.run, n.outer = n.depth-n.run, in.run, n.outer[:last]
	n.text = in.text && strings.HasSuffix(n.ResumeInterpolation(), "(")
}
