package node

import (
	"strconv"
	"strings"
)

// Resolve returns what an alias stands for, and any other node itself.
func Resolve(n *Node) *Node {
	if n != nil && n.Kind == Alias {
		return n.Alias
	}
	return n
}

// Lookup returns the value at a dotted path such as `steps.2.owner`, and its key; list
// elements count from 0 and have no key. Both are nil where there is no such value. The
// empty path is n itself. Aliases are followed; a key may hold dots.
func Lookup(n *Node, path string) (key, value *Node) {
	if path == "" || n == nil {
		return nil, n
	}
	switch n = Resolve(n); n.Kind {
	case Mapping:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if path == k.Value {
				return k, v
			}
			if rest, ok := strings.CutPrefix(path, k.Value+"."); ok && rest != "" {
				if key, value = Lookup(v, rest); value != nil {
					return key, value
				}
			}
		}
	case Sequence:
		first, rest, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(first); err == nil && i >= 0 && i < len(n.Content) {
			return Lookup(n.Content[i], rest)
		}
	}
	return nil, nil
}
