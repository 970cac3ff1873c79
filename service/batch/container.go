package batch

import (
	"encoding/json"

	"salamander/batch"
)

// A Container is a container as it is described: the members of
// [batch.ContainerProperties], and the lists that AWS writes though they are
// empty.
type Container struct {
	batch.ContainerProperties
	Command              []string                    `json:"command"`
	Volumes              json.RawMessage             `json:"volumes"`
	Environment          []batch.KeyValue            `json:"environment"`
	MountPoints          json.RawMessage             `json:"mountPoints"`
	Ulimits              json.RawMessage             `json:"ulimits"`
	ResourceRequirements []batch.ResourceRequirement `json:"resourceRequirements"`
	Secrets              json.RawMessage             `json:"secrets"`
}

func describeContainer(c batch.ContainerProperties) Container {
	return Container{c, list(c.Command), raw(c.Volumes), list(c.Environment), raw(c.MountPoints), raw(c.Ulimits),
		list(c.ResourceRequirements), raw(c.Secrets)}
}

// A RetryStrategy is a retry strategy as it is described.
type RetryStrategy struct {
	Attempts       int                    `json:"attempts"`
	EvaluateOnExit []batch.EvaluateOnExit `json:"evaluateOnExit"`
}

func describeRetry(r *batch.RetryStrategy) *RetryStrategy {
	if r == nil {
		return nil
	}
	return &RetryStrategy{max(r.Attempts, 1), list(r.EvaluateOnExit)}
}
