package lint

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// sharedAddress is a warning: a mailbox of two people is unusual but can be meant.
var sharedAddress = rule{
	Rule: Rule{ID: "lint/shared-address", Severity: diag.Warning, Summary: "two people with one e-mail address or GitHub login"},
	run: func(p *pass) {
		mail, logins := map[string]*schema.Person{}, map[string]*schema.Person{}
		for _, d := range p.cat.People {
			shared(p, mail, d, d.Email, "email", "e-mail address")
			shared(p, logins, d, d.GitHub, "github", "GitHub login")
		}
	},
}

func shared(p *pass, seen map[string]*schema.Person, d *schema.Person, value, path, noun string) {
	key := strings.ToLower(value)
	switch first := seen[key]; {
	case value == "":
	case first == nil:
		seen[key] = d
	case first.ID != d.ID:
		p.report(d.Source, path, "give each their own, unless the two are meant to share it",
			"%s and %s have the same %s (%s)", d.ID, first.ID, noun, first.Source.File)
	}
}
