package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
)

// A Definition is one revision of a job definition.
type Definition struct {
	Scope
	ID                 string              `json:"id"` // of the call that made it
	Name               string              `json:"name"`
	Revision           int                 `json:"revision"` // from 1
	Status             string              `json:"status"`   // Active or Inactive
	Type               string              `json:"type"`     // "container"
	Parameters         map[string]string   `json:"parameters,omitempty"`
	Container          ContainerProperties `json:"container"`
	Retry              *RetryStrategy      `json:"retry,omitempty"`
	Timeout            *Timeout            `json:"timeout,omitempty"`
	SchedulingPriority *int                `json:"schedulingPriority,omitempty"`
	PropagateTags      *bool               `json:"propagateTags,omitempty"`
	Platforms          []string            `json:"platforms,omitempty"`
	Tags               map[string]string   `json:"tags,omitempty"`
}

// ARN returns the definition's ARN with its revision.
func (d Definition) ARN() string {
	return arn.New("batch", d.Region, d.Account, "job-definition/"+d.Name+":"+strconv.Itoa(d.Revision))
}

// ContainerProperties describe the container of a job, in the definition and,
// merged with the overrides, in the job. The members are AWS's own; those of
// type RawMessage are kept for executors that can use them, and an executor
// that cannot fails the attempt by name.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html
type ContainerProperties struct {
	Image                  string                `json:"image,omitempty"`
	VCPUs                  int                   `json:"vcpus,omitempty"`
	Memory                 int                   `json:"memory,omitempty"` // MiB
	Command                []string              `json:"command,omitempty"`
	JobRoleArn             string                `json:"jobRoleArn,omitempty"` // an ARN or a role's name
	ExecutionRoleArn       string                `json:"executionRoleArn,omitempty"`
	Volumes                json.RawMessage       `json:"volumes,omitempty"`
	Environment            []KeyValue            `json:"environment,omitempty"`
	MountPoints            json.RawMessage       `json:"mountPoints,omitempty"`
	ReadonlyRootFilesystem *bool                 `json:"readonlyRootFilesystem,omitempty"`
	Privileged             *bool                 `json:"privileged,omitempty"`
	Ulimits                json.RawMessage       `json:"ulimits,omitempty"`
	User                   string                `json:"user,omitempty"`
	InstanceType           string                `json:"instanceType,omitempty"`
	ResourceRequirements   []ResourceRequirement `json:"resourceRequirements,omitempty"`
	LinuxParameters        json.RawMessage       `json:"linuxParameters,omitempty"`
	LogConfiguration       *LogConfiguration     `json:"logConfiguration,omitempty"`
	NetworkConfiguration   json.RawMessage       `json:"networkConfiguration,omitempty"`
	FargatePlatform        json.RawMessage       `json:"fargatePlatformConfiguration,omitempty"`
	EphemeralStorage       json.RawMessage       `json:"ephemeralStorage,omitempty"`
	RuntimePlatform        json.RawMessage       `json:"runtimePlatform,omitempty"`
	RepositoryCredentials  json.RawMessage       `json:"repositoryCredentials,omitempty"`
	Secrets                json.RawMessage       `json:"secrets,omitempty"`
	EnableExecuteCommand   *bool                 `json:"enableExecuteCommand,omitempty"`
}

// A KeyValue is one environment variable.
type KeyValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A ResourceRequirement asks for VCPU, MEMORY or GPU.
type ResourceRequirement struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// A LogConfiguration says where the output of a job goes.
type LogConfiguration struct {
	LogDriver     string            `json:"logDriver"`
	Options       map[string]string `json:"options,omitempty"`
	SecretOptions json.RawMessage   `json:"secretOptions,omitempty"`
}

// A Timeout ends an attempt that lasts longer.
type Timeout struct {
	AttemptDurationSeconds int `json:"attemptDurationSeconds,omitempty"` // at least 60
}

func clientError(format string, args ...any) error {
	return operation.Errorf("ClientException", format, args...)
}

// RegisterDefinition stores d as the next revision of its name. A repeat with
// the same ID is answered with the first result. An error that the caller
// can mend is an [operation.Error].
func (b *Batch) RegisterDefinition(ctx context.Context, d Definition) (Definition, error) {
	if err := checkName("jobDefinitionName", d.Name); err != nil {
		return Definition{}, err
	}
	if err := d.check(); err != nil {
		return Definition{}, err
	}
	d.Status = Active
	return b.opt.Store.AddDefinition(ctx, d)
}

func (d Definition) check() error {
	if d.Type != "container" {
		return clientError("Salamander does not implement job definitions of type %q: only %q.", d.Type, "container")
	}
	c := d.Container
	if c.Image == "" {
		return clientError("Error executing request, Exception : Container image is not provided.")
	}
	if err := c.check(); err != nil {
		return err
	}
	r, err := c.resources()
	switch {
	case err != nil:
		return err
	case r.MilliCPU == 0:
		return clientError("Error executing request, Exception : vCPU is not provided.")
	case r.Memory == 0:
		return clientError("Error executing request, Exception : Memory is not provided.")
	}
	if err := d.Retry.check(); err != nil {
		return err
	}
	return d.Timeout.check()
}

// check refuses what no executor can do, rather than run the job without it.
func (c ContainerProperties) check() error {
	refused := []struct {
		name string
		raw  json.RawMessage
	}{
		{"secrets", c.Secrets},
		{"repositoryCredentials", c.RepositoryCredentials},
		{"ephemeralStorage", c.EphemeralStorage},
	}
	for _, r := range refused {
		if !blank(r.raw) {
			return clientError("Salamander does not implement containerProperties.%s.", r.name)
		}
	}
	if l := c.LogConfiguration; l != nil {
		if l.LogDriver != "awslogs" {
			return clientError("Salamander does not implement the log driver %q: only %q.", l.LogDriver, "awslogs")
		}
		for name := range l.Options {
			switch name {
			case "awslogs-group", "awslogs-stream-prefix", "awslogs-region", "awslogs-create-group":
			default:
				return clientError("Salamander does not implement the log option %q.", name)
			}
		}
	}
	seen := map[string]bool{}
	for _, e := range c.Environment {
		if e.Name == "" || strings.ContainsAny(e.Name, "=\x00") || strings.Contains(e.Value, "\x00") {
			return clientError("Environment variable name %q is not valid.", e.Name)
		}
		if seen[e.Name] {
			return clientError("Environment variable %q is given twice.", e.Name)
		}
		seen[e.Name] = true
	}
	return nil
}

// blank reports whether raw says nothing: absent, null, {} or [].
func blank(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case "", "null", "{}", "[]":
		return true
	}
	return false
}

func (t *Timeout) check() error {
	if t != nil && t.AttemptDurationSeconds != 0 && t.AttemptDurationSeconds < 60 {
		return clientError("attemptDurationSeconds must be at least 60.")
	}
	return nil
}

// A DefinitionQuery selects job definitions. Zero members select all.
type DefinitionQuery struct {
	Name     string
	Revision int
	Status   string
}

// Definitions returns the definitions in scope that q selects, by name, the
// newest revision first.
func (b *Batch) Definitions(ctx context.Context, scope Scope, q DefinitionQuery) ([]Definition, error) {
	return b.opt.Store.Definitions(ctx, scope, q)
}

// Definition returns what ref names: an ARN or a name, with or without a
// revision. Without one it is the newest active revision.
func (b *Batch) Definition(ctx context.Context, scope Scope, ref string) (Definition, error) {
	name, revision, err := splitDefinition(scope, ref)
	if err != nil {
		return Definition{}, err
	}
	q := DefinitionQuery{Name: name, Revision: revision}
	if revision == 0 {
		q.Status = Active
	}
	found, err := b.opt.Store.Definitions(ctx, scope, q)
	if err != nil {
		return Definition{}, err
	}
	switch {
	case len(found) > 0 && found[0].Status == Active:
		return found[0], nil
	case len(found) > 0 || revision == 0 && !isARN(ref):
		return Definition{}, clientError("JobDefinition name %s does not exist or is not in ACTIVE status", ref)
	}
	return Definition{}, clientError("JobDefinition %s not found.", ref)
}

// DeregisterDefinition makes a revision inactive. Its jobs go on. ref must
// have a revision.
func (b *Batch) DeregisterDefinition(ctx context.Context, scope Scope, ref string) error {
	name, revision, err := splitDefinition(scope, ref)
	if err != nil {
		return err
	}
	if revision == 0 {
		return clientError("Error executing request, Exception : %s is not a valid job definition: need name:revision.", ref)
	}
	b.admin.Lock()
	defer b.admin.Unlock()
	found, err := b.opt.Store.Definitions(ctx, scope, DefinitionQuery{Name: name, Revision: revision})
	if err != nil || len(found) == 0 || found[0].Status == Inactive {
		return err // AWS answers a repeat, and an unknown revision, with success: there is none that is active
	}
	d := found[0]
	d.Status = Inactive
	return b.opt.Store.PutDefinition(ctx, d)
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// ParseDefinition splits a definition's ARN, name:revision or name, in scope,
// to its name and revision; revision is 0 when there is none.
func ParseDefinition(scope Scope, ref string) (name string, revision int, err error) {
	return splitDefinition(scope, ref)
}

func splitDefinition(scope Scope, ref string) (name string, revision int, err error) {
	name, err = resourceName(scope, "job-definition", ref)
	if err != nil {
		return "", 0, clientError("JobDefinition %s not found.", ref)
	}
	name, rev, has := strings.Cut(name, ":")
	if name == "" {
		return "", 0, clientError("JobDefinition %s not found.", ref)
	}
	if !has {
		return name, 0, nil
	}
	revision, err = strconv.Atoi(rev)
	if err != nil || revision < 1 || strconv.Itoa(revision) != rev {
		return "", 0, clientError("JobDefinition %s is not valid: the revision must be a number.", ref)
	}
	return name, revision, nil
}

// resourceName returns the name in ref, which is a name or the ARN of a
// resource of the given kind in scope.
func resourceName(scope Scope, kind, ref string) (string, error) {
	if ref == "" {
		return "", fmt.Errorf("the name of a %s is empty", kind)
	}
	if !isARN(ref) {
		return ref, nil
	}
	a, err := arn.Parse(ref)
	if err != nil {
		return "", err
	}
	name, ok := strings.CutPrefix(a.Resource, kind+"/")
	if !ok || name == "" || a.Partition != "aws" || a.Service != "batch" || a.Account != scope.Account || a.Region != scope.Region {
		return "", fmt.Errorf("%q is not the ARN of a %s in %s, %s", ref, kind, scope.Account, scope.Region)
	}
	return name, nil
}

// checkName holds names to AWS's rule: 1 to 128 letters, digits, hyphens and
// underscores.
func checkName(member, name string) error {
	if name == "" || len(name) > 128 {
		return clientError("%s must be 1 to 128 characters long.", member)
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_') {
			return clientError("%s should match valid pattern: ^[a-zA-Z0-9]{1}[a-zA-Z0-9_-]{0,127}$", member)
		}
	}
	return nil
}
