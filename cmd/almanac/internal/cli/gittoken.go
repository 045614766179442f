package cli

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/almanac-gitops/almanac/reconcile/forge/github"
)

// gitToken returns what gives the secret of a ledger over https. GITHUB_TOKEN goes to the
// GitHub that the environment names and to no other host: the clone of somebody who has
// one exported may have its remote anywhere. ALMANAC_GIT_TOKEN is meant for the remote.
func (c *Command) gitToken() func(ctx context.Context, host string) (string, error) {
	var tell sync.Once
	return func(_ context.Context, host string) (string, error) {
		if own := c.Getenv("ALMANAC_GIT_TOKEN"); own != "" {
			return own, nil
		}
		token := c.Getenv("GITHUB_TOKEN")
		if token != "" && !c.isGitHub(host) {
			tell.Do(func() {
				c.talk("warning: GITHUB_TOKEN is not sent to %s, which is not the GitHub of GITHUB_SERVER_URL: a token for the ledger there goes into ALMANAC_GIT_TOKEN", host)
			})
			return "", nil
		}
		return token, nil
	}
}

// isGitHub reports whether a host is that of GITHUB_SERVER_URL, or goes with the address of
// the interface: https://github.example/api/v3 and https://api.github.com have their
// repositories on github.example and github.com.
func (c *Command) isGitHub(host string) bool {
	if server, err := url.Parse(c.Getenv("GITHUB_SERVER_URL")); err == nil && strings.EqualFold(server.Host, host) {
		return true
	}
	api, err := url.Parse(cmp.Or(c.Getenv("GITHUB_API_URL"), github.DefaultAPI))
	return err == nil && strings.EqualFold(strings.TrimPrefix(strings.ToLower(api.Host), "api."), host)
}
