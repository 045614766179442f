package cli

import (
	"bytes"
	"strings"
	"testing"
)

// TestGitToken: the token of GitHub goes to that GitHub and nowhere else, whatever the remote
// of a clone is.
func TestGitToken(t *testing.T) {
	const server, api, own = "GITHUB_SERVER_URL", "GITHUB_API_URL", "ALMANAC_GIT_TOKEN"
	for _, tt := range []struct {
		host string
		env  map[string]string
		want string
	}{
		{"github.com", nil, "SENTINEL"},
		{"GitHub.com", map[string]string{server: "https://github.com", api: "https://api.github.com"}, "SENTINEL"},
		{"github.example", map[string]string{api: "https://github.example/api/v3"}, "SENTINEL"},
		{"github.example:8443", map[string]string{server: "https://github.example:8443"}, "SENTINEL"},
		{"acme.ghe.com", map[string]string{api: "https://api.acme.ghe.com"}, "SENTINEL"},
		{"gitlab.example", nil, ""},
		{"github.com.example", nil, ""},
		{"evil.github.com", nil, ""},
		{"github.com:8443", nil, ""},
		{"github.com", map[string]string{server: "https://github.example", api: "https://github.example/api/v3"}, ""},
		{"gitlab.example", map[string]string{own: "for the ledger"}, "for the ledger"},
		{"github.com", map[string]string{own: "for the ledger"}, "for the ledger"},
	} {
		var talk bytes.Buffer
		c := &Command{Stderr: &talk, Getenv: func(name string) string {
			if name == "GITHUB_TOKEN" {
				return "SENTINEL"
			}
			return tt.env[name]
		}}
		token := c.gitToken()
		for range 2 {
			if got, err := token(t.Context(), tt.host); got != tt.want || err != nil {
				t.Errorf("%s, %v: %q, %v", tt.host, tt.env, got, err)
			}
		}
		if told := strings.Count(talk.String(), "is not sent to "+tt.host); told > 1 || (told == 1) != (tt.want == "") || strings.Contains(talk.String(), "SENTINEL") {
			t.Errorf("%s, %v: told %q", tt.host, tt.env, talk.String())
		}
	}
}
