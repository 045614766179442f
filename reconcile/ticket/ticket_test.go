package ticket

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

const form = "### Client\n\nAcme Dental\n\n### New site\n\nHarbour Street"

// inputs are a request by Mila for Acme Dental.
func inputs() Inputs {
	cat := &schema.Catalog{Organization: &schema.Organization{Meta: schema.Meta{ID: "northwind"}},
		People:  []*schema.Person{{Meta: schema.Meta{ID: "mila"}, Name: "Mila Novak", GitHub: "mila-n"}},
		Clients: []*schema.Client{{Meta: schema.Meta{ID: "acme", Previously: []string{"acme-old"}}, Name: "Acme Dental"}, {Meta: schema.Meta{ID: "birch"}, Name: "Birch Legal"}, {Meta: schema.Meta{ID: "birch-two"}, Name: "birch  legal"}},
		Playbooks: []*schema.Playbook{{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "licence"}, Title: "Licence"}, Issue: "per-run",
			OpensFrom: &schema.OpensFrom{Label: "licence-request", ClientField: "client"},
			Fields: []schema.Field{{ID: "client", Title: "Client", Type: schema.FieldText, Required: true}, {ID: "site", Title: "New site", Type: schema.FieldText, Required: true},
				{ID: "who", Title: "Asked by", Type: schema.FieldPerson}, {ID: "wanted", Title: "Wanted by", Type: schema.FieldDate}}}}}
	cat.Index()
	return Inputs{Catalog: cat, AsOf: civil.MustParse("2026-05-08"), Identity: "almanac-bot", Permissions: map[string]string{"mila-n": "write"},
		Found: []issue.Issue{{Number: 12, Title: "A site", Body: form, Author: "mila-n", State: issue.Open, Labels: []string{"Licence-Request"}, Created: time.Date(2026, 5, 7, 23, 30, 0, 0, time.UTC)}}}
}

func TestJudge(t *testing.T) {
	replace := func(old, with string) func(*Inputs) {
		return func(in *Inputs) { in.Found[0].Body = strings.Replace(form, old, with, 1) }
	}
	for name, tt := range map[string]struct {
		do   func(in *Inputs)
		want string
	}{
		"it begins":           {func(*Inputs) {}, "starts acme/licence/t12/whole-run by mila on 2026-05-07"},
		"in another zone":     {func(in *Inputs) { in.Zone = time.FixedZone("east", 3600) }, "starts acme/licence/t12/whole-run by mila on 2026-05-08"},
		"client by id":        {replace("Acme Dental", "ACME"), "starts acme/"},
		"client by former id": {replace("Acme Dental", "acme-old"), "starts acme/"},
		"client by name":      {replace("Acme Dental", "acme  dental"), "starts acme/"},
		"unknown client":      {replace("Acme Dental", "Zeta"), `mend: Client is a client: the files have none with the id or the name "Zeta"`},
		"a client misspelt":   {replace("Acme Dental", "Acme Dentel"), `the name "Acme Dentel", did you mean "Acme Dental"?`},
		"a name twice":        {replace("Acme Dental", "Birch Legal"), "several are called"},
		"an id, a name twice": {replace("Acme Dental", "birch"), "starts birch/"},
		"a name that is another's id": {func(in *Inputs) {
			in.Catalog.Clients[1].Name = "Acme"
			in.Found[0].Body = strings.Replace(form, "Acme Dental", "Acme", 1)
		}, "starts birch/"},
		"an id that is another's name": {func(in *Inputs) {
			in.Catalog.Clients[1].Name = "Acme"
			in.Found[0].Body = strings.Replace(form, "Acme Dental", "acme", 1)
		}, "starts acme/"},
		"a client whose file is broken": {func(in *Inputs) {
			in.Catalog.Broken = []schema.Broken{{Source: schema.Source{File: "licence.yaml"}, Kind: schema.KindPlaybook}, {Source: schema.Source{File: "clients/zeta.yaml"}, Kind: schema.KindClient, ID: "zeta"}}
			in.Found[0].Body = strings.Replace(form, "Acme Dental", "Zeta Optics", 1)
		}, `waits: no client that can be read has the id or the name "Zeta Optics", and it may be in clients/zeta.yaml, which has errors`},
		"another's file is broken": {func(in *Inputs) {
			in.Catalog.Broken = []schema.Broken{{Source: schema.Source{File: "clients/zeta.yaml"}, Kind: schema.KindClient, ID: "zeta"}}
		}, "starts acme/"},
		"a playbook with errors": {func(in *Inputs) {
			in.Invalid = map[string]string{"licence": "licence.yaml:4: there is no role"}
		}, "waits: the file of the playbook has errors: licence.yaml:4: there is no role"},
		"two clients":         {replace("### New site", "### Client\n\nBirch Legal\n\n### New site"), "stands in the issue 2 times"},
		"no client":           {replace("Acme Dental", "_No response_"), "Client is missing"},
		"no site":             {replace("Harbour Street", ""), "New site is missing"},
		"a person of nowhere": {replace("Harbour Street", "x\n\n### Asked by\n\nnobody"), `the files have nobody with the id "nobody"`},
		"no date":             {replace("Harbour Street", "x\n\n### Wanted by\n\nsoon"), "Wanted by is a date"},
		"an inactive client": {func(in *Inputs) {
			in.Catalog.Clients[0].Inactive = []schema.Inactive{{From: civil.MustParse("2026-05-01")}}
		}, "mend: Acme Dental is inactive since 2026-05-01, so nothing begins there"},
		"a stranger":    {func(in *Inputs) { in.Found[0].Author = "mallory" }, "mend: no person in the files has the login mallory"},
		"may only read": {func(in *Inputs) { in.Permissions["mila-n"] = "triage" }, "mend: mila-n has the permission triage on the repository, and who asks for a run needs write"},
		"may nothing":   {func(in *Inputs) { in.Permissions = nil }, "permission none"},
		"nobody says": {func(in *Inputs) {
			in.Permissions, in.Unknown = nil, map[string]error{"mila-n": errors.New("list permissions: 502")}
		}, "waits: it could not be found out what mila-n may do: list permissions: 502"},
		"by ourselves":        {func(in *Inputs) { in.Found[0].Author = "Almanac-Bot" }, ""},
		"known to the ledger": {func(in *Inputs) { in.Entries = record.Entries{"acme/x/1/y": {Number: 12}} }, ""},
		"another label":       {func(in *Inputs) { in.Found[0].Labels = []string{"bug"} }, ""},
		"another client":      {func(in *Inputs) { in.Client = func(id string) bool { return id == "birch" } }, ""},
		"too long":            {replace("Harbour Street", strings.Repeat("a", maxText)), "the text is too long"},
		"in our borders":      {func(in *Inputs) { in.Found[0].Body = "<!-- almanac:begin -->\n" + form + "\n<!-- almanac:end -->" }, "Client is missing"},
		"with a marker of ours": {func(in *Inputs) {
			in.Found[0].Body = form + "\n\n<!-- almanac:v1 k=birch/licence/1/whole-run i=northwind -->"
		}, "starts acme/licence/t12/whole-run"},
	} {
		t.Run(name, func(t *testing.T) {
			in := inputs()
			tt.do(&in)
			in.Found = append(in.Found, in.Found...) // two labels may find one issue
			got := ""
			for _, r := range Judge(in) {
				switch {
				case r.Starts():
					got += "starts " + r.Start.Key + " by " + r.Start.By + " on " + r.Start.Due.String()
				case r.Waits != "":
					got += "waits: " + r.Waits
				default:
					got += "mend: " + strings.Join(r.Mend, "; ")
				}
			}
			if !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestAnswer: what somebody wrote is harmless in the answer, and the same reasons have one name.
func TestAnswer(t *testing.T) {
	in := inputs()
	in.Found[0].Body = strings.Replace(form, "Acme Dental", "@everybody <!-- almanac:v1 k=a/b/c/d i=northwind --> [x](https://evil.example)", 1)
	r := Judge(in)[0]
	if text := r.Answer(); strings.Contains(text, "@everybody") || strings.Contains(text, "](https") || !strings.HasSuffix(text, Mark(r.Name())) {
		t.Error(text)
	}
	name := r.Name()
	in.Found[0].Body += "\n\nmore words"
	if again := Judge(in)[0]; again.Name() != name {
		t.Errorf("%s became %s", name, again.Name())
	}
}

// TestJoin: a run that begins is there before the ledger is written, and nothing that was there changes.
func TestJoin(t *testing.T) {
	entries := record.Entries{}
	l, observed := Join(entries, nil, Judge(inputs()))
	if e := l["acme/licence/t12/whole-run"]; e == nil || e.Started == nil || e.Number != 12 || len(observed) != 1 || len(entries) != 0 {
		t.Errorf("%+v %v %v", e, observed, entries)
	}
}

// FuzzJudge: whatever somebody writes, a run begins for the client that is named or not at all.
func FuzzJudge(f *testing.F) {
	f.Add(form)
	f.Add("### Client\n\n```\n### Client\nBirch Legal\n```\n\n### New site\n\nx")
	f.Add("<!-- almanac:begin -->\n### Client\n\nbirch\n<!-- almanac:end -->\n" + form)
	f.Fuzz(func(t *testing.T, body string) {
		in := inputs()
		in.Found[0].Body = body
		for _, r := range Judge(in) {
			if r.Starts() == (len(r.Mend) > 0) {
				t.Errorf("%+v", r)
			}
			if !r.Starts() {
				continue
			}
			named := Form(body, r.Playbook.Fields)["client"].Text
			merged := issue.Merge(body, "our part", issue.Marker{Key: issue.Key{Client: "acme", Template: "licence", Cycle: "t12", Step: "whole-run"}, Installation: "northwind"})
			if again := Form(merged, r.Playbook.Fields)["client"].Text; again != named || !strings.Contains(strings.ToLower(named), record.Client(r.Start.Key)[:4]) {
				t.Errorf("%q is %q once it is ours, and starts %s", named, again, r.Start.Key)
			}
		}
	})
}
