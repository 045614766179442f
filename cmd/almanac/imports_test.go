package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/almanac-gitops/almanac/"

// layers says which packages of ours a package may import. A package that is not listed
// fails the test, so that every new one is thought about.
var layers = map[string][]string{
	"schema":               {"schema/civil"},
	"schema/civil":         {},
	"schema/diag":          {},
	"schema/node":          {"schema/diag"},
	"schema/validate":      {"schema", "schema/node", "schema/diag", "schema/civil"},
	"schema/describe":      {"schema", "schema/node", "schema/diag"},
	"schema/gitfs":         {},
	"schema/gitfs/gittest": {},
	"schema/load":          {"schema", "schema/node", "schema/validate", "schema/civil", "schema/diag"},
	"schema/lint":          {"schema", "schema/civil", "schema/diag"},
	"schema/edit":          {"schema/node", "schema/civil", "schema/diag"},

	"reconcile/record":   {"schema/civil"},
	"reconcile/intake":   {"schema", "schema/civil"},
	"reconcile/ticket":   {"schema", "schema/civil", "schema/diag", "reconcile/intake", "reconcile/issue", "reconcile/record"},
	"reconcile/issue":    {"schema/civil"},
	"reconcile/due":      {"schema", "schema/civil"},
	"reconcile/progress": {"schema", "schema/civil", "reconcile/due", "reconcile/issue", "reconcile/record"},
	"reconcile/plan":     {"schema", "schema/civil", "schema/diag", "reconcile/due", "reconcile/issue", "reconcile/meeting", "reconcile/progress", "reconcile/record", "reconcile/ticket"},
	"reconcile/render":   {"schema", "schema/civil", "schema/diag", "reconcile/due", "reconcile/issue", "reconcile/plan"},

	"reconcile/command":                 {"schema", "schema/civil", "schema/lint", "reconcile/due", "reconcile/issue", "reconcile/plan", "reconcile/progress", "reconcile/record"},
	"reconcile":                         {"schema", "schema/civil", "schema/diag", "reconcile/command", "reconcile/due", "reconcile/issue", "reconcile/meeting", "reconcile/plan", "reconcile/record", "reconcile/ticket"},
	"reconcile/ledger":                  {"reconcile", "reconcile/record", "schema/gitfs"},
	"reconcile/ledger/ledgertest":       {"reconcile", "reconcile/record", "schema/civil"},
	"reconcile/forge/files":             {"reconcile", "reconcile/issue", "schema/node"},
	"reconcile/forge/forgetest":         {"reconcile", "reconcile/issue"},
	"reconcile/notify":                  {"reconcile", "reconcile/due", "reconcile/issue", "schema", "reconcile/notify/mail", "reconcile/notify/post", "reconcile/notify/slack", "reconcile/notify/teams", "reconcile/notify/webhook"},
	"reconcile/notify/mail":             {"reconcile", "reconcile/meeting", "reconcile/notify/post"},
	"reconcile/notify/post":             {"reconcile"},
	"reconcile/notify/slack":            {"reconcile", "reconcile/notify/post"},
	"reconcile/notify/teams":            {"reconcile", "reconcile/notify/post"},
	"reconcile/notify/webhook":          {"reconcile", "reconcile/notify/post"},
	"reconcile/report":                  {"schema", "schema/civil", "reconcile/due", "reconcile/issue", "reconcile/progress", "reconcile/record"},
	"reconcile/preview":                 {"schema", "schema/civil", "schema/diag", "reconcile/due", "reconcile/issue"},
	"reconcile/forge/github":            {"reconcile", "reconcile/issue"},
	"reconcile/forge/github/githubtest": {"reconcile", "reconcile/issue"},
	"reconcile/calendar":                {"schema", "schema/civil", "reconcile/due", "reconcile/meeting", "reconcile/record"},
	"reconcile/meeting":                 {"schema", "schema/civil"},
	"reconcile/calendar/icslint":        {},
	"schema/load/loadtest":              {},
	"schema/proptest":                   {},
	"cmd/almanac":                       {"cmd/almanac/internal/cli"},
	"cmd/almanac/internal/cli":          {"*"},
}

// pure packages reckon only: no disk, no network, no clock.
var pure = []string{"schema", "schema/civil", "schema/diag", "schema/lint", "reconcile/record", "reconcile/intake", "reconcile/ticket", "reconcile/issue", "reconcile/due", "reconcile/progress", "reconcile/plan", "reconcile/render", "reconcile/command", "reconcile/preview", "reconcile/report", "reconcile/calendar", "reconcile/calendar/icslint", "reconcile/meeting"}

// doors says which package may import a library of the outside.
var doors = map[string][]string{
	"gopkg.in/yaml.v3":            {"schema/node"},
	"cuelang.org/go/":             {"schema/validate", "schema/describe", "schema/load"},
	"github.com/go-git/":          {"schema/gitfs", "reconcile/ledger"},
	"github.com/rickar/cal/":      {"schema/civil"},
	"github.com/teambition/":      {"schema/civil"},
	"github.com/spf13/":           {"cmd/almanac/internal/cli"},
	"github.com/fsnotify/":        {"cmd/almanac/internal/cli"},
	"github.com/google/go-github": {"reconcile/forge/github"},
	"github.com/wneessen/":        {"reconcile/notify/mail"},
	"golang.org/x/oauth2":         {"reconcile/notify/mail"},
	"github.com/slack-go/":        {"reconcile/notify/slack"},
	"github.com/getkin/":          {"reconcile/forge/github/githubtest"},
	"github.com/arran4/":          {"reconcile/calendar"},
}

// TestImports holds the table of packages. Tests of a package may import more.
func TestImports(t *testing.T) {
	seen := 0
	for dir, imports := range packages(t) {
		allowed, known := layers[dir]
		if !known {
			t.Errorf("%s: not in the table of packages: say what it may import", dir)
			continue
		}
		seen++
		for _, imp := range imports {
			if own, ok := strings.CutPrefix(imp, module); ok && !slices.Contains(allowed, own) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s, which the table does not allow", dir, own)
			}
			for lib, doorways := range doors {
				if strings.HasPrefix(imp, lib) && !slices.Contains(doorways, dir) {
					t.Errorf("%s imports %s, which only %v may", dir, imp, doorways)
				}
			}
		}
	}
	if seen < 10 {
		t.Fatalf("only %d packages found", seen)
	}
}

// TestPure holds the middle free of effects: no os, no net, no clock, no goroutine-wide
// state.
func TestPure(t *testing.T) {
	root := repositoryRoot()
	for _, dir := range pure {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files: %v", dir, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				checkPure(t, dir, file)
			}
		}
	}
}

func checkPure(t *testing.T, dir, file string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imp := range f.Imports {
		switch path, _ := strconv.Unquote(imp.Path.Value); path {
		case "os", "os/exec", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "syscall":
			t.Errorf("%s imports %s: %s is pure", filepath.Base(file), path, dir)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until" || s.Sel.Name == "Sleep") {
				t.Errorf("%s uses time.%s: %s is pure", filepath.Base(file), s.Sel.Name, dir)
			}
		}
		return true
	})
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			t.Errorf("%s has an init: %s is pure", filepath.Base(file), dir)
		}
	}
}

// TestZonesAreLinked: the program brings the data of time zones along. Nothing else would
// notice on a machine that has them: images of containers and Windows have none.
func TestZonesAreLinked(t *testing.T) {
	if !slices.Contains(packages(t)["cmd/almanac"], "time/tzdata") {
		t.Error("cmd/almanac does not import time/tzdata")
	}
}

// packages lists the folders with Go files and what their non-test files import.
func packages(t *testing.T) map[string][]string {
	root := repositoryRoot()
	found := map[string][]string{}
	for _, top := range []string{"cmd", "schema", "reconcile", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "testdata" {
				return filepath.SkipDir
			}
			p, err := build.ImportDir(path, 0)
			if _, none := err.(*build.NoGoError); none {
				return nil
			}
			rel, _ := filepath.Rel(root, path)
			if p != nil && len(p.GoFiles) > 0 {
				found[filepath.ToSlash(rel)] = p.Imports
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return found
}

// TestMainIsShort keeps main a place where nothing can be wrong.
func TestMainIsShort(t *testing.T) {
	b, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n > 22 {
		t.Errorf("main.go has %d lines", n)
	}
}
