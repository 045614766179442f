package progress

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
)

// signed is what somebody signs off, in the form in which it is hashed. Its fields keep their
// order, and maps are written by key.
type signed struct {
	Template     string             `json:"template"`
	Title        string             `json:"title"`
	Checklist    []string           `json:"checklist"`
	Instructions string             `json:"instructions"`
	Question     string             `json:"question"`
	Options      []string           `json:"options"`
	Decision     string             `json:"decision"`
	Start        string             `json:"start"`
	Fields       map[string][]entry `json:"fields"`
}

// entry is one entry of a field; a text is one entry that has a text.
type entry struct {
	Text  string `json:"text,omitempty"`
	What  string `json:"what,omitempty"`
	Owner string `json:"owner,omitempty"`
	Due   string `json:"due,omitempty"`
}

// Hash returns 12 hexadecimal digits that stand for everything that is signed off: the titles
// of template and step, checklist, instructions, the question with its options and the one
// that was chosen, the start of the run and its fields, but for those that are required for
// steps that do not come before it: what is filled in only later voids nothing. Ids are not in
// it, apart from those in fields, so that renaming something voids nothing; which step and
// which run a sign-off is for is told by where it stands. The step is the one that the client
// has.
func Hash(t schema.Template, a *schema.Assignment, s *schema.Step, decision string) string {
	d := signed{Template: t.Describe().Title, Title: s.Title, Checklist: append([]string{}, s.Checklist...), Instructions: s.Instructions,
		Decision: decision, Fields: map[string][]entry{}}
	if a.Start != 0 {
		d.Start = a.Start.String()
	}
	if s.Decide != nil {
		d.Question, d.Options = s.Decide.Question, s.Decide.Options
	}
	for id, v := range a.Fields {
		if v.IsZero() || elsewhere(t, id, s) {
			continue
		}
		var l []entry
		if v.Text != "" {
			l = append(l, entry{Text: v.Text})
		}
		for _, e := range v.Entries {
			one := entry{What: e.What, Owner: e.Owner}
			if e.Due != 0 {
				one.Due = e.Due.String()
			}
			l = append(l, one)
		}
		d.Fields[id] = l
	}
	text, err := json.Marshal(d)
	if err != nil {
		return "" // strings and lists of them always have a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// elsewhere reports whether a field is required for another step than the one signed off, and
// for none that comes before it.
func elsewhere(t schema.Template, id string, s *schema.Step) bool {
	b, ok := t.(*schema.Playbook)
	if !ok {
		return false
	}
	f := b.Field(id)
	if f == nil || f.RequiredFor == "" || f.For(s) {
		return false
	}
	return !slices.ContainsFunc(before(b, s), f.For)
}

// before returns the steps of a playbook that come before one, by their `after`, nearest first.
func before(b *schema.Playbook, s *schema.Step) (l []*schema.Step) {
	for next := []*schema.Step{s}; len(next) > 0; next = next[1:] {
		for _, id := range next[0].After {
			i := slices.IndexFunc(b.Steps, func(p schema.Step) bool { return p.ID == id || slices.Contains(p.Previously, id) })
			if i >= 0 && !slices.Contains(l, &b.Steps[i]) {
				l, next = append(l, &b.Steps[i]), append(next, &b.Steps[i])
			}
		}
	}
	return l
}
