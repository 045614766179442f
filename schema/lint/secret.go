package lint

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// secretRule is about text, so that it also finds what stands in comments and in files
// that cannot be read otherwise.
var secretRule = Rule{ID: "lint/secret", Severity: diag.Error, Summary: "a secret written into a file"}

// secretForm is one form of secrets. The first group of the pattern, or else all of it, is
// the secret.
type secretForm struct {
	name string
	// needles are what one of has to stand in a text before the pattern is tried, in lower
	// case. They are few and short, since almost no file holds any.
	needles []string
	pattern *regexp.Regexp
}

var secretForms = []secretForm{
	{"a private key", []string{"-----begin"}, regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----`)},
	{"a GitHub token", []string{"_"},
		regexp.MustCompile(`\b(?:gh[posur]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})`)},
	{"a Slack token", []string{"xox", "xapp-"}, regexp.MustCompile(`\b(?:xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})`)},
	{"a Stripe key", []string{"_"}, regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{8,}`)},
	{"an AWS access key", []string{"akia", "asia"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"a Google API key", []string{"aiza"}, regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}`)},
	{"the address of a webhook", []string{".com"},
		regexp.MustCompile(`(?i)(?:https?://)?(?:hooks\.slack\.com/(?:services|workflows|triggers)/|(?:[a-z0-9-]+\.)*webhook\.office\.com/|outlook\.office(?:365)?\.com/webhook/|(?:[a-z0-9-]+\.)+logic\.azure\.com(?::\d+)?/|(?:[a-z0-9-]+\.)+api\.powerplatform\.com(?::\d+)?/|(?:[a-z]+\.)?discord(?:app)?\.com/api/webhooks/)[^\s"'<>)\]}]+`)},
	{"a password in an address", []string{"//"}, regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@"'<>]*:([^\s/@"'<>${}*]+)@`)},
	{shareLink, []string{"/:", "rlkey=", "sig="},
		regexp.MustCompile(`(?i)https?://(?:[a-z0-9.:-]+/:[a-z]:/[^\s"'<>)\]}]+|[^\s"'<>)\]}]+[?&](?:rlkey|sig)=[a-z0-9%+/_=-]{8,}[^\s"'<>)\]}]*)`)},
	{"a secret", []string{"pass", "token", "secret", "key"},
		secretKey},
}

// shareLink is an address that opens a document for whoever has it, as SharePoint, Dropbox
// and Azure make them.
const shareLink = "a link that lets everybody in"

// secretKey matches a key that says what it holds, where a key can stand: first in a line
// or a comment, within braces, or in the query of an address. The value is one word or is
// quoted, and nothing follows it: a sentence that begins with "Password:" is none.
var secretKey = regexp.MustCompile(`(?i)(?:^\s*(?:#+\s*)?(?:-\s+)*|[{,\[]\s*|[?&])["']?[a-z0-9_.-]*` +
	`(?:password|passwd|passphrase|token|secret|(?:api|access|private)[-_]?key)["']?\s*(?::\s*|=)(?:[!&]\S+\s+)*` +
	`("[^"]+"|'[^']+'|[^\s"'{}\[\]|>&*!%@#,$<][^\s,}\]&]*|[|>][-+0-9]*)` + `(?:\s*$|\s*[,}\]&]|\s+#)`)

// CheckFile returns the secrets in the text of a file, sorted. It never repeats one: what
// is printed ends up in the logs of a build.
func CheckFile(file string, src []byte) diag.List {
	forms := formsIn(secretForms, src)
	if len(forms) == 0 {
		return nil
	}
	var l diag.List
	line := 0
	for text := range bytes.Lines(src) {
		line++
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		l = append(l, checkLine(file, line, text, formsIn(forms, text))...)
	}
	return l.Sorted()
}

// formsIn returns the forms that a text may hold.
func formsIn(forms []secretForm, text []byte) []secretForm {
	low := bytes.ToLower(text)
	var l []secretForm
	for _, f := range forms {
		for _, n := range f.needles {
			if bytes.Contains(low, []byte(n)) {
				l = append(l, f)
				break
			}
		}
	}
	return l
}

// mostSecrets is how many secrets of a line are told. One is enough for somebody to look, and a
// line with thousands, each of which is compared with all others, would take minutes.
const mostSecrets = 20

// checkLine reports each stretch of a line once, under the first form that knows it.
func checkLine(file string, line int, text []byte, forms []secretForm) diag.List {
	var l diag.List
	var taken [][2]int
	for _, f := range forms {
		for _, m := range f.pattern.FindAllSubmatchIndex(text, -1) {
			from, to := m[0], m[1]
			if len(m) > 2 && m[2] >= 0 {
				from, to = m[2], m[3]
				if harmless(text[from:to]) {
					continue
				}
			}
			if overlapping(taken, from, to) {
				continue
			}
			if len(l) == mostSecrets {
				return l
			}
			taken = append(taken, [2]int{from, to})
			hint := "revoke it, since it stays in the history, and name an environment variable instead: {env: NAME}"
			if f.name == shareLink {
				hint = "stop sharing by it, since it stays in the history, and link to where the document is kept"
			}
			l = append(l, diag.Diagnostic{
				File: file, Line: line, Severity: secretRule.Severity, Rule: secretRule.ID,
				Column: utf8.RuneCount(text[:from]) + 1, EndColumn: utf8.RuneCount(text[:to]) + 1,
				Message: f.name + " is written into the file",
				Hint:    hint,
			})
		}
	}
	return l
}

func overlapping(taken [][2]int, from, to int) bool {
	for _, t := range taken {
		if from < t[1] && t[0] < to {
			return true
		}
	}
	return false
}

// harmless reports whether a value is no secret: a word of YAML, one too short to be a
// secret, or a blank that was to be filled in. Behind a bar, the secret is on the next line.
func harmless(v []byte) bool {
	if v[0] == '|' || v[0] == '>' {
		return false
	}
	v = bytes.ToLower(bytes.Trim(v, `"'`))
	switch string(v) {
	case "", "true", "false", "null", "~", "none", "yes", "no", "env", "env:":
		return true
	}
	return len(v) < 4 || bytes.HasPrefix(v, []byte("env:")) || bytes.HasPrefix(v, []byte("$")) ||
		bytes.HasPrefix(v, []byte("<")) || len(bytes.Trim(v, "x*.-")) == 0
}
