package ticket

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
)

// maxText is how long what people wrote may be, so that our own part has room beside it.
const maxText = issue.MaxBody - 20_000

// answers reads what an issue says, and returns the client that it names and what has to be
// mended, by field. The client is nil where none is named.
func (in *Inputs) answers(is *issue.Issue, p *schema.Playbook) (client *schema.Client, faults []string) {
	text := issue.Written(is.Body)
	if len(text) > maxText {
		return nil, []string{"the text is too long: keep it under " + strconv.Itoa(maxText) + " characters"}
	}
	values, problems := intake.Parse(text, p.Fields)
	if f := p.Field(p.OpensFrom.ClientField); f != nil && !slices.ContainsFunc(problems, func(q intake.Problem) bool { return q.Field == f.ID }) {
		var why string
		if client, why = in.client(f, values[f.ID]); why != "" {
			faults = append(faults, why)
		}
	}
	for _, q := range problems {
		faults = append(faults, q.Message)
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		if v := values[f.ID]; f.Type == schema.FieldPerson && !v.IsZero() && in.Catalog.Person(v.Text) == nil {
			faults = append(faults, intake.Title(f)+" is a person: the files have nobody with the id "+short(v.Text))
		}
	}
	if client == nil && len(faults) == 0 { // no field of the playbook names one
		faults = []string{"the playbook " + p.ID + " has no field " + p.OpensFrom.ClientField + " that names the client: mend its file"}
	}
	return client, faults
}

// client returns the client that a field names by id or by name, or why there is none.
func (in *Inputs) client(f *schema.Field, v schema.Value) (*schema.Client, string) {
	name := strings.Join(strings.Fields(v.Text), " ")
	if name == "" {
		return nil, intake.Title(f) + " is missing: write the id or the name of the client below the heading `### " + intake.Title(f) + "`"
	}
	var found []*schema.Client
	if c := in.Catalog.Client(strings.ToLower(name)); c != nil {
		found = append(found, c)
	} else {
		for _, c := range in.Catalog.Clients {
			if in.Catalog.Client(c.ID) == c && strings.EqualFold(strings.Join(strings.Fields(c.Name), " "), name) {
				found = append(found, c)
			}
		}
	}
	switch {
	case len(found) == 0:
		return nil, intake.Title(f) + " is a client: the files have none with the id or the name " + short(name)
	case len(found) > 1:
		return nil, intake.Title(f) + " is a client: several are called " + short(name) + ", so write the id of the one that is meant"
	}
	c := found[0]
	for i := range c.Inactive {
		if t := &c.Inactive[i]; in.AsOf >= t.From && (t.To == 0 || in.AsOf <= t.To) {
			return c, cmp.Or(c.Name, c.ID) + " is inactive since " + t.From.String() + ", so nothing begins there"
		}
	}
	return c, ""
}

// short cuts what is repeated to people.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return strconv.Quote(s)
}
