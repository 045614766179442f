package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Milestone is a milestone of the repository.
type Milestone struct {
	ID int
	// Number counts milestones only, from 1.
	Number int
	Title  string
	Closed bool
	At     time.Time
}

// maxMilestone is the greatest length of a title, in characters.
const maxMilestone = 255

// AddMilestone makes a milestone as a person does, and returns its number.
func (s *Server) AddMilestone(title string, closed bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.repo.addMilestone(title, s.now())
	m.Closed = closed
	return m.Number
}

// Milestones returns all milestones, by number.
func (s *Server) Milestones() []Milestone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.repo.milestones)
}

func (r *repository) addMilestone(title string, now time.Time) *Milestone {
	r.milestones = append(r.milestones, Milestone{ID: r.newID(), Number: len(r.milestones) + 1, Title: title, At: now})
	return &r.milestones[len(r.milestones)-1]
}

// milestone returns the milestone with a number, or nil.
func (r *repository) milestone(number int) *Milestone {
	if number < 1 || number > len(r.milestones) {
		return nil
	}
	return &r.milestones[number-1]
}

// listMilestones answers one page; it lags as the list of issues does.
func (s *Server) listMilestones(c *call) *answer {
	q := c.r.URL.Query()
	state := q.Get("state")
	rows := slices.DeleteFunc(slices.Clone(s.repo.milestones), func(m Milestone) bool {
		return m.At.After(c.now.Add(-s.repo.lag)) || m.Closed && state != "closed" && state != "all" || !m.Closed && state == "closed"
	})
	page, size := s.pageOf(q)
	start := min((page-1)*size, len(rows))
	end := min(start+size, len(rows))
	out := []any{}
	for _, m := range rows[start:end] {
		out = append(out, s.milestoneShape(m))
	}
	a := reply(http.StatusOK, out)
	if end < len(rows) {
		a.header = http.Header{"Link": {s.link("milestones", q, page, rows[end-1].Number)}}
	}
	return a
}

func (s *Server) createMilestone(c *call) *answer {
	f := fields[struct{ Title string }](c)
	switch {
	case c.who.Access == NoPush:
		return c.forbidden()
	case strings.TrimSpace(f.Title) == "":
		return invalid("Milestone", "title", "missing_field", "", nil)
	case utf8.RuneCountInString(f.Title) > maxMilestone:
		return invalid("Milestone", "title", "custom", "title is too long (maximum is 255 characters)", nil)
	case slices.ContainsFunc(s.repo.milestones, func(m Milestone) bool { return strings.EqualFold(m.Title, f.Title) }):
		return invalid("Milestone", "title", "already_exists", "", nil)
	}
	return reply(http.StatusCreated, s.milestoneShape(*s.repo.addMilestone(f.Title, c.now)))
}

func (s *Server) milestoneShape(m Milestone) object {
	api := s.api("repos/%s/%s/milestones/%d", s.repo.owner, s.repo.name, m.Number)
	o := object{
		"id": m.ID, "node_id": fmt.Sprintf("MI_%d", m.ID), "number": m.Number, "title": m.Title, "state": "open", "description": nil,
		"url": api, "html_url": fmt.Sprintf("https://github.example/m/%d", m.Number), "labels_url": api + "/labels", "creator": nil,
		"open_issues": 0, "closed_issues": 0, "created_at": stamp(m.At), "updated_at": stamp(m.At), "closed_at": nil, "due_on": nil,
	}
	if m.Closed {
		o["state"], o["closed_at"] = "closed", stamp(m.At)
	}
	return o
}
