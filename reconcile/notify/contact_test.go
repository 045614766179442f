package notify

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
)

// meant is a catalog in which Acme's accounting may be written to of the step form, and
// nobody else outside of anything.
func meant() *schema.Catalog {
	c := catalog()
	c.Organization.Policies.ClientEmail = "allowed"
	told := func(to ...string) []schema.Notice { return []schema.Notice{{To: to, Message: "Hello."}} }
	c.Processes = []*schema.ProcessTemplate{{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "vcio", Previously: []string{"old"}}}, Steps: []schema.Step{
		{ID: "form", Previously: []string{"sheet"}, Party: "client", Notify: told("vcio", "client:accounting")},
		{ID: "audit", Notify: told("client:accounting")},
		{ID: "secret", Party: "client", Internal: true, Notify: told("client:accounting")},
		{ID: "quiet", Party: "client", Notify: told("vcio")},
	}}}
	book := func(id string, opens *schema.OpensFrom) *schema.Playbook {
		return &schema.Playbook{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: id}}, OpensFrom: opens,
			Steps: []schema.Step{{ID: "form", Party: "client", Notify: told("client:accounting")}}}
	}
	c.Playbooks = []*schema.Playbook{book("licence", &schema.OpensFrom{Label: "licence"}), book("care", nil)}
	c.Clients = []*schema.Client{
		{Meta: schema.Meta{ID: "acme", Previously: []string{"acme-dentists"}}, Contacts: []schema.Contact{{ID: "accounting", Name: "Alex Moreno", Email: "alex@acme.example"}, {ID: "boss", Name: "Kim", Email: "kim@acme.example"}},
			Processes: []schema.Assignment{{Template: "vcio", ExtraSteps: []schema.Step{{ID: "more", Party: "client", Notify: told("client:accounting")}, {ID: "less", Notify: told("client:accounting")}}},
				{Template: "care", Run: "2", Overrides: map[string]*schema.Override{"form": {Notify: told("vcio")}}}, {Template: "care", Run: "3"},
				{Template: "care", Run: "4", Overrides: map[string]*schema.Override{"form": {Remove: true}}}}},
		{Meta: schema.Meta{ID: "birch"}, Contacts: []schema.Contact{{ID: "accounting", Name: "Robin", Email: "robin@birch.example"}},
			Processes: []schema.Assignment{{Template: "vcio", Overrides: map[string]*schema.Override{"sheet": {Notify: told("vcio")}}}}},
		{Meta: schema.Meta{ID: "cobalt"}, Contacts: []schema.Contact{{ID: "accounting", Name: "Sam", Email: "sam@cobalt.example"}}},
	}
	c.Index()
	return c
}

func outward(key string, to ...string) reconcile.Message {
	i := reconcile.Item{ID: key + "/heads-up", Key: key, Kind: due.HeadsUp, To: to, Title: "Northwind IT: Form", Text: "Hello Alex"}
	return reconcile.Message{ID: i.ID, Channel: "mail", To: to, Title: i.Title, Text: i.Text, Items: []reconcile.Item{i}}
}

// TestOutside is the third place, which believes neither the files as somebody read them
// before nor the plan: what a router gets is tried against the files that it has. A message
// that may go out is known by the connection that is made for it.
func TestOutside(t *testing.T) {
	const key, to = "acme/vcio/2026/form", "client:acme/accounting"
	edit := func(f func(*reconcile.Message)) reconcile.Message { m := outward(key, to); f(&m); return m }
	policy := func(p string) func(*schema.Catalog) {
		return func(c *schema.Catalog) { c.Organization.Policies.ClientEmail = p }
	}
	address := func(a string) func(*schema.Catalog) {
		return func(c *schema.Catalog) { c.Clients[0].Contacts[0].Email = a }
	}
	for name, tt := range map[string]struct {
		message reconcile.Message
		catalog func(*schema.Catalog)
		says    string // nothing: it may go out
	}{
		"meant":                         {message: outward(key, to)},
		"under former ids":              {message: outward("acme-dentists/old/2026/form", to)},
		"extra step":                    {message: outward("acme/vcio/2026/more", to)},
		"a run that an issue began":     {message: outward("acme/licence/t7/form", to)},
		"a run that no issue begins":    {message: outward("acme/licence/1/form", to), says: "not named by"},
		"a run of no issue":             {message: outward("acme/care/t7/form", to), says: "not named by"},
		"a run of the file":             {message: outward("acme/care/3/form", to)},
		"a run that names others":       {message: outward("acme/care/2/form", to), says: "not named by"},
		"a run without the step":        {message: outward("acme/care/4/form", to), says: "not named by"},
		"a run that is gone":            {message: outward("acme/care/1/form", to), says: "not named by"},
		"no policy":                     {message: outward(key, to), catalog: policy(""), says: "the policy client-email is not allowed"},
		"flipped since the plan":        {message: outward(key, to), catalog: policy("never"), says: "the policy client-email is not allowed"},
		"another spelling of it":        {message: outward(key, to), catalog: policy("Allowed"), says: "the policy client-email is not allowed"},
		"a step of the staff":           {message: outward("acme/vcio/2026/audit", to), says: "not named by a notice of a step with party: client"},
		"an extra step of the staff":    {message: outward("acme/vcio/2026/less", to), says: "not named by"},
		"an internal step":              {message: outward("acme/vcio/2026/secret", to), says: "not named by"},
		"a step that names nobody":      {message: outward("acme/vcio/2026/quiet", to), says: "not named by"},
		"a contact nobody names":        {message: outward(key, "client:acme/boss"), says: "not named by"},
		"an override names others":      {message: outward("birch/vcio/2026/form", "client:birch/accounting"), says: "not named by"},
		"not in the process":            {message: outward("cobalt/vcio/2026/form", "client:cobalt/accounting"), says: "not named by"},
		"another client's contact":      {message: outward(key, "client:birch/accounting"), says: "not a contact of acme"},
		"by a path":                     {message: outward(key, "client:acme/../birch/accounting"), says: "not among the contacts"},
		"nobody":                        {message: outward(key, "client:acme/"), says: "not among the contacts"},
		"in capitals":                   {message: outward(key, "client:acme/Accounting"), says: "not among the contacts"},
		"an address":                    {message: outward(key, "client:acme/alex@acme.example"), says: "not among the contacts"},
		"prefix in capitals":            {message: outward(key, "Client:acme/accounting"), says: "has no e-mail address"},
		"a step that is gone":           {message: outward("acme/vcio/2026/gone", to), says: "not named by"},
		"a template that is gone":       {message: outward("acme/gone/2026/form", to), says: "the files do not have"},
		"no step":                       {message: outward("digest", to), says: "about no step"},
		"with somebody of the staff":    {message: outward(key, "dana", to), says: "nothing but heads-ups of its own"},
		"two contacts":                  {message: outward(key, to, "client:acme/boss"), says: "nothing but heads-ups of its own"},
		"an escalation":                 {message: edit(func(m *reconcile.Message) { m.Items[0].Kind = due.Escalation }), says: "nothing but heads-ups"},
		"a digest":                      {message: edit(func(m *reconcile.Message) { m.Items = append(m.Items, m.Items[0]) }), says: "nothing but heads-ups"},
		"about nothing":                 {message: edit(func(m *reconcile.Message) { m.Items = nil }), says: "nothing but heads-ups"},
		"with a link to the issue":      {message: edit(func(m *reconcile.Message) { m.URL = "https://github.com/northwind/ops/issues/1" }), says: "points to nothing of ours"},
		"by chat":                       {message: edit(func(m *reconcile.Message) { m.Channel = "ops" }), says: "nothing goes but by e-mail"},
		"by webhook":                    {message: edit(func(m *reconcile.Message) { m.Channel = "hook" }), says: "nothing goes but by e-mail"},
		"to the log":                    {message: edit(func(m *reconcile.Message) { m.Channel = "" }), says: "nothing goes but by e-mail"},
		"by no channel":                 {message: edit(func(m *reconcile.Message) { m.Channel = "gone" }), says: "nothing goes but by e-mail"},
		"two addresses":                 {message: outward(key, to), catalog: address("alex@acme.example, eve@evil.example"), says: "cannot be read in one way only"},
		"a header in the address":       {message: outward(key, to), catalog: address("alex@acme.example\r\nBcc: eve@evil.example"), says: "cannot be read in one way only"},
		"a look-alike letter":           {message: outward(key, to), catalog: address("alex@acmе.example"), says: "cannot be read in one way only"},
		"a name in the address":         {message: outward(key, to), catalog: address("Alex <alex@acme.example>"), says: "cannot be read in one way only"},
		"an empty address":              {message: outward(key, to), catalog: address(""), says: "cannot be read in one way only"},
		"a person with that address":    {message: outward(key, "eve"), says: "eve lies outside email-domains"},
		"a contact's id for a person":   {message: outward(key, "accounting"), says: "accounting has no e-mail address"},
		"a person called like a client": {message: outward(key, "client"), says: "client has no e-mail address"},
	} {
		t.Run(name, func(t *testing.T) {
			c, dialled := meant(), 0
			if tt.catalog != nil {
				tt.catalog(c)
			}
			var log strings.Builder
			vars := map[string]string{"MAIL": "smtp://mail.example", "OPS": "http://127.0.0.1:1/x", "HOOK": "http://127.0.0.1:1/x"}
			r := New(Options{Catalog: c, Getenv: func(k string) string { return vars[k] }, Log: &log, Now: time.Now,
				Sleep: func(context.Context, time.Duration) error { return errors.New("no more") },
				Dial:  func(context.Context, string, string) (net.Conn, error) { dialled++; return nil, errors.New("no") }})
			err := r.Send(t.Context(), tt.message)
			switch {
			case err == nil, log.Len() > 0:
				t.Errorf("%v, log %q", err, log.String())
			case tt.says == "" && dialled != 1:
				t.Errorf("it does not go out: %v", err)
			case tt.says != "" && (dialled > 0 || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("%d connections, %v, want %q", dialled, err, tt.says)
			case strings.Contains(err.Error(), "@") && !strings.Contains(strings.Join(tt.message.To, ""), "@"):
				t.Errorf("the error tells an address: %v", err)
			}
		})
	}
}

// TestOutsideWithoutAddress holds that the log is no delivery for a client.
func TestOutsideWithoutAddress(t *testing.T) {
	var log strings.Builder
	r := New(Options{Catalog: meant(), Getenv: func(string) string { return "" }, Log: &log})
	if err := r.Send(t.Context(), outward("acme/vcio/2026/form", "client:acme/accounting")); !errors.Is(err, reconcile.ErrDeferred) || log.Len() > 0 {
		t.Errorf("%v, log %q", err, log.String())
	}
}
