package command

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/lint"
)

var address = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

// unfit returns why a text may not go into the ledger, which is kept for ever: it holds no
// secrets and no addresses.
func unfit(text string) string {
	switch {
	case address.MatchString(text):
		return "what stands behind the command is kept for ever, so it may hold no e-mail address: write the command again in a new comment, with the address below the first line"
	case strings.ContainsFunc(text, unseen):
		return "what stands behind the command holds characters that cannot be seen: type it anew in a new comment, without copying"
	case len(lint.CheckFile("comment", []byte(text))) > 0:
		return "what stands behind the command is kept for ever, and it looks like it holds a password or a key: delete the comment, change the secret, and write the command again without it"
	}
	return ""
}

// unseen reports whether a character turns or breaks the line in which it stands.
func unseen(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) || r == 0x2028 || r == 0x2029
}

// help lists what can be done on the issue, as Markdown.
func (j *judging) help() string {
	var b strings.Builder
	b.WriteString("A command is the first line of a new comment:\n\n")
	for _, v := range Verbs() {
		if example, fits := j.example(v); fits {
			b.WriteString("- " + issue.Code(example) + ": " + meaning[v] + "\n")
		}
	}
	if j.subject.Shared {
		b.WriteString("\nSeveral clients share this issue, so name the client first, by its id.\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// example is how a command is written on this issue, and false where none of its steps has
// a use for it.
func (j *judging) example(v Verb) (string, bool) {
	fits := func(o *due.Occurrence) bool {
		s := o.Step
		role := j.Catalog.Role(s.Owner)
		switch v {
		case Decide:
			return s.Decide != nil
		case Approve, Reject:
			return len(s.Approve) > 0
		case Done:
			return len(s.Approve) == 0
		case Take, Release:
			return role != nil && role.Pool
		}
		return true
	}
	at := slices.IndexFunc(j.subject.Steps, fits)
	if at < 0 {
		return "/" + string(v), v == Help
	}
	o, words := j.subject.Steps[at], usage[v]
	if v == Decide {
		words = o.Step.Decide.Options[0]
	}
	if v == Reschedule {
		words = j.AsOf.AddDays(7).String() + " " + words
	}
	if j.subject.Shared && v != Help {
		words = o.Client.ID + " " + words
	}
	return strings.TrimSpace("/" + string(v) + " " + words), true
}

// usage is what comes behind a verb.
var usage = map[Verb]string{Skip: "the client has done it already", Reject: "the root cause is missing", Reschedule: "the client is away", Note: "the switch was replaced"}

var meaning = map[Verb]string{
	Done:       "the step is done",
	Skip:       "the step is not done and will not be; say why",
	Decide:     "answer the question of the step",
	Approve:    "sign the step off",
	Reject:     "send the step back to be worked on again; say why",
	Reschedule: "move the step to another day; say why, if you like",
	Take:       "take the step out of its pool",
	Release:    "put the step back into its pool",
	Note:       "write down that there is news",
	Help:       "show this list",
}

// Answer is the comment that tells somebody that a command was not carried out, as Markdown.
// It does not repeat what nobody should see: the comment can be deleted, and the answer would
// show it for ever.
func Answer(c issue.Comment, refused string) string {
	line, _, _ := strings.Cut(c.Body, "\n")
	if command, _ := Parse(c.Body); unfit(line)+unfit(command.Rest) != "" {
		line = "/" + string(command.Verb)
	}
	return issue.Code(cut(strings.TrimSpace(line))) + " by " + issue.Text(c.Author) + " was not carried out: " + issue.Text(refused) + "."
}

// cut shortens a line that is quoted.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
