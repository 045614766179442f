package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"almanac": main})
}

// TestScript runs every command as a user would: testdata/script/<command>_<topic>.txtar.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/.cache")
			e.Setenv("NO_COLOR", "1")
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			e.Setenv("GIT_AUTHOR_NAME", "Pat Example")
			e.Setenv("GIT_AUTHOR_EMAIL", "pat@northwind.example")
			e.Setenv("GIT_COMMITTER_NAME", "Pat Example")
			e.Setenv("GIT_COMMITTER_EMAIL", "pat@northwind.example")
			e.Setenv("ROOT", repositoryRoot())
			return nil
		},
	})
}

// repositoryRoot returns the folder that holds go.mod, for scripts that use the example.
func repositoryRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir + "/../.."
}
