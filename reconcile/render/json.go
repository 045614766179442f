package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// Outcome is how one change ended.
type Outcome struct {
	// Status is a word: done, elsewhere, deferred, unknown or failed.
	Status string `json:"status"`
	// Number and URL are of the issue, zero where there is none.
	Number int    `json:"number"`
	URL    string `json:"url"`
	// Error says why it is not done, or what is not as it should be; empty for nothing.
	Error string `json:"error"`
	// Again names the run in which a message may have gone out before.
	Again string `json:"again,omitempty"`
}

// JSON returns a plan in the form that is promised to programs: DESIGN 6.1, indented, with
// a line feed at the end. Equal plans give equal bytes. outcomes are nil for a plan that
// was not carried out, and otherwise one for each change, in the same order.
func JSON(p *plan.Plan, outcomes []Outcome) ([]byte, error) {
	if outcomes != nil && len(outcomes) != len(p.Changes) {
		return nil, fmt.Errorf("%d outcomes of %d changes", len(outcomes), len(p.Changes))
	}
	type change struct {
		plan.Change
		Outcome *Outcome `json:"outcome,omitempty"`
	}
	type header plan.Plan
	doc := struct {
		*header
		Changes []change `json:"changes"`
	}{header: (*header)(p), Changes: make([]change, len(p.Changes))}
	for i := range p.Changes {
		doc.Changes[i].Change = p.Changes[i]
		if outcomes != nil {
			doc.Changes[i].Outcome = &outcomes[i]
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("write the plan as JSON: %w", err)
	}
	return b.Bytes(), nil
}
