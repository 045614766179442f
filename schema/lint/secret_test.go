package lint_test

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/schema/lint"
)

// TestCheckFile says where a secret begins and ends, in characters, and what is none.
func TestCheckFile(t *testing.T) {
	tests := []struct {
		name, text   string
		line, column int
		end          int
	}{
		{"first line", "password: hunter2\n", 1, 11, 18},
		{"byte order mark", "\ufeffpassword: hunter2\n", 1, 11, 18},
		{"Windows line ends", "kind: Person\r\npassword: hunter2\r\n", 2, 11, 18},
		{"no line end", "kind: Person\n  token: abc123", 2, 10, 16},
		{"characters before it", "name: Zoë ghp_0123456789abcdefghij\n", 1, 11, 35},
		{"quoted key", `{"secret": "s3cret"}`, 1, 12, 20},
		{"in braces", "x: {a: 1, api-key: abcdef}\n", 1, 20, 26},
		{"behind a tag", "token: !!str abcdef\n", 1, 14, 20},
		{"behind an anchor", "token: &t abcdef\n", 1, 11, 17},
		{"before a comment", "token: abcdef # old\n", 1, 8, 14},
		{"block text", "password: |\n  hunter2\n", 1, 11, 12},
		{"capitals", "DB_PASSWORD: hunter2\n", 1, 14, 21},
		{"camel case", "accessToken: abcdef\n", 1, 14, 20},
		{"list item", "- token: abcdef\n", 1, 10, 16},
		{"query", "url: https://files.example/x?token=abcdef&y=1\n", 1, 36, 42},
		{"address", "url: smtp://mailer:hunter2@mail.example:587\n", 1, 20, 27},
		{"private key", "  -----BEGIN RSA PRIVATE KEY-----\n", 1, 3, 34},
		{"old private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", 1, 1, 38},
		{"Discord", "url: https://discordapp.com/api/webhooks/1/a\n", 1, 6, 45},
		{"Power Platform", "url: https://default00.11.environment.api.powerplatform.com:443/powerautomate/x\n", 1, 6, 80},
		{"SharePoint", "- https://northwind.sharepoint.example/:x:/s/team/EaB1?e=AbC1, sheet\n", 1, 3, 63},
		{"Dropbox", "url: \"https://box.example/scl/fi/a/b.pdf?rlkey=abcdefgh&dl=0\"\n", 1, 7, 61},
		{"Azure", "# https://files.example/a.pdf?sv=1&sig=a%2Fbcdefgh\n", 1, 3, 51},
		{"text that grows in lower case", "# \u212a\u0130\npassword: hunter2\n", 2, 11, 18},

		{"env", "server-from: {env: SMTP_PASSWORD}\n", 0, 0, 0},
		{"reference", "password: env:SMTP_PASSWORD\n", 0, 0, 0},
		{"variable", "password: ${SMTP_PASSWORD}\n", 0, 0, 0},
		{"mapping", "password: {env: SMTP_PASSWORD}\n", 0, 0, 0},
		{"empty", "password:\n", 0, 0, 0},
		{"null", "password: ~\n", 0, 0, 0},
		{"yes or no", "token: true\n", 0, 0, 0},
		{"prose", "- Password: reset it with the client\n", 0, 0, 0},
		{"prose within a line", "title: Hand over the password: by phone\n", 0, 0, 0},
		{"another word", "tokens-left: 12345\n", 0, 0, 0},
		{"blank", "password: <your password>\n", 0, 0, 0},
		{"stars", "password: '********'\n", 0, 0, 0},
		{"beginning of a token", "# tokens begin with ghp_\n", 0, 0, 0},
		{"user only", "url: https://git@github.example/x\n", 0, 0, 0},
		{"Slack itself", "url: https://hooks.slack.com\n", 0, 0, 0},
		{"document", "url: https://northwind.sharepoint.example/sites/team/Pulse.xlsx?web=1\n", 0, 0, 0},
		{"another query", "url: https://files.example/a?design=abcdefghij&e=1\n", 0, 0, 0},
		{"port", "url: https://northwind.example:8443/x@y\n", 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := lint.CheckFile("a.yaml", []byte(tt.text))
			if tt.line == 0 {
				if len(l) != 0 {
					t.Errorf("found %v", l)
				}
				return
			}
			if len(l) != 1 {
				t.Fatalf("found %d secrets, want 1: %v", len(l), l)
			}
			if d := l[0]; d.Line != tt.line || d.Column != tt.column || d.EndColumn != tt.end {
				t.Errorf("at %d:%d-%d, want %d:%d-%d", d.Line, d.Column, d.EndColumn, tt.line, tt.column, tt.end)
			}
		})
	}
}

// TestCheckFileManySecrets has a line with so many that to tell all would not end in the time of
// a test, and one below it.
func TestCheckFileManySecrets(t *testing.T) {
	line := strings.Repeat("sk_li"+"ve_abcdefgh ", 200_000) + "\n"
	l := lint.CheckFile("a.yaml", []byte(line+"password: hunter2\n"))
	if n := len(l); n != 21 || l[19].Line != 1 || l[19].Column != 19*17+1 || l[20].Line != 2 {
		t.Errorf("%d: %.500v", n, l)
	}
}

// FuzzCheckFile holds that nothing panics, that positions lie within the text, and that no
// message repeats what it found.
func FuzzCheckFile(f *testing.F) {
	for _, s := range []string{
		"password: hunter2\n", "\ufefftoken: 'a b c d'\n", "# ghp_0123456789abcdefghij", "a: {secret: \xff\xfe\xff\xfe}",
		"https://a:bcdef@c\nxoxb-0123456789-abc", "\u212a\u0130password: |\r\n x", "-----BEGIN PRIVATE KEY-----",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		lines := strings.SplitAfter(string(src), "\n")
		for _, d := range lint.CheckFile("a.yaml", src) {
			if d.Line < 1 || d.Line > len(lines) {
				t.Fatalf("line %d of %d", d.Line, len(lines))
			}
			text := []rune(strings.TrimPrefix(lines[d.Line-1], "\ufeff"))
			if d.Column < 1 || d.EndColumn <= d.Column || d.EndColumn > len(text)+1 {
				t.Fatalf("columns %d to %d of %d", d.Column, d.EndColumn, len(text))
			}
			if found := string(text[d.Column-1 : d.EndColumn-1]); len(found) > 8 && strings.Contains(d.Message+d.Hint, found) {
				t.Fatalf("%q is repeated", found)
			}
		}
	})
}

// BenchmarkCheckFile is the cost of looking for secrets in a client file that holds none.
func BenchmarkCheckFile(b *testing.B) {
	src := []byte("kind: Client\nid: acme-dental\nname: Acme Dental Group\n" +
		strings.Repeat("  - {step: annual-strategy, cycle: 2026, move-to: 2026-05-08, reason: client on leave}\n", 18))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if l := lint.CheckFile("a.yaml", src); len(l) > 0 {
			b.Fatal(l)
		}
	}
}
