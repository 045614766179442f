// Package gittest runs tests that call Git as if nobody had set it up.
package gittest

import (
	"os"
	"testing"
)

// Main runs the tests of a package without what whoever runs them has set up for Git, such
// as signatures, hooks and line endings, and ends the process.
func Main(m *testing.M) {
	for name, value := range map[string]string{"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1"} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
