package githubtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Reaction is what somebody put beside a comment.
type Reaction struct {
	ID int
	// Content is GitHub's word, such as rocket.
	Login, Content string
	At             time.Time
}

// changed is when a comment was last changed, which is when it was made for most.
func (c Comment) changed() time.Time {
	if c.Edited.IsZero() {
		return c.At
	}
	return c.Edited
}

// complete gives new comments an id and a time, and those whose text differs from what it
// was before the time of that.
func (r *repository) complete(comments, before []Comment, now time.Time) {
	for i := range comments {
		c := &comments[i]
		if c.ID == 0 {
			c.ID = r.newID()
		}
		if c.At.IsZero() {
			c.At = now
		}
		if old := slices.IndexFunc(before, func(b Comment) bool { return b.ID == c.ID }); old >= 0 && before[old].Body != c.Body {
			c.Edited = now
		}
	}
}

// Reactions returns what is beside a comment, in the order in which it came.
func (s *Server) Reactions(comment int) []Reaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.repo.reactions[comment])
}

// EditComment changes the text of a comment as somebody does on the web page.
func (s *Server) EditComment(id int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, m := s.repo.comment(id)
	if m == nil {
		s.tb.Errorf("githubtest: there is no comment %d to edit", id)
		return
	}
	m.Body, m.Edited = text, s.now()
	r.touch(s.now())
}

// comment returns a comment and its issue, or nil where one of them is gone.
func (r *repository) comment(id int) (*record, *Comment) {
	for _, rec := range r.issues {
		if i := slices.IndexFunc(rec.Comments, func(m Comment) bool { return m.ID == id }); i >= 0 && !rec.gone && rec.movedTo == "" {
			return rec, &rec.Comments[i]
		}
	}
	return nil, nil
}

// remark is a comment with the number of its issue or pull request.
type remark struct {
	Comment
	issue int
}

// remarks returns the comments of the repository as they were at a time.
func (r *repository) remarks(at, since time.Time) []remark {
	var l []remark
	for _, rec := range r.issues {
		i, ok := rec.at(at)
		if !ok || rec.gone || rec.movedTo != "" {
			continue
		}
		for _, c := range i.Comments {
			if !c.changed().Truncate(time.Second).Before(since) {
				l = append(l, remark{c, rec.Number})
			}
		}
	}
	slices.SortFunc(l, func(a, b remark) int { return a.ID - b.ID })
	return l
}

// listRepositoryComments answers one page of the comments on all issues and pull requests.
// It lags as the list of issues does, and since holds for the last change.
func (s *Server) listRepositoryComments(c *call) *answer {
	q := c.r.URL.Query()
	since, _ := time.Parse(time.RFC3339, q.Get("since"))
	rows := s.repo.remarks(c.now.Add(-s.repo.lag), since)
	if q.Get("sort") == "updated" {
		slices.SortStableFunc(rows, func(a, b remark) int { return a.changed().Compare(b.changed()) })
	}
	if q.Get("direction") != "asc" {
		slices.Reverse(rows)
	}
	page, size := s.pageOf(q)
	start := min((page-1)*size, len(rows))
	end := min(start+size, len(rows))
	out := []any{}
	for _, r := range rows[start:end] {
		out = append(out, s.commentShape(r.issue, r.Comment))
	}
	a := reply(http.StatusOK, out)
	if end < len(rows) {
		q.Set("page", strconv.Itoa(page+1))
		a.header = http.Header{"Link": {"<" + s.api("repositories/%d/issues/comments", s.repo.id) + "?" + q.Encode() + `>; rel="next"`}}
	}
	return a
}

// onComment finds the comment that is asked for.
func (s *Server) onComment(c *call, do func(*record, *Comment) *answer) *answer {
	id, _ := strconv.Atoi(c.param("comment_id"))
	if r, m := s.repo.comment(id); m != nil {
		return do(r, m)
	}
	return message(http.StatusNotFound, "Not Found")
}

func (s *Server) getComment(c *call) *answer {
	return s.onComment(c, func(r *record, m *Comment) *answer { return reply(http.StatusOK, s.commentShape(r.Number, *m)) })
}

// createReaction adds a reaction once: whoever has put the same one there gets it with 200.
// It changes neither the comment nor the issue.
func (s *Server) createReaction(c *call) *answer {
	f := fields[struct{ Content string }](c)
	return s.onComment(c, func(r *record, m *Comment) *answer {
		if r.Locked && c.who.Access != Write {
			return message(http.StatusForbidden, "Unable to create reaction because issue is locked.")
		}
		status, have := http.StatusOK, s.repo.reactions[m.ID]
		i := slices.IndexFunc(have, func(x Reaction) bool { return x.Login == c.who.Login && x.Content == f.Content })
		if i < 0 {
			status, i = http.StatusCreated, len(have)
			have = append(have, Reaction{ID: s.repo.newID(), Login: c.who.Login, Content: f.Content, At: c.now})
			s.repo.reactions[m.ID] = have
		}
		x := have[i]
		return reply(status, object{"id": x.ID, "node_id": "REA_" + strconv.Itoa(x.ID), "user": s.userShape(x.Login), "content": x.Content, "created_at": stamp(x.At)})
	})
}
