// Package iam has the operations of AWS IAM for roles, policies and instance
// profiles. They are kept and told as they were given; policies are recorded,
// not enforced.
package iam

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"salamander/identity"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// A Service has the operations of IAM.
type Service struct {
	store identity.Store
	now   func() time.Time
}

// New returns the operations over a store.
func New(store identity.Store) *Service { return &Service{store, time.Now} }

// Register registers the operations.
func Register(r *operation.Registry, s *Service) {
	const recorded = "recorded, not enforced"
	spec := operation.SpecsOf("iam")
	operation.Register(r, spec("CreateRole", true, recorded), s.CreateRole)
	operation.Register(r, spec("GetRole", false, ""), s.GetRole)
	operation.Register(r, spec("ListRoles", false, ""), s.ListRoles)
	operation.Register(r, spec("UpdateRole", true, ""), s.UpdateRole)
	operation.Register(r, spec("UpdateRoleDescription", true, ""), s.UpdateRoleDescription)
	operation.Register(r, spec("UpdateAssumeRolePolicy", true, recorded), s.UpdateAssumeRolePolicy)
	operation.Register(r, spec("PutRolePermissionsBoundary", true, recorded), s.PutRolePermissionsBoundary)
	operation.Register(r, spec("DeleteRolePermissionsBoundary", true, ""), s.DeleteRolePermissionsBoundary)
	operation.Register(r, spec("DeleteRole", true, ""), s.DeleteRole)
	operation.Register(r, spec("TagRole", true, ""), s.TagRole)
	operation.Register(r, spec("UntagRole", true, ""), s.UntagRole)
	operation.Register(r, spec("ListRoleTags", false, ""), s.ListRoleTags)
	operation.Register(r, spec("PutRolePolicy", true, recorded), s.PutRolePolicy)
	operation.Register(r, spec("GetRolePolicy", false, ""), s.GetRolePolicy)
	operation.Register(r, spec("ListRolePolicies", false, ""), s.ListRolePolicies)
	operation.Register(r, spec("DeleteRolePolicy", true, ""), s.DeleteRolePolicy)
	operation.Register(r, spec("AttachRolePolicy", true, recorded+"; any policy of AWS's own is taken"), s.AttachRolePolicy)
	operation.Register(r, spec("DetachRolePolicy", true, ""), s.DetachRolePolicy)
	operation.Register(r, spec("ListAttachedRolePolicies", false, ""), s.ListAttachedRolePolicies)
	operation.Register(r, spec("CreatePolicy", true, recorded), s.CreatePolicy)
	operation.Register(r, spec("GetPolicy", false, "AWS's own policies are refused"), s.GetPolicy)
	operation.Register(r, spec("ListPolicies", false, "AWS's own policies are left out"), s.ListPolicies)
	operation.Register(r, spec("DeletePolicy", true, ""), s.DeletePolicy)
	operation.Register(r, spec("CreatePolicyVersion", true, recorded), s.CreatePolicyVersion)
	operation.Register(r, spec("GetPolicyVersion", false, "AWS's own policies are refused"), s.GetPolicyVersion)
	operation.Register(r, spec("ListPolicyVersions", false, "AWS's own policies are refused"), s.ListPolicyVersions)
	operation.Register(r, spec("DeletePolicyVersion", true, ""), s.DeletePolicyVersion)
	operation.Register(r, spec("SetDefaultPolicyVersion", true, ""), s.SetDefaultPolicyVersion)
	operation.Register(r, spec("TagPolicy", true, ""), s.TagPolicy)
	operation.Register(r, spec("UntagPolicy", true, ""), s.UntagPolicy)
	operation.Register(r, spec("ListPolicyTags", false, ""), s.ListPolicyTags)
	operation.Register(r, spec("ListEntitiesForPolicy", false, "roles; there are no users and groups"), s.ListEntitiesForPolicy)
	operation.Register(r, spec("CreateInstanceProfile", true, recorded), s.CreateInstanceProfile)
	operation.Register(r, spec("GetInstanceProfile", false, ""), s.GetInstanceProfile)
	operation.Register(r, spec("ListInstanceProfiles", false, ""), s.ListInstanceProfiles)
	operation.Register(r, spec("ListInstanceProfilesForRole", false, ""), s.ListInstanceProfilesForRole)
	operation.Register(r, spec("DeleteInstanceProfile", true, ""), s.DeleteInstanceProfile)
	operation.Register(r, spec("AddRoleToInstanceProfile", true, ""), s.AddRoleToInstanceProfile)
	operation.Register(r, spec("RemoveRoleFromInstanceProfile", true, ""), s.RemoveRoleFromInstanceProfile)
	operation.Register(r, spec("TagInstanceProfile", true, ""), s.TagInstanceProfile)
	operation.Register(r, spec("UntagInstanceProfile", true, ""), s.UntagInstanceProfile)
	operation.Register(r, spec("ListInstanceProfileTags", false, ""), s.ListInstanceProfileTags)
	for _, name := range []string{"CreateUser", "GetUser", "ListUsers", "DeleteUser", "CreateAccessKey", "DeleteAccessKey", "ListAccessKeys", "CreateGroup", "GetGroup", "ListGroups", "DeleteGroup"} {
		r.Refuse("iam", name, "an account has one key, which `salamander env` tells; there are no users and groups")
	}
	r.Refuse("iam", "CreateServiceLinkedRole", "no service needs a role of its own")
}

// None is the input or output of operations that have none.
type None struct{}

func (s *Service) view(ctx context.Context, f func(identity.Records) error) error {
	return s.store.View(ctx, operation.CallerOf(ctx).Account, f)
}

func (s *Service) update(ctx context.Context, f func(identity.Records) error) error {
	return s.store.Update(ctx, operation.CallerOf(ctx).Account, f)
}

func notFound(format string, args ...any) error {
	e := operation.Errorf("NoSuchEntity", format, args...)
	e.Status = 404
	return e
}

func conflict(code, format string, args ...any) error {
	e := operation.Errorf(code, format, args...)
	e.Status = 409
	return e
}

func invalid(format string, args ...any) error {
	return operation.Errorf("ValidationError", format, args...)
}

var (
	nameForm = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathForm = regexp.MustCompile(`^(/|/[!-~]+/)$`)
)

// checkName judges the name and path of a new record, and gives the path its
// default.
func checkName(member, name string, limit int, path *string) error {
	if name == "" || len(name) > limit || !nameForm.MatchString(name) {
		return invalid("The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", member)
	}
	if *path == "" {
		*path = "/"
	}
	if len(*path) > 512 || !pathForm.MatchString(*path) {
		return invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

// checkDocument judges the text of a policy.
func checkDocument(text string) error {
	var doc struct {
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return operation.Errorf("MalformedPolicyDocument", "This policy contains invalid Json")
	}
	if len(doc.Statement) == 0 {
		return operation.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	return nil
}

// encoded writes a policy's text as IAM answers it.
func encoded(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// Tag is a tag.
type Tag struct {
	Key   string
	Value string
}

func tagMap(list []Tag) map[string]string {
	if len(list) == 0 {
		return nil
	}
	tags := map[string]string{}
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	return tags
}

func tagList(tags map[string]string) []Tag {
	list := []Tag{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{k, tags[k]})
	}
	return list
}

// retag returns tags with changes.
func retag(tags map[string]string, add []Tag, remove []string) (map[string]string, error) {
	tags = maps.Clone(tags)
	if tags == nil {
		tags = map[string]string{}
	}
	for _, t := range add {
		tags[t.Key] = t.Value
	}
	for _, k := range remove {
		delete(tags, k)
	}
	if len(tags) > 50 {
		return nil, conflict("LimitExceeded", "The number of tags has reached the maximum limit.")
	}
	return tags, nil
}

// Page is the input of lists.
type Page struct {
	Marker   string
	MaxItems int
}

// Truncated tells whether a list goes on.
type Truncated struct {
	IsTruncated bool
	Marker      string `json:",omitempty"`
}

// cut returns the page of a list, whose elements are told apart by name.
func cut[T any](list []T, p Page, name func(T) string) ([]T, Truncated, error) {
	limit := p.MaxItems
	if limit == 0 {
		limit = 100
	}
	after := ""
	if pagetoken.Decode(p.Marker, &after) != nil {
		return nil, Truncated{}, invalid("Invalid Marker.")
	}
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	if p.Marker != "" {
		list = slices.DeleteFunc(list, func(v T) bool { return name(v) <= after })
	}
	if len(list) > limit {
		return list[:limit], Truncated{true, pagetoken.Encode(name(list[limit-1]))}, nil
	}
	if list == nil {
		list = []T{}
	}
	return list, Truncated{}, nil
}

// all reads the records of a kind that keep lets pass.
func all[T any](r identity.Records, kind string, keep func(T) bool) (list []T, err error) {
	err = r.List(kind, func(doc []byte) error {
		var v T
		err := json.Unmarshal(doc, &v)
		if err == nil && keep(v) {
			list = append(list, v)
		}
		return err
	})
	return list, err
}

func isNone(err error) bool { return errors.Is(err, identity.ErrNoRecord) }
