package ledger

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/transport/client"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// stayHome makes go-git ask no other host than that of the address it was given. It takes
// no client with a call, only one for the whole process.
var stayHome = sync.OnceFunc(func() {
	c := githttp.NewClient(&http.Client{Transport: http.DefaultTransport, CheckRedirect: sameHost})
	client.InstallProtocol("https", c)
	client.InstallProtocol("http", c)
})

// sameHost refuses a redirect to another host. One on the same host is followed: so moves a
// repository that was renamed, or an address that is http no more.
func sameHost(r *http.Request, via []*http.Request) error {
	from, to := via[0].URL.Hostname(), r.URL.Hostname()
	if !strings.EqualFold(from, to) {
		return fmt.Errorf("%s sends us on to %s, another host: give the ledger the address where the repository is now", from, to)
	}
	return nil
}
