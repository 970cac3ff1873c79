package secretsmanager

import (
	"context"
	"slices"
	"strings"
	"time"

	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/secret"
)

// GetSecretValueInput is the input of GetSecretValue.
type GetSecretValueInput struct {
	SecretID
	VersionId    string
	VersionStage string
}

// SecretValue is a value as GetSecretValue tells it.
type SecretValue struct {
	Named
	VersionId string
	Value
	VersionStages []string
	CreatedDate   operation.Time
}

// GetSecretValue tells a value of a secret: the current one, unless a version
// or a stage is given.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func (s *Service) GetSecretValue(ctx context.Context, in *GetSecretValueInput) (*SecretValue, error) {
	var sec secret.Secret
	err := s.view(ctx, func(rec secret.Records) (err error) {
		sec, err = s.find(ctx, rec, in.SecretId)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !sec.Deleted.IsZero() {
		return nil, marked()
	}
	v, err := choose(sec, in.VersionId, in.VersionStage)
	if err != nil {
		return nil, err
	}
	value, err := s.open(sec, v)
	if err != nil {
		return nil, err
	}
	s.touch(ctx, sec)
	return &SecretValue{Named: Named{sec.ARN(), sec.Name}, VersionId: v.ID, Value: value, VersionStages: v.Stages, CreatedDate: operation.Time{Time: v.Created}}, nil
}

// touch keeps the day on which a secret was last read. Nobody waits for it
// but once a day, and its failure is no failure of the reading.
func (s *Service) touch(ctx context.Context, sec secret.Secret) {
	day := s.now().UTC().Truncate(24 * time.Hour)
	if sec.Accessed.Equal(day) {
		return
	}
	_, _ = s.change(ctx, sec.Name, func(sec *secret.Secret) error {
		sec.Accessed = day
		return nil
	})
}

func choose(sec secret.Secret, id, stage string) (secret.Version, error) {
	if id == "" && stage == "" {
		stage = current
	}
	for _, v := range sec.Versions {
		if (id == "" || v.ID == id) && (stage == "" || slices.Contains(v.Stages, stage)) {
			return v, nil
		}
		if id != "" && v.ID == id {
			return v, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
		}
	}
	if id != "" {
		return secret.Version{}, notFound("Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	return secret.Version{}, notFound("Secrets Manager can't find the specified secret value for staging label: %s", stage)
}

// BatchGetSecretValueInput is the input of BatchGetSecretValue.
type BatchGetSecretValueInput struct {
	SecretIdList []string
	MaxResults   int
	NextToken    string
}

// BatchGetSecretValueOutput is the output of BatchGetSecretValue.
type BatchGetSecretValueOutput struct {
	SecretValues []SecretValue
	Errors       []SecretError
}

// SecretError is a secret of a batch that could not be told.
type SecretError struct {
	SecretId  string
	ErrorCode string
	Message   string
}

// BatchGetSecretValue tells the current values of up to twenty secrets.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
func (s *Service) BatchGetSecretValue(ctx context.Context, in *BatchGetSecretValueInput) (*BatchGetSecretValueOutput, error) {
	if len(in.SecretIdList) == 0 || len(in.SecretIdList) > 20 {
		return nil, invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	}
	out := &BatchGetSecretValueOutput{SecretValues: []SecretValue{}, Errors: []SecretError{}}
	for _, id := range in.SecretIdList {
		v, err := s.GetSecretValue(ctx, &GetSecretValueInput{SecretID: SecretID{id}})
		if err != nil {
			e := operation.AsError(err)
			out.Errors = append(out.Errors, SecretError{id, e.Code, e.Message})
			continue
		}
		out.SecretValues = append(out.SecretValues, *v)
	}
	return out, nil
}

// Description is a secret without its value.
type Description struct {
	Named
	Description            string              `json:",omitempty"`
	LastChangedDate        operation.Time      `json:",omitzero"`
	LastAccessedDate       operation.Time      `json:",omitzero"`
	DeletedDate            operation.Time      `json:",omitzero"`
	Tags                   []Tag               `json:",omitempty"`
	VersionIdsToStages     map[string][]string `json:",omitempty"` // of DescribeSecret
	SecretVersionsToStages map[string][]string `json:",omitempty"` // of ListSecrets
	CreatedDate            operation.Time      `json:",omitzero"`
}

func describe(sec secret.Secret) (d Description, stages map[string][]string) {
	stages = map[string][]string{}
	for _, v := range sec.Versions {
		if len(v.Stages) > 0 {
			stages[v.ID] = v.Stages
		}
	}
	d = Description{Named: Named{sec.ARN(), sec.Name}, Description: sec.Description, Tags: tagList(sec.Tags),
		LastChangedDate: operation.Time{Time: sec.Changed}, LastAccessedDate: operation.Time{Time: sec.Accessed},
		CreatedDate: operation.Time{Time: sec.Created}}
	if !sec.Deleted.IsZero() {
		d.DeletedDate = operation.Time{Time: sec.Deleted}
	}
	return d, stages
}

// DescribeSecret tells a secret without its value.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func (s *Service) DescribeSecret(ctx context.Context, in *SecretID) (*Description, error) {
	out := &Description{}
	return out, s.view(ctx, func(rec secret.Records) error {
		sec, err := s.find(ctx, rec, in.SecretId)
		*out, out.VersionIdsToStages = describe(sec)
		_, out.VersionIdsToStages = describe(sec)
		return err
	})
}

// ListSecretsInput is the input of ListSecrets.
type ListSecretsInput struct {
	IncludePlannedDeletion bool
	MaxResults             int
	NextToken              string
	Filters                []Filter
	SortOrder              string
	SortBy                 string
}

// Filter selects secrets: one of the values must fit.
type Filter struct {
	Key    string
	Values []string
}

func (f Filter) fits(sec secret.Secret) bool {
	return slices.ContainsFunc(f.Values, func(value string) bool {
		value, not := strings.CutPrefix(value, "!")
		return f.one(sec, value) != not
	})
}

func (f Filter) one(sec secret.Secret, value string) bool {
	words := func(text string) bool { return strings.HasPrefix(strings.ToLower(text), strings.ToLower(value)) }
	keys, values := false, false
	for k, v := range sec.Tags {
		keys = keys || strings.HasPrefix(k, value)
		values = values || strings.HasPrefix(v, value)
	}
	switch f.Key {
	case "name":
		return strings.HasPrefix(sec.Name, value)
	case "description":
		return words(sec.Description)
	case "tag-key":
		return keys
	case "tag-value":
		return values
	}
	return words(sec.Name) || words(sec.Description) || keys || values // all
}

// ListSecretsOutput is the output of ListSecrets.
type ListSecretsOutput struct {
	SecretList []Description
	NextToken  string `json:",omitempty"`
}

// ListSecrets lists secrets by name.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
func (s *Service) ListSecrets(ctx context.Context, in *ListSecretsInput) (*ListSecretsOutput, error) {
	for _, f := range in.Filters {
		if !slices.Contains([]string{"name", "description", "tag-key", "tag-value", "all"}, f.Key) {
			return nil, operation.NotImplemented("secretsmanager", "ListSecrets", "the filter "+f.Key)
		}
	}
	if in.SortOrder == "desc" || in.SortBy != "" && in.SortBy != "name" {
		return nil, operation.NotImplemented("secretsmanager", "ListSecrets", "an order other than by name")
	}
	limit := in.MaxResults
	if limit == 0 {
		limit = 100
	}
	after := ""
	if pagetoken.Decode(in.NextToken, &after) != nil {
		return nil, operation.Errorf("InvalidNextTokenException", "The token is invalid.")
	}
	out := &ListSecretsOutput{SecretList: []Description{}}
	now := s.now()
	return out, s.view(ctx, func(rec secret.Records) error {
		return rec.List(secret.KindSecret, after, func(doc []byte) (bool, error) {
			sec, err := read(doc)
			gone := !sec.Deleted.IsZero() && (!in.IncludePlannedDeletion || sec.Deleted.Before(now))
			if err != nil || gone || slices.ContainsFunc(in.Filters, func(f Filter) bool { return !f.fits(sec) }) {
				return true, err
			}
			if len(out.SecretList) == limit {
				out.NextToken = pagetoken.Encode(out.SecretList[limit-1].Name)
				return false, nil
			}
			d, stages := describe(sec)
			d.SecretVersionsToStages = stages
			out.SecretList = append(out.SecretList, d)
			return true, nil
		})
	})
}

// ListSecretVersionIDsInput is the input of ListSecretVersionIds.
type ListSecretVersionIDsInput struct {
	SecretID
	MaxResults        int
	NextToken         string
	IncludeDeprecated bool
}

// VersionEntry is a version in a list.
type VersionEntry struct {
	VersionId     string
	VersionStages []string       `json:",omitempty"`
	CreatedDate   operation.Time `json:",omitzero"`
}

// ListSecretVersionIDsOutput is the output of ListSecretVersionIds.
type ListSecretVersionIDsOutput struct {
	Versions []VersionEntry
	Named
}

// ListSecretVersionIDs lists the versions of a secret.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
func (s *Service) ListSecretVersionIDs(ctx context.Context, in *ListSecretVersionIDsInput) (*ListSecretVersionIDsOutput, error) {
	out := &ListSecretVersionIDsOutput{Versions: []VersionEntry{}}
	return out, s.view(ctx, func(rec secret.Records) error {
		sec, err := s.find(ctx, rec, in.SecretId)
		if err != nil {
			return err
		}
		out.Named = Named{sec.ARN(), sec.Name}
		for _, v := range slices.Backward(sec.Versions) {
			if len(v.Stages) > 0 || in.IncludeDeprecated {
				out.Versions = append(out.Versions, VersionEntry{v.ID, v.Stages, operation.Time{Time: v.Created}})
			}
		}
		return nil
	})
}
