package files

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

// ourselves is the author of the comments that almanac writes.
const ourselves = "almanac"

// remark is an entry of the field comments.
type remark struct {
	issue.Comment
	// entry is a mapping, or just the text.
	entry *node.Node
	// at is the time as it is written, "" for none.
	at string
	// seen says that it needs no second look: it is ours, or has our reaction and with it
	// its id.
	seen bool
}

// remarks reads the comments of a file, in order. An id that is not written is made of the
// number of the issue and what the comment says, so that it stays the same whatever is
// written around it, until React writes it down; from then on the text may change as well.
// A comment without a time is as old as the file, or as the next one below it.
func (f *forge) remarks(d *document) ([]remark, error) {
	_, v := node.Lookup(d.root, "comments")
	if v = node.Resolve(v); v == nil || v.Kind != node.Sequence {
		return nil, nil
	}
	l := make([]remark, len(v.Content))
	for i, e := range v.Content {
		var err error
		if l[i], err = d.remark(node.Resolve(e)); err != nil {
			return nil, err
		}
	}
	identify(d.Number, l)
	return l, f.date(d, l)
}

// remark reads one entry. Its id is the one that is written.
func (d *document) remark(e *node.Node) (remark, error) {
	r := remark{entry: e, Comment: issue.Comment{Issue: d.Number}}
	if e.Kind == node.Scalar {
		r.Body = text(e.Value)
		return r, nil
	}
	if e.Kind != node.Mapping {
		return r, d.at(e.Line, "comments holds %s: expected author, at and text", node.What(e))
	}
	err := cmp.Or(d.textIn(e, "id", &r.ID), d.textIn(e, "author", &r.Author), d.textIn(e, "at", &r.at), d.textIn(e, "text", &r.Body))
	if err != nil {
		return r, err
	}
	if r.at != "" {
		t, ok := parseTime(r.at)
		if !ok {
			return r, d.at(e.Line, "the time of a comment is %q: expected one such as 2026-05-04T09:00:00Z, or a day", r.at)
		}
		r.Created, r.Updated = t, t
	}
	r.Author, r.Body = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(r.Author), "@")), text(r.Body)
	r.Bot = r.Author == ourselves
	return r, nil
}

// identify gives every comment an id of its own. An id that was copied together with a
// comment counts once, and not on another issue.
func identify(number int, l []remark) {
	taken := map[string]bool{"": true}
	for i := range l {
		r := &l[i]
		if taken[r.ID] || issueOf(r.ID) != number {
			r.ID = ""
		}
		taken[r.ID], r.seen = true, r.ID != "" || r.Bot
	}
	for i := range l {
		for n := 0; l[i].ID == ""; n++ {
			if id := l[i].derived(number, n); !taken[id] {
				l[i].ID, taken[id] = id, true
			}
		}
	}
}

// derived is the id of the n-th of the comments that say the same, from 0.
func (r *remark) derived(number, n int) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q %q %d", r.Author, r.at, strings.TrimSpace(r.Body), n)))
	return fmt.Sprintf("%d-%s", number, hex.EncodeToString(sum[:6]))
}

// issueOf returns the number of the issue that an id belongs to, or 0.
func issueOf(id string) int {
	number, _, ok := strings.Cut(id, "-")
	if !ok {
		return 0
	}
	return numberOf(number + ".md")
}

// date gives a time to the comments that have none.
func (f *forge) date(d *document, l []remark) error {
	if !slices.ContainsFunc(l, func(r remark) bool { return r.at == "" }) {
		return nil
	}
	info, err := os.Stat(filepath.FromSlash(d.file))
	if err != nil {
		return err
	}
	next := info.ModTime().UTC().Truncate(time.Second)
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].at == "" {
			l[i].Created, l[i].Updated = next, next
		} else if l[i].Created.Before(next) {
			next = l[i].Created
		}
	}
	return nil
}
