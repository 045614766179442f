package githubtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is what goes back for a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call is one request while it is answered.
type call struct {
	*exchange
	r    *http.Request
	path string
	body []byte
	who  *account
	now  time.Time
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left
	}
	if s.opt.Watch != nil {
		s.opt.Watch(r, body)
	}
	if s.clock != nil {
		s.clock.Advance(s.opt.Tick)
	}
	c, refused := s.receive(r, body)
	entry := Request{Operation: c.operation, Method: r.Method, Path: c.path, At: c.now, Began: began}
	f := s.begin(entry)
	a := refused
	if f.Do != nil {
		f.Do()
	}
	if a == nil && !(f.breaks() && !f.After) {
		good := s.answer(c)
		a = &good
	}
	if f.Status != 0 {
		a = &answer{status: f.Status, header: f.Header, body: []byte(f.Body)}
	}
	if a != nil {
		entry.Status = a.status
	}
	entry.Ended = time.Now()
	s.end(entry)
	s.write(w, r, c, f, a)
}

// breaks reports whether something goes wrong with the answer.
func (f *Fault) breaks() bool {
	return f.Hang || f.Drop || f.Truncate || f.Empty || f.Status != 0
}

// begin counts a request and says what goes wrong with it.
func (s *Server) begin(entry Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[entry.Operation]++
	if f := s.fault(entry); f != nil {
		return f
	}
	return &Fault{}
}

func (s *Server) end(entry Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, entry)
}

// receive finds out what is asked for, and holds it against GitHub's description.
func (s *Server) receive(r *http.Request, body []byte) (*call, *answer) {
	c := &call{exchange: &exchange{operation: "unknown"}, r: r, path: r.URL.EscapedPath(), body: body, now: s.now()}
	s.checkHeader(r)
	below, ok := strings.CutPrefix(c.path, s.base.EscapedPath())
	if !ok {
		s.tb.Errorf("githubtest: %s %s is not below the base path %s", r.Method, c.path, s.base.Path)
		return c, message(http.StatusNotFound, "Not Found")
	}
	c.path = "/" + below
	path := s.byName(c.path)
	if path == "" {
		s.tb.Errorf("githubtest: %s %s reaches for another repository", r.Method, c.path)
		return c, message(http.StatusNotFound, "Not Found")
	}
	x, err := s.contract.request(r, path, body)
	if x != nil {
		c.exchange = x
	}
	if err != nil {
		s.tb.Errorf("githubtest: %s %s does not fit GitHub's description: %v", r.Method, c.path, err)
		return c, message(http.StatusUnprocessableEntity, "Validation Failed")
	}
	return c, nil
}

// byName turns the addresses that GitHub gives out, which have the number of the
// repository in them, into those of its description; "" is another repository.
func (s *Server) byName(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest, ok := strings.CutPrefix(path, "/repositories/")
	if !ok {
		return path
	}
	id, rest, _ := strings.Cut(rest, "/")
	if id != strconv.Itoa(s.repo.id) {
		return ""
	}
	return strings.TrimRight("/repos/"+s.repo.owner+"/"+s.repo.name+"/"+rest, "/")
}

// checkHeader refuses what a good client never sends, and a protocol that the test is not about.
func (s *Server) checkHeader(r *http.Request) {
	if r.UserAgent() == "" {
		s.tb.Errorf("githubtest: %s %s has no User-Agent, which GitHub demands", r.Method, r.URL.Path)
	}
	if s.opt.HTTP2 != (r.ProtoMajor == 2) {
		s.tb.Errorf("githubtest: %s %s came over %s", r.Method, r.URL.Path, r.Proto)
	}
	for _, h := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if r.Header.Get(h) != "" {
			s.tb.Errorf("githubtest: %s %s has %s: Go then sends it twice by itself, and GitHub passes over it", r.Method, r.URL.Path, h)
		}
	}
}

// answer does what is asked and holds the answer against GitHub's description.
func (s *Server) answer(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.admit(c)
	if a == nil {
		do, ok := s.operations()[c.operation]
		if !ok {
			s.tb.Errorf("githubtest: %s is in GitHub's description but not built here", c.operation)
			return *message(http.StatusNotFound, "Not Found")
		}
		a = do(c)
	}
	if err := s.contract.response(c.exchange, *a); err != nil {
		s.tb.Errorf("githubtest: GitHub would not answer so: %v", err)
	}
	return *a
}

// admit asks who it is, how often they asked, and whether they may.
func (s *Server) admit(c *call) *answer {
	if strings.HasPrefix(c.operation, "apps/") {
		return s.admitApp(c)
	}
	token, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	c.who = s.tokens[token]
	if c.who == nil || !c.who.expires.IsZero() && c.now.After(c.who.expires) {
		return message(http.StatusUnauthorized, "Bad credentials")
	}
	if a := s.limit(c); a != nil {
		return a
	}
	if c.params["owner"] == "" {
		return nil
	}
	return s.admitRepository(c)
}

// admitRepository redirects from earlier names and refuses what a token may not do.
func (s *Server) admitRepository(c *call) *answer {
	name := c.params["owner"] + "/" + c.params["repo"]
	if hasFold(s.repo.earlierNames, name) {
		rest := strings.SplitN(c.path, "/", 5)
		to := s.base.JoinPath("repositories", strconv.Itoa(s.repo.id)).String()
		if len(rest) == 5 {
			to += "/" + rest[4]
		}
		return s.redirect(c, to)
	}
	write := c.r.Method != http.MethodGet
	switch {
	case !strings.EqualFold(name, s.repo.owner+"/"+s.repo.name), c.who.Access == None:
		return message(http.StatusNotFound, "Not Found")
	case write && s.repo.archived:
		return message(http.StatusForbidden, "Repository was archived so is read-only.")
	case s.repo.issuesOff && strings.HasPrefix(c.operation, "issues/") && !strings.Contains(c.operation, "label"):
		return message(http.StatusGone, "Issues are disabled for this repo")
	case write && c.who.Access == ReadOnly:
		return c.forbidden()
	}
	return nil
}

// redirect answers 301 to a read and 307 to a write, as GitHub does.
func (s *Server) redirect(c *call, to string) *answer {
	status := http.StatusMovedPermanently
	if c.r.Method != http.MethodGet {
		status = http.StatusTemporaryRedirect
	}
	if c.r.URL.RawQuery != "" {
		to += "?" + c.r.URL.RawQuery
	}
	a := message(status, "Moved Permanently")
	a.header = http.Header{"Location": {to}}
	return a
}

func (c *call) forbidden() *answer {
	if c.who.Integration {
		return message(http.StatusForbidden, "Resource not accessible by integration")
	}
	return message(http.StatusForbidden, "Resource not accessible by personal access token")
}

// message is an answer that says something.
func message(status int, text string) *answer {
	return reply(status, map[string]any{"message": text, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)})
}

// invalid is a 422 about one field.
func invalid(resource, field, code, text string, value any) *answer {
	e := map[string]any{"resource": resource, "field": field, "code": code}
	if text != "" {
		e["message"] = text
	}
	if value != nil {
		e["value"] = value
	}
	return reply(http.StatusUnprocessableEntity, map[string]any{"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest", "errors": []any{e}})
}

// reply is an answer with a body.
func reply(status int, body any) *answer {
	b, err := json.Marshal(body)
	if err != nil {
		return &answer{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	return &answer{status: status, body: b}
}

// write sends the answer, or breaks it off as the fault says.
func (s *Server) write(w http.ResponseWriter, r *http.Request, c *call, f *Fault, a *answer) {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.closing:
		}
		panic(http.ErrAbortHandler)
	case f.Drop || a == nil:
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Date", s.now().UTC().Format(http.TimeFormat))
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	s.rateHeaders(h, c)
	for name, values := range a.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	body := a.body
	if f.Empty {
		body = nil
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", fmt.Sprint(len(body)))
	}
	w.WriteHeader(a.status)
	if f.Truncate {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client that left is no fault of the server
}
