package cloudformation

import (
	"context"
	"strings"

	"salamander/operation"
	"salamander/stack"
)

// CreateChangeSetInput is the input of [Service.CreateChangeSet].
type CreateChangeSetInput struct {
	Wanted
	UsePreviousTemplate bool
	ChangeSetName       string
	ClientToken         string
	Description         string
	ChangeSetType       string
	OnStackFailure      string
}

// CreateChangeSetOutput is the output of [Service.CreateChangeSet].
type CreateChangeSetOutput struct{ Id, StackId string }

// CreateChangeSet plans the creation or the update of a stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
func (s *Service) CreateChangeSet(ctx context.Context, in *CreateChangeSetInput) (*CreateChangeSetOutput, error) {
	kind := in.ChangeSetType
	switch kind {
	case "":
		kind = "UPDATE"
	case "CREATE", "UPDATE":
	default:
		return nil, operation.NotImplemented(name, "CreateChangeSet", "change sets of type "+kind)
	}
	req, err := s.request(ctx, "CreateChangeSet", in.Wanted)
	if err != nil {
		return nil, err
	}
	req.SameTemplate, req.OnFailure = in.UsePreviousTemplate, in.OnStackFailure
	if st, err := s.stacks.Find(ctx, scope(ctx), in.StackName); err == nil && in.Tags == nil {
		req.Settings.Tags = st.Tags
	}
	set, err := s.stacks.CreateChangeSet(ctx, req, in.ChangeSetName, in.Description, kind)
	if err != nil {
		return nil, err
	}
	return &CreateChangeSetOutput{set.ID, set.Stack}, nil
}

// ChangeSetInput names a change set.
type ChangeSetInput struct {
	ChangeSetName         string
	StackName             string
	NextToken             string
	IncludePropertyValues bool
}

// A Change is a planned change of a resource.
type Change struct {
	Type           string
	ResourceChange ResourceChange
}

// A ResourceChange tells what happens to a resource.
type ResourceChange struct {
	PolicyAction       string `json:",omitempty"`
	Action             string
	LogicalResourceId  string
	PhysicalResourceId string `json:",omitempty"`
	ResourceType       string
	Replacement        string `json:",omitempty"`
	Scope              []string
	Details            []ChangeDetail
}

// A ChangeDetail tells of one property that changes.
type ChangeDetail struct {
	Target       ChangeTarget
	Evaluation   string
	ChangeSource string
}

// A ChangeTarget is a property.
type ChangeTarget struct {
	Attribute          string
	Name               string `json:",omitempty"`
	RequiresRecreation string
}

// DescribeChangeSetOutput is the output of [Service.DescribeChangeSet].
type DescribeChangeSetOutput struct {
	ChangeSetName         string
	ChangeSetId           string
	StackId               string
	StackName             string
	Description           string `json:",omitempty"`
	Parameters            []Parameter
	CreationTime          *operation.Time
	ExecutionStatus       string
	Status                string
	StatusReason          string `json:",omitempty"`
	NotificationARNs      []string
	RollbackConfiguration RollbackConfiguration
	Capabilities          []string
	Tags                  []Tag
	Changes               []Change
	NextToken             string `json:",omitempty"`
	IncludeNestedStacks   bool
	OnStackFailure        string `json:",omitempty"`
}

// DescribeChangeSet tells what a change set does.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
func (s *Service) DescribeChangeSet(ctx context.Context, in *ChangeSetInput) (*DescribeChangeSetOutput, error) {
	set, err := s.stacks.FindChangeSet(ctx, scope(ctx), in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	changes := []Change{}
	for _, c := range set.Changes {
		changes = append(changes, change(c))
	}
	changes, next, err := page(changes, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &DescribeChangeSetOutput{ChangeSetName: set.Name, ChangeSetId: set.ID, StackId: set.Stack, StackName: set.StackName,
		Description: set.Description, Parameters: parameters(set.Target.Parameters), CreationTime: stamp(set.Created),
		ExecutionStatus: set.ExecutionStatus, Status: set.Status, StatusReason: set.Reason, NotificationARNs: []string{},
		Capabilities: set.Target.Capabilities, Tags: tags(set.Target.Tags), Changes: changes, NextToken: next, OnStackFailure: set.OnFailure}, nil
}

func change(c stack.Change) Change {
	rc := ResourceChange{Action: c.Action, LogicalResourceId: c.Logical, PhysicalResourceId: c.Physical, ResourceType: c.Type,
		Replacement: c.Replacement, Scope: []string{}, Details: []ChangeDetail{}}
	switch {
	case c.Action == "Remove" && c.Retained:
		rc.PolicyAction = "Retain"
	case c.Action == "Remove":
		rc.PolicyAction = "Delete"
	case c.Replacement == "True":
		rc.PolicyAction = "ReplaceAndDelete"
	}
	for _, p := range c.Properties {
		d := ChangeDetail{Target: ChangeTarget{"Properties", p, "Never"}, Evaluation: "Static", ChangeSource: "DirectModification"}
		attribute := "Properties"
		if p == "Tags" {
			attribute, d.Target.Attribute, d.Target.Name = "Tags", "Tags", ""
		}
		for _, r := range c.Recreating {
			if r == p {
				d.Target.RequiresRecreation = "Always"
			}
		}
		if !strings.Contains(strings.Join(rc.Scope, " "), attribute) {
			rc.Scope = append(rc.Scope, attribute)
		}
		rc.Details = append(rc.Details, d)
	}
	return Change{"Resource", rc}
}

// ExecuteChangeSetInput is the input of [Service.ExecuteChangeSet].
type ExecuteChangeSetInput struct {
	ChangeSetName      string
	StackName          string
	ClientRequestToken string
	DisableRollback    bool
}

// ExecuteChangeSet begins the change.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
func (s *Service) ExecuteChangeSet(ctx context.Context, in *ExecuteChangeSetInput) (*None, error) {
	set, err := s.stacks.FindChangeSet(ctx, scope(ctx), in.ChangeSetName, in.StackName)
	if err != nil {
		return nil, err
	}
	req := stack.Request{Scope: scope(ctx), Principal: operation.CallerOf(ctx).Principal, ID: operation.NewID(ctx), Token: in.ClientRequestToken}
	if in.DisableRollback {
		req.OnFailure = "DO_NOTHING"
	}
	if err := s.stacks.ExecuteChangeSet(ctx, req, set); err != nil {
		return nil, err
	}
	s.linger(ctx, set.Stack, in.ClientRequestToken)
	return &None{}, nil
}

// DeleteChangeSet deletes a change set, also one that is not there.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
func (s *Service) DeleteChangeSet(ctx context.Context, in *ChangeSetInput) (*None, error) {
	set, err := s.stacks.FindChangeSet(ctx, scope(ctx), in.ChangeSetName, in.StackName)
	if operation.AsError(err).Code == "ChangeSetNotFound" {
		return &None{}, nil
	} else if err != nil {
		return nil, err
	}
	return &None{}, s.stacks.DeleteChangeSet(ctx, set)
}

// ListChangeSetsInput is the input of [Service.ListChangeSets].
type ListChangeSetsInput struct{ StackName, NextToken string }

// A ChangeSetSummary is a change set in a list.
type ChangeSetSummary struct {
	StackId, StackName, ChangeSetId, ChangeSetName string
	ExecutionStatus, Status                        string
	StatusReason                                   string `json:",omitempty"`
	CreationTime                                   *operation.Time
	Description                                    string `json:",omitempty"`
	IncludeNestedStacks                            bool
}

// ListChangeSetsOutput is the output of [Service.ListChangeSets].
type ListChangeSetsOutput struct {
	Summaries []ChangeSetSummary
	NextToken string `json:",omitempty"`
}

// ListChangeSets lists the change sets of a stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
func (s *Service) ListChangeSets(ctx context.Context, in *ListChangeSetsInput) (*ListChangeSetsOutput, error) {
	st, err := s.find(ctx, in.StackName)
	if err != nil {
		return nil, err
	}
	sets, err := s.stacks.ChangeSets(ctx, st)
	if err != nil {
		return nil, err
	}
	all := []ChangeSetSummary{}
	for _, c := range sets {
		all = append(all, ChangeSetSummary{StackId: c.Stack, StackName: c.StackName, ChangeSetId: c.ID, ChangeSetName: c.Name,
			ExecutionStatus: c.ExecutionStatus, Status: c.Status, StatusReason: c.Reason, CreationTime: stamp(c.Created), Description: c.Description})
	}
	all, next, err := page(all, 100, in.NextToken)
	return &ListChangeSetsOutput{all, next}, err
}
