package template

import "salamander/internal/value"

// A Resolver knows what only a stack and its account know. Its errors come
// back from the evaluation, wrapped with the place.
type Resolver interface {
	// Ref returns what Ref of a resource is, mostly its physical name.
	Ref(id string) (value.Value, error)
	// GetAtt returns an attribute of a resource: "Arn", "Endpoint.Address".
	GetAtt(id, attribute string) (value.Value, error)
	// ImportValue returns the value of an export.
	ImportValue(name string) (string, error)
	// AvailabilityZones returns the names of a region's zones.
	AvailabilityZones(region string) ([]string, error)
	// Parameter returns the value of a parameter of Systems Manager. version
	// may be empty: the latest. secure wants a SecureString decrypted.
	Parameter(name, version string, secure bool) (string, error)
	// Secret returns the SecretString of a secret. stage and version may be
	// empty.
	Secret(id, stage, version string) (string, error)
}

// Pseudo is the values of the pseudo parameters, such as AWS::Region.
type Pseudo struct {
	AccountID, Region, StackID, StackName string
	Partition                             string // "aws" if empty
	URLSuffix                             string // "amazonaws.com" if empty
	NotificationARNs                      []string
}

func (p Pseudo) get(name string) (v value.Value, ok bool) {
	switch name {
	case "AWS::AccountId":
		return p.AccountID, true
	case "AWS::Region":
		return p.Region, true
	case "AWS::StackId":
		return p.StackID, true
	case "AWS::StackName":
		return p.StackName, true
	case "AWS::Partition":
		if p.Partition == "" {
			return "aws", true
		}
		return p.Partition, true
	case "AWS::URLSuffix":
		if p.URLSuffix == "" {
			return "amazonaws.com", true
		}
		return p.URLSuffix, true
	case "AWS::NotificationARNs":
		return stringList(p.NotificationARNs), true
	case "AWS::NoValue":
		return noValue{}, true
	}
	return nil, false
}

// isPseudo reports whether there is a pseudo parameter of that name.
func isPseudo(name string) bool {
	_, ok := Pseudo{}.get(name)
	return ok
}

// noValue is AWS::NoValue: the member or the entry is not there.
type noValue struct{}

func stringList(items []string) value.Array {
	all := make(value.Array, len(items))
	for i, s := range items {
		all[i] = s
	}
	return all
}
