package states

import (
	"context"
	"errors"
	"time"

	"encoding/json"

	"salamander/engine"
	"salamander/internal/arn"
	"salamander/operation"
)

// CreateActivityInput is the input of [Service.CreateActivity].
type CreateActivityInput struct {
	Name                    string          `json:"name"`
	Tags                    []engine.Tag    `json:"tags"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
}

// CreateActivityOutput is the output of [Service.CreateActivity].
type CreateActivityOutput struct {
	ActivityArn  string         `json:"activityArn"`
	CreationDate operation.Time `json:"creationDate"`
}

// CreateActivity creates an activity, or returns the one that has the name.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html
func (s *Service) CreateActivity(ctx context.Context, in *CreateActivityInput) (*CreateActivityOutput, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if err := checkEncryption("CreateActivity", in.EncryptionConfiguration); err != nil {
		return nil, err
	}
	c := operation.CallerOf(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := engine.Activity{ARN: arn.New("states", c.Region, c.Account, "activity:"+in.Name), Account: c.Account, Region: c.Region,
		Name: in.Name, Tags: mergeTags(nil, in.Tags), Created: s.time()}
	if err := checkTags(a.ARN, a.Tags); err != nil {
		return nil, err
	}
	old, err := s.store.Activity(ctx, a.ARN)
	if errors.Is(err, engine.ErrNotFound) {
		old, err = a, s.store.PutActivity(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	return &CreateActivityOutput{old.ARN, operation.Time{Time: old.Created}}, nil
}

// ActivityInput names an activity.
type ActivityInput struct {
	ActivityArn string `json:"activityArn"`
}

// ActivityListItem is one activity of a list.
type ActivityListItem struct {
	ActivityArn  string         `json:"activityArn"`
	Name         string         `json:"name"`
	CreationDate operation.Time `json:"creationDate"`
}

// EncryptionConfiguration tells which key protects an activity: AWS's own,
// the only kind that is not refused.
type EncryptionConfiguration struct {
	Type string `json:"type"`
}

// DescribeActivityOutput is the output of [Service.DescribeActivity].
type DescribeActivityOutput struct {
	ActivityListItem
	EncryptionConfiguration EncryptionConfiguration `json:"encryptionConfiguration"`
}

func (s *Service) activity(ctx context.Context, text string) (engine.Activity, error) {
	a, err := parseARN(text, "activity")
	if err != nil {
		return engine.Activity{}, err
	}
	found, err := engine.Activity{}, engine.ErrNotFound
	if own(ctx, a) {
		found, err = s.store.Activity(ctx, text)
	}
	if errors.Is(err, engine.ErrNotFound) {
		err = operation.Errorf("ActivityDoesNotExist", "Activity Does Not Exist: '%s'", text)
	}
	return found, err
}

// DescribeActivity describes an activity.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeActivity.html
func (s *Service) DescribeActivity(ctx context.Context, in *ActivityInput) (*DescribeActivityOutput, error) {
	a, err := s.activity(ctx, in.ActivityArn)
	if err != nil {
		return nil, err
	}
	return &DescribeActivityOutput{ActivityListItem{a.ARN, a.Name, operation.Time{Time: a.Created}}, EncryptionConfiguration{"AWS_OWNED_KEY"}}, nil
}

// DeleteActivityOutput is the output of [Service.DeleteActivity].
type DeleteActivityOutput struct{}

// DeleteActivity removes an activity. One that is not there is no error.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteActivity.html
func (s *Service) DeleteActivity(ctx context.Context, in *ActivityInput) (*DeleteActivityOutput, error) {
	a, err := parseARN(in.ActivityArn, "activity")
	if err != nil || !own(ctx, a) {
		return &DeleteActivityOutput{}, err
	}
	return &DeleteActivityOutput{}, s.store.DeleteActivity(ctx, in.ActivityArn)
}

// ListActivitiesInput is the input of [Service.ListActivities].
type ListActivitiesInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// ListActivitiesOutput is the output of [Service.ListActivities].
type ListActivitiesOutput struct {
	Activities []ActivityListItem `json:"activities"`
	NextToken  string             `json:"nextToken,omitempty"`
}

// ListActivities lists the activities of the account and region by name.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListActivities.html
func (s *Service) ListActivities(ctx context.Context, in *ListActivitiesInput) (*ListActivitiesOutput, error) {
	token, err := readToken(in.NextToken, "activities")
	if err != nil {
		return nil, err
	}
	c, size := operation.CallerOf(ctx), pageSize(in.MaxResults)
	all, err := s.store.Activities(ctx, c.Account, c.Region, token.After, size+1)
	if err != nil {
		return nil, err
	}
	out := &ListActivitiesOutput{Activities: []ActivityListItem{}}
	if len(all) > size {
		all = all[:size]
		token.After = all[size-1].Name
		out.NextToken = token.text()
	}
	for _, a := range all {
		out.Activities = append(out.Activities, ActivityListItem{a.ARN, a.Name, operation.Time{Time: a.Created}})
	}
	return out, nil
}

// GetActivityTaskInput is the input of [Service.GetActivityTask].
type GetActivityTaskInput struct {
	ActivityArn string `json:"activityArn"`
	WorkerName  string `json:"workerName"`
}

// GetActivityTaskOutput is the output of [Service.GetActivityTask]. It is
// empty when no task came.
type GetActivityTaskOutput struct {
	TaskToken string `json:"taskToken,omitempty"`
	Input     string `json:"input,omitempty"`
}

// pollActivity is how long GetActivityTask waits for a task.
const pollActivity = 60 * time.Second

// GetActivityTask waits for a task of an activity.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html
func (s *Service) GetActivityTask(ctx context.Context, in *GetActivityTaskInput) (*GetActivityTaskOutput, error) {
	if _, err := s.activity(ctx, in.ActivityArn); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, pollActivity)
	defer cancel()
	task, err := s.engine.TakeActivityTask(ctx, in.ActivityArn, in.WorkerName)
	if err != nil {
		return nil, atEngine(err)
	}
	if task == nil {
		return &GetActivityTaskOutput{}, nil
	}
	return &GetActivityTaskOutput{TaskToken: task.Token, Input: string(task.Input)}, nil
}
