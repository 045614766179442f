package cli

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// summarize appends to the summary of an Actions job, where there is one.
func (c *Command) summarize(write func(*bytes.Buffer) error) error {
	if c.Getenv("GITHUB_STEP_SUMMARY") == "" {
		return nil
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := appendFile(c.Getenv("GITHUB_STEP_SUMMARY"), b.Bytes()); err != nil {
		return fmt.Errorf("write the job summary: %w", err)
	}
	return nil
}

// noChanges stands for a result that is not counted in changes.
const noChanges = -1

// hand hands the result on to later steps of an Actions job, where there is one: the number
// of changes, unless that is noChanges, and one line.
func (c *Command) hand(changes int, summary string) error {
	path := c.Getenv("GITHUB_OUTPUT")
	if path == "" {
		return nil
	}
	text := "summary=" + strings.Join(strings.Fields(summary), " ") + "\n"
	if changes != noChanges {
		text += "changes=" + strconv.Itoa(changes) + "\n"
	}
	if err := appendFile(path, []byte(text)); err != nil {
		return fmt.Errorf("write the outputs of the step: %w", err)
	}
	return nil
}

func appendFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
