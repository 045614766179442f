package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/schema"
)

// marks returns what runs show on every issue of the client of an occurrence.
func (v *View) marks(o *due.Occurrence) []progress.Mark {
	return v.in.Progress.Marks(o.Client.ID)
}

// banners are the marks of a client as its issues show them.
func (v *View) banners(o *due.Occurrence) []issue.Banner {
	var l []issue.Banner
	for _, m := range v.marks(o) {
		b := issue.Banner{Title: m.Template, Since: m.Since, Text: m.Instructions}
		if t := v.in.Catalog.Template(m.Template); t != nil {
			b.Title = t.Describe().Title
		}
		l = append(l, b)
	}
	return l
}

// markLabels returns the labels that playbooks put on the issues of their clients. They are
// ours to take off again.
func markLabels(cat *schema.Catalog) map[string]bool {
	l := map[string]bool{}
	for _, p := range cat.Playbooks {
		if p.Marks != nil {
			l[p.Marks.Label] = true
		}
	}
	return l
}

// fields gathers what the run of a step says about itself.
func (v *View) fields(o *due.Occurrence) []issue.FieldLine {
	b, ok := o.Template.(*schema.Playbook)
	if !ok {
		return nil
	}
	var l []issue.FieldLine
	for i := range b.Fields {
		f := &b.Fields[i]
		value := o.Assignment.Fields[f.ID]
		if value.IsZero() {
			continue
		}
		l = append(l, issue.FieldLine{Name: f.Name(), Values: v.values(f, value)})
	}
	return l
}

// values returns what a field holds, in words.
func (v *View) values(f *schema.Field, value schema.Value) []string {
	if f.Type == schema.FieldPerson {
		return []string{v.personName(value.Text)}
	}
	if value.Text != "" {
		return []string{value.Text}
	}
	var l []string
	for _, e := range value.Entries {
		s := e.What
		if e.Owner != "" {
			s += ", " + v.personName(e.Owner)
		}
		if e.Due != 0 {
			s += ", until " + issue.Day(e.Due)
		}
		l = append(l, s)
	}
	return l
}
