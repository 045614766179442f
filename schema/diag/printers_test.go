package diag_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// The caret stands below what is wrong, however wide the characters before it are.
func TestTextCaret(t *testing.T) {
	tests := []struct {
		name, line    string
		column, end   int
		source, caret string
	}{
		{"letters", "naem: x", 1, 5, "naem: x", "^~~~"},
		{"one", "a: b", 4, 5, "a: b", "   ^"},
		{"end unknown", "a: bcd", 4, 0, "a: bcd", "   ^"},
		{"end before start", "a: bcd", 4, 2, "a: bcd", "   ^"},
		{"ideographs before", "名前: x", 5, 6, "名前: x", "      ^"},
		{"ideographs marked", "a: 名前", 4, 6, "a: 名前", "   ^~~~"},
		{"emoji", "👍: x", 4, 5, "👍: x", "    ^"},
		{"joined emoji", "👩‍👩‍👧: x", 8, 9, "👩‍👩‍👧: x", "    ^"},
		{"combining mark", "e\u0301: x", 5, 6, "e\u0301: x", "   ^"},
		{"tab", "a:\tb", 4, 5, "a:  b", "    ^"},
		{"tab after an ideograph", "名a\tb", 4, 5, "名a b", "    ^"},
		{"tab marked", "a:\tb", 3, 4, "a:  b", "  ^~"},
		{"control characters", "a\x07: b", 5, 6, `a\a: b`, "     ^"},
		{"no UTF-8", "a\xff: b", 5, 6, `a\xff: b`, "       ^"},
		{"after the line", "a:", 3, 0, "a:", "  ^"},
		{"far after the line", "a:", 30, 40, "a:", "  ^"},
		{"empty line", "", 1, 0, "", "^"},
		{"carriage return", "a: b\r\n", 4, 5, "a: b", "   ^"},
		{"runner command", "##[add-mask]x", 13, 14, `##\x5badd-mask]x`, "               ^"},
		{"long, at the start", strings.Repeat("a", 500), 1, 3, strings.Repeat("a", 139) + "…", "^~"},
		{"long, at the end", strings.Repeat("a", 500), 500, 501, "…" + strings.Repeat("a", 139), strings.Repeat(" ", 139) + "^"},
		{"long, in the middle", strings.Repeat("a", 500), 200, 900,
			"…" + strings.Repeat("a", 138) + "…", strings.Repeat(" ", 60) + "^" + strings.Repeat("~", 79)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := diag.List{{File: "f", Line: 1, Column: tt.column, EndColumn: tt.end, Rule: "r", Message: "m"}}
			o := diag.TextOptions{Source: func(string, int) (string, bool) { return tt.line, true }}
			got := printed(t, func(w io.Writer, l diag.List) error { return diag.WriteText(w, l, o) }, l)
			want := fmt.Sprintf("f:1:%d: m [r]\n  1 | %s\n    | %s\n1 error in 1 file\n", tt.column, tt.source, tt.caret)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A file on one line is not shown for each of its faults.
func TestTextEndlessLine(t *testing.T) {
	l := diag.List{{File: "f", Line: 1, Column: 2, Rule: "r", Message: "m", Hint: "h"}}
	o := diag.TextOptions{Source: func(string, int) (string, bool) { return strings.Repeat("a", 17<<10), true }}
	got := printed(t, func(w io.Writer, l diag.List) error { return diag.WriteText(w, l, o) }, l)
	if want := "f:1:2: m [r]\n    = h\n1 error in 1 file\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// many returns so many errors and warnings, alternating.
func many(errors, warnings int) diag.List {
	var l diag.List
	for i := range max(errors, warnings) {
		d := diag.Diagnostic{File: fmt.Sprintf("clients/%05d.yaml", i), Line: 1, Column: 1, Rule: "r", Message: "m"}
		if i < errors {
			l = append(l, d)
		}
		if i < warnings {
			d.Severity = diag.Warning
			l = append(l, d)
		}
	}
	return l
}

func TestGitHubAnnotations(t *testing.T) {
	tests := []struct {
		errors, warnings int
		lines            int
		last             string
	}{
		{9, 0, 9, "::error file=clients/00008.yaml,line=1,col=1,endColumn=2,title=r::m"},
		{10, 0, 10, "::error title=almanac::1 more error, see the job summary"},
		{500, 9, 19, "::error title=almanac::491 more errors, see the job summary"},
		{12, 31, 20, "::warning title=almanac::22 more warnings, see the job summary"},
	}
	for _, tt := range tests {
		l := many(tt.errors, tt.warnings)
		for i := range l {
			l[i].EndColumn = 2
		}
		lines := strings.Split(strings.TrimSuffix(printed(t, diag.WriteGitHub, l), "\n"), "\n")
		if len(lines) != tt.lines || lines[len(lines)-1] != tt.last {
			t.Errorf("%d errors, %d warnings: %d lines, the last is %s", tt.errors, tt.warnings, len(lines), lines[len(lines)-1])
		}
	}
}

func TestSummaryBudget(t *testing.T) {
	l := many(3000, 6000)
	for i := range l {
		l[i].Message = strings.Repeat("株", 40)
	}
	got := printed(t, diag.WriteSummary, l)
	if len(got) > diag.SummaryBudget {
		t.Errorf("summary takes %d bytes", len(got))
	}
	rows := strings.Count(got, "\n| error") + strings.Count(got, "\n| warning")
	if want := fmt.Sprintf("\n\n%d more faults left out here for want of room.\n", len(l)-rows); !strings.HasSuffix(got, want) {
		t.Errorf("summary of %d rows does not end with %q but with %q", rows, want, got[len(got)-80:])
	}
	if strings.LastIndex(got, "\n| error") > strings.Index(got, "\n| warning") {
		t.Error("an error comes after a warning")
	}
}

func TestSARIFLimit(t *testing.T) {
	got := printed(t, printers["sarif"], many(4000, 3000))
	var log struct {
		Runs []struct {
			Invocations []struct {
				ToolExecutionNotifications []struct{ Message struct{ Text string } }
			}
			Results []struct{ Level string }
		}
	}
	if err := json.Unmarshal([]byte(got), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != diag.SARIFResults || run.Results[3999].Level != "error" || run.Results[4000].Level != "warning" {
		t.Errorf("%d results, or not the worst first", len(run.Results))
	}
	want := "2000 more faults left out: only the first 5,000 are kept, errors first"
	if got := run.Invocations[0].ToolExecutionNotifications[0].Message.Text; got != want {
		t.Errorf("note %q, want %q", got, want)
	}
}

// Whatever a file holds, a log shows it as text, on one line, whole, and the same for every
// order of the faults.
func TestPrinterProperties(t *testing.T) {
	nasty := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"::error::x", " ::add-mask::x", "\n::x::", "##[error]x", "#\u200b#[x", "\r\n", "]]>", "<a>&amp;", "%0A",
			"\u202e", "\ufeff::x", "\u2028::x", "\xff\xfe", "\uffff", "\U000e0041", "|", "", "\x00",
		}),
	)
	fault := rapid.Custom(func(t *rapid.T) diag.Diagnostic {
		return diag.Diagnostic{
			File: nasty.Draw(t, "file"), Line: rapid.IntRange(0, 3).Draw(t, "line"),
			Column: rapid.IntRange(0, 9).Draw(t, "column"), EndColumn: rapid.IntRange(0, 12).Draw(t, "end"),
			Severity: rapid.SampledFrom([]diag.Severity{diag.Error, diag.Warning}).Draw(t, "severity"),
			Rule:     nasty.Draw(t, "rule"), Path: nasty.Draw(t, "path"), Message: nasty.Draw(t, "message"), Hint: nasty.Draw(t, "hint"),
		}
	})
	proptest.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(fault, 1, 5, func(d diag.Diagnostic) string {
			d.Hint, d.EndColumn = "", 0
			return fmt.Sprint(d)
		}).Draw(t, "list")
		other := rapid.Permutation(list).Draw(t, "permuted")
		source := nasty.Draw(t, "source")
		for name, write := range printers {
			if name == "text" {
				write = func(w io.Writer, l diag.List) error {
					return diag.WriteText(w, l, diag.TextOptions{Source: func(string, int) (string, bool) { return source, true }})
				}
			}
			var a, b strings.Builder
			if err := errors.Join(write(&a, list), write(&b, other)); err != nil {
				t.Fatal(err)
			}
			if a.String() != b.String() {
				t.Fatalf("%s depends on the order of faults", name)
			}
			checkLog(t, name, a.String())
		}
	})
}

// meant are the hidden characters that a printer may write besides the joiners of emoji: for
// colours, and to break mentions.
var meant = map[string]string{"color": "\x1b", "summary": "\u200b"}

// checkLog fails if a runner or a terminal would take part of a printed text for a command.
func checkLog(t *rapid.T, name, text string) {
	for line := range strings.Lines(text) {
		command := strings.HasPrefix(strings.TrimSpace(line), "::")
		if command != (name == "github") {
			t.Fatalf("%s: a line of a log: %q", name, line)
		}
		for _, r := range strings.TrimSuffix(line, "\n") {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !strings.ContainsRune("\u200c\u200d"+meant[name], r) {
				t.Fatalf("%s: hidden character %q in %q", name, r, line)
			}
		}
	}
	if strings.Contains(text, "##[") && name != "github" {
		t.Fatalf("%s: the older form of a command in %q", name, text)
	}
	switch name {
	case "json", "sarif":
		if !json.Valid([]byte(text)) {
			t.Fatalf("%s is no JSON: %s", name, text)
		}
	case "junit":
		if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
			t.Fatalf("no XML: %v\n%s", err, text)
		}
	}
}

// What SARIF refers to is there: rules by index, files by address, places by numbers that
// the format allows.
func TestSARIFReferences(t *testing.T) {
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine, StartColumn, EndColumn int }
					}
				}
			}
		}
	}
	list := append(sample(), diag.Diagnostic{File: "a b/ü?#%.yaml", Line: 3, Rule: "r", Message: "m"},
		diag.Diagnostic{File: "a.yaml", Line: 3, Column: 4, EndColumn: 2, Rule: "r", Message: "m"})
	if err := json.Unmarshal([]byte(printed(t, printers["sarif"], list)), &log); err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{".": true}
	for _, d := range list {
		files[d.File] = true
	}
	run := log.Runs[0]
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
		}
		at := r.Locations[0].PhysicalLocation
		u, err := url.Parse(at.ArtifactLocation.URI)
		if err != nil || u.IsAbs() || u.RawQuery != "" || u.Fragment != "" || !files[u.Path] {
			t.Errorf("address %q leads to no file (%v)", at.ArtifactLocation.URI, err)
		}
		if g := at.Region; g != nil && (g.StartLine < 1 || g.StartColumn < 0 || g.EndColumn != 0 && g.EndColumn <= g.StartColumn) {
			t.Errorf("region %+v", *g)
		}
	}
}

// What a program reads is what was found, escapes or not.
func TestJSONKeepsValues(t *testing.T) {
	message := "a\u202eb ##[c] \U000e0041 <&> \x1b \u2028 株"
	var got struct{ Diagnostics []struct{ Message string } }
	text := printed(t, printers["json"], diag.List{{Message: message}})
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Diagnostics[0].Message != message {
		t.Errorf("%q came back as %q", message, got.Diagnostics[0].Message)
	}
}

// A printer hands on that it could not write.
func TestPrintersFail(t *testing.T) {
	broken := errors.New("disk full")
	for name, write := range printers {
		if err := write(failing{broken}, sample()); !errors.Is(err, broken) {
			t.Errorf("%s: %v, want %v", name, err, broken)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
