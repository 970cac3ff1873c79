// Package batch is the operations of AWS Batch, over the jobs of package
// batch.
package batch

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"salamander/batch"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// A Service is the operations of AWS Batch.
type Service struct{ batch *batch.Batch }

// New returns the operations over b. Over nil they can be registered, as the
// parity table does, but not called.
func New(b *batch.Batch) *Service { return &Service{b} }

const name = "batch"

// Register adds the operations of s to the registry, and refuses by name those
// that s does not have.
func Register(r *operation.Registry, s *Service) {
	const (
		environments = "MANAGED environments over ECS, which all stand for this machine: maxvCpus and state count, the rest is kept"
		queues       = "no quota shares, state time limits or service environments"
		policies     = "fair shares by usage and weight, where usage fades exponentially and is forgotten at a restart; no computeReservation or quota shares"
		definitions  = "type container with containerProperties; no secrets, private registries, GPUs, EKS or multi-node jobs"
	)
	register(r, "CreateComputeEnvironment", changes, environments, s.CreateComputeEnvironment)
	register(r, "DescribeComputeEnvironments", reads, "", s.DescribeComputeEnvironments)
	register(r, "UpdateComputeEnvironment", changes, environments, s.UpdateComputeEnvironment)
	register(r, "DeleteComputeEnvironment", changes, "", s.DeleteComputeEnvironment)
	register(r, "CreateJobQueue", changes, queues, s.CreateJobQueue)
	register(r, "DescribeJobQueues", reads, "", s.DescribeJobQueues)
	register(r, "UpdateJobQueue", changes, queues, s.UpdateJobQueue)
	register(r, "DeleteJobQueue", changes, "", s.DeleteJobQueue)
	register(r, "CreateSchedulingPolicy", changes, policies, s.CreateSchedulingPolicy)
	register(r, "DescribeSchedulingPolicies", reads, "", s.DescribeSchedulingPolicies)
	register(r, "ListSchedulingPolicies", reads, "", s.ListSchedulingPolicies)
	register(r, "UpdateSchedulingPolicy", changes, policies, s.UpdateSchedulingPolicy)
	register(r, "DeleteSchedulingPolicy", changes, "", s.DeleteSchedulingPolicy)
	register(r, "RegisterJobDefinition", changes, definitions, s.RegisterJobDefinition)
	register(r, "DescribeJobDefinitions", reads, "", s.DescribeJobDefinitions)
	register(r, "DeregisterJobDefinition", changes, "", s.DeregisterJobDefinition)
	register(r, "SubmitJob", changes, "no array or multi-node jobs, consumable resources, or overrides of ecsProperties and eksProperties", s.SubmitJob)
	register(r, "DescribeJobs", reads, "", s.DescribeJobs)
	register(r, "ListJobs", reads, "jobs of a queue; no array or multi-node jobs or shares", s.ListJobs)
	register(r, "CancelJob", changes, "", s.CancelJob)
	register(r, "TerminateJob", changes, "", s.TerminateJob)
	register(r, "ListTagsForResource", reads, "", s.ListTagsForResource)
	register(r, "TagResource", changes, "", s.TagResource)
	register(r, "UntagResource", changes, "", s.UntagResource)
	refuse(r)
}

// refuse registers what Batch has and Salamander has not.
func refuse(r *operation.Registry) {
	for why, ops := range map[string]string{
		"it has no quota shares": "CreateQuotaShare DeleteQuotaShare DescribeQuotaShare ListQuotaShares UpdateQuotaShare",
		"it has no consumable resources": "CreateConsumableResource DeleteConsumableResource DescribeConsumableResource " +
			"ListConsumableResources ListJobsByConsumableResource UpdateConsumableResource",
		"it has no service jobs, which SageMaker runs": "CreateServiceEnvironment DeleteServiceEnvironment DescribeServiceEnvironments " +
			"UpdateServiceEnvironment SubmitServiceJob DescribeServiceJob ListServiceJobs TerminateServiceJob UpdateServiceJob",
		"ask ListJobs for the RUNNABLE jobs of the queue": "GetJobQueueSnapshot",
	} {
		for op := range strings.FieldsSeq(ops) {
			r.Refuse(name, op, why)
		}
	}
}

const (
	reads   = false
	changes = true
)

// register registers an operation. An error that the caller cannot mend is a
// ServerException, as the model says.
func register[In, Out any](r *operation.Registry, op string, mutates bool, note string, f func(context.Context, *In) (*Out, error)) {
	spec := operation.Spec{Service: name, Name: op, Mutates: mutates, Note: note}
	if note != "" {
		spec.Status = operation.Partial
	}
	operation.Register(r, spec, func(ctx context.Context, in *In) (*Out, error) {
		out, err := f(ctx, in)
		if own := (*operation.Error)(nil); err != nil && !errors.As(err, &own) {
			err = &operation.Error{Code: "ServerException", Message: "Internal error", Status: 500, Cause: err}
		}
		return out, err
	})
}

func invalid(format string, args ...any) error {
	return operation.Errorf("ClientException", format, args...)
}

func scope(ctx context.Context) batch.Scope {
	c := operation.CallerOf(ctx)
	return batch.Scope{Account: c.Account, Region: c.Region}
}

// None is the output of operations that answer nothing.
type None struct{}

// list returns v, not nil: AWS writes empty lists.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// table returns v, not nil.
func table(v map[string]string) map[string]string {
	if v == nil {
		return map[string]string{}
	}
	return v
}

// raw returns the list v as JSON, [] when it is absent.
func raw(v json.RawMessage) json.RawMessage {
	if len(v) == 0 || string(v) == "null" {
		return json.RawMessage("[]")
	}
	return v
}

// readToken reads the token of a list into v; an empty one is the start.
func readToken(token string, v any) error {
	if pagetoken.Decode(token, v) != nil {
		return invalid("Invalid nextToken.")
	}
	return nil
}

// page returns the part of all, which is sorted by name, that follows the
// token and has at most size items, 100 when size is 0, and the token of the
// next page.
func page[T any](all []T, size int, token string, name func(T) string) (part []T, next string, err error) {
	if size < 0 || size > 100 {
		return nil, "", invalid("maxResults must be between 1 and 100.")
	}
	if size == 0 {
		size = 100
	}
	after := ""
	if err := readToken(token, &after); err != nil {
		return nil, "", err
	}
	for after != "" && len(all) > 0 && name(all[0]) <= after {
		all = all[1:]
	}
	if len(all) > size {
		all = all[:size]
		next = pagetoken.Encode(name(all[size-1]))
	}
	return all, next, nil
}

// few refuses a list of names that is longer than AWS takes.
func few(member string, names []string) error {
	if len(names) > 100 {
		return invalid("%s can have at most 100 entries.", member)
	}
	return nil
}
