package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/describe"
	"github.com/almanac-gitops/almanac/schema/lint"
)

func newExplain(c *Command, _ *options) *cobra.Command {
	var output string
	var recursive bool
	cmd := &cobra.Command{
		Use:   "explain [KIND[.FIELD...] | RULE]",
		Short: "Say what a field is for, what may be written there and what it looks like",
		Example: `  almanac explain
  almanac explain Client.processes.exceptions
  almanac explain --recursive ProcessTemplate
  almanac explain lint/unknown-role`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeKinds,
		RunE: func(_ *cobra.Command, args []string) error {
			return explain(c.Stdout, firstOf(args), output, recursive)
		},
	}
	addOutput(cmd, &output, "text", "json")
	cmd.Flags().BoolVar(&recursive, "recursive", false, "show the fields of the fields as well")
	return cmd
}

func explain(w io.Writer, path, output string, recursive bool) error {
	if strings.Contains(path, "/") {
		return explainRule(w, path, output)
	}
	if path == "" {
		kinds, err := describe.Kinds()
		if err != nil {
			return err
		}
		if output == "json" {
			return writeJSON(w, kinds)
		}
		return describe.WriteOverview(w, kinds)
	}
	look := describe.Explain
	if recursive {
		look = describe.Tree
	}
	field, err := look(path)
	var unknown *describe.UnknownError
	if errors.As(err, &unknown) {
		return usage("almanac explain", "%w", err)
	}
	if err != nil {
		return err
	}
	if output == "json" {
		return writeJSON(w, field)
	}
	return describe.WriteText(w, field)
}

// explainRule prints what the documentation says of a rule.
func explainRule(w io.Writer, id, output string) error {
	doc, ok := lint.Doc(id)
	if !ok {
		return usage("almanac explain lint/unknown-role", "there is no rule %q", id)
	}
	if output == "json" {
		return writeJSON(w, map[string]string{"id": id, "doc": doc})
	}
	_, err := fmt.Fprintln(w, strings.TrimSpace(doc))
	return err
}

func completeKinds(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var l []string
	for _, k := range schema.Kinds() {
		l = append(l, string(k))
	}
	return l, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// writeJSON writes a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
