package node

import "gopkg.in/yaml.v3"

// Style says how a node is written; styles are bits.
type Style = yaml.Style

// The styles. A node with none of them is plain text or in block form.
const (
	Tagged       = yaml.TaggedStyle
	DoubleQuoted = yaml.DoubleQuotedStyle
	SingleQuoted = yaml.SingleQuotedStyle
	Literal      = yaml.LiteralStyle
	Folded       = yaml.FoldedStyle
	Flow         = yaml.FlowStyle
)
