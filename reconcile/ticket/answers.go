package ticket

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// maxText is how long what people wrote may be, so that our own part has room beside it.
const maxText = issue.MaxBody - 20_000

// answers reads what an issue says, and returns the client that it names and what has to be
// mended, by field. The client is nil where none is named; waits says why nobody can tell
// which one is meant.
func (in *Inputs) answers(is *issue.Issue, p *schema.Playbook) (client *schema.Client, faults []string, waits string) {
	text := issue.Written(is.Body)
	if len(text) > maxText {
		return nil, []string{"the text is too long: keep it under " + strconv.Itoa(maxText) + " characters"}, ""
	}
	values, problems := intake.Parse(text, p.Fields)
	if f := p.Field(p.OpensFrom.ClientField); f != nil && !slices.ContainsFunc(problems, func(q intake.Problem) bool { return q.Field == f.ID }) {
		var why string
		if client, why, waits = in.client(f, values[f.ID]); why != "" {
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
	if client == nil && len(faults) == 0 && waits == "" { // no field of the playbook names one
		faults = []string{"the playbook " + p.ID + " has no field " + p.OpensFrom.ClientField + " that names the client: mend its file"}
	}
	return client, faults, waits
}

// client returns the client that a field names, or why there is none. Where a file that may
// be that of a client cannot be used, whoever asks has made no mistake as far as is known,
// and waits.
func (in *Inputs) client(f *schema.Field, v schema.Value) (c *schema.Client, why, waits string) {
	name := strings.Join(strings.Fields(v.Text), " ")
	if name == "" {
		return nil, intake.Title(f) + " is missing: write the id or the name of the client below the heading " + strconv.Quote("### "+intake.Title(f)), ""
	}
	found := in.called(name)
	switch file := in.unusable(); {
	case len(found) == 0 && file != "":
		return nil, "", "no client that can be read has the id or the name " + short(name) + ", and it may be in " + file + ", which has errors"
	case len(found) == 0:
		return nil, intake.Title(f) + " is a client: the files have none with the id or the name " + short(name) + in.like(name), ""
	case len(found) > 1:
		return nil, intake.Title(f) + " is a client: several are called " + short(name) + ", so write the id of the one that is meant", ""
	}
	c = found[0]
	if i := c.Pause(in.AsOf); i >= 0 {
		return c, cmp.Or(c.Name, c.ID) + " is inactive since " + c.Inactive[i].From.String() + ", so nothing begins there", ""
	}
	return c, "", ""
}

// called returns the clients that a name means: the one with that very id, else those of
// that name, else the one whose id it is in small letters. The name comes before the last,
// because a form offers names, and one may be another client's id but for its capitals.
func (in *Inputs) called(name string) (found []*schema.Client) {
	if c := in.Catalog.Client(name); c != nil {
		return []*schema.Client{c}
	}
	for _, c := range in.Catalog.Clients {
		if in.Catalog.Client(c.ID) == c && strings.EqualFold(strings.Join(strings.Fields(c.Name), " "), name) {
			found = append(found, c)
		}
	}
	if c := in.Catalog.Client(strings.ToLower(name)); len(found) == 0 && c != nil {
		found = append(found, c)
	}
	return found
}

// like names the client whose id or name is nearest to what was written, if any is.
func (in *Inputs) like(name string) string {
	var known []string
	for _, c := range in.Catalog.Clients {
		known = append(known, c.ID, c.Name)
	}
	if s, ok := diag.Suggest(name, known); ok {
		return ", did you mean " + strconv.Quote(s) + "?"
	}
	return ""
}

// unusable returns the first file that may be that of a client and cannot be used, "" where
// there is none.
func (in *Inputs) unusable() string {
	for _, b := range in.Catalog.Broken {
		if b.Kind == schema.KindClient || !slices.Contains(schema.Kinds(), b.Kind) {
			return b.Source.File
		}
	}
	return ""
}

// short cuts what is repeated to people.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return strconv.Quote(s)
}
