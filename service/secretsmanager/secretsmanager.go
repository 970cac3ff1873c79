// Package secretsmanager has the operations of AWS Secrets Manager over
// secret.
package secretsmanager

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/operation"
	"salamander/secret"
)

// A Service has the operations of Secrets Manager.
type Service struct {
	store secret.Store
	box   *secret.Box
	now   func() time.Time
}

// New returns the operations over a store, encrypting with box.
func New(store secret.Store, box *secret.Box) *Service { return &Service{store, box, time.Now} }

// Register registers the operations.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("secretsmanager")
	const local = "encrypted with a key of the data directory; KMS keys and replicas are refused"
	operation.Register(r, spec("CreateSecret", true, local), s.CreateSecret)
	operation.Register(r, spec("PutSecretValue", true, ""), s.PutSecretValue)
	operation.Register(r, spec("UpdateSecret", true, local), s.UpdateSecret)
	operation.Register(r, spec("GetSecretValue", false, ""), s.GetSecretValue)
	operation.Register(r, spec("BatchGetSecretValue", false, "by SecretIdList; Filters are refused"), s.BatchGetSecretValue)
	operation.Register(r, spec("DescribeSecret", false, ""), s.DescribeSecret)
	operation.Register(r, spec("ListSecrets", false, "by name"), s.ListSecrets)
	operation.Register(r, spec("ListSecretVersionIds", false, ""), s.ListSecretVersionIDs)
	operation.Register(r, spec("UpdateSecretVersionStage", true, ""), s.UpdateSecretVersionStage)
	operation.Register(r, spec("DeleteSecret", true, ""), s.DeleteSecret)
	operation.Register(r, spec("RestoreSecret", true, ""), s.RestoreSecret)
	operation.Register(r, spec("GetRandomPassword", false, ""), s.GetRandomPassword)
	operation.Register(r, spec("TagResource", true, ""), s.TagResource)
	operation.Register(r, spec("UntagResource", true, ""), s.UntagResource)
	for _, name := range []string{"RotateSecret", "CancelRotateSecret"} {
		r.Refuse("secretsmanager", name, "secrets are not rotated")
	}
	for _, name := range []string{"PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy", "ValidateResourcePolicy"} {
		r.Refuse("secretsmanager", name, "policies are not enforced")
	}
	for _, name := range []string{"ReplicateSecretToRegions", "RemoveRegionsFromReplication", "StopReplicationToReplica"} {
		r.Refuse("secretsmanager", name, "there are no replicas")
	}
}

// Stages that Secrets Manager moves by itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// maxVersions is how many versions without a stage are kept.
const maxVersions = 20

func invalidRequest(format string, args ...any) error {
	return operation.Errorf("InvalidRequestException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return operation.Errorf("InvalidParameterException", format, args...)
}

func notFound(format string, args ...any) error {
	return operation.Errorf("ResourceNotFoundException", format, args...)
}

func noSecret() error { return notFound("Secrets Manager can't find the specified secret.") }

func marked() error {
	return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
}

func scope(ctx context.Context) secret.Scope {
	c := operation.CallerOf(ctx)
	return secret.Scope{Account: c.Account, Region: c.Region}
}

// view runs f in the scope of an id, which may be an ARN.
func (s *Service) view(ctx context.Context, f func(secret.Records) error) error {
	return s.store.View(ctx, scope(ctx), f)
}

func (s *Service) update(ctx context.Context, f func(secret.Records) error) error {
	return s.store.Update(ctx, scope(ctx), f)
}

// find returns the secret of a name, an ARN, or an ARN without its suffix.
// One whose time is over is gone.
func (s *Service) find(ctx context.Context, rec secret.Records, id string) (sec secret.Secret, err error) {
	name, suffix := id, ""
	if a, err := arn.Parse(id); err == nil && a.Service == "secretsmanager" {
		sc := scope(ctx)
		rest, ok := strings.CutPrefix(a.Resource, "secret:")
		if !ok || a.Account != sc.Account || a.Region != sc.Region {
			return sec, noSecret()
		}
		name = rest
		if base, end, ok := cutSuffix(rest); ok {
			name, suffix = base, end
		}
	}
	err = rec.Get(secret.KindSecret, name, &sec)
	if suffix != "" && (errors.Is(err, secret.ErrNoRecord) || err == nil && sec.Suffix != suffix) {
		sec = secret.Secret{} // the ARN had no suffix, but the name a dash
		err = rec.Get(secret.KindSecret, name+"-"+suffix, &sec)
	}
	if errors.Is(err, secret.ErrNoRecord) || err == nil && !sec.Deleted.IsZero() && sec.Deleted.Before(s.now()) {
		return sec, noSecret()
	}
	return sec, err
}

func cutSuffix(text string) (base, suffix string, ok bool) {
	i := strings.LastIndexByte(text, '-')
	if i < 0 || len(text)-i-1 != 6 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

// change changes a secret that is not deleted.
func (s *Service) change(ctx context.Context, id string, f func(*secret.Secret) error) (sec secret.Secret, err error) {
	err = s.update(ctx, func(rec secret.Records) error {
		if sec, err = s.find(ctx, rec, id); err != nil {
			return err
		}
		if !sec.Deleted.IsZero() {
			return marked()
		}
		if err := f(&sec); err != nil {
			return err
		}
		return rec.Put(secret.KindSecret, sec.Name, sec)
	})
	return sec, err
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]{1,512}$`)

// Value is the value of a secret: a text or bytes.
type Value struct {
	SecretString *string `json:",omitempty"`
	SecretBinary []byte  `json:",omitempty"`
}

func (v Value) given() bool { return v.SecretString != nil || v.SecretBinary != nil }

// maxValue is how long a value may be, in bytes.
const maxValue = 65536

func (v Value) bytes() (plain []byte, binary bool, err error) {
	plain = v.SecretBinary
	if v.SecretString != nil {
		if v.SecretBinary != nil {
			return nil, false, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
		}
		plain = []byte(*v.SecretString)
	}
	if len(plain) > maxValue {
		return nil, false, operation.Errorf("ValidationException", "The secret value is longer than %d bytes.", maxValue)
	}
	return plain, v.SecretString == nil, nil
}

func place(sec secret.Secret, version string) string { return sec.ARN() + " " + version }

func (s *Service) open(sec secret.Secret, v secret.Version) (Value, error) {
	plain, err := s.box.Open(place(sec, v.ID), v.Sealed)
	if err != nil {
		return Value{}, &operation.Error{Code: "DecryptionFailure", Message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.", Cause: err}
	}
	if v.Binary {
		return Value{SecretBinary: plain}, nil
	}
	text := string(plain)
	return Value{SecretString: &text}, nil
}

// add adds a version to a secret and gives it its stages. A version that is
// there with the same value is left as it is.
func (s *Service) add(sec *secret.Secret, id string, v Value, stages []string) error {
	plain, binary, err := v.bytes()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(sec.Versions, func(v secret.Version) bool { return v.ID == id }); i >= 0 {
		there, err := s.box.Open(place(*sec, id), sec.Versions[i].Sealed)
		if err != nil {
			return err
		}
		if string(there) != string(plain) || sec.Versions[i].Binary != binary {
			return operation.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", id, sec.ARN())
		}
		return nil
	}
	now := s.now().UTC()
	sec.Versions = append(sec.Versions, secret.Version{ID: id, Sealed: s.box.Seal(place(*sec, id), plain), Binary: binary, Created: now})
	sec.Changed = now
	for _, stage := range stages {
		move(sec, stage, id)
	}
	prune(sec)
	return nil
}

// move gives a stage to a version. What was current becomes previous.
func move(sec *secret.Secret, stage, id string) {
	for i := range sec.Versions {
		v := &sec.Versions[i]
		if !slices.Contains(v.Stages, stage) || v.ID == id {
			continue
		}
		v.Stages = slices.DeleteFunc(slices.Clone(v.Stages), func(s string) bool { return s == stage })
		if stage == current {
			move(sec, previous, v.ID)
		}
	}
	for i := range sec.Versions {
		v := &sec.Versions[i]
		if v.ID != id {
			continue
		}
		if !slices.Contains(v.Stages, stage) {
			v.Stages = append(slices.Clone(v.Stages), stage)
		}
		if stage == current {
			v.Stages = slices.DeleteFunc(v.Stages, func(s string) bool { return s == previous })
		}
	}
}

// prune forgets the oldest versions that have no stage.
func prune(sec *secret.Secret) {
	without := 0
	for _, v := range slices.Backward(sec.Versions) {
		if len(v.Stages) == 0 {
			without++
		}
	}
	sec.Versions = slices.DeleteFunc(sec.Versions, func(v secret.Version) bool {
		if len(v.Stages) > 0 || without <= maxVersions {
			return false
		}
		without--
		return true
	})
}

// Tag is a tag.
type Tag struct {
	Key   string
	Value string
}

func tagList(tags map[string]string) (list []Tag) {
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{k, tags[k]})
	}
	return list
}

// SecretID is the input of operations on one secret.
type SecretID struct{ SecretId string }

// Named is the output of operations that name a secret.
type Named struct {
	ARN  string
	Name string
}

func read(doc []byte) (sec secret.Secret, err error) {
	return sec, json.Unmarshal(doc, &sec)
}
