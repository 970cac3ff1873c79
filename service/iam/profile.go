package iam

import (
	"context"
	"strings"

	"salamander/identity"
	"salamander/operation"
)

// InstanceProfile is an instance profile as IAM tells it.
type InstanceProfile struct {
	Path                string
	InstanceProfileName string
	InstanceProfileId   string
	Arn                 string
	CreateDate          operation.Time
	Roles               []Role
	Tags                []Tag `json:",omitempty"`
}

func profile(rec identity.Records, p identity.Profile) (InstanceProfile, error) {
	out := InstanceProfile{Path: p.Path, InstanceProfileName: p.Name, InstanceProfileId: p.ID, Arn: p.ARN(),
		CreateDate: operation.Time{Time: p.Created}, Roles: []Role{}}
	if len(p.Tags) > 0 {
		out.Tags = tagList(p.Tags)
	}
	if p.Role == "" {
		return out, nil
	}
	r, err := getRole(rec, p.Role)
	if err == nil {
		out.Roles = append(out.Roles, role(r, false))
	}
	return out, err
}

// CreateInstanceProfileInput is the input of CreateInstanceProfile.
type CreateInstanceProfileInput struct {
	InstanceProfileName string
	Path                string
	Tags                []Tag
}

// InstanceProfileOutput is the output of operations that tell a profile.
type InstanceProfileOutput struct{ InstanceProfile InstanceProfile }

// CreateInstanceProfile makes an instance profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
func (s *Service) CreateInstanceProfile(ctx context.Context, in *CreateInstanceProfileInput) (*InstanceProfileOutput, error) {
	account := operation.CallerOf(ctx).Account
	if err := checkName("instanceProfileName", in.InstanceProfileName, 128, &in.Path); err != nil {
		return nil, err
	}
	p := identity.Profile{Name: in.InstanceProfileName, Path: in.Path, ID: identity.UniqueID("AIPA", account, in.InstanceProfileName),
		Account: account, Tags: tagMap(in.Tags), Created: s.now().UTC()}
	out := &InstanceProfileOutput{}
	return out, s.update(ctx, func(rec identity.Records) (err error) {
		var there identity.Profile
		if err := rec.Get(identity.KindProfile, p.Name, &there); err == nil {
			return conflict("EntityAlreadyExists", "Instance Profile %s already exists.", p.Name)
		} else if !isNone(err) {
			return err
		}
		if out.InstanceProfile, err = profile(rec, p); err != nil {
			return err
		}
		return rec.Put(identity.KindProfile, p.Name, p)
	})
}

// ProfileInput is the input of operations on one profile.
type ProfileInput struct{ InstanceProfileName string }

func getProfile(rec identity.Records, name string) (p identity.Profile, err error) {
	err = rec.Get(identity.KindProfile, name, &p)
	if isNone(err) {
		err = notFound("Instance Profile %s cannot be found.", name)
	}
	return p, err
}

func (s *Service) changeProfile(ctx context.Context, name string, change func(identity.Records, *identity.Profile) error) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		p, err := getProfile(rec, name)
		if err != nil {
			return err
		}
		if err := change(rec, &p); err != nil {
			return err
		}
		return rec.Put(identity.KindProfile, p.Name, p)
	})
}

// GetInstanceProfile tells a profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
func (s *Service) GetInstanceProfile(ctx context.Context, in *ProfileInput) (*InstanceProfileOutput, error) {
	out := &InstanceProfileOutput{}
	return out, s.view(ctx, func(rec identity.Records) error {
		p, err := getProfile(rec, in.InstanceProfileName)
		if err != nil {
			return err
		}
		out.InstanceProfile, err = profile(rec, p)
		return err
	})
}

// ListInstanceProfilesInput is the input of ListInstanceProfiles.
type ListInstanceProfilesInput struct {
	PathPrefix string
	Page
}

// ListInstanceProfilesOutput is the output of lists of profiles.
type ListInstanceProfilesOutput struct {
	InstanceProfiles []InstanceProfile
	Truncated
}

func (s *Service) profiles(ctx context.Context, page Page, keep func(identity.Records, identity.Profile) bool, need string) (*ListInstanceProfilesOutput, error) {
	var list []InstanceProfile
	err := s.view(ctx, func(rec identity.Records) error {
		if need != "" {
			if _, err := getRole(rec, need); err != nil {
				return err
			}
		}
		found, err := all(rec, identity.KindProfile, func(p identity.Profile) bool { return keep(rec, p) })
		for _, p := range found {
			var told InstanceProfile
			if told, err = profile(rec, p); err != nil {
				return err
			}
			list = append(list, told)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, more, err := cut(list, page, func(p InstanceProfile) string { return p.InstanceProfileName })
	return &ListInstanceProfilesOutput{list, more}, err
}

// ListInstanceProfiles lists profiles by name.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html
func (s *Service) ListInstanceProfiles(ctx context.Context, in *ListInstanceProfilesInput) (*ListInstanceProfilesOutput, error) {
	return s.profiles(ctx, in.Page, func(_ identity.Records, p identity.Profile) bool { return strings.HasPrefix(p.Path, in.PathPrefix) }, "")
}

// ListInstanceProfilesForRole lists the profiles that have a role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *ListRolePoliciesInput) (*ListInstanceProfilesOutput, error) {
	return s.profiles(ctx, in.Page, func(_ identity.Records, p identity.Profile) bool { return strings.EqualFold(p.Role, in.RoleName) }, in.RoleName)
}

// DeleteInstanceProfile removes a profile that has no role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html
func (s *Service) DeleteInstanceProfile(ctx context.Context, in *ProfileInput) (*None, error) {
	return &None{}, s.update(ctx, func(rec identity.Records) error {
		p, err := getProfile(rec, in.InstanceProfileName)
		if err != nil {
			return err
		}
		if p.Role != "" {
			return conflict("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		}
		return rec.Delete(identity.KindProfile, p.Name)
	})
}

// ProfileRole is the input of operations on the role of a profile.
type ProfileRole struct {
	InstanceProfileName string
	RoleName            string
}

// AddRoleToInstanceProfile gives a profile its role.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func (s *Service) AddRoleToInstanceProfile(ctx context.Context, in *ProfileRole) (*None, error) {
	return s.changeProfile(ctx, in.InstanceProfileName, func(rec identity.Records, p *identity.Profile) error {
		r, err := getRole(rec, in.RoleName)
		if err != nil {
			return err
		}
		if p.Role != "" {
			return conflict("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		}
		p.Role = r.Name
		return nil
	})
}

// RemoveRoleFromInstanceProfile takes the role of a profile away.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html
func (s *Service) RemoveRoleFromInstanceProfile(ctx context.Context, in *ProfileRole) (*None, error) {
	return s.changeProfile(ctx, in.InstanceProfileName, func(rec identity.Records, p *identity.Profile) error {
		if p.Role == "" || !strings.EqualFold(p.Role, in.RoleName) {
			return notFound("The role with name %s cannot be found.", in.RoleName)
		}
		p.Role = ""
		return nil
	})
}

// TagInstanceProfileInput is the input of TagInstanceProfile.
type TagInstanceProfileInput struct {
	InstanceProfileName string
	Tags                []Tag
}

// TagInstanceProfile adds tags to a profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html
func (s *Service) TagInstanceProfile(ctx context.Context, in *TagInstanceProfileInput) (*None, error) {
	return s.changeProfile(ctx, in.InstanceProfileName, func(_ identity.Records, p *identity.Profile) (err error) {
		p.Tags, err = retag(p.Tags, in.Tags, nil)
		return err
	})
}

// UntagInstanceProfileInput is the input of UntagInstanceProfile.
type UntagInstanceProfileInput struct {
	InstanceProfileName string
	TagKeys             []string
}

// UntagInstanceProfile removes tags from a profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html
func (s *Service) UntagInstanceProfile(ctx context.Context, in *UntagInstanceProfileInput) (*None, error) {
	return s.changeProfile(ctx, in.InstanceProfileName, func(_ identity.Records, p *identity.Profile) (err error) {
		p.Tags, err = retag(p.Tags, nil, in.TagKeys)
		return err
	})
}

// ListInstanceProfileTagsInput is the input of ListInstanceProfileTags.
type ListInstanceProfileTagsInput struct {
	InstanceProfileName string
	Page
}

// ListInstanceProfileTags lists the tags of a profile.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html
func (s *Service) ListInstanceProfileTags(ctx context.Context, in *ListInstanceProfileTagsInput) (*TagsOutput, error) {
	var p identity.Profile
	err := s.view(ctx, func(rec identity.Records) (err error) {
		p, err = getProfile(rec, in.InstanceProfileName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return tagsPage(p.Tags, in.Page)
}
