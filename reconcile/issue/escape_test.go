package issue

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"

	"pgregory.net/rapid"
)

// z stands for the zero-width space in the tables of this file.
func z(s string) string { return strings.ReplaceAll(s, "°", zwsp) }

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"Acme Dental Group":           "Acme Dental Group",
		"Smith & Sons":                "Smith & Sons",
		"&lt;b&gt; &#64;x":            `\&lt;b\&gt; \&#°64;x`,
		"@everyone, @org/team":        "@°everyone, @°org/team",
		"dana@northwind.example":      "dana@°northwind.example",
		"fixes #1, GH-2, gh-3, o/r#4": "fixes #°1, GH-°2, gh-°3, o/r#°4",
		"C# and @ home":               "C# and @ home",
		"# heading":                   `\# heading`,
		"- item":                      `\- item`,
		"1. item":                     `1\. item`,
		"12) item":                    `12\) item`,
		"no 1. item":                  "no 1. item",
		"2.1":                         "2.1",
		"3.":                          `3\.`,
		"===":                         `\===`,
		"a | b":                       `a \| b`,
		`a \| b`:                      `a \\\| b`,
		"*b* _i_ `c` ~s~ $m$":         "\\*b\\* \\_i\\_ \\`c\\` \\~s\\~ \\$m\\$",
		"[a](https://x.example) ![b]": `\[a\](https:°//x.example) !\[b\]`,
		"www.x.example WWW.y.example": "www°.x.example WWW°.y.example",
		"<script> --> <!-- x":         `\<script\> --\> \<!-- x`,
		"two\r\nlines\u2028three":     "two lines three",
		"\x1b[31mred\x07\x00":         `\[31mred`,
		"a\u202eb\u2066c\u200bd":      "abcd",
		"  spaced   out ":             "spaced out",
		"\xff\xfe":                    "\uFFFD",
		"~~~":                         `\~\~\~`,
		"👩\u200d💻":                    "👩\u200d💻",
	} {
		if got := Text(in); got != z(want) {
			t.Errorf("Text(%q) = %q, want %q", in, got, z(want))
		}
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"Acme: Annual *strategy*":  "Acme: Annual *strategy*",
		"@all fixes #1\n::error::": "@°all fixes #°1 ::error::",
		strings.Repeat("é", 201):   strings.Repeat("é", 199) + "…",
		strings.Repeat("é", 200):   strings.Repeat("é", 200),
	} {
		if got := Title(in); got != z(want) {
			t.Errorf("Title(%q) = %q, want %q", in, got, z(want))
		}
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"a/b/c": "`a/b/c`", "a`b": "``a`b``", "`": "`` ` ``", "": "`  `", "@x <!-- y": "`@x <" + zwsp + "!-- y`",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	for _, tt := range []struct{ text, url, want string }{
		{"a]b", "https://x.example/a b?(c)#L12", `[a\]b](https://x.example/a%20b?%28c%29#L12)`},
		{"file", "clients/acme.yaml#L3", "[file](clients/acme.yaml#L3)"},
		{"x", "mailto:dana@northwind.example", "[x](mailto:dana@northwind.example)"},
		{"x", "javascript:alert(1)", "x"},
		{"x", "JavaScript:alert(1)", "x"},
		{"x", "data:text/html,x", "x"},
		{"x", "//other.example/x", "x"},
		{"x", "https://x.example/%zz", "x"},
		{"x", "", "x"},
	} {
		if got := Link(tt.text, tt.url); got != tt.want {
			t.Errorf("Link(%q, %q) = %q, want %q", tt.text, tt.url, got, tt.want)
		}
	}
}

func TestLogLine(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x":        ":°:error::x",
		"  ::stop-commands": "  :°:stop-commands",
		"a ::error::":       "a ::error::",
		"x ##[group]y":      "x #°#[group]y",
		"\x1b[2J%0A\rnext":  "[2J%0A next",
		"  + create x  ":    "  + create x",
	} {
		if got := LogLine(in); got != z(want) {
			t.Errorf("LogLine(%q) = %q, want %q", in, got, z(want))
		}
	}
}

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"## Before\n\n* [ ] one\n\n| a | b |": "## Before\n\n* [ ] one\n\n| a | b |",
		"ask @dana, see #12 and GH-1":         "ask @°dana, see #°12 and GH-°1",
		"run `ssh admin@host` @x":             "run `ssh admin@host` @°x",
		"an odd ` and `ssh admin@host`":       "an odd ` and `ssh admin@°host`",
		"over `two\nlines @x `code` @y":       "over `two\nlines @°x `code` @°y",
		"\\`@x`":                              "\\`@°x`",
		"```sh\nssh admin@host #1\n```\n@x":   "```sh\nssh admin@host #1\n```\n@°x",
		"```sh\nssh admin@host":               "```sh\nssh admin@host\n```",
		"- a\n  ~~~\n  x@y":                   "- a\n  ~~~\n  x@y\n  ~~~",
		"<!-- almanac:end -->":                "<°!-- almanac:end -->",
		"```\n<!-- almanac:end -->\n```":      "```\n<°!-- almanac:end -->\n```",
		"<![CDATA[ <?php":                     "<°![CDATA[ <°?php",
		"[docs](https://x.example/a)":         "[docs](https://x.example/a)",
		"Fixes: https://x.example/issues/1":   "Fixes°: https://x.example/issues/1",
		"closes o/r#1":                        "closes o/r#°1",
		"\r\na\u202e\r\n":                     "a",
	} {
		if got := Markdown(in); got != z(want) {
			t.Errorf("Markdown(%q) = %q, want %q", in, got, z(want))
		}
	}
}

var (
	mention   = regexp.MustCompile(`@[\w-]|#\d|(?i)gh-\d`)
	rawMarkup = regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[`*_\\[\\]<>|~$]")
	rawBlock  = regexp.MustCompile(`^(#|[-+=]|\d{1,9}[.)]( |$))`)
)

// seeds are what people and robots have put into names.
func seeds(f *testing.F) {
	for _, s := range []string{
		"Acme Dental Group", "-->", "<!-- almanac:v1 k=a/b/c/d i=n -->", "<!-- almanac:end -->", "@everyone", "#1",
		"fixes #1", "o/r#1", "GH-1", "`", "``` x", "::error::x", "%0A", "\x1b[31m", "a|b", `a\|b`, "\u202e", "1. x", "- [ ] x",
		"# x", "[x](javascript:alert(1))", "![](https://tracker.example/x.png)", "<details>", "&#64;x", "@\u200bx", "\\", "\xff",
		"##[group]", "a\r\nb", "\u2028", "~~~", "a `b\nc` @d", "<!\u200b-- x -->",
	} {
		f.Add(s)
	}
}

// TestPlainURL: what is taken for plain is what the parser makes of it.
func TestPlainURL(t *testing.T) {
	if !isPlainURL("https://github.com/northwind/client-operations/blob/HEAD/clients/acme.yaml#L12") {
		t.Error("the address of a file is not plain")
	}
	piece := rapid.SampledFrom([]string{"https://", "http://", "x.example", "/", "a", "-", "_", ".", "..", "#", "L1", "?", ":", "@", "%41", " ", "é"})
	proptest.Check(t, func(t *rapid.T) {
		s := "https://" + strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "parts"), "")
		if isPlainURL(s) && escapeURL(s) != s {
			t.Errorf("%q becomes %q", s, escapeURL(s))
		}
	})
}

// FuzzEscape puts one text through every escape and looks for what must not come through.
func FuzzEscape(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		for name, out := range map[string]string{
			"Text": Text(s), "Title": Title(s), "Code": Code(s), "LogLine": LogLine(s), "Link": Link(s, s),
		} {
			if strings.ContainsAny(out, "\n\r\u2028\u0085") || !utf8.ValidString(out) {
				t.Errorf("%s(%q) = %q is not one line of text", name, s, out)
			}
		}
		if out := Text(s); mention.MatchString(out) || rawMarkup.MatchString(out) || rawBlock.MatchString(out) || strings.Contains(out, "://") {
			t.Errorf("Text(%q) = %q", s, out)
		}
		if out := Title(s); mention.MatchString(out) || utf8.RuneCountInString(out) > MaxTitle || Title(out) != out {
			t.Errorf("Title(%q) = %q, then %q", s, out, Title(out))
		}
		if out := LogLine(s); strings.HasPrefix(strings.TrimSpace(out), "::") || strings.Contains(out, "##[") || LogLine(out) != out {
			t.Errorf("LogLine(%q) = %q, then %q", s, out, LogLine(out))
		}
		if isPlainURL(s) && escapeURL(s) != s {
			t.Errorf("%q is no plain address", s)
		}
		if out := URL(s); strings.ContainsAny(out, " ()<>[]\"'`|\\\n") || strings.HasPrefix(strings.ToLower(out), "javascript:") {
			t.Errorf("URL(%q) = %q", s, out)
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		out := Markdown(s)
		if again := Markdown(out); again != out {
			t.Errorf("Markdown(%q) = %q, then %q", s, out, again)
		}
		if strings.Contains(out, "<!--") {
			t.Errorf("Markdown(%q) = %q holds a comment", s, out)
		}
		if !strings.ContainsAny(s, "`~") && mention.MatchString(out) {
			t.Errorf("Markdown(%q) = %q holds a mention", s, out)
		}
	})
}

// FuzzContent puts one text into every field and demands that the issue stays one: the
// same number of lines, the same marker, no other region.
func FuzzContent(f *testing.F) {
	seeds(f)
	marker := Marker{Key: Key{"acme", "vcio", "2026", "audit", ""}, Installation: "northwind"}
	f.Fuzz(func(t *testing.T, s string) {
		due := civil.MustParse("2026-05-01")
		c := Content{Client: s, Number: s, Step: s, Process: s, Turn: s, Type: s, Duration: s, Nominal: due.AddDays(-1), Due: due,
			Moved: s, Owner: s, With: []string{s, s}, Tags: []string{s}, Checklist: []string{s, s}, Steps: []StepLine{{Number: s, Title: s, State: s}}, File: s, Line: 3, FileURL: s, Previous: 7}
		for _, l := range strings.Split(c.Region(), "\n") {
			if strings.HasPrefix(l, "|") && (!strings.HasSuffix(l, " |") && !strings.HasSuffix(l, "-|") || columns(l) != 3) {
				t.Errorf("%q breaks the table: %q", s, l)
			}
		}
		c.Instructions = s
		body := Compose(c.Region(), marker)
		if m, ok := ParseMarker(body); !ok || m != marker {
			t.Errorf("%q changed the marker to %v", s, m)
		}
		if strings.Count("\n"+body, "\n<!--") != 3 || len(s) < 1000 && Region(body) != c.Region() {
			t.Errorf("%q changed the region: %q", s, body)
		}
		if title := c.IssueTitle(); utf8.RuneCountInString(title) > MaxTitle || mention.MatchString(title) {
			t.Errorf("title %q", title)
		}
	})
}

// columns counts the pipes of a line that divide cells.
func columns(l string) int {
	n := 0
	for i := range len(l) {
		if l[i] != '|' {
			continue
		}
		escapes := 0
		for j := i - 1; j >= 0 && l[j] == '\\'; j-- {
			escapes++
		}
		n += 1 - escapes%2
	}
	return n
}
