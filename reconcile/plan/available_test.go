package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// TestNextAvailable: whoever is given a step holds the role and is there, one run gives as
// evenly as it can, nothing depends on an order, and what was given stays.
func TestNextAvailable(t *testing.T) {
	proptest.Check(t, func(r *rapid.T) {
		w := newWorld("2026-05-07")
		n := rapid.IntRange(1, 5).Draw(r, "people")
		org, can := licenceOrganization, map[string]bool{}
		for _, known := range []string{"priya", "omar"} {
			can[known] = true
		}
		for i := range n {
			id, role, away := fmt.Sprintf("p%d", i), "sales", ""
			holds, there := rapid.Bool().Draw(r, "holds"), rapid.Bool().Draw(r, "there")
			if holds {
				role = "support"
			}
			if !there {
				away = "away: [{from: 2026-05-01, to: 2026-05-31}]\n"
			}
			can[id] = holds && there
			org += "---\nkind: Person\nid: " + id + "\nname: " + strings.ToUpper(id) + "\ngithub: gh-" + id + "\nroles: [" + role + "]\n" + away
		}
		client := licenceClient
		perStep := strings.NewReplacer("id: licence\n", "id: plain\n", "issue: per-run\n", "", "opens-from: {label: licence-request, client-field: client}\n", "").Replace(licencePlaybook)
		client += "processes:\n  - {template: plain, start: 2026-05-06, fields: {client: acme, site: x}}\n"
		w.read(t, map[string]string{"almanac.yaml": org, "licence.yaml": licencePlaybook, "plain.yaml": perStep, "acme.yaml": client})
		w.on("2026-05-07")
		w.ledger = true
		for i := range rapid.IntRange(1, 6).Draw(r, "tickets") {
			number := w.open("mila-n", "A second site", licenceForm, []string{"licence-request"}, nil)
			w.tell(record.Event{Key: fmt.Sprintf("acme/licence/t%d/whole-run", number), Verb: record.Started, Number: number, By: "mila", Due: civil.MustParse("2026-05-06").AddDays(i % 3)})
		}
		first := w.plan(r)
		slices.Reverse(w.issues)
		slices.Reverse(w.events)
		if a, b := asJSON(r, first), asJSON(r, w.plan(r)); a != b {
			r.Fatalf("another order makes another plan:\n%s\n%s", a, b)
		}
		slices.Reverse(w.events)
		slices.SortFunc(w.issues, func(a, b issue.Issue) int { return a.Number - b.Number })
		given := map[string]int{}
		for range 4 {
			p := w.plan(r)
			if p.Empty() {
				break
			}
			w.apply(p)
		}
		if p := w.plan(r); !p.Empty() {
			r.Fatalf("it does not come to rest:\n%s", brief(p))
		}
		for key, e := range w.Entries {
			if strings.HasSuffix(key, "/check") && e.Owner != "" {
				if given[e.Owner]++; !can[e.Owner] {
					r.Fatalf("%s was given to %s, who cannot do it", key, e.Owner)
				}
			}
		}
		least, most := 99, 0
		for id, could := range can {
			if could {
				least, most = min(least, given[id]), max(most, given[id])
			}
		}
		if most == 0 || most-least > 1 {
			r.Fatalf("not given evenly: %v of %v", given, can)
		}
	})
}

func asJSON(t fataler, p *Plan) string {
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestNextAvailableStep: a step with an issue of its own is given when it is opened, said why,
// and kept by whoever has it on the forge when the run that opened it died.
func TestNextAvailableStep(t *testing.T) {
	w := licenceWorld(t)
	w.issues, w.events = nil, nil
	w.files["licence.yaml"] = strings.NewReplacer("issue: per-run\n", "", "opens-from: {label: licence-request, client-field: client}\n", "").Replace(licencePlaybook)
	w.files["acme.yaml"] = licenceClient + "processes:\n  - {template: licence, start: 2026-05-06, fields: {client: acme, site: Harbour Street}}\n"
	w.read(t, w.files)
	expect(t, w.settle(t), "create acme/licence/1/check: due 2026-05-07, opens on the day; given to Omar Siddiqui: fewest open steps: 0, and first by id")
	if !slices.Equal(w.ticket().Assignees, []string{"omar-s"}) {
		t.Errorf("%v", w.ticket().Assignees)
	}
	w.events = nil // the run died before it could say that it had opened the issue
	w.ticket().Assignees = []string{"priya-r"}
	w.settle(t)
	if e := w.Entries["acme/licence/1/check"]; e.Owner != "priya" || !slices.Equal(w.ticket().Assignees, []string{"priya-r"}) {
		t.Errorf("%+v %v", e, w.ticket().Assignees)
	}
}

// TestFewestOpen: who has less to do by the ledger gets a step before who was idle longer.
func TestFewestOpen(t *testing.T) {
	w := licenceWorld(t)
	w.tell(record.Event{Key: "acme/other/1/step", Verb: record.Opened, Number: 90, Owner: "omar", Due: w.AsOf})
	w.issues = append(w.issues, issue.Issue{Number: 90, State: issue.Open})
	p := w.plan(t)
	if !strings.Contains(brief(p), "given to Priya Raman: fewest open steps: 0") || strings.Contains(brief(p), "idle") {
		t.Errorf("%s", brief(p))
	}
}

// TestHostileForm: whatever stands in the form, the issue is that of its own run, what people
// wrote stays, and nobody is mentioned by us.
func TestHostileForm(t *testing.T) {
	const marker = "<!-- almanac:v1 k=birch/licence/1/whole-run i=elsewhere -->"
	for name, text := range map[string]string{
		"a marker":   licenceForm + "\n\n" + marker,
		"borders":    licenceForm + "\n\n<!-- almanac:end -->\n<!-- almanac:begin -->",
		"a mention":  strings.Replace(licenceForm, "Harbour Street", "@everybody #1 [x](javascript:alert(1))", 1),
		"commands":   licenceForm + "\n\n/done\n/approve",
		"huge":       strings.Replace(licenceForm, "Harbour Street", strings.Repeat("lorem ipsum ", 3000), 1),
		"line feeds": strings.ReplaceAll(licenceForm, "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := licenceWorld(t)
			w.ticket().Body = text
			w.settle(t)
			body := w.ticket().Body
			m, ok := issue.ParseMarker(body)
			if !ok || m.Key.String() != ticketKey || m.Installation != "northwind" || len(body) > 65_536 {
				t.Errorf("%+v, %d bytes", m, len(body))
			}
			if region := issue.Region(body); strings.Contains(region, "@everybody") || strings.Contains(region, "[x](") {
				t.Errorf("%s", region)
			}
			if !strings.HasPrefix(body, issue.Written(text)) {
				t.Error("what people wrote is gone")
			}
			w.isAt(t, "check", "omar-s")
			w.ticket().Body += "\n" + marker // the author edits it later
			w.settle(t)
			w.isAt(t, "check", "omar-s")
			if m, _ := issue.ParseMarker(w.ticket().Body); m.Key.String() != ticketKey {
				t.Errorf("%+v", m)
			}
		})
	}
}

// TestFormEdited: a sign-off is void once the author edits what was signed off.
func TestFormEdited(t *testing.T) {
	w := licenceWorld(t)
	w.files["licence.yaml"] = strings.Replace(licencePlaybook, "owner: sales\n", "owner: sales\n    approve: [sales]\n", 1)
	w.files["acme.yaml"] = strings.Replace(licenceClient, "marcus", "priya", 1)
	w.read(t, w.files)
	w.settle(t)
	w.command(ticketRun+"check", "omar", "done", "", "")
	w.command(ticketRun+"sales-check", "priya", "decide", "required", "")
	w.settle(t)
	w.isAt(t, "sales-check", "priya-r")
	w.command(ticketRun+"sales-check", "priya", "approve", "", "sales")
	w.ticket().Body = strings.Replace(w.ticket().Body, "Harbour Street\n\n### Wanted", "Elsewhere\n\n### Wanted", 1)
	w.settle(t)
	w.isAt(t, "sales-check", "priya-r")
	if !strings.Contains(w.ticket().Body, "void: Sales, Priya Raman on Thursday 2026-05-07: what was signed off has changed") {
		t.Errorf("%s", w.ticket().Body)
	}
	w.command(ticketRun+"sales-check", "priya", "approve", "", "sales")
	w.settle(t)
	w.isAt(t, "add-to-key", "omar-s")
}
