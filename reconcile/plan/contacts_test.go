package plan

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// form is a step that Acme's accounting has to do, and is written to of.
const form = `  - id: form
    number: "1.4"
    title: Budget form
    due: 2 months before
    at: "14:30"
    owner: vcio
    with: [engineer]
    party: client
    checklist: [Chase them]
    instructions: They pay late.
    notify:
      - {to: ["client:accounting", vcio], before: 3 days, via: [ops, mail], message: "Please fill in the form.\n\nThank you."}
    remind: {after: 1 day}
    escalate: {after: 2 days, to: [engineer]}
`

// formed is the example with that step, where mail to clients is allowed. Every pair changes
// one file of it.
func formed(replace ...string) map[string]string {
	files := maps.Clone(northwind)
	files["almanac.yaml"] = strings.Replace(files["almanac.yaml"], "channels:", "defaults: {via: [mail]}\npolicies: {client-email: allowed}\nchannels:", 1)
	files["acme.yaml"] = strings.Replace(files["acme.yaml"], "processes:", "contacts:\n  - {id: accounting, name: Alex Moreno, title: Office manager, email: alex@acme.example}\nprocesses:", 1)
	files["birch.yaml"] = strings.NewReplacer("id: acme", "id: birch", "Acme Dental", "Birch Legal", "id: accounting", "id: boss", "alex@acme", "kim@birch", "Alex Moreno", "Kim Lee").Replace(files["acme.yaml"])
	files["vcio.yaml"] += form
	for i := 0; i < len(replace); i += 3 {
		if !strings.Contains(files[replace[i]], replace[i+1]) {
			panic(fmt.Sprintf("%s does not hold %q", replace[i], replace[i+1]))
		}
		files[replace[i]] = strings.Replace(files[replace[i]], replace[i+1], replace[i+2], 1)
	}
	return files
}

// leaving returns the notices of a plan that leave the organization.
func leaving(p *Plan) []*Notice {
	var l []*Notice
	for _, c := range p.Changes {
		if c.Notice != nil && (c.Notice.Outside || strings.Contains(strings.Join(c.Notice.To, " "), "client:")) {
			l = append(l, c.Notice)
		}
	}
	return l
}

// TestClientMessage holds what a contact gets, word for word, and that it comes once and
// apart from everything else.
func TestClientMessage(t *testing.T) {
	w := newWorld("2026-03-29")
	w.read(t, formed())
	p := w.plan(t)
	l := leaving(p)
	if len(l) != 1 {
		t.Fatalf("%d messages to clients:\n%s", len(l), brief(p))
	}
	want := Notice{ID: "acme/vcio/2026/form/heads-up/1/2026-03-29/mail/client:accounting", Name: "heads-up/1/2026-03-29/mail/client:accounting", Channel: "mail",
		To: []string{"client:acme/accounting"}, Outside: true, Kind: due.HeadsUp, Title: "Northwind IT: Budget form (Wednesday 2026-04-01, 14:30)",
		Text: "Hello Alex Moreno,\n\nPlease fill in the form.\n\nThank you.\n\nBudget form (Wednesday 2026-04-01, 14:30)\n\nNorthwind IT"}
	if d := cmp.Diff(want, *l[0]); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got := sends(p); !strings.Contains(got, "ops dana heads-up") || !strings.Contains(got, "mail dana heads-up") {
		t.Errorf("the staff is not told:\n%s", got)
	}
	w.reconcile(t, 1)
	for range 20 { // later days have reminders and escalations, all of them for the staff
		for _, n := range leaving(w.plan(t)) {
			t.Errorf("on %s: %+v", w.AsOf, n)
		}
		w.apply(w.plan(t))
		w.AsOf++
	}
	if n := w.sent[want.ID]; n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// TestClientMessageRefused tries to get a message to somebody at a client whom it is not
// meant for, with everything that the files can say.
func TestClientMessageRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change []string
		says   string
	}{
		"no policy":           {[]string{"almanac.yaml", "policies: {client-email: allowed}\n", ""}, "client:acme/accounting acme/vcio/2026/form: is a contact of the client, and the policy client-email is not allowed"},
		"never":               {[]string{"almanac.yaml", "client-email: allowed", "client-email: never"}, "the policy client-email is not allowed"},
		"no party":            {[]string{"vcio.yaml", "    party: client\n", ""}, "the step is not one with party: client"},
		"staff":               {[]string{"vcio.yaml", "party: client", "party: msp"}, "the step is not one with party: client"},
		"former provider":     {[]string{"vcio.yaml", "party: client", "party: incumbent"}, "the step is not one with party: client"},
		"somebody else":       {[]string{"vcio.yaml", "party: client", "party: other"}, "the step is not one with party: client"},
		"internal":            {[]string{"vcio.yaml", "party: client", "party: client\n    internal: true"}, "the step is internal"},
		"contact elsewhere":   {[]string{"vcio.yaml", "client:accounting", "client:boss", "birch.yaml", "2026-06-01", "tbd"}, "client:acme/boss acme/vcio/2026/form: is not among the contacts"},
		"no message":          {[]string{"vcio.yaml", `, message: "Please fill in the form.\n\nThank you."`, ""}, "the notice has no message for it"},
		"blank message":       {[]string{"vcio.yaml", `"Please fill in the form.\n\nThank you."`, `"  \n "`}, "the notice has no message for it"},
		"chat":                {[]string{"vcio.yaml", "via: [ops, mail]", "via: [ops]"}, "written to by e-mail only"},
		"override elsewhere":  {[]string{"acme.yaml", "since: 2026-01-01", "since: 2026-01-01\n    overrides: {audit: {notify: [{to: [\"client:accounting\"], before: 3 days, message: Hello.}]}, form: {remove: true}}"}, "acme/vcio/2026/audit: is a contact of the client, and the step is not one with party: client"},
		"extra step":          {[]string{"acme.yaml", "since: 2026-01-01", "since: 2026-01-01\n    overrides: {form: {remove: true}}\n    extra-steps: [{id: more, title: More, due: 2 months before, owner: vcio, notify: [{to: [\"client:accounting\"], before: 3 days, message: Hello.}]}]"}, "acme/vcio/2026/more: is a contact of the client, and the step is not one with party: client"},
		"defaults":            {[]string{"almanac.yaml", "{via: [mail]}", "{via: [mail], notify: [{to: [\"client:accounting\"], before: 3 days, message: Hello.}]}", "vcio.yaml", "    notify:\n      - {to: [\"client:accounting\", vcio], before: 3 days, via: [ops, mail], message: \"Please fill in the form.\\n\\nThank you.\"}\n", ""}, ""},
		"named as a person":   {[]string{"vcio.yaml", "client:accounting", "@accounting"}, ""},
		"named as a role":     {[]string{"vcio.yaml", "client:accounting", "accounting"}, ""},
		"person at a client":  {[]string{"people.yaml", "dana@northwind.example", "alex@acme.example"}, "dana acme/vcio/2026/form: has an e-mail address outside email-domains"},
		"person, look-alike":  {[]string{"people.yaml", "dana@northwind.example", "dana@nоrthwind.example"}, "dana acme/vcio/2026/form: has an e-mail address outside email-domains"},
		"person, subdomain":   {[]string{"people.yaml", "dana@northwind.example", "dana@x.northwind.example"}, "has an e-mail address outside email-domains"},
		"person, two domains": {[]string{"people.yaml", "dana@northwind.example", "dana@northwind.example@acme.example"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld("2026-03-29")
			w.read(t, formed(tt.change...))
			p := w.plan(t)
			toStaff := strings.HasPrefix(name, "person")
			for _, n := range leaving(p) {
				if !toStaff {
					t.Errorf("it leaves: %+v", n)
				}
			}
			for _, c := range p.Changes {
				if toStaff && c.Notice != nil && strings.Contains(strings.Join(c.Notice.To, ","), "dana") {
					t.Errorf("dana is written to: %+v", c.Notice)
				}
			}
			if !strings.Contains(brief(p), tt.says) {
				t.Errorf("no %q in\n%s", tt.says, brief(p))
			}
		})
	}
}

// TestContactAddress tries addresses that mean something else than they seem to, in a catalog
// that no schema has looked at.
func TestContactAddress(t *testing.T) {
	for address, ok := range map[string]bool{
		"alex@acme.example": true, "alex.moreno+it@mail.acme.example": true,
		"": false, "alex": false, "alex@acme": false, "alex@acme.example, eve@evil.example": false, "Alex <alex@acme.example>": false,
		"alex@acme.example\r\nBcc: eve@evil.example": false, "alex@acme.example\n": false, "alex@acmе.example": false, "alex@ACME.example": false,
		`"a b"@acme.example`: false, "alex@evil.example@acme.example": false, "alex%evil.example@acme.example": false, "alex@[10.0.0.1]": false,
		"@evil.example:alex@acme.example": false, "alex(x)@acme.example": false, "alex@acme..example": false, "alex@-acme.example": false, "a\x00@acme.example": false,
	} {
		w := newWorld("2026-03-29")
		w.read(t, formed())
		w.Catalog.Client("acme").Contacts[0].Email = address
		if got := len(leaving(w.plan(t))) == 1; got != ok {
			t.Errorf("%q: written to: %v", address, got)
		}
	}
}

// TestClientMessageLate holds that a contact gets nothing that is older than two days, and
// not more than a few messages a day; the rest waits.
func TestClientMessageLate(t *testing.T) {
	w := newWorld("2026-04-01")
	w.read(t, formed())
	if p := w.plan(t); len(leaving(p)) > 0 || p.Summary.Stale == 0 {
		t.Errorf("three days later it still leaves:\n%s", brief(p))
	}
	var steps strings.Builder
	for i := range 4 {
		steps.WriteString(strings.Replace(form, "id: form", fmt.Sprint("id: form", i), 1))
	}
	files := formed("almanac.yaml", "policies: {", "policies: {notify: {alone-per-day: 3}, ")
	files["vcio.yaml"] += steps.String()
	w = newWorld("2026-03-29")
	w.read(t, files)
	p := w.plan(t)
	if n := len(leaving(p)); n != 3 || !strings.Contains(brief(p), "waits for tomorrow") {
		t.Errorf("%d messages on one day:\n%s", n, brief(p))
	}
	w.apply(p)
	for i := range w.events {
		w.events[i].At = w.AsOf.Time().Add(8 * time.Hour)
	}
	if n := len(leaving(w.plan(t))); n != 0 {
		t.Errorf("another run on the same day sends %d more", n)
	}
	w.AsOf++
	if n := len(leaving(w.plan(t))); n != 2 {
		t.Errorf("the next day sends %d", n)
	}
}

// TestDoneBy holds what the issue says of who has to act.
func TestDoneBy(t *testing.T) {
	for party, want := range map[string]string{"client": "| Done by | the client: Alex Moreno (Office manager) |", "incumbent": "| Done by | the provider that the client has had until now |", "other": "| Done by | somebody outside |", "msp": ""} {
		w := newWorld("2026-03-29")
		w.read(t, formed("vcio.yaml", "party: client", "party: "+party))
		w.plan(t)
		o, ok := w.Engine.Lookup("acme/vcio/2026/form")
		if !ok {
			t.Fatal("no such step")
		}
		region := Look(w.Inputs).Desired(&o).Region
		if want == "" && strings.Contains(region, "Done by") || !strings.Contains(region, want) || strings.Contains(region, "alex@") {
			t.Errorf("%s: %s", party, region)
		}
	}
}

// TestNobodyOutside draws organizations, clients and steps at random, also such as no file
// could say, and holds that what leaves was meant to, in all that makes it so.
func TestNobodyOutside(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		some := func(label string, l ...string) string { return rapid.SampledFrom(l).Draw(t, label) }
		recipients := rapid.SliceOfN(rapid.SampledFrom([]string{"vcio", "client:accounting", "client:boss", "client:", "Client:accounting", "client:birch/boss", "@dana", "client:dana"}), 0, 3)
		org := &schema.Organization{Meta: schema.Meta{ID: "northwind"}, Name: "Northwind IT", Timezone: "UTC", EmailDomains: []string{"northwind.example"},
			Roles:    []schema.Role{{ID: "vcio", Title: "vCIO"}},
			Channels: []schema.Channel{{ID: "mail", Type: "email"}, {ID: "ops", Type: "slack"}}}
		org.Policies.ClientEmail = some("policy", "", "never", "allowed", "Allowed", "allowed ", "yes")
		org.Defaults.Via = []string{some("via", "mail", "ops", "gone")}
		org.Defaults.Notify = []schema.Notice{{To: recipients.Draw(t, "defaults"), Message: "Hello."}}
		step := schema.Step{ID: "form", Title: "Form", Due: civil.Offset{}, Owner: some("owner", "vcio", "client:accounting"), With: recipients.Draw(t, "with"),
			Party: some("party", "", "msp", "client", "incumbent", "Client"), Internal: rapid.Bool().Draw(t, "internal"),
			Remind:   &schema.Remind{After: civil.Span{N: 1, Unit: civil.Day, Set: true}},
			Escalate: &schema.Escalate{After: civil.Span{N: 1, Unit: civil.Day, Set: true}, To: recipients.Draw(t, "escalate")}}
		if rapid.Bool().Draw(t, "own notice") {
			step.Notify = []schema.Notice{{To: recipients.Draw(t, "to"), Message: some("message", "", " ", "Hello.")}}
		}
		cat := &schema.Catalog{Organization: org,
			People:    []*schema.Person{{Meta: schema.Meta{ID: "dana"}, Name: "Dana", Email: some("dana", "dana@northwind.example", "alex@acme.example")}},
			Processes: []*schema.ProcessTemplate{{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "vcio"}, Title: "vCIO"}, Steps: []schema.Step{step}}}}
		for _, id := range []string{"acme", "birch"} {
			c := &schema.Client{Meta: schema.Meta{ID: id}, Name: id, AlignmentDate: schema.DateOr{Date: civil.MustParse("2026-06-01")}, Team: map[string]string{"vcio": "dana"}, Processes: []schema.Assignment{{Template: "vcio"}}}
			c.Contacts = []schema.Contact{{ID: map[string]string{"acme": "accounting", "birch": "boss"}[id], Name: "Alex", Email: some("address", "alex@acme.example", "alex@acme.example, eve@evil.example")}}
			cat.Clients = append(cat.Clients, c)
		}
		cat.Index()
		w := newWorld("2026-06-01")
		w.Catalog = cat
		for range 4 {
			p := w.plan(t)
			for _, c := range p.Changes {
				if n := c.Notice; n != nil {
					meantToLeave(t, w, &step, &c, n)
				}
			}
			w.apply(p)
			w.AsOf++
		}
	})
}

func meantToLeave(t *rapid.T, w *world, step *schema.Step, c *Change, n *Notice) {
	for _, to := range n.To {
		if !strings.HasPrefix(strings.ToLower(to), "client:") {
			if n.Outside || w.Catalog.Person(to) == nil || !strings.HasSuffix(w.Catalog.Person(to).Email, "@northwind.example") {
				t.Fatalf("%s is written to: %+v", to, n)
			}
			continue
		}
		client, id, _ := strings.Cut(strings.TrimPrefix(to, "client:"), "/")
		k := w.Catalog.Client(client)
		if !n.Outside || len(n.To) != 1 || n.URL != "" || n.Together != "" || n.Kind != due.HeadsUp || n.Channel != "mail" ||
			w.Catalog.Organization.Policies.ClientEmail != "allowed" || step.Party != "client" || step.Internal || len(step.Notify) == 0 ||
			client != c.Client || k == nil || k.Contact(id) == nil || k.Contact(id).Email != "alex@acme.example" || !strings.Contains(n.Text, "Hello.") {
			t.Fatalf("%s is written to: %+v\n%+v", to, n, step)
		}
	}
}
