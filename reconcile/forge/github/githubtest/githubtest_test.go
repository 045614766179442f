package githubtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder is a test that notes what failed in it.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// ask sends a request with the good token and returns the answer.
func ask(t *testing.T, s *Server, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Token)
	req.Header.Set("User-Agent", "test")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

const repo = "/repos/northwind/client-operations"

// TestContract: what GitHub would not understand fails the test of whoever sends it.
func TestContract(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		want               string
	}{
		"good":                 {"POST", repo + "/issues", `{"title":"x"}`, nil, ""},
		"no title":             {"POST", repo + "/issues", `{"body":"x"}`, nil, "title"},
		"labels of numbers":    {"POST", repo + "/issues", `{"title":"x","labels":[1]}`, nil, "labels"},
		"an unknown field":     {"POST", repo + "/issues", `{"title":"x","label":"y"}`, nil, `no field "label"`},
		"a bare list":          {"POST", repo + "/issues/1/labels", `["x"]`, nil, "does not fit"},
		"a bad state":          {"PATCH", repo + "/issues/1", `{"state":"done"}`, nil, "state"},
		"a bad reason":         {"PATCH", repo + "/issues/1", `{"state":"closed","state_reason":"skipped"}`, nil, "state_reason"},
		"a body to a GET":      {"GET", repo + "/issues/1", `{"x":1}`, nil, "takes no body"},
		"a bad since":          {"GET", repo + "/issues?since=yesterday", "", nil, "since"},
		"text for per_page":    {"GET", repo + "/issues?per_page=all", "", nil, "per_page"},
		"an unknown parameter": {"GET", repo + "/issues?label=x", "", nil, `no parameter "label"`},
		"an unknown route":     {"GET", repo + "/issue/1", "", nil, "GitHub has no"},
		"search":               {"GET", "/search/issues?q=x", "", nil, "not built here"},
		"another repository":   {"GET", "/repositories/99/issues/1", "", nil, "another repository"},
		"an idempotency key":   {"GET", repo, "", []string{"Idempotency-Key", "x"}, "sends it twice"},
		"no User-Agent":        {"GET", repo, "", []string{"User-Agent", ""}, "User-Agent"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &recorder{}
			s := New(rec, Options{})
			defer s.Close()
			s.Add(Issue{Title: "x"})
			ask(t, s, c.method, c.path, c.body, c.header...)
			got := strings.Join(rec.lines, "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}

// TestOutsideBase: the base path is part of every address.
func TestOutsideBase(t *testing.T) {
	rec := &recorder{}
	s := New(rec, Options{BasePath: "/api/v3/"})
	defer s.Close()
	req, err := http.NewRequest("GET", strings.TrimSuffix(s.URL(), "/api/v3")+"/user", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(rec.lines) == 0 || resp.StatusCode != http.StatusNotFound {
		t.Errorf("%d, said %q", resp.StatusCode, rec.lines)
	}
}

// TestAnswers: every operation that is built gives an answer that GitHub would give, over
// both protocols, at the root and below a base path.
func TestAnswers(t *testing.T) {
	for _, o := range []Options{{}, {BasePath: "/", HTTP2: true}} {
		s := New(t, o)
		s.SetAssignable("dana-w")
		for _, step := range []struct {
			method, path, body string
			want               int
		}{
			{"GET", "/user", "", 200}, {"GET", "/rate_limit", "", 200}, {"GET", repo, "", 200}, {"GET", "/repos/other/other", "", 404},
			{"POST", repo + "/labels", `{"name":"almanac","color":"5319e7","description":"x"}`, 201}, {"POST", repo + "/labels", `{"name":"Almanac"}`, 422},
			{"POST", repo + "/labels", `{"name":"x","color":"red"}`, 422}, {"GET", repo + "/labels/ALMANAC", "", 200}, {"GET", repo + "/labels/no", "", 404}, {"GET", repo + "/labels", "", 200},
			{"POST", repo + "/issues", `{"title":"x","labels":["almanac"],"assignees":["dana-w"]}`, 201}, {"POST", repo + "/issues", `{"title":"x","assignees":["nobody"]}`, 422},
			{"POST", repo + "/issues", `{"title":"` + strings.Repeat("x", 257) + `"}`, 422}, {"POST", repo + "/issues", `{"title":"x","labels":["` + strings.Repeat("x", 51) + `"]}`, 422},
			{"GET", repo + "/issues", "", 200}, {"GET", repo + "/issues/1", "", 200}, {"GET", repo + "/issues/2", "", 404}, {"GET", repo + "/issues?page=101", "", 422},
			{"PATCH", repo + "/issues/1", `{"state":"closed","state_reason":"not_planned"}`, 200}, {"POST", repo + "/issues/1/comments", `{"body":"x"}`, 201}, {"GET", repo + "/issues/1/comments", "", 200},
			{"POST", repo + "/issues/1/labels", `{"labels":["overdue"]}`, 200}, {"DELETE", repo + "/issues/1/labels/overdue", "", 200}, {"DELETE", repo + "/issues/1/labels/overdue", "", 404},
			{"POST", repo + "/issues/1/assignees", `{"assignees":["nobody"]}`, 201}, {"DELETE", repo + "/issues/1/assignees", `{"assignees":["dana-w"]}`, 200},
			{"GET", repo + "/assignees/dana-w", "", 204}, {"GET", repo + "/assignees/nobody", "", 404}, {"GET", "/repositories/4711/issues/1", "", 200},
			{"GET", "/app", "", 401}, {"POST", "/app/installations/1/access_tokens", "", 401},
		} {
			if resp, body := ask(t, s, step.method, step.path, step.body); resp.StatusCode != step.want {
				t.Errorf("%s %s %s: %d, want %d: %s", step.method, step.path, step.body, resp.StatusCode, step.want, body)
			}
		}
		if i, ok := s.Issue(1); !ok || i.State != "closed" || i.Reason != "not_planned" || len(i.Labels) != 1 || len(i.Comments) != 1 || len(i.Assignees) != 0 {
			t.Errorf("left %+v", i)
		}
		s.Close()
	}
}

// TestReplaces: labels in a change of the issue are the whole set, as on GitHub.
func TestReplaces(t *testing.T) {
	s := New(t, Options{})
	defer s.Close()
	s.Add(Issue{Title: "x", Labels: []string{"vip", "almanac"}})
	ask(t, s, "PATCH", repo+"/issues/1", `{"labels":["overdue"]}`)
	if i, _ := s.Issue(1); len(i.Labels) != 1 || i.Labels[0] != "overdue" {
		t.Errorf("labels %q", i.Labels)
	}
}

// TestContentLimits: 80 a minute and 500 an hour, by the clock of the server.
func TestContentLimits(t *testing.T) {
	s := New(t, Options{})
	defer s.Close()
	s.Add(Issue{Title: "x"})
	post := func() int {
		resp, _ := ask(t, s, "POST", repo+"/issues/1/comments", `{"body":"x"}`)
		return resp.StatusCode
	}
	for i := range 80 {
		if got := post(); got != 201 {
			t.Fatalf("comment %d: %d", i, got)
		}
	}
	if got := post(); got != 403 {
		t.Errorf("81 in a minute: %d", got)
	}
	s.Clock().Advance(time.Minute)
	for i := 80; i < 500; i++ {
		s.Clock().Advance(time.Second)
		if got := post(); got != 201 {
			t.Fatalf("comment %d: %d", i, got)
		}
	}
	s.Clock().Advance(time.Minute)
	if got := post(); got != 403 {
		t.Errorf("501 in an hour: %d", got)
	}
}

// TestPrimaryLimit: it ends with its hour.
func TestPrimaryLimit(t *testing.T) {
	s := New(t, Options{Hourly: 2})
	defer s.Close()
	for i, want := range []int{200, 200, 403} {
		if i == 2 {
			resp, _ := ask(t, s, "GET", "/rate_limit", "")
			if resp.StatusCode != 200 {
				t.Errorf("to ask for the limit costs: %d", resp.StatusCode)
			}
		}
		if resp, _ := ask(t, s, "GET", "/user", ""); resp.StatusCode != want {
			t.Errorf("request %d: %d, remaining %s", i, resp.StatusCode, resp.Header.Get("X-RateLimit-Remaining"))
		}
	}
	s.Clock().Advance(time.Hour)
	if resp, _ := ask(t, s, "GET", "/user", ""); resp.StatusCode != 200 {
		t.Errorf("an hour later: %d", resp.StatusCode)
	}
}
