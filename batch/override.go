package batch

import (
	"maps"
	"slices"
	"strings"
)

// Overrides change a definition's container for one job.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerOverrides.html
type Overrides struct {
	VCPUs                int                   `json:"vcpus,omitempty"`
	Memory               int                   `json:"memory,omitempty"`
	Command              []string              `json:"command,omitempty"`
	InstanceType         string                `json:"instanceType,omitempty"`
	Environment          []KeyValue            `json:"environment,omitempty"`
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitempty"`
}

// with returns c changed by o: environment variables and resource
// requirements by name, the others as a whole. c stays as it is.
func (c ContainerProperties) with(o *Overrides) ContainerProperties {
	c.Environment = slices.Clone(c.Environment)
	c.ResourceRequirements = slices.Clone(c.ResourceRequirements)
	c.Command = slices.Clone(c.Command)
	if o == nil {
		return c
	}
	if len(o.Command) > 0 {
		c.Command = slices.Clone(o.Command)
	}
	if o.InstanceType != "" {
		c.InstanceType = o.InstanceType
	}
	for _, e := range o.Environment {
		i := slices.IndexFunc(c.Environment, func(have KeyValue) bool { return have.Name == e.Name })
		if i < 0 {
			c.Environment = append(c.Environment, e)
		} else {
			c.Environment[i].Value = e.Value
		}
	}
	for _, r := range o.ResourceRequirements {
		c.require(r)
	}
	if o.VCPUs > 0 {
		c.VCPUs = o.VCPUs
		c.drop("VCPU")
	}
	if o.Memory > 0 {
		c.Memory = o.Memory
		c.drop("MEMORY")
	}
	return c
}

func (c *ContainerProperties) require(r ResourceRequirement) {
	i := slices.IndexFunc(c.ResourceRequirements, func(have ResourceRequirement) bool { return have.Type == r.Type })
	if i < 0 {
		c.ResourceRequirements = append(c.ResourceRequirements, r)
	} else {
		c.ResourceRequirements[i].Value = r.Value
	}
	switch r.Type { // the older member would contradict it
	case "VCPU":
		c.VCPUs = 0
	case "MEMORY":
		c.Memory = 0
	}
}

func (c *ContainerProperties) drop(kind string) {
	c.ResourceRequirements = slices.DeleteFunc(c.ResourceRequirements,
		func(r ResourceRequirement) bool { return r.Type == kind })
}

// mergeParameters returns the definition's parameters changed by the job's.
func mergeParameters(def, job map[string]string) map[string]string {
	merged := maps.Clone(def)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, job)
	return merged
}

// substitute replaces arguments of the form Ref::name by the parameter of
// that name. An argument whose parameter is unknown stays as it is, as on AWS.
//
// https://docs.aws.amazon.com/batch/latest/userguide/example-use-parameters.html
func substitute(command []string, parameters map[string]string) []string {
	out := slices.Clone(command)
	for i, arg := range out {
		name, ok := strings.CutPrefix(arg, "Ref::")
		if !ok {
			continue
		}
		if v, known := parameters[name]; known {
			out[i] = v
		}
	}
	return out
}
