// Package arn reads and writes Amazon Resource Names.
package arn

import (
	"fmt"
	"strings"
)

// An ARN is the parts of arn:partition:service:region:account:resource.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	Partition string // "aws"
	Service   string // "states"
	Region    string // may be empty
	Account   string // may be empty
	Resource  string // all that follows, colons and slashes included
}

// Parse splits s. It does not judge the parts but that there are six.
func Parse(s string) (ARN, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" {
		return ARN{}, fmt.Errorf("%q is not an ARN: need arn:partition:service:region:account:resource", s)
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, nil
}

// New returns the ARN of a resource in partition aws, as text.
func New(service, region, account, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource
}

// String returns the ARN as text.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}
