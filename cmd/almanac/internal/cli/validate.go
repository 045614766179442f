package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/validate"
)

type validateOptions struct {
	*options
	output  string
	engine  string
	ledger  string
	strict  bool
	noCache bool
}

func newValidate(c *Command, o *options) *cobra.Command {
	v := &validateOptions{options: o}
	cmd := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Say exactly what is wrong with the files",
		Long: `Validate checks every file of the repository, or only the ones that are named, and tells
all faults in one run: where, what was found, what was expected and what to do.

With files named, whatever they refer to is read as well, but two clients that clash with
each other are only found by a run over everything.

Exit code 0: no errors. 3: errors (or, with --strict, warnings).`,
		Example: `  almanac validate
  almanac validate clients/acme-dental.yaml
  almanac validate -o github      # annotations in a pull request`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.validate(cmd, v, args) },
	}
	addOutput(cmd, &v.output, "text", "json", "github", "sarif", "junit")
	cmd.Flags().BoolVar(&v.strict, "strict", false, "fail on warnings too")
	cmd.Flags().StringVar(&v.engine, "engine", "auto", "what checks the schema: auto, compiled or cue")
	cmd.Flags().StringVar(&v.ledger, "ledger", "", "ledger to look into, to warn when runs no longer succeed: git:origin")
	cmd.Flags().BoolVar(&v.noCache, "no-cache", false, "check every file again, also unchanged ones")
	_ = cmd.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions([]string{"auto", "compiled", "cue"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (c *Command) validate(cmd *cobra.Command, v *validateOptions, args []string) error {
	if !slices.Contains([]string{"auto", "compiled", "cue"}, v.engine) {
		return usage("almanac validate --engine auto", "unknown engine %q: expected one of auto, compiled, cue", v.engine)
	}
	only, err := c.named(v.options, "validate", args)
	if err != nil {
		return err
	}
	w, err := c.open(cmd.Context(), v.options, reading{engine: validate.Engine(v.engine), noCache: v.noCache, only: only})
	if err != nil {
		return err
	}
	faults := w.faults
	if len(only) > 0 {
		faults = slices.DeleteFunc(faults, func(d diag.Diagnostic) bool { return !slices.Contains(only, d.File) })
	}
	if v.output == "text" || v.output == "github" {
		faults = faults.Folded()
	}
	silence := c.silence(cmd.Context(), w, v)
	if err := c.show(w, v, faults, silence); err != nil {
		return err
	}
	if silence != "" && v.output != "github" {
		c.talk("warning: %s", silence)
	}
	errors, warnings := faults.Count()
	if err := c.hand(noChanges, plural(errors, "error")+", "+plural(warnings, "warning")); err != nil {
		return err
	}
	if errors > 0 || v.strict && warnings > 0 {
		return exit(ExitInvalid)
	}
	return nil
}

// show prints the faults in the form that was asked for. Only annotations hold silence too:
// the other forms are about the files.
func (c *Command) show(w *workspace, v *validateOptions, faults diag.List, silence string) error {
	switch v.output {
	case "json":
		return diag.WriteJSON(c.Stdout, faults, w.loaded.Documents)
	case "sarif":
		return diag.WriteSARIF(c.Stdout, faults, diag.SARIFOptions{Version: toolVersion(), Rules: ruleSummaries()})
	case "junit":
		return diag.WriteJUnit(c.Stdout, faults)
	case "github":
		told := annotated(faults, silence)
		if err := diag.WriteGitHub(c.Stdout, told); err != nil {
			return err
		}
		return c.summarize(func(b *bytes.Buffer) error { return diag.WriteSummary(b, told) })
	}
	if err := diag.WriteText(c.Stdout, faults, diag.TextOptions{Color: c.color(v.options), Source: w.source()}); err != nil {
		return err
	}
	if len(faults) == 0 {
		fmt.Fprintf(c.Stdout, "%d documents in %d files: no faults\n", w.loaded.Documents, w.loaded.Files)
	}
	return nil
}

func ruleSummaries() map[string]string {
	m := map[string]string{}
	for _, r := range lint.Rules() {
		m[r.ID] = r.Summary
	}
	return m
}

// named turns the files that a command was given into paths from the root.
func (c *Command) named(o *options, command string, args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, nil
	}
	root, err := c.repository(o)
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	var l []string
	for _, arg := range args {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.folder(o), path)
		}
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			return nil, usage("almanac "+command, "%s is not a file: name files, or leave them out for all", arg)
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || strings.HasPrefix(rel, "..") {
			return nil, usage("almanac -C "+filepath.Dir(arg)+" "+command, "%s lies outside the repository %s", arg, root)
		}
		l = append(l, filepath.ToSlash(rel))
	}
	slices.Sort(l)
	return slices.Compact(l), nil
}
