package scheduler

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"salamander/event"
	"salamander/internal/arn"
	"salamander/operation"
)

// A Tag is a tag on the wire.
type Tag struct{ Key, Value string }

// CreateScheduleGroupInput is the input of [Service.CreateScheduleGroup].
type CreateScheduleGroupInput struct {
	Name        string
	Tags        []Tag
	ClientToken string // taken: a repeat finds the group and says so
}

// CreateScheduleGroupOutput is the output of [Service.CreateScheduleGroup].
type CreateScheduleGroupOutput struct{ ScheduleGroupArn string }

// CreateScheduleGroup makes a group.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
func (s *Service) CreateScheduleGroup(ctx context.Context, in *CreateScheduleGroupInput) (*CreateScheduleGroupOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g := event.Group{Scope: scope(ctx), Name: in.Name, Tags: tags}
	if err = s.events.CreateGroup(ctx, g); errors.Is(err, event.ErrExists) {
		err = conflict("Schedule group %s already exists.", in.Name)
	}
	return &CreateScheduleGroupOutput{g.ARN()}, err
}

// GroupInput is the input of operations on one group.
type GroupInput struct {
	Name        string
	ClientToken string
}

// Group is a group on the wire.
type Group struct {
	Arn                  string
	Name                 string
	State                string
	CreationDate         operation.Time `json:",omitzero"`
	LastModificationDate operation.Time `json:",omitzero"`
}

func wire(g event.Group) Group {
	return Group{g.ARN(), g.Name, "ACTIVE", operation.Time{Time: g.Created}, operation.Time{Time: g.Modified}}
}

// GetScheduleGroup tells of a group.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetScheduleGroup.html
func (s *Service) GetScheduleGroup(ctx context.Context, in *GroupInput) (*Group, error) {
	g, err := s.events.Group(scope(ctx), in.Name)
	if err != nil {
		return nil, missing("Schedule group %s does not exist.", in.Name)
	}
	out := wire(g)
	return &out, nil
}

// DeleteScheduleGroup removes a group and its schedules.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteScheduleGroup.html
func (s *Service) DeleteScheduleGroup(ctx context.Context, in *GroupInput) (*None, error) {
	if in.Name == event.DefaultGroup {
		return nil, invalid("Deleting default schedule group is not allowed.")
	}
	err := s.events.DeleteGroup(ctx, scope(ctx), in.Name)
	if errors.Is(err, event.ErrNotFound) {
		err = missing("Schedule group %s does not exist.", in.Name)
	}
	return &None{}, err
}

// ListScheduleGroupsInput is the input of [Service.ListScheduleGroups].
type ListScheduleGroupsInput struct {
	NamePrefix string
	MaxResults int
	NextToken  string
}

// ListScheduleGroupsOutput is the output of [Service.ListScheduleGroups].
type ListScheduleGroupsOutput struct {
	ScheduleGroups []Group
	NextToken      string `json:",omitempty"`
}

// ListScheduleGroups lists the groups by name.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListScheduleGroups.html
func (s *Service) ListScheduleGroups(ctx context.Context, in *ListScheduleGroupsInput) (*ListScheduleGroupsOutput, error) {
	var all []event.Group
	for _, g := range s.events.Groups(scope(ctx)) {
		if strings.HasPrefix(g.Name, in.NamePrefix) {
			all = append(all, g)
		}
	}
	list, next, err := cut(all, func(g event.Group) string { return g.Name }, in.NextToken, in.MaxResults)
	out := &ListScheduleGroupsOutput{ScheduleGroups: []Group{}, NextToken: next}
	for _, g := range list {
		out.ScheduleGroups = append(out.ScheduleGroups, wire(g))
	}
	return out, err
}

func tagsOf(list []Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	if text := event.CheckTags(tags); text != "" {
		return nil, invalid("%s", text)
	}
	return tags, nil
}

// TagsInput is the input of [Service.ListTagsForResource].
type TagsInput struct{ ResourceArn string }

// TagsOutput is the output of [Service.ListTagsForResource].
type TagsOutput struct{ Tags []Tag }

// groupOf is the group of an ARN: only groups have tags.
func (s *Service) groupOf(ctx context.Context, text string) (event.Group, error) {
	a, err := arn.Parse(text)
	own := scope(ctx)
	name, ok := strings.CutPrefix(a.Resource, "schedule-group/")
	if err == nil && ok && a.Service == "scheduler" && a.Account == own.Account && a.Region == own.Region {
		if g, err := s.events.Group(own, name); err == nil {
			return g, nil
		}
	}
	return event.Group{}, missing("Resource %s does not exist.", text)
}

// ListTagsForResource lists the tags of a group.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *TagsInput) (*TagsOutput, error) {
	g, err := s.groupOf(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	out := &TagsOutput{Tags: []Tag{}}
	for _, k := range slices.Sorted(maps.Keys(g.Tags)) {
		out.Tags = append(out.Tags, Tag{k, g.Tags[k]})
	}
	return out, nil
}

func (s *Service) changeTags(ctx context.Context, text string, change func(map[string]string)) (*None, error) {
	g, err := s.groupOf(ctx, text)
	if err != nil {
		return nil, err
	}
	return &None{}, s.events.UpdateGroup(ctx, g.Scope, g.Name, func(g *event.Group) {
		tags := map[string]string{}
		maps.Copy(tags, g.Tags)
		change(tags)
		g.Tags = tags
	})
}

// TagResourceInput is the input of [Service.TagResource].
type TagResourceInput struct {
	ResourceArn string
	Tags        []Tag
}

// TagResource adds tags to a group.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return s.changeTags(ctx, in.ResourceArn, func(have map[string]string) { maps.Copy(have, tags) })
}

// UntagResourceInput is the input of [Service.UntagResource].
type UntagResourceInput struct {
	ResourceArn string
	TagKeys     []string
}

// UntagResource removes tags from a group.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	return s.changeTags(ctx, in.ResourceArn, func(have map[string]string) {
		for _, k := range in.TagKeys {
			delete(have, k)
		}
	})
}
