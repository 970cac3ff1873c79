package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"salamander/identity"
	"salamander/operation"
)

// attachable reports whether a role may have a policy: any of AWS's own, and
// those of the account.
func attachable(rec identity.Records, account, text string) error {
	name, managed, ok := identity.PolicyName(text)
	if !ok {
		return operation.Errorf("InvalidInput", "ARN %s is not valid.", text)
	}
	if managed {
		return nil
	}
	var p identity.Policy
	err := rec.Get(identity.KindPolicy, name, &p)
	if isNone(err) || err == nil && (p.ARN() != text || p.Account != account) {
		return notFound("Policy %s does not exist or is not attachable.", text)
	}
	return err
}

// RoleAttachment is the input of AttachRolePolicy and DetachRolePolicy.
type RoleAttachment struct {
	RoleName  string
	PolicyArn string
}

// AttachRolePolicy attaches a policy to a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
func (s *Service) AttachRolePolicy(ctx context.Context, in *RoleAttachment) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(rec identity.Records, r *identity.Role) error {
		if err := attachable(rec, r.Account, in.PolicyArn); err != nil {
			return err
		}
		if !slices.Contains(r.Attached, in.PolicyArn) {
			r.Attached = append(r.Attached, in.PolicyArn)
		}
		return nil
	})
}

// DetachRolePolicy detaches a policy from a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
func (s *Service) DetachRolePolicy(ctx context.Context, in *RoleAttachment) (*None, error) {
	return s.changeRole(ctx, in.RoleName, func(_ identity.Records, r *identity.Role) error {
		i := slices.Index(r.Attached, in.PolicyArn)
		if i < 0 {
			return notFound("Policy %s was not found.", in.PolicyArn)
		}
		r.Attached = slices.Delete(r.Attached, i, i+1)
		return nil
	})
}

// AttachedPolicy is a policy in a list of attached ones.
type AttachedPolicy struct {
	PolicyName string
	PolicyArn  string
}

// ListAttachedRolePoliciesInput is the input of ListAttachedRolePolicies.
type ListAttachedRolePoliciesInput struct {
	RoleName   string
	PathPrefix string
	Page
}

// ListAttachedRolePoliciesOutput is the output of ListAttachedRolePolicies.
type ListAttachedRolePoliciesOutput struct {
	AttachedPolicies []AttachedPolicy
	Truncated
}

// ListAttachedRolePolicies lists the policies attached to a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *ListAttachedRolePoliciesInput) (*ListAttachedRolePoliciesOutput, error) {
	r, err := s.role(ctx, in.RoleName)
	if err != nil {
		return nil, err
	}
	var list []AttachedPolicy
	for _, text := range r.Attached {
		name, _, _ := identity.PolicyName(text)
		_, path, _ := strings.Cut(text, ":policy")
		if strings.HasPrefix(path, in.PathPrefix) {
			list = append(list, AttachedPolicy{name, text})
		}
	}
	list, more, err := cut(list, in.Page, func(p AttachedPolicy) string { return p.PolicyName })
	return &ListAttachedRolePoliciesOutput{list, more}, err
}

// Policy is a policy as IAM tells it.
type Policy struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `json:",omitempty"`
	CreateDate                    operation.Time
	UpdateDate                    operation.Time
	Tags                          []Tag `json:",omitempty"`
}

func version(n int) string { return fmt.Sprintf("v%d", n) }

// policy writes a policy with the count of roles that have it.
func policy(rec identity.Records, p identity.Policy) (Policy, error) {
	out := Policy{PolicyName: p.Name, PolicyId: p.ID, Arn: p.ARN(), Path: p.Path, DefaultVersionId: version(p.Default), IsAttachable: true,
		Description: p.Description, CreateDate: operation.Time{Time: p.Created}, UpdateDate: operation.Time{Time: p.Updated}}
	if len(p.Tags) > 0 {
		out.Tags = tagList(p.Tags)
	}
	_, err := all(rec, identity.KindRole, func(r identity.Role) bool {
		if slices.Contains(r.Attached, p.ARN()) {
			out.AttachmentCount++
		}
		if r.Boundary == p.ARN() {
			out.PermissionsBoundaryUsageCount++
		}
		return false
	})
	return out, err
}

// CreatePolicyInput is the input of CreatePolicy.
type CreatePolicyInput struct {
	PolicyName     string
	Path           string
	PolicyDocument string
	Description    string
	Tags           []Tag
}

// PolicyOutput is the output of operations that tell a policy.
type PolicyOutput struct{ Policy Policy }

// CreatePolicy makes a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
func (s *Service) CreatePolicy(ctx context.Context, in *CreatePolicyInput) (*PolicyOutput, error) {
	account, now := operation.CallerOf(ctx).Account, s.now().UTC()
	if err := checkName("policyName", in.PolicyName, 128, &in.Path); err != nil {
		return nil, err
	}
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	p := identity.Policy{Name: in.PolicyName, Path: in.Path, ID: identity.UniqueID("ANPA", account, in.PolicyName), Account: account,
		Description: in.Description, Versions: []identity.PolicyVersion{{Number: 1, Document: in.PolicyDocument, Created: now}}, Default: 1, Last: 1,
		Tags: tagMap(in.Tags), Created: now, Updated: now}
	out := &PolicyOutput{}
	return out, s.update(ctx, func(rec identity.Records) (err error) {
		var there identity.Policy
		if err := rec.Get(identity.KindPolicy, p.Name, &there); err == nil {
			return conflict("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		} else if !isNone(err) {
			return err
		}
		if out.Policy, err = policy(rec, p); err != nil {
			return err
		}
		out.Policy.Description = "" // as AWS
		return rec.Put(identity.KindPolicy, p.Name, p)
	})
}

// getPolicy returns a policy of the account by its ARN.
func getPolicy(rec identity.Records, text string) (p identity.Policy, err error) {
	name, managed, ok := identity.PolicyName(text)
	if !ok {
		return p, operation.Errorf("InvalidInput", "ARN %s is not valid.", text)
	}
	if managed {
		return p, operation.NotImplemented("iam", "GetPolicy", "the texts of AWS's own policies are not here; roles may have them nevertheless")
	}
	err = rec.Get(identity.KindPolicy, name, &p)
	if isNone(err) || err == nil && p.ARN() != text {
		return p, notFound("Policy %s was not found.", text)
	}
	return p, err
}

// PolicyInput is the input of operations on one policy.
type PolicyInput struct{ PolicyArn string }

// GetPolicy tells a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
func (s *Service) GetPolicy(ctx context.Context, in *PolicyInput) (*PolicyOutput, error) {
	out := &PolicyOutput{}
	return out, s.view(ctx, func(rec identity.Records) error {
		p, err := getPolicy(rec, in.PolicyArn)
		if err != nil {
			return err
		}
		out.Policy, err = policy(rec, p)
		return err
	})
}

// ListPoliciesInput is the input of ListPolicies.
type ListPoliciesInput struct {
	Scope             string
	OnlyAttached      bool
	PathPrefix        string
	PolicyUsageFilter string
	Page
}

// ListPoliciesOutput is the output of ListPolicies.
type ListPoliciesOutput struct {
	Policies []Policy
	Truncated
}

// ListPolicies lists the policies of the account. AWS's own are left out.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
func (s *Service) ListPolicies(ctx context.Context, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	if in.Scope == "AWS" {
		return nil, operation.NotImplemented("iam", "ListPolicies", "the scope AWS")
	}
	var list []Policy
	err := s.view(ctx, func(rec identity.Records) error {
		found, err := all(rec, identity.KindPolicy, func(p identity.Policy) bool { return strings.HasPrefix(p.Path, in.PathPrefix) })
		for _, p := range found {
			var told Policy
			if told, err = policy(rec, p); err != nil {
				return err
			}
			boundary := in.PolicyUsageFilter == "PermissionsBoundary"
			if in.OnlyAttached && (boundary && told.PermissionsBoundaryUsageCount == 0 || !boundary && told.AttachmentCount == 0) {
				continue
			}
			told.Description, told.Tags = "", nil
			list = append(list, told)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, more, err := cut(list, in.Page, func(p Policy) string { return p.PolicyName })
	return &ListPoliciesOutput{list, more}, err
}

func (s *Service) changePolicy(ctx context.Context, text string, change func(identity.Records, *identity.Policy) error) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		p, err := getPolicy(rec, text)
		if err != nil {
			return err
		}
		if err := change(rec, &p); err != nil {
			return err
		}
		return rec.Put(identity.KindPolicy, p.Name, p)
	})
}

// DeletePolicy removes a policy that nobody has, and that has one version.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func (s *Service) DeletePolicy(ctx context.Context, in *PolicyInput) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		p, err := getPolicy(rec, in.PolicyArn)
		if err != nil {
			return err
		}
		told, err := policy(rec, p)
		switch {
		case err != nil:
			return err
		case told.AttachmentCount+told.PermissionsBoundaryUsageCount > 0:
			return conflict("DeleteConflict", "Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return conflict("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return rec.Delete(identity.KindPolicy, p.Name)
	})
}

// PolicyVersion is a version of a policy as IAM tells it.
type PolicyVersion struct {
	Document         string `json:",omitempty"`
	VersionId        string
	IsDefaultVersion bool
	CreateDate       operation.Time
}

// CreatePolicyVersionInput is the input of CreatePolicyVersion.
type CreatePolicyVersionInput struct {
	PolicyArn      string
	PolicyDocument string
	SetAsDefault   bool
}

// PolicyVersionOutput is the output of operations that tell a version.
type PolicyVersionOutput struct{ PolicyVersion PolicyVersion }

// CreatePolicyVersion adds a version to a policy, of which there are five at
// most.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
func (s *Service) CreatePolicyVersion(ctx context.Context, in *CreatePolicyVersionInput) (*PolicyVersionOutput, error) {
	if err := checkDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	out, now := &PolicyVersionOutput{}, s.now().UTC()
	_, err := s.changePolicy(ctx, in.PolicyArn, func(_ identity.Records, p *identity.Policy) error {
		if len(p.Versions) >= 5 {
			return conflict("LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
		}
		p.Last++
		p.Versions = append(p.Versions, identity.PolicyVersion{Number: p.Last, Document: in.PolicyDocument, Created: now})
		p.Updated = now
		if in.SetAsDefault {
			p.Default = p.Last
		}
		out.PolicyVersion = PolicyVersion{VersionId: version(p.Last), IsDefaultVersion: in.SetAsDefault, CreateDate: operation.Time{Time: now}}
		return nil
	})
	return out, err
}

// PolicyVersionInput is the input of operations on one version.
type PolicyVersionInput struct {
	PolicyArn string
	VersionId string
}

func findVersion(p identity.Policy, id string) (int, error) {
	i := slices.IndexFunc(p.Versions, func(v identity.PolicyVersion) bool { return version(v.Number) == id })
	if i < 0 {
		return 0, notFound("Policy %s version %s does not exist or is not attachable.", p.ARN(), id)
	}
	return i, nil
}

// GetPolicyVersion tells a version of a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
func (s *Service) GetPolicyVersion(ctx context.Context, in *PolicyVersionInput) (*PolicyVersionOutput, error) {
	out := &PolicyVersionOutput{}
	return out, s.view(ctx, func(rec identity.Records) error {
		p, err := getPolicy(rec, in.PolicyArn)
		if err != nil {
			return err
		}
		i, err := findVersion(p, in.VersionId)
		if err != nil {
			return err
		}
		v := p.Versions[i]
		out.PolicyVersion = PolicyVersion{encoded(v.Document), version(v.Number), v.Number == p.Default, operation.Time{Time: v.Created}}
		return nil
	})
}

// ListPolicyVersionsInput is the input of ListPolicyVersions.
type ListPolicyVersionsInput struct {
	PolicyArn string
	Page
}

// ListPolicyVersionsOutput is the output of ListPolicyVersions.
type ListPolicyVersionsOutput struct {
	Versions []PolicyVersion
	Truncated
}

// ListPolicyVersions lists the versions of a policy, the newest first.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html
func (s *Service) ListPolicyVersions(ctx context.Context, in *ListPolicyVersionsInput) (*ListPolicyVersionsOutput, error) {
	out := &ListPolicyVersionsOutput{Versions: []PolicyVersion{}}
	return out, s.view(ctx, func(rec identity.Records) error {
		p, err := getPolicy(rec, in.PolicyArn)
		for _, v := range slices.Backward(p.Versions) {
			out.Versions = append(out.Versions, PolicyVersion{"", version(v.Number), v.Number == p.Default, operation.Time{Time: v.Created}})
		}
		return err
	})
}

// DeletePolicyVersion removes a version of a policy, but not the default one.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html
func (s *Service) DeletePolicyVersion(ctx context.Context, in *PolicyVersionInput) (*None, error) {
	return s.changePolicy(ctx, in.PolicyArn, func(_ identity.Records, p *identity.Policy) error {
		i, err := findVersion(*p, in.VersionId)
		if err != nil {
			return err
		}
		if p.Versions[i].Number == p.Default {
			return conflict("DeleteConflict", "Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, i, i+1)
		return nil
	})
}

// SetDefaultPolicyVersion says which version of a policy counts.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *PolicyVersionInput) (*None, error) {
	return s.changePolicy(ctx, in.PolicyArn, func(_ identity.Records, p *identity.Policy) error {
		i, err := findVersion(*p, in.VersionId)
		if err == nil {
			p.Default, p.Updated = p.Versions[i].Number, s.now().UTC()
		}
		return err
	})
}

// TagPolicyInput is the input of TagPolicy.
type TagPolicyInput struct {
	PolicyArn string
	Tags      []Tag
}

// TagPolicy adds tags to a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html
func (s *Service) TagPolicy(ctx context.Context, in *TagPolicyInput) (*None, error) {
	return s.changePolicy(ctx, in.PolicyArn, func(_ identity.Records, p *identity.Policy) (err error) {
		p.Tags, err = retag(p.Tags, in.Tags, nil)
		return err
	})
}

// UntagPolicyInput is the input of UntagPolicy.
type UntagPolicyInput struct {
	PolicyArn string
	TagKeys   []string
}

// UntagPolicy removes tags from a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html
func (s *Service) UntagPolicy(ctx context.Context, in *UntagPolicyInput) (*None, error) {
	return s.changePolicy(ctx, in.PolicyArn, func(_ identity.Records, p *identity.Policy) (err error) {
		p.Tags, err = retag(p.Tags, nil, in.TagKeys)
		return err
	})
}

// ListPolicyTags lists the tags of a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html
func (s *Service) ListPolicyTags(ctx context.Context, in *ListPolicyVersionsInput) (*TagsOutput, error) {
	var p identity.Policy
	err := s.view(ctx, func(rec identity.Records) (err error) {
		p, err = getPolicy(rec, in.PolicyArn)
		return err
	})
	if err != nil {
		return nil, err
	}
	return tagsPage(p.Tags, in.Page)
}

// ListEntitiesForPolicyInput is the input of ListEntitiesForPolicy.
type ListEntitiesForPolicyInput struct {
	PolicyArn         string
	EntityFilter      string
	PathPrefix        string
	PolicyUsageFilter string
	Page
}

// PolicyRole is a role that has a policy.
type PolicyRole struct {
	RoleName string
	RoleId   string
}

// ListEntitiesForPolicyOutput is the output of ListEntitiesForPolicy.
type ListEntitiesForPolicyOutput struct {
	PolicyGroups []None
	PolicyUsers  []None
	PolicyRoles  []PolicyRole
	Truncated
}

// ListEntitiesForPolicy lists the roles that have a policy.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *ListEntitiesForPolicyInput) (*ListEntitiesForPolicyOutput, error) {
	var list []PolicyRole
	err := s.view(ctx, func(rec identity.Records) error {
		if _, managed, _ := identity.PolicyName(in.PolicyArn); !managed {
			if _, err := getPolicy(rec, in.PolicyArn); err != nil {
				return err
			}
		}
		_, err := all(rec, identity.KindRole, func(r identity.Role) bool {
			has := slices.Contains(r.Attached, in.PolicyArn)
			if in.PolicyUsageFilter == "PermissionsBoundary" {
				has = r.Boundary == in.PolicyArn
			}
			if has && strings.HasPrefix(r.Path, in.PathPrefix) && (in.EntityFilter == "" || in.EntityFilter == "Role") {
				list = append(list, PolicyRole{r.Name, r.ID})
			}
			return false
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	list, more, err := cut(list, in.Page, func(r PolicyRole) string { return r.RoleName })
	return &ListEntitiesForPolicyOutput{[]None{}, []None{}, list, more}, err
}
