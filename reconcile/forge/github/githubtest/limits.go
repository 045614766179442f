package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// limit refuses what goes over the primary limit of the token, and new content over 80 a
// minute or 500 an hour.
func (s *Server) limit(c *call) *answer {
	if c.operation == "rate-limit/get" {
		return nil
	}
	if !c.now.Before(c.who.windowEnds) {
		c.who.windowEnds, c.who.used = c.now.Add(time.Hour).Truncate(time.Second), 0
	}
	if c.who.used >= s.opt.Hourly {
		return message(http.StatusForbidden, "API rate limit exceeded for user ID 1.")
	}
	c.who.used++
	if !isContent(c.operation) {
		return nil
	}
	made := slices.DeleteFunc(c.who.madeContent, func(t time.Time) bool { return c.now.Sub(t) >= time.Hour })
	inMinute := 0
	for _, t := range made {
		if c.now.Sub(t) < time.Minute {
			inMinute++
		}
	}
	if inMinute >= 80 || len(made) >= 500 {
		c.who.madeContent = made
		return &answer{status: http.StatusForbidden, body: []byte(strings.Replace(secondaryBody, "a secondary rate limit", "a secondary rate limit and have been temporarily blocked from content creation", 1))}
	}
	c.who.madeContent = append(made, c.now)
	return nil
}

func isContent(operation string) bool {
	return operation == "issues/create" || operation == "issues/create-comment" || operation == "issues/create-label"
}

// rateHeaders tells how much of the primary limit is left.
func (s *Server) rateHeaders(h http.Header, c *call) {
	if c.who == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Set("X-RateLimit-Limit", fmt.Sprint(s.opt.Hourly))
	h.Set("X-RateLimit-Remaining", fmt.Sprint(s.opt.Hourly-c.who.used))
	h.Set("X-RateLimit-Reset", unix(c.who.windowEnds))
}
