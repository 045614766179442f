package lint

import "github.com/almanac-gitops/almanac/schema"

// text is what people wrote for people to read.
type text struct {
	words string
	// title says that it is a name, a title or a question, and no prose.
	title bool
	src   schema.Source
	// base, key and index make its path; index is -1 where it is in no list.
	base, key string
	index     int
}

func (t *text) path() string {
	if t.index < 0 {
		return at(t.base, t.key)
	}
	return at(t.base, t.key, t.index)
}

// texts shows every text of the repository.
func (p *pass) texts(look func(text)) {
	title := func(src schema.Source, words, base, key string) { look(text{words, true, src, base, key, -1}) }
	if o := p.cat.Organization; o != nil {
		title(o.Source, o.Name, "", "name")
		for i, r := range o.Roles {
			title(o.Source, r.Title, at("roles", i), "title")
		}
	}
	for _, d := range p.cat.People {
		title(d.Source, d.Name, "", "name")
	}
	for _, c := range p.cat.Clients {
		title(c.Source, c.Name, "", "name")
	}
	for _, t := range p.templates {
		templateTexts(t, look)
	}
	for i := range p.assignments {
		a := &p.assignments[i]
		for _, x := range a.extra {
			stepTexts(x, look)
		}
		runTexts(a, look)
		for _, id := range a.keys {
			if o := a.Overrides[id]; o != nil && (o.Title != "" || o.Instructions != "" || len(o.Checklist) > 0) {
				workTexts(a.client.Source, at(a.path, "overrides", id), o.Title, o.Instructions, o.Checklist, look)
			}
		}
	}
}

func templateTexts(t *template, look func(text)) {
	src := t.head.Source
	look(text{t.head.Title, true, src, "", "title", -1})
	for _, s := range t.steps {
		stepTexts(s, look)
	}
	if t.playbook != nil {
		for i, f := range t.playbook.Fields {
			look(text{f.Title, true, src, at("fields", i), "title", -1})
			look(text{f.Help, false, src, at("fields", i), "help", -1})
		}
	}
	if t.plan == nil {
		return
	}
	for i, m := range t.plan.Milestones {
		look(text{m.Title, true, src, at("milestones", i), "title", -1})
	}
	for i, w := range t.plan.Weeks {
		look(text{w.Title, true, src, at("weeks", i), "title", -1})
	}
}

// workTexts are what a step says of the work, written at a path.
func workTexts(src schema.Source, path, title, instructions string, checklist []string, look func(text)) {
	look(text{title, true, src, path, "title", -1})
	look(text{instructions, false, src, path, "instructions", -1})
	for i, item := range checklist {
		look(text{item, false, src, path, "checklist", i})
	}
}

func stepTexts(s step, look func(text)) {
	workTexts(s.src, s.path, s.Title, s.Instructions, s.Checklist, look)
	if s.Decide != nil {
		look(text{s.Decide.Question, true, s.src, s.path, "decide.question", -1})
	}
}

// runTexts are what a run says about itself.
func runTexts(a *assignment, look func(text)) {
	src := a.client.Source
	look(text{a.Outcome, false, src, a.path, "outcome", -1})
	for id, v := range a.Fields {
		look(text{v.Text, false, src, at(a.path, "fields"), id, -1})
		for i, e := range v.Entries {
			look(text{e.What, false, src, at(a.path, "fields"), id, i})
		}
	}
}
