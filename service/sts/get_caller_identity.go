package sts

import (
	"context"
	"strings"

	"salamander/operation"
)

// GetCallerIdentityInput is the input of GetCallerIdentity.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is the output of GetCallerIdentity.
type GetCallerIdentityOutput struct {
	UserID  string `json:"UserId"`
	Account string `json:"Account"`
	Arn     string `json:"Arn"`
}

// GetCallerIdentity returns the account and the principal of the caller.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (s *Service) GetCallerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	c := operation.CallerOf(ctx)
	id := c.Account // of the account's root
	if strings.Contains(c.Principal, ":assumed-role/") {
		id = assumedRoleID(c.Principal)
	}
	return &GetCallerIdentityOutput{UserID: id, Account: c.Account, Arn: c.Principal}, nil
}
