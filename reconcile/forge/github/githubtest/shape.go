package githubtest

import (
	"fmt"
	"time"
)

// Answers in the shape that GitHub gives them, with every field that its description
// requires.

// object is a JSON object.
type object map[string]any

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func (s *Server) api(format string, args ...any) string {
	return s.base.String() + fmt.Sprintf(format, args...)
}

// userShape is a user, and null for one that is gone.
func (s *Server) userShape(login string) any {
	if login == "" {
		return nil
	}
	kind := "User"
	if len(login) > 5 && login[len(login)-5:] == "[bot]" {
		kind = "Bot"
	}
	u := object{"login": login, "id": 1000 + len(login), "node_id": "U_" + login, "avatar_url": "https://avatars.example/u/1", "gravatar_id": "", "url": s.api("users/u"), "html_url": "https://github.example/u", "type": kind, "site_admin": false}
	for _, f := range []string{"events", "followers", "following", "gists", "organizations", "received_events", "repos", "starred", "subscriptions"} {
		u[f+"_url"] = s.api("users/u/%s", f)
	}
	return u
}

// meShape is the user whose token it is.
func (s *Server) meShape(login string) object {
	u, _ := s.userShape(login).(object)
	for _, f := range []string{"bio", "blog", "company", "email", "hireable", "location", "name"} {
		u[f] = nil
	}
	for _, f := range []string{"followers", "following", "public_gists", "public_repos", "collaborators", "disk_usage", "owned_private_repos", "private_gists", "total_private_repos"} {
		u[f] = 0
	}
	u["blog"], u["two_factor_authentication"], u["user_view_type"] = "", true, "private"
	u["created_at"], u["updated_at"] = "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
	return u
}

func (s *Server) labelShape(name string) object {
	l := Label{Name: name, Color: "ededed"}
	if i := s.repo.labelIndex(name); i >= 0 {
		l = s.repo.labels[i]
	}
	o := object{"id": l.ID, "node_id": fmt.Sprintf("LA_%d", l.ID), "url": s.api("repos/%s/%s/labels/l", s.repo.owner, s.repo.name), "name": l.Name, "color": l.Color, "default": false, "description": nil}
	if l.Description != "" {
		o["description"] = l.Description
	}
	return o
}

func (s *Server) labelShapes(names []string) []any {
	list := []any{}
	for _, n := range names {
		list = append(list, s.labelShape(n))
	}
	return list
}

// issueShape is an issue as it was at some time; id is that of its record.
func (s *Server) issueShape(i Issue, id int) object {
	api := s.api("repos/%s/%s", s.repo.owner, s.repo.name)
	self := fmt.Sprintf("%s/issues/%d", api, i.Number)
	page := fmt.Sprintf("https://github.example/%s/%s/issues/%d", s.repo.owner, s.repo.name, i.Number)
	o := object{
		"id": id, "node_id": fmt.Sprintf("I_%d", id), "number": i.Number, "title": i.Title, "body": i.Body, "state": i.State,
		"state_reason": nil, "url": self, "repository_url": api, "labels_url": self + "/labels{/name}", "comments_url": self + "/comments",
		"events_url": self + "/events", "html_url": page, "user": s.userShape(i.Author), "labels": s.labelShapes(i.Labels),
		"assignee": nil, "milestone": nil, "locked": i.Locked, "active_lock_reason": nil, "comments": len(i.Comments),
		"created_at": stamp(i.Created), "updated_at": stamp(i.Updated), "closed_at": stamp(i.Closed), "author_association": "MEMBER", "performed_via_github_app": nil,
	}
	if i.Reason != "" {
		o["state_reason"] = i.Reason
	}
	assignees := []any{}
	for _, a := range i.Assignees {
		assignees = append(assignees, s.userShape(a))
	}
	if o["assignees"] = assignees; len(assignees) > 0 {
		o["assignee"] = assignees[0]
	}
	if m := s.repo.milestone(i.Milestone); m != nil {
		o["milestone"] = s.milestoneShape(*m)
	}
	if i.Parent > 0 {
		o["parent_issue_url"] = fmt.Sprintf("%s/issues/%d", api, i.Parent)
	}
	if i.PullRequest {
		o["pull_request"] = object{"url": api + "/pulls/1", "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch", "merged_at": nil}
	}
	return o
}

func (s *Server) commentShape(issue int, c Comment) object {
	repo, kind := s.repo.owner+"/"+s.repo.name, "issues"
	if r := s.repo.issue(issue); r != nil && r.PullRequest {
		kind = "pull"
	}
	api := s.api("repos/%s/issues", repo)
	return object{
		"id": c.ID, "node_id": fmt.Sprintf("IC_%d", c.ID), "url": fmt.Sprintf("%s/comments/%d", api, c.ID), "issue_url": fmt.Sprintf("%s/%d", api, issue),
		"html_url": fmt.Sprintf("https://github.example/%s/%s/%d#issuecomment-%d", repo, kind, issue, c.ID), "body": c.Body, "user": s.userShape(c.Author),
		"created_at": stamp(c.At), "updated_at": stamp(c.changed()), "author_association": "MEMBER", "reactions": s.rollupShape(c.ID, api),
	}
}

// rollupShape counts what is beside a comment.
func (s *Server) rollupShape(comment int, api string) object {
	o := object{"url": fmt.Sprintf("%s/comments/%d/reactions", api, comment), "total_count": len(s.repo.reactions[comment])}
	for _, content := range []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"} {
		n := 0
		for _, x := range s.repo.reactions[comment] {
			if x.Content == content {
				n++
			}
		}
		o[content] = n
	}
	return o
}

// repositoryAddresses are the fields of a repository that are addresses.
var repositoryAddresses = []string{
	"archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents", "contributors", "deployments",
	"downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks", "issue_comment", "issue_events", "issues", "keys", "labels",
	"languages", "merges", "milestones", "notifications", "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags",
	"teams", "trees", "html", "clone", "git", "ssh", "svn",
}

func (s *Server) repositoryShape(who *account) object {
	r := &s.repo
	full := r.owner + "/" + r.name
	o := object{
		"id": r.id, "node_id": "R_1", "name": r.name, "full_name": full, "owner": s.userShape(r.owner), "private": !r.public, "visibility": "private",
		"description": nil, "fork": false, "homepage": nil, "language": nil, "license": nil, "mirror_url": nil, "url": s.api("repos/%s", full),
		"default_branch": "main", "has_issues": !r.issuesOff, "archived": r.archived, "disabled": false, "size": 1, "pushed_at": "2026-01-01T00:00:00Z",
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		"permissions": object{"admin": false, "maintain": false, "push": who.Access == Write, "triage": who.Access == Write, "pull": true},
	}
	if r.public {
		o["visibility"] = "public"
	}
	for _, f := range repositoryAddresses {
		o[f+"_url"] = s.api("repos/%s/%s", full, f)
	}
	for _, f := range []string{"forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers", "watchers_count", "network_count", "subscribers_count"} {
		o[f] = 0
	}
	for _, f := range []string{"projects", "wiki", "pages", "discussions"} {
		o["has_"+f] = false
	}
	return o
}
