package cli

import (
	"os"
	"testing"
)

// TestMain keeps out what whoever runs the tests has set up for Git, such as signatures,
// hooks and line endings.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1"} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
