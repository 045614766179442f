package reconcile_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// bookOffice is an office of four people: a vCIO, a director, and two in a pool.
const bookOffice = `kind: Organization
id: northwind
name: Northwind IT
timezone: America/Chicago
email-domains: [northwind.example]
holidays: {add: [{date: 2026-05-25, name: Memorial Day}]}
roles:
  - {id: vcio, title: vCIO, holder: dana}
  - {id: director, title: Director, holder: noor}
  - {id: support, title: Support, pool: true}
defaults: {notify: []}
policies: {limits: {close-ratio: 1}, catch-up: {window: WINDOW days, recurring: all}}
---
{kind: Person, id: dana, name: Dana Whitfield, github: dana-w, roles: [vcio]}
---
{kind: Person, id: noor, name: Noor Haddad, github: noor-h, roles: [director]}
---
{kind: Person, id: priya, name: Priya Raman, github: priya-r, roles: [support]}
---
{kind: Person, id: tomasz, name: Tomasz Zielinski, github: tomasz-z, roles: [support]}
`

// story is a playbook that was drawn, and what its runs say at present.
type story struct {
	text string
	// questions are the ids of what steps ask.
	questions []string
	// window is for how many days something can be opened late.
	window int
	// reason is the number of the reason that the run of a client gives.
	reason map[string]int
	// off are the steps that the file of a client calls off.
	off map[string][]string
	// decided is how the file of a client answers all questions, ended is the day on which the file of a client says that its run has ended.
	decided, ended map[string]string
}

// bookClients are in the playbook, each once.
var bookClients = []string{"acme", "birch"}

// drawBook draws a playbook whose steps come after earlier ones, ask, hang on answers, are
// signed off, repeat, and are shared or go by one issue. At least one step ends it.
func drawBook(t *rapid.T) *story {
	perRun := rapid.IntRange(0, 3).Draw(t, "per run") == 0
	n := rapid.IntRange(2, 5).Draw(t, "steps")
	ender := rapid.IntRange(0, n-1).Draw(t, "the step that ends it")
	var asked []int
	b := &story{window: rapid.SampledFrom([]int{500, 500, 20}).Draw(t, "window"), reason: map[string]int{}, off: map[string][]string{}, ended: map[string]string{}, decided: map[string]string{}}
	var lines strings.Builder
	for i := range n {
		s := drawStep(t, i, asked, perRun, i == ender)
		if strings.Contains(s, "decide:") {
			asked, b.questions = append(asked, i), append(b.questions, fmt.Sprintf("q%d", i))
		}
		lines.WriteString("  - {" + s + "}\n")
	}
	b.text = "kind: Playbook\nid: book\ntitle: Book\nowner: dana\nrequested-by: by\n"
	if perRun {
		b.text += "issue: per-run\n"
	}
	b.text += "fields:\n  - {id: by, type: person, required: true}\n  - {id: reason, type: text, required: true}\n"
	if i := rapid.IntRange(0, n).Draw(t, "step with a field of its own"); i < n {
		b.text += fmt.Sprintf("  - {id: cause, type: text, required-for: s%d}\n", i)
	}
	b.text += "marks: {label: care}\nsteps:\n" + lines.String()
	return b
}

// drawStep draws one step as it stands within braces.
func drawStep(t *rapid.T, i int, asked []int, perRun, ends bool) string {
	flip := func(what string, of int) bool {
		return rapid.IntRange(1, of).Draw(t, fmt.Sprintf("s%d %s", i, what)) == 1
	}
	l := []string{fmt.Sprintf("id: s%d, title: Step %d, open: 1 week", i, i), "owner: " + rapid.SampledFrom([]string{"vcio", "director", "support"}).Draw(t, "owner")}
	var after []int
	for k := range i {
		if flip("after", 3) {
			after = append(after, k)
		}
	}
	if len(asked) > 0 && flip("when", 2) {
		q := rapid.SampledFrom(asked).Draw(t, "question")
		l = append(l, fmt.Sprintf("when: {q%d: [%s]}", q, rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "answer")))
		if !slices.Contains(after, q) && flip("after the question", 2) {
			after = append(after, q)
		}
	}
	if len(after) > 0 {
		l = append(l, strings.ReplaceAll("after: "+strings.ReplaceAll(fmt.Sprint(after), " ", ", s"), "[", "[s"))
	}
	anchor := "start"
	if len(after) > 0 && flip("counts from what it comes after", 2) {
		anchor = fmt.Sprintf("s%d", after[0])
	}
	l = append(l, "due: "+rapid.SampledFrom([]string{"on ", "next mon after ", "2 business days after "}).Draw(t, "due")+anchor)
	repeats := !perRun && !ends && flip("repeats", 4)
	if repeats {
		l = append(l, "every: [mon]", rapid.SampledFrom([]string{"times: 2", "roll: following"}).Draw(t, "how often"))
	}
	if !perRun && flip("shared", 3) {
		l = append(l, "issue: shared")
	}
	if !repeats && flip("signed off", 2) {
		l = append(l, "approve: "+rapid.SampledFrom([]string{"[vcio]", "[vcio, director]", "[director, vcio]"}).Draw(t, "by"))
	}
	if flip("asks", 3) {
		l = append(l, fmt.Sprintf("decide: {id: q%d, question: \"Well?\", options: [yes, no]%s}", i, rapid.SampledFrom([]string{"", ", ends: {no: not-planned}"}).Draw(t, "answer that ends")))
	}
	if ends {
		l = append(l, "ends: completed")
	}
	return strings.Join(l, ", ")
}

// files are the playbook and its clients as they stand.
func (b *story) files() map[string]string {
	m := map[string]string{"almanac.yaml": strings.Replace(bookOffice, "WINDOW", strconv.Itoa(b.window), 1), "book.yaml": b.text}
	for i, id := range bookClients {
		fields := fmt.Sprintf("by: priya, reason: Reason %d", b.reason[id])
		if b.reason[id] > 0 {
			fields += ", cause: A switch"
		}
		m[id+".yaml"] = fmt.Sprintf("kind: Client\nid: %s\nname: %s\nprocesses:\n  - template: book\n    start: 2026-05-%02d\n    fields: {%s}\n", id, strings.ToUpper(id), 6+i, fields)
		if o := b.decided[id]; o != "" && len(b.questions) > 0 {
			m[id+".yaml"] += "    decisions: {" + strings.Join(b.questions, ": "+o+", ") + ": " + o + "}\n"
		}
		if on := b.ended[id]; on != "" {
			m[id+".yaml"] += "    ended: " + on + "\n    outcome: given up\n"
		}
		for k, step := range b.off[id] {
			if k == 0 {
				m[id+".yaml"] += "    exceptions:\n"
			}
			m[id+".yaml"] += "      - {step: " + step + ", cancel: true, reason: nobody signs it off}\n"
		}
	}
	return m
}
