package ledgertest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

func heartbeat(t *testing.T, p Place) {
	beat := func(at time.Time, n string) *reconcile.History {
		h, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			return reconcile.Batch{Events: []record.Event{claim(key("acme", 1), n)}, Heartbeat: at}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for i, c := range []struct{ at, want time.Time }{
		{time.Time{}, time.Time{}},
		{day, day},
		{time.Time{}, day},
		{day.Add(-time.Hour), day},
		{day.Add(time.Hour).In(time.FixedZone("", 3600)), day.Add(time.Hour)},
	} {
		h := beat(c.at, fmt.Sprint("n", i))
		if !h.Heartbeat.Equal(c.want) || h.Heartbeat.Location() != time.UTC {
			t.Errorf("step %d: heartbeat %s, want %s", i, h.Heartbeat, c.want)
		}
	}
}

// heartbeatAlone has a run that found nothing to do.
func heartbeatAlone(t *testing.T, p Place) {
	beat := func(at time.Time) *reconcile.History {
		h, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			return reconcile.Batch{Message: "heartbeat", Heartbeat: at, Installation: "northwind"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := beat(day)
	if !first.Exists || !first.Heartbeat.Equal(day) || len(first.Events()) > 0 {
		t.Errorf("first heartbeat: %+v", first)
	}
	for _, at := range []time.Time{day, day.Add(-time.Hour)} {
		if h := beat(at); h.Head != first.Head {
			t.Errorf("a heartbeat of %s was written", at)
		}
	}
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	beat(day.Add(time.Hour))
	h := load(t, p.Open())
	if !h.Heartbeat.Equal(day.Add(time.Hour)) {
		t.Errorf("heartbeat %s", h.Heartbeat)
	}
	expectKeys(t, h, key("acme", 1))
}

func installation(t *testing.T, p Place) {
	before := write(t, p.Open(), claim(key("acme", 1), "n1"))
	_, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: []record.Event{claim(key("acme", 2), "n2")}, Installation: "contoso"}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "northwind") || !strings.Contains(err.Error(), "contoso") {
		t.Errorf("another organization's update: %v", err)
	}
	if h := load(t, p.Open()); h.Head != before.Head || h.Installation != "northwind" {
		t.Errorf("wrote all the same: %+v", h)
	}
}
