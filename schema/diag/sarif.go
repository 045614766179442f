package diag

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// SARIFResults is the most results that WriteSARIF writes: GitHub keeps the first 5,000.
const SARIFResults = 5000

// SARIFOptions describe the tool.
type SARIFOptions struct {
	// Version is the version of the tool; it may be empty.
	Version string
	// Rules give the summaries of rules by their ids: one sentence. A rule without one is
	// described by its id.
	Rules map[string]string
}

// The parts of SARIF 2.1.0 that are written (OASIS, section 3).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool        `json:"executionSuccessful"`
		Notifications       []sarifNote `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNote struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// WriteSARIF writes faults as SARIF 2.1.0 for code scanning, errors first. From 5,000 on they
// are left out, and a notification of the tool says how many.
func WriteSARIF(w io.Writer, l List, o SARIFOptions) error {
	kept := worstFirst(l)
	invocation := sarifInvocation{ExecutionSuccessful: true}
	if n := len(kept) - SARIFResults; n > 0 {
		kept = kept[:SARIFResults]
		text := plural(n, "more fault") + " left out: only the first 5,000 are kept, errors first"
		invocation.Notifications = []sarifNote{{Level: "warning", Message: sarifText{text}}}
	}
	rules := o.rules(kept)
	results := []sarifResult{}
	for _, d := range kept {
		results = append(results, result(d, rules))
	}
	return writeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:        sarifTool{sarifDriver{Name: "almanac", Version: o.Version, Rules: rules}},
			Invocations: []sarifInvocation{invocation},
			ColumnKind:  "unicodeCodePoints",
			Results:     results,
		}},
	})
}

// rules returns the rules that the faults are about, sorted by id.
func (o SARIFOptions) rules(l List) []sarifRule {
	list := []sarifRule{}
	for _, d := range l {
		at, found := findRule(list, d.Rule)
		if found {
			continue
		}
		text := o.Rules[d.Rule]
		if text == "" {
			text = d.Rule
		}
		list = slices.Insert(list, at, sarifRule{ID: d.Rule, ShortDescription: sarifText{text}})
	}
	return list
}

// findRule returns where the rule is, or belongs, in a list sorted by id.
func findRule(list []sarifRule, id string) (int, bool) {
	return slices.BinarySearchFunc(list, id, func(r sarifRule, id string) int { return strings.Compare(r.ID, id) })
}

// result returns one fault. Its fingerprint leaves out the line, so that a fault that only
// moved is still the same to code scanning.
func result(d Diagnostic, rules []sarifRule) sarifResult {
	text := Visible(d.Message)
	if d.Hint != "" {
		text += "\n" + Visible(d.Hint)
	}
	index, _ := findRule(rules, d.Rule)
	sum := sha256.Sum256([]byte(strings.Join([]string{d.File, d.Rule, d.Path, d.Message}, "\x00")))
	return sarifResult{
		RuleID: d.Rule, RuleIndex: index, Level: d.Severity.String(), Message: sarifText{text},
		Locations:    []sarifLocation{{sarifPhysical{Artifact: sarifArtifact{uri(d.File)}, Region: region(d)}}},
		Fingerprints: map[string]string{"almanac/v1": hex.EncodeToString(sum[:16])},
	}
}

// region returns the place in the file, or nil for the whole of it.
func region(d Diagnostic) *sarifRegion {
	if d.Line == 0 {
		return nil
	}
	r := sarifRegion{StartLine: d.Line, StartColumn: d.Column}
	if d.Column > 0 && d.EndColumn > d.Column {
		r.EndColumn = d.EndColumn
	}
	return &r
}

// uri returns a path as a relative reference (RFC 3986): everything but unreserved
// characters and slashes is percent-encoded, the colon too, which would make a scheme of
// what stands before it. A fault of no file lies in the root.
func uri(file string) string {
	if file == "" {
		return "."
	}
	var b strings.Builder
	for _, c := range []byte(file) {
		if c < utf8.RuneSelf && (isAlphanumeric(c) || strings.IndexByte("-._~/", c) >= 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
