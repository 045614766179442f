package githubtest

import (
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// listComments answers one page of the comments of an issue, oldest first.
func (s *Server) listComments(c *call, r *record) *answer {
	size, page := 30, 1
	if n, _ := strconv.Atoi(c.r.URL.Query().Get("per_page")); n > 0 {
		size = n
	}
	if s.opt.PageSize > 0 {
		size = min(size, s.opt.PageSize)
	}
	if n, _ := strconv.Atoi(c.r.URL.Query().Get("page")); n > 0 {
		page = n
	}
	start := min((page-1)*size, len(r.Comments))
	end := min(start+size, len(r.Comments))
	list := []any{}
	for _, m := range r.Comments[start:end] {
		list = append(list, s.commentShape(r.Number, m))
	}
	a := reply(http.StatusOK, list)
	if end < len(r.Comments) {
		next := s.api("repositories/%d/issues/%d/comments?per_page=%d&page=%d", s.repo.id, r.Number, size, page+1)
		a.header = http.Header{"Link": {"<" + next + `>; rel="next"`}}
	}
	return a
}

// updateComment changes the text of a comment, which whoever may push can do to anybody's.
func (s *Server) updateComment(c *call) *answer {
	f := fields[issueFields](c)
	id, _ := strconv.Atoi(c.param("comment_id"))
	for _, r := range s.repo.issues {
		i := slices.IndexFunc(r.Comments, func(m Comment) bool { return m.ID == id })
		if i < 0 || r.gone || r.movedTo != "" {
			continue
		}
		m := &r.Comments[i]
		switch {
		case c.who.Access != Write && m.Author != c.who.Login:
			return c.forbidden()
		case f.Body == nil || *f.Body == "":
			return invalid("IssueComment", "body", "missing_field", "", nil)
		case utf8.RuneCountInString(*f.Body) > maxBody:
			return invalid("IssueComment", "body", "unprocessable", "body is too long (maximum is 65536 characters)", nil)
		}
		m.Body, m.Edited = *f.Body, c.now
		r.touch(c.now)
		return reply(http.StatusOK, s.commentShape(r.Number, *m))
	}
	return message(http.StatusNotFound, "Not Found")
}
