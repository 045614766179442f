package schema

import "embed"

// Definitions holds the CUE files that define every kind, in one package named schema. The
// definition of a kind is named `#` and the kind.
//
//go:embed *.cue
var Definitions embed.FS

// ImportPath is what CUE files of a repository import to use the definitions.
const ImportPath = "github.com/almanac-gitops/almanac/schema"
