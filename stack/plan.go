package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"salamander/internal/value"
	"salamander/operation"
	"salamander/stack/template"
)

// A plan is a template with its parameters' values, and what its functions
// ask for.
type plan struct {
	bound    *template.Bound
	depends  map[string][]string
	resolver *resolver
}

// bind reads the settings' template and gives it its values.
func (s *Stacks) bind(st *Stack, set *Settings, principal string) (*plan, error) {
	t, err := template.Parse([]byte(set.Template))
	if err != nil {
		return nil, err
	}
	return s.bindTo(t, st, set, principal)
}

func (s *Stacks) bindTo(t *template.Template, st *Stack, set *Settings, principal string) (*plan, error) {
	values := map[string]string{}
	for _, p := range set.Parameters {
		values[p.Key] = p.Value
	}
	pseudo := template.Pseudo{AccountID: st.Account, Region: st.Region, StackID: st.ID, StackName: st.Name, NotificationARNs: set.Topics}
	lookup := &resolver{ctx: s.ctx, s: s, scope: st.Scope, principal: principal}
	bound, err := t.Bind(template.Inputs{Values: values, Pseudo: pseudo, Resolver: lookup})
	if err != nil {
		return nil, err
	}
	return &plan{bound: bound, depends: bound.Dependencies(), resolver: lookup}, nil
}

// waits returns for each resource those that it waits for.
func (p *plan) waits() map[string][]string {
	out := map[string][]string{}
	for _, r := range p.bound.Resources() {
		out[r.ID] = p.depends[r.ID]
	}
	return out
}

func (p *plan) typeOf(logical string) string { return p.bound.Template().Resource(logical).Type }

// version evaluates what a resource is to be.
func (p *plan) version(logical string) (Version, error) {
	r := p.bound.Template().Resource(logical)
	v := Version{Type: r.Type, Depends: p.depends[logical]}
	props, err := p.bound.Properties(r, p.resolver)
	if err != nil {
		return v, err
	}
	if v.Properties, err = tree(props); err != nil {
		return v, err
	}
	if v.OnDelete, err = p.bound.Policy(r.DeletionPolicy); err != nil {
		return v, err
	}
	if v.OnReplace, err = p.bound.Policy(r.UpdateReplacePolicy); err != nil {
		return v, err
	}
	if r.Metadata != nil {
		v.Metadata = value.Append(nil, r.Metadata.Value())
	}
	if r.CreationPolicy != nil {
		return v, sayf("Salamander does not implement the attribute CreationPolicy: nothing sends the signals it waits for")
	}
	return v, nil
}

// masked returns a resource's properties as events may show them; nil when
// they cannot be told.
func (p *plan) masked(logical string) map[string]any {
	props, err := p.bound.MaskedProperties(p.bound.Template().Resource(logical), p.resolver)
	if err != nil {
		return nil
	}
	out, err := tree(props)
	if err != nil {
		return nil
	}
	return out
}

func (p *plan) outputs() ([]Output, error) {
	found, err := p.bound.Outputs(p.resolver)
	if err != nil {
		return nil, err
	}
	var out []Output
	for _, o := range found {
		out = append(out, Output{Key: o.Name, Value: o.Value, Description: o.Description, Export: o.Export})
	}
	return out, nil
}

// tree returns an object as maps and lists.
func tree(o *value.Object) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(string(value.Append(nil, o))))
	dec.UseNumber()
	out := map[string]any{}
	return out, dec.Decode(&out)
}

// A resolver answers what a template's functions ask about a stack.
type resolver struct {
	ctx       context.Context
	s         *Stacks
	r         *run // nil before anything is made
	scope     Scope
	principal string
	types     func(id string) string // of resources; nil: what is asked for is not judged
	unknown   bool                   // resources that are not there have a placeholder: in a plan

	mu      sync.Mutex // guards imports
	imports map[string]bool
}

func (r *run) resolver() *resolver {
	return &resolver{ctx: r.s.ctx, s: r.s, r: r, scope: r.stack.Scope, principal: r.principal(), imports: map[string]bool{}}
}

func (x *resolver) imported() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.imports))
}

// pending stands in plans for what nobody knows before it is made.
const pending = "{{changeSet:KNOWN_AFTER_APPLY}}"

func (x *resolver) resource(id string) (*Resource, error) {
	if x.r != nil {
		if res := x.r.resource(id); res != nil && (res.Physical != "" || x.unknown) {
			return res, nil
		}
	}
	if x.unknown {
		return nil, nil
	}
	return nil, fmt.Errorf("resource %s is not made yet", id)
}

// Ref returns a resource's physical id.
func (x *resolver) Ref(id string) (value.Value, error) {
	res, err := x.resource(id)
	if err != nil {
		return nil, err
	}
	if res == nil {
		return pending, nil
	}
	return res.Physical, nil
}

// GetAtt returns an attribute of a resource.
func (x *resolver) GetAtt(id, attribute string) (value.Value, error) {
	if x.types != nil {
		if err := checkAttribute(x.types(id), id, attribute); err != nil {
			return nil, err
		}
	}
	res, err := x.resource(id)
	if err != nil {
		return nil, err
	}
	if res == nil {
		return pending, nil
	}
	v, ok := attributeOf(res.Attributes, attribute)
	if !ok {
		if x.unknown {
			return pending, nil
		}
		if res.Type == StackType || strings.HasPrefix(res.Type, "Custom::") || res.Type == "AWS::CloudFormation::CustomResource" {
			return nil, sayf("CustomResource attribute error: Vendor response doesn't contain %s attribute in object %s", attribute, res.Physical)
		}
		return nil, sayf("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, attribute)
	}
	switch v.(type) {
	case map[string]any, []any:
		return value.Parse([]byte(jsonText(v)))
	}
	return scalarText(v), nil
}

func attributeOf(attrs map[string]any, name string) (any, bool) {
	if v, ok := attrs[name]; ok {
		return v, true
	}
	first, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil, false
	}
	inner, ok := attrs[first].(map[string]any)
	if !ok {
		return nil, false
	}
	return attributeOf(inner, rest)
}

// ImportValue returns the value of an export.
func (x *resolver) ImportValue(name string) (string, error) {
	exports, err := x.s.exports(x.ctx, x.scope)
	if err != nil {
		return "", err
	}
	e, ok := exports[name]
	if !ok {
		return "", sayf("No export named %s found. Rollback requested by user.", name)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.imports != nil {
		x.imports[name] = true
	}
	return e.Value, nil
}

// AvailabilityZones returns three zones, as regions have.
func (x *resolver) AvailabilityZones(region string) ([]string, error) {
	return []string{region + "a", region + "b", region + "c"}, nil
}

func (x *resolver) call(service, op string, in map[string]any) (map[string]any, error) {
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	resp, err := x.s.opt.Registry.Call(x.ctx, service, op, &operation.Request{Input: doc,
		Caller: operation.Caller{Account: x.scope.Account, Region: x.scope.Region, Principal: x.principal}})
	if err != nil {
		return nil, &callError{service, op, err}
	}
	out := map[string]any{}
	return out, json.Unmarshal(resp.Output, &out)
}

// Parameter returns the value of a parameter of Systems Manager.
func (x *resolver) Parameter(name, version string, secure bool) (string, error) {
	if version != "" {
		name += ":" + version
	}
	out, err := x.call("ssm", "GetParameter", map[string]any{"Name": name, "WithDecryption": secure})
	if isMissing(err) {
		return "", sayf("Unable to fetch parameters [%s] from parameter store for this account.", name)
	}
	return get(out, "Parameter", "Value"), err
}

// Secret returns the SecretString of a secret.
func (x *resolver) Secret(id, stage, version string) (string, error) {
	in := map[string]any{"SecretId": id}
	if stage != "" {
		in["VersionStage"] = stage
	}
	if version != "" {
		in["VersionId"] = version
	}
	out, err := x.call("secretsmanager", "GetSecretValue", in)
	if isMissing(err) {
		return "", sayf("Could not find a value associated with JSONKey in SecretString: Secrets Manager can't find the specified secret %s", id)
	}
	return get(out, "SecretString"), err
}

// An Export is an output that other stacks may use.
type Export struct {
	Stack, Name, Value string
}

// exports returns the exports of a scope by their names.
func (s *Stacks) exports(ctx context.Context, scope Scope) (map[string]Export, error) {
	all, err := s.opt.Store.Stacks(ctx, scope, false)
	if err != nil {
		return nil, err
	}
	out := map[string]Export{}
	for _, st := range all {
		for _, o := range st.Outputs {
			if o.Export != "" {
				out[o.Export] = Export{st.ID, o.Export, o.Value}
			}
		}
	}
	return out, nil
}

// checkExports judges the exports of a stack: no two stacks have one name,
// and what others use neither changes nor goes.
func (s *Stacks) checkExports(ctx context.Context, st *Stack, outputs []Output) error {
	exports, err := s.exports(ctx, st.Scope)
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, o := range outputs {
		if o.Export == "" {
			continue
		}
		if e, ok := exports[o.Export]; ok && e.Stack != st.ID {
			return sayf("Export with name %s is already exported by stack %s", o.Export, nameOf(e.Stack))
		}
		now[o.Export] = o.Value
	}
	for _, o := range st.Outputs {
		if o.Export == "" {
			continue
		}
		v, ok := now[o.Export]
		if ok && v == o.Value {
			continue
		}
		users, err := s.Importers(ctx, st.Scope, o.Export)
		if err != nil {
			return err
		}
		if len(users) > 0 && ok {
			return sayf("Cannot update export %s as it is in use by %s", o.Export, strings.Join(users, ", "))
		} else if len(users) > 0 {
			return sayf("Cannot delete export %s as it is in use by %s", o.Export, strings.Join(users, ", "))
		}
	}
	return nil
}

// nameOf returns the name in a stack's ID.
func nameOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return id
	}
	return parts[1]
}

// Importers returns the names of the stacks that use an export, sorted.
func (s *Stacks) Importers(ctx context.Context, scope Scope, export string) ([]string, error) {
	all, err := s.opt.Store.Stacks(ctx, scope, false)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, st := range all {
		if slices.Contains(st.Imports, export) {
			out = append(out, st.Name)
		}
	}
	slices.Sort(out)
	return out, nil
}
