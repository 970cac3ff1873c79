package template

import (
	"slices"
	"strings"
)

// A Template is a template that was read, checked and expanded. It never
// changes; goroutines share it.
type Template struct {
	Description string
	Transforms  []string // as written; what they do is already done
	Parameters  []*Parameter
	Resources   []*Resource // in the order of the text
	Outputs     []*Output

	// Root is the whole, expanded by its transforms; Source is as it was written.
	Root, Source *Node

	mappings   map[string]*Node
	conditions map[string]*Node
	order      []string // of the conditions, in the order of the text
	rules      []*rule
	extensions bool // AWS::LanguageExtensions
}

// A Parameter is a parameter's declaration.
type Parameter struct {
	Name, Type, Description string
	Default                 *string // nil if a value must be given
	AllowedValues           []string
	AllowedPattern          string
	ConstraintDescription   string
	MinLength, MaxLength    *int
	MinValue, MaxValue      *string // as written
	NoEcho                  bool

	node *Node
}

// A Resource is a resource's declaration. Properties may be nil.
type Resource struct {
	ID, Type            string
	Properties          *Node
	DependsOn           []string
	Condition           string
	DeletionPolicy      *Node // Delete, Retain, RetainExceptOnCreate, Snapshot; may call functions; nil if not given
	UpdateReplacePolicy *Node
	CreationPolicy      *Node
	UpdatePolicy        *Node
	Metadata            *Node
	Node                *Node // the declaration
}

// An Output is an output's declaration.
type Output struct {
	Name, Description, Condition string
	Value                        *Node
	Export                       *Node // its name; nil if it is not exported
	Node                         *Node
}

// Limits of a template.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	MaxBody       = 1 << 20 // bytes, of a template in S3; one in the request has at most MaxInline
	MaxInline     = 51200   // bytes
	MaxResources  = 500
	MaxParameters = 200
	MaxMappings   = 200
	MaxOutputs    = 200
)

// Parse reads a template, YAML or JSON, expands its transforms and checks what
// can be checked without values. The error is an *[Error] or [Errors].
func Parse(text []byte) (*Template, error) {
	if len(text) > MaxBody {
		return nil, &Error{Msg: "Template may not exceed 1000000 bytes in size."}
	}
	root, err := read(string(text))
	if err != nil {
		return nil, err
	}
	return build(root)
}

// Read reads a template, YAML or JSON, as it is written: nothing is checked or
// expanded. Its [Node.Value] is the text's JSON. The error is an *[Error].
func Read(text []byte) (*Node, error) {
	if len(text) > MaxBody {
		return nil, &Error{Msg: "Template may not exceed 1000000 bytes in size."}
	}
	n, err := read(string(text))
	if err == nil {
		n.adopt()
	}
	return n, err
}

func read(text string) (*Node, error) {
	trimmed := strings.TrimLeft(strings.TrimPrefix(text, "\ufeff"), " \t\r\n")
	if strings.HasPrefix(trimmed, "{") {
		return readJSON(strings.TrimPrefix(text, "\ufeff"))
	}
	return readYAML(text)
}

// Resource returns the resource with the logical id, or nil.
func (t *Template) Resource(id string) *Resource {
	for _, r := range t.Resources {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Parameter returns the parameter with the name, or nil.
func (t *Template) Parameter(name string) *Parameter {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// builder makes a Template from nodes.
type builder struct {
	t *Template
	errorList
}

var sections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings",
	"Conditions", "Rules", "Transform", "Resources", "Outputs", "Globals"}

func build(root *Node) (*Template, error) {
	if root.Kind != Map {
		return nil, errorAt(root, "Template format error: unsupported structure.").hint("a template is a map, not %s", root.Kind)
	}
	root.adopt()
	b := &builder{t: &Template{Root: root, Source: root}}
	b.sections(root)
	if err := b.err(); err != nil {
		return nil, err
	}
	expanded, err := b.transform(root)
	if err != nil {
		return nil, err
	}
	if expanded != root {
		expanded.adopt()
		b.t.Root = expanded
	}
	b.parameters()
	b.mappings()
	b.conditions()
	b.resources()
	b.outputs()
	b.rules()
	if err := b.err(); err != nil {
		return nil, err
	}
	b.references()
	if err := b.err(); err != nil {
		return nil, err
	}
	return b.t, nil
}

// sections checks the top of the template.
func (b *builder) sections(root *Node) {
	var unknown []string
	var first *Node
	for _, m := range root.Members {
		if m.Key == "Hooks" {
			b.add(m.Value, "the section Hooks is not implemented")
		} else if !slices.Contains(sections, m.Key) {
			unknown = append(unknown, m.Key)
			if first == nil {
				first = m.Value
			}
		}
	}
	if unknown != nil {
		b.add(first, "Invalid template property or properties [%s]", strings.Join(unknown, ", "))
	}
	if v := root.Get("AWSTemplateFormatVersion"); v != nil && v.Text != "2010-09-09" {
		b.add(v, "Template format error: Unsupported template format version: %q", v.Text)
	}
	if d := root.Get("Description"); d != nil {
		if d.Kind != String && d.Kind != Null {
			b.add(d, "Template format error: Description must be a string.")
		} else if len(d.Text) > 1024 {
			b.add(d, "Template format error: 'Description' length is greater than 1024.")
		}
		b.t.Description = d.Text
	}
}

// section returns the members of a section that must be a map of maps.
func (b *builder) section(name string) []Member {
	n := b.t.Root.Get(name)
	if n == nil {
		return nil
	}
	if n.Kind != Map {
		if n.Kind == Null {
			b.add(n, "[/%s] 'null' values are not allowed in templates", name)
			return nil
		}
		b.add(n, "Template format error: %s must be an object.", name)
		return nil
	}
	return n.Members
}

// alphanumeric reports whether a logical id has letters and digits only.
func alphanumeric(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}

// noNulls refuses nulls below n, as CloudFormation does.
func (b *builder) noNulls(n *Node) {
	switch n.Kind {
	case Null:
		b.add(n, "[%s] 'null' values are not allowed in templates", n.Path())
	case List:
		for _, item := range n.Items {
			b.noNulls(item)
		}
	case Map:
		for _, m := range n.Members {
			b.noNulls(m.Value)
		}
	}
}

// text returns the string of a scalar member, "" if it is absent.
func (b *builder) text(n *Node, key string) string {
	v := n.Get(key)
	if v == nil {
		return ""
	}
	s, ok := v.scalarText()
	if !ok {
		b.add(v, "Template format error: Every %s member must be a string.", key)
	}
	return s
}

func (b *builder) mappings() {
	members := b.section("Mappings")
	b.t.mappings = map[string]*Node{}
	if len(members) > MaxMappings {
		b.add(b.t.Root.Get("Mappings"), "Template format error: Number of mappings, %d, is greater than maximum allowed, %d", len(members), MaxMappings)
	}
	for _, m := range members {
		if m.Key == "Fn::Transform" {
			b.add(m.Value, "Fn::Transform is not implemented")
			continue
		}
		if !alphanumeric(m.Key) {
			b.add(m.Value, "Template format error: Mappings name '%s' is non alphanumeric.", m.Key)
		}
		b.t.mappings[m.Key] = m.Value
		if m.Value.Kind != Map {
			b.add(m.Value, "Template format error: Every Mappings member must be a map.")
			continue
		}
		for _, row := range m.Value.Members {
			if row.Value.Kind != Map {
				b.add(row.Value, "Template format error: Every Mappings attribute must be a map of a name to a String or a List.")
				continue
			}
			for _, cell := range row.Value.Members {
				if name, _, ok := cell.Value.call(); ok {
					b.add(cell.Value, "Template format error: Every Mappings attribute must be a String or a List.").hint("a mapping cannot call %s", name)
				} else if cell.Value.Kind == Map || cell.Value.Kind == Null {
					b.add(cell.Value, "Template format error: Every Mappings attribute must be a String or a List.")
				}
			}
		}
	}
}
