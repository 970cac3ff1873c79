package stack

import (
	"encoding/json"
	"fmt"
)

// secretKinds are the types of Secrets Manager and SSM parameters.
func secretKinds() catalog {
	return catalog{
		"AWS::SecretsManager::Secret": {
			props: "Name Description KmsKeyId SecretString GenerateSecretString ReplicaRegions Tags Type", replace: "Name", named: "Name", tagged: true,
			create: createSecret, update: updateSecret,
			remove: func(c *call) error {
				_, err := c.do("secretsmanager", "DeleteSecret", map[string]any{"SecretId": c.physical, "ForceDeleteWithoutRecovery": true})
				return gone(err)
			},
			needs: []string{"secretsmanager:CreateSecret", "secretsmanager:UpdateSecret", "secretsmanager:DeleteSecret"},
		},
		"AWS::SSM::Parameter": {
			props: "Name Type Value Description AllowedPattern DataType Policies Tier Tags", replace: "Name DataType", named: "Name", tagged: true,
			create: func(c *call) error {
				name, generated := c.name("Name", naming{max: 512})
				if generated {
					name = "CFN-" + c.logical + "-" + alphanumeric(c.token, 12)
				}
				c.physical = "" // until it is made
				err := c.putParameter(name, false)
				if err = c.made(err, generated); err != nil {
					return err
				}
				c.physical = name
				return nil
			},
			update: func(c *call) error {
				if err := c.putParameter(c.physical, true); err != nil || !c.changed("Tags") {
					return err
				}
				in := map[string]any{"ResourceType": "Parameter", "ResourceId": c.physical, "Tags": tagList(tagsOf(c.props))}
				_, err := c.do("ssm", "AddTagsToResource", in)
				return err
			},
			remove: func(c *call) error {
				_, err := c.do("ssm", "DeleteParameter", map[string]any{"Name": c.physical})
				return gone(err)
			},
			needs: []string{"ssm:PutParameter", "ssm:DeleteParameter"},
		},
	}
}

func (c *call) putParameter(name string, overwrite bool) error {
	renamed := map[string]string{}
	if overwrite {
		renamed["Tags"] = ""
	}
	in, err := c.input("ssm", "PutParameter", renamed)
	if err != nil {
		return err
	}
	in["Name"] = name
	if overwrite {
		in["Overwrite"] = true
	}
	_, err = c.do("ssm", "PutParameter", in)
	c.attrs = map[string]any{"Type": c.text("Type"), "Value": c.text("Value")}
	return err
}

func createSecret(c *call) error {
	in, err := c.input("secretsmanager", "CreateSecret", map[string]string{"GenerateSecretString": "", "ReplicaRegions": "AddReplicaRegions"})
	if err != nil {
		return err
	}
	name, generated := c.text("Name"), false
	if name == "" {
		name, generated = c.logical+"-"+alphanumeric(c.token, 12), true
	}
	in["Name"] = name
	if g := object(c.props, "GenerateSecretString"); g != nil {
		if in["SecretString"], err = c.password(g); err != nil {
			return err
		}
	}
	out, err := c.do("secretsmanager", "CreateSecret", in)
	if err = c.made(err, generated); err != nil {
		return err
	}
	if out == nil {
		if out, err = c.do("secretsmanager", "DescribeSecret", map[string]any{"SecretId": name}); err != nil {
			return err
		}
	}
	c.physical = get(out, "ARN")
	c.attrs = map[string]any{"Id": c.physical}
	return nil
}

// password makes a secret's text as GenerateSecretString says.
func (c *call) password(g map[string]any) (string, error) {
	in, err := inputOf("secretsmanager", "GetRandomPassword", g, map[string]string{"SecretStringTemplate": "", "GenerateStringKey": ""})
	if err != nil {
		return "", err
	}
	out, err := c.do("secretsmanager", "GetRandomPassword", in)
	if err != nil {
		return "", err
	}
	password := get(out, "RandomPassword")
	key := scalarText(g["GenerateStringKey"])
	if key == "" {
		return password, nil
	}
	obj := map[string]any{}
	if err := json.Unmarshal([]byte(scalarText(g["SecretStringTemplate"])), &obj); err != nil {
		return "", &PropertyError{"GenerateSecretString.SecretStringTemplate", fmt.Sprintf("not a JSON object: %v", err)}
	}
	obj[key] = password
	return jsonText(obj), nil
}

func updateSecret(c *call) error {
	in, err := inputOf("secretsmanager", "UpdateSecret", only(c.props, "Description", "KmsKeyId", "SecretString"), nil)
	if err != nil {
		return err
	}
	if !c.changed("SecretString") {
		delete(in, "SecretString")
	}
	if g := object(c.props, "GenerateSecretString"); g != nil && c.changed("GenerateSecretString") {
		if in["SecretString"], err = c.password(g); err != nil {
			return err
		}
	}
	in["SecretId"] = c.physical
	if _, err := c.do("secretsmanager", "UpdateSecret", in); err != nil {
		return err
	}
	if c.changed("Tags") {
		return c.retag("secretsmanager", "TagResource", "UntagResource", "SecretId", c.physical)
	}
	return nil
}
