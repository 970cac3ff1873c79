package sts

import (
	"context"
	"testing"
	"time"

	"salamander/identity"
	"salamander/operation"
)

func TestARolesSessionIsACaller(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	keys, err := identity.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id := identity.New(keys, identity.Options{Now: func() time.Time { return now }})
	s := New(id)
	ctx := operation.WithCaller(t.Context(), id.Root())
	out, err := s.AssumeRole(ctx, &AssumeRoleInput{RoleArn: "arn:aws:iam::111122223333:role/p/etl", RoleSessionName: "me", DurationSeconds: 900})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::111122223333:assumed-role/etl/me"; out.AssumedRoleUser.Arn != want {
		t.Errorf("user: got %s; want %s", out.AssumedRoleUser.Arn, want)
	}
	if !out.Credentials.Expiration.Equal(now.Add(15 * time.Minute)) {
		t.Errorf("expiration: got %v", out.Credentials.Expiration)
	}
	secret, caller, err := id.Lookup(t.Context(), out.Credentials.AccessKeyID, out.Credentials.SessionToken, "us-east-1")
	if err != nil || secret != out.Credentials.SecretAccessKey {
		t.Fatalf("lookup: got %q, %v", secret, err)
	}
	who, err := s.GetCallerIdentity(operation.WithCaller(t.Context(), caller), nil)
	if err != nil || who.Account != "111122223333" || who.Arn != out.AssumedRoleUser.Arn || who.UserID != out.AssumedRoleUser.AssumedRoleID {
		t.Errorf("identity: got %+v, %v", who, err)
	}
	if _, err := s.GetSessionToken(operation.WithCaller(t.Context(), caller), &GetSessionTokenInput{}); operation.AsError(err).Code != "AccessDenied" {
		t.Errorf("a session of a session: got %v", err)
	}
}

func TestRootAndRefusals(t *testing.T) {
	id := identity.New(identity.Keys{AccessKey: "AKIAX", Secret: "s", Signing: make([]byte, 32)}, identity.Options{})
	s := New(id)
	ctx := operation.WithCaller(context.Background(), id.Root())
	who, err := s.GetCallerIdentity(ctx, nil)
	if err != nil || *who != (GetCallerIdentityOutput{"000000000000", "000000000000", "arn:aws:iam::000000000000:root"}) {
		t.Errorf("root: got %+v, %v", who, err)
	}
	if _, err := s.AssumeRole(ctx, &AssumeRoleInput{RoleArn: "arn:aws:iam::000000000000:role/r", Policy: "{}"}); operation.AsError(err).Status != 501 {
		t.Errorf("a session policy: got %v; want a refusal", err)
	}
	if _, err := s.AssumeRole(ctx, &AssumeRoleInput{RoleArn: "arn:aws:iam::000000000000:user/r"}); operation.AsError(err).Code != "ValidationError" {
		t.Errorf("a user for a role: got %v", err)
	}
	out, err := s.GetSessionToken(ctx, &GetSessionTokenInput{DurationSeconds: 900})
	if err != nil {
		t.Fatal(err)
	}
	if _, caller, err := id.Lookup(ctx, out.Credentials.AccessKeyID, out.Credentials.SessionToken, ""); err != nil || caller.Principal != who.Arn {
		t.Errorf("session token: got %+v, %v", caller, err)
	}
}
