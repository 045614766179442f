package validate

import (
	"fmt"
	"io/fs"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/parser"

	"github.com/almanac-gitops/almanac/schema"
)

// file is one source file of the definitions.
type file struct {
	name string
	text []byte
}

// schemaFiles reads the definitions that are part of the program, by name.
func schemaFiles() ([]file, error) {
	names, err := fs.Glob(schema.Definitions, "*.cue")
	if err != nil {
		return nil, fmt.Errorf("list the definitions: %w", err)
	}
	var files []file
	for _, n := range names {
		text, err := schema.Definitions.ReadFile(n)
		if err != nil {
			return nil, fmt.Errorf("read the definitions: %w", err)
		}
		files = append(files, file{n, text})
	}
	return files, nil
}

// load builds one package from the files. It parses them itself instead of using the
// loader of CUE, which looks for a module on disk.
func load(ctx *cue.Context, files []file) (cue.Value, error) {
	inst := build.NewContext().NewInstance("schema", nil)
	inst.ImportPath = schema.ImportPath
	for _, f := range files {
		tree, err := parser.ParseFile(f.name, f.text, parser.ParseComments)
		if err != nil {
			return cue.Value{}, err
		}
		if err := inst.AddSyntax(tree); err != nil {
			return cue.Value{}, err
		}
	}
	if err := inst.Complete(); err != nil {
		return cue.Value{}, err
	}
	v := ctx.BuildInstance(inst)
	return v, v.Err()
}
