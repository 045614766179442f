// Package schema holds what an Almanac repository is made of: the CUE definitions, which
// are the truth, the Go types that documents decode into, and the Catalog of all of them.
//
// The Go types follow the definitions field by field; a test walks both ways and fails on
// a field that only one side has. A document that reached a Catalog has passed its
// definition, so the types carry no rules of their own.
package schema

import "github.com/almanac-gitops/almanac/schema/civil"

// Kind names what a document describes.
type Kind string

// The kinds.
const (
	KindOrganization    Kind = "Organization"
	KindPerson          Kind = "Person"
	KindClient          Kind = "Client"
	KindProcessTemplate Kind = "ProcessTemplate"
	KindOnboardingPlan  Kind = "OnboardingPlan"
	KindPlaybook        Kind = "Playbook"
)

// Kinds lists every kind, in the order in which documentation treats them.
func Kinds() []Kind {
	return []Kind{KindOrganization, KindPerson, KindClient, KindProcessTemplate, KindOnboardingPlan, KindPlaybook}
}

// Pos is a place in a file: 1-based line and column, columns counted in characters. The
// zero Pos is unknown.
type Pos struct{ Line, Column int }

// Source is where a document was read from.
type Source struct {
	// File is the path from the root of the repository, with forward slashes.
	File string
	// Document counts the documents of the file from 0.
	Document int
	Pos      Pos
}

// Meta is what every document has.
type Meta struct {
	Kind       Kind     `yaml:"kind"`
	ID         string   `yaml:"id"`
	Previously []string `yaml:"previously"`
	// Source is set by the loader.
	Source Source `yaml:"-"`
}

// Head returns the Meta itself; it makes every document a Document.
func (m *Meta) Head() *Meta { return m }

// Document is any document of a repository.
type Document interface{ Head() *Meta }

// Organization is the managed service provider.
type Organization struct {
	Meta         `yaml:",inline"`
	Name         string          `yaml:"name"`
	Timezone     string          `yaml:"timezone"`
	WorkingDays  []civil.Weekday `yaml:"working-days"`
	Holidays     Holidays        `yaml:"holidays"`
	EmailDomains []string        `yaml:"email-domains"`
	Roles        []Role          `yaml:"roles"`
	GitHub       GitHub          `yaml:"github"`
	Public       bool            `yaml:"public"`
	Channels     []Channel       `yaml:"channels"`
	Defaults     Defaults        `yaml:"defaults"`
	Policies     Policies        `yaml:"policies"`
}

// Holidays are the days off that apply to everybody.
type Holidays struct {
	Country string       `yaml:"country"`
	Region  string       `yaml:"region"`
	Add     []Holiday    `yaml:"add"`
	Remove  []civil.Date `yaml:"remove"`
}

// Holiday is one day off.
type Holiday struct {
	Date civil.Date `yaml:"date"`
	Name string     `yaml:"name"`
}

// Role is what steps name instead of a person.
type Role struct {
	ID         string   `yaml:"id"`
	Previously []string `yaml:"previously"`
	Title      string   `yaml:"title"`
	Deputy     string   `yaml:"deputy"`
	Pool       bool     `yaml:"pool"`
	Holder     string   `yaml:"holder"`
}

// GitHub says where issues are kept on GitHub.
type GitHub struct {
	Repository string `yaml:"repository"`
	// Milestones says that every issue belongs to a milestone of its run.
	Milestones bool `yaml:"milestones"`
}

// Channel is a way to reach people.
type Channel struct {
	ID         string   `yaml:"id"`
	Type       string   `yaml:"type"`
	From       string   `yaml:"from"`
	ServerFrom *FromEnv `yaml:"server-from"`
	TokenFrom  *FromEnv `yaml:"token-from"`
	URLFrom    *FromEnv `yaml:"url-from"`
	SecretFrom *FromEnv `yaml:"secret-from"`
}

// FromEnv names the environment variable that holds an address or a secret.
type FromEnv struct {
	Env string `yaml:"env"`
}

// Defaults hold for every step that does not say otherwise.
type Defaults struct {
	Roll   civil.Roll `yaml:"roll"`
	Notify []Notice   `yaml:"notify"`
	Via    []string   `yaml:"via"`
}

// Policies are the rules of safety and of catching up. A zero field is left out; the
// methods of Organization fill in what then holds.
type Policies struct {
	CatchUp          CatchUp        `yaml:"catch-up"`
	ReactivationLock civil.Span     `yaml:"reactivation-lock"`
	Limits           Limits         `yaml:"limits"`
	Notify           NotifyLimits   `yaml:"notify"`
	Heartbeat        Heartbeat      `yaml:"heartbeat"`
	ClientEmail      string         `yaml:"client-email"`
	Approvals        ApprovalPolicy `yaml:"approvals"`
	Commands         CommandPolicy  `yaml:"commands"`
}

// ApprovalPolicy says who may sign steps off.
type ApprovalPolicy struct {
	Self       bool `yaml:"self"`
	SamePerson bool `yaml:"same-person"`
}

// CommandPolicy says what people may do by commands in comments.
type CommandPolicy struct {
	Permission string     `yaml:"permission"`
	Reschedule civil.Span `yaml:"reschedule"`
}

// CatchUp says what happens to steps whose time came while nothing ran.
type CatchUp struct {
	Window    civil.Span `yaml:"window"`
	Recurring string     `yaml:"recurring"`
}

// Limits say how much one run may do.
type Limits struct {
	CreatesPerRun    int      `yaml:"creates-per-run"`
	CreatesPerClient int      `yaml:"creates-per-client"`
	CloseRatio       *float64 `yaml:"close-ratio"`
}

// NotifyLimits say how much people are written to.
type NotifyLimits struct {
	AlonePerDay int `yaml:"alone-per-day"`
}

// Heartbeat says how it is noticed that runs no longer succeed.
type Heartbeat struct {
	After   civil.Span `yaml:"after"`
	URLFrom *FromEnv   `yaml:"url-from"`
}

// Person is somebody on the staff.
type Person struct {
	Meta        `yaml:",inline"`
	Name        string            `yaml:"name"`
	Email       string            `yaml:"email"`
	GitHub      string            `yaml:"github"`
	Roles       []string          `yaml:"roles"`
	ExternalIDs map[string]string `yaml:"external-ids"`
	Away        []Away            `yaml:"away"`
	Notify      *Preferences      `yaml:"notify"`
}

// Preferences are how somebody wants to be told. What is left out is as for everybody.
type Preferences struct {
	Via    []string        `yaml:"via"`
	Digest *bool           `yaml:"digest"`
	Days   []civil.Weekday `yaml:"days"`
}

// Away is a time away from work, both days included.
type Away struct {
	From   civil.Date `yaml:"from"`
	To     civil.Date `yaml:"to"`
	Deputy string     `yaml:"deputy"`
}

// Client is somebody the organization works for.
type Client struct {
	Meta          `yaml:",inline"`
	Name          string            `yaml:"name"`
	Logo          string            `yaml:"logo"`
	AlignmentDate DateOr            `yaml:"alignment-date"`
	Team          map[string]string `yaml:"team"`
	Contacts      []Contact         `yaml:"contacts"`
	ExternalIDs   map[string]string `yaml:"external-ids"`
	Attributes    map[string]string `yaml:"attributes"`
	Inactive      []Inactive        `yaml:"inactive"`
	Closed        []Closed          `yaml:"closed"`
	Processes     []Assignment      `yaml:"processes"`
}

// Contact is somebody who works for a client.
type Contact struct {
	ID    string `yaml:"id"`
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	Email string `yaml:"email"`
}

// DateOr is a date, or a word that stands for having none yet: `tbd` or `unscheduled`.
// Both fields are zero where nothing was written.
type DateOr struct {
	Date civil.Date
	Word string
}

// UnmarshalText reads a date or keeps the word.
func (d *DateOr) UnmarshalText(b []byte) error {
	*d = DateOr{}
	switch s := string(b); s {
	case "tbd", "unscheduled":
		d.Word = s
		return nil
	}
	return d.Date.UnmarshalText(b)
}

// MarshalText returns the date or the word.
func (d DateOr) MarshalText() ([]byte, error) {
	if d.Word != "" {
		return []byte(d.Word), nil
	}
	return d.Date.MarshalText()
}

// IsZero reports whether nothing was written.
func (d DateOr) IsZero() bool { return d == DateOr{} }

// Inactive is a time in which nothing is done for a client, both days included. A zero To
// is still running.
type Inactive struct {
	From       civil.Date `yaml:"from"`
	To         civil.Date `yaml:"to"`
	Reason     string     `yaml:"reason"`
	ApprovedBy string     `yaml:"approved-by"`
}

// Closed are days on which a client is closed, both included.
type Closed struct {
	From civil.Date `yaml:"from"`
	To   civil.Date `yaml:"to"`
	Name string     `yaml:"name"`
}

// Assignment is one process or plan that a client is in.
type Assignment struct {
	Template   string               `yaml:"template"`
	Since      civil.Date           `yaml:"since"`
	Start      civil.Date           `yaml:"start"`
	Run        string               `yaml:"run"`
	Overrides  map[string]*Override `yaml:"overrides"`
	ExtraSteps []Step               `yaml:"extra-steps"`
	Exceptions []Exception          `yaml:"exceptions"`
	Milestones map[string]DateOr    `yaml:"milestones"`
	Fields     map[string]Value     `yaml:"fields"`
	Decisions  map[string]string    `yaml:"decisions"`
	Approvals  []Approval           `yaml:"approvals"`
	Outcome    string               `yaml:"outcome"`
	Ended      civil.Date           `yaml:"ended"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// Override is one client's departure from one step. Zero fields stay as the template has
// them.
type Override struct {
	Remove       bool          `yaml:"remove"`
	Title        string        `yaml:"title"`
	Due          civil.Offset  `yaml:"due"`
	Week         *int          `yaml:"week"`
	Day          civil.Weekday `yaml:"day"`
	Every        civil.Every   `yaml:"every"`
	Times        int           `yaml:"times"`
	Until        civil.Date    `yaml:"until"`
	Roll         civil.Roll    `yaml:"roll"`
	Owner        string        `yaml:"owner"`
	With         []string      `yaml:"with"`
	Notify       []Notice      `yaml:"notify"`
	Open         civil.Span    `yaml:"open"`
	Remind       *Remind       `yaml:"remind"`
	Escalate     *Escalate     `yaml:"escalate"`
	Checklist    []string      `yaml:"checklist"`
	Instructions string        `yaml:"instructions"`
	At           string        `yaml:"at"`
	Duration     string        `yaml:"duration"`
	Invite       *bool         `yaml:"invite"`
	Tags         []string      `yaml:"tags"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// Exception is a change to one single occurrence.
type Exception struct {
	Step     string     `yaml:"step"`
	Cycle    string     `yaml:"cycle"`
	Instance string     `yaml:"instance"`
	MoveTo   civil.Date `yaml:"move-to"`
	Cancel   bool       `yaml:"cancel"`
	Reason   string     `yaml:"reason"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// TemplateHead is what every template has besides its steps.
type TemplateHead struct {
	Meta      `yaml:",inline"`
	Title     string     `yaml:"title"`
	Owner     string     `yaml:"owner"`
	Version   string     `yaml:"version"`
	Published civil.Date `yaml:"published"`
	Expires   civil.Date `yaml:"expires"`
}

// ProcessTemplate turns once a year around each client's alignment date.
type ProcessTemplate struct {
	TemplateHead `yaml:",inline"`
	Steps        []Step `yaml:"steps"`
}

// OnboardingPlan runs once from a start date, week by week.
type OnboardingPlan struct {
	TemplateHead `yaml:",inline"`
	Milestones   []Milestone `yaml:"milestones"`
	// Tracking is nil where a run has no issue of its own.
	Tracking *Tracking  `yaml:"tracking"`
	Weeks    []PlanWeek `yaml:"weeks"`
}

// WholeRun is the id that stands in keys where a step does, for the issue that tracks a
// whole run. No step may have it.
const WholeRun = "whole-run"

// Tracking is the issue that stands for a whole run of a plan.
type Tracking struct {
	Owner string `yaml:"owner"`
	// Title is empty where the plan's own title serves.
	Title string `yaml:"title"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// Milestone is a day of a plan that steps can hang on.
type Milestone struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Due is `week <n>` or what civil.ParseOffset reads; empty where every client sets it.
	Due string `yaml:"due"`
	// When are the conditions with which Due counts.
	When When `yaml:"when"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// PlanWeek is one week of a plan, Monday to Sunday.
type PlanWeek struct {
	Week      int    `yaml:"week"`
	Milestone string `yaml:"milestone"`
	Title     string `yaml:"title"`
	Steps     []Step `yaml:"steps"`
}

// Step is one thing to do within a template.
type Step struct {
	ID           string        `yaml:"id"`
	Previously   []string      `yaml:"previously"`
	Number       string        `yaml:"number"`
	Type         string        `yaml:"type"`
	Title        string        `yaml:"title"`
	Due          civil.Offset  `yaml:"due"`
	Week         *int          `yaml:"week"`
	Day          civil.Weekday `yaml:"day"`
	Every        civil.Every   `yaml:"every"`
	Times        int           `yaml:"times"`
	Until        civil.Date    `yaml:"until"`
	Roll         civil.Roll    `yaml:"roll"`
	Owner        string        `yaml:"owner"`
	With         []string      `yaml:"with"`
	Notify       []Notice      `yaml:"notify"`
	Prepares     string        `yaml:"prepares"`
	After        []string      `yaml:"after"`
	When         When          `yaml:"when"`
	Decide       *Decide       `yaml:"decide"`
	Approve      []string      `yaml:"approve"`
	Ends         string        `yaml:"ends"`
	Issue        string        `yaml:"issue"`
	Assign       string        `yaml:"assign"`
	Draft        bool          `yaml:"draft"`
	Responsible  []string      `yaml:"responsible"`
	Accountable  string        `yaml:"accountable"`
	Consulted    []string      `yaml:"consulted"`
	Informed     []string      `yaml:"informed"`
	Open         civil.Span    `yaml:"open"`
	Remind       *Remind       `yaml:"remind"`
	Escalate     *Escalate     `yaml:"escalate"`
	Party        string        `yaml:"party"`
	Touchpoint   bool          `yaml:"touchpoint"`
	Internal     bool          `yaml:"internal"`
	Tags         []string      `yaml:"tags"`
	Checklist    []string      `yaml:"checklist"`
	Instructions string        `yaml:"instructions"`
	At           string        `yaml:"at"`
	Duration     string        `yaml:"duration"`
	Invite       bool          `yaml:"invite"`
	// Pos is set by the loader.
	Pos Pos `yaml:"-"`
}

// Notice says who is told in advance, and how long.
type Notice struct {
	To     []string   `yaml:"to"`
	Before civil.Span `yaml:"before"`
	Via    []string   `yaml:"via"`
	// Message is what contacts of the client read; nobody else does.
	Message string `yaml:"message"`
}

// Remind says when the owner is reminded of a step that is overdue.
type Remind struct {
	After civil.Span `yaml:"after"`
	Every civil.Span `yaml:"every"`
	Max   int        `yaml:"max"`
}

// Escalate says who is told when a step stays undone.
type Escalate struct {
	After civil.Span `yaml:"after"`
	To    []string   `yaml:"to"`
}
