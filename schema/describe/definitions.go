package describe

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// definitions are the CUE definitions, built.
type definitions struct{ root cue.Value }

// load builds the definitions. It takes some ten milliseconds.
func load() (definitions, error) {
	names, err := fs.Glob(schema.Definitions, "*.cue")
	if err != nil {
		return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
	}
	inst := build.NewContext().NewInstance("", nil)
	inst.ImportPath = schema.ImportPath
	for _, name := range names {
		src, err := schema.Definitions.ReadFile(name)
		if err != nil {
			return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
		}
		file, err := parser.ParseFile(name, src, parser.ParseComments)
		if err != nil {
			return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
		}
		if err := inst.AddSyntax(file); err != nil {
			return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
		}
	}
	if err := inst.Complete(); err != nil {
		return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
	}
	root := cuecontext.New().BuildInstance(inst)
	if err := root.Err(); err != nil {
		return definitions{}, fmt.Errorf("%w: %w", errDefinitions, err)
	}
	return definitions{root}, nil
}

// definition returns a definition by its name without `#`.
func (d definitions) definition(name string) (cue.Value, error) {
	v := d.root.LookupPath(cue.MakePath(cue.Def(name)))
	if err := v.Err(); err != nil {
		return v, fmt.Errorf("%w: %w", errDefinitions, err)
	}
	return v, nil
}

// names returns the names of all definitions: the kinds, then the others by name.
func (d definitions) names() ([]string, error) {
	var kinds, others []string
	for _, k := range schema.Kinds() {
		kinds = append(kinds, string(k))
	}
	it, err := d.root.Fields(cue.Definitions(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDefinitions, err)
	}
	for it.Next() {
		if name := strings.TrimPrefix(it.Selector().String(), "#"); !slices.Contains(kinds, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(kinds, others...), nil
}

// find returns the name of a definition that was written in any case.
func (d definitions) find(given string) (string, error) {
	names, err := d.names()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if strings.EqualFold(name, given) {
			return name, nil
		}
	}
	meant, _ := diag.Suggest(given, names)
	// The other definitions are parts of these; listing all would hide where to begin.
	return "", &UnknownError{Name: given, Meant: meant, Known: names[:len(schema.Kinds())]}
}
