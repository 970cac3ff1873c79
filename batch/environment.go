package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"salamander/internal/arn"
)

// An Environment is a compute environment. What counts of it is its state and
// its maxvCpus, which is the capacity that jobs share; the other members are
// kept as they were given, since the machine is the one the engine runs on.
type Environment struct {
	Scope
	ID           string            `json:"id"` // of the call that made it, also its uuid
	Name         string            `json:"name"`
	Type         string            `json:"type"`  // "MANAGED"
	State        string            `json:"state"` // Enabled or Disabled
	Resources    ComputeResources  `json:"resources"`
	ServiceRole  string            `json:"serviceRole,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	Context      string            `json:"context,omitempty"`
	UpdatePolicy json.RawMessage   `json:"updatePolicy,omitempty"`
}

// ComputeResources are the resources of a compute environment.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html
type ComputeResources struct {
	Type               string            `json:"type,omitempty"`
	AllocationStrategy string            `json:"allocationStrategy,omitempty"`
	MinvCPUs           *int              `json:"minvCpus,omitempty"`
	MaxvCPUs           *int              `json:"maxvCpus,omitempty"`
	DesiredvCPUs       *int              `json:"desiredvCpus,omitempty"`
	InstanceTypes      []string          `json:"instanceTypes,omitempty"`
	ImageID            string            `json:"imageId,omitempty"`
	Subnets            []string          `json:"subnets,omitempty"`
	SecurityGroupIDs   []string          `json:"securityGroupIds,omitempty"`
	EC2KeyPair         string            `json:"ec2KeyPair,omitempty"`
	InstanceRole       string            `json:"instanceRole,omitempty"`
	Tags               map[string]string `json:"tags,omitempty"`
	PlacementGroup     string            `json:"placementGroup,omitempty"`
	BidPercentage      *int              `json:"bidPercentage,omitempty"`
	SpotIAMFleetRole   string            `json:"spotIamFleetRole,omitempty"`
	LaunchTemplate     json.RawMessage   `json:"launchTemplate,omitempty"`
	EC2Configuration   json.RawMessage   `json:"ec2Configuration,omitempty"`
	ScalingPolicy      json.RawMessage   `json:"scalingPolicy,omitempty"`
}

// environment is an Environment and what is taken of it. Batch.mu guards it.
type environment struct {
	Environment
	used int // thousandths of a vCPU
}

func (e *environment) capacity() int {
	if e.Resources.MaxvCPUs == nil {
		return 0
	}
	return *e.Resources.MaxvCPUs * 1000
}

// ARN returns the environment's ARN.
func (e Environment) ARN() string {
	return arn.New("batch", e.Region, e.Account, "compute-environment/"+e.Name)
}

// Cluster returns the name of the environment's ECS cluster.
func (e Environment) Cluster() string { return "AWSBatch-" + e.Name + "-" + e.ID }

func (e Environment) check() error {
	if e.State != Enabled && e.State != Disabled {
		return clientError("state %q must be ENABLED or DISABLED.", e.State)
	}
	r := e.Resources
	switch {
	case e.Type != "MANAGED":
		return clientError("Salamander does not implement compute environments of type %q: only %q.", e.Type, "MANAGED")
	case r.MaxvCPUs == nil:
		return clientError("Error executing request, Exception : computeResources.maxvCpus is not provided.")
	case *r.MaxvCPUs < 1 || *r.MaxvCPUs > 1e9:
		return clientError("Error executing request, Exception : computeResources.maxvCpus must be greater than 0.")
	case r.MinvCPUs != nil && (*r.MinvCPUs < 0 || *r.MinvCPUs > *r.MaxvCPUs):
		return clientError("Error executing request, Exception : computeResources.minvCpus must be between 0 and maxvCpus.")
	}
	switch r.Type {
	case "EC2", "SPOT", "FARGATE", "FARGATE_SPOT":
		return nil
	}
	return clientError("computeResources.type %q must be EC2, SPOT, FARGATE or FARGATE_SPOT.", r.Type)
}

// CreateEnvironment stores e. A repeat with the same ID is answered with the
// first result.
func (b *Batch) CreateEnvironment(ctx context.Context, e Environment) (Environment, error) {
	if e.State == "" {
		e.State = Enabled
	}
	if err := checkName("computeEnvironmentName", e.Name); err != nil {
		return Environment{}, err
	}
	if err := e.check(); err != nil {
		return Environment{}, err
	}
	b.admin.Lock()
	defer b.admin.Unlock()
	if have, ok := b.environment(e.Scope, e.Name); ok {
		if have.ID == e.ID {
			return have, nil
		}
		return Environment{}, clientError("Object already exists")
	}
	return e, b.putEnvironment(ctx, e)
}

// putEnvironment commits e and puts it to use. admin is held.
func (b *Batch) putEnvironment(ctx context.Context, e Environment) error {
	if err := b.opt.Store.PutEnvironment(ctx, e); err != nil {
		return err
	}
	b.mu.Lock()
	k := key{e.Scope, e.Name}
	if have := b.envs[k]; have != nil {
		have.Environment = e
	} else {
		b.envs[k] = &environment{Environment: e}
	}
	b.mu.Unlock()
	b.schedule()
	return nil
}

func (b *Batch) environment(scope Scope, name string) (Environment, bool) {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.envs[key{scope, name}]; e != nil {
		return e.Environment, true
	}
	return Environment{}, false
}

// Environments returns the compute environments with the given names or ARNs
// that exist, or all, by name.
func (b *Batch) Environments(scope Scope, refs []string) []Environment {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Environment
	for k, e := range b.envs {
		if k.Scope == scope && (len(refs) == 0 || named(scope, "compute-environment", refs, k.name)) {
			found = append(found, e.Environment)
		}
	}
	slices.SortFunc(found, func(a, b Environment) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

func named(scope Scope, kind string, refs []string, name string) bool {
	return slices.ContainsFunc(refs, func(ref string) bool {
		got, err := resourceName(scope, kind, ref)
		return err == nil && got == name
	})
}

// UpdateEnvironment changes the environment named by ref with change, which
// may refuse.
func (b *Batch) UpdateEnvironment(ctx context.Context, scope Scope, ref string, change func(*Environment) error) (Environment, error) {
	b.admin.Lock()
	defer b.admin.Unlock()
	e, err := b.findEnvironment(scope, ref)
	if err != nil {
		return Environment{}, err
	}
	if err := change(&e); err != nil {
		return Environment{}, err
	}
	if err := e.check(); err != nil {
		return Environment{}, err
	}
	return e, b.putEnvironment(ctx, e)
}

func (b *Batch) findEnvironment(scope Scope, ref string) (Environment, error) {
	if name, err := resourceName(scope, "compute-environment", ref); err == nil {
		if e, ok := b.environment(scope, name); ok {
			return e, nil
		}
	}
	return Environment{}, clientError("%s does not exist", ref)
}

// DeleteEnvironment deletes an environment that is disabled and that no queue
// uses. One that is not there is deleted already.
func (b *Batch) DeleteEnvironment(ctx context.Context, scope Scope, ref string) error {
	b.admin.Lock()
	defer b.admin.Unlock()
	e, err := b.findEnvironment(scope, ref)
	if err != nil {
		return nil // as AWS answers
	}
	if e.State != Disabled {
		return clientError("Cannot delete, resource must be in DISABLED state")
	}
	for _, q := range b.Queues(scope, nil) {
		for _, o := range q.Order {
			if o.ComputeEnvironment == e.Name {
				return clientError("Cannot delete, found existing JobQueue relationship")
			}
		}
	}
	if err := b.opt.Store.DeleteEnvironment(ctx, scope, e.Name); err != nil {
		return err
	}
	b.mu.Lock()
	delete(b.envs, key{scope, e.Name})
	b.mu.Unlock()
	return nil
}
