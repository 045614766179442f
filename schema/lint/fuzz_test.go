package lint_test

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/node"
)

// FuzzRun adds documents to a clean repository that no schema has checked: whatever they
// hold, nothing panics, and the faults are sorted and complete.
func FuzzRun(f *testing.F) {
	for _, file := range fixtureFiles(f) {
		for _, a := range read(f, file).Files {
			if a.Name != "want" {
				f.Add(a.Data)
			}
		}
	}
	fsys := fstest.MapFS{}
	for _, a := range read(f, "testdata/base.txtar").Files {
		fsys[a.Name] = &fstest.MapFile{Data: a.Data}
	}
	r, err := load.Load(context.Background(), fsys, load.Options{})
	if err != nil || len(r.Faults) > 0 {
		f.Fatal(err, r.Faults)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		b := r.Catalog
		cat := &schema.Catalog{
			Organization: b.Organization, People: slices.Clone(b.People), Clients: slices.Clone(b.Clients),
			Processes: slices.Clone(b.Processes), Plans: slices.Clone(b.Plans),
		}
		docs, _ := node.Parse("fuzz.yaml", src)
		for i, d := range docs {
			addDocument(cat, d, i)
		}
		cat.Index()
		l := lint.Run(cat, lint.Options{Today: civil.MustParse("2026-05-01"), Files: fsys})
		if !slices.IsSortedFunc(l, diag.Compare) {
			t.Error("not sorted")
		}
		for _, d := range l {
			if d.File == "" || d.Line < 1 || d.Message == "" || d.Rule == "" {
				t.Errorf("incomplete: %+v", d)
			}
		}
	})
}

// addDocument decodes what can be decoded and passes over the rest.
func addDocument(cat *schema.Catalog, d *node.Node, i int) {
	_, kind := node.Lookup(d, "kind")
	if kind == nil {
		return
	}
	src := schema.Source{File: "fuzz.yaml", Document: i, Pos: schema.Pos{Line: 1, Column: 1}}
	switch schema.Kind(kind.Value) {
	case schema.KindOrganization:
		decoded(d, src, func(o *schema.Organization) { cat.Organization = o })
	case schema.KindPerson:
		decoded(d, src, func(o *schema.Person) { cat.People = append(cat.People, o) })
	case schema.KindClient:
		decoded(d, src, func(o *schema.Client) { cat.Clients = append(cat.Clients, o) })
	case schema.KindProcessTemplate:
		decoded(d, src, func(o *schema.ProcessTemplate) { cat.Processes = append(cat.Processes, o) })
	case schema.KindOnboardingPlan:
		decoded(d, src, func(o *schema.OnboardingPlan) { cat.Plans = append(cat.Plans, o) })
	}
}

func decoded[T any, P interface {
	*T
	schema.Document
}](d *node.Node, src schema.Source, add func(P)) {
	doc := P(new(T))
	if node.Decode(d, doc) == nil {
		doc.Head().Source = src
		add(doc)
	}
}
