package stack

// batchKinds are the types of AWS Batch. What Ref gives of them is the ARN.
func batchKinds() catalog {
	return catalog{
		"AWS::Batch::JobDefinition": {
			props: "JobDefinitionName Type Parameters ContainerProperties NodeProperties EksProperties EcsProperties RetryStrategy Timeout PlatformCapabilities PropagateTags SchedulingPriority Tags ConsumableResourceProperties ResourceRetentionPolicy SkipDeregisterOnUpdate",
			// A change is another revision, which is a new resource of the same name.
			create: registerJobDefinition,
			remove: func(c *call) error {
				_, err := c.do("batch", "DeregisterJobDefinition", map[string]any{"jobDefinition": c.physical})
				return gone(err)
			},
			needs: []string{"batch:RegisterJobDefinition", "batch:DeregisterJobDefinition"},
		},
		"AWS::Batch::JobQueue": {
			props:   "JobQueueName JobQueueType State Priority ComputeEnvironmentOrder SchedulingPolicyArn Tags JobStateTimeLimitActions ServiceEnvironmentOrder",
			replace: "JobQueueName JobQueueType Tags", named: "JobQueueName",
			create: func(c *call) error {
				return c.createBatch("CreateJobQueue", "JobQueueName", "jobQueueName", "jobQueueArn", "JobQueueArn", nil)
			},
			update: func(c *call) error {
				in, err := c.input("batch", "UpdateJobQueue", map[string]string{"JobQueueName": "", "JobQueueType": "", "Tags": ""})
				if err != nil {
					return err
				}
				in["jobQueue"] = c.physical
				_, err = c.do("batch", "UpdateJobQueue", in)
				return err
			},
			remove: func(c *call) error { return c.removeBatch("JobQueue", "jobQueue") },
			needs:  []string{"batch:CreateJobQueue", "batch:UpdateJobQueue", "batch:DeleteJobQueue"},
		},
		"AWS::Batch::ComputeEnvironment": {
			props:   "ComputeEnvironmentName Type State ServiceRole ComputeResources UnmanagedvCpus UpdatePolicy ReplaceComputeEnvironment EksConfiguration Context Tags",
			replace: "ComputeEnvironmentName Type Tags EksConfiguration", named: "ComputeEnvironmentName",
			create: func(c *call) error {
				return c.createBatch("CreateComputeEnvironment", "ComputeEnvironmentName", "computeEnvironmentName", "computeEnvironmentArn", "ComputeEnvironmentArn",
					map[string]string{"UpdatePolicy": "", "ReplaceComputeEnvironment": ""})
			},
			update: updateComputeEnvironment,
			remove: func(c *call) error { return c.removeBatch("ComputeEnvironment", "computeEnvironment") },
			needs:  []string{"batch:CreateComputeEnvironment", "batch:UpdateComputeEnvironment", "batch:DeleteComputeEnvironment"},
		},
		"AWS::Batch::SchedulingPolicy": {
			props: "Name FairsharePolicy QuotaSharePolicy Tags", replace: "Name Tags", named: "Name",
			create: func(c *call) error { return c.createBatch("CreateSchedulingPolicy", "Name", "name", "arn", "Arn", nil) },
			update: func(c *call) error {
				in, err := c.input("batch", "UpdateSchedulingPolicy", map[string]string{"Name": "", "Tags": ""})
				if err != nil {
					return err
				}
				in["arn"] = c.physical
				if _, ok := in["fairsharePolicy"]; !ok {
					in["fairsharePolicy"] = map[string]any{} // left out of the template: back to the default
				}
				_, err = c.do("batch", "UpdateSchedulingPolicy", in)
				return err
			},
			remove: func(c *call) error {
				_, err := c.do("batch", "DeleteSchedulingPolicy", map[string]any{"arn": c.physical})
				return gone(err)
			},
			note:  "fair shares without computeReservation or quota shares",
			needs: []string{"batch:CreateSchedulingPolicy", "batch:UpdateSchedulingPolicy", "batch:DeleteSchedulingPolicy"},
		},
	}
}

func registerJobDefinition(c *call) error {
	props := only(c.props, sortedKeys(c.props)...)
	delete(props, "ResourceRetentionPolicy")
	delete(props, "SkipDeregisterOnUpdate")
	in, err := inputOf("batch", "RegisterJobDefinition", props, nil)
	if err != nil {
		return err
	}
	name := c.text("JobDefinitionName")
	if name == "" {
		if name = c.private["name"]; name == "" {
			name = c.generate(naming{max: 128, noStack: true, hex: true})
		}
		c.private = map[string]string{"name": name} // revisions share it
	}
	in["jobDefinitionName"] = name
	out, err := c.do("batch", "RegisterJobDefinition", in)
	if err != nil {
		return err
	}
	c.physical = get(out, "jobDefinitionArn")
	c.attrs = map[string]any{"JobDefinitionArn": c.physical}
	return nil
}

// createBatch creates a resource of Batch and keeps its ARN.
func (c *call) createBatch(op, prop, member, arnMember, attr string, renamed map[string]string) error {
	in, err := c.input("batch", op, renamed)
	if err != nil {
		return err
	}
	name, _ := c.name(prop, naming{max: 128, noStack: true, hex: true})
	in[member] = name
	out, err := c.do("batch", op, in)
	if err != nil {
		return err
	}
	c.physical = get(out, arnMember)
	c.attrs = map[string]any{attr: c.physical}
	return nil
}

// removeBatch disables and deletes a queue or an environment.
func (c *call) removeBatch(kind, member string) error {
	in := map[string]any{member: c.physical, "state": "DISABLED"}
	if _, err := c.do("batch", "Update"+kind, in); err != nil {
		return gone(err)
	}
	_, err := c.do("batch", "Delete"+kind, map[string]any{member: c.physical})
	return gone(err)
}

func updateComputeEnvironment(c *call) error {
	in, err := inputOf("batch", "UpdateComputeEnvironment", only(c.props, "State", "ServiceRole", "Context", "UpdatePolicy"), nil)
	if err != nil {
		return err
	}
	if c.changed("ComputeResources") {
		resources, old := object(c.props, "ComputeResources"), object(c.old, "ComputeResources")
		changed := only(resources, changedProperties(old, resources)...)
		if resources, err = inputOf("batch", "UpdateComputeEnvironment", map[string]any{"ComputeResources": changed}, nil); err != nil {
			return err
		}
		in["computeResources"] = resources["computeResources"]
	}
	in["computeEnvironment"] = c.physical
	_, err = c.do("batch", "UpdateComputeEnvironment", in)
	return err
}
