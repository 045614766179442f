package issue

import "slices"

// permissions are what GitHub lets people do on a repository, each with all that come before.
var permissions = []string{"none", "read", "triage", "write", "maintain", "admin"}

// Permits reports whether who has one permission may do what needs another. An unknown one
// permits nothing, and nobody has what is unknown.
func Permits(have, want string) bool {
	need := slices.Index(permissions, want)
	return need >= 0 && slices.Index(permissions, have) >= need
}
