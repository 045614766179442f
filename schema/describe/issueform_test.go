package describe

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// playbooks have issue forms, by the name of the golden file.
var playbooks = map[string]*schema.Playbook{
	"licence": {
		TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "licence"}, Title: "Licence"},
		OpensFrom:    &schema.OpensFrom{Label: "licence-request", ClientField: "client"},
		Fields: []schema.Field{
			{ID: "client", Title: "Client", Type: schema.FieldText},
			{ID: "product", Type: schema.FieldText, Required: true, Help: "As it stands: on the invoice"},
		},
	},
	"everything": {
		TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "everything"}, Title: "Every\ntype: of field"},
		OpensFrom:    &schema.OpensFrom{Label: "everything", ClientField: "for"},
		Fields: []schema.Field{
			{ID: "level", Title: "How bad\n is it?", Type: schema.FieldChoice, Options: []string{"yes", "no", "~", "2026-05-01"}},
			{ID: "criteria", Type: schema.FieldChoice, Several: true, Required: true, Options: []string{"frustrated, and says so", "hiring"}},
			{ID: "actions", Type: schema.FieldList, Help: "What is to be done."},
			{ID: "by", Title: "Recommended by", Type: schema.FieldPerson},
			{ID: "since", Type: schema.FieldDate},
			{ID: "for", Type: schema.FieldText},
		},
	},
}

func everybody(*schema.Client) bool { return true }

// TestClientNames: a name that may mean another client, whether or not that one is offered,
// is none.
func TestClientNames(t *testing.T) {
	client := func(id, name string, previously ...string) *schema.Client {
		return &schema.Client{Meta: schema.Meta{ID: id, Previously: previously}, Name: name}
	}
	clients := []*schema.Client{
		client("acme", "Acme Dental"), client("birch", "Birch Legal"), client("birch-north", "birch  LEGAL"), client("gone", "Cobalt"),
		client("cobalt-two", "Cobalt"), client("dune", "ember", "dune-old"), client("ember", "Ember Glass"), client("fir", "dune-old"),
		client("no-one", "None"), client("oak", ""),
	}
	got := clientNames(clients, func(c *schema.Client) bool { return c.ID != "gone" })
	want := []string{"Acme Dental", "Ember Glass", "birch", "birch-north", "cobalt-two", "dune", "fir", "no-one", "oak"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestIssueFormReserved: GitHub refuses a form with the option that it writes for no answer.
func TestIssueFormReserved(t *testing.T) {
	p := *playbooks["licence"]
	p.Fields = []schema.Field{{ID: "site", Type: schema.FieldChoice, Options: []string{"first", "NONE"}}}
	if text, err := IssueForm(&p, nil, everybody); text != nil || err == nil || !strings.Contains(err.Error(), `field "site" of playbook "licence" offers "NONE"`) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestIssueForm holds the forms, and that the names of clients can be told apart.
func TestIssueForm(t *testing.T) {
	clients := []*schema.Client{
		{Meta: schema.Meta{ID: "b"}, Name: "Birch Legal"}, {Meta: schema.Meta{ID: "a"}, Name: "Acme: Dental"},
		{Meta: schema.Meta{ID: "c1"}, Name: "Cobalt"}, {Meta: schema.Meta{ID: "c2"}, Name: "Cobalt "},
	}
	var files []string
	for name, p := range playbooks {
		text, err := IssueForm(p, clients, everybody)
		if err != nil {
			t.Fatal(err)
		}
		if docs, faults := node.Parse(name, text); len(docs) != 1 || len(faults) > 0 {
			t.Errorf("%s: %d documents, %v", name, len(docs), faults)
		}
		file := filepath.Join("testdata", "form", name+".yml")
		golden(t, file, string(text))
		files = append(files, file)
	}
	noOrphans(t, "testdata/form/*", files)
}

// TestIssueFormHeadings holds the questions to what package intake looks for.
func TestIssueFormHeadings(t *testing.T) {
	for _, p := range playbooks {
		for i := range p.Fields {
			if got, want := question(&p.Fields[i]).Attributes.Label, intake.Title(&p.Fields[i]); got != want {
				t.Errorf("the form asks for %q, and %q is looked for", got, want)
			}
		}
	}
}

// TestIssueFormWithout holds what cannot have a form, and one without clients.
func TestIssueFormWithout(t *testing.T) {
	p := *playbooks["licence"]
	text, err := IssueForm(&p, nil, everybody)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "form-without-clients.yml"), string(text))
	p.OpensFrom = nil
	if text, err := IssueForm(&p, nil, everybody); err == nil || text != nil {
		t.Errorf("a playbook that no issue starts has the form %s", text)
	}
}
