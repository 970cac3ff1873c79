package template

import (
	_ "embed" // the tables
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The statements of SAM's policy templates, those of services that stand near
// an ETL job, from aws-sam-translator (Apache-2.0).
//
//go:embed tables/policies.json
var policyTemplates string

// The names of AWS's managed policies that have a path, with it.
//
//go:embed tables/managed.txt
var managedPaths string

var policyTemplate = sync.OnceValue(func() *Node {
	n, err := readJSON(policyTemplates)
	if err != nil {
		panic(err) // the table is ours
	}
	return n
})

var managedPath = sync.OnceValue(func() map[string]string {
	paths := map[string]string{}
	for _, line := range strings.Fields(managedPaths) {
		paths[line[strings.LastIndexByte(line, '/')+1:]] = line
	}
	return paths
})

const managedPolicy = "arn:aws:iam::aws:policy/"

// managedARN returns the ARN of a managed policy of AWS; an ARN is its own.
func managedARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	if path, ok := managedPath()[name]; ok {
		return managedPolicy + path
	}
	return managedPolicy + name
}

// assumeRole is the policy by which a service takes a role.
func assumeRole(at *Node, service string) *Node {
	return object(at, "Version", "2012-10-17", "Statement", list(at, object(at,
		"Action", list(at, str(at, "sts:AssumeRole")), "Effect", "Allow",
		"Principal", object(at, "Service", list(at, str(at, service))))))
}

// makeRole puts together the role of a function or a state machine, from its
// Policies and what it needs besides.
func (r *samResource) makeRole(service, tag string, managed []string, policies []*Node) {
	at := r.node
	arns := list(at)
	for _, name := range managed {
		arns.Items = append(arns.Items, str(at, managedARN(name)))
	}
	id := r.id + "Role"
	entries := r.props.Get("Policies")
	if entries != nil && (entries.Kind == String || entries.Kind == Map) {
		entries = list(entries, entries)
	}
	if entries != nil {
		for i, entry := range entries.Items {
			arn, document := r.policy(i, entry)
			switch {
			case document != nil:
				policies = append(policies, object(at, "PolicyName", id+"Policy"+strconv.Itoa(i), "PolicyDocument", document))
			case arn != nil && !slices.ContainsFunc(arns.Items, func(n *Node) bool { return n.Kind == String && arn.Kind == String && n.Text == arn.Text }):
				arns.Items = append(arns.Items, arn)
			}
		}
	}
	assume := assumeRole(at, service)
	if custom := r.props.Get("AssumeRolePolicyDocument"); custom != nil {
		assume = custom.clone()
	}
	r.role = object(at, "AssumeRolePolicyDocument", assume)
	if len(arns.Items) > 0 {
		r.role.set("ManagedPolicyArns", arns)
	}
	if policies != nil {
		r.role.set("Policies", list(at, policies...))
	}
	if path := r.props.Get("RolePath"); path != nil {
		r.role.set("Path", path.clone())
	}
	r.copy(r.role, "PermissionsBoundary")
	r.role.set("Tags", r.tags(tag))
	r.put(id, "AWS::IAM::Role", r.role, false)
}

// addManaged attaches a managed policy to the role that was made, if any.
func (r *samResource) addManaged(name string) {
	if r.role == nil {
		return
	}
	arns := r.role.Get("ManagedPolicyArns")
	if arns == nil {
		arns = list(r.node)
		r.role.set("ManagedPolicyArns", arns)
	}
	arn := managedARN(name)
	if !slices.ContainsFunc(arns.Items, func(n *Node) bool { return n.Text == arn }) {
		arns.Items = append(arns.Items, str(r.node, arn))
	}
}

// policy reads an entry of Policies: a managed policy, a document, or a policy
// template with its parameters.
func (r *samResource) policy(i int, n *Node) (arn, document *Node) {
	name, _, call := n.call()
	switch {
	case n.Kind == String:
		return str(n, managedARN(n.Text)), nil
	case call && name == "Fn::If":
		r.fail(n, "Fn::If in Policies is not implemented.")
	case call:
		return n.clone(), nil
	case n.Get("Statement") != nil:
		return nil, n.clone()
	case n.Kind == Map && len(n.Members) == 1 && n.Members[0].Value.Kind == Map:
		return nil, r.policyTemplate(n.Members[0].Key, n.Members[0].Value)
	default:
		r.fail(n, "Policy at index %d in the 'Policies' property is not valid", i)
	}
	return nil, nil
}

func (r *samResource) policyTemplate(name string, values *Node) *Node {
	t := policyTemplate().Get(name)
	if t == nil {
		r.fail(values, "the policy template %s is not implemented.", name)
		return nil
	}
	names := map[string]*Node{}
	for _, p := range t.Get("Parameters").Items {
		if names[p.Text] = values.Get(p.Text); names[p.Text] == nil {
			r.fail(values, "Must specify valid parameter values for policy template '%s'", name)
			return nil
		}
	}
	return object(values, "Statement", fill(values, t.Get("Statement"), names))
}

// fill copies a tree with values in the place of Refs of their names.
func fill(at, n *Node, values map[string]*Node) *Node {
	if name, arg, ok := n.call(); ok && name == "Ref" && values[arg.Text] != nil {
		return values[arg.Text].clone()
	}
	c := *n
	c.At = at.At
	c.Items, c.Members = nil, nil
	for _, item := range n.Items {
		c.Items = append(c.Items, fill(at, item, values))
	}
	for _, m := range n.Members {
		c.Members = append(c.Members, Member{m.Key, at.At, fill(at, m.Value, values)})
	}
	return &c
}
