package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
)

// maxHops bounds redirects in a row.
const maxHops = 5

// checkRedirect follows redirects within the repository only. GitHub sends them after a
// repository was renamed, which is harmless, and after an issue was transferred to another
// repository, where it is no longer ours to touch. Both look alike but for the number of
// the repository.
func (f *Forge) checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	if err := f.wire.pinned(next.URL); err != nil {
		return err
	}
	if len(via) > maxHops {
		return &failure{text: "GitHub sends us round in circles"}
	}
	if next.Method != first.Method {
		return &failure{text: fmt.Sprintf("GitHub answers a %s with a redirect that would lose it, and so did nothing", first.Method)}
	}
	if f.below(first.URL) == f.path() || !strings.HasPrefix(f.below(first.URL), "repos") {
		return nil
	}
	return f.sameRepository(first.Context(), next.URL)
}

// below returns the path of an address below the base.
func (f *Forge) below(u *url.URL) string { return strings.TrimPrefix(u.EscapedPath(), f.api.Path) }

// sameRepository returns nil where an address is within the repository.
func (f *Forge) sameRepository(ctx context.Context, u *url.URL) error {
	if strings.HasPrefix(strings.ToLower(f.below(u))+"/", strings.ToLower(f.path())+"/") {
		return nil
	}
	home, err := f.repository(ctx, false)
	if err != nil {
		return err
	}
	p := f.below(u) + "/"
	if strings.HasPrefix(p, "repositories/"+strconv.FormatInt(home.GetID(), 10)+"/") ||
		strings.HasPrefix(strings.ToLower(p), "repos/"+strings.ToLower(home.GetFullName())+"/") {
		return nil
	}
	to := *u
	to.RawQuery = ""
	return &failure{text: "it was moved to " + clean(to.String()), status: http.StatusMovedPermanently, kind: reconcile.ErrNotFound}
}
