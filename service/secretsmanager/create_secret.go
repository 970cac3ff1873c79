package secretsmanager

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"

	"salamander/operation"
	"salamander/secret"
)

// CreateSecretInput is the input of CreateSecret.
type CreateSecretInput struct {
	Name               string
	ClientRequestToken string
	Description        string
	KmsKeyId           string
	Value
	Tags              []Tag
	AddReplicaRegions []json.RawMessage
}

// VersionOutput is the output of operations that make a version.
type VersionOutput struct {
	Named
	VersionId     string   `json:",omitempty"`
	VersionStages []string `json:",omitempty"`
}

// defaultKey is the name of the key that AWS uses where none is given.
const defaultKey = "alias/aws/secretsmanager"

func checkKey(operationName, key string) error {
	if key != "" && key != defaultKey {
		return operation.NotImplemented("secretsmanager", operationName, "the member KmsKeyId (there is no KMS)")
	}
	return nil
}

// suffix makes the end of an ARN out of an identifier.
func suffix(id string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256([]byte(id))
	b := make([]byte, 6)
	for i := range b {
		b[i] = letters[int(sum[i])%len(letters)]
	}
	return string(b)
}

// CreateSecret makes a secret, with a value or without.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
func (s *Service) CreateSecret(ctx context.Context, in *CreateSecretInput) (*VersionOutput, error) {
	if err := checkKey("CreateSecret", in.KmsKeyId); err != nil {
		return nil, err
	}
	if len(in.AddReplicaRegions) > 0 {
		return nil, operation.NotImplemented("secretsmanager", "CreateSecret", "the member AddReplicaRegions")
	}
	if !secretName.MatchString(in.Name) {
		return nil, operation.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	id, now := operation.NewID(ctx), s.now().UTC()
	sec := secret.Secret{Name: in.Name, Scope: scope(ctx), Suffix: suffix(id), Description: in.Description, Created: now, Changed: now}
	for _, t := range in.Tags {
		if sec.Tags == nil {
			sec.Tags = map[string]string{}
		}
		sec.Tags[t.Key] = t.Value
	}
	if in.ClientRequestToken != "" {
		id = in.ClientRequestToken
	}
	out := &VersionOutput{}
	err := s.update(ctx, func(rec secret.Records) error {
		var there secret.Secret
		err := rec.Get(secret.KindSecret, in.Name, &there)
		switch {
		case errors.Is(err, secret.ErrNoRecord), err == nil && !there.Deleted.IsZero() && there.Deleted.Before(now):
		case err != nil:
			return err
		case !there.Deleted.IsZero():
			return invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
		case in.ClientRequestToken != "" && slices.ContainsFunc(there.Versions, func(v secret.Version) bool { return v.ID == id }):
			if err := s.add(&there, id, in.Value, nil); err != nil {
				return err
			}
			sec = there // the request was sent again
			return nil
		default:
			return operation.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
		}
		if in.given() {
			if err := s.add(&sec, id, in.Value, []string{current}); err != nil {
				return err
			}
		}
		return rec.Put(secret.KindSecret, sec.Name, sec)
	})
	if err != nil {
		return nil, err
	}
	out.ARN, out.Name = sec.ARN(), sec.Name
	if in.given() {
		out.VersionId = id
	}
	return out, nil
}

// PutSecretValueInput is the input of PutSecretValue.
type PutSecretValueInput struct {
	SecretID
	ClientRequestToken string
	Value
	VersionStages []string
}

// PutSecretValue adds a version to a secret, and makes it the current one
// unless other stages are given.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (s *Service) PutSecretValue(ctx context.Context, in *PutSecretValueInput) (*VersionOutput, error) {
	if !in.given() {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	id, stages := in.ClientRequestToken, in.VersionStages
	if id == "" {
		id = operation.NewID(ctx)
	}
	if len(stages) == 0 {
		stages = []string{current}
	}
	sec, err := s.change(ctx, in.SecretId, func(sec *secret.Secret) error {
		if len(sec.Versions) == 0 && !slices.Contains(stages, current) {
			stages = append(slices.Clone(stages), current) // a secret's first value is its current one
		}
		return s.add(sec, id, in.Value, stages)
	})
	if err != nil {
		return nil, err
	}
	out := &VersionOutput{Named: Named{sec.ARN(), sec.Name}, VersionId: id}
	for _, v := range sec.Versions {
		if v.ID == id {
			out.VersionStages = v.Stages
		}
	}
	return out, nil
}

// UpdateSecretInput is the input of UpdateSecret.
type UpdateSecretInput struct {
	SecretID
	ClientRequestToken string
	Description        *string
	KmsKeyId           string
	Value
}

// UpdateSecret changes the description of a secret, and its value where one
// is given.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
func (s *Service) UpdateSecret(ctx context.Context, in *UpdateSecretInput) (*VersionOutput, error) {
	if err := checkKey("UpdateSecret", in.KmsKeyId); err != nil {
		return nil, err
	}
	id := in.ClientRequestToken
	if id == "" {
		id = operation.NewID(ctx)
	}
	sec, err := s.change(ctx, in.SecretId, func(sec *secret.Secret) error {
		if in.Description != nil {
			sec.Description, sec.Changed = *in.Description, s.now().UTC()
		}
		if !in.given() {
			return nil
		}
		return s.add(sec, id, in.Value, []string{current})
	})
	if err != nil {
		return nil, err
	}
	out := &VersionOutput{Named: Named{sec.ARN(), sec.Name}}
	if in.given() {
		out.VersionId = id
	}
	return out, nil
}

// UpdateSecretVersionStageInput is the input of UpdateSecretVersionStage.
type UpdateSecretVersionStageInput struct {
	SecretID
	VersionStage        string
	RemoveFromVersionId string
	MoveToVersionId     string
}

// UpdateSecretVersionStage moves a stage from one version to another.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (s *Service) UpdateSecretVersionStage(ctx context.Context, in *UpdateSecretVersionStageInput) (*Named, error) {
	sec, err := s.change(ctx, in.SecretId, func(sec *secret.Secret) error {
		holder := -1
		for i, v := range sec.Versions {
			if slices.Contains(v.Stages, in.VersionStage) {
				holder = i
			}
		}
		has := func(id string) bool {
			return slices.ContainsFunc(sec.Versions, func(v secret.Version) bool { return v.ID == id })
		}
		switch {
		case in.VersionStage == "":
			return invalidParameter("You must specify a staging label.")
		case in.MoveToVersionId != "" && !has(in.MoveToVersionId), in.RemoveFromVersionId != "" && !has(in.RemoveFromVersionId):
			return notFound("Secrets Manager can't find the specified secret version.")
		case holder >= 0 && in.MoveToVersionId != "" && sec.Versions[holder].ID != in.MoveToVersionId && in.RemoveFromVersionId != sec.Versions[holder].ID:
			return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, sec.Versions[holder].ID)
		case in.MoveToVersionId == "" && in.VersionStage == current:
			return invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
		case in.RemoveFromVersionId != "" && (holder < 0 || sec.Versions[holder].ID != in.RemoveFromVersionId):
			return invalidParameter("Staging label %s is not attached to version %s.", in.VersionStage, in.RemoveFromVersionId)
		case in.MoveToVersionId != "":
			move(sec, in.VersionStage, in.MoveToVersionId)
		case holder >= 0:
			v := &sec.Versions[holder]
			v.Stages = slices.DeleteFunc(slices.Clone(v.Stages), func(s string) bool { return s == in.VersionStage })
		}
		sec.Changed = s.now().UTC()
		return nil
	})
	return &Named{sec.ARN(), sec.Name}, err
}
