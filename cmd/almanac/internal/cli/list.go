package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

func newList(c *Command, o *options) *cobra.Command {
	return group("list", "List clients, people, templates and what falls due",
		c.newListOf(o, "clients", "List clients: who looks after them and what they are in", listClients),
		c.newListOf(o, "people", "List people: their roles and when they are away", listPeople),
		c.newListOf(o, "templates", "List processes, plans and playbooks: their steps and who uses them", listTemplates),
		c.newListOf(o, "assignments", "List which client is in which template, and how far it departs from it", listAssignments),
		newListOccurrences(c, o),
		newListDue(c, o),
	)
}

// table is rows of text, and the same as data.
type table struct {
	Columns []string
	Rows    [][]string
	// Data is what JSON and YAML show: a slice of structs with json tags.
	Data any
}

type listOptions struct {
	output string
	all    bool
}

// newListOf makes a command that lists one kind of thing.
func (c *Command) newListOf(o *options, what, short string, build func(*workspace, *listOptions) table) *cobra.Command {
	l := &listOptions{}
	cmd := &cobra.Command{
		Use:     what,
		Short:   short,
		Example: "  almanac list " + what + "\n  almanac list " + what + " -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := c.open(cmd.Context(), o, reading{})
			if err != nil {
				return err
			}
			c.warnBroken(w)
			return writeTable(c.Stdout, l.output, build(w, l))
		},
	}
	addOutput(cmd, &l.output, "table", "json", "yaml")
	if what == "clients" {
		cmd.Flags().BoolVar(&l.all, "all", false, "inactive clients too")
	}
	return cmd
}

// warnBroken says on standard error that a list is not whole.
func (c *Command) warnBroken(w *workspace) {
	if n := len(w.catalog.Broken); n > 0 {
		c.talk("warning: left out for being invalid: %s: see almanac validate", plural(n, "document"))
	}
}

type clientRow struct {
	ID        string            `json:"id" yaml:"id"`
	Name      string            `json:"name" yaml:"name"`
	Status    string            `json:"status" yaml:"status"`
	Alignment string            `json:"alignment_date" yaml:"alignment_date"`
	Team      map[string]string `json:"team" yaml:"team"`
	Processes []string          `json:"processes" yaml:"processes"`
	File      string            `json:"file" yaml:"file"`
}

func listClients(w *workspace, l *listOptions) table {
	t := table{Columns: []string{"CLIENT", "NAME", "STATUS", "ALIGNMENT", "TEAM", "PROCESSES"}}
	data := []clientRow{}
	for _, cl := range w.catalog.Clients {
		r := clientRow{ID: cl.ID, Name: cl.Name, Status: "active", Team: cl.Team, Processes: []string{}, File: cl.Source.File}
		if cl.InactiveOn(w.today) {
			if r.Status = "inactive"; !l.all {
				continue
			}
		}
		text, _ := cl.AlignmentDate.MarshalText()
		r.Alignment = string(text)
		for i := range cl.Processes {
			r.Processes = append(r.Processes, cl.Processes[i].Template)
		}
		data = append(data, r)
		t.Rows = append(t.Rows, []string{r.ID, r.Name, r.Status, cmp.Or(r.Alignment, "-"), pairs(r.Team), cmp.Or(strings.Join(r.Processes, ", "), "-")})
	}
	t.Data = data
	return t
}

// pairs writes a map as sorted key=value pairs.
func pairs(m map[string]string) string {
	var l []string
	for k, v := range m {
		l = append(l, k+"="+v)
	}
	slices.Sort(l)
	return cmp.Or(strings.Join(l, " "), "-")
}

type personRow struct {
	ID     string   `json:"id" yaml:"id"`
	Name   string   `json:"name" yaml:"name"`
	Roles  []string `json:"roles" yaml:"roles"`
	Email  string   `json:"email" yaml:"email"`
	GitHub string   `json:"github" yaml:"github"`
	// Away is the last day of the absence that today lies in, or of the next one.
	Away string `json:"away" yaml:"away"`
	File string `json:"file" yaml:"file"`
}

func listPeople(w *workspace, _ *listOptions) table {
	t := table{Columns: []string{"PERSON", "NAME", "ROLES", "EMAIL", "GITHUB", "AWAY"}}
	data := []personRow{}
	for _, p := range w.catalog.People {
		r := personRow{ID: p.ID, Name: p.Name, Roles: slices.Clone(p.Roles), Email: p.Email, GitHub: p.GitHub, Away: away(w, p), File: p.Source.File}
		if r.Roles == nil {
			r.Roles = []string{}
		}
		data = append(data, r)
		t.Rows = append(t.Rows, []string{r.ID, r.Name, cmp.Or(strings.Join(r.Roles, ", "), "-"), cmp.Or(r.Email, "-"), cmp.Or(r.GitHub, "-"), cmp.Or(r.Away, "-")})
	}
	t.Data = data
	return t
}

// away names the absence that is on or comes next.
func away(w *workspace, p *schema.Person) string {
	var next schema.Away
	for _, a := range p.Away {
		if a.To >= w.today && (next.From == 0 || a.From < next.From) {
			next = a
		}
	}
	if next.From == 0 {
		return ""
	}
	return next.From.String() + " to " + next.To.String()
}

type templateRow struct {
	ID      string      `json:"id" yaml:"id"`
	Kind    schema.Kind `json:"kind" yaml:"kind"`
	Title   string      `json:"title" yaml:"title"`
	Version string      `json:"version" yaml:"version"`
	Expires string      `json:"expires" yaml:"expires"`
	Steps   int         `json:"steps" yaml:"steps"`
	Clients []string    `json:"clients" yaml:"clients"`
	File    string      `json:"file" yaml:"file"`
}

func listTemplates(w *workspace, _ *listOptions) table {
	t := table{Columns: []string{"TEMPLATE", "KIND", "TITLE", "VERSION", "EXPIRES", "STEPS", "CLIENTS"}}
	data := []templateRow{}
	users := templateUsers(w)
	for _, tm := range templates(w.catalog) {
		h := tm.Describe()
		r := templateRow{ID: h.ID, Kind: h.Kind, Title: h.Title, Version: h.Version, Expires: h.Expires.String(), Clients: users[h.ID], File: h.Source.File}
		if r.Clients == nil {
			r.Clients = []string{}
		}
		tm.Walk(func(*schema.PlanWeek, *schema.Step) bool { r.Steps++; return true })
		data = append(data, r)
		t.Rows = append(t.Rows, []string{r.ID, string(r.Kind), r.Title, cmp.Or(r.Version, "-"), cmp.Or(r.Expires, "-"), strconv.Itoa(r.Steps), strconv.Itoa(len(r.Clients))})
	}
	t.Data = data
	return t
}

// templates returns processes, plans and playbooks, by id.
func templates(cat *schema.Catalog) []schema.Template {
	var l []schema.Template
	for _, p := range cat.Processes {
		l = append(l, p)
	}
	for _, p := range cat.Plans {
		l = append(l, p)
	}
	for _, p := range cat.Playbooks {
		l = append(l, p)
	}
	slices.SortFunc(l, func(a, b schema.Template) int { return cmp.Compare(a.Head().ID, b.Head().ID) })
	return l
}

// templateUsers maps the id of a template to the clients that are in it and active.
func templateUsers(w *workspace) map[string][]string {
	users := map[string][]string{}
	for _, cl := range w.catalog.Clients {
		if cl.InactiveOn(w.today) {
			continue
		}
		for i := range cl.Processes {
			if tm := w.catalog.Template(cl.Processes[i].Template); tm != nil && !slices.Contains(users[tm.Head().ID], cl.ID) {
				users[tm.Head().ID] = append(users[tm.Head().ID], cl.ID)
			}
		}
	}
	return users
}

// writeTable writes a table in one of three forms.
func writeTable(w io.Writer, output string, t table) error {
	switch output {
	case "json":
		return writeJSON(w, t.Data)
	case "yaml":
		return writeYAML(w, t.Data)
	}
	_, err := w.Write(alignTable(t))
	return err
}

// writeYAML writes data as YAML.
func writeYAML(w io.Writer, v any) error {
	text, err := node.Encode(v)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// alignTable sets columns by the width that a terminal shows.
func alignTable(t table) []byte {
	rows := append([][]string{t.Columns}, t.Rows...)
	width := make([]int, len(t.Columns))
	for _, r := range rows {
		for i := range r {
			r[i] = diag.Visible(r[i])
			width[i] = max(width[i], runewidth.StringWidth(r[i]))
		}
	}
	var b bytes.Buffer
	for _, r := range rows {
		line := ""
		for i, cell := range r {
			line += cell + strings.Repeat(" ", width[i]-runewidth.StringWidth(cell)+2)
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	return b.Bytes()
}
