package stack

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// changes tells what an update would do, and whether all beside the resources
// (outputs, tags) stays as it is.
func (s *Stacks) changes(ctx context.Context, st *Stack, target *Settings, principal string) ([]Change, bool, error) {
	resources, err := s.opt.Store.Resources(ctx, st.ID)
	if err != nil {
		return nil, false, err
	}
	p, err := s.bind(st, target, principal)
	if err != nil {
		return nil, false, templateError(err)
	}
	view := newRun(s, st, resources, false)
	if err := sameTypes(p, view); err != nil {
		return nil, false, err
	}
	x := &resolver{ctx: ctx, s: s, r: view, scope: st.Scope, principal: principal, unknown: true, types: p.typeOf, imports: map[string]bool{}}
	p.resolver = x
	var out []Change
	stays := map[string]bool{}
	for _, r := range p.bound.Order() {
		stays[r.ID] = true
		change, differs, err := s.changeOf(p, view, r.ID, target)
		if err != nil {
			return nil, false, err
		}
		if !differs {
			continue
		}
		out = append(out, change)
		if change.Replacement == "True" {
			delete(view.resources, r.ID) // what it will be nobody knows yet
		}
	}
	for _, name := range sortedKeys(view.resources) {
		res := view.resources[name]
		if !stays[name] {
			out = append(out, Change{Action: "Remove", Logical: name, Physical: res.Physical, Type: res.Type, Retained: res.OnDelete == "Retain" || res.OnDelete == "RetainExceptOnCreate"})
		}
	}
	same, err := s.sameRest(p, st, target)
	return out, same, err
}

// sameTypes refuses a template that gives a resource another type, as AWS does.
func sameTypes(p *plan, view *run) error {
	var other []string
	for _, r := range p.bound.Order() {
		if res := view.resources[r.ID]; res != nil && res.Type != r.Type {
			other = append(other, r.ID)
		}
	}
	if other == nil {
		return nil
	}
	slices.Sort(other)
	return validation("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", strings.Join(other, ", "))
}

// changeOf tells what happens to one resource.
func (s *Stacks) changeOf(p *plan, view *run, logical string, target *Settings) (Change, bool, error) {
	res := view.resources[logical]
	typ := p.typeOf(logical)
	c := Change{Logical: logical, Type: typ}
	k, ok := s.kinds.lookup(typ)
	if !ok {
		k = unprovided()
		c.Note = "not supported, left out"
	} else if c.Note = k.note; k.note == "" {
		c.Note = ""
	}
	want, err := p.version(logical)
	if err != nil {
		return c, false, templateError(err)
	}
	if err := k.check(want.Properties); err != nil {
		return c, false, validation("resource %s: %s", logical, err.Error())
	}
	if err := k.checkTypes(want.Properties); err != nil {
		return c, false, validation("%s", err.Error())
	}
	if k.tagged {
		want.Properties = withTags(want.Properties, target.Tags)
	}
	if res == nil {
		c.Action = "Add"
		return c, true, nil
	}
	c.Action, c.Physical = "Modify", res.Physical
	c.Properties = changedProperties(res.Properties, want.Properties)
	if len(c.Properties) == 0 && !k.always {
		return c, want.OnDelete != res.OnDelete || want.OnReplace != res.OnReplace, nil
	}
	c.Replacement = "False"
	if c.Recreating = k.replaces(c.Properties); len(c.Recreating) > 0 {
		c.Replacement = "True"
		if !slices.ContainsFunc(c.Recreating, func(prop string) bool { return jsonText(want.Properties[prop]) != jsonText(pending) }) {
			c.Replacement = "Conditional"
		}
	}
	return c, true, nil
}

// sameRest reports whether outputs and tags stay as they are.
func (s *Stacks) sameRest(p *plan, st *Stack, target *Settings) (bool, error) {
	outputs, err := p.outputs()
	if _, never := errors.AsType[*attributeError](err); never {
		return false, templateError(err)
	} else if err != nil {
		return false, nil
	}
	byKey := func(a, b Output) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	}
	a, b := slices.Clone(outputs), slices.Clone(st.Outputs)
	slices.SortFunc(a, byKey)
	slices.SortFunc(b, byKey)
	return slices.Equal(a, b) && slices.Equal(target.Tags, st.Tags), nil
}
