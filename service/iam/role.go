package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"salamander/identity"
	"salamander/operation"
)

// Role is a role as IAM tells it.
type Role struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               operation.Time
	AssumeRolePolicyDocument string
	Description              string               `json:",omitempty"`
	MaxSessionDuration       int                  `json:",omitempty"`
	PermissionsBoundary      *PermissionsBoundary `json:",omitempty"`
	Tags                     []Tag                `json:",omitempty"`
	RoleLastUsed             *None                `json:",omitempty"`
}

// PermissionsBoundary is the policy that bounds a role.
type PermissionsBoundary struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

// role writes a role; lists and CreateRole leave out what whole does not ask for.
func role(r identity.Role, whole bool) Role {
	out := Role{Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: r.ARN(), CreateDate: operation.Time{Time: r.Created},
		AssumeRolePolicyDocument: encoded(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSession}
	if r.Boundary != "" {
		out.PermissionsBoundary = &PermissionsBoundary{"Policy", r.Boundary}
	}
	if whole {
		out.RoleLastUsed = &None{}
		if len(r.Tags) > 0 {
			out.Tags = tagList(r.Tags)
		}
	}
	return out
}

// CreateRoleInput is the input of CreateRole.
type CreateRoleInput struct {
	Path                     string
	RoleName                 string
	AssumeRolePolicyDocument string
	Description              string
	MaxSessionDuration       int
	PermissionsBoundary      string
	Tags                     []Tag
}

// RoleOutput is the output of operations that tell a role.
type RoleOutput struct{ Role Role }

// CreateRole makes a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func (s *Service) CreateRole(ctx context.Context, in *CreateRoleInput) (*RoleOutput, error) {
	account := operation.CallerOf(ctx).Account
	if err := checkName("roleName", in.RoleName, 64, &in.Path); err != nil {
		return nil, err
	}
	if err := checkDocument(in.AssumeRolePolicyDocument); err != nil {
		return nil, err
	}
	duration, err := sessionDuration(in.MaxSessionDuration, 3600)
	if err != nil {
		return nil, err
	}
	r := identity.Role{Name: in.RoleName, Path: in.Path, ID: identity.UniqueID("AROA", account, in.RoleName), Account: account,
		Trust: in.AssumeRolePolicyDocument, Description: in.Description, MaxSession: duration, Boundary: in.PermissionsBoundary,
		Tags: tagMap(in.Tags), Created: s.now().UTC()}
	err = s.update(ctx, func(rec identity.Records) error {
		var there identity.Role
		if err := rec.Get(identity.KindRole, r.Name, &there); err == nil {
			return conflict("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
		} else if !isNone(err) {
			return err
		}
		return rec.Put(identity.KindRole, r.Name, r)
	})
	if err != nil {
		return nil, err
	}
	out := role(r, true)
	out.RoleLastUsed = nil
	return &RoleOutput{out}, nil
}

func sessionDuration(seconds, whenZero int) (int, error) {
	if seconds == 0 {
		return whenZero, nil
	}
	if seconds < 3600 || seconds > 43200 {
		return 0, invalid("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200", seconds)
	}
	return seconds, nil
}

// RoleInput is the input of operations on one role.
type RoleInput struct{ RoleName string }

func getRole(rec identity.Records, name string) (r identity.Role, err error) {
	err = rec.Get(identity.KindRole, name, &r)
	if isNone(err) {
		err = notFound("The role with name %s cannot be found.", name)
	}
	return r, err
}

func (s *Service) role(ctx context.Context, name string) (r identity.Role, err error) {
	err = s.view(ctx, func(rec identity.Records) error {
		r, err = getRole(rec, name)
		return err
	})
	return r, err
}

func (s *Service) changeRole(ctx context.Context, name string, change func(identity.Records, *identity.Role) error) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		r, err := getRole(rec, name)
		if err != nil {
			return err
		}
		if err := change(rec, &r); err != nil {
			return err
		}
		return rec.Put(identity.KindRole, r.Name, r)
	})
}

// GetRole tells a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func (s *Service) GetRole(ctx context.Context, in *RoleInput) (*RoleOutput, error) {
	r, err := s.role(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &RoleOutput{role(r, true)}, nil
}

// ListRolesInput is the input of ListRoles.
type ListRolesInput struct {
	PathPrefix string
	Page
}

// ListRolesOutput is the output of ListRoles.
type ListRolesOutput struct {
	Roles []Role
	Truncated
}

// ListRoles lists roles by name.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
func (s *Service) ListRoles(ctx context.Context, in *ListRolesInput) (*ListRolesOutput, error) {
	var list []identity.Role
	err := s.view(ctx, func(rec identity.Records) (err error) {
		list, err = all(rec, identity.KindRole, func(r identity.Role) bool { return strings.HasPrefix(r.Path, in.PathPrefix) })
		return err
	})
	if err != nil {
		return nil, err
	}
	list, more, err := cut(list, in.Page, func(r identity.Role) string { return r.Name })
	out := &ListRolesOutput{Roles: []Role{}, Truncated: more}
	for _, r := range list {
		out.Roles = append(out.Roles, role(r, false))
	}
	return out, err
}

// UpdateRoleInput is the input of UpdateRole.
type UpdateRoleInput struct {
	RoleName           string
	Description        *string
	MaxSessionDuration int
}

// UpdateRole changes a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html
func (s *Service) UpdateRole(ctx context.Context, in *UpdateRoleInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) (err error) {
		if in.Description != nil {
			r.Description = *in.Description
		}
		r.MaxSession, err = sessionDuration(in.MaxSessionDuration, r.MaxSession)
		return err
	})
}

// UpdateRoleDescriptionInput is the input of UpdateRoleDescription.
type UpdateRoleDescriptionInput struct {
	RoleName    string
	Description string
}

// UpdateRoleDescription changes the description of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html
func (s *Service) UpdateRoleDescription(ctx context.Context, in *UpdateRoleDescriptionInput) (*RoleOutput, error) {
	out := &RoleOutput{}
	_, err := s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		r.Description = in.Description
		out.Role = role(*r, true)
		return nil
	})
	return out, err
}

// UpdateAssumeRolePolicyInput is the input of UpdateAssumeRolePolicy.
type UpdateAssumeRolePolicyInput struct {
	RoleName       string
	PolicyDocument string
}

// UpdateAssumeRolePolicy changes the policy that says who may assume a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *UpdateAssumeRolePolicyInput) (*None, error) {
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		r.Trust = in.PolicyDocument
		return nil
	})
}

// PutRolePermissionsBoundaryInput is the input of PutRolePermissionsBoundary.
type PutRolePermissionsBoundaryInput struct {
	RoleName            string
	PermissionsBoundary string
}

// PutRolePermissionsBoundary bounds a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *PutRolePermissionsBoundaryInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(rec identity.Records, r *identity.Role) error {
		r.Boundary = in.PermissionsBoundary
		return attachable(rec, r.Account, in.PermissionsBoundary)
	})
}

// DeleteRolePermissionsBoundary ends the bounds of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *RoleInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		r.Boundary = ""
		return nil
	})
}

// DeleteRole removes a role that has no policies and is in no profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
func (s *Service) DeleteRole(ctx context.Context, in *RoleInput) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		r, err := getRole(rec, in.RoleName)
		if err != nil {
			return err
		}
		used, err := all(rec, identity.KindProfile, func(p identity.Profile) bool { return p.Role == r.Name })
		switch {
		case err != nil:
			return err
		case len(used) > 0:
			return conflict("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		case len(r.Attached) > 0:
			return conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		case len(r.Inline) > 0:
			return conflict("DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
		return rec.Delete(identity.KindRole, r.Name)
	})
}

// TagRoleInput is the input of TagRole.
type TagRoleInput struct {
	RoleName string
	Tags     []Tag
}

// TagRole adds tags to a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
func (s *Service) TagRole(ctx context.Context, in *TagRoleInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) (err error) {
		r.Tags, err = retag(r.Tags, in.Tags, nil)
		return err
	})
}

// UntagRoleInput is the input of UntagRole.
type UntagRoleInput struct {
	RoleName string
	TagKeys  []string
}

// UntagRole removes tags from a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html
func (s *Service) UntagRole(ctx context.Context, in *UntagRoleInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) (err error) {
		r.Tags, err = retag(r.Tags, nil, in.TagKeys)
		return err
	})
}

// ListRoleTagsInput is the input of ListRoleTags.
type ListRoleTagsInput struct {
	RoleName string
	Page
}

// TagsOutput is the output of lists of tags.
type TagsOutput struct {
	Tags []Tag
	Truncated
}

func tagsPage(tags map[string]string, p Page) (*TagsOutput, error) {
	list, more, err := cut(tagList(tags), p, func(t Tag) string { return t.Key })
	return &TagsOutput{list, more}, err
}

// ListRoleTags lists the tags of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html
func (s *Service) ListRoleTags(ctx context.Context, in *ListRoleTagsInput) (*TagsOutput, error) {
	r, err := s.role(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	return tagsPage(r.Tags, in.Page)
}

// RolePolicy is an inline policy of a role.
type RolePolicy struct {
	RoleName       string
	PolicyName     string
	PolicyDocument string
}

// PutRolePolicy adds or replaces an inline policy of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func (s *Service) PutRolePolicy(ctx context.Context, in *RolePolicy) (*None, error) {
	path := "/"
	if err := checkName("policyName", in.PolicyName, 128, &path); err != nil {
		return nil, err
	}
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		r.Inline = maps.Clone(r.Inline)
		if r.Inline == nil {
			r.Inline = map[string]string{}
		}
		r.Inline[in.PolicyName] = in.PolicyDocument
		return nil
	})
}

// RolePolicyInput is the input of operations on an inline policy.
type RolePolicyInput struct {
	RoleName   string
	PolicyName string
}

func noInline(name string) error {
	return notFound("The role policy with name %s cannot be found.", name)
}

// GetRolePolicy tells an inline policy of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
func (s *Service) GetRolePolicy(ctx context.Context, in *RolePolicyInput) (*RolePolicy, error) {
	r, err := s.role(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	text, ok := r.Inline[in.PolicyName]
	if !ok {
		return nil, noInline(in.PolicyName)
	}
	return &RolePolicy{r.Name, in.PolicyName, encoded(text)}, nil
}

// ListRolePoliciesInput is the input of lists about one role.
type ListRolePoliciesInput struct {
	RoleName string
	Page
}

// ListRolePoliciesOutput is the output of ListRolePolicies.
type ListRolePoliciesOutput struct {
	PolicyNames []string
	Truncated
}

// ListRolePolicies lists the inline policies of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
func (s *Service) ListRolePolicies(ctx context.Context, in *ListRolePoliciesInput) (*ListRolePoliciesOutput, error) {
	r, err := s.role(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	list, more, err := cut(slices.Sorted(maps.Keys(r.Inline)), in.Page, func(s string) string { return s })
	return &ListRolePoliciesOutput{list, more}, err
}

// DeleteRolePolicy removes an inline policy of a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
func (s *Service) DeleteRolePolicy(ctx context.Context, in *RolePolicyInput) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		if _, ok := r.Inline[in.PolicyName]; !ok {
			return noInline(in.PolicyName)
		}
		delete(r.Inline, in.PolicyName)
		return nil
	})
}
