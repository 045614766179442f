package plan

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// day returns a date, or words for none.
func day(d civil.Date) string { return cmp.Or(d.String(), "no date") }

// upper makes the first letter a capital.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// holder reads what due.Holder.String writes.
func holder(s string) due.Holder {
	if role, ok := strings.CutPrefix(s, "role:"); ok {
		return due.Holder{Role: role}
	}
	return due.Holder{Person: s}
}
