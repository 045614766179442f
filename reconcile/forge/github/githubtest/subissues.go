package githubtest

import "net/http"

// maxSubIssues is how many GitHub takes under one issue, closed ones included.
const maxSubIssues = 100

// NoSubIssues makes it a server that has no sub-issues, as an older Enterprise Server.
func (s *Server) NoSubIssues() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repo.noSubIssues = true
}

// children returns the sub-issues of an issue, by number.
func (r *repository) children(number int) (list []*record) {
	for _, c := range r.issues {
		if c.Parent == number && !c.gone && c.movedTo == "" {
			list = append(list, c)
		}
	}
	return list
}

func (s *Server) addSubIssue(c *call, r *record) *answer {
	f := fields[struct {
		ID int `json:"sub_issue_id"`
	}](c)
	var child *record
	for _, i := range s.repo.issues {
		if i.id == f.ID && !i.gone && i.movedTo == "" {
			child = i
		}
	}
	switch {
	case s.repo.noSubIssues:
		return message(http.StatusNotFound, "Not Found")
	case c.who.Access == NoPush:
		return c.forbidden()
	case child == nil:
		return message(http.StatusNotFound, "The provided sub-issue does not exist")
	case child.Parent != 0:
		return s.refuseSubIssue("Issue may not contain duplicate sub-issues and Sub issue may only have one parent")
	case len(s.repo.children(r.Number)) >= maxSubIssues:
		return s.refuseSubIssue("Parent cannot have more than 100 sub-issues")
	}
	child.Parent = r.Number
	a := s.getIssue(c, r)
	a.status = http.StatusCreated
	return a
}

func (s *Server) refuseSubIssue(why string) *answer {
	const text = "An error occurred while adding the sub-issue to the parent issue. "
	return reply(http.StatusUnprocessableEntity, object{"message": text + why, "documentation_url": "https://docs.github.com/rest"})
}

func (s *Server) listSubIssues(_ *call, r *record) *answer {
	if s.repo.noSubIssues {
		return message(http.StatusNotFound, "Not Found")
	}
	list := []any{}
	for _, i := range s.repo.children(r.Number) {
		list = append(list, s.issueShape(i.Issue, i.id))
	}
	return reply(http.StatusOK, list)
}
