package githubtest

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong. What it does to a request is the first that is set of
// Hang, Drop, Truncate and Status.
type Fault struct {
	// Operation is the one that it hits, by GitHub's name; "" is every one, "read" and
	// "write" are all of a kind.
	Operation string
	// Skip lets that many requests pass first; Times is how many are hit then, 0 being one.
	Skip, Times int
	// After does what was asked before it goes wrong: only the answer is lost.
	After bool
	// Hang gives no answer until the client leaves.
	Hang bool
	// Drop ends the connection without an answer.
	Drop bool
	// Truncate ends it in the middle of the answer; it comes after the effect.
	Truncate bool
	// Empty is a good answer without a body; it comes after the effect.
	Empty bool
	// Status, Header and Body are a wrong answer.
	Status int
	Header http.Header
	Body   string
	// Do, where set, happens at the same moment, such as somebody closing an issue. It
	// comes before the request is answered, which goes on if nothing else is set.
	Do func()
}

// Inject adds faults. The first that fits a request is used.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		f.After = f.After || f.Truncate || f.Empty
		s.faults = append(s.faults, &f)
	}
}

// ClearFaults takes back all faults.
func (s *Server) ClearFaults() { s.set(func() { s.faults = nil }) }

// fault returns what goes wrong with a request, and uses it up.
func (s *Server) fault(r Request) *Fault {
	for _, f := range s.faults {
		fits := f.Operation == "" || f.Operation == r.Operation ||
			f.Operation == "write" && r.Write() || f.Operation == "read" && !r.Write()
		switch {
		case !fits || f.Times == 0:
		case f.Skip > 0:
			f.Skip--
		default:
			f.Times--
			return f
		}
	}
	return nil
}

const limitsPage = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"

const secondaryBody = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"` + limitsPage + `#about-secondary-rate-limits"}`

// Secondary is a secondary rate limit; retryAfter "" leaves out the header, as GitHub often
// does. The primary limit is far from used up, and its reset far away.
func (s *Server) Secondary(operation, retryAfter string) Fault {
	h := http.Header{"X-Ratelimit-Remaining": {"4000"}, "X-Ratelimit-Reset": {unix(s.now().Add(50 * time.Minute))}}
	if retryAfter != "" {
		h.Set("Retry-After", retryAfter)
	}
	return Fault{Operation: operation, Status: http.StatusForbidden, Header: h, Body: secondaryBody}
}

// TooMany is the same limit as a 429.
func (s *Server) TooMany(operation, retryAfter string) Fault {
	f := s.Secondary(operation, retryAfter)
	f.Status = http.StatusTooManyRequests
	return f
}

// Primary is the primary limit used up until a time from now.
func (s *Server) Primary(operation string, reset time.Duration) Fault {
	h := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {unix(s.now().Add(reset))}}
	return Fault{Operation: operation, Status: http.StatusForbidden, Header: h, Body: `{"message":"API rate limit exceeded for installation ID 1.","documentation_url":"` + limitsPage + `"}`}
}

// BadGateway is the page that stands before a server that is not well; after says that the
// server did what was asked.
func BadGateway(operation string, after bool) Fault {
	return Fault{Operation: operation, After: after, Status: http.StatusBadGateway, Body: "<html><h1>502 Bad Gateway</h1></html>"}
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
