package lint

import (
	_ "embed"
	"strings"
)

//go:embed RULES.md
var manual string

// Doc returns the entry of a rule in RULES.md, as Markdown without its heading, and whether
// there is such a rule.
func Doc(id string) (string, bool) {
	_, entry, ok := strings.Cut("\n"+manual, "\n## "+id+"\n")
	if !ok {
		return "", false
	}
	entry, _, _ = strings.Cut(entry, "\n## ")
	return strings.TrimSpace(entry) + "\n", true
}
