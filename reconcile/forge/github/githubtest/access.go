package githubtest

import (
	"net/http"
	"strings"
)

// access is what a login may do.
type access struct{ permission, role string }

// SetPermission says what a login may do: permission is admin, write, read or none, and role
// the name of the role that it comes from, such as triage, or one that the organization made.
func (s *Server) SetPermission(login, permission, role string) {
	s.set(func() { s.repo.access[strings.ToLower(login)] = access{permission, role} })
}

// getPermission answers who may push only. Who was not named is no user, unless the
// repository is public: then everybody may read it.
func (s *Server) getPermission(c *call) *answer {
	if !c.who.Integration && c.who.Access != Write {
		return message(http.StatusForbidden, "Must have push access to view collaborator permission.")
	}
	login := c.param("username")
	a, known := s.repo.access[strings.ToLower(login)]
	switch {
	case !known && !s.repo.public:
		return message(http.StatusNotFound, login+" is not a user")
	case !known:
		a = access{"read", "read"}
	}
	user, _ := s.userShape(login).(object)
	user["role_name"] = a.role
	return reply(http.StatusOK, object{"permission": a.permission, "role_name": a.role, "user": user})
}
