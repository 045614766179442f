package issue

import "time"

// Comment is a comment on an issue as a forge shows it.
type Comment struct {
	// ID is the forge's own, the same for as long as the comment is there. No two comments
	// of a forge have the same one.
	ID string
	// Issue is the number of the issue that it stands on.
	Issue int
	// Author is the login that wrote it.
	Author string
	// Bot says that a program wrote it, and not a person.
	Bot bool
	// Body is Markdown with line feeds only.
	Body string
	// Created and Updated are instants in UTC. They differ once somebody edited the comment,
	// who need not be its author; a forge that cannot tell shows them the same.
	Created, Updated time.Time
}
