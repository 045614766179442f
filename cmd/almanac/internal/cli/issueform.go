package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/describe"
	"github.com/almanac-gitops/almanac/schema/diag"
)

func newIssueForm(c *Command, o *options) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "issue-form PLAYBOOK",
		Short: "Print the GitHub issue form with which people start a playbook",
		Long: `Issue-form prints the issue form of a playbook that has opens-from: a question for each of
its fields, and the clients of today to choose from. Kept in .github/ISSUE_TEMPLATE, it makes
issues that start a run. Write it anew when the fields or the clients change, and create its
label in the repository: GitHub leaves out a label that is not there.`,
		Example: `  almanac schema issue-form licence
  almanac schema issue-form licence --out .github/ISSUE_TEMPLATE/licence.yml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := c.open(cmd.Context(), o, reading{})
			if err != nil {
				return err
			}
			c.warnBroken(w)
			text, err := issueForm(w, args[0])
			if err != nil {
				return err
			}
			if out == "" {
				_, err = c.Stdout.Write(text)
				return err
			}
			if !filepath.IsAbs(out) {
				out = filepath.Join(c.Dir, out)
			}
			if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
				return err
			}
			return replaceFile(out, text)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write the form into, with the folders that it needs")
	return cmd
}

// issueForm is the form of a playbook, with the clients that are active today.
func issueForm(w *workspace, id string) ([]byte, error) {
	p, ok := w.catalog.Template(id).(*schema.Playbook)
	if !ok {
		return nil, noPlaybook(w, id)
	}
	if p.OpensFrom == nil {
		return nil, hinted(fmt.Errorf("no issue starts the playbook %s: it has no opens-from", p.ID),
			"add opens-from: {label: "+p.ID+", client-field: client} and a field client to "+p.Source.File)
	}
	return describe.IssueForm(p, w.catalog.Clients, func(c *schema.Client) bool { return !c.InactiveOn(w.today) })
}

// noPlaybook says which playbooks an issue can start.
func noPlaybook(w *workspace, id string) error {
	var names []string
	for _, p := range w.catalog.Playbooks {
		if p.OpensFrom != nil {
			names = append(names, p.ID)
		}
	}
	err := fmt.Errorf("there is no playbook %q", id)
	if t := w.catalog.Template(id); t != nil {
		err = fmt.Errorf("%s is no playbook: only those can be started by issues", id)
	}
	if near, ok := diag.Suggest(id, names); ok {
		return hinted(err, "almanac schema issue-form "+near)
	}
	if len(names) == 0 {
		return hinted(err, "add opens-from to a playbook first: see almanac explain Playbook.opens-from")
	}
	return hinted(err, "choose from "+strings.Join(names, ", "))
}
