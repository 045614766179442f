package githubtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What people and administrators do, beside the interface under test.

// Add makes an issue, or a pull request, as it is given; its number is returned. Labels
// that are new are made.
func (s *Server) Add(i Issue) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, l := range i.Labels {
		i.Labels[n] = s.repo.label(l)
	}
	return s.repo.add(i.clone(), s.now()).Number
}

// Change changes an issue as somebody would on the web page.
func (s *Server) Change(number int, change func(*Issue)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repo.issue(number)
	if r == nil {
		s.tb.Errorf("githubtest: there is no issue %d to change", number)
		return
	}
	before := slices.Clone(r.Comments)
	change(&r.Issue)
	s.repo.complete(r.Comments, before, s.now())
	for n, l := range r.Labels {
		r.Labels[n] = s.repo.label(l)
	}
	r.touch(s.now())
}

// Issue returns an issue, and false where there is none, or none any more.
func (s *Server) Issue(number int) (Issue, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repo.issue(number)
	if r == nil || r.gone || r.movedTo != "" {
		return Issue{}, false
	}
	return r.clone(), true
}

// Issues returns all issues and pull requests that are still there, by number.
func (s *Server) Issues() []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Issue
	for _, r := range s.repo.issues {
		if !r.gone && r.movedTo == "" {
			list = append(list, r.clone())
		}
	}
	return list
}

// Delete deletes an issue: it answers 410 from then on.
func (s *Server) Delete(number int) { s.change(number, func(r *record) { r.gone = true }) }

// Transfer moves an issue to another repository, where it has another number: it answers
// 301 from then on.
func (s *Server) Transfer(number int) {
	s.change(number, func(r *record) { r.movedTo = fmt.Sprintf("repositories/99/issues/%d", number+500) })
}

func (s *Server) change(number int, change func(*record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repo.issue(number)
	if r == nil {
		s.tb.Errorf("githubtest: there is no issue %d", number)
		return
	}
	change(r)
}

// Rename gives the repository a new owner/name; the old one redirects.
func (s *Server) Rename(fullName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repo.earlierNames = append(s.repo.earlierNames, s.repo.owner+"/"+s.repo.name)
	s.repo.owner, s.repo.name, _ = strings.Cut(fullName, "/")
}

// SetPublic makes the repository public or private.
func (s *Server) SetPublic(public bool) { s.set(func() { s.repo.public = public }) }

// SetArchived makes the repository read-only, or not.
func (s *Server) SetArchived(archived bool) { s.set(func() { s.repo.archived = archived }) }

// SetIssuesOff turns issues off or on.
func (s *Server) SetIssuesOff(off bool) { s.set(func() { s.repo.issuesOff = off }) }

// SetLag makes lists show what was there a while ago.
func (s *Server) SetLag(d time.Duration) { s.set(func() { s.repo.lag = d }) }

// SetAssignable says who can be assigned issues; the owner always can.
func (s *Server) SetAssignable(logins ...string) {
	s.set(func() { s.repo.assignable = append([]string{s.repo.owner}, logins...) })
}

// SetLabel makes a label of the repository, or changes its look.
func (s *Server) SetLabel(name, color, description string) {
	s.set(func() {
		s.repo.label(name)
		i := s.repo.labelIndex(name)
		s.repo.labels[i].Color, s.repo.labels[i].Description = color, description
	})
}

// DeleteLabel takes a label from the repository and all issues.
func (s *Server) DeleteLabel(name string) {
	s.set(func() {
		s.repo.labels = slices.DeleteFunc(s.repo.labels, func(l Label) bool { return strings.EqualFold(l.Name, name) })
		for _, r := range s.repo.issues {
			if hasFold(r.Labels, name) {
				r.Labels = dropFold(r.Labels, name)
				r.touch(s.now())
			}
		}
	})
}

// Labels returns the labels of the repository, in the order they were made.
func (s *Server) Labels() []Label {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.repo.labels)
}

// SetToken says whom a token belongs to.
func (s *Server) SetToken(token string, a Account) {
	s.set(func() { s.tokens[token] = &account{Account: a} })
}

// Revoke ends a token.
func (s *Server) Revoke(token string) { s.set(func() { delete(s.tokens, token) }) }

func (s *Server) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}
