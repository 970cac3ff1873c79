package sts

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"salamander/identity"
	"salamander/internal/arn"
	"salamander/operation"
)

// AssumeRoleInput is the input of AssumeRole.
type AssumeRoleInput struct {
	RoleArn           string          `json:"RoleArn"`
	RoleSessionName   string          `json:"RoleSessionName"`
	DurationSeconds   int64           `json:"DurationSeconds"`
	ExternalID        string          `json:"ExternalId"` // for the role's trust policy, which is not enforced
	Policy            string          `json:"Policy"`
	PolicyArns        json.RawMessage `json:"PolicyArns"`
	Tags              json.RawMessage `json:"Tags"`
	TransitiveTagKeys json.RawMessage `json:"TransitiveTagKeys"`
	SerialNumber      string          `json:"SerialNumber"`
	TokenCode         string          `json:"TokenCode"`
	SourceIdentity    string          `json:"SourceIdentity"`
	ProvidedContexts  json.RawMessage `json:"ProvidedContexts"`
}

// AssumeRoleOutput is the output of AssumeRole.
type AssumeRoleOutput struct {
	Credentials     Credentials     `json:"Credentials"`
	AssumedRoleUser AssumedRoleUser `json:"AssumedRoleUser"`
}

// AssumedRoleUser is the principal of a role's session.
type AssumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	Arn           string `json:"Arn"`
}

// AssumeRole gives credentials for a session of a role, an hour when no
// duration is asked for. Whoever may call may assume any role of any account:
// policies are not enforced.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (s *Service) AssumeRole(ctx context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	if member := in.unsupported(); member != "" {
		return nil, refuse("AssumeRole", member)
	}
	principal, ok := identity.AssumedRole(in.RoleArn, in.RoleSessionName)
	if !ok {
		return nil, operation.Errorf("ValidationError", "%s is invalid", in.RoleArn)
	}
	role, err := arn.Parse(in.RoleArn)
	if err != nil {
		return nil, err // AssumedRole has read it
	}
	if in.DurationSeconds == 0 {
		in.DurationSeconds = 3600
	}
	if err := s.checkDuration(ctx, role, in.DurationSeconds); err != nil {
		return nil, err
	}
	session := s.identity.Issue(identity.SessionOptions{Principal: principal, Account: role.Account,
		Region: operation.CallerOf(ctx).Region, Lifetime: time.Duration(in.DurationSeconds) * time.Second})
	return &AssumeRoleOutput{credentials(session), AssumedRoleUser{assumedRoleID(principal), principal}}, nil
}

// checkDuration holds a session to what its role allows. A role that is not
// here allows all: jobs and functions may name roles of another system.
func (s *Service) checkDuration(ctx context.Context, role arn.ARN, seconds int64) error {
	if s.roles == nil {
		return nil
	}
	_, name, _ := cutLast(role.Resource)
	var r identity.Role
	err := s.roles.View(ctx, role.Account, func(rec identity.Records) error { return rec.Get(identity.KindRole, name, &r) })
	if errors.Is(err, identity.ErrNoRecord) {
		return nil
	} else if err != nil {
		return err
	}
	if seconds > int64(r.MaxSession) {
		return operation.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

// unsupported names the first member that is given and not implemented.
func (in *AssumeRoleInput) unsupported() string {
	for _, m := range []struct {
		name  string
		given bool
	}{
		{"Policy", in.Policy != ""}, {"PolicyArns", len(in.PolicyArns) > 0}, {"Tags", len(in.Tags) > 0},
		{"TransitiveTagKeys", len(in.TransitiveTagKeys) > 0}, {"SerialNumber", in.SerialNumber != ""},
		{"TokenCode", in.TokenCode != ""}, {"SourceIdentity", in.SourceIdentity != ""},
		{"ProvidedContexts", len(in.ProvidedContexts) > 0},
	} {
		if m.given {
			return m.name
		}
	}
	return ""
}

// assumedRoleID returns the unique id of a session's principal: the role's
// id, here made of its ARN, and the session's name.
func assumedRoleID(principal string) string {
	role, session, _ := cutLast(principal)
	a, _ := arn.Parse(role) // AssumedRole made it
	return identity.UniqueID("AROA", a.Account, strings.TrimPrefix(a.Resource, "assumed-role/")) + ":" + session
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
