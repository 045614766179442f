package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/describe"
	"github.com/almanac-gitops/almanac/schema/diag"
)

func newSchema(c *Command, o *options) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "schema [KIND]",
		Short: "Print the JSON Schema of a kind, for editors",
		Long: `Schema prints the JSON Schema (2020-12) of one kind, or writes those of all kinds into a
folder. Editors that know yaml-language-server then complete and check while you type.`,
		Example: `  almanac schema Client
  almanac schema --out .almanac/schema`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeKinds,
		RunE: func(_ *cobra.Command, args []string) error {
			if out != "" {
				if !filepath.IsAbs(out) {
					out = filepath.Join(c.Dir, out)
				}
				return c.writeSchemas(out)
			}
			kind, err := kindNamed(firstOf(args))
			if err != nil {
				return err
			}
			text, err := describe.JSONSchema(kind)
			if err != nil {
				return err
			}
			_, err = c.Stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write the schemas of all kinds into")
	cmd.AddCommand(newIssueForm(c, o))
	return cmd
}

// kindNamed finds a kind, in any case.
func kindNamed(name string) (schema.Kind, error) {
	var names []string
	for _, k := range schema.Kinds() {
		if strings.EqualFold(string(k), name) {
			return k, nil
		}
		names = append(names, string(k))
	}
	hint := "almanac schema " + names[2]
	if near, ok := diag.Suggest(name, names); ok {
		hint = "almanac schema " + near
	}
	if name == "" {
		return "", usage(hint, "say which kind: %s", strings.Join(names, ", "))
	}
	return "", usage(hint, "there is no kind %q: expected one of %s", name, strings.Join(names, ", "))
}

// writeSchemas writes the schema of every kind into a folder, unchanged ones not at all.
func (c *Command) writeSchemas(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, k := range schema.Kinds() {
		text, err := describe.JSONSchema(k)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, schemaFile(k))
		if old, err := os.ReadFile(path); err == nil && slices.Equal(old, text) {
			continue
		}
		if err := replaceFile(path, text); err != nil {
			return err
		}
		fmt.Fprintln(c.Stdout, path)
	}
	return nil
}

// schemaFile is the name of a kind's schema in a repository.
func schemaFile(k schema.Kind) string { return strings.ToLower(string(k)) + ".schema.json" }

// replaceFile writes a file as a whole or not at all.
func replaceFile(path string, text []byte) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".almanac-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
