package command

import (
	"strings"
	"unicode/utf8"
)

// Verb is what a command asks for.
type Verb string

// The verbs.
const (
	// Done says that the step is done.
	Done Verb = "done"
	// Skip says that the step is not done and will not be.
	Skip Verb = "skip"
	// Approve signs the step off for one role.
	Approve Verb = "approve"
	// Reject sends the step back.
	Reject Verb = "reject"
	// Decide answers the question of the step.
	Decide Verb = "decide"
	// Reschedule moves the step to another day.
	Reschedule Verb = "reschedule"
	// Take takes a step out of a pool.
	Take Verb = "take"
	// Release puts a step back into its pool.
	Release Verb = "release"
	// Note writes down that there is news; the news itself is the comment.
	Note Verb = "note"
	// Help asks what can be done here.
	Help Verb = "help"
)

// Verbs returns every verb, in the order in which help lists them.
func Verbs() []Verb {
	return []Verb{Done, Skip, Decide, Approve, Reject, Reschedule, Take, Release, Note, Help}
}

// MaxLine is how long a command may be, in characters.
const MaxLine = 200

// Kind says what a comment is.
type Kind uint8

// The kinds.
const (
	// None: the comment is no command, and nobody answers it.
	None Kind = iota
	// Unknown: it is written like a command, with a word that is none.
	Unknown
	// TooLong: it is a command, and longer than MaxLine.
	TooLong
	// Valid: it is a command.
	Valid
)

// Command is the first line of a comment, taken apart.
type Command struct {
	Verb Verb
	// Rest is what follows the verb, without space around it.
	Rest string
}

// Next returns the first word of the rest and what follows it.
func (c Command) Next() (word, rest string) {
	word, rest, _ = strings.Cut(c.Rest, " ")
	return word, strings.TrimSpace(rest)
}

// letters are those that a verb may be written with.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Parse reads the first line of a comment. A command begins with a slash in the very first
// column, so that quotes, lists and blocks of code hold none, and with a word of small
// letters after it. A verb may have capitals, as phones write them. What further lines say
// is for people.
func Parse(body string) (Command, Kind) {
	line, _, _ := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n")
	line = strings.TrimRight(line, " \t")
	if !strings.HasPrefix(line, "/") || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return Command{}, None
	}
	word, rest, _ := strings.Cut(line[1:], " ")
	c := Command{Verb: Verb(strings.ToLower(word)), Rest: strings.TrimSpace(rest)}
	if word == "" || strings.Trim(word, letters) != "" || string(c.Verb) != word && !known(c.Verb) {
		return Command{}, None
	}
	switch {
	case !known(c.Verb):
		return c, Unknown
	case utf8.RuneCountInString(line) > MaxLine:
		return c, TooLong
	}
	return c, Valid
}

func known(v Verb) bool {
	for _, k := range Verbs() {
		if k == v {
			return true
		}
	}
	return false
}
