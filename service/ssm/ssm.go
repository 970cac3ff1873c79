// Package ssm has the operations of AWS Systems Manager's Parameter Store
// over secret.
package ssm

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/operation"
	"salamander/secret"
)

// A Service has the operations of the parameter store.
type Service struct {
	store secret.Store
	box   *secret.Box
	now   func() time.Time
}

// New returns the operations over a store, encrypting with box.
func New(store secret.Store, box *secret.Box) *Service { return &Service{store, box, time.Now} }

// Register registers the operations.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("ssm")
	const tags = "of parameters; other resources are refused"
	operation.Register(r, spec("PutParameter", true, "SecureString is encrypted with a key of the data directory; KMS keys, parameter policies and the data type aws:ec2:image are refused"), s.PutParameter)
	operation.Register(r, spec("GetParameter", false, ""), s.GetParameter)
	operation.Register(r, spec("GetParameters", false, ""), s.GetParameters)
	operation.Register(r, spec("GetParametersByPath", false, ""), s.GetParametersByPath)
	operation.Register(r, spec("GetParameterHistory", false, ""), s.GetParameterHistory)
	operation.Register(r, spec("DescribeParameters", false, ""), s.DescribeParameters)
	operation.Register(r, spec("DeleteParameter", true, ""), s.DeleteParameter)
	operation.Register(r, spec("DeleteParameters", true, ""), s.DeleteParameters)
	operation.Register(r, spec("LabelParameterVersion", true, ""), s.LabelParameterVersion)
	operation.Register(r, spec("UnlabelParameterVersion", true, ""), s.UnlabelParameterVersion)
	operation.Register(r, spec("AddTagsToResource", true, tags), s.AddTagsToResource)
	operation.Register(r, spec("RemoveTagsFromResource", true, tags), s.RemoveTagsFromResource)
	operation.Register(r, spec("ListTagsForResource", false, tags), s.ListTagsForResource)
}

// None is the output of operations that answer nothing.
type None struct{}

// The types of parameters.
const (
	plainString  = "String"
	stringList   = "StringList"
	secureString = "SecureString"
)

// defaultKey is the name of the key that AWS uses where none is given.
const defaultKey = "alias/aws/ssm"

func invalid(format string, args ...any) error {
	return operation.Errorf("ValidationException", format, args...)
}

func notFound() error { return operation.Errorf("ParameterNotFound", "") }

func scope(ctx context.Context) secret.Scope {
	c := operation.CallerOf(ctx)
	return secret.Scope{Account: c.Account, Region: c.Region}
}

func (s *Service) view(ctx context.Context, f func(secret.Records) error) error {
	return s.store.View(ctx, scope(ctx), f)
}

func (s *Service) update(ctx context.Context, f func(secret.Records) error) error {
	return s.store.Update(ctx, scope(ctx), f)
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// checkName judges the name of a new parameter.
func checkName(name string) error {
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	if len(parts) > 15 {
		return operation.Errorf("HierarchyLevelLimitExceededException", "Hierarchy depth limit exceeded. A parameter name can have a maximum of 15 levels.")
	}
	if len(parts) > 1 && !strings.HasPrefix(name, "/") {
		return invalid("Parameter name must be a fully qualified name.")
	}
	if lower := strings.ToLower(parts[0]); strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm") {
		return invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	}
	for _, p := range parts {
		if !nameForm.MatchString(p) {
			return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
		}
	}
	if len(name) > 1011 {
		return invalid("Parameter name: can't be longer than 1011 characters.")
	}
	return nil
}

// nameOf returns the name in an ARN or a name, as the parameter was called.
func nameOf(ctx context.Context, rec secret.Records, text string) string {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "ssm" {
		return text
	}
	rest, _ := strings.CutPrefix(a.Resource, "parameter/")
	if sc := scope(ctx); a.Account != sc.Account || a.Region != sc.Region {
		return text // no name of ours
	}
	var p secret.Parameter
	base, _, _ := strings.Cut(rest, ":")
	if rec.Get(secret.KindParameter, "/"+base, &p) == nil {
		return "/" + rest
	}
	return rest
}

// get returns a parameter by its name.
func get(rec secret.Records, name string) (p secret.Parameter, err error) {
	err = rec.Get(secret.KindParameter, name, &p)
	if errors.Is(err, secret.ErrNoRecord) {
		err = notFound()
	}
	return p, err
}

// find returns the version of a parameter that a text selects: a name or an
// ARN, and after a colon a version or a label.
func find(ctx context.Context, rec secret.Records, text string) (p secret.Parameter, v secret.ParameterVersion, selector string, err error) {
	name, wanted, selected := strings.Cut(nameOf(ctx, rec, text), ":")
	if p, err = get(rec, name); err != nil || !selected {
		if err == nil {
			v = p.Last()
		}
		return p, v, "", err
	}
	number, numeric := strconv.ParseInt(wanted, 10, 64)
	for _, v := range p.Versions {
		if numeric == nil && v.Number == number || numeric != nil && slices.Contains(v.Labels, wanted) {
			return p, v, ":" + wanted, nil
		}
	}
	if numeric != nil {
		return p, v, "", operation.Errorf("ParameterVersionNotFound", "Systems Manager could not find label %s for parameter %s. Verify the label and try again.", wanted, name)
	}
	return p, v, "", noVersion(name, wanted)
}

func noVersion(name, number string) error {
	return operation.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", number, name)
}

// change changes a parameter.
func (s *Service) change(ctx context.Context, name string, f func(*secret.Parameter) error) error {
	return s.update(ctx, func(rec secret.Records) error {
		p, err := get(rec, nameOf(ctx, rec, name))
		if err != nil {
			return err
		}
		if err := f(&p); err != nil {
			return err
		}
		return rec.Put(secret.KindParameter, p.Name, p)
	})
}

// Tag is a tag.
type Tag struct {
	Key   string
	Value string
}

// TagsInput is the input of operations on tags.
type TagsInput struct {
	ResourceType string
	ResourceId   string
	Tags         []Tag
	TagKeys      []string
}

func (s *Service) tag(ctx context.Context, in *TagsInput, name string, f func(*secret.Parameter)) error {
	if in.ResourceType != "Parameter" {
		return operation.NotImplemented("ssm", name, "the resource type "+in.ResourceType)
	}
	err := s.change(ctx, in.ResourceId, func(p *secret.Parameter) error {
		p.Tags = maps.Clone(p.Tags)
		if p.Tags == nil {
			p.Tags = map[string]string{}
		}
		f(p)
		return nil
	})
	if e := operation.AsError(err); err != nil && e.Code == "ParameterNotFound" {
		return operation.Errorf("InvalidResourceId", "%s is not a valid parameter", in.ResourceId)
	}
	return err
}

// AddTagsToResource adds tags to a parameter.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
func (s *Service) AddTagsToResource(ctx context.Context, in *TagsInput) (*None, error) {
	return &None{}, s.tag(ctx, in, "AddTagsToResource", func(p *secret.Parameter) {
		for _, t := range in.Tags {
			p.Tags[t.Key] = t.Value
		}
	})
}

// RemoveTagsFromResource removes tags from a parameter.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html
func (s *Service) RemoveTagsFromResource(ctx context.Context, in *TagsInput) (*None, error) {
	return &None{}, s.tag(ctx, in, "RemoveTagsFromResource", func(p *secret.Parameter) {
		for _, k := range in.TagKeys {
			delete(p.Tags, k)
		}
	})
}

// TagList is the output of ListTagsForResource.
type TagList struct{ TagList []Tag }

// ListTagsForResource tells the tags of a parameter.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *TagsInput) (*TagList, error) {
	if in.ResourceType != "Parameter" {
		return nil, operation.NotImplemented("ssm", "ListTagsForResource", "the resource type "+in.ResourceType)
	}
	out := &TagList{TagList: []Tag{}}
	return out, s.view(ctx, func(rec secret.Records) error {
		p, err := get(rec, nameOf(ctx, rec, in.ResourceId))
		if err != nil {
			return operation.Errorf("InvalidResourceId", "%s is not a valid parameter", in.ResourceId)
		}
		for _, k := range slices.Sorted(maps.Keys(p.Tags)) {
			out.TagList = append(out.TagList, Tag{k, p.Tags[k]})
		}
		return nil
	})
}
