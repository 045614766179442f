package lint_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/lint"
)

// TestManual holds RULES.md complete both ways: an entry for every rule, in the order of
// the list, and no other.
func TestManual(t *testing.T) {
	b, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(string(b), -1) {
		got = append(got, m[1])
	}
	for _, r := range lint.Rules() {
		want = append(want, r.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headings of RULES.md, -rules +manual:\n%s", diff)
	}
}

// TestEntries holds every entry to one form.
func TestEntries(t *testing.T) {
	for _, r := range lint.Rules() {
		entry, ok := lint.Doc(r.ID)
		if !ok {
			t.Errorf("%s has no entry", r.ID)
			continue
		}
		first, _, _ := strings.Cut(entry, "\n")
		if want := "**" + r.Severity.String() + "**: " + r.Summary; first != want {
			t.Errorf("%s begins with %q, want %q", r.ID, first, want)
		}
		for _, part := range []string{"\nWhy it matters: ", "\nBad:\n\n```yaml\n", "\nGood:\n\n```yaml\n"} {
			if strings.Count(entry, part) != 1 {
				t.Errorf("%s does not say %q once", r.ID, strings.TrimSpace(part))
			}
		}
		if strings.Contains(entry, "\n## ") || len(r.Summary) > 90 || strings.HasSuffix(r.Summary, ".") {
			t.Errorf("%s: the entry runs into the next one, or its summary %q is no short line", r.ID, r.Summary)
		}
	}
	for _, id := range []string{"", "lint", "lint/", "lint/no-such-rule", "Rules", "unknown-role"} {
		if text, ok := lint.Doc(id); ok {
			t.Errorf("Doc(%q) = %q", id, text)
		}
	}
}

// TestRuleFiles holds one file a rule, named like it.
func TestRuleFiles(t *testing.T) {
	for _, r := range lint.Rules() {
		file := strings.ReplaceAll(strings.TrimPrefix(r.ID, "lint/"), "-", "_") + ".go"
		b, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(b), `ID: "`+r.ID+`"`) {
			t.Errorf("%s does not hold %s", file, r.ID)
		}
	}
}
