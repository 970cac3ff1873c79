package batch

import (
	"context"
	"slices"

	"salamander/batch"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// DescribeJobDefinitionsInput is the input of [Service.DescribeJobDefinitions].
type DescribeJobDefinitionsInput struct {
	JobDefinitions    []string `json:"jobDefinitions"`
	JobDefinitionName string   `json:"jobDefinitionName"`
	Status            string   `json:"status"`
	MaxResults        int      `json:"maxResults"`
	NextToken         string   `json:"nextToken"`
}

// DescribeJobDefinitionsOutput is the output of [Service.DescribeJobDefinitions].
type DescribeJobDefinitionsOutput struct {
	JobDefinitions []JobDefinition `json:"jobDefinitions"`
	NextToken      string          `json:"nextToken,omitempty"`
}

// A JobDefinition is a revision of a job definition as it is described.
type JobDefinition struct {
	Name                       string            `json:"jobDefinitionName"`
	ARN                        string            `json:"jobDefinitionArn"`
	Revision                   int               `json:"revision"`
	Status                     string            `json:"status"`
	Type                       string            `json:"type"`
	SchedulingPriority         *int              `json:"schedulingPriority,omitempty"`
	Parameters                 map[string]string `json:"parameters"`
	RetryStrategy              *RetryStrategy    `json:"retryStrategy,omitempty"`
	ContainerProperties        Container         `json:"containerProperties"`
	Timeout                    *batch.Timeout    `json:"timeout,omitempty"`
	Tags                       map[string]string `json:"tags"`
	PropagateTags              *bool             `json:"propagateTags,omitempty"`
	PlatformCapabilities       []string          `json:"platformCapabilities,omitempty"`
	ContainerOrchestrationType string            `json:"containerOrchestrationType"`
}

// DescribeJobDefinitions describes job definitions, the inactive ones too, by
// name and the newest revision first.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobDefinitions.html
func (s *Service) DescribeJobDefinitions(ctx context.Context, in *DescribeJobDefinitionsInput) (*DescribeJobDefinitionsOutput, error) {
	if err := few("jobDefinitions", in.JobDefinitions); err != nil {
		return nil, err
	}
	var all []batch.Definition
	var err error
	if len(in.JobDefinitions) > 0 {
		if in.JobDefinitionName != "" {
			return nil, invalid("jobDefinitions cannot be used with jobDefinitionName.")
		}
		all, err = s.definitionsOf(ctx, in.JobDefinitions, in.Status)
	} else {
		all, err = s.batch.Definitions(ctx, scope(ctx), batch.DefinitionQuery{Name: in.JobDefinitionName, Status: in.Status})
	}
	if err != nil {
		return nil, err
	}
	part, next, err := pageOfDefinitions(all, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &DescribeJobDefinitionsOutput{JobDefinitions: []JobDefinition{}, NextToken: next}
	for _, d := range part {
		out.JobDefinitions = append(out.JobDefinitions, JobDefinition{
			Name: d.Name, ARN: d.ARN(), Revision: d.Revision, Status: d.Status, Type: d.Type, SchedulingPriority: d.SchedulingPriority,
			Parameters: table(d.Parameters), RetryStrategy: describeRetry(d.Retry), ContainerProperties: describeContainer(d.Container),
			Timeout: d.Timeout, Tags: table(d.Tags), PropagateTags: d.PropagateTags, PlatformCapabilities: d.Platforms,
			ContainerOrchestrationType: "ECS",
		})
	}
	return out, nil
}

// definitionsOf returns the definitions that refs name, each once, in their
// order. Those that are not there are left out.
func (s *Service) definitionsOf(ctx context.Context, refs []string, status string) ([]batch.Definition, error) {
	var all []batch.Definition
	for _, ref := range refs {
		name, revision, err := batch.ParseDefinition(scope(ctx), ref)
		if err != nil {
			if own := operation.AsError(err); own.Status >= 500 {
				return nil, err
			}
			continue // names nothing
		}
		found, err := s.batch.Definitions(ctx, scope(ctx), batch.DefinitionQuery{Name: name, Revision: revision, Status: status})
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			if !slices.ContainsFunc(all, func(have batch.Definition) bool { return have.ARN() == d.ARN() }) {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// pageOfDefinitions is page for revisions, whose token is the ARN of the last:
// revisions that are registered meanwhile come before it.
func pageOfDefinitions(all []batch.Definition, size int, token string) (part []batch.Definition, next string, err error) {
	if size < 0 || size > 100 {
		return nil, "", invalid("maxResults must be between 1 and 100.")
	}
	if size == 0 {
		size = 100
	}
	last := ""
	if err := readToken(token, &last); err != nil {
		return nil, "", err
	}
	if last != "" {
		i := slices.IndexFunc(all, func(d batch.Definition) bool { return d.ARN() == last })
		if i < 0 {
			return nil, "", invalid("Invalid nextToken.")
		}
		all = all[i+1:]
	}
	if len(all) > size {
		all = all[:size]
		next = pagetoken.Encode(all[size-1].ARN())
	}
	return all, next, nil
}
