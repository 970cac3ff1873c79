// Package sts answers who a caller is, and gives temporary credentials.
package sts

import (
	"salamander/identity"
	"salamander/operation"
)

// Identity issues sessions.
type Identity interface {
	Issue(identity.SessionOptions) identity.Session
}

// A Service is the operations of AWS STS.
type Service struct {
	identity Identity
	roles    identity.Store // may be nil
}

// New returns the service over the identities of a data directory.
func New(id Identity) *Service { return &Service{identity: id} }

// WithRoles has the service look for the roles that are assumed, and returns it.
func (s *Service) WithRoles(roles identity.Store) *Service {
	s.roles = roles
	return s
}

// Register registers the operations of s.
func Register(r *operation.Registry, s *Service) {
	operation.Register(r, operation.Spec{Service: "sts", Name: "GetCallerIdentity"}, s.GetCallerIdentity)
	operation.Register(r, operation.Spec{Service: "sts", Name: "AssumeRole", Status: operation.Partial,
		Note: "real session credentials; a role bounds the duration of its sessions, its policies are recorded, not enforced, and any ARN of a role is taken; session policies, tags and MFA are refused"}, s.AssumeRole)
	operation.Register(r, operation.Spec{Service: "sts", Name: "GetSessionToken", Status: operation.Partial,
		Note: "MFA is refused"}, s.GetSessionToken)
}

// Credentials are temporary credentials.
type Credentials struct {
	AccessKeyID     string         `json:"AccessKeyId"`
	SecretAccessKey string         `json:"SecretAccessKey"`
	SessionToken    string         `json:"SessionToken"`
	Expiration      operation.Time `json:"Expiration"`
}

func credentials(s identity.Session) Credentials {
	return Credentials{s.AccessKey, s.Secret, s.Token, operation.Time{Time: s.Expires}}
}

// refuse answers a member that is not implemented by its name.
func refuse(op, member string) error {
	return operation.NotImplemented("sts", op, "the member "+member)
}
