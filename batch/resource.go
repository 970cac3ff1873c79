package batch

import (
	"math"
	"strconv"
)

// Resources is what an attempt takes of its compute environment.
type Resources struct {
	MilliCPU int // thousandths of a vCPU
	Memory   int // MiB; recorded, the environment sets no limit
}

// resources reads the container's need, from resourceRequirements or the older
// members vcpus and memory.
func (c ContainerProperties) resources() (Resources, error) {
	r := Resources{MilliCPU: c.VCPUs * 1000, Memory: c.Memory}
	if c.VCPUs < 0 || c.Memory < 0 {
		return r, clientError("vcpus and memory must be positive.")
	}
	for _, q := range c.ResourceRequirements {
		v, err := strconv.ParseFloat(q.Value, 64)
		if err != nil || !(v > 0) || v > 1e6*1000 {
			return r, clientError("resourceRequirements: %s has the value %q; need a positive number.", q.Type, q.Value)
		}
		switch q.Type {
		case "VCPU":
			r.MilliCPU = int(math.Ceil(v * 1000))
		case "MEMORY":
			if v != math.Trunc(v) {
				return r, clientError("resourceRequirements: MEMORY has the value %q; need a whole number.", q.Value)
			}
			r.Memory = int(v)
		case "GPU":
			return r, clientError("Salamander does not implement the resource requirement %q.", q.Type)
		default:
			return r, clientError("resourceRequirements: unknown type %q; need VCPU, MEMORY or GPU.", q.Type)
		}
	}
	return r, nil
}

// cpus writes thousandths of a vCPU for people: "2", "0.25".
func cpus(milli int) string {
	return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64)
}
