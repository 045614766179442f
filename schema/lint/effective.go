package lint

// overridden returns the steps of a template with a client's overrides and without the
// removed ones.
func overridden(a *assignment) []step {
	steps := make([]step, 0, len(a.template.steps)+len(a.ExtraSteps))
	for _, s := range a.template.steps {
		o, key := a.Override(s.Step)
		switch {
		case o == nil:
			steps = append(steps, s)
		case !o.Remove:
			s.Step, s.own = o.Apply(s.Step), true
			s.src, s.path = a.client.Source, at(a.path, "overrides", key)
			steps = append(steps, s)
		}
	}
	return steps
}

// appendExtra appends the steps that only one client has.
func appendExtra(l []step, a *assignment) []step {
	for i := range a.ExtraSteps {
		l = append(l, step{Step: &a.ExtraSteps[i], src: a.client.Source, path: at(a.path, "extra-steps", i), own: true})
	}
	return l
}
