package command

import (
	"regexp"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/lint"
)

var address = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

// unfit returns why a text may not go into the ledger, which is kept for ever: it holds no
// secrets and no addresses.
func unfit(text string) string {
	switch {
	case address.MatchString(text):
		return "what stands behind the command is kept for ever, so it may hold no e-mail address: write it below the first line"
	case len(lint.CheckFile("comment", []byte(text))) > 0:
		return "what stands behind the command is kept for ever, and it looks like it holds a password or a key: delete the comment, change the secret, and write it without"
	}
	return ""
}

// help lists what can be done on the issue, as Markdown.
func (j *judging) help() string {
	before := ""
	if j.subject.Shared {
		before = "client "
	}
	var b strings.Builder
	b.WriteString("A command is the first line of a new comment:\n\n")
	for _, v := range Verbs() {
		b.WriteString("- " + issue.Code(strings.TrimSpace("/"+string(v)+" "+before+usage[v])) + ": " + meaning[v] + "\n")
	}
	if before != "" {
		b.WriteString("\nSeveral clients share this issue, so name the client first, by its id.\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

var usage = map[Verb]string{
	Done: "", Skip: "reason", Decide: "option", Approve: "", Reject: "reason", Reschedule: "2026-05-08 reason",
	Take: "", Release: "", Note: "text", Help: "",
}

var meaning = map[Verb]string{
	Done:       "the step is done",
	Skip:       "the step is not done and will not be",
	Decide:     "answer the question of the step",
	Approve:    "sign the step off",
	Reject:     "send the step back to be worked on again",
	Reschedule: "move the step to another day",
	Take:       "take the step out of its pool",
	Release:    "put the step back into its pool",
	Note:       "tell that there is news",
	Help:       "show this list",
}

// Answer is the comment that tells somebody that a command was not carried out, as Markdown.
func Answer(c issue.Comment, refused string) string {
	line, _, _ := strings.Cut(c.Body, "\n")
	return issue.Code(cut(strings.TrimSpace(line))) + " by " + issue.Text(c.Author) + " was not carried out: " + issue.Text(refused) + "."
}

// cut shortens a line that is quoted.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
