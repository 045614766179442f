package issue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

var marker = Marker{Key: Key{"acme", "vcio", "2026", "audit", ""}, Installation: "northwind", Spec: "0123abcd"}

const (
	begin = "<!-- almanac:begin -->\n"
	end   = "\n<!-- almanac:end -->"
	foot  = "\n\n<!-- almanac:v1 k=acme/vcio/2026/audit i=northwind s=0123abcd -->"
)

func TestMerge(t *testing.T) {
	other := "<!-- almanac:v1 k=acme/vcio/2026/other i=northwind -->"
	for name, tt := range map[string]struct{ body, region, want string }{
		"new":                 {"", "R", begin + "R" + end + foot},
		"unchanged":           {begin + "R" + end + foot, "R", begin + "R" + end + foot},
		"CRLF":                {strings.ReplaceAll(begin+"R"+end+foot, "\n", "\r\n") + "\r\n", "R", begin + "R" + end + foot},
		"text around":         {"before\n\n" + begin + "R" + end + "\n\nafter" + foot, "S", "before\n\n" + begin + "S" + end + "\n\nafter" + foot},
		"text below":          {begin + "R" + end + foot + "\n\nbelow", "R", begin + "R" + end + "\n\nbelow" + foot},
		"marker removed":      {begin + "R" + end, "R", begin + "R" + end + foot},
		"marker changed":      {begin + "R" + end + "\n\n" + other, "R", begin + "R" + end + foot},
		"region removed":      {"mine" + foot, "R", "mine\n\n" + begin + "R" + end + foot},
		"everything removed":  {"\n", "R", begin + "R" + end + foot},
		"end removed":         {begin + "R" + foot + "\nmine", "R", "R\n\nmine\n\n" + begin + "R" + end + foot},
		"begin removed":       {"R" + end + foot, "R", "R\n\n" + begin + "R" + end + foot},
		"region twice":        {begin + "R" + end + "\n" + begin + "R" + end + foot, "R", begin + "R" + end + "\n\nR" + foot},
		"ticked":              {begin + "- [x] a\n- [ ] b" + end + foot, "- [ ] b\n- [ ] a", begin + "- [ ] b\n- [x] a" + end + foot},
		"ticked large":        {begin + "* [X] a" + end + foot, "* [ ] a", begin + "* [X] a" + end + foot},
		"unticked":            {begin + "- [ ] a" + end + foot, "- [x] a", begin + "- [ ] a" + end + foot},
		"same text twice":     {begin + "- [ ] a\n- [x] a" + end + foot, "- [ ] a\n- [ ] a\n- [ ] a", begin + "- [ ] a\n- [x] a\n- [ ] a" + end + foot},
		"reworded":            {begin + "- [x] a" + end + foot, "- [ ] b", begin + "- [ ] b" + end + foot},
		"ticked in own words": {begin + "- [ ] a" + end + "\n- [x] a" + foot, "- [ ] a", begin + "- [ ] a" + end + "\n\n- [x] a" + foot},
	} {
		t.Run(name, func(t *testing.T) {
			got := Merge(tt.body, tt.region, marker)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if again := Merge(got, tt.region, marker); again != got {
				t.Errorf("merging again: %s", cmp.Diff(got, again))
			}
		})
	}
}

func TestMergeIsIdempotent(t *testing.T) {
	piece := rapid.SampledFrom([]string{"mine", "", " ", "- [ ] a", "- [x] a", "* [X] b", "<!-- almanac:begin -->", "<!-- almanac:end -->",
		marker.String(), "```", "text\r", strings.Repeat("long ", 4000)})
	body := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 15).Draw(t, "lines"), "\n")
	})
	region := rapid.Custom(func(t *rapid.T) string {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"- [ ] a", "- [x] b", "text", "", "| Last time | #1 |", "| Last time | #2 |", "| Written in | [x] a |", strings.Repeat("x", 30000)}), 1, 6)
		return strings.Join(lines.Draw(t, "region"), "\n")
	})
	proptest.Check(t, func(t *rapid.T) {
		b, r := body.Draw(t, "body"), region.Draw(t, "region")
		once := Merge(b, r, marker)
		if twice := Merge(once, r, marker); twice != once {
			t.Errorf("merging again: %s", cmp.Diff(once, twice))
		}
		if Normalize(once) != once {
			t.Errorf("%q is not normal", once)
		}
		for _, is := range []string{Normalize(b), once, Compose(region.Draw(t, "other"), marker), Compose(r, marker), regionBegin + "\n" + r + "\n" + regionEnd + "\n\n" + marker.String()} {
			if m := Merge(is, r, marker); IsSteady(is, r, marker) && m != is && Steady(m) != Steady(is) {
				t.Errorf("%q is not steady: %q", is, m)
			}
		}
		if m, ok := ParseMarker(once); !ok || m != marker {
			t.Errorf("marker %v, %t", m, ok)
		}
		if strings.Count(once, "almanac:begin") != 1 || strings.Count(once, "almanac:end") != 1 {
			t.Errorf("not one region: %q", once)
		}
	})
}

// TestIsSteady knows a body that nobody touched, and no other.
func TestIsSteady(t *testing.T) {
	region := "| Last time | #1 |\n- [ ] a\n| Written in | x:2 |"
	body := Compose(region, marker)
	for _, want := range []string{region, "- [ ] a", "| Written in | x:3 |\n- [ ] a"} {
		if !IsSteady(body, want, marker) {
			t.Errorf("%q is not taken for %q", body, want)
		}
	}
	for _, want := range []string{"", "- [x] a", "- [ ] a\n", "- [ ] a\nb", "b\n- [ ] a"} {
		if IsSteady(body, want, marker) {
			t.Errorf("%q is taken for %q", body, want)
		}
	}
	for _, is := range []string{"", "mine\n\n" + body, body + "\n\nmine", strings.Replace(body, "almanac:v1", "almanac:v2", 1)} {
		if IsSteady(is, region, marker) {
			t.Errorf("%q is steady", is)
		}
	}
}

func TestBodyFits(t *testing.T) {
	long := strings.Repeat("one more line of text\n", 4000)
	body := Compose("```\n"+long, marker)
	if len(body) > MaxBody {
		t.Errorf("%d bytes", len(body))
	}
	if !strings.Contains(body, "\n```\n\n*The text is too long") {
		t.Errorf("the block of code is not closed: %q", body[len(body)-300:])
	}
	with := Merge("mine\n\n"+body, long, marker)
	if !strings.HasPrefix(with, "mine\n") || len(with) > MaxBody {
		t.Errorf("%d bytes, begins with %q", len(with), with[:10])
	}
}

func TestRegion(t *testing.T) {
	c := Content{
		Client: "Acme Dental | Group", Number: "2.1", Step: "Annual strategy", Process: "vCIO process", Turn: "2026", Type: "meeting",
		At: "14:30", Duration: "90 minutes", Nominal: civil.MustParse("2026-05-02"), Due: civil.MustParse("2026-05-04"), Moved: "weekend",
		Owner: "Dana Whitfield", With: []string{"Marcus Oyelaran"}, Tags: []string{"strategy"}, Checklist: []string{"Budget *proposal*"},
		Instructions: "Bring the **printed** roadmap.", File: "templates/vcio.yaml", Line: 12, FileURL: "https://x.example/vcio.yaml#L12", Previous: 7,
	}
	want := `| | |
|---|---|
| Client | Acme Dental \| Group |
| Due | Monday 2026-05-04 (moved from Saturday 2026-05-02: weekend) |
| Owner | Dana Whitfield |
| With | Marcus Oyelaran |
| Process | vCIO process |
| Turn | 2026 |
| Number | 2.1 |
| Type | meeting |
| Time | 14:30 |
| Duration | 90 minutes |
| Tags | strategy |
| Last time | #7 |
| Written in | [templates/vcio.yaml:12](https://x.example/vcio.yaml#L12) |

**Checklist**

- [ ] Budget \*proposal\*

**Instructions**

Bring the **printed** roadmap.`
	if d := cmp.Diff(want, c.Region()); d != "" {
		t.Error(d)
	}
	if got, want := c.IssueTitle(), "Acme Dental | Group: 2.1 Annual strategy (2026)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	moved := c
	moved.Line, moved.FileURL, moved.Previous = 13, "", 8
	if Spec(moved.Region()) != Spec(c.Region()) || moved.Region() == c.Region() {
		t.Error("a line that moved makes another issue")
	}
	small := Content{Step: "Call", Due: civil.MustParse("2026-05-04")}
	if d := cmp.Diff("| | |\n|---|---|\n| Due | Monday 2026-05-04 |\n| Owner | – |", small.Region()); d != "" {
		t.Error(d)
	}
	long := Content{Client: strings.Repeat("@é", 150), Step: "x", Turn: "2026"}.IssueTitle()
	if !strings.HasSuffix(long, "… (2026)") {
		t.Errorf("%q does not keep its turn", long)
	}
}

// TestMilestoneTitle is as harmless as a title, and keeps its cycle.
func TestMilestoneTitle(t *testing.T) {
	for want, of := range map[string][2]string{
		"Acme Dental | Group: vCIO process (2026)":                 {"Acme Dental | Group", "vCIO process"},
		"@" + zwsp + "all ::error::: closes #" + zwsp + "1 (2026)": {"@all\n::error::", "closes #1"},
		strings.Repeat("é", 182) + "… (2026)":                      {strings.Repeat("é", 300), "vCIO process"},
	} {
		if got := MilestoneTitle(of[0], of[1], "2026"); got != want || Title(got) != got {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestStepsKeepTheirTicks: a box that a person ticks or clears stays so until the step
// stands otherwise.
func TestStepsKeepTheirTicks(t *testing.T) {
	m := Marker{Key: Key{"acme", "plan", "1", "whole-run", ""}, Installation: "northwind"}
	region := func(state string, ended bool) string {
		return Content{Steps: []StepLine{{Number: "0.1", Title: "Sign-up", State: state, Ended: ended}, {Title: "Call", State: state}}}.Region()
	}
	body := Compose(region("due Monday", false), m)
	has := func(want string) {
		t.Helper()
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	has("**Steps**\n\n- [ ] 0.1 Sign-up (due Monday)\n- [ ] Call (due Monday)\n")
	body = Merge(strings.Replace(body, "[ ] Call", "[x] Call", 1), region("due Monday", false), m)
	has("- [x] Call (due Monday)")
	body = Merge(body, region("done", true), m)
	has("- [x] 0.1 Sign-up (done)\n- [ ] Call (done)")
	body = Merge(strings.Replace(body, "[x] 0.1", "[ ] 0.1", 1), region("done", true), m)
	has("- [ ] 0.1 Sign-up (done)")
}
