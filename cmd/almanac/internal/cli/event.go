package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/command"
)

// event is the comment that started the run, as far as the event says. Nothing of it is
// believed: it only says where to look first.
type event struct {
	// comment is the id, "" where the run was not started by a comment, and body the text.
	comment, body string
	// nothing says why there is nothing to do at all; "" where there may be something.
	nothing string
}

// maxEvent is how large an event may be. GitHub sends no body longer than 64 KiB, and two of
// them at most.
const maxEvent = 4 << 20

// occasion reads what started the run: the file that is named, or in Actions the one that
// the environment names, where that is about a comment.
func (c *Command) occasion(file string) (event, error) {
	named := file != ""
	switch {
	case named && !filepath.IsAbs(file):
		file = filepath.Join(c.Dir, file)
	case !named && c.Getenv("GITHUB_EVENT_NAME") == "issue_comment":
		file = c.Getenv("GITHUB_EVENT_PATH")
	}
	if file == "" {
		return event{}, nil
	}
	e, err := readEvent(file)
	if err != nil {
		without := "with GITHUB_EVENT_NAME unset"
		if named {
			without = "without --event"
		}
		return event{}, hinted(fmt.Errorf("read the event: %w", err), "every new comment is found all the same by almanac reconcile "+without)
	}
	return e, nil
}

// readEvent reads an event of GitHub about a comment.
func readEvent(file string) (event, error) {
	f, err := os.Open(file)
	if err != nil {
		return event{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEvent+1))
	switch {
	case err != nil:
		return event{}, err
	case len(text) > maxEvent:
		return event{}, fmt.Errorf("%s is longer than %d MiB", filepath.Base(file), maxEvent>>20)
	}
	return parseEvent(text)
}

func parseEvent(text []byte) (event, error) {
	var e struct {
		Action string `json:"action"`
		Issue  struct {
			Pull any `json:"pull_request"`
		} `json:"issue"`
		Comment struct {
			ID   int64  `json:"id"`
			Body string `json:"body"`
			User struct {
				Type string `json:"type"`
			} `json:"user"`
		} `json:"comment"`
	}
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(text, &e); {
	case errors.As(err, &wrong): // it would tell of Go
		return event{}, fmt.Errorf("it is not an event issue_comment: %s is not what GitHub sends", cmp.Or(wrong.Field, "the whole"))
	case err != nil:
		return event{}, fmt.Errorf("it is not JSON of an event: %w", err)
	}
	if e.Comment.ID <= 0 {
		return event{}, errors.New("it is not about a comment: expected an event issue_comment")
	}
	body := strings.ReplaceAll(e.Comment.Body, "\r\n", "\n")
	_, kind := command.Parse(body)
	switch {
	case e.Action != "created":
		return event{nothing: "only new comments are commands, and this one was " + e.Action}, nil
	case e.Issue.Pull != nil:
		return event{nothing: "the comment stands on a pull request"}, nil
	case e.Comment.User.Type == "Bot":
		return event{nothing: "a program wrote the comment"}, nil
	case kind == command.None:
		return event{nothing: "the comment is no command"}, nil
	}
	return event{comment: strconv.FormatInt(e.Comment.ID, 10), body: body}, nil
}
