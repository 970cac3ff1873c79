package stack

import (
	"encoding/json"
	"strings"

	"salamander/internal/value"
	"salamander/operation"
	"salamander/stack/template"
)

// statesKinds are the types of AWS Step Functions.
func statesKinds() catalog {
	return catalog{
		"AWS::StepFunctions::StateMachine": {
			props:   "StateMachineName StateMachineType RoleArn Definition DefinitionString DefinitionS3Location DefinitionSubstitutions LoggingConfiguration TracingConfiguration EncryptionConfiguration Tags",
			replace: "StateMachineName StateMachineType", named: "StateMachineName", tagged: true,
			create: createMachine, update: updateMachine,
			remove: func(c *call) error {
				_, err := c.do("states", "DeleteStateMachine", map[string]any{"stateMachineArn": c.physical})
				return gone(err)
			},
			needs: []string{"states:CreateStateMachine", "states:UpdateStateMachine", "states:DeleteStateMachine"},
		},
		"AWS::StepFunctions::Activity": {
			props: "Name Tags EncryptionConfiguration", replace: "Name EncryptionConfiguration", named: "Name",
			create: func(c *call) error {
				in, err := c.input("states", "CreateActivity", nil)
				if err != nil {
					return err
				}
				in["name"], _ = c.name("Name", naming{max: 80, noStack: true})
				out, err := c.do("states", "CreateActivity", in)
				if err != nil {
					return err
				}
				c.physical = get(out, "activityArn")
				c.attrs = map[string]any{"Arn": c.physical, "Name": in["name"]}
				return nil
			},
			update: func(c *call) error {
				return c.retag("states", "TagResource", "UntagResource", "resourceArn", c.physical)
			},
			remove: func(c *call) error {
				_, err := c.do("states", "DeleteActivity", map[string]any{"activityArn": c.physical})
				return gone(err)
			},
			needs: []string{"states:CreateActivity"},
		},
		"AWS::StepFunctions::StateMachineVersion": {
			props: "StateMachineArn StateMachineRevisionId Description", replace: "StateMachineArn StateMachineRevisionId Description",
			create: func(c *call) error {
				in := map[string]any{"stateMachineArn": c.text("StateMachineArn")}
				for prop, member := range map[string]string{"StateMachineRevisionId": "revisionId", "Description": "description"} {
					if v := c.text(prop); v != "" {
						in[member] = v
					}
				}
				out, err := c.do("states", "PublishStateMachineVersion", in)
				if err != nil {
					return err
				}
				c.physical = get(out, "stateMachineVersionArn")
				c.attrs = map[string]any{"Arn": c.physical}
				return nil
			},
			remove: func(c *call) error {
				_, err := c.do("states", "DeleteStateMachineVersion", map[string]any{"stateMachineVersionArn": c.physical})
				return gone(err)
			},
			needs: []string{"states:PublishStateMachineVersion"},
		},
		"AWS::StepFunctions::StateMachineAlias": {
			props: "Name Description RoutingConfiguration", replace: "Name", named: "Name",
			create: func(c *call) error {
				in, err := c.input("states", "CreateStateMachineAlias", nil)
				if err != nil {
					return err
				}
				in["name"], _ = c.name("Name", naming{max: 80, noStack: true})
				out, err := c.do("states", "CreateStateMachineAlias", in)
				if err != nil {
					return err
				}
				c.physical = get(out, "stateMachineAliasArn")
				c.attrs = map[string]any{"Arn": c.physical}
				return nil
			},
			update: func(c *call) error {
				in, err := c.input("states", "UpdateStateMachineAlias", map[string]string{"Name": ""})
				if err != nil {
					return err
				}
				in["stateMachineAliasArn"] = c.physical
				_, err = c.do("states", "UpdateStateMachineAlias", in)
				return err
			},
			remove: func(c *call) error {
				_, err := c.do("states", "DeleteStateMachineAlias", map[string]any{"stateMachineAliasArn": c.physical})
				return gone(err)
			},
			needs: []string{"states:CreateStateMachineAlias"},
		},
	}
}

// machineInput returns the input of the operation for a state machine.
func (c *call) machineInput(op string) (map[string]any, error) {
	definition, err := c.definition()
	if err != nil {
		return nil, err
	}
	renamed := map[string]string{"StateMachineName": "", "StateMachineType": "type", "Definition": "", "DefinitionString": "",
		"DefinitionS3Location": "", "DefinitionSubstitutions": ""}
	if op == "UpdateStateMachine" {
		renamed["StateMachineType"], renamed["Tags"] = "", ""
	}
	in, err := c.input("states", op, renamed)
	if err != nil {
		return nil, err
	}
	in["definition"] = definition
	return in, nil
}

// definition returns the text of the state machine, its substitutions made.
func (c *call) definition() (string, error) {
	text := c.text("DefinitionString")
	if d, ok := c.props["Definition"]; ok {
		text = policyText(d)
	}
	if loc := object(c.props, "DefinitionS3Location"); loc != nil {
		b, err := c.object(scalarText(loc["Bucket"]), scalarText(loc["Key"]), scalarText(loc["Version"]))
		if err != nil {
			return "", err
		}
		if text, err = definitionText(b); err != nil {
			return "", err
		}
	}
	if text == "" {
		return "", &PropertyError{"DefinitionString", "one of Definition, DefinitionString and DefinitionS3Location is needed"}
	}
	subs := object(c.props, "DefinitionSubstitutions")
	for _, k := range sortedKeys(subs) {
		value := scalarText(subs[k])
		quoted, err := json.Marshal(value)
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, "${"+k+"}", string(quoted[1:len(quoted)-1]))
	}
	return text, nil
}

// definitionText returns a definition in JSON. One in YAML is read as templates
// are; a text in braces is JSON already, or will be with its substitutions.
func definitionText(b []byte) (string, error) {
	text := strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff"))
	if text == "" || text[0] == '{' {
		return string(b), nil
	}
	root, err := template.Read(b)
	if err != nil {
		return "", sayf("the definition is neither JSON nor YAML: %v", err)
	}
	return string(value.Append(nil, root.Value())), nil
}

// maxObject is the size of a template or definition in S3 in bytes at most.
const maxObject = 8 << 20

// object returns what an object of S3 holds.
func (c *call) object(bucket, key, version string) ([]byte, error) {
	return c.s.object(c.ctx, operation.Caller{Account: c.stack.Account, Region: c.stack.Region, Principal: c.principal}, bucket, key, version)
}

func createMachine(c *call) error {
	in, err := c.machineInput("CreateStateMachine")
	if err != nil {
		return err
	}
	name, _ := c.name("StateMachineName", naming{max: 80, noStack: true})
	in["name"] = name
	if !c.repeat && c.text("StateMachineName") != "" {
		// CreateStateMachine answers an equal machine; a stack must not take another's.
		_, err := c.do("states", "DescribeStateMachine", map[string]any{"stateMachineArn": c.arnOf("states", "stateMachine:"+name)})
		if err == nil {
			return sayf("Resource of type 'AWS::StepFunctions::StateMachine' with identifier '%s' already exists", name)
		}
	}
	out, err := c.do("states", "CreateStateMachine", in)
	if err != nil {
		return err
	}
	c.physical = get(out, "stateMachineArn")
	c.attrs = map[string]any{"Arn": c.physical, "Name": name, "StateMachineRevisionId": "INITIAL"}
	return nil
}

func updateMachine(c *call) error {
	in, err := c.machineInput("UpdateStateMachine")
	if err != nil {
		return err
	}
	in["stateMachineArn"] = c.physical
	if _, ok := in["loggingConfiguration"]; !ok && c.old["LoggingConfiguration"] != nil {
		in["loggingConfiguration"] = map[string]any{"level": "OFF"}
	}
	out, err := c.do("states", "UpdateStateMachine", in)
	if err != nil {
		return err
	}
	if id := get(out, "revisionId"); id != "" {
		c.attrs["StateMachineRevisionId"] = id
	}
	if c.changed("Tags") {
		return c.retag("states", "TagResource", "UntagResource", "resourceArn", c.physical)
	}
	return nil
}
