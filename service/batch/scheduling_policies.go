package batch

import (
	"context"

	"salamander/batch"
	"salamander/operation"
)

// FairsharePolicy tells how jobs share a queue.
type FairsharePolicy struct {
	ShareDecaySeconds  int               `json:"shareDecaySeconds"`
	ComputeReservation int               `json:"computeReservation"`
	ShareDistribution  []ShareAttributes `json:"shareDistribution"`
}

// ShareAttributes is the weight of a share; 1 when it is nil.
type ShareAttributes struct {
	ShareIdentifier string   `json:"shareIdentifier"`
	WeightFactor    *float64 `json:"weightFactor,omitempty"`
}

// apply changes p as the policy says.
func (f *FairsharePolicy) apply(op string, p *batch.Policy) error {
	if f == nil {
		return nil
	}
	if f.ComputeReservation < 0 || f.ComputeReservation > 99 {
		return invalid("computeReservation must be between 0 and 99.")
	}
	if f.ComputeReservation != 0 {
		return operation.NotImplemented(name, op, "it does not know fairsharePolicy.computeReservation")
	}
	p.DecaySeconds, p.Shares = f.ShareDecaySeconds, nil
	for _, s := range f.ShareDistribution {
		w := batch.ShareWeight{Share: s.ShareIdentifier, Weight: 1}
		if s.WeightFactor != nil {
			w.Weight = *s.WeightFactor
			if w.Weight == 0 {
				return invalid("weightFactor of shareIdentifier %q must be between 0.0001 and 999.9999.", s.ShareIdentifier)
			}
		}
		p.Shares = append(p.Shares, w)
	}
	return nil
}

// CreateSchedulingPolicyInput is the input of
// [Service.CreateSchedulingPolicy].
type CreateSchedulingPolicyInput struct {
	Name            string            `json:"name"`
	FairsharePolicy *FairsharePolicy  `json:"fairsharePolicy"`
	Tags            map[string]string `json:"tags"`
}

// CreateSchedulingPolicyOutput names a scheduling policy.
type CreateSchedulingPolicyOutput struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

// CreateSchedulingPolicy makes a policy of fair shares.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateSchedulingPolicy.html
func (s *Service) CreateSchedulingPolicy(ctx context.Context, in *CreateSchedulingPolicyInput) (*CreateSchedulingPolicyOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	p := batch.Policy{Scope: scope(ctx), ID: operation.NewID(ctx), Name: in.Name, Tags: in.Tags}
	if err := in.FairsharePolicy.apply("CreateSchedulingPolicy", &p); err != nil {
		return nil, err
	}
	p, err := s.batch.CreatePolicy(ctx, p)
	if err != nil {
		return nil, err
	}
	return &CreateSchedulingPolicyOutput{p.Name, p.ARN()}, nil
}

// UpdateSchedulingPolicyInput is the input of
// [Service.UpdateSchedulingPolicy].
type UpdateSchedulingPolicyInput struct {
	ARN             string           `json:"arn"`
	FairsharePolicy *FairsharePolicy `json:"fairsharePolicy"`
}

// UpdateSchedulingPolicy changes a policy. Queues that have it go by it at
// once.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_UpdateSchedulingPolicy.html
func (s *Service) UpdateSchedulingPolicy(ctx context.Context, in *UpdateSchedulingPolicyInput) (*None, error) {
	return &None{}, s.batch.UpdatePolicy(ctx, scope(ctx), in.ARN, func(p *batch.Policy) error {
		return in.FairsharePolicy.apply("UpdateSchedulingPolicy", p)
	})
}

// PolicyInput is the input of [Service.DeleteSchedulingPolicy].
type PolicyInput struct {
	ARN string `json:"arn"`
}

// DeleteSchedulingPolicy deletes a policy that no queue has.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteSchedulingPolicy.html
func (s *Service) DeleteSchedulingPolicy(ctx context.Context, in *PolicyInput) (*None, error) {
	return &None{}, s.batch.DeletePolicy(ctx, scope(ctx), in.ARN)
}

// DescribeSchedulingPoliciesInput is the input of
// [Service.DescribeSchedulingPolicies].
type DescribeSchedulingPoliciesInput struct {
	ARNs []string `json:"arns"`
}

// DescribeSchedulingPoliciesOutput is the output of
// [Service.DescribeSchedulingPolicies].
type DescribeSchedulingPoliciesOutput struct {
	Policies []PolicyDetail `json:"schedulingPolicies"`
}

// A PolicyDetail is a scheduling policy as it is described.
type PolicyDetail struct {
	Name            string            `json:"name"`
	ARN             string            `json:"arn"`
	FairsharePolicy FairsharePolicy   `json:"fairsharePolicy"`
	Tags            map[string]string `json:"tags"`
}

// DescribeSchedulingPolicies describes those of the policies that are there.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeSchedulingPolicies.html
func (s *Service) DescribeSchedulingPolicies(ctx context.Context, in *DescribeSchedulingPoliciesInput) (*DescribeSchedulingPoliciesOutput, error) {
	if err := few("arns", in.ARNs); err != nil {
		return nil, err
	}
	out := &DescribeSchedulingPoliciesOutput{Policies: []PolicyDetail{}}
	if len(in.ARNs) == 0 {
		return out, nil
	}
	for _, p := range s.batch.Policies(scope(ctx), in.ARNs) {
		d := PolicyDetail{Name: p.Name, ARN: p.ARN(), FairsharePolicy: FairsharePolicy{ShareDecaySeconds: p.DecaySeconds, ShareDistribution: []ShareAttributes{}}, Tags: table(p.Tags)}
		for _, w := range p.Shares {
			d.FairsharePolicy.ShareDistribution = append(d.FairsharePolicy.ShareDistribution, ShareAttributes{w.Share, &w.Weight})
		}
		out.Policies = append(out.Policies, d)
	}
	return out, nil
}

// ListSchedulingPoliciesInput is the input of
// [Service.ListSchedulingPolicies].
type ListSchedulingPoliciesInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// ListSchedulingPoliciesOutput is the output of
// [Service.ListSchedulingPolicies].
type ListSchedulingPoliciesOutput struct {
	Policies  []PolicyInput `json:"schedulingPolicies"`
	NextToken string        `json:"nextToken,omitempty"`
}

// ListSchedulingPolicies lists the ARNs of the policies, by name.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ListSchedulingPolicies.html
func (s *Service) ListSchedulingPolicies(ctx context.Context, in *ListSchedulingPoliciesInput) (*ListSchedulingPoliciesOutput, error) {
	part, next, err := page(s.batch.Policies(scope(ctx), nil), in.MaxResults, in.NextToken, func(p batch.Policy) string { return p.Name })
	if err != nil {
		return nil, err
	}
	out := &ListSchedulingPoliciesOutput{Policies: []PolicyInput{}, NextToken: next}
	for _, p := range part {
		out.Policies = append(out.Policies, PolicyInput{p.ARN()})
	}
	return out, nil
}
