package githubtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// operations are those that are built, by GitHub's names. Each is called with the lock
// held.
func (s *Server) operations() map[string]func(*call) *answer {
	return map[string]func(*call) *answer{
		"rate-limit/get":                          s.getRate,
		"users/get-authenticated":                 s.getUser,
		"repos/get":                               s.getRepository,
		"issues/list-for-repo":                    s.listIssues,
		"issues/create":                           s.createIssue,
		"issues/get":                              s.onIssue(s.getIssue),
		"issues/update":                           s.onIssue(s.updateIssue),
		"issues/create-comment":                   s.onIssue(s.createComment),
		"issues/list-comments":                    s.onIssue(s.listComments),
		"issues/update-comment":                   s.updateComment,
		"issues/list-comments-for-repo":           s.listRepositoryComments,
		"issues/get-comment":                      s.getComment,
		"reactions/create-for-issue-comment":      s.createReaction,
		"repos/get-collaborator-permission-level": s.getPermission,
		"issues/add-labels":                       s.onIssue(s.addLabels),
		"issues/remove-label":                     s.onIssue(s.removeLabel),
		"issues/add-assignees":                    s.onIssue(s.addAssignees),
		"issues/remove-assignees":                 s.onIssue(s.removeAssignees),
		"issues/check-user-can-be-assigned":       s.checkAssignee,
		"issues/add-sub-issue":                    s.onIssue(s.addSubIssue),
		"issues/list-sub-issues":                  s.onIssue(s.listSubIssues),
		"issues/get-label":                        s.getLabel,
		"issues/create-label":                     s.createLabel,
		"issues/list-labels-for-repo":             s.listLabels,
		"issues/list-milestones":                  s.listMilestones,
		"issues/create-milestone":                 s.createMilestone,
		"apps/get-authenticated":                  s.getApp,
		opAppToken:                                s.createAppToken,
	}
}

// fields decodes the body of a request; the description has already been held against it.
func fields[T any](c *call) (v T) {
	_ = json.Unmarshal(c.body, &v)
	return v
}

// param returns a part of the path, unescaped.
func (c *call) param(name string) string {
	if v, err := url.PathUnescape(c.params[name]); err == nil {
		return v
	}
	return c.params[name]
}

// onIssue finds the issue, or says where it went.
func (s *Server) onIssue(do func(*call, *record) *answer) func(*call) *answer {
	return func(c *call) *answer {
		n, _ := strconv.Atoi(c.param("issue_number"))
		r := s.repo.issue(n)
		switch {
		case r == nil:
			return message(http.StatusNotFound, "Not Found")
		case r.gone:
			return message(http.StatusGone, "This issue was deleted")
		case r.movedTo != "":
			return s.redirect(c, s.api("%s", r.movedTo))
		}
		return do(c, r)
	}
}

func (s *Server) getRate(c *call) *answer {
	rate := object{"limit": s.opt.Hourly, "remaining": s.opt.Hourly - c.who.used, "reset": c.now.Unix(), "used": c.who.used}
	return reply(http.StatusOK, object{"rate": rate, "resources": object{"core": rate, "search": rate}})
}

func (s *Server) getUser(c *call) *answer {
	if c.who.Integration {
		return c.forbidden()
	}
	return reply(http.StatusOK, s.meShape(c.who.Login))
}

func (s *Server) getRepository(c *call) *answer {
	return reply(http.StatusOK, s.repositoryShape(c.who))
}

func (s *Server) getIssue(c *call, r *record) *answer {
	return reply(http.StatusOK, s.issueShape(r.Issue, r.id))
}

// issueFields is the body of a new issue and of a change.
type issueFields struct {
	Title       *string   `json:"title"`
	Body        *string   `json:"body"`
	State       *string   `json:"state"`
	StateReason *string   `json:"state_reason"`
	Labels      *[]string `json:"labels"`
	Assignees   *[]string `json:"assignees"`
	Milestone   *int      `json:"milestone"`
}

// The greatest lengths that GitHub takes, in characters.
const (
	maxTitle = 256
	maxBody  = 65536
	maxLabel = 50
)

// check refuses what GitHub refuses with a 422.
func (s *Server) check(f issueFields) *answer {
	if f.Title != nil && strings.TrimSpace(*f.Title) == "" {
		return invalid("Issue", "title", "missing_field", "", nil)
	}
	if f.Title != nil && utf8.RuneCountInString(*f.Title) > maxTitle {
		return invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)", nil)
	}
	if f.Body != nil && utf8.RuneCountInString(*f.Body) > maxBody {
		return invalid("Issue", "body", "custom", "body is too long (maximum is 65536 characters)", nil)
	}
	if f.Assignees != nil {
		for _, a := range *f.Assignees {
			if !hasFold(s.repo.assignable, a) {
				return invalid("Issue", "assignees", "invalid", "", a)
			}
		}
		if len(*f.Assignees) > 10 {
			return invalid("Issue", "assignees", "invalid", "", nil)
		}
	}
	if f.Milestone != nil && s.repo.milestone(*f.Milestone) == nil {
		return invalid("Issue", "milestone", "invalid", "", *f.Milestone)
	}
	if f.Labels != nil {
		return checkLabels(*f.Labels)
	}
	return nil
}

func checkLabels(names []string) *answer {
	for _, n := range names {
		if utf8.RuneCountInString(n) > maxLabel {
			return invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)", n)
		}
		if n == "" {
			return invalid("Label", "name", "missing_field", "", nil)
		}
	}
	return nil
}

func (s *Server) createIssue(c *call) *answer {
	f := fields[issueFields](c)
	if c.who.Access == NoPush {
		f.Labels, f.Assignees, f.Milestone = nil, nil, nil // dropped without a word
	}
	if a := s.check(f); a != nil {
		return a
	}
	i := Issue{Title: *f.Title, Body: f.Body, Author: c.who.Login}
	s.setLists(&i, f)
	r := s.repo.add(i, c.now)
	a := s.getIssue(c, r)
	a.status = http.StatusCreated
	return a
}

// setLists replaces labels, assignees and the milestone, as GitHub does where they are in the body.
func (s *Server) setLists(i *Issue, f issueFields) {
	if f.Labels != nil {
		i.Labels = nil
		s.label(i, *f.Labels)
	}
	if f.Assignees != nil {
		i.Assignees = nil
		s.assign(i, *f.Assignees)
	}
	if f.Milestone != nil {
		i.Milestone = *f.Milestone
	}
}

func (s *Server) label(i *Issue, names []string) {
	for _, n := range names {
		if !hasFold(i.Labels, n) {
			i.Labels = append(i.Labels, s.repo.label(n))
		}
	}
}

// assign leaves out who cannot be assigned, without a word.
func (s *Server) assign(i *Issue, logins []string) {
	for _, l := range logins {
		if hasFold(s.repo.assignable, l) && !hasFold(i.Assignees, l) && len(i.Assignees) < 10 {
			i.Assignees = append(i.Assignees, l)
		}
	}
}

func (s *Server) updateIssue(c *call, r *record) *answer {
	f := fields[issueFields](c)
	if c.who.Access == NoPush {
		if r.Author != c.who.Login {
			return c.forbidden()
		}
		f.Labels, f.Assignees, f.Milestone = nil, nil, nil
	}
	if a := s.check(f); a != nil {
		return a
	}
	if f.Title != nil {
		r.Title = *f.Title
	}
	if f.Body != nil {
		r.Body = f.Body
	}
	if f.State != nil && *f.State != r.State { // the reason is passed over otherwise
		r.State, r.Reason = *f.State, ""
		if f.StateReason != nil {
			r.Reason = *f.StateReason
		} else if r.State == "closed" {
			r.Reason = "completed"
		}
	}
	s.setLists(&r.Issue, f)
	r.touch(c.now)
	return s.getIssue(c, r)
}

func (s *Server) createComment(c *call, r *record) *answer {
	f := fields[issueFields](c)
	switch {
	case r.Locked && c.who.Access != Write:
		return message(http.StatusForbidden, "Unable to create comment because issue is locked.")
	case f.Body == nil || *f.Body == "":
		return invalid("IssueComment", "body", "missing_field", "", nil)
	case utf8.RuneCountInString(*f.Body) > maxBody:
		return invalid("IssueComment", "body", "unprocessable", "body is too long (maximum is 65536 characters)", nil)
	}
	m := Comment{ID: s.repo.newID(), Author: c.who.Login, Body: *f.Body, At: c.now}
	r.Comments = append(r.Comments, m)
	r.touch(c.now)
	return reply(http.StatusCreated, s.commentShape(r.Number, m))
}

func (s *Server) addLabels(c *call, r *record) *answer {
	f := fields[issueFields](c)
	if c.who.Access == NoPush {
		return c.forbidden()
	}
	if f.Labels != nil {
		if a := checkLabels(*f.Labels); a != nil {
			return a
		}
		s.label(&r.Issue, *f.Labels)
	}
	r.touch(c.now)
	return reply(http.StatusOK, s.labelShapes(r.Labels))
}

func (s *Server) removeLabel(c *call, r *record) *answer {
	if c.who.Access == NoPush {
		return c.forbidden()
	}
	if !hasFold(r.Labels, c.param("name")) {
		return message(http.StatusNotFound, "Label does not exist")
	}
	r.Labels = dropFold(r.Labels, c.param("name"))
	r.touch(c.now)
	return reply(http.StatusOK, s.labelShapes(r.Labels))
}

func (s *Server) addAssignees(c *call, r *record) *answer {
	if f := fields[issueFields](c); f.Assignees != nil && c.who.Access == Write {
		s.assign(&r.Issue, *f.Assignees)
		r.touch(c.now)
	}
	a := s.getIssue(c, r)
	a.status = http.StatusCreated
	return a
}

func (s *Server) removeAssignees(c *call, r *record) *answer {
	if f := fields[issueFields](c); f.Assignees != nil && c.who.Access == Write {
		for _, l := range *f.Assignees {
			r.Assignees = dropFold(r.Assignees, l)
		}
		r.touch(c.now)
	}
	return s.getIssue(c, r)
}

func (s *Server) checkAssignee(c *call) *answer {
	if hasFold(s.repo.assignable, c.param("assignee")) {
		return &answer{status: http.StatusNoContent}
	}
	return message(http.StatusNotFound, "Not Found")
}

func (s *Server) getLabel(c *call) *answer {
	if i := s.repo.labelIndex(c.param("name")); i >= 0 {
		return reply(http.StatusOK, s.labelShape(c.param("name")))
	}
	return message(http.StatusNotFound, "Not Found")
}

func (s *Server) createLabel(c *call) *answer {
	f := fields[struct{ Name, Color, Description string }](c)
	switch {
	case c.who.Access == NoPush:
		return c.forbidden()
	case s.repo.labelIndex(f.Name) >= 0:
		return invalid("Label", "name", "already_exists", "", nil)
	case len(f.Color) != 6 || strings.Trim(strings.ToLower(f.Color), "0123456789abcdef") != "":
		return invalid("Label", "color", "invalid", "", nil)
	case utf8.RuneCountInString(f.Description) > 100:
		return invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)", nil)
	}
	if a := checkLabels([]string{f.Name}); a != nil {
		return a
	}
	s.repo.labels = append(s.repo.labels, Label{ID: s.repo.newID(), Name: f.Name, Color: f.Color, Description: f.Description})
	return reply(http.StatusCreated, s.labelShape(f.Name))
}
