package issue

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Content is what an issue says. Every field is data as it was written; Title and Region
// make it harmless. Empty fields are left out.
type Content struct {
	// Client and Step are names for people; Number is the step's own number, such as 2.1.
	Client, Number, Step string
	// Now is the step that a run is at, where the issue stands for all of the run.
	Now string
	// Process is the title of the template, and Turn tells apart the times that the step
	// comes: a year, a run, a turn of a repetition.
	Process, Turn string
	// Type is the kind of step, At the time of day at which it begins, Duration how long it
	// takes.
	Type, At, Duration string
	// Nominal is the day before it was moved and Due the day that counts; Moved says why
	// they differ.
	Nominal, Due civil.Date
	Moved        string
	// Owner and With are names of people, or of roles whose pool may take it.
	Owner string
	With  []string
	// By says who has to act in the end where that is not the organization.
	By string
	// Tags are words to find it by.
	Tags []string
	// Checklist are plain texts, Instructions is Markdown by the authors of the template.
	Checklist    []string
	Instructions string
	// Steps are those of the run that the issue stands for, in order.
	Steps []StepLine
	// Banners are those of the runs that mark the client.
	Banners []Banner
	// Responsible, Accountable, Consulted and Informed are names, like Owner and With.
	Responsible         []string
	Accountable         string
	Consulted, Informed []string
	// Draft says that it is not settled yet how the step is done.
	Draft bool
	// Fields are what the run says about itself.
	Fields []FieldLine
	// Question and Signoff are nil where there is nothing to decide and to sign off.
	Question *Question
	Signoff  *Signoff
	// Lacks are what the run has to say before the step is done, where nobody signs it off.
	Lacks []string
	// FromIssue says that the run is written in this issue, and in no file.
	FromIssue bool
	// Rows are the clients that share the issue, in order.
	Rows []RowLine
	// Target is what a command on the issue has to name first, with a space after it; empty
	// where the issue is about one thing.
	Target string
	// File and Line are where the step is written, FileURL a link to it.
	File    string
	Line    int
	FileURL string
	// Previous is the number of the issue of the same step one cycle ago, 0 for none.
	Previous int
}

// StepLine is one step of a run, as the issue of the run lists it.
type StepLine struct {
	Number, Title string
	// State says in words how the step stands. It is a part of the text by which Merge knows
	// the box: a tick that a person sets or takes away holds until the state changes.
	State string
	// Ended ticks the box.
	Ended bool
}

// IssueTitle returns the title: the client, the step and its turn. The due date is not in
// it, so that an issue keeps its name when it moves.
func (c Content) IssueTitle() string {
	t := c.Step
	if c.Number != "" {
		t = c.Number + " " + t
	}
	if c.Client != "" {
		t = c.Client + ": " + t
	}
	return withTurn(t, c.Turn)
}

// MilestoneTitle returns the title of the milestone to which the issues of one run belong:
// the client, the title of the template and the cycle. It is made safe as Title is.
func MilestoneTitle(client, template, cycle string) string {
	return withTurn(client+": "+template, cycle)
}

// withTurn returns a title that ends with the turn, however long the text before it is.
func withTurn(t, turn string) string {
	if turn == "" {
		return Title(t)
	}
	turn = " (" + cutRunes(line(turn), MaxTitle/4) + ")"
	return Title(cutRunes(line(t), MaxTitle-len([]rune(turn))-10) + turn)
}

// Region returns the part of the body that is ours: a table, the lists and, last, the
// instructions, since they are the only text whose markup is kept.
func (c Content) Region() string {
	var b strings.Builder
	b.Grow(512 + len(c.Instructions))
	for _, m := range c.Banners {
		m.write(&b)
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, r := range c.rows() {
		if r.value == "" {
			continue
		}
		for _, s := range [...]string{"| ", r.name, " | ", r.value, " |\n"} {
			b.WriteString(s)
		}
	}
	c.writeRun(&b)
	if len(c.Checklist) > 0 {
		b.WriteString("\n**Checklist**\n\n")
		for _, s := range c.Checklist {
			b.WriteString("- [ ] " + Text(s) + "\n")
		}
	}
	if len(c.Steps) > 0 {
		b.WriteString("\n**Steps**\n\n")
		for _, s := range c.Steps {
			b.WriteString(s.item() + "\n")
		}
	}
	if c.Now != "" && c.Signoff == nil {
		b.WriteString("\nWhen the step is done, write a comment: " + Code("/done") + ", or " + Code("/skip and the reason") + "\n")
	}
	if s := Markdown(c.Instructions); strings.TrimSpace(s) != "" {
		b.WriteString("\n**Instructions**\n\n" + s + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// item returns the line of a task list.
func (s StepLine) item() string {
	box := "- [ ] "
	if s.Ended {
		box = "- [x] "
	}
	return box + Text(strings.TrimSpace(s.Number+" "+s.Title)) + " (" + Text(s.State) + ")"
}

// The rows that point elsewhere.
const (
	rowPrevious = "Last time"
	rowSource   = "Written in"
)

// Steady returns a body or a region without the rows that point elsewhere: to a line of a
// file, which moves with every edit above it, and to an issue of a year ago. Two bodies
// that are the same but for those say the same; to rewrite every open issue whenever a
// line is put into a file would only make noise.
func Steady(body string) string {
	var b strings.Builder
	b.Grow(len(body))
	for l := range strings.Lines(body) {
		if !pointsAway(l) {
			b.WriteString(l)
		}
	}
	return b.String()
}

// pointsAway reports whether a line is a row that points elsewhere.
func pointsAway(l string) bool {
	return strings.HasPrefix(l, "| "+rowPrevious+" | ") || strings.HasPrefix(l, "| "+rowSource+" | ")
}

// sameLines reports whether two texts have the same lines, apart from rows that point
// elsewhere.
func sameLines(a, b string) bool {
	if a == b {
		return true
	}
	is, want := steadyLines{rest: a}, steadyLines{rest: b}
	for {
		l, more := is.next()
		w, other := want.next()
		if l != w || more != other {
			return false
		}
		if !more {
			return true
		}
	}
}

// steadyLines goes through the lines of a text that do not point elsewhere.
type steadyLines struct {
	rest string
	done bool
}

// next returns the next line, and false after the last one.
func (s *steadyLines) next() (line string, ok bool) {
	for !s.done {
		line, s.rest, ok = strings.Cut(s.rest, "\n")
		if s.done = !ok; !pointsAway(line) {
			return line, true
		}
	}
	return "", false
}

// row is a line of the table; the value is Markdown.
type row struct{ name, value string }

func (c Content) rows() []row {
	number := ""
	if c.Previous > 0 {
		number = "#" + decimal(c.Previous)
	}
	return []row{
		{"Client", Text(c.Client)},
		{"Now", Text(c.Now)},
		{"Due", c.due()},
		{"Owner", Cell(c.Owner)},
		{"With", texts(c.With)},
		{"Done by", Text(c.By)},
		{"Responsible", texts(c.Responsible)},
		{"Accountable", Text(c.Accountable)},
		{"Consulted", texts(c.Consulted)},
		{"Informed", texts(c.Informed)},
		{"Process", Text(c.Process)},
		{"Turn", Text(c.Turn)},
		{"Number", Text(c.Number)},
		{"Type", Text(c.Type)},
		{"Time", Text(c.At)},
		{"Duration", Text(c.Duration)},
		{"Tags", texts(c.Tags)},
		{"Draft", c.draft()},
		{rowPrevious, number},
		{rowSource, c.source()},
	}
}

func (c Content) draft() string {
	if !c.Draft {
		return ""
	}
	return "it is not settled yet how this is done"
}

// due returns the due date with its weekday and, where it moved, from which day and why.
func (c Content) due() string {
	s := Day(c.Due)
	if c.Nominal != c.Due && c.Nominal != 0 {
		s += " (moved from " + Day(c.Nominal)
		if c.Moved != "" {
			s += ": " + Text(c.Moved)
		}
		s += ")"
	} else if c.Moved != "" {
		s += " (" + Text(c.Moved) + ")"
	}
	return s
}

// Day returns a date with the name of its weekday, and the empty string for none.
func Day(d civil.Date) string {
	if d == 0 {
		return ""
	}
	return d.Weekday().String() + " " + d.String()
}

// source returns a link to the line of the file.
func (c Content) source() string {
	if c.File == "" {
		return ""
	}
	place := c.File
	if c.Line > 0 {
		place += ":" + decimal(c.Line)
	}
	return Link(place, c.FileURL)
}

// texts joins names by commas.
func texts(l []string) string {
	out := make([]string, len(l))
	for i, s := range l {
		out[i] = Text(s)
	}
	return strings.Join(out, ", ")
}
