package stack

import (
	"slices"
	"strings"

	"salamander/operation"
)

// A kind is a resource type: how its resources are made, changed and deleted
// by operations.
type kind struct {
	props   string   // the properties it takes, separated by blanks
	replace string   // those whose change makes a new resource
	named   string   // the property with the resource's own name, if it has one
	texts   []string // properties that are scalars though no operation has them as members

	create func(*call) error // sets c.physical, and c.attrs
	update func(*call) error // nil: any change makes a new resource
	remove func(*call) error // nil: there is nothing to delete

	needs  []string // operations: "lambda:AddPermission"
	note   string   // ours, for plans: "recorded, not enforced"
	always bool     // update even when no property has changed
	opaque bool     // takes any property: a custom resource
	tagged bool     // takes the stack's tags as Tags
}

// recordedNote marks resources that nothing reads.
const recordedNote = "recorded, not enforced"

// A catalog holds the resource types by name.
type catalog map[string]*kind

// kinds returns the resource types.
func kinds() catalog {
	all := catalog{}
	for _, part := range []catalog{networkKinds(), iamKinds(), batchKinds(), lambdaKinds(), statesKinds(), redshiftKinds(),
		storageKinds(), messageKinds(), eventKinds(), secretKinds(), stackKinds()} {
		for name, k := range part {
			all[name] = k
		}
	}
	return all
}

// lookup returns the kind of a resource type.
func (c catalog) lookup(name string) (*kind, bool) {
	if strings.HasPrefix(name, "Custom::") {
		name = "AWS::CloudFormation::CustomResource"
	}
	k, ok := c[name]
	return k, ok
}

// lacking returns the operation that the registry does not have for the kind.
func (k *kind) lacking(r *operation.Registry) string {
	for _, need := range k.needs {
		service, op, _ := strings.Cut(need, ":")
		if spec, ok := r.Lookup(service, op); !ok || spec.Status == operation.Refused {
			return need
		}
	}
	return ""
}

// check judges the names of properties.
func (k *kind) check(props map[string]any) error {
	if k.opaque {
		return nil
	}
	known := strings.Fields(k.props)
	for _, p := range sortedKeys(props) {
		if !slices.Contains(known, p) {
			return sayf("Encountered unsupported property %s", p)
		}
	}
	return nil
}

// replaces returns those of the changed properties that need a new resource.
func (k *kind) replaces(changed []string) []string {
	if k.update == nil {
		return changed
	}
	immutable := strings.Fields(k.replace)
	var out []string
	for _, p := range changed {
		if slices.Contains(immutable, p) {
			out = append(out, p)
		}
	}
	return out
}

// changedProperties returns the names of properties that differ, sorted.
func changedProperties(old, now map[string]any) []string {
	var out []string
	for _, p := range sortedKeys(now) {
		if !equal(old[p], now[p]) {
			out = append(out, p)
		}
	}
	for p := range old {
		if _, ok := now[p]; !ok {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// Note tells what of a resource type is not as on AWS: "recorded, not
// enforced". It is empty for types that are real, and for unknown ones says
// that nothing is made of them.
func Note(resourceType string) string {
	k, ok := kinds().lookup(resourceType)
	if !ok {
		return "not supported, left out"
	}
	return k.note
}

// A TypeStatus tells how far a resource type is implemented.
type TypeStatus struct {
	Name   string // "AWS::S3::Bucket"
	Status string // "real", "partial", "recorded", or "refused" where it lacks an operation
	Note   string
}

// Types returns the resource types by name. has tells which operations there
// are: "lambda:PublishVersion".
func Types(has func(op string) bool) []TypeStatus {
	all := kinds()
	var out []TypeStatus
	for _, name := range sortedKeys(all) {
		k := all[name]
		t := TypeStatus{name, "real", k.note}
		switch {
		case k.note == recordedNote:
			t.Status = "recorded"
		case k.note != "":
			t.Status = "partial"
		}
		for _, need := range k.needs {
			if !has(need) {
				t.Status, t.Note = "refused", "it needs "+need
				break
			}
		}
		out = append(out, t)
	}
	return out
}
