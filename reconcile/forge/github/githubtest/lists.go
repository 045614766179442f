package githubtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listed is one row of a list: an issue as it was, with the id of its record.
type listed struct {
	Issue
	id int
}

// listIssues answers one page. Pages are counted anew with every request, so that rows
// move when issues leave the list, as on GitHub.
func (s *Server) listIssues(c *call) *answer {
	q := c.r.URL.Query()
	for name := range q {
		if !slices.Contains([]string{"labels", "state", "sort", "direction", "since", "per_page", "page", "after"}, name) {
			s.tb.Errorf("githubtest: lists are not filtered by %q here", name)
		}
	}
	rows := s.rows(q, c.now.Add(-s.repo.lag))
	page, size := s.pageOf(q)
	if page > s.opt.MaxPage {
		return reply(http.StatusUnprocessableEntity, object{"message": "In order to keep the API fast for everyone, pagination is limited for this resource: use cursor based pagination (after/before).", "documentation_url": "https://docs.github.com/rest"})
	}
	start := min((page-1)*size, len(rows))
	if after := q.Get("after"); after != "" {
		n := cursorNumber(after)
		start = len(rows)
		if i := slices.IndexFunc(rows, func(l listed) bool { return beyond(q, l, n) }); i >= 0 {
			start = i
		}
	}
	end := min(start+size, len(rows))
	out := []any{}
	for _, l := range rows[start:end] {
		out = append(out, s.issueShape(l.Issue, l.id))
	}
	a := reply(http.StatusOK, out)
	if end < len(rows) {
		a.header = http.Header{"Link": {s.link("issues", q, page, rows[end-1].Number)}}
	}
	return a
}

// pageOf returns which page is asked for, from 1, and how many rows it has.
func (s *Server) pageOf(q url.Values) (page, size int) {
	size, _ = strconv.Atoi(q.Get("per_page"))
	if size == 0 {
		size = 30
	}
	if s.opt.PageSize > 0 {
		size = min(size, s.opt.PageSize)
	}
	page, _ = strconv.Atoi(q.Get("page"))
	return max(page, 1), size
}

// beyond reports whether a row comes after the one with a number.
func beyond(q url.Values, l listed, number int) bool {
	if q.Get("direction") == "asc" {
		return l.Number > number
	}
	return l.Number < number
}

// rows returns what a list holds, in its order.
func (s *Server) rows(q url.Values, at time.Time) []listed {
	since, _ := time.Parse(time.RFC3339, q.Get("since"))
	var rows []listed
	for _, r := range s.repo.issues {
		i, ok := r.at(at)
		if ok && !r.gone && r.movedTo == "" && matches(i, q, since) {
			rows = append(rows, listed{i, r.id})
		}
	}
	if q.Get("sort") == "updated" {
		slices.SortStableFunc(rows, func(a, b listed) int { return a.Updated.Compare(b.Updated) })
	}
	if q.Get("direction") != "asc" {
		slices.Reverse(rows)
	}
	return rows
}

func matches(i Issue, q url.Values, since time.Time) bool {
	state := q.Get("state")
	if state == "" {
		state = "open"
	}
	if state != "all" && i.State != state || i.Updated.Truncate(time.Second).Before(since) {
		return false
	}
	for _, l := range strings.Split(q.Get("labels"), ",") {
		if l != "" && !hasFold(i.Labels, l) {
			return false
		}
	}
	return true
}

// link returns the addresses of other pages, with the number of the repository in them.
// Beyond the last page that has a number, there is only a cursor.
func (s *Server) link(what string, q url.Values, page, last int) string {
	address := func(name, value string) string {
		next := url.Values{}
		for k, v := range q {
			next[k] = v
		}
		next.Del("page")
		next.Del("after")
		next.Set(name, value)
		return "<" + s.api("repositories/%d/%s", s.repo.id, what) + "?" + next.Encode() + ">"
	}
	first := address("page", "1") + `; rel="first"`
	if q.Get("after") != "" || page+1 > s.opt.MaxPage {
		return first + ", " + address("after", cursor(last)) + `; rel="next"`
	}
	return address("page", strconv.Itoa(page+1)) + `; rel="next", ` + first
}

func cursor(number int) string {
	return base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("cursor:v2:%d", number)))
}

func cursorNumber(s string) int {
	b, _ := base64.StdEncoding.DecodeString(s)
	n, _ := strconv.Atoi(strings.TrimPrefix(string(b), "cursor:v2:"))
	return n
}

func (s *Server) listLabels(*call) *answer {
	names := []string{}
	for _, l := range s.repo.labels {
		names = append(names, l.Name)
	}
	return reply(http.StatusOK, s.labelShapes(names))
}
