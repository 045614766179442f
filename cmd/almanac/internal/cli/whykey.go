package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// checkKey refuses what can be no key, whatever the files say.
func checkKey(key string) error {
	part := strings.Split(key, "/")
	if len(part) < 4 || len(part) > 5 || slices.Contains(part, "") {
		return usage("almanac list occurrences shows keys, such as acme-dental/vcio/2026/annual-strategy",
			"%q is no key: expected CLIENT/TEMPLATE/CYCLE/STEP, with /TURN for a repeated step", key)
	}
	return nil
}

// explainShared tells of an issue that clients share which of their steps it stands for. It
// reports false for any other key.
func (s *session) explainShared(x *explanation, view *plan.View) bool {
	if !strings.HasPrefix(x.Key, schema.AllClients+"/") {
		return false
	}
	x.Facts = []factRow{}
	if is := view.Issue(x.Key); is != nil {
		x.Issue = is.Number
	}
	for _, o := range s.whole.Occurrences(yearFrom(view.Since(), s.w.today)) {
		if view.Shared(&o) != x.Key {
			continue
		}
		x.Facts = append(x.Facts, factRow{Rule: "shared", File: o.Source.File, Line: o.Source.Pos.Line,
			Text: fmt.Sprintf("stands for %s: %s, due %s", o.Key, view.State(&o), day(o.Due))})
	}
	if x.shared = len(x.Facts) > 0; !x.shared {
		x.Facts = append(x.Facts, factRow{Rule: string(due.RuleUnknown), Text: "no step of any client has a part in it"})
	}
	return true
}

// meant returns the error for a key of which nothing is known because its client is invalid
// or unknown. Where only a later part leads nowhere, it says on standard error which key was
// probably meant: that the step is not there is an answer, and no fault.
func (s *session) meant(x *explanation, view *plan.View) error {
	unknown := slices.ContainsFunc(x.Facts, func(f factRow) bool { return f.Rule == string(due.RuleUnknown) })
	if x.Occurrence != nil || len(x.History) > 0 || !unknown {
		return nil
	}
	part := strings.Split(x.Key, "/")
	if s.w.catalog.Client(part[0]) == nil {
		_, err := s.w.client(part[0])
		return err
	}
	if near := s.nearKey(part, view); near != "" {
		s.c.talk("hint: did you mean %s?", near)
	}
	return nil
}

// nearKey returns the key of the client that a misspelt one is nearest to, part by part, or
// "" where nothing is near.
func (s *session) nearKey(part []string, view *plan.View) string {
	var keys [][]string
	for _, o := range s.engine.Occurrences(yearFrom(view.Since(), s.w.today)) {
		if k := strings.Split(o.Key, "/"); k[0] == part[0] && len(k) == len(part) {
			keys = append(keys, k)
		}
	}
	near := slices.Clone(part)
	for i := 1; i < len(part); i++ {
		var there []string
		for _, k := range keys {
			there = append(there, k[i])
		}
		if !slices.Contains(there, near[i]) {
			slices.Sort(there)
			word, ok := diag.Suggest(near[i], slices.Compact(there))
			if !ok {
				return ""
			}
			near[i] = word
		}
		keys = slices.DeleteFunc(keys, func(k []string) bool { return k[i] != near[i] })
	}
	return strings.Join(near, "/")
}

// headline says what a key stands for, and how it is.
func (x *explanation) headline(p *printer) {
	switch o := x.Occurrence; {
	case o != nil:
		p.line("%s", x.Key)
		p.line("%s for %s: %s, due %s, owner %s", o.Title, o.Client, o.State, cmp.Or(day(o.Due), "on no date yet"), cmp.Or(o.Owner, "nobody"))
	case x.shared:
		p.line("%s", x.Key)
	default:
		p.line("%s is not there", x.Key)
	}
	if x.Issue > 0 {
		p.line("issue %d", x.Issue)
	}
}
