package sts

import (
	"context"
	"strings"
	"time"

	"salamander/identity"
	"salamander/operation"
)

// GetSessionTokenInput is the input of GetSessionToken.
type GetSessionTokenInput struct {
	DurationSeconds int64  `json:"DurationSeconds"`
	SerialNumber    string `json:"SerialNumber"`
	TokenCode       string `json:"TokenCode"`
}

// GetSessionTokenOutput is the output of GetSessionToken.
type GetSessionTokenOutput struct {
	Credentials Credentials `json:"Credentials"`
}

// rootSession is how long a session of an account's root lives at most, which
// is also what it gets when no duration is asked for.
const rootSession = time.Hour

// GetSessionToken gives temporary credentials for the caller itself.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (s *Service) GetSessionToken(ctx context.Context, in *GetSessionTokenInput) (*GetSessionTokenOutput, error) {
	switch {
	case in.SerialNumber != "":
		return nil, refuse("GetSessionToken", "SerialNumber")
	case in.TokenCode != "":
		return nil, refuse("GetSessionToken", "TokenCode")
	}
	c := operation.CallerOf(ctx)
	if strings.HasPrefix(c.AccessKey, "ASIA") {
		return nil, &operation.Error{Code: "AccessDenied", Status: 403, Message: "Cannot call GetSessionToken with session credentials"}
	}
	lifetime := rootSession
	if in.DurationSeconds > 0 {
		lifetime = min(lifetime, time.Duration(in.DurationSeconds)*time.Second)
	}
	session := s.identity.Issue(identity.SessionOptions{Principal: c.Principal, Account: c.Account, Region: c.Region, Lifetime: lifetime})
	return &GetSessionTokenOutput{credentials(session)}, nil
}
