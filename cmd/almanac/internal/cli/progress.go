package cli

import (
	"fmt"
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// follow returns what is told of each change of a run, and what ends the telling. Every
// change is a line; on a terminal a bar below the lines shows how far the run is, because
// a forge lets one write only about once a second.
func (c *Command) follow(total int) (tell func(reconcile.Outcome), end func()) {
	if !c.Terminal || total == 0 {
		return func(o reconcile.Outcome) { fmt.Fprintln(c.Stdout, outcomeLine(o)) }, func() {}
	}
	bars := mpb.New(mpb.WithOutput(c.Stdout), mpb.WithWidth(40), mpb.WithAutoRefresh())
	bar := bars.AddBar(int64(total),
		mpb.PrependDecorators(decor.Name("changes ")),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d"), decor.Name(" "), decor.AverageETA(decor.ET_STYLE_GO)),
		mpb.BarRemoveOnComplete())
	tell = func(o reconcile.Outcome) {
		_, _ = io.WriteString(bars, outcomeLine(o)+"\n")
		bar.Increment()
	}
	return tell, func() {
		bar.Abort(true)
		bars.Wait()
	}
}

// outcomeLine tells one change and how it ended.
func outcomeLine(o reconcile.Outcome) string {
	line := fmt.Sprintf("%-9s %-6s %s", o.Status, o.Change.Action, o.Change.Key)
	if o.Number > 0 {
		line += fmt.Sprintf("  #%d", o.Number)
	}
	switch {
	case o.Change.Notice != nil && o.Change.Notice.Outside:
		line += "  TO THE CLIENT: " + o.Change.Notice.Title
	case o.Change.Notice != nil:
		line += "  " + o.Change.Notice.Title
	case o.Change.Title != "":
		line += "  " + o.Change.Title
	}
	if o.Err != nil {
		line += ": " + o.Err.Error()
	}
	if o.Again != "" {
		line += " (it may have gone out before, in run " + o.Again + ")"
	}
	return issue.LogLine(line)
}
