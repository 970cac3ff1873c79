package secretsmanager

import (
	"context"
	"maps"
	"time"

	"salamander/operation"
	"salamander/secret"
)

// DeleteSecretInput is the input of DeleteSecret.
type DeleteSecretInput struct {
	SecretID
	RecoveryWindowInDays       *int
	ForceDeleteWithoutRecovery bool
}

// DeleteSecretOutput is the output of DeleteSecret.
type DeleteSecretOutput struct {
	Named
	DeletionDate operation.Time
}

// DeleteSecret deletes a secret: after thirty days, or those given, or at
// once.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
func (s *Service) DeleteSecret(ctx context.Context, in *DeleteSecretInput) (*DeleteSecretOutput, error) {
	days := 30
	if d := in.RecoveryWindowInDays; d != nil {
		if in.ForceDeleteWithoutRecovery {
			return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
		}
		if days = *d; days < 7 || days > 30 {
			return nil, invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
		}
	}
	now := s.now().UTC()
	out := &DeleteSecretOutput{DeletionDate: operation.Time{Time: now.AddDate(0, 0, days)}}
	err := s.update(ctx, func(rec secret.Records) error {
		sec, err := s.find(ctx, rec, in.SecretId)
		if err != nil {
			if e := operation.AsError(err); in.ForceDeleteWithoutRecovery && e.Code == "ResourceNotFoundException" {
				out.Named, out.DeletionDate = Named{in.SecretId, in.SecretId}, operation.Time{Time: now}
				return nil // as AWS: what is to be gone is gone
			}
			return err
		}
		out.Named = Named{sec.ARN(), sec.Name}
		if in.ForceDeleteWithoutRecovery {
			out.DeletionDate = operation.Time{Time: now}
			return rec.Delete(secret.KindSecret, sec.Name)
		}
		if !sec.Deleted.IsZero() {
			return marked()
		}
		sec.Deleted = out.DeletionDate.Time
		return rec.Put(secret.KindSecret, sec.Name, sec)
	})
	return out, err
}

// RestoreSecret takes a deletion back that has not happened yet.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html
func (s *Service) RestoreSecret(ctx context.Context, in *SecretID) (*Named, error) {
	out := &Named{}
	return out, s.update(ctx, func(rec secret.Records) error {
		sec, err := s.find(ctx, rec, in.SecretId)
		if err != nil {
			return err
		}
		*out = Named{sec.ARN(), sec.Name}
		sec.Deleted = time.Time{}
		return rec.Put(secret.KindSecret, sec.Name, sec)
	})
}

// None is the output of operations that answer nothing.
type None struct{}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	SecretID
	Tags []Tag
}

// TagResource adds tags to a secret.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	_, err := s.change(ctx, in.SecretId, func(sec *secret.Secret) error {
		sec.Tags = maps.Clone(sec.Tags)
		if sec.Tags == nil {
			sec.Tags = map[string]string{}
		}
		for _, t := range in.Tags {
			sec.Tags[t.Key] = t.Value
		}
		return nil
	})
	return &None{}, err
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	SecretID
	TagKeys []string
}

// UntagResource removes tags from a secret.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	_, err := s.change(ctx, in.SecretId, func(sec *secret.Secret) error {
		for _, k := range in.TagKeys {
			delete(sec.Tags, k)
		}
		return nil
	})
	return &None{}, err
}
