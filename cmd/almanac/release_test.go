package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestGoreleaser holds the description of a release against goreleaser's own schema of it.
// Goreleaser itself takes minutes to build, so it is not among the tools of .ci/tools.mod;
// `goreleaser check` and `goreleaser release --snapshot --skip=publish` of version 2.16.0
// were run by hand and pass.
func TestGoreleaser(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "goreleaser", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var good map[string]any
	decode(t, filepath.Join(repositoryRoot(), ".github", "goreleaser.yaml"), &good)
	if err := schema.Validate(good); err != nil {
		t.Error(err)
	}
	good["builds"].([]any)[0].(map[string]any)["ldflag"] = "-s"
	if err := schema.Validate(good); err == nil {
		t.Error("a misspelt field passes")
	}
}

// TestReleaseNames holds that the action downloads what goreleaser makes.
func TestReleaseNames(t *testing.T) {
	var release struct {
		ProjectName string `yaml:"project_name"`
		Builds      []struct {
			Main, Binary string
			Goos, Goarch []string
		}
		Archives []struct {
			NameTemplate string `yaml:"name_template"`
			Formats      []string
		}
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
			Algorithm    string
		}
	}
	decode(t, filepath.Join(repositoryRoot(), ".github", "goreleaser.yaml"), &release)
	b, a := release.Builds[0], release.Archives[0]
	name := strings.NewReplacer("{{ .Version }}", "${VERSION#v}", "{{ .Os }}", "${os}", "{{ .Arch }}", "${arch}").Replace(a.NameTemplate) + "." + a.Formats[0]
	script := readAction(t).script(t, "Get almanac")
	for _, want := range []string{`archive="` + name + `"`, ` -C "$dir" ` + b.Binary + "\n", "os=" + b.Goos[0], "os=" + b.Goos[1], "arch=" + b.Goarch[0], "arch=" + b.Goarch[1]} {
		if !strings.Contains(script+"\n", want) {
			t.Errorf("the action does not have %s", want)
		}
	}
	workflow, err := os.ReadFile(filepath.Join(repositoryRoot(), ".github", "workflows", "release.yml"))
	if err != nil || !strings.Contains(string(workflow), "dist/"+release.Checksum.NameTemplate) || release.Checksum.Algorithm != "sha256" {
		t.Errorf("the attestation is not of the checksums: %v", err)
	}
}

// TestReleaseOrder holds that nothing is published before all of it is there and attested, since
// a published release cannot be changed any more.
func TestReleaseOrder(t *testing.T) {
	var release struct{ Release struct{ Draft bool } }
	decode(t, filepath.Join(repositoryRoot(), ".github", "goreleaser.yaml"), &release)
	if !release.Release.Draft {
		t.Error("goreleaser publishes by itself")
	}
	steps := allSteps(t)["release.yml"]
	last := -1
	for _, want := range []string{"actions/checkout@", "actions/setup-go@", "bash .ci/run", "goreleaser/goreleaser-action@", "actions/attest-build-provenance@", "--draft=false"} {
		at := slices.IndexFunc(steps, func(s step) bool { return strings.HasPrefix(s.Uses, want) || strings.Contains(s.Run, want) })
		if at <= last {
			t.Errorf("%s is step %d, after step %d", want, at, last)
		}
		last = at
	}
}
