package forgetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Harness is a forge without issues, and what people do to it around almanac. The hooks
// fail the test themselves.
type Harness struct {
	Forge reconcile.Forge
	// Advance moves the clock of the forge on.
	Advance func(time.Duration)
	// CloseByHand closes an issue as a person does.
	CloseByHand  func(number int, reason issue.CloseReason)
	ReopenByHand func(number int)
	EditBody     func(number int, body string)
	EditTitle    func(number int, title string)
	AddLabel     func(number int, label string)
	RemoveLabel  func(number int, label string)
	AddAssignee  func(number int, login string)
	AddComment   func(number int, text string)
	Delete       func(number int)
	// Comments returns the texts of all comments, oldest first.
	Comments func(number int) []string
	// EditComment changes the text of a comment; nil where the forge cannot tell.
	EditComment func(id, text string)
	// Reactions returns what is shown beside a comment, as accepted or refused.
	Reactions func(id string) []string
	// Permissions are those of some logins, a stranger's among them.
	Permissions map[string]string
	// Parent returns the issue under which one is shown, 0 for none; nil where the forge is
	// no reconcile.Grouper.
	Parent func(number int) int

	// Shared says that the forge holds issues of others. What Delete is for is then left out
	// where that is nil, and Advance moves the clock by as little as a second.
	Shared bool
	// Wait lets time pass for a list that is late, and returns false when it waited long
	// enough; nil where lists are never late.
	Wait func() bool
	// People are logins that can be assigned, sorted; nil is dana-w, lee-k and priya-n.
	People []string
	// Opened, where set, is told of every issue that is opened in a shared forge.
	Opened func(number int)
	// Many is how many issues are more than a page holds; 0 is 250.
	Many int

	// mine are the issues that this test opened.
	mine *numbersOf
}

// numbersOf is a forge that remembers which issues were opened through it.
type numbersOf struct {
	reconcile.Forge
	tell func(number int)

	mu     sync.Mutex
	opened []int
}

func (n *numbersOf) Create(ctx context.Context, i reconcile.NewIssue) (issue.Issue, error) {
	made, err := n.Forge.Create(ctx, i)
	if made.Number > 0 {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.opened = append(n.opened, made.Number)
		if n.tell != nil {
			n.tell(made.Number)
		}
	}
	return made, err
}

// made reports whether an issue was opened through it.
func (n *numbersOf) made(number int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.opened, number)
}

// Requests leaves out the issues of others.
func (n *numbersOf) Requests(ctx context.Context, label string) ([]issue.Issue, error) {
	l, err := n.Forge.Requests(ctx, label)
	return slices.DeleteFunc(l, func(i issue.Issue) bool { return !n.made(i.Number) }), err
}

// List leaves out the issues of others.
func (n *numbersOf) List(ctx context.Context, since time.Time) ([]issue.Issue, error) {
	l, err := n.Forge.List(ctx, since)
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(l, func(i issue.Issue) bool { return !slices.Contains(n.opened, i.Number) }), err
}

// ready completes a harness.
func (h Harness) ready() Harness {
	if h.People == nil {
		h.People = []string{"dana-w", "lee-k", "priya-n"}
	}
	if h.Many == 0 {
		h.Many = 250
	}
	if h.Shared {
		h.mine = &numbersOf{Forge: h.Forge, tell: h.Opened}
		h.Forge = h.mine
	}
	return h
}

// grouper is the forge where it groups.
func (h Harness) grouper() (reconcile.Grouper, bool) {
	f := h.Forge
	if h.mine != nil {
		f = h.mine.Forge
	}
	g, can := f.(reconcile.Grouper)
	return g, can
}

// Marker ends the body of an issue of ours.
const marker = "<!-- almanac:v1 k=acme-dental/vcio/2026/audit i=northwind s=00c0ffee -->"

// step is a new issue, assigned to the last of the people.
func (h Harness) step(title string) reconcile.NewIssue {
	n := reconcile.NewIssue{Title: title, Body: "Text of " + title + "\n\n" + marker, Labels: []string{"client:acme-dental", issue.OwnershipLabel}}
	if len(h.People) > 0 {
		n.Assignees = h.People[len(h.People)-1:]
	}
	return n
}

func mustCreate(t *testing.T, h Harness, n reconcile.NewIssue) issue.Issue {
	t.Helper()
	i, err := h.Forge.Create(t.Context(), n)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return i
}

func mustEdit(t *testing.T, h Harness, number int, e reconcile.Edit) issue.Issue {
	t.Helper()
	i, err := h.Forge.Edit(t.Context(), number, e)
	if err != nil {
		t.Fatalf("edit %d: %v", number, err)
	}
	same(t, "edit returned", i, mustGet(t, h, number))
	return i
}

func mustGet(t *testing.T, h Harness, number int) issue.Issue {
	t.Helper()
	i, err := h.Forge.Get(t.Context(), number)
	if err != nil {
		t.Fatalf("get %d: %v", number, err)
	}
	return i
}

// listed returns what the forge lists, once that is the wanted numbers or nothing more is
// to be waited for.
func listed(t *testing.T, h Harness, since time.Time, want []int) []issue.Issue {
	t.Helper()
	for {
		l, err := h.Forge.List(t.Context(), since)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if h.Wait == nil || slices.Equal(numbers(l), want) || !h.Wait() {
			return l
		}
	}
}

func numbers(l []issue.Issue) []int {
	var n []int
	for _, i := range l {
		n = append(n, i.Number)
	}
	return n
}

// expectList demands that the forge lists these issues and no others.
func expectList(t *testing.T, what string, h Harness, since time.Time, want []int) {
	t.Helper()
	expect(t, what, numbers(listed(t, h, since, want)), want)
}

func expect(t *testing.T, what string, got, want []int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: issues %v, want %v", what, got, want)
	}
}

// same compares two issues, apart from when they were updated.
func same(t *testing.T, what string, got, want issue.Issue) {
	t.Helper()
	got.Updated, want.Updated = time.Time{}, time.Time{}
	if g, w := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); g != w {
		t.Errorf("%s\n%s, want\n%s", what, g, w)
	}
}

func ptr[T any](v T) *T { return &v }
