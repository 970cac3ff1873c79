package template

import (
	"slices"
	"strings"
)

// resourceAttributes are the members of a resource. Description has no effect,
// but templates have it and CloudFormation takes it.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html
var resourceAttributes = []string{"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy",
	"UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy", "Metadata", "Description", "Version"}

func (b *builder) resources() {
	members := b.section("Resources")
	if len(members) == 0 {
		b.add(b.t.Root, "Template format error: At least one Resources member must be defined.")
		return
	}
	if len(members) > MaxResources {
		b.add(b.t.Root.Get("Resources"), "Template format error: Number of resources, %d, is greater than maximum allowed, %d", len(members), MaxResources)
		return
	}
	for _, m := range members {
		if m.Key == "Fn::Transform" {
			b.add(m.Value, "Fn::Transform is not implemented")
			continue
		}
		if strings.HasPrefix(m.Key, forEach) {
			b.add(m.Value, "Template error: Fn::ForEach needs the transform AWS::LanguageExtensions")
			continue
		}
		if !alphanumeric(m.Key) {
			b.add(m.Value, "Template format error: Resource name %s is non alphanumeric.", m.Key)
			continue
		}
		if b.t.Parameter(m.Key) != nil {
			b.add(m.Value, "Template format error: Duplicate key %s: a parameter and a resource have it.", m.Key)
		}
		b.resource(m.Key, m.Value)
	}
}

func (b *builder) resource(id string, n *Node) {
	if n.Kind != Map {
		b.add(n, "Template format error: Any Resources member must be an object.").hint("resource %q is %s", id, n.Kind)
		return
	}
	for _, m := range n.Members {
		if m.Key == "Fn::Transform" {
			b.add(m.Value, "Fn::Transform is not implemented")
		} else if !slices.Contains(resourceAttributes, m.Key) {
			b.add(m.Value, "Invalid template resource property '%s'", m.Key).hint("resource %q; properties stand below Properties", id)
		}
		if m.Key != "Metadata" {
			b.noNulls(m.Value)
		}
	}
	r := &Resource{ID: id, Node: n, Properties: n.Get("Properties"), DeletionPolicy: n.Get("DeletionPolicy"),
		UpdateReplacePolicy: n.Get("UpdateReplacePolicy"), CreationPolicy: n.Get("CreationPolicy"),
		UpdatePolicy: n.Get("UpdatePolicy"), Metadata: n.Get("Metadata")}
	if typ := n.Get("Type"); typ == nil {
		b.add(n, "Template format error: [%s] Every Resources object must contain a Type member.", n.Path())
	} else if typ.Kind != String || typ.Text == "" {
		b.add(typ, "Template format error: [%s] Every Type member must be a string.", n.Path())
	} else {
		r.Type = typ.Text
	}
	if p := r.Properties; p != nil && p.Kind != Map {
		b.add(p, "Template format error: [%s] Every Properties member must be an object.", p.Path())
		r.Properties = nil
	}
	b.dependsOn(r, n.Get("DependsOn"))
	r.Condition = b.condition(n)
	b.policy(r.DeletionPolicy, "DeletionPolicy", "Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
	b.policy(r.UpdateReplacePolicy, "UpdateReplacePolicy", "Delete", "Retain", "Snapshot")
	b.t.Resources = append(b.t.Resources, r)
}

func (b *builder) dependsOn(r *Resource, n *Node) {
	switch {
	case n == nil:
	case n.Kind == String:
		r.DependsOn = []string{n.Text}
	case n.Kind == List:
		for _, item := range n.Items {
			if item.Kind != String {
				b.add(item, "Template format error: DependsOn must be a string or list of strings.")
				continue
			}
			r.DependsOn = append(r.DependsOn, item.Text)
		}
	default:
		b.add(n, "Template format error: DependsOn must be a string or list of strings.")
	}
}

// condition returns the condition that a resource or an output has.
func (b *builder) condition(n *Node) string {
	c := n.Get("Condition")
	if c == nil {
		return ""
	}
	if c.Kind != String {
		b.add(c, "Template format error: Every Condition member must be a string.")
		return ""
	}
	if _, ok := b.t.conditions[c.Text]; !ok {
		b.add(c, "Template format error: Unresolved condition dependency %s in the %s block of the template", c.Text, c.block())
	}
	return c.Text
}

// block returns the section that a node is in.
func (n *Node) block() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(n.Path(), "/"), "/")
	return name
}

// policy checks an attribute that is one of the words; a function's result is
// checked when it is known.
func (b *builder) policy(n *Node, name string, words ...string) {
	if n == nil {
		return
	}
	if _, _, ok := n.call(); ok && b.t.extensions {
		return
	}
	if n.Kind != String {
		b.add(n, "Template format error: Every %s member must be a string.", name)
	} else if !slices.Contains(words, n.Text) {
		b.add(n, "Template format error: Unrecognized %s %s for resource %s", name, n.Text, n.up.key)
	}
}

func (b *builder) outputs() {
	members := b.section("Outputs")
	if len(members) > MaxOutputs {
		b.add(b.t.Root.Get("Outputs"), "Template format error: Number of outputs, %d, is greater than maximum allowed, %d", len(members), MaxOutputs)
		return
	}
	for _, m := range members {
		n := m.Value
		if m.Key == "Fn::Transform" {
			b.add(n, "Fn::Transform is not implemented")
			continue
		}
		if !alphanumeric(m.Key) {
			b.add(n, "Template format error: Outputs name '%s' is non alphanumeric.", m.Key)
		}
		if n.Kind != Map {
			b.add(n, "Template format error: Any Outputs member must be an object.").hint("output %q is %s", m.Key, n.Kind)
			continue
		}
		for _, attribute := range n.Members {
			if !slices.Contains([]string{"Value", "Description", "Export", "Condition", "Metadata"}, attribute.Key) {
				b.add(attribute.Value, "Invalid template output property '%s'", attribute.Key)
			}
		}
		b.noNulls(n)
		o := &Output{Name: m.Key, Node: n, Value: n.Get("Value"), Description: b.text(n, "Description"), Condition: b.condition(n)}
		if o.Value == nil {
			b.add(n, "Template format error: Every Outputs member must contain a Value object")
		} else if b.isStructure(o.Value) {
			b.add(o.Value, "Template format error: The Value field of every Outputs member must evaluate to a String and not a %s.", map[Kind]string{List: "List", Map: "Map"}[o.Value.Kind])
		}
		if e := n.Get("Export"); e != nil {
			if o.Export = e.Get("Name"); o.Export == nil || len(e.Members) != 1 {
				b.add(e, "Template format error: Output %s is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.", m.Key)
			}
		}
		b.t.Outputs = append(b.t.Outputs, o)
	}
}

// isStructure reports whether a node is a list, or a map that is no function.
func (b *builder) isStructure(n *Node) bool {
	if n.Kind == List {
		return true
	}
	_, _, call := n.call()
	return n.Kind == Map && !call
}
