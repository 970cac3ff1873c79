package sts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
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
	session := s.identity.Issue(identity.SessionOptions{Principal: principal, Account: role.Account,
		Region: operation.CallerOf(ctx).Region, Lifetime: time.Duration(in.DurationSeconds) * time.Second})
	return &AssumeRoleOutput{credentials(session), AssumedRoleUser{assumedRoleID(principal), principal}}, nil
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
	sum := sha256.Sum256([]byte(role))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17] + ":" + session
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
