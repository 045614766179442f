package github

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// maxAssignees is how many assignees GitHub takes.
const maxAssignees = 10

// standing is what is known of a login.
type standing int

const (
	unknown standing = iota
	seen             // as an assignee; the person may have left since
	can              // be assigned issues, says GitHub
	cannot           // be assigned issues, says GitHub
)

// people knows who can be assigned issues.
type people struct {
	mu    sync.Mutex
	known map[string]standing
}

func newPeople() *people { return &people{known: map[string]standing{}} }

func (p *people) seen(logins ...string) {
	for _, l := range logins {
		if p.get(l) == unknown {
			p.set(l, seen)
		}
	}
}

func (p *people) set(login string, s standing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[strings.ToLower(login)] = s
}

func (p *people) get(login string) standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[strings.ToLower(login)]
}

// loginShape is what a login can look like; nothing else is put into an address.
var loginShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$`)

// assignees returns the logins that may be tried: not those who are known not to work, and
// no more than GitHub takes. Who is left out is told of once.
func (f *Forge) assignees(logins []string) []string {
	var list []string
	for _, l := range logins {
		if f.people.get(l) != cannot && !has(list, l) {
			list = append(list, l)
		}
	}
	if len(list) > maxAssignees {
		f.warn("GitHub takes 10 assignees of an issue; left out: " + strings.Join(list[maxAssignees:], ", "))
		list = list[:maxAssignees]
	}
	return list
}

// sift keeps who of them can be assigned issues. Where sure is set, GitHub is asked even
// of those who are assignees of other issues. Who is left out is told of once: a person
// who left must not keep the work from being opened.
func (f *Forge) sift(ctx context.Context, logins []string, sure bool) ([]string, error) {
	var list []string
	for _, l := range logins {
		known := f.people.get(l)
		if known == unknown || known == seen && sure {
			var err error
			if known, err = f.askAssignable(ctx, l); err != nil {
				return nil, err
			}
		}
		if known != cannot {
			list = append(list, l)
		}
	}
	return list, nil
}

func (f *Forge) askAssignable(ctx context.Context, login string) (standing, error) {
	s := can
	if !loginShape.MatchString(login) {
		s = cannot
	} else if _, err := f.call(ctx, "look whether "+login+" can be assigned issues", http.MethodGet, f.path("assignees", login), nil, nil); statusOf(err) == http.StatusNotFound {
		s = cannot
	} else if err != nil {
		return unknown, err
	}
	f.people.set(login, s)
	if s == cannot {
		f.warn("@" + login + " cannot be assigned issues of " + f.owner + "/" + f.repo + " and was left out: check the login and that the person has access")
	}
	return s, nil
}
