package template

import (
	"fmt"
	"slices"
	"strings"

	"salamander/internal/value"
)

// The capabilities that a caller must acknowledge.
const (
	CapabilityIAM        = "CAPABILITY_IAM"
	CapabilityNamedIAM   = "CAPABILITY_NAMED_IAM"
	CapabilityAutoExpand = "CAPABILITY_AUTO_EXPAND"
)

// nameOf gives for each type that can change permissions the property by which
// a template names it; "" if it has none.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
var nameOf = map[string]string{
	"AWS::IAM::AccessKey":           "",
	"AWS::IAM::Group":               "GroupName",
	"AWS::IAM::InstanceProfile":     "InstanceProfileName",
	"AWS::IAM::ManagedPolicy":       "ManagedPolicyName",
	"AWS::IAM::Policy":              "",
	"AWS::IAM::Role":                "RoleName",
	"AWS::IAM::User":                "UserName",
	"AWS::IAM::UserToGroupAddition": "",
}

// Capabilities returns the capabilities that the template needs, and why, in
// the words of GetTemplateSummary. Both are empty if it needs none. A template
// with a transform needs CAPABILITY_AUTO_EXPAND, unless a change set shows what
// comes of it.
func (t *Template) Capabilities() (needed []string, reason string) {
	var types []string
	named := false
	for _, r := range t.Resources {
		name, ok := nameOf[r.Type]
		if !ok {
			continue
		}
		if !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
		named = named || name != "" && r.Properties.Get(name) != nil
	}
	switch {
	case named:
		needed = append(needed, CapabilityNamedIAM)
	case types != nil:
		needed = append(needed, CapabilityIAM)
	}
	if types != nil {
		reason = fmt.Sprintf("The following resource(s) require capabilities: [%s]", strings.Join(types, ", "))
	}
	if t.Transforms != nil {
		needed = append(needed, CapabilityAutoExpand)
		if reason == "" {
			reason = fmt.Sprintf("The following transform(s) require capabilities: [%s]", strings.Join(t.Transforms, ", "))
		}
	}
	return needed, reason
}

// ResourceTypes returns the types of the resources, each once, in the order of
// the text.
func (t *Template) ResourceTypes() []string {
	var types []string
	for _, r := range t.Resources {
		if !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	return types
}

// Metadata returns the section of that name as JSON, "" if there is none.
func (t *Template) Metadata() string {
	if n := t.Root.Get("Metadata"); n != nil {
		return value.Text(n.Value())
	}
	return ""
}

// JSON returns the template as JSON: with its transforms expanded, or as it was
// written.
func (t *Template) JSON(expanded bool) string {
	if expanded {
		return value.Text(t.Root.Value())
	}
	return value.Text(t.Source.Value())
}
