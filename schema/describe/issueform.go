package describe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// issueForm is an issue form as GitHub reads it.
type issueForm struct {
	Name        string         `yaml:"name"`
	Description string         `yaml:"description"`
	Title       string         `yaml:"title"`
	Labels      []string       `yaml:"labels"`
	Body        []formQuestion `yaml:"body"`
}

type formQuestion struct {
	Type        string          `yaml:"type"`
	ID          string          `yaml:"id"`
	Attributes  formAttributes  `yaml:"attributes"`
	Validations formValidations `yaml:"validations,omitempty"`
}

type formAttributes struct {
	Label       string   `yaml:"label"`
	Description string   `yaml:"description,omitempty"`
	Placeholder string   `yaml:"placeholder,omitempty"`
	Multiple    bool     `yaml:"multiple,omitempty"`
	Options     []string `yaml:"options,omitempty"`
}

type formValidations struct {
	Required bool `yaml:"required,omitempty"`
}

// IssueForm returns the GitHub issue form of a playbook that issues start, as YAML: a question
// for each field, and for the one that names the client a list of those clients that are
// offered. They are there by name, or by id where the name may mean another one of all
// clients. The form is read back by package reconcile/intake.
//
// A playbook without opens-from is an error, and so is an option that GitHub refuses. The
// label has to exist in the repository: GitHub passes over one that does not.
func IssueForm(p *schema.Playbook, clients []*schema.Client, offered func(*schema.Client) bool) ([]byte, error) {
	if p.OpensFrom == nil {
		return nil, fmt.Errorf("playbook %q has no opens-from, so no issue starts it", p.ID)
	}
	if err := reservedOption(p); err != nil {
		return nil, err
	}
	form := issueForm{
		Name:        oneLine(p.Title),
		Description: "Starts " + oneLine(p.Title) + " for a client",
		Title:       oneLine(p.Title) + ": ",
		Labels:      []string{p.OpensFrom.Label},
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		q := question(f)
		if f.ID == p.OpensFrom.ClientField {
			q.Validations.Required = true
			if names := clientNames(clients, offered); len(names) > 0 {
				q.Type, q.Attributes.Options = "dropdown", names
			}
		}
		form.Body = append(form.Body, q)
	}
	text, err := node.Encode(form)
	if err != nil {
		return nil, err
	}
	head := "# The issue form of the playbook " + p.ID + ", made by `almanac schema issue-form " + p.ID + "`.\n"
	return append([]byte(head), text...), nil
}

// question is one field as a form asks for it.
func question(f *schema.Field) formQuestion {
	q := formQuestion{Type: "input", ID: f.ID, Attributes: formAttributes{Label: oneLine(f.Name()), Description: f.Help}}
	q.Validations.Required = f.Required
	switch f.Type {
	case schema.FieldDate:
		q.Attributes.Placeholder = "2026-05-22"
	case schema.FieldPerson:
		q.Attributes.Description = join(f.Help, "The id of a person in the files.")
	case schema.FieldList:
		q.Type = "textarea"
		q.Attributes.Description = join(f.Help, "One entry a line.")
	case schema.FieldChoice:
		q.Type, q.Attributes.Multiple, q.Attributes.Options = "dropdown", f.Several, f.Options
	}
	return q
}

// noAnswer is what GitHub puts into the body of an issue for a list from which nothing was
// chosen, in whatever capitals; a form that offers it is refused.
const noAnswer = "none"

// reservedOption refuses the options that GitHub does not take.
func reservedOption(p *schema.Playbook) error {
	for i := range p.Fields {
		for _, o := range p.Fields[i].Options {
			if strings.EqualFold(oneLine(o), noAnswer) {
				return fmt.Errorf("field %q of playbook %q offers %q, which GitHub keeps for no answer: call the option something else, such as \"No %s\"", p.Fields[i].ID, p.ID, o, p.Fields[i].ID)
			}
		}
	}
	return nil
}

// clientNames returns how a form calls the clients that are offered, sorted. Whoever reads
// it takes an id for that of a client, and names without regard to capitals.
func clientNames(clients []*schema.Client, offered func(*schema.Client) bool) []string {
	named, id := map[string]int{}, map[string]bool{}
	for _, c := range clients {
		named[strings.ToLower(oneLine(c.Name))]++
		for _, k := range append([]string{c.ID}, c.Previously...) {
			id[k] = true
		}
	}
	var l []string
	for _, c := range clients {
		name := oneLine(c.Name)
		if lower := strings.ToLower(name); named[lower] > 1 || id[name] || lower == noAnswer || name == "" {
			name = c.ID
		}
		if offered(c) {
			l = append(l, name)
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

func join(a, b string) string { return strings.TrimSpace(strings.TrimSpace(a) + "\n" + b) }

// oneLine is a text as a heading can hold it.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
