package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Playbook is what is done when something happens to a client, with routines until it is
// over.
type Playbook struct {
	TemplateHead `yaml:",inline"`
	Fields       []Field    `yaml:"fields"`
	RequestedBy  string     `yaml:"requested-by"`
	Marks        *Marks     `yaml:"marks"`
	OpensFrom    *OpensFrom `yaml:"opens-from"`
	Issue        string     `yaml:"issue"`
	Steps        []Step     `yaml:"steps"`
}

// Walk yields every step; the week is nil.
func (p *Playbook) Walk(yield func(*PlanWeek, *Step) bool) {
	for i := range p.Steps {
		if !yield(nil, &p.Steps[i]) {
			return
		}
	}
}

// PerRun reports whether a run has one issue that goes from step to step.
func (p *Playbook) PerRun() bool { return p.Issue == "per-run" }

// Field returns the field with an id, or nil.
func (p *Playbook) Field(id string) *Field {
	for i := range p.Fields {
		if p.Fields[i].ID == id {
			return &p.Fields[i]
		}
	}
	return nil
}

// The types of fields.
const (
	FieldText   = "text"
	FieldDate   = "date"
	FieldPerson = "person"
	FieldList   = "list"
	FieldChoice = "choice"
)

// Field is one thing that a run has to say about itself.
type Field struct {
	ID          string   `yaml:"id"`
	Title       string   `yaml:"title"`
	Help        string   `yaml:"help"`
	Type        string   `yaml:"type"`
	Options     []string `yaml:"options"`
	Several     bool     `yaml:"several"`
	Required    bool     `yaml:"required"`
	RequiredFor string   `yaml:"required-for"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// Name returns how people call the field.
func (f *Field) Name() string { return cmp.Or(f.Title, f.ID) }

// Marks are what a run shows on all issues of its client while it is active.
type Marks struct {
	Label            string `yaml:"label"`
	InstructionsFrom string `yaml:"instructions-from"`
	From             string `yaml:"from"`
	Until            string `yaml:"until"`
	When             When   `yaml:"when"`
}

// OpensFrom says which issues start a run.
type OpensFrom struct {
	Label       string `yaml:"label"`
	ClientField string `yaml:"client-field"`
}

// When are conditions that all have to hold: what is asked, and the values with which the
// condition holds.
type When map[string][]string

// Decide is a question that somebody decides, and on which other steps depend.
type Decide struct {
	ID       string   `yaml:"id"`
	Question string   `yaml:"question"`
	Options  []string `yaml:"options"`
	// Ends maps answers that end the run to how its issue is closed.
	Ends map[string]string `yaml:"ends"`
}

// Value is what a run says in one field: a text, or a list of entries. A list that was
// written as texts has entries with nothing but What.
type Value struct {
	Text    string
	Entries []Entry
}

// UnmarshalYAML reads a text, or a list of texts and entries.
func (v *Value) UnmarshalYAML(unmarshal func(any) error) error {
	*v = Value{}
	if unmarshal(&v.Entries) == nil {
		return nil
	}
	v.Entries = nil
	return unmarshal(&v.Text)
}

// IsZero reports whether the field is empty.
func (v Value) IsZero() bool { return strings.TrimSpace(v.Text) == "" && len(v.Entries) == 0 }

// Texts returns the text, or what the entries say, in the order of the file.
func (v Value) Texts() []string {
	if v.Text != "" {
		return []string{v.Text}
	}
	l := make([]string, len(v.Entries))
	for i := range v.Entries {
		l[i] = v.Entries[i].What
	}
	return l
}

// Entry is one entry of a list: an action with who does it and until when.
type Entry struct {
	What  string     `yaml:"what"`
	Owner string     `yaml:"owner"`
	Due   civil.Date `yaml:"due"`
}

// UnmarshalYAML reads a text or a mapping.
func (e *Entry) UnmarshalYAML(unmarshal func(any) error) error {
	*e = Entry{}
	if unmarshal(&e.What) == nil {
		return nil
	}
	type plain Entry
	return unmarshal((*plain)(e))
}

// Approval is a sign-off by one role, written down in the client's file.
type Approval struct {
	Step string     `yaml:"step"`
	Role string     `yaml:"role"`
	By   string     `yaml:"by"`
	On   civil.Date `yaml:"on"`
	// Of is the hash of what was signed off.
	Of string `yaml:"of"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// AllClients stands in keys where a client does, for an issue that several clients share.
// No client may be called that.
const AllClients = "all-clients"

// RunsOnce reports whether a template runs once from the `start` of an assignment, and does
// not turn every year.
func RunsOnce(t Template) bool {
	_, yearly := t.(*ProcessTemplate)
	return !yearly
}

// CommandPermission returns what somebody needs on the repository to give commands; write
// when left out.
func (o *Organization) CommandPermission() string {
	return cmp.Or(o.Policies.Commands.Permission, "write")
}

// MaxReschedule returns how far a command may move a step; 30 days when left out.
func (o *Organization) MaxReschedule() civil.Span {
	return cmp.Or(o.Policies.Commands.Reschedule, civil.Span{N: 30, Unit: civil.Day, Set: true})
}

// Holds reports whether a value is among those with which a condition holds.
func (w When) Holds(what, value string) bool { return slices.Contains(w[what], value) }

// Lacks returns the fields that a run has to have before a step can be signed off and has
// not, in the order of the playbook. What a run may not be without from the start is another
// matter: that is a fault of the file.
func (p *Playbook) Lacks(a *Assignment, s *Step) []*Field {
	var l []*Field
	for i := range p.Fields {
		if f := &p.Fields[i]; f.For(s) && a.Fields[f.ID].IsZero() {
			l = append(l, f)
		}
	}
	return l
}

// For reports whether a step cannot be signed off without the field.
func (f *Field) For(s *Step) bool {
	return f.RequiredFor != "" && (f.RequiredFor == s.ID || slices.Contains(s.Previously, f.RequiredFor))
}
