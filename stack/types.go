package stack

import (
	"errors"
	"slices"
	"strings"

	"salamander/internal/awsmodel"
)

// checkTypes refuses lists and objects for properties that are texts, numbers
// or truth values. What a property is tell the operations that the kind needs,
// and the kind itself. Numbers and truth values for texts are good.
func (k *kind) checkTypes(props map[string]any) error {
	if k.opaque {
		return nil
	}
	for _, p := range sortedKeys(props) {
		var err error
		switch s := k.shapeOf(p); {
		case p == "DefinitionSubstitutions":
			err = checkShape(&awsmodel.Shape{Type: "map", Value: textShape()}, props[p], p)
		case s != nil:
			err = checkShape(s, props[p], p)
		case k.isText(p):
			err = checkShape(textShape(), props[p], p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func textShape() *awsmodel.Shape { return &awsmodel.Shape{Type: "string"} }

// isText reports whether a property that is no member of an operation is a
// text.
func (k *kind) isText(prop string) bool {
	if prop == k.named || slices.Contains(k.texts, prop) {
		return true
	}
	return k.note == recordedNote && !slices.Contains(compounds(), prop)
}

// compounds are the properties of recorded types that are lists or objects.
func compounds() []string {
	return []string{"Tags", "SecurityGroupIngress", "SecurityGroupEgress", "RouteTableIds", "SubnetIds", "SecurityGroupIds", "PrivateDnsNameOptionsOnLaunch",
		"Parameters", "Roles"}
}

// shapeOf returns the shape of the member that a property is given as; nil
// when there is none.
func (k *kind) shapeOf(prop string) *awsmodel.Shape {
	for _, need := range k.needs {
		service, name, _ := strings.Cut(need, ":")
		api, ok := awsmodel.Service(service)
		if !ok {
			continue
		}
		op, ok := api.Operation(name)
		if !ok || op.Input == nil {
			continue
		}
		if i := memberOf(op.Input, prop); i >= 0 {
			return op.Input.Members[i].Shape
		}
	}
	return nil
}

func memberOf(s *awsmodel.Shape, name string) int {
	return slices.IndexFunc(s.Members, func(m *awsmodel.Member) bool { return strings.EqualFold(m.Name, name) })
}

// checkShape judges the scalars in v. Where the template's form is another
// than the operation's (tags), it is left to the kind.
func checkShape(s *awsmodel.Shape, v any, name string) error {
	obj, isObject := v.(map[string]any)
	items, isList := v.([]any)
	switch s.Type {
	case "structure":
		for _, key := range sortedKeys(obj) {
			if i := memberOf(s, key); i >= 0 {
				if err := checkShape(s.Members[i].Shape, obj[key], key); err != nil {
					return err
				}
			}
		}
	case "list":
		for _, item := range items {
			if err := checkShape(s.Elem, item, name); err != nil {
				return err
			}
		}
	case "map":
		for _, value := range tagMap(items) {
			if err := checkShape(s.Value, value, "Value"); err != nil {
				return err
			}
		}
		for _, key := range sortedKeys(obj) {
			if err := checkShape(s.Value, obj[key], key); err != nil {
				return err
			}
		}
	default:
		if want, ok := scalarType(s); ok && (isObject || isList) && !isDocument(name) {
			return wrongType(name, want)
		}
	}
	return nil
}

// scalarType returns what templates call the type of a scalar.
func scalarType(s *awsmodel.Shape) (name string, ok bool) {
	switch s.Type {
	case "string", "timestamp":
		return "String", true
	case "boolean":
		return "Boolean", true
	case "integer", "long", "short":
		return "Integer", true
	case "float", "double":
		return "Number", true
	}
	return "", false
}

// wrongType is AWS's text for a value of another type.
func wrongType(property, want string) error {
	return sayf("Value of property %s must be of type %s", property, want)
}

// isDocument reports whether a text is a JSON document, which templates write
// as an object.
func isDocument(property string) bool {
	p := strings.ToLower(property)
	return strings.HasSuffix(p, "policy") || strings.HasSuffix(p, "policydocument") || p == "eventpattern" || strings.HasPrefix(p, "definition")
}

// judge tells before anything is made what is wrong with the resources'
// properties, as far as they are known by then.
func (s *Stacks) judge(p *plan) error {
	for _, r := range p.bound.Order() {
		k, ok := s.kinds.lookup(r.Type)
		if !ok {
			continue
		}
		v, err := p.version(r.ID)
		if _, never := errors.AsType[*attributeError](err); never {
			return templateError(err)
		} else if err != nil {
			continue // the resource fails with it
		}
		if err := k.checkTypes(v.Properties); err != nil {
			return validation("%s", err.Error())
		}
	}
	if _, err := p.outputs(); err != nil {
		if _, never := errors.AsType[*attributeError](err); never {
			return templateError(err)
		}
	}
	return nil
}
