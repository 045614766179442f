// Package loadtest makes repositories of any size for benchmarks and tests: an
// organization, 20 people, three templates and as many clients as asked for, each a YAML
// file of about 1.6 KB. The same number gives the same bytes, the repositories are valid,
// and all companies and people are invented.
package loadtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
)

// Generate returns a repository with a number of clients.
func Generate(clients int) fstest.MapFS {
	files := fstest.MapFS{}
	put := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	put("almanac.yaml", organization)
	for i := range given {
		put("people/"+strings.ToLower(given[i])+".yaml", person(i))
	}
	put("templates/vcio.yaml", vcio)
	put("templates/essential-care.yaml", care)
	put("templates/onboarding.yaml", onboarding)
	for i := range clients {
		put(ClientFile(i), client(i))
	}
	return files
}

// ClientFile returns the path of the client with an index, from 0.
func ClientFile(i int) string { return "clients/" + clientID(i) + ".yaml" }

// Write puts what Generate returns into a folder of the disk.
func Write(dir string, clients int) error {
	for name, f := range Generate(clients) {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, f.Data, f.Mode); err != nil {
			return err
		}
	}
	return nil
}

var (
	given = []string{
		"Dana", "Marcus", "Priya", "Lee", "Ines", "Tomasz", "Olga", "Samir", "Freya", "Jonas",
		"Aiko", "Bruno", "Carmen", "Dmitri", "Esther", "Farid", "Greta", "Hugo", "Ivana", "Jamal",
	}
	family = []string{
		"Whitfield", "Okafor", "Raman", "Sandoval", "Moreau", "Nowak", "Lindgren", "Haddad", "Berg", "Keller",
		"Tanaka", "Costa", "Vidal", "Orlov", "Stern", "Aziz", "Holm", "Marchetti", "Kovac", "Reed",
	}
	first  = []string{"Acme", "Birch", "Cobalt", "Delmar", "Ember", "Foxglove", "Gable", "Hollis", "Ivory", "Jasper", "Kestrel"}
	trades = []string{"Dental", "Legal", "Optics", "Freight", "Bakery", "Florist", "Roofing", "Museum", "Clinic", "Architects", "Logistics", "Foods", "Print"}
	roles  = []string{"vcio", "account-manager", "engineer", "support"}
)

func clientID(i int) string {
	return fmt.Sprintf("%s-%s-%05d", strings.ToLower(first[i%len(first)]), strings.ToLower(trades[i%len(trades)]), i)
}

func person(i int) string {
	id := strings.ToLower(given[i])
	return fmt.Sprintf(`kind: Person
id: %[1]s
name: %[2]s %[3]s
email: %[1]s@northwind.example
github: %[1]s-%[4]s
roles: [%[5]s]
external-ids: {connectwise: "%[6]d"}
away: [{from: 2026-12-21, to: 2027-01-04}]
`, id, given[i], family[i], strings.ToLower(family[i][:1]), roles[i%len(roles)], 100+i)
}

func client(i int) string {
	who := func(n int) string { return strings.ToLower(given[(i*7+n)%len(given)]) }
	return fmt.Sprintf(clientText, clientID(i), first[i%len(first)], trades[i%len(trades)], i,
		fmt.Sprintf("2026-%02d-%02d", i%12+1, i%28+1), who(0), who(1), who(2), 2000+i, 800+i,
		fmt.Sprintf("2026-%02d-%02d", (i+3)%12+1, (i+5)%28+1))
}

const clientText = `# yaml-language-server: $schema=../.almanac/client.schema.json
# Reviewed with the account manager at every annual strategy meeting.
kind: Client
id: %[1]s
name: %[2]s %[3]s No. %[4]d
alignment-date: %[5]s

team:
  vcio: %[6]s
  account-manager: %[7]s
  engineer: %[8]s

external-ids:
  connectwise: "%[9]d"
  itglue: "%[10]d"

inactive:
  - {from: 2024-02-01, to: 2025-03-01, reason: contract lapsed}

closed:
  - from: 2026-12-24
    to: 2027-01-01
    name: Winter break
  - {from: 2026-07-03, to: 2026-07-03, name: Town fair}

processes:
  # The yearly cycle; this client wants its audit early.
  - template: vcio
    since: 2026-01-01
    overrides:
      audit:
        due: 10 weeks before
        checklist:
          - Servers and backups
          - Licences and renewals
          - Every site, not only the head office
      q4-follow-up: {remove: true}
    extra-steps:
      - id: site-walk
        type: review
        title: Walk through the site with the facility manager
        due: 2 weeks before annual-strategy
        owner: engineer
        with: [account-manager]
        notify: [{to: [engineer], before: 3 business days}]
        instructions: |
          Ask at the front desk for a badge. Note which cabinets
          are locked, and who holds the keys.
    exceptions:
      - step: q2-follow-up
        cycle: 2026
        cancel: true
        reason: merged with the annual meeting
  - template: essential-care
    since: 2026-01-01
  - template: onboarding
    start: %[11]s
    milestones: {training: unscheduled}
    exceptions:
      - {step: first-call, move-to: 2026-12-15, reason: moved at the wish of the client}
`
