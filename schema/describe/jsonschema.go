package describe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/jsonschema"
	"cuelang.org/go/encoding/yaml"

	"github.com/almanac-gitops/almanac/schema"
)

// SchemaID returns the `$id` of the JSON Schema of a kind. Nothing has to be found at it.
func SchemaID(k schema.Kind) string {
	return "https://" + schema.ImportPath + "/" + string(k) + ".json"
}

// JSONSchema returns the JSON Schema (draft 2020-12) of a kind, for editors: indented, ended
// by a line feed, the same bytes each time. It checks a document as the definition does, but
// for dates only where `format` is asserted. The example of a comment becomes `examples`.
func JSONSchema(k schema.Kind) ([]byte, error) {
	if !slices.Contains(schema.Kinds(), k) {
		return nil, &UnknownError{Name: string(k), Known: kindNames()}
	}
	d, err := load()
	if err != nil {
		return nil, err
	}
	v, err := d.definition(string(k))
	if err != nil {
		return nil, err
	}
	root, err := d.generate(v)
	if err != nil {
		return nil, fmt.Errorf("make the JSON Schema of %s: %w", k, err)
	}
	root["$id"], root["title"] = SchemaID(k), string(k)
	if defs, ok := root["$defs"].(map[string]any); ok {
		for name, def := range defs {
			if def, ok := def.(map[string]any); ok {
				def["title"] = name
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func kindNames() []string {
	var names []string
	for _, k := range schema.Kinds() {
		names = append(names, string(k))
	}
	return names
}

// generate returns what CUE makes of a definition, polished.
func (d definitions) generate(v cue.Value) (map[string]any, error) {
	expr, err := jsonschema.Generate(v, &jsonschema.GenerateConfig{Version: jsonschema.VersionDraft2020_12})
	if err != nil {
		return nil, err
	}
	src, err := cuecontext.New().BuildExpr(expr).MarshalJSON()
	if err != nil {
		return nil, err
	}
	var root map[string]any
	decoder := json.NewDecoder(bytes.NewReader(src))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	return root, d.polish(root)
}

// polish goes through a schema and all schemas in it: examples move out of descriptions,
// and a whole number is no longer also a number.
func (d definitions) polish(s map[string]any) error {
	if text, ok := s["description"].(string); ok {
		doc, example := split(text)
		// Comments are Markdown; editors show `description` as it is.
		s["description"], s["markdownDescription"] = strings.ReplaceAll(doc, "`", ""), doc
		if example != "" {
			value, err := d.parse(example)
			if err != nil {
				return fmt.Errorf("example %s: %w", example, err)
			}
			s["examples"] = []any{value}
		}
	}
	mergeInteger(s)
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if err := d.polishIn(key, s[key]); err != nil {
			return err
		}
	}
	return nil
}

// polishIn polishes the schemas that a keyword holds.
func (d definitions) polishIn(keyword string, v any) error {
	switch v := v.(type) {
	case map[string]any:
		if keyword != "properties" && keyword != "$defs" {
			return d.polish(v)
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := d.polishIn("", v[name]); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := d.polishIn("", e); err != nil {
				return err
			}
		}
	}
	return nil
}

// mergeInteger writes `allOf: [{type: number}, {type: integer, …}]`, which CUE makes of a
// bounded int, as the second of the two: editors then complete and explain it.
func mergeInteger(s map[string]any) {
	all, ok := s["allOf"].([]any)
	if !ok || len(all) != 2 {
		return
	}
	first, _ := all[0].(map[string]any)
	second, _ := all[1].(map[string]any)
	if len(first) != 1 || first["type"] != "number" || second["type"] != "integer" {
		return
	}
	delete(s, "allOf")
	maps.Copy(s, second)
}

// parse reads an example: YAML on one line, in which a date is text.
func (d definitions) parse(example string) (any, error) {
	file, err := yaml.Extract("example", example)
	if err != nil {
		return nil, err
	}
	src, err := cuecontext.New().BuildFile(file).MarshalJSON()
	if err != nil {
		return nil, err
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(src))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}
