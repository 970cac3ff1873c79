package logs

import (
	"context"
	"slices"

	"salamander/internal/pagetoken"
	"salamander/logs"
	"salamander/operation"
)

// CreateLogGroupInput is the input of CreateLogGroup.
type CreateLogGroupInput struct {
	LogGroupName              string            `json:"logGroupName"`
	KmsKeyID                  string            `json:"kmsKeyId"`
	Tags                      map[string]string `json:"tags"`
	LogGroupClass             string            `json:"logGroupClass"`
	DeletionProtectionEnabled bool              `json:"deletionProtectionEnabled"`
}

// CreateLogGroup makes a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
func (s *Service) CreateLogGroup(ctx context.Context, in *CreateLogGroupInput) (*None, error) {
	switch {
	case in.KmsKeyID != "":
		return nil, refuse("CreateLogGroup", "the member kmsKeyId")
	case in.LogGroupClass != "" && in.LogGroupClass != "STANDARD":
		return nil, refuse("CreateLogGroup", "the log group class "+in.LogGroupClass)
	case in.DeletionProtectionEnabled:
		return nil, refuse("CreateLogGroup", "the member deletionProtectionEnabled")
	}
	err := s.logs.CreateGroup(ctx, logs.Group{GroupID: groupID(ctx, in.LogGroupName), Created: s.logs.Now(), Tags: in.Tags})
	return &None{}, fault(err)
}

// GroupInput is the input of operations on one group.
type GroupInput struct {
	LogGroupName string `json:"logGroupName"`
}

// DeleteLogGroup removes a group with all in it.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
func (s *Service) DeleteLogGroup(ctx context.Context, in *GroupInput) (*None, error) {
	return &None{}, fault(s.logs.DeleteGroup(ctx, groupID(ctx, in.LogGroupName)))
}

// PutRetentionPolicyInput is the input of PutRetentionPolicy.
type PutRetentionPolicyInput struct {
	LogGroupName    string `json:"logGroupName"`
	RetentionInDays int    `json:"retentionInDays"`
}

// retentions returns the days that AWS allows.
func retentions() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// PutRetentionPolicy says how long a group's events are kept. Older ones are
// not shown from now on, and removed within the hour.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
func (s *Service) PutRetentionPolicy(ctx context.Context, in *PutRetentionPolicyInput) (*None, error) {
	if !slices.Contains(retentions(), in.RetentionInDays) {
		return nil, invalid("Invalid retention value: %d. Valid values are: %v", in.RetentionInDays, retentions())
	}
	err := s.logs.UpdateGroup(ctx, groupID(ctx, in.LogGroupName), func(g *logs.Group) { g.Retention = in.RetentionInDays })
	return &None{}, fault(err)
}

// DeleteRetentionPolicy has a group keep its events forever.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html
func (s *Service) DeleteRetentionPolicy(ctx context.Context, in *GroupInput) (*None, error) {
	err := s.logs.UpdateGroup(ctx, groupID(ctx, in.LogGroupName), func(g *logs.Group) { g.Retention = 0 })
	return &None{}, fault(err)
}

// DescribeLogGroupsInput is the input of DescribeLogGroups.
type DescribeLogGroupsInput struct {
	LogGroupNamePrefix    string   `json:"logGroupNamePrefix"`
	LogGroupNamePattern   string   `json:"logGroupNamePattern"`
	NextToken             string   `json:"nextToken"`
	Limit                 int      `json:"limit"`
	AccountIdentifiers    []string `json:"accountIdentifiers"`
	IncludeLinkedAccounts bool     `json:"includeLinkedAccounts"`
	LogGroupClass         string   `json:"logGroupClass"`
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers"`
}

// DescribeLogGroupsOutput is the output of DescribeLogGroups.
type DescribeLogGroupsOutput struct {
	LogGroups []LogGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

// LogGroup is a group as DescribeLogGroups tells it.
type LogGroup struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      *int64 `json:"creationTime"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	MetricFilterCount int    `json:"metricFilterCount"`
	Arn               string `json:"arn"`
	StoredBytes       int64  `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupArn       string `json:"logGroupArn"`
}

// DescribeLogGroups lists groups by name.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
func (s *Service) DescribeLogGroups(ctx context.Context, in *DescribeLogGroupsInput) (*DescribeLogGroupsOutput, error) {
	switch {
	case len(in.AccountIdentifiers) > 0 || in.IncludeLinkedAccounts:
		return nil, refuse("DescribeLogGroups", "groups of other accounts")
	case len(in.LogGroupIdentifiers) > 0:
		return nil, refuse("DescribeLogGroups", "the member logGroupIdentifiers")
	case in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "":
		return nil, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	case in.LogGroupClass != "" && in.LogGroupClass != "STANDARD":
		return &DescribeLogGroupsOutput{LogGroups: []LogGroup{}}, nil // there are no others
	}
	q := logs.GroupQuery{Prefix: in.LogGroupNamePrefix, Contains: in.LogGroupNamePattern}
	if err := readToken(in.NextToken, &q.After); err != nil {
		return nil, err
	}
	c := operation.CallerOf(ctx)
	q.Account, q.Region = c.Account, c.Region
	limit := orDefault(in.Limit, 50)
	q.Limit = limit + 1
	groups, err := s.logs.Groups(ctx, q)
	if err != nil {
		return nil, fault(err)
	}
	out := &DescribeLogGroupsOutput{LogGroups: []LogGroup{}}
	if len(groups) > limit {
		groups = groups[:limit]
		out.NextToken = pagetoken.Encode(groups[limit-1].Group)
	}
	for _, g := range groups {
		name := groupARN(g.GroupID)
		out.LogGroups = append(out.LogGroups, LogGroup{LogGroupName: g.Group, CreationTime: millis(g.Created),
			RetentionInDays: g.Retention, Arn: name + ":*", StoredBytes: g.Bytes, LogGroupClass: "STANDARD", LogGroupArn: name})
	}
	return out, nil
}
