package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Below ratioFrom open issues a part of them says little, so a fixed number of closes
// passes instead.
const (
	ratioFrom = 10
	fewCloses = 3
)

// gate blocks the plan where a rule of safety says so, unless it is approved as it stands.
func (m *maker) gate() {
	b := m.unsafe()
	if b == nil {
		return
	}
	b.Approve = m.plan.hash()
	if m.in.Approve == b.Approve {
		m.plan.Approved = true
		return
	}
	if m.in.Approve != "" {
		b.Stale = true
		b.Message += " (the approval that was given is for another plan)"
	}
	m.plan.Blocked = b
}

// hash returns the SHA-256 of the plan's JSON form, as it is before any gate, and of the
// issues that it gives up for lost.
func (p *Plan) hash() string {
	b, err := json.Marshal(p)
	if err != nil {
		return "" // no value of a plan is without a JSON form
	}
	for _, e := range p.Records {
		if e.Verb == record.Lost {
			b = fmt.Appendf(b, "\nlost %s", e.Key)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// unsafe returns the first gate that the plan does not pass, or nil. Adopting harms
// nothing, so a run that only adopts passes.
func (m *maker) unsafe() *Blocked {
	if m.org == nil || m.adoptOnly {
		return nil
	}
	if n := m.unwantedByAll(); n > 0 {
		return &Blocked{Rule: RuleEmpty, Got: n,
			Message: fmt.Sprintf("the files want no issue at all, while %s: is this the right folder?", areOpen(n))}
	}
	if n := m.unseen(); n > 0 {
		return &Blocked{Rule: RuleUnseen, Got: n,
			Message: fmt.Sprintf("the forge shows no issue of ours, while by the ledger %s: is this the right forge?", areOpen(n))}
	}
	if gone, open := m.vanishedIssues(); gone > m.closeLimit(open) {
		return &Blocked{Rule: RuleGone, Limit: m.closeLimit(open), Got: gone,
			Message: fmt.Sprintf("%d of the %d issues that are open by the ledger are not there, and their steps would count as given up: is this the right forge?", gone, open)}
	}
	if limit := m.closeLimit(m.managed); m.closes > limit {
		return &Blocked{Rule: RuleCloses, Limit: limit, Got: m.closes,
			Message: fmt.Sprintf("%d of %d open issues would be closed, and one run may close %d", m.closes, m.managed, limit)}
	}
	for _, c := range slices.Sorted(maps.Keys(m.closesOf)) {
		if limit := m.closeLimit(m.openOf[c]); m.closesOf[c] > limit {
			return &Blocked{Rule: RuleCloses, Client: c, Limit: limit, Got: m.closesOf[c],
				Message: fmt.Sprintf("%d of the %d open issues of %s would be closed, and one run may close %d", m.closesOf[c], m.openOf[c], c, limit)}
		}
	}
	return nil
}

func areOpen(n int) string {
	if n == 1 {
		return "1 is open"
	}
	return strconv.Itoa(n) + " are open"
}

// unwantedByAll returns how many open issues nothing stands behind, if the files want
// nothing at all, now or within a year. Issues that the client's own file gives up are not
// among them.
func (m *maker) unwantedByAll() int {
	n := len(m.plan.Orphans)
	for _, closes := range m.closesOf {
		n += closes
	}
	if n == 0 || m.scoped > 0 {
		return 0
	}
	all := due.Window{From: m.window.From, To: max(m.window.To, m.in.AsOf.AddMonths(lookBack))}
	for _, o := range m.in.Engine.Occurrences(all) {
		if m.acts(o.Client.ID) {
			return 0
		}
	}
	return n
}

// unseen returns how many issues the ledger holds open, if the forge shows none at all.
func (m *maker) unseen() int {
	if len(m.seen) > 0 {
		return 0
	}
	n := 0
	for _, k := range m.held {
		if !m.gone[k.entry.Number] && m.acts(record.Client(k.key)) {
			n++
		}
	}
	return n
}

// vanishedIssues returns how many issues the ledger holds open, and how many of them the
// forge says it does not have. A forge that was mixed up has none of them.
func (m *maker) vanishedIssues() (gone, open int) {
	for _, k := range m.held {
		if m.acts(record.Client(k.key)) {
			open++
		}
	}
	for _, e := range m.plan.Records {
		if e.Verb == record.Lost {
			gone++
		}
	}
	return gone, open
}

// closeLimit returns how many of so many open issues one run may close.
func (m *maker) closeLimit(open int) int {
	if open < ratioFrom {
		return fewCloses
	}
	// The smallest ratio that means anything is a thousandth; less is rounding.
	return int(float64(open)*m.org.CloseRatio() + 0.0005)
}
