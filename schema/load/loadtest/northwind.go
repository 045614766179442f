package loadtest

import "strings"

// staff are people whom tests speak of, as they stand in a file.
var staff = map[string]string{
	"dana":   "name: Dana Whitfield\nemail: dana@northwind.example\ngithub: dana-w\nroles: [vcio]\n",
	"ines":   "name: Ines Duarte\nemail: ines@northwind.example\ngithub: ines-d\nroles: [account-manager]\n",
	"lee":    "name: Lee Okafor\nemail: lee@northwind.example\nroles: [vcio]\n",
	"marcus": "name: Marcus Field\nemail: marcus@northwind.example\ngithub: marcus-f\nroles: [sales]\n",
	"mila":   "name: Mila Novak\nemail: mila@northwind.example\ngithub: mila-n\n",
	"noor":   "name: Noor Haddad\nemail: noor@northwind.example\ngithub: noor-h\nroles: [director]\n",
	"omar":   "name: Omar Siddiqui\nemail: omar@northwind.example\ngithub: omar-s\nroles: [support]\n",
	"priya":  "name: Priya Raman\nemail: priya@northwind.example\ngithub: priya-r\nroles: [support]\n",
	"tomasz": "name: Tomasz Zielinski\nemail: tomasz@northwind.example\ngithub: tomasz-z\nroles: [support]\n",
}

// Northwind returns the documents of an organization in UTC, which tells of itself in the
// lines that are given, and of some of its people, by their ids. Lee has no login, Mila no
// role.
func Northwind(own string, people ...string) string {
	var b strings.Builder
	b.WriteString("kind: Organization\nid: northwind\nname: Northwind IT\ntimezone: UTC\nemail-domains: [northwind.example]\n" + own)
	for _, id := range people {
		b.WriteString("---\nkind: Person\nid: " + id + "\n" + staff[id])
	}
	return b.String()
}
