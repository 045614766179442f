package validate

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	cueyaml "cuelang.org/go/encoding/yaml"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// oracle is the verdict of CUE on the text of a file, without anything of ours between.
func oracle(v *Validator, kind schema.Kind, src []byte) error {
	dec := cueyaml.NewDecoder("f.yaml", bytes.NewReader(src))
	expr, err := dec.Extract()
	if err != nil {
		return err
	}
	if _, err := dec.Extract(); err != io.EOF {
		return err
	}
	val := v.ctx.BuildExpr(expr)
	if val.Err() != nil {
		return val.Err()
	}
	return v.kinds[kind].value.Unify(val).Validate(cue.Concrete(true))
}

// agree compares the verdicts on one document. A text that the guard refuses, or that says
// no known kind, is not for the engines.
func agree(t *testing.T, v, slow *Validator, src []byte) (judged bool) {
	t.Helper()
	docs, guard := node.Parse("f.yaml", src)
	if len(guard) > 0 || len(docs) != 1 {
		return false
	}
	kind, got := v.Document("f.yaml", docs[0])
	if kind == "" {
		return false
	}
	want := oracle(v, kind, src)
	if (want != nil) != got.HasErrors() {
		t.Errorf("CUE says %v, the compiled definition says\n%s\nof\n%s", want, show(got), src)
	}
	if slow != nil {
		if _, l := slow.Document("f.yaml", docs[0]); l.HasErrors() != (want != nil) {
			t.Errorf("CUE says %v, the CUE engine says\n%s\nof\n%s", want, show(l), src)
		}
	}
	return true
}

// oddities are values that YAML, CUE and Go read in different ways, and plain wrong ones.
var oddities = []string{"no", "yes", "true", "True", "5", "-5", "+5", "0", "1.5", "1.0", ".5", "5.", "1e3", "~", "null", "",
	"2026-05-01", "2026-02-31", "2026-5-1", "0000-01-01", "2026-05-01T10:00:00Z", `""`, `"x"`, "[]", "{}", "[a]", "{a: b}",
	"[[a]]", "active", "tbd", "unscheduled", "3 days", "0 days", "2 months before", "on start", "010", "08", "0o10", "0x10",
	"0b11", "1_000", "1__0", "-010", "-0x1", "1_", "12:30", "a b", "-x", `"5"`, "'2026-01-01'", "x@y.example", "!!str 5",
	"!!str", "!!int 5", "!!float 1.5", ".inf", "-.inf", ".nan", "123456789012345678901234567890", "18446744073709551615",
	"1e400", "1e-400", "0.1e1", "520", "521", "-52", "-53", "1000", "1001", "50", "51", "0.9999999999999999999999", "1.0000000000000000000001",
	"|\n        block", "\"a\\tb\"", "😀", "mon", "{rrule: x}", "[mon, tue]", "[mon, 1]", "[null]", "[~, a]", "& a", "@dana", `"@dana"`, "<<", "=", "Client"}

var keyed = regexp.MustCompile(`^(\s*(?:- )?)([\w-]+):`)

// mutate breaks one line or one flow value of a document.
func mutate(r *rand.Rand, src string) string {
	lines := strings.Split(src, "\n")
	i := r.IntN(len(lines))
	odd := oddities[r.IntN(len(oddities))]
	switch m := keyed.FindStringSubmatch(lines[i]); r.IntN(8) {
	case 0:
		lines = append(lines[:i], lines[i+1:]...)
	case 1:
		lines = append(lines[:i+1], lines[i:]...)
	case 2:
		if m != nil {
			lines[i] = m[0] + " " + odd
		}
	case 3, 4:
		lines[i] = flow(r, lines[i], odd)
	case 5:
		lines[i] = keyed.ReplaceAllString(lines[i], "${1}${2}x:")
	case 6:
		if m != nil {
			indent := strings.Repeat(" ", len(m[1]))
			lines = append(lines[:i+1], append([]string{indent + "extra: " + odd}, lines[i+1:]...)...)
		}
	case 7:
		lines[i] = dropFlow(r, lines[i])
	}
	return strings.Join(lines, "\n")
}

var flowValue = regexp.MustCompile(`([\w-]+): ([^,{}\[\]]+)`)

// flow replaces one `key: value` of a line.
func flow(r *rand.Rand, line, odd string) string {
	l := flowValue.FindAllStringSubmatchIndex(line, -1)
	if len(l) == 0 {
		return line
	}
	m := l[r.IntN(len(l))]
	return line[:m[4]] + odd + line[m[5]:]
}

// dropFlow takes out or renames one key of a line.
func dropFlow(r *rand.Rand, line string) string {
	l := flowValue.FindAllStringSubmatchIndex(line, -1)
	if len(l) == 0 {
		return line
	}
	m := l[r.IntN(len(l))]
	return line[:m[2]] + "z" + line[m[3]:]
}

// samples are the documents of the valid files, each alone.
func samples(t testing.TB) []string {
	var l []string
	for _, name := range files(t, "testdata/ok/*.yaml") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, strings.Split(string(src), "\n---\n")...)
	}
	return l
}

func TestCompiledAgreesWithCUE(t *testing.T) {
	v, slow := newValidator(t, Compiled), newValidator(t, CUE)
	docs := samples(t)
	r := rand.New(rand.NewPCG(1, 2))
	judged := 0
	for i := 0; judged < 5000; i++ {
		if i > 20_000 {
			t.Fatalf("only %d of %d mutants could be judged", judged, i)
		}
		src := docs[r.IntN(len(docs))]
		for range 1 + r.IntN(2) {
			src = mutate(r, src)
		}
		s := slow
		if i%8 > 0 {
			s = nil
		}
		if agree(t, v, s, []byte(src)) {
			judged++
		}
		if t.Failed() {
			return
		}
	}
}

// FuzzAgainstCUE holds both engines to one verdict on any text, and on what mutate makes of
// it by a seed: bytes alone rarely stay a document.
func FuzzAgainstCUE(f *testing.F) {
	for i, d := range samples(f) {
		f.Add([]byte(d), uint64(i))
	}
	for _, o := range oddities {
		f.Add([]byte("kind: Organization\nid: a\nname: "+o+"\ntimezone: x\nroles: []\npolicies: {limits: {close-ratio: "+o+"}}\n"), uint64(0))
	}
	v, err := New(Compiled)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte, seed uint64) {
		agree(t, v, nil, src)
		r := rand.New(rand.NewPCG(seed, 0))
		agree(t, v, nil, []byte(mutate(r, string(src))))
	})
}
