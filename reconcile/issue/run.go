package issue

import (
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Banner is what stands at the top of every issue of a client while a run marks it.
type Banner struct {
	// Title is the title of the run's template, Since the day from which it holds.
	Title string
	Since civil.Date
	// Text is what everybody has to know, as it was written.
	Text string
}

// write appends the banner as a block of its own.
func (b Banner) write(s *strings.Builder) {
	s.WriteString("> **" + Text(b.Title) + "**")
	if b.Since != 0 {
		s.WriteString(" since " + Day(b.Since))
	}
	if text := Text(b.Text); text != "" {
		s.WriteString(": " + text)
	}
	s.WriteString("\n\n")
}

// FieldLine is one thing that a run says about itself.
type FieldLine struct {
	Name string
	// Values are plain texts: one for a text, several for a list.
	Values []string
}

// Question is what is decided in a step.
type Question struct {
	Text    string
	Options []string
	// Answer is empty while there is none; By says who gave it, and where.
	Answer, By string
}

// Signoff is how far the sign-off of a step has come.
type Signoff struct {
	// Of names what is signed off. It changes with every edit.
	Of string
	// Round counts from 1 and goes up with every rejection.
	Round int
	// Roles are all that have to sign, in their order.
	Roles []SignoffLine
	// Undecided says that the question of the step has to be answered before it can be signed
	// off, and Lacks are what the client's file has to say.
	Undecided bool
	Lacks     []string
	// Void are sign-offs that no longer count, and Rejected is the last rejection, in words.
	Void     []string
	Rejected string
}

// SignoffLine is the sign-off for one role.
type SignoffLine struct {
	// Role is the title of the role.
	Role string
	// Given says who signed when, in words; empty while nobody has.
	Given string
	// Next says that this role is the next to sign.
	Next bool
}

// RowLine is one client's part of an issue that several clients share.
type RowLine struct {
	// Client is its name, Text what there is to do or to know, in plain words.
	Client, Text string
	// Key is that of the client's own occurrence.
	Key string
	// Ended ticks the box for good.
	Ended bool
}

// writeRun appends what an issue of a run says besides: its fields, the question, the
// sign-off, and the rows of the clients that share it.
func (c Content) writeRun(b *strings.Builder) {
	if len(c.Fields) > 0 {
		b.WriteString("\n**About this run**\n\n")
		for _, f := range c.Fields {
			f.write(b)
		}
	}
	if c.Question != nil {
		c.Question.write(b, c.Target)
	}
	if c.Signoff != nil {
		c.Signoff.write(b, c.Target, c.place())
	}
	if len(c.Lacks) > 0 {
		b.WriteString("\n**Missing before it is done**, " + c.place() + ": " + texts(c.Lacks) + "\n")
	}
	if len(c.Rows) > 0 {
		b.WriteString("\n**Clients**\n\n")
		for _, r := range c.Rows {
			b.WriteString(r.item() + "\n")
		}
	}
}

func (f FieldLine) write(b *strings.Builder) {
	b.WriteString("- " + Text(f.Name) + ":")
	if len(f.Values) == 1 {
		b.WriteString(" " + Text(f.Values[0]) + "\n")
		return
	}
	b.WriteString("\n")
	for _, v := range f.Values {
		b.WriteString("  - " + Text(v) + "\n")
	}
}

// write appends the question. target is what commands name before anything else, where the
// issue stands for several clients.
func (q *Question) write(b *strings.Builder, target string) {
	b.WriteString("\n**To decide**: " + Text(q.Text) + "\n\n")
	if q.Answer != "" {
		b.WriteString("Decided: **" + Text(q.Answer) + "**")
		if q.By != "" {
			b.WriteString(" (" + Text(q.By) + ")")
		}
		b.WriteString("\n\n")
	}
	b.WriteString("Answer with a comment:")
	for i, o := range q.Options {
		if i > 0 {
			b.WriteString(" or")
		}
		b.WriteString(" " + Code("/decide "+target+o))
	}
	b.WriteString("\n")
}

// place says where people write what a run has to say.
func (c Content) place() string {
	if c.FromIssue {
		return "below its heading in this issue"
	}
	return "in the client's file"
}

func (s *Signoff) write(b *strings.Builder, target, place string) {
	b.WriteString("\n**To sign off**")
	if s.Round > 1 {
		b.WriteString(" (round " + decimal(s.Round) + ")")
	}
	b.WriteString("\n\n")
	open := false
	for _, r := range s.Roles {
		box := "- " + Text(r.Role) + ": "
		switch {
		case r.Given != "":
			box += "signed off by " + Text(r.Given)
		case r.Next:
			box += "**next**"
		default:
			box += "after those above"
		}
		open = open || r.Given == ""
		b.WriteString(box + "\n")
	}
	if s.Undecided {
		b.WriteString("- to be decided before that\n")
	}
	if len(s.Lacks) > 0 {
		b.WriteString("- missing " + place + " before that: " + texts(s.Lacks) + "\n")
	}
	for _, v := range s.Void {
		b.WriteString("- void: " + Text(v) + "\n")
	}
	if s.Rejected != "" {
		b.WriteString("- rejected: " + Text(s.Rejected) + "\n")
	}
	if open {
		b.WriteString("\nSign off with a comment: " + Code("/approve "+target+s.Of) + ", or send it back with " + Code("/reject "+target+"and the reason") + "\n")
	}
}

// item returns the line of the task list. The key stands at its end, by which ticks are
// told. That it is done is a part of the text, so that Merge does not keep an empty box.
func (r RowLine) item() string {
	box := "- [ ] "
	if r.Ended {
		box = "- [x] "
	}
	s := box + "**" + Text(r.Client) + "**"
	if r.Ended {
		s += " (done)"
	}
	if r.Text != "" {
		s += ": " + Text(r.Text)
	}
	return s + " " + Code(r.Key)
}

func decimal(n int) string { return strconv.Itoa(n) }
