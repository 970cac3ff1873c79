package awsmodel

// maxPayload is the limit on the data of executions and tasks, in characters.
const maxPayload = 262144

// Lifted returns the operation with no limit on those members of its input
// that hold data of executions; o itself where it has none.
func (o *Op) Lifted() *Op {
	if o.Input == nil {
		return o
	}
	input := *o.Input
	input.Members, input.byName = nil, map[string]*Member{}
	lifted := false
	for _, m := range o.Input.Members {
		if s := m.Shape; s.Type == "string" && s.Max != nil && *s.Max == maxPayload {
			free, member := *s, *m
			free.Max, member.Shape = nil, &free
			m, lifted = &member, true
		}
		input.Members = append(input.Members, m)
		input.byName[m.Name] = m
	}
	if !lifted {
		return o
	}
	c := *o
	c.Input = &input
	return &c
}
