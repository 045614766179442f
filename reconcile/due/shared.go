package due

import "github.com/almanac-gitops/almanac/schema"

// Shared reports whether an occurrence has no issue of its own, but one with all clients
// whose step falls on the same day.
func (o *Occurrence) Shared() bool { return o.Step.Issue == "shared" }

// SharedKey returns the key of the issue that a shared occurrence is a part of. It is named by
// the nominal date, so that a holiday moves the issue and does not make another one; what a
// person moved goes to the issue of its new day.
func (o *Occurrence) SharedKey() string {
	label := o.Nominal
	switch {
	case o.Exception != nil && o.Exception.MoveTo != 0:
		label = o.Exception.MoveTo
	case o.Moved.To != 0:
		label = o.Moved.To
	}
	return schema.AllClients + "/" + o.Template.Head().ID + "/" + label.String() + "/" + o.Step.ID
}
