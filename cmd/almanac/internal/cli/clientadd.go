package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/edit"
)

type clientAdd struct {
	name, alignment, start string
	team, external         map[string]string
	templates, fields      []string
	dryRun                 bool
}

func newClientAdd(c *Command, o *options) *cobra.Command {
	a := &clientAdd{}
	cmd := &cobra.Command{
		Use:   "add CLIENT --name NAME",
		Short: "Write the file of a new client",
		Long: `Add writes clients/CLIENT.yaml. Nothing of a process that fell due before today is opened;
a plan or playbook starts on --start.`,
		Example: `  almanac client add harbor-vet --name "Harbor Veterinary" --alignment-date 2027-01-01 \
      --team vcio=dana,account-manager=marcus,engineer=priya --template vcio`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := c.open(cmd.Context(), o, reading{})
			if err != nil {
				return err
			}
			text, err := a.text(w, args[0])
			if err != nil {
				return err
			}
			file := "clients/" + args[0] + ".yaml"
			if _, err := os.Lstat(w.path(file)); err == nil {
				return hinted(fmt.Errorf("%s is there already; nothing was written", file), "choose another id, or edit the file")
			}
			return c.writeChecked(cmd.Context(), o, w, file, nil, text, a.dryRun)
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.name, "name", "", "name as people write it")
	f.StringVar(&a.alignment, "alignment-date", "tbd", "first turn of the yearly cycle, or tbd")
	f.StringVar(&a.start, "start", "", "first day of the plans and playbooks")
	f.StringToStringVar(&a.team, "team", nil, "who holds which role: role=person,role=person")
	f.StringToStringVar(&a.external, "external-id", nil, "ids in other systems: system=id")
	f.StringSliceVar(&a.templates, "template", nil, "process, plan or playbook that the client is in")
	f.StringArrayVar(&a.fields, "field", nil, "what a run of a playbook says about itself, once for each: field=value")
	addDryRun(cmd, &a.dryRun)
	return cmd
}

// text is the file of the new client.
func (a *clientAdd) text(w *workspace, id string) ([]byte, error) {
	switch other := w.catalog.Client(id); {
	case !idForm.MatchString(id) || len(id) > 40:
		return nil, usage(`almanac client add harbor-vet --name "Harbor Veterinary"`, "%q is not an id: expected lower-case letters, digits and single hyphens, at most 40", id)
	case strings.TrimSpace(a.name) == "":
		return nil, usage("almanac client add "+id+` --name "Harbor Veterinary"`, "say what the client is called, with --name")
	case other != nil:
		return nil, hinted(fmt.Errorf("there is a client %s already, in %s", id, other.Source.File), "choose another id")
	}
	var b strings.Builder
	if info, err := os.Stat(w.path(schemaFolder)); err == nil && info.IsDir() {
		b.WriteString(modeline + "../" + schemaFolder + "/" + schemaFile(schema.KindClient) + "\n")
	}
	fmt.Fprintf(&b, "kind: Client\nid: %s\nname: %s\nalignment-date: %s\n", id, edit.Quoted(a.name), edit.Quoted(a.alignment))
	writePairs(&b, "team", a.team)
	writePairs(&b, "external-ids", a.external)
	if err := a.knownFields(w); err != nil {
		return nil, err
	}
	for i, t := range a.templates {
		if i == 0 {
			b.WriteString("processes:\n")
		}
		fmt.Fprintf(&b, "  - template: %s\n", edit.Quoted(t))
		if err := a.begin(w, &b, t); err != nil {
			return nil, err
		}
	}
	return []byte(b.String()), nil
}

// begin writes from when a process or plan counts.
func (a *clientAdd) begin(w *workspace, b *strings.Builder, template string) error {
	if t := w.catalog.Template(template); t == nil || !schema.RunsOnce(t) {
		fmt.Fprintf(b, "    since: %s\n", w.today)
		return nil
	}
	start, err := dayFlag("start", a.start, 0)
	if err != nil {
		return err
	}
	if start == 0 {
		return usage("--start "+w.today.String(), "%s runs from a day on: say when it starts, with --start", template)
	}
	fmt.Fprintf(b, "    start: %s\n", start)
	if p, ok := w.catalog.Template(template).(*schema.Playbook); ok {
		a.writeFields(b, p)
	}
	return nil
}

// knownFields refuses fields that none of the templates has.
func (a *clientAdd) knownFields(w *workspace) error {
	for _, pair := range a.fields {
		id, value, ok := strings.Cut(pair, "=")
		if !ok || value == "" {
			return usage("--field reason=complaints", "--field %s: expected a field and its value, such as reason=complaints", pair)
		}
		if !slices.ContainsFunc(a.templates, func(t string) bool {
			p, ok := w.catalog.Template(t).(*schema.Playbook)
			return ok && p.Field(id) != nil
		}) {
			return usage("almanac list templates", "no playbook among the templates has a field %s", id)
		}
	}
	return nil
}

// writeFields writes what was said of the fields of a playbook, in its order.
func (a *clientAdd) writeFields(b *strings.Builder, p *schema.Playbook) {
	head := "    fields:\n"
	for _, f := range p.Fields {
		var values []string
		for _, pair := range a.fields {
			if value, ok := strings.CutPrefix(pair, f.ID+"="); ok {
				values = append(values, edit.Quoted(value))
			}
		}
		if len(values) == 0 {
			continue
		}
		b.WriteString(head)
		head = ""
		if len(values) == 1 && f.Type != schema.FieldList && !f.Several {
			fmt.Fprintf(b, "      %s: %s\n", f.ID, values[0])
			continue
		}
		fmt.Fprintf(b, "      %s:\n", f.ID)
		for _, v := range values {
			fmt.Fprintf(b, "        - %s\n", v)
		}
	}
}

func writePairs(b *strings.Builder, key string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	b.WriteString(key + ":\n")
	for _, k := range sortedKeys(m) {
		fmt.Fprintf(b, "  %s: %s\n", edit.Quoted(k), edit.Quoted(m[k]))
	}
}
