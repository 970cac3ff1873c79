package template

import (
	"slices"
	"strconv"
	"strings"

	"salamander/internal/regex"
)

var parameterAttributes = []string{"Type", "Default", "Description", "AllowedValues", "AllowedPattern",
	"ConstraintDescription", "MinLength", "MaxLength", "MinValue", "MaxValue", "NoEcho"}

// parameterTypes are the types that AWS checks against an account; here their
// values are strings.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
var parameterTypes = []string{"AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id",
	"AWS::EC2::KeyPair::KeyName", "AWS::EC2::SecurityGroup::GroupName", "AWS::EC2::SecurityGroup::Id",
	"AWS::EC2::Subnet::Id", "AWS::EC2::Volume::Id", "AWS::EC2::VPC::Id", "AWS::Route53::HostedZone::Id"}

// knownType reports whether a parameter can have the type.
func knownType(t string) bool {
	switch t {
	case "String", "Number", "List<Number>", "CommaDelimitedList", "AWS::SSM::Parameter::Name":
		return true
	}
	if inner, ok := ssmType(t); ok {
		return inner == "String" || inner == "List<String>" || inner == "CommaDelimitedList" || suppliedType(inner)
	}
	return suppliedType(t)
}

func suppliedType(t string) bool {
	if inner, ok := strings.CutPrefix(t, "List<"); ok {
		t = strings.TrimSuffix(inner, ">")
	}
	return slices.Contains(parameterTypes, t)
}

// ssmType returns the type of the parameter in the store that a parameter's
// value names.
func ssmType(t string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(t, "AWS::SSM::Parameter::Value<")
	return strings.TrimSuffix(inner, ">"), ok
}

// IsList reports whether the parameter's value is a list, written with commas.
func (p *Parameter) IsList() bool {
	t := p.Type
	if inner, ok := ssmType(t); ok {
		t = inner
	}
	return t == "CommaDelimitedList" || strings.HasPrefix(t, "List<")
}

// InStore reports whether the value is the name of a parameter in Systems
// Manager, whose value counts.
func (p *Parameter) InStore() bool {
	_, ok := ssmType(p.Type)
	return ok
}

// Node returns the declaration.
func (p *Parameter) Node() *Node { return p.node }

func (b *builder) parameters() {
	members := b.section("Parameters")
	if len(members) > MaxParameters {
		b.add(b.t.Root.Get("Parameters"), "Template format error: Number of parameters, %d, is greater than maximum allowed, %d", len(members), MaxParameters)
		return
	}
	for _, m := range members {
		if !alphanumeric(m.Key) {
			b.add(m.Value, "Template format error: Parameter name %s is non alphanumeric.", m.Key)
		}
		if m.Value.Kind != Map {
			b.add(m.Value, "Template format error: Any Parameters member must be an object.").hint("parameter %q is %s", m.Key, m.Value.Kind)
			continue
		}
		b.noNulls(m.Value)
		b.t.Parameters = append(b.t.Parameters, b.parameter(m.Key, m.Value))
	}
}

func (b *builder) parameter(name string, n *Node) *Parameter {
	for _, m := range n.Members {
		if !slices.Contains(parameterAttributes, m.Key) {
			b.add(m.Value, "Invalid template parameter property '%s'", m.Key).hint("parameter %q", name)
		}
	}
	p := &Parameter{Name: name, node: n, Type: b.text(n, "Type"), Description: b.text(n, "Description"),
		AllowedPattern: b.text(n, "AllowedPattern"), ConstraintDescription: b.text(n, "ConstraintDescription")}
	switch {
	case n.Get("Type") == nil:
		b.add(n, "Template format error: Every Parameters object must contain a Type member.")
	case !knownType(p.Type):
		b.add(n.Get("Type"), "Template format error: Unrecognized parameter type: %s", p.Type)
	}
	p.NoEcho = strings.EqualFold(b.text(n, "NoEcho"), "true")
	p.MinLength, p.MaxLength = b.length(n, "MinLength"), b.length(n, "MaxLength")
	p.MinValue, p.MaxValue = b.number(n, "MinValue"), b.number(n, "MaxValue")
	if v := n.Get("AllowedValues"); v != nil {
		if v.Kind != List {
			b.add(v, "Template format error: Every AllowedValues member must be a list.")
		}
		for _, item := range v.Items {
			s, ok := item.scalarText()
			if !ok {
				b.add(item, "Template format error: Every AllowedValues value must be a string.")
			}
			p.AllowedValues = append(p.AllowedValues, s)
		}
	}
	if p.AllowedPattern != "" {
		if _, err := regex.Compile(p.AllowedPattern, 0); err != nil {
			b.add(n.Get("AllowedPattern"), "Template format error: Parameter %s AllowedPattern is not a valid regular expression", name).hint("%v", err)
			return p
		}
	}
	if d := n.Get("Default"); d != nil {
		s, ok := d.scalarText()
		if !ok {
			b.add(d, "Template format error: Every Default member must be a string.")
			return p
		}
		p.Default = &s
		if err := p.Check(s); err != nil && knownType(p.Type) && !p.InStore() {
			err.At, err.Path = d.At, d.Path()
			b.push(err)
		}
	}
	return p
}

func (b *builder) length(n *Node, key string) *int {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	i, err := strconv.Atoi(v.Text)
	if err != nil || i < 0 {
		b.add(v, "Template format error: Every %s member must be a non-negative integer.", key)
		return nil
	}
	return &i
}

func (b *builder) number(n *Node, key string) *string {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	if _, ok := parseNumber(v.Text); !ok {
		b.add(v, "Template format error: Every %s member must be a number.", key)
		return nil
	}
	return &v.Text
}

func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// Split returns the value's items if it is a list, each without the blanks
// around it.
func (p *Parameter) Split(v string) []string {
	if v == "" {
		return nil
	}
	items := strings.Split(v, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// patternSteps bounds the matching of one value.
const patternSteps = 1_000_000

// Check reports what a value fails: CloudFormation's message, or the
// parameter's ConstraintDescription. The value of a parameter that names one in
// Systems Manager is that one's value.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (p *Parameter) Check(v string) *Error {
	fail := func(format string, args ...any) *Error {
		e := errorAt(p.node, format, args...)
		if p.ConstraintDescription != "" {
			e.Msg = "Parameter " + p.Name + " failed to satisfy constraint: " + p.ConstraintDescription
		}
		return e
	}
	if p.Type == "Number" {
		if _, ok := parseNumber(v); !ok {
			return errorAt(p.node, "Parameter '%s' must be a number.", p.Name)
		}
	}
	items := []string{v}
	if p.IsList() {
		items = p.Split(v)
		if strings.HasSuffix(p.Type, "List<Number>") {
			for _, item := range items {
				if _, ok := parseNumber(item); !ok {
					return errorAt(p.node, "Parameter '%s' must be a list of numbers.", p.Name)
				}
			}
		}
	}
	for _, item := range items {
		if p.AllowedValues != nil && !slices.Contains(p.AllowedValues, item) {
			return fail("Parameter '%s' must be one of AllowedValues", p.Name)
		}
	}
	if n := len([]rune(v)); p.Type != "Number" && !p.IsList() {
		if p.MinLength != nil && n < *p.MinLength {
			return fail("Parameter '%s' must contain at least %d characters", p.Name, *p.MinLength)
		}
		if p.MaxLength != nil && n > *p.MaxLength {
			return fail("Parameter '%s' must contain at most %d characters", p.Name, *p.MaxLength)
		}
	}
	for _, item := range items {
		f, _ := parseNumber(item)
		if p.MinValue != nil {
			if low, _ := parseNumber(*p.MinValue); f < low {
				return fail("Parameter '%s' must be a number not less than %s", p.Name, *p.MinValue)
			}
		}
		if p.MaxValue != nil {
			if high, _ := parseNumber(*p.MaxValue); f > high {
				return fail("Parameter '%s' must be a number not greater than %s", p.Name, *p.MaxValue)
			}
		}
		if p.AllowedPattern != "" {
			ok, err := matchWhole(p.AllowedPattern, item)
			if err != nil {
				return errorAt(p.node, "Parameter '%s' must match pattern %s", p.Name, p.AllowedPattern).hint("%v", err)
			}
			if !ok {
				return fail("Parameter '%s' must match pattern %s", p.Name, p.AllowedPattern)
			}
		}
	}
	return nil
}

// matchWhole reports whether a pattern matches all of s.
func matchWhole(pattern, s string) (bool, error) {
	re, err := regex.Compile("^(?:"+pattern+")$", 0)
	if err != nil {
		return false, err
	}
	steps := patternSteps
	loc, err := re.Match([]rune(s), 0, &steps)
	return loc != nil, err
}
