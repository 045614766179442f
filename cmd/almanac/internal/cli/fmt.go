package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/describe"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/edit"
	"github.com/almanac-gitops/almanac/schema/load"
)

func newFmt(c *Command, o *options) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Tidy files without touching what they say",
		Long: `Fmt takes away blanks at the ends of lines, ends every file with one line feed, and adds
the line that tells editors the schema where the repository has the schemas (almanac
schema --out ` + schemaFolder + `). Comments, blank lines, order and quotes stay. Keys in an unusual order
are only pointed out.`,
		Example: "  almanac fmt\n  almanac fmt --check",
		RunE: func(_ *cobra.Command, args []string) error {
			return c.fmt(o, args, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; exit 2 if a file would change")
	return cmd
}

func (c *Command) fmt(o *options, args []string, check bool) error {
	root, err := c.repository(o)
	if err != nil {
		return err
	}
	files, err := c.named(o, "fmt", args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		if files, err = load.Files(os.DirFS(root)); err != nil {
			return err
		}
	}
	schemas, err := os.Stat(filepath.Join(root, filepath.FromSlash(schemaFolder)))
	t := tidier{modelines: err == nil && schemas.IsDir()}
	changed, broken := 0, false
	for _, name := range files {
		if path.Ext(name) == ".cue" {
			continue
		}
		done, err := c.fmtFile(root, name, t, check)
		var invalid *edit.Invalid
		if errors.As(err, &invalid) {
			c.talk("%v", err)
			broken = true
			continue
		}
		if err != nil {
			return err
		}
		if done {
			changed++
		}
	}
	switch {
	case broken:
		return &exitError{code: ExitInvalid, err: errors.New("some files cannot be read, and were left as they are"), hints: []string{"almanac validate"}}
	case check && changed > 0:
		return exit(ExitPending)
	}
	return nil
}

// fmtFile tidies one file and reports whether it changed, or would.
func (c *Command) fmtFile(root, name string, t tidier, check bool) (bool, error) {
	full := filepath.Join(root, filepath.FromSlash(name))
	src, err := os.ReadFile(full)
	if err != nil {
		return false, err
	}
	f, err := edit.Parse(name, src)
	if err != nil {
		return false, err
	}
	if err := c.warnOrder(name, f); err != nil {
		return false, err
	}
	out := t.tidy(name, f)
	if bytes.Equal(src, out) {
		return false, nil
	}
	fmt.Fprintln(c.Stdout, diag.Visible(name))
	if check {
		return true, nil
	}
	return true, replaceFile(target(full), out)
}

// warnOrder points out keys that stand before one that usually comes first.
func (c *Command) warnOrder(name string, f *edit.File) error {
	for _, d := range f.Documents() {
		if !slices.Contains(schema.Kinds(), schema.Kind(d.Kind)) {
			continue
		}
		field, err := describe.Explain(d.Kind)
		if err != nil {
			return err
		}
		var order []string
		for _, sub := range field.Fields {
			order = append(order, sub.Path[strings.LastIndexByte(sub.Path, '.')+1:])
		}
		last, lastKey := -1, ""
		for _, k := range d.Keys {
			at := slices.Index(order, k.Name)
			if at >= 0 && at < last {
				c.talk("%s:%d:1: %q usually stands before %q", diag.Visible(name), k.Line, k.Name, lastKey)
			}
			if at > last {
				last, lastKey = at, k.Name
			}
		}
	}
	return nil
}

// tidier knows what a tidy file looks like.
type tidier struct{ modelines bool }

const modeline = "# yaml-language-server: $schema="

// tidy returns the tidy form of a file. Tidying twice changes nothing more.
func (t tidier) tidy(name string, f *edit.File) []byte {
	out := f.Trim()
	docs := f.Documents()
	if !t.modelines || len(docs) == 0 || bytes.Contains(out, []byte("yaml-language-server:")) {
		return out
	}
	for _, d := range docs {
		if d.Kind != docs[0].Kind || !slices.Contains(schema.Kinds(), schema.Kind(d.Kind)) {
			return out
		}
	}
	up := strings.Repeat("../", strings.Count(name, "/"))
	end := "\n"
	if bytes.Contains(out, []byte("\r\n")) {
		end = "\r\n"
	}
	line := modeline + up + schemaFolder + "/" + schemaFile(schema.Kind(docs[0].Kind)) + end
	mark := []byte("\ufeff")
	if rest, ok := bytes.CutPrefix(out, mark); ok {
		return slices.Concat(mark, []byte(line), rest)
	}
	return append([]byte(line), out...)
}
