package cli

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// difference is one thing that a plan does and another does not.
type difference struct {
	// key is of an occurrence, and empty for what is about a client or the whole plan.
	key, client string
	// kind is what is counted together, such as `moved`.
	kind, text string
}

// intent is what a plan means to do with one issue or notice, or why it does nothing.
type intent struct {
	key, client string
	// subject is empty for an issue.
	subject string
	// done is the word for what is done: the issue would be opened, closed, deferred.
	done string
	// about tells more: title and day, or the reason.
	about string
	due   civil.Date
	after plan.Values
}

var doneWords = map[plan.Action]string{
	plan.Create: "opened", plan.Update: "updated", plan.Close: "closed", plan.Adopt: "adopted", plan.Notify: "sent", plan.Answer: "answered",
}

// planDiff says in plain words how a plan differs from the one before, sorted by text. Both
// must be of the same day, and of the same issues and ledger, for all of it to come from the
// files. What changes only because a client is left alone, or no longer is, is told in one
// line.
func planDiff(before, after *plan.Plan) []difference {
	l := append(compareFrozen(before, after), compareGate(before.Blocked, after.Blocked)...)
	was, is := intents(before), intents(after)
	frozenThen, frozenNow := frozenIn(before), frozenIn(after)
	iced := func(i *intent) bool { return frozenThen(i.client) || frozenNow(i.client) }
	for id, b := range was {
		if a := is[id]; !iced(b) {
			l = append(l, compareIntents(b, a)...)
		}
	}
	for id, a := range is {
		if was[id] == nil && !iced(a) {
			l = append(l, compareIntents(nil, a)...)
		}
	}
	return sorted(l)
}

func sorted(l []difference) []difference {
	slices.SortFunc(l, func(a, b difference) int { return strings.Compare(a.text, b.text) })
	return l
}

// intents collects what a plan does, by what stays the same between two plans.
func intents(p *plan.Plan) map[string]*intent {
	m := map[string]*intent{}
	id := func(key string, number int) string { return fmt.Sprintf("%s#%d", key, number) }
	for _, h := range p.Waiting {
		m[id(h.Key, 0)] = heldIntent(&h, "kept waiting")
	}
	for _, h := range p.Missed {
		m[id(h.Key, 0)] = heldIntent(&h, "given up")
	}
	for _, h := range p.Deferred {
		m[id(h.Key, 0)] = heldIntent(&h, "put off to a later run")
	}
	for _, s := range p.Orphans {
		m[id(s.Key, s.Number)] = &intent{key: s.Key, client: s.Client, done: "left open", about: s.Reason}
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		at := id(c.Key, c.Number)
		switch {
		case c.Notice != nil:
			at = c.Key + "!" + c.Notice.Name + "!" + c.Notice.Channel
		case slices.Contains(c.Fields, "parent"):
			at += "!parent" // an issue may be changed besides
		}
		m[at] = changeIntent(c)
	}
	return m
}

func heldIntent(h *plan.Held, done string) *intent {
	return &intent{key: h.Key, client: h.Client, done: done, about: h.Reason, due: h.Due}
}

func changeIntent(c *plan.Change) *intent {
	i := &intent{key: c.Key, client: c.Client, done: cmp.Or(doneWords[c.Action], string(c.Action)), about: c.Reason, due: c.Due, after: c.After}
	switch c.Action {
	case plan.Create:
		i.about = c.Title + dueOn(c.Due)
	case plan.Update:
		i.about = fieldWords(c.Fields, c.Before, c.After)
	case plan.Notify:
		if c.Notice != nil {
			i.subject = "a notice to " + strings.Join(c.Notice.To, ", ") + " by " + cmp.Or(c.Notice.Channel, "the log")
			i.about = c.Notice.Title
		}
	}
	return i
}

func dueOn(d civil.Date) string {
	if d == 0 {
		return ""
	}
	return ", due " + issue.Day(d)
}

// fieldWords names fields, with what becomes of them where that is short.
func fieldWords(fields []string, before, after plan.Values) string {
	var l []string
	for _, f := range fields {
		was, short := before[f].(string)
		is, also := after[f].(string)
		if f == "body" || !short || !also {
			l = append(l, f)
			continue
		}
		l = append(l, f+" "+cmp.Or(was, "nobody")+" → "+cmp.Or(is, "nobody"))
	}
	return strings.Join(l, ", ")
}

// compareIntents returns how what becomes of one issue or notice differs; a or b is nil
// where nothing becomes of it.
func compareIntents(b, a *intent) []difference {
	either := cmp.Or(a, b)
	one := func(kind, words string) []difference {
		if either.subject != "" {
			kind, words = "notices", either.subject+" "+words
		}
		return []difference{{either.key, either.client, kind, either.key + ": " + words}}
	}
	switch {
	case b == nil:
		return one("now "+a.done, "would now be "+a.done+colonText(a.about))
	case a == nil:
		return one("no longer "+b.done, "would no longer be "+b.done)
	case a.done != b.done:
		return one("now "+a.done, "would now be "+a.done+" instead of "+b.done+colonText(a.about))
	case a.due != b.due && a.subject == "":
		return one("moved", "moves from "+cmp.Or(issue.Day(b.due), "no date")+" to "+cmp.Or(issue.Day(a.due), "no date"))
	}
	if fields := differing(b.after, a.after); len(fields) > 0 {
		return one("changed", "would be "+a.done+" with another "+fieldWords(fields, b.after, a.after))
	}
	return nil
}

func colonText(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// differing returns the names of fields that are not the same, sorted.
func differing(b, a plan.Values) []string {
	names := map[string]bool{}
	for _, m := range []plan.Values{b, a} {
		for f := range m {
			names[f] = !reflect.DeepEqual(b[f], a[f])
		}
	}
	maps.DeleteFunc(names, func(_ string, differs bool) bool { return !differs })
	return slices.Sorted(maps.Keys(names))
}

// frozenIn returns which clients a plan does nothing for.
func frozenIn(p *plan.Plan) func(client string) bool {
	ids := frozenIDs(p)
	return func(client string) bool { return ids[client] || ids[plan.Everybody] }
}

func frozenIDs(p *plan.Plan) map[string]bool {
	ids := map[string]bool{}
	for _, f := range p.Frozen {
		ids[f.Client] = true
	}
	return ids
}

// compareFrozen tells which clients are left alone from now on, and which no longer are.
func compareFrozen(before, after *plan.Plan) []difference {
	was, is := frozenIDs(before), frozenIDs(after)
	name := func(client string) string {
		if client == plan.Everybody {
			return "every client"
		}
		return client
	}
	var l []difference
	for _, f := range after.Frozen {
		if !was[f.Client] {
			l = append(l, difference{"", f.Client, "left alone", name(f.Client) + ": would be left alone until this is mended: " + f.Reason})
		}
	}
	for _, f := range before.Frozen {
		if !is[f.Client] {
			l = append(l, difference{"", f.Client, "no longer left alone", name(f.Client) + ": is no longer left alone"})
		}
	}
	return l
}

// compareGate tells of a gate that would now stop a run, or no longer does.
func compareGate(before, after *plan.Blocked) []difference {
	switch {
	case after != nil && (before == nil || before.Message != after.Message):
		return []difference{{kind: "blocked", text: "the run would be blocked: " + after.Message}}
	case before != nil && after == nil:
		return []difference{{kind: "no longer blocked", text: "the run would no longer be blocked"}}
	}
	return nil
}

// withLater adds to differences of two plans what changes about steps whose time has not
// come, and why steps move, out of a comparison of the files alone. The result is sorted by
// text.
func withLater(l []difference, p *preview.Preview) []difference {
	told := map[string]int{}
	for i, d := range l {
		if d.key != "" && d.kind != "notices" {
			told[d.key] = i + 1
		}
	}
	for i := range p.Items {
		it := &p.Items[i]
		at := told[it.Key] - 1
		switch {
		case at < 0:
			l = append(l, later(it))
		case l[at].kind == "moved":
			l[at].text += colonText(it.Reason)
		case it.Action == preview.Move:
			l[at].text += "; " + moves(it)
		}
	}
	return sorted(l)
}

// later tells what becomes of a step that the plan of today does not hold.
func later(it *preview.Item) difference {
	d := difference{key: it.Key, client: it.Client}
	switch it.Action {
	case preview.Drop:
		d.kind, d.text = "dropping out", "drops out, was due "+dayWords(it.Before)+colonText(it.Reason)
	case preview.Add:
		d.kind, d.text = "coming in", "comes in, due "+dayWords(it.After)+": "+it.Title
	case preview.Move:
		d.kind, d.text = "moved", moves(it)
	default:
		d.kind, d.text = "changed", "changes, due "+dayWords(it.After)+colonText(it.Reason)
	}
	d.text = it.Key + ": " + d.text
	return d
}

func moves(it *preview.Item) string {
	return "moves from " + dayWords(it.Before) + " to " + dayWords(it.After) + colonText(it.Reason)
}

func dayWords(s *preview.State) string { return cmp.Or(issue.Day(s.Due), "no date") }
