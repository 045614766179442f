package load

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// batch are the valid documents of a unit. It is what the cache keeps, so every field of
// every type below it must be exported.
type batch struct {
	Organizations []*schema.Organization
	People        []*schema.Person
	Clients       []*schema.Client
	Processes     []*schema.ProcessTemplate
	Plans         []*schema.OnboardingPlan
	Playbooks     []*schema.Playbook
}

func (b *batch) len() int {
	return len(b.Organizations) + len(b.People) + len(b.Clients) + len(b.Processes) + len(b.Plans) + len(b.Playbooks)
}

// check validates one document.
func (l *loader) check(name string, doc *node.Node) (schema.Kind, diag.List) {
	kind, faults := l.validator.Document(name, doc)
	for i := range faults {
		if d := &faults[i]; d.Rule == "schema/kind" && child(doc, "kind") == nil && !strings.HasSuffix(d.Hint, "?") {
			d.Hint += "; if the file is no document of Almanac, list it in " + ignoreFile
		}
	}
	return kind, faults
}

// settle adds a document that was checked to the valid or to the broken ones. With sound
// false, the text of the file has faults, and none of its documents is used.
func (o *outcome) settle(src schema.Source, doc *node.Node, kind schema.Kind, faults diag.List, sound bool) {
	if sound && !faults.HasErrors() {
		if err := o.decode(kind, src, doc); err != nil {
			faults = append(faults, diag.Diagnostic{File: src.File, Line: src.Pos.Line, Column: src.Pos.Column,
				Rule: "load/decode", Message: err.Error(), Hint: "mend the value that is named"})
		}
	}
	o.faults = append(o.faults, faults...)
	if !sound || faults.HasErrors() {
		o.broken = append(o.broken, schema.Broken{Source: src, Kind: kind, ID: text(doc, "id")})
	}
}

// decode fills the Go value of a kind and adds it.
func (o *outcome) decode(kind schema.Kind, src schema.Source, doc *node.Node) error {
	switch kind {
	case schema.KindOrganization:
		return add(&o.Organizations, src, doc, nil)
	case schema.KindPerson:
		return add(&o.People, src, doc, nil)
	case schema.KindClient:
		return add(&o.Clients, src, doc, placeClient)
	case schema.KindProcessTemplate:
		return add(&o.Processes, src, doc, placeProcess)
	case schema.KindOnboardingPlan:
		return add(&o.Plans, src, doc, placePlan)
	case schema.KindPlaybook:
		return add(&o.Playbooks, src, doc, placePlaybook)
	}
	return nil
}

// add decodes one document into a list.
func add[T any, P interface {
	*T
	schema.Document
}](l *[]P, src schema.Source, doc *node.Node, place func(P, *node.Node)) error {
	d := P(new(T))
	if err := node.Decode(doc, d); err != nil {
		return err
	}
	d.Head().Source = src
	if place != nil {
		place(d, doc)
	}
	*l = append(*l, d)
	return nil
}

func placeClient(c *schema.Client, doc *node.Node) {
	for i, n := range elements(doc, "processes") {
		a := &c.Processes[i]
		a.Pos = pos(n)
		for j, e := range elements(n, "extra-steps") {
			a.ExtraSteps[j].Pos = pos(e)
		}
		for j, e := range elements(n, "exceptions") {
			a.Exceptions[j].Pos = pos(e)
		}
		for j, e := range elements(n, "approvals") {
			a.Approvals[j].Pos = pos(e)
		}
		overrides := node.Resolve(child(n, "overrides"))
		if overrides == nil {
			continue
		}
		for j := 0; j+1 < len(overrides.Content); j += 2 {
			key := overrides.Content[j]
			a.Overrides[key.Value].Pos = pos(key)
		}
	}
}

func placeProcess(t *schema.ProcessTemplate, doc *node.Node) {
	for i, n := range elements(doc, "steps") {
		t.Steps[i].Pos = pos(n)
	}
}

func placePlaybook(p *schema.Playbook, doc *node.Node) {
	for i, n := range elements(doc, "fields") {
		p.Fields[i].Pos = pos(n)
	}
	for i, n := range elements(doc, "steps") {
		p.Steps[i].Pos = pos(n)
	}
}

func placePlan(p *schema.OnboardingPlan, doc *node.Node) {
	for i, n := range elements(doc, "milestones") {
		p.Milestones[i].Pos = pos(n)
	}
	if n := node.Resolve(child(doc, "tracking")); n != nil && p.Tracking != nil {
		p.Tracking.Pos = pos(n)
	}
	for i, n := range elements(doc, "weeks") {
		for j, s := range elements(n, "steps") {
			p.Weeks[i].Steps[j].Pos = pos(s)
		}
	}
}

// child returns the value of a key, or nil.
func child(n *node.Node, key string) *node.Node {
	n = node.Resolve(n)
	if n == nil || n.Kind != node.Mapping {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// elements returns the elements of a list under a key.
func elements(n *node.Node, key string) []*node.Node {
	if l := node.Resolve(child(n, key)); l != nil && l.Kind == node.Sequence {
		return l.Content
	}
	return nil
}

// text returns the text under a key, or nothing.
func text(n *node.Node, key string) string {
	if v := node.Resolve(child(n, key)); v != nil && v.Kind == node.Scalar {
		return v.Value
	}
	return ""
}

func pos(n *node.Node) schema.Pos { return schema.Pos{Line: n.Line, Column: n.Column} }
