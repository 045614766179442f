package ledgertest

import (
	"errors"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// refuses expects that nothing can be written, for a reason.
func refuses(t *testing.T, p Place, target error, words ...string) {
	t.Helper()
	before := p.Get("v1/acme.jsonl")
	_, err := p.Open().Update(t.Context(), always(claim(key("acme", 2), "n2"), claim(key("zeta", 2), "n2")))
	if err == nil || target != nil && !errors.Is(err, target) {
		t.Fatalf("update: %v, want %v", err, target)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	if p.Get("v1/acme.jsonl") != before {
		t.Error("wrote all the same")
	}
}

func newerSchema(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("meta.json", `{"schema": 9, "shards": {"by": "month"}}`)
	refuses(t, p, record.ErrNewer, "schema 9", "up to 1")
	if _, err := p.Open().Load(t.Context()); !errors.Is(err, record.ErrNewer) {
		t.Errorf("load: %v", err)
	}
}

func newerEvent(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/acme.jsonl", p.Get("v1/acme.jsonl")+`{"v": 7, "what": "is this"}`+"\n")
	h := load(t, p.Open())
	if !errors.Is(h.Damaged["acme"], record.ErrNewer) || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	refuses(t, p, record.ErrNewer, "version 7", "v1/acme.jsonl:2")
}

func damagedLine(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/acme.jsonl", p.Get("v1/acme.jsonl")+"<<<<<<< ours\n")
	write(t, p.Open(), opened(key("acme", 1), 4), claim(key("zeta", 2), "n2"))
	h := load(t, p.Open())
	if err := h.Damaged["acme"]; err == nil || !strings.Contains(err.Error(), "v1/acme.jsonl:2") || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	// What can be read is still known, and the others go on.
	expectKeys(t, h, key("acme", 1), key("acme", 1), key("zeta", 1), key("zeta", 2))
	if !strings.Contains(p.Get("v1/acme.jsonl"), "<<<<<<< ours\n") {
		t.Error("the damaged line was dropped")
	}
}

func damagedMeta(t *testing.T, p Place) {
	for _, text := range []string{"", "[]", `{"schema": 0}`, `{"schema": 1, "color": "red"}`} {
		write(t, p.Open(), claim(key("acme", 1), "n1"))
		sound := p.Get("meta.json")
		p.Put("meta.json", text)
		if _, err := p.Open().Load(t.Context()); err == nil || !strings.Contains(err.Error(), "meta.json") {
			t.Errorf("meta.json %q: %v", text, err)
		}
		refuses(t, p, nil, "meta.json")
		p.Put("meta.json", sound)
	}
}

func wrongFile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/zeta.jsonl", p.Get("v1/acme.jsonl"))
	h := load(t, p.Open())
	if err := h.Damaged["zeta"]; err == nil || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	expectKeys(t, h, key("acme", 1))
}

func strangeFile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("v1/Acme copy.jsonl", p.Get("v1/acme.jsonl"))
	p.Put("v1/notes.txt", "remember the milk")
	p.Put("README.md", "do not edit")
	h := write(t, p.Open(), claim(key("acme", 2), "n2"))
	if h.Damaged["Acme copy"] == nil || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	expectKeys(t, h, key("acme", 1), key("acme", 2))
	if p.Get("README.md") != "do not edit" || p.Get("v1/notes.txt") != "remember the milk" {
		t.Error("files of others were changed")
	}
}

func unknownClient(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	line, err := record.Encode(claim(key("long-gone", 1), "n1"))
	if err != nil {
		t.Fatal(err)
	}
	p.Put("v1/long-gone.jsonl", string(line))
	h := write(t, p.Open(), claim(key("acme", 2), "n2"))
	if len(h.Damaged) > 0 || h.Entries[key("long-gone", 1)] == nil {
		t.Errorf("damaged %v, entries %v", h.Damaged, h.Entries)
	}
}

func noFinalLineFeed(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("v1/acme.jsonl", strings.TrimSuffix(p.Get("v1/acme.jsonl"), "\n"))
	write(t, p.Open(), claim(key("acme", 2), "n2"))
	h := load(t, p.Open())
	expectKeys(t, h, key("acme", 1), key("acme", 2))
	if len(h.Damaged) > 0 {
		t.Errorf("damaged: %v", h.Damaged)
	}
}
