package stack

import (
	"fmt"
	"slices"
)

const policiesNote = "policies are recorded, not enforced"

// iamKinds are the types of IAM.
func iamKinds() catalog {
	return catalog{
		"AWS::IAM::Role": {
			props:   "RoleName AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies Tags",
			replace: "RoleName Path", named: "RoleName", note: policiesNote, tagged: true,
			needs:  []string{"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRole"},
			create: createRole, update: updateRole, remove: removeRole,
		},
		"AWS::IAM::InstanceProfile": {
			props: "InstanceProfileName Path Roles", replace: "InstanceProfileName Path", named: "InstanceProfileName", note: recordedNote,
			needs: []string{"iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:DeleteInstanceProfile"},
			create: func(c *call) error {
				name, generated := c.name("InstanceProfileName", naming{max: 128})
				in := map[string]any{"InstanceProfileName": name}
				if p := c.text("Path"); p != "" {
					in["Path"] = p
				}
				out, err := c.do("iam", "CreateInstanceProfile", in)
				if err = c.made(err, generated); err != nil {
					return err
				}
				if out == nil {
					if out, err = c.do("iam", "GetInstanceProfile", map[string]any{"InstanceProfileName": name}); err != nil {
						return err
					}
				}
				c.physical = name
				c.attrs = map[string]any{"Arn": get(out, "InstanceProfile", "Arn")}
				for _, role := range list(c.props, "Roles") {
					if err := c.inProfile("AddRoleToInstanceProfile", role); err != nil {
						return err
					}
				}
				return nil
			},
			update: func(c *call) error {
				for _, role := range without(list(c.old, "Roles"), list(c.props, "Roles")) {
					if err := gone(c.inProfile("RemoveRoleFromInstanceProfile", role)); err != nil {
						return err
					}
				}
				for _, role := range without(list(c.props, "Roles"), list(c.old, "Roles")) {
					if err := c.inProfile("AddRoleToInstanceProfile", role); err != nil {
						return err
					}
				}
				return nil
			},
			remove: func(c *call) error {
				for _, role := range list(c.props, "Roles") {
					if err := gone(c.inProfile("RemoveRoleFromInstanceProfile", role)); err != nil {
						return err
					}
				}
				_, err := c.do("iam", "DeleteInstanceProfile", map[string]any{"InstanceProfileName": c.physical})
				return gone(err)
			},
		},
		"AWS::IAM::Policy": {
			props: "PolicyName PolicyDocument Roles Users Groups", replace: "", note: policiesNote,
			needs:  []string{"iam:PutRolePolicy", "iam:DeleteRolePolicy"},
			create: func(c *call) error { c.physical = c.generate(naming{max: 64}); return c.putPolicy(nil) },
			update: func(c *call) error {
				if c.changed("PolicyName") {
					if err := c.dropPolicy(c.old, nil); err != nil {
						return err
					}
				} else if err := c.dropPolicy(c.old, c.props); err != nil {
					return err
				}
				return c.putPolicy(nil)
			},
			remove: func(c *call) error { return c.dropPolicy(c.props, nil) },
		},
		"AWS::IAM::ManagedPolicy": {
			props:   "ManagedPolicyName Description Path PolicyDocument Roles Users Groups",
			replace: "ManagedPolicyName Description Path", named: "ManagedPolicyName", note: policiesNote,
			needs:  []string{"iam:CreatePolicy", "iam:DeletePolicy", "iam:AttachRolePolicy"},
			create: createManagedPolicy, update: updateManagedPolicy, remove: removeManagedPolicy,
		},
	}
}

// without returns the items of a that are not in b.
func without(a, b []any) []any {
	var out []any
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y any) bool { return equal(x, y) }) {
			out = append(out, x)
		}
	}
	return out
}

func (c *call) inProfile(op string, role any) error {
	_, err := c.do("iam", op, map[string]any{"InstanceProfileName": c.physical, "RoleName": scalarText(role)})
	return err
}

func createRole(c *call) error {
	name, generated := c.name("RoleName", naming{})
	in, err := c.input("iam", "CreateRole", map[string]string{"ManagedPolicyArns": "", "Policies": ""})
	if err != nil {
		return err
	}
	in["RoleName"] = name
	out, err := c.do("iam", "CreateRole", in)
	if err = c.made(err, generated); err != nil {
		return err
	}
	if out == nil {
		if out, err = c.do("iam", "GetRole", map[string]any{"RoleName": name}); err != nil {
			return err
		}
	}
	c.physical = name
	c.attrs = map[string]any{"Arn": get(out, "Role", "Arn"), "RoleId": get(out, "Role", "RoleId")}
	return c.rolePolicies(list(c.props, "ManagedPolicyArns"), list(c.props, "Policies"))
}

// rolePolicies attaches and puts policies of a role.
func (c *call) rolePolicies(attached, inline []any) error {
	for _, a := range attached {
		if _, err := c.do("iam", "AttachRolePolicy", map[string]any{"RoleName": c.physical, "PolicyArn": scalarText(a)}); err != nil {
			return err
		}
	}
	for i, p := range inline {
		obj, ok := p.(map[string]any)
		if !ok {
			return &PropertyError{fmt.Sprintf("Policies[%d]", i), "want an object"}
		}
		in := map[string]any{"RoleName": c.physical, "PolicyName": scalarText(obj["PolicyName"]), "PolicyDocument": policyText(obj["PolicyDocument"])}
		if _, err := c.do("iam", "PutRolePolicy", in); err != nil {
			return err
		}
	}
	return nil
}

// policyText returns a policy document as text.
func policyText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return jsonText(v)
}

func updateRole(c *call) error {
	role := map[string]any{"RoleName": c.physical}
	if c.changed("AssumeRolePolicyDocument") {
		_, err := c.do("iam", "UpdateAssumeRolePolicy", map[string]any{"RoleName": c.physical, "PolicyDocument": policyText(c.props["AssumeRolePolicyDocument"])})
		if err != nil {
			return err
		}
	}
	if c.changed("Description", "MaxSessionDuration") {
		in, err := inputOf("iam", "UpdateRole", only(c.props, "Description", "MaxSessionDuration"), nil)
		if err != nil {
			return err
		}
		in["RoleName"] = c.physical
		if _, ok := in["Description"]; !ok {
			in["Description"] = ""
		}
		if _, err := c.do("iam", "UpdateRole", in); err != nil {
			return err
		}
	}
	if c.changed("PermissionsBoundary") {
		op, in := "DeleteRolePermissionsBoundary", role
		if b := c.text("PermissionsBoundary"); b != "" {
			op, in = "PutRolePermissionsBoundary", map[string]any{"RoleName": c.physical, "PermissionsBoundary": b}
		}
		if _, err := c.do("iam", op, in); err != nil {
			return err
		}
	}
	if c.changed("Tags") {
		if err := c.retag("iam", "TagRole", "UntagRole", "RoleName", c.physical); err != nil {
			return err
		}
	}
	if err := c.dropRolePolicies(without(list(c.old, "ManagedPolicyArns"), list(c.props, "ManagedPolicyArns")), c.policiesGone()); err != nil {
		return err
	}
	return c.rolePolicies(without(list(c.props, "ManagedPolicyArns"), list(c.old, "ManagedPolicyArns")),
		without(list(c.props, "Policies"), list(c.old, "Policies")))
}

// policiesGone returns the inline policies whose names the role no longer has.
func (c *call) policiesGone() []any {
	var out []any
	for _, p := range list(c.old, "Policies") {
		if !slices.ContainsFunc(list(c.props, "Policies"), func(q any) bool { return get(q, "PolicyName") == get(p, "PolicyName") }) {
			out = append(out, p)
		}
	}
	return out
}

func (c *call) dropRolePolicies(attached, inline []any) error {
	for _, a := range attached {
		if _, err := c.do("iam", "DetachRolePolicy", map[string]any{"RoleName": c.physical, "PolicyArn": scalarText(a)}); gone(err) != nil {
			return err
		}
	}
	for _, p := range inline {
		if _, err := c.do("iam", "DeleteRolePolicy", map[string]any{"RoleName": c.physical, "PolicyName": get(p, "PolicyName")}); gone(err) != nil {
			return err
		}
	}
	return nil
}

func removeRole(c *call) error {
	if err := c.dropRolePolicies(list(c.props, "ManagedPolicyArns"), list(c.props, "Policies")); err != nil {
		return err
	}
	_, err := c.do("iam", "DeleteRole", map[string]any{"RoleName": c.physical})
	return gone(err)
}

// principals are what a policy can be put on.
func principals() [][2]string {
	return [][2]string{{"Roles", "Role"}, {"Users", "User"}, {"Groups", "Group"}}
}

func (c *call) putPolicy(_ map[string]any) error {
	for _, p := range principals() {
		for _, name := range list(c.props, p[0]) {
			in := map[string]any{p[1] + "Name": scalarText(name), "PolicyName": c.text("PolicyName"), "PolicyDocument": policyText(c.props["PolicyDocument"])}
			if _, err := c.do("iam", "Put"+p[1]+"Policy", in); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropPolicy deletes the policy of old from those that keep does not name.
func (c *call) dropPolicy(old, keep map[string]any) error {
	for _, p := range principals() {
		for _, name := range without(list(old, p[0]), list(keep, p[0])) {
			in := map[string]any{p[1] + "Name": scalarText(name), "PolicyName": scalarText(old["PolicyName"])}
			if _, err := c.do("iam", "Delete"+p[1]+"Policy", in); gone(err) != nil {
				return err
			}
		}
	}
	return nil
}

func createManagedPolicy(c *call) error {
	name, generated := c.name("ManagedPolicyName", naming{max: 128})
	in, err := c.input("iam", "CreatePolicy", map[string]string{"ManagedPolicyName": "PolicyName", "Roles": "", "Users": "", "Groups": ""})
	if err != nil {
		return err
	}
	in["PolicyName"] = name
	out, err := c.do("iam", "CreatePolicy", in)
	if err = c.made(err, generated); err != nil {
		return err
	}
	path := c.text("Path")
	if path == "" {
		path = "/"
	}
	c.physical = get(out, "Policy", "Arn")
	if c.physical == "" {
		c.physical = "arn:aws:iam::" + c.stack.Account + ":policy" + path + name
	}
	c.attrs = map[string]any{"PolicyArn": c.physical, "PolicyId": get(out, "Policy", "PolicyId"), "DefaultVersionId": "v1", "IsAttachable": true}
	return c.attachments("Attach", c.props, nil)
}

// attachments attaches the policy to, or detaches it from, those that props
// names and except does not.
func (c *call) attachments(verb string, props, except map[string]any) error {
	for _, p := range principals() {
		for _, name := range without(list(props, p[0]), list(except, p[0])) {
			_, err := c.do("iam", verb+p[1]+"Policy", map[string]any{p[1] + "Name": scalarText(name), "PolicyArn": c.physical})
			if verb == "Detach" {
				err = gone(err)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func updateManagedPolicy(c *call) error {
	if c.changed("PolicyDocument") {
		in := map[string]any{"PolicyArn": c.physical, "PolicyDocument": policyText(c.props["PolicyDocument"]), "SetAsDefault": true}
		out, err := c.do("iam", "CreatePolicyVersion", in)
		if err != nil {
			return err
		}
		former := scalarText(c.attrs["DefaultVersionId"])
		c.attrs["DefaultVersionId"] = get(out, "PolicyVersion", "VersionId")
		if _, err := c.do("iam", "DeletePolicyVersion", map[string]any{"PolicyArn": c.physical, "VersionId": former}); gone(err) != nil {
			return err
		}
	}
	if err := c.attachments("Detach", c.old, c.props); err != nil {
		return err
	}
	return c.attachments("Attach", c.props, c.old)
}

func removeManagedPolicy(c *call) error {
	if err := c.attachments("Detach", c.props, nil); err != nil {
		return err
	}
	_, err := c.do("iam", "DeletePolicy", map[string]any{"PolicyArn": c.physical})
	return gone(err)
}

// retag brings the tags of a resource from old to new.
func (c *call) retag(service, tag, untag, member, id string) error {
	have, want := tagsOf(c.old), tagsOf(c.props)
	var dropped []any
	for _, k := range sortedKeys(have) {
		if _, ok := want[k]; !ok {
			dropped = append(dropped, k)
		}
	}
	if len(dropped) > 0 {
		in, err := inputOf(service, untag, map[string]any{member: id, "TagKeys": dropped}, nil)
		if err != nil {
			return err
		}
		if _, err := c.do(service, untag, in); err != nil {
			return err
		}
	}
	if len(want) == 0 {
		return nil
	}
	in, err := inputOf(service, tag, map[string]any{member: id, "Tags": tagList(want)}, nil)
	if err != nil {
		return err
	}
	_, err = c.do(service, tag, in)
	return err
}

// tagsOf returns the property Tags as a table.
func tagsOf(props map[string]any) map[string]any {
	switch tags := props["Tags"].(type) {
	case map[string]any:
		return tags
	case []any:
		return tagMap(tags)
	}
	return nil
}
