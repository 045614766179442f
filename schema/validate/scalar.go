package validate

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cuelang.org/go/cue/literal"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// form tells values apart as CUE does after it has read YAML.
type form uint8

const (
	word form = 1 << iota
	whole
	fraction
	truth
	sequence
	mapping
	nothing
	// unreadable is a number that CUE does not read.
	unreadable form = 0
)

// octalLike are numbers with a leading zero. Those with a digit 8 or 9 are no octal numbers
// and, as in CUE, text.
var octalLike = regexp.MustCompile(`^[-+]?0[0-9_]+$`)

// is returns the form of a node.
func is(n *node.Node) form {
	switch n = node.Resolve(n); n.Kind {
	case node.Mapping:
		return mapping
	case node.Sequence:
		return sequence
	}
	switch n.ShortTag() {
	case "!!int":
		return numeric(n.Value, whole)
	case "!!float":
		if octalLike.MatchString(n.Value) {
			return word
		}
		return numeric(n.Value, fraction)
	case "!!bool":
		return truth
	case "!!null":
		return nothing
	}
	return word
}

// longestNumber is the number of characters from which on a number is not read.
const longestNumber = 400

// numeric returns f for a number that CUE reads.
func numeric(s string, f form) form {
	var info literal.NumInfo
	if len(s) > longestNumber || literal.ParseNum(cueNumber(s), &info) != nil || info.IsInt() != (f == whole) {
		return unreadable
	}
	return f
}

// cueNumber turns a YAML number into one of CUE: only octal numbers are written in another
// way.
func cueNumber(s string) string {
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return "0o" + s[1:]
	}
	return s
}

// fault is what is wrong with one value.
type fault struct{ rule, message, hint string }

// text is a scalar that is text.
type text struct {
	// words are the allowed values; none means any.
	words    []string
	patterns []*regexp.Regexp
	// min and max bound the number of characters; a max of 0 is none.
	min, max int
	date     bool
	meaning
}

func (t *text) accepts() form { return word }

func (t *text) check(r *run, _, n *node.Node) {
	if f := t.fault(node.Resolve(n).Value); f != nil {
		r.add(n, f.rule, f.message, f.hint)
	}
}

// fault returns what is wrong with a text, or nil.
func (t *text) fault(s string) *fault {
	switch {
	case len(t.words) > 0:
		if slices.Contains(t.words, s) {
			return nil
		}
		return &fault{"schema/enum", fmt.Sprintf("expected %s, found %s", oneOf(t.words), quote(s)), choices(s, t.words)}
	case t.date:
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return nil
		}
		return badDate(s)
	}
	for _, p := range t.patterns {
		if !p.MatchString(s) {
			return t.misfit(s)
		}
	}
	return t.length(s)
}

// misfit is the fault of a text that does not have the pattern.
func (t *text) misfit(s string) *fault {
	f := &fault{"schema/pattern", fmt.Sprintf("expected %s, found %s", t.like(), quote(s)), t.doc}
	if better, ok := t.mend(s); ok {
		f.hint = fmt.Sprintf("did you mean %q?", better)
		if t.doc != "" {
			f.hint += " (" + t.doc + ")"
		}
	}
	return f
}

// mend tries the slips that are easy to see: capitals, spaces and underscores. What holds
// other signs, or would lose half of itself, was meant in another way.
func (t *text) mend(s string) (string, bool) {
	if strings.ContainsAny(s, `/\:@$={}`) {
		return "", false
	}
	lower := strings.ToLower(strings.Join(strings.Fields(s), " "))
	slug := strings.Trim(notSlug.ReplaceAllString(plainLetters.Replace(lower), "-"), "-")
	for _, m := range []string{lower, slug, strings.ToUpper(strings.ReplaceAll(slug, "-", "_"))} {
		if 2*len(m) > utf8.RuneCountInString(s) && m != s && t.fits(m) {
			return m, true
		}
	}
	return t.respell(lower)
}

// plainLetters writes letters with marks as people do where they cannot have them.
var plainLetters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "å", "a", "æ", "ae", "ø", "o", "œ", "oe",
	"à", "a", "á", "a", "â", "a", "ã", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e", "ì", "i", "í", "i", "î", "i", "ï", "i",
	"ñ", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ù", "u", "ú", "u", "û", "u", "ý", "y", "’", "", "'", "")

// fits reports whether a text has every pattern and the length.
func (t *text) fits(s string) bool {
	misses := func(p *regexp.Regexp) bool { return !p.MatchString(s) }
	return !slices.ContainsFunc(t.patterns, misses) && t.length(s) == nil
}

// respell puts right the one word that is misspelt among several, by the words that stand
// in the patterns.
func (t *text) respell(s string) (string, bool) {
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > 8 {
		return "", false
	}
	var known []string
	for _, p := range t.patterns {
		for _, w := range literalWord.FindAllString(classes.ReplaceAllString(p.String(), " "), -1) {
			known = append(known, w, w+"s")
		}
	}
	for i, w := range words {
		if meant, ok := diag.Suggest(w, known); ok {
			m := slices.Clone(words)
			m[i] = meant
			if better := strings.Join(m, " "); better != s && t.fits(better) {
				return better, true
			}
		}
	}
	return "", false
}

var (
	classes     = regexp.MustCompile(`\[[^\]]*\]`)
	literalWord = regexp.MustCompile(`[a-z]{2,}`)
)

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func (t *text) length(s string) *fault {
	switch n := utf8.RuneCountInString(s); {
	case n < t.min && n == 0:
		return &fault{"schema/length", "expected text, found nothing between the quotes", t.hint()}
	case n < t.min:
		return &fault{"schema/length", fmt.Sprintf("%s has %s; at least %d are needed", quote(s), characters(n), t.min), t.hint()}
	case t.max > 0 && n > t.max:
		return &fault{"schema/length", fmt.Sprintf("%s has %s; at most %d are allowed", quote(s), characters(n), t.max), "make it shorter"}
	}
	return nil
}

// number is a scalar that is a number.
type number struct {
	whole  bool
	bounds []bound
	meaning
}

// bound is one limit of a number.
type bound struct {
	op    string
	limit string
}

func (b bound) holds(x *big.Float) bool {
	limit, ok := decimal(b.limit)
	if !ok {
		return false
	}
	switch c := x.Cmp(limit); b.op {
	case ">=":
		return c >= 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c < 0
	}
}

func (m *number) accepts() form {
	if m.whole {
		return whole
	}
	return whole | fraction
}

func (m *number) check(r *run, _, n *node.Node) {
	s := node.Resolve(n).Value
	x, ok := decimal(s)
	for _, b := range m.bounds {
		if !ok || !b.holds(x) {
			r.add(n, "schema/range", fmt.Sprintf("expected %s, found %s", m.span(), shorten(s)), m.hint())
			return
		}
	}
}

// span says in words which numbers are allowed.
func (m *number) span() string {
	noun := "a number"
	if m.whole {
		noun = "a whole number"
	}
	var low, high string
	for _, b := range m.bounds {
		switch b.op {
		case ">=":
			low = b.limit
		case "<=":
			high = b.limit
		case ">":
			noun += " above " + b.limit
		default:
			noun += " below " + b.limit
		}
	}
	switch {
	case low != "" && high != "":
		return fmt.Sprintf("%s from %s to %s", noun, low, high)
	case low != "":
		return fmt.Sprintf("%s of at least %s", noun, low)
	case high != "":
		return fmt.Sprintf("%s of at most %s", noun, high)
	}
	return noun
}

// decimal reads a number of a form that numeric accepts, with all its digits.
func decimal(s string) (*big.Float, bool) {
	var info literal.NumInfo
	if literal.ParseNum(cueNumber(s), &info) != nil {
		return nil, false
	}
	x, _, err := big.ParseFloat(info.String(), 10, uint(64+4*len(s)), big.ToNearestEven)
	return x, err == nil
}

// boolean is true or false.
type boolean struct{}

func (boolean) accepts() form { return truth }

func (boolean) check(*run, *node.Node, *node.Node) {}

var (
	looksLikeDate = regexp.MustCompile(`^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}`)
	dateShape     = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)
	// dateDotted is how a date is written wherever dots are: the day first.
	dateDotted = regexp.MustCompile(`^([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})$`)
	dateParts  = regexp.MustCompile(`^([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})(?:[T ].*)?$`)
)

// badDate says what is wrong with a date.
func badDate(s string) *fault {
	if m := dateShape.FindStringSubmatch(s); m != nil {
		return &fault{"schema/date", s + ": " + whyNot(m), "write a day that the calendar has"}
	}
	f := &fault{"schema/date", fmt.Sprintf("expected a date like 2026-06-01, found %s", quote(s)),
		"write the year, the month and the day, with two digits for month and day"}
	m := dateParts.FindStringSubmatch(s)
	if d := dateDotted.FindStringSubmatch(s); d != nil {
		m = []string{s, d[3], d[2], d[1]}
	}
	if m != nil {
		better := fmt.Sprintf("%s-%02s-%02s", m[1], m[2], m[3])
		if _, err := time.Parse(time.DateOnly, better); err == nil {
			f.hint = "did you mean " + better + "?"
		} else if shape := dateShape.FindStringSubmatch(better); shape != nil {
			f.hint += "; " + whyNot(shape)
		}
	}
	return f
}

// whyNot says why a year, month and day make no date.
func whyNot(m []string) string {
	month, err := time.Parse("2006-01", m[1]+"-"+m[2])
	switch {
	case err != nil:
		return fmt.Sprintf("there is no month %s", m[2])
	case m[3] == "00":
		return "there is no day 00"
	}
	return fmt.Sprintf("%s has %d days", month.Format("January 2006"), month.AddDate(0, 1, -1).Day())
}

// choices is the hint that lists what is allowed, the likely one first.
func choices(s string, allowed []string) string {
	list := "allowed here: " + strings.Join(allowed, ", ")
	if meant, ok := near(s, allowed); ok {
		return fmt.Sprintf("did you mean %q? %s", meant, list)
	}
	return list
}

// shortest is how many characters two words must share to be taken for a long and a short
// form of one.
const shortest = 3

// near finds the allowed word that was meant: a slip of the hand, or the only one that the
// text begins with or that begins with it, as for Monday and mon.
func near(s string, allowed []string) (string, bool) {
	if meant, ok := diag.Suggest(s, allowed); ok {
		return meant, true
	}
	s = strings.ToLower(s)
	found := ""
	for _, w := range allowed {
		if min(len(w), len(s)) < shortest || !strings.HasPrefix(w, s) && !strings.HasPrefix(s, w) {
			continue
		}
		if found != "" {
			return "", false
		}
		found = w
	}
	return found, found != ""
}
