package lint

// written calls yield for every step that is written down anywhere: those of templates,
// extra steps, and overrides as the steps they lead to. own is the assignment of a
// client's step and nil for a template's.
func (p *pass) written(yield func(t *template, own *assignment, s *step)) {
	for _, t := range p.templates {
		for i := range t.steps {
			yield(t, nil, &t.steps[i])
		}
	}
	for i := range p.assignments {
		a := &p.assignments[i]
		if a.template == nil || !a.changed() {
			continue
		}
		for j := range a.steps {
			if a.steps[j].own {
				yield(a.template, a, &a.steps[j])
			}
		}
	}
}
