package stack

import (
	"strings"
)

// storageKinds are the types of S3 and CloudWatch Logs.
func storageKinds() catalog {
	return catalog{
		"AWS::S3::Bucket": {
			props:   "BucketName NotificationConfiguration Tags VersioningConfiguration PublicAccessBlockConfiguration BucketEncryption OwnershipControls AccessControl LifecycleConfiguration",
			replace: "BucketName", texts: []string{"AccessControl"}, named: "BucketName", note: "access and encryption settings are recorded, not enforced",
			create: createBucket, update: configureBucket,
			remove: func(c *call) error {
				_, err := c.do("s3", "DeleteBucket", map[string]any{"Bucket": c.physical})
				return gone(err)
			},
			needs: []string{"s3:CreateBucket", "s3:DeleteBucket"},
		},
		"AWS::S3::BucketPolicy": {
			props: "Bucket PolicyDocument", replace: "Bucket", note: policiesNote,
			create: func(c *call) error { c.physical = c.text("Bucket"); return c.bucketPolicy() },
			update: func(c *call) error { return c.bucketPolicy() },
			remove: func(c *call) error {
				if !c.s.has("s3:DeleteBucketPolicy") {
					return nil
				}
				_, err := c.do("s3", "DeleteBucketPolicy", map[string]any{"Bucket": c.physical})
				return gone(err)
			},
		},
		"AWS::Logs::LogGroup": {
			props:   "LogGroupName RetentionInDays KmsKeyId LogGroupClass DataProtectionPolicy FieldIndexPolicies ResourcePolicyDocument DeletionProtectionEnabled Tags",
			replace: "LogGroupName LogGroupClass", named: "LogGroupName", tagged: true,
			create: createLogGroup, update: updateLogGroup,
			remove: func(c *call) error {
				_, err := c.do("logs", "DeleteLogGroup", map[string]any{"logGroupName": c.physical})
				return gone(err)
			},
			needs: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"},
		},
		"AWS::Logs::LogStream": {
			props: "LogGroupName LogStreamName", replace: "LogGroupName LogStreamName",
			create: func(c *call) error {
				name, generated := c.name("LogStreamName", naming{max: 512})
				_, err := c.do("logs", "CreateLogStream", map[string]any{"logGroupName": c.text("LogGroupName"), "logStreamName": name})
				c.physical = name
				return c.made(err, generated)
			},
			remove: func(c *call) error {
				_, err := c.do("logs", "DeleteLogStream", map[string]any{"logGroupName": c.text("LogGroupName"), "logStreamName": c.physical})
				return gone(err)
			},
			needs: []string{"logs:CreateLogStream"},
		},
	}
}

func createBucket(c *call) error {
	name, generated := c.name("BucketName", naming{max: 63, lower: true})
	if !generated && !c.repeat {
		if _, err := c.do("s3", "HeadBucket", map[string]any{"Bucket": name}); err == nil {
			return sayf("%s already exists", name)
		}
	}
	in := map[string]any{"Bucket": name}
	if c.stack.Region != "us-east-1" {
		in["CreateBucketConfiguration"] = map[string]any{"LocationConstraint": c.stack.Region}
	}
	if _, err := c.do("s3", "CreateBucket", in); c.made(err, true) != nil {
		return err
	}
	c.physical = name
	domain := name + ".s3.amazonaws.com"
	c.attrs = map[string]any{"Arn": "arn:aws:s3:::" + name, "DomainName": domain, "DualStackDomainName": name + ".s3.dualstack." + c.stack.Region + ".amazonaws.com",
		"RegionalDomainName": name + ".s3." + c.stack.Region + ".amazonaws.com", "WebsiteURL": "http://" + name + ".s3-website-" + c.stack.Region + ".amazonaws.com"}
	return configureBucket(c)
}

// configureBucket gives a bucket the settings that are more than a record.
func configureBucket(c *call) error {
	if err := c.refuseProps("LifecycleConfiguration"); err != nil {
		return err
	}
	if v := get(c.props, "VersioningConfiguration", "Status"); v == "Enabled" || v != "" && c.old != nil && c.changed("VersioningConfiguration") {
		_, err := c.do("s3", "PutBucketVersioning", map[string]any{"Bucket": c.physical, "VersioningConfiguration": map[string]any{"Status": v}})
		if err != nil {
			return err
		}
	}
	n := object(c.props, "NotificationConfiguration")
	if n == nil && object(c.old, "NotificationConfiguration") == nil || c.old != nil && !c.changed("NotificationConfiguration") {
		return nil
	}
	_, err := c.do("s3", "PutBucketNotificationConfiguration", map[string]any{"Bucket": c.physical, "NotificationConfiguration": notification(n)})
	return err
}

// notification translates a bucket's notifications from the template's form
// to the operation's.
func notification(n map[string]any) map[string]any {
	out := map[string]any{}
	for _, kind := range [][4]string{
		{"LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"},
		{"QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"},
		{"TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"},
	} {
		var all []any
		for _, e := range list(n, kind[0]) {
			from, _ := e.(map[string]any)
			to := map[string]any{kind[3]: from[kind[2]], "Events": []any{from["Event"]}}
			if rules := list(object(object(from, "Filter"), "S3Key"), "Rules"); len(rules) > 0 {
				to["Filter"] = map[string]any{"Key": map[string]any{"FilterRules": rules}}
			}
			all = append(all, to)
		}
		if all != nil {
			out[kind[1]] = all
		}
	}
	if e, ok := n["EventBridgeConfiguration"].(map[string]any); ok && !strings.EqualFold(scalarText(e["EventBridgeEnabled"]), "false") {
		out["EventBridgeConfiguration"] = map[string]any{}
	}
	return out
}

// bucketPolicy keeps a policy, which nothing enforces.
func (c *call) bucketPolicy() error {
	if _, err := c.do("s3", "HeadBucket", map[string]any{"Bucket": c.physical}); err != nil {
		return err
	}
	if !c.s.has("s3:PutBucketPolicy") {
		return nil
	}
	_, err := c.do("s3", "PutBucketPolicy", map[string]any{"Bucket": c.physical, "Policy": policyText(c.props["PolicyDocument"])})
	return err
}

func createLogGroup(c *call) error {
	if err := c.refuseProps("DataProtectionPolicy", "FieldIndexPolicies", "ResourcePolicyDocument"); err != nil {
		return err
	}
	name, generated := c.name("LogGroupName", naming{max: 512})
	in, err := inputOf("logs", "CreateLogGroup", only(c.props, "KmsKeyId", "LogGroupClass", "Tags", "DeletionProtectionEnabled"), nil)
	if err != nil {
		return err
	}
	in["logGroupName"] = name
	if _, err := c.do("logs", "CreateLogGroup", in); c.made(err, generated) != nil {
		return err
	}
	c.physical = name
	c.attrs = map[string]any{"Arn": c.arnOf("logs", "log-group:"+name+":*")}
	return c.retention()
}

func (c *call) retention() error {
	if c.text("RetentionInDays") == "" {
		return nil
	}
	in, err := inputOf("logs", "PutRetentionPolicy", only(c.props, "RetentionInDays"), nil)
	if err != nil {
		return err
	}
	in["logGroupName"] = c.physical
	_, err = c.do("logs", "PutRetentionPolicy", in)
	return err
}

func updateLogGroup(c *call) error {
	if err := c.refuseProps("DataProtectionPolicy", "FieldIndexPolicies", "ResourcePolicyDocument"); err != nil {
		return err
	}
	if c.changed("KmsKeyId", "DeletionProtectionEnabled") {
		return &PropertyError{"KmsKeyId", "Salamander does not implement a change of it"}
	}
	if c.changed("RetentionInDays") && c.text("RetentionInDays") == "" {
		if _, err := c.do("logs", "DeleteRetentionPolicy", map[string]any{"logGroupName": c.physical}); err != nil {
			return err
		}
	}
	if err := c.retention(); err != nil {
		return err
	}
	if c.changed("Tags") {
		return c.retag("logs", "TagResource", "UntagResource", "resourceArn", c.arnOf("logs", "log-group:"+c.physical))
	}
	return nil
}
