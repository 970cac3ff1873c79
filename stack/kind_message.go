package stack

import (
	"slices"
	"strings"
)

// messageKinds are the types of SNS and SQS.
func messageKinds() catalog {
	return catalog{
		"AWS::SNS::Topic": {
			props:   "TopicName DisplayName Subscription KmsMasterKeyId FifoTopic ContentBasedDeduplication FifoThroughputScope SignatureVersion TracingConfig DataProtectionPolicy DeliveryStatusLogging ArchivePolicy Tags",
			replace: "TopicName FifoTopic", texts: scalarsOf(topicAttributes()), named: "TopicName", tagged: true,
			create: createTopic, update: updateTopic, remove: removeTopic,
			needs: []string{"sns:CreateTopic", "sns:Subscribe", "sns:DeleteTopic"},
		},
		"AWS::SNS::Subscription": {
			props:   "TopicArn Protocol Endpoint RawMessageDelivery FilterPolicy FilterPolicyScope DeliveryPolicy RedrivePolicy SubscriptionRoleArn ReplayPolicy Region",
			replace: "TopicArn Protocol Endpoint", texts: scalarsOf(subscriptionAttributes()),
			create: func(c *call) error {
				arn, err := c.subscribe(c.text("TopicArn"), c.props, attributesOf(c.props, subscriptionAttributes()...))
				c.physical = arn
				c.attrs = map[string]any{"Arn": arn}
				return err
			},
			update: func(c *call) error {
				for _, a := range subscriptionAttributes() {
					if !c.changed(a) {
						continue
					}
					in := map[string]any{"SubscriptionArn": c.physical, "AttributeName": a, "AttributeValue": policyTextOrEmpty(c.props[a])}
					if _, err := c.do("sns", "SetSubscriptionAttributes", in); err != nil {
						return err
					}
				}
				return nil
			},
			remove: func(c *call) error { return c.unsubscribe(c.physical) },
			needs:  []string{"sns:Subscribe", "sns:Unsubscribe"},
		},
		"AWS::SNS::TopicPolicy": {
			props: "Topics PolicyDocument", note: policiesNote,
			create: func(c *call) error { c.physical = c.generate(naming{}); return c.topicPolicy() },
			update: func(c *call) error { return c.topicPolicy() },
			needs:  []string{"sns:SetTopicAttributes"},
		},
		"AWS::SQS::Queue": {
			props: "QueueName FifoQueue DelaySeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout RedrivePolicy RedriveAllowPolicy " +
				"KmsMasterKeyId KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled ContentBasedDeduplication DeduplicationScope FifoThroughputLimit Tags",
			replace: "QueueName FifoQueue", texts: scalarsOf(queueAttributes()), named: "QueueName", tagged: true,
			create: createQueue, update: updateQueue,
			remove: func(c *call) error {
				_, err := c.do("sqs", "DeleteQueue", map[string]any{"QueueUrl": c.physical})
				return gone(err)
			},
			needs: []string{"sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue"},
		},
		"AWS::SQS::QueuePolicy": {
			props: "Queues PolicyDocument", note: policiesNote,
			create: func(c *call) error {
				c.physical = c.generate(naming{})
				return c.queuePolicy(c.props, policyText(c.props["PolicyDocument"]))
			},
			update: func(c *call) error { return c.queuePolicy(c.props, policyText(c.props["PolicyDocument"])) },
			remove: func(c *call) error { return gone(c.queuePolicy(c.props, "")) },
			needs:  []string{"sqs:SetQueueAttributes"},
		},
	}
}

// attributesOf returns properties as a table of texts, as SNS and SQS take
// them.
func attributesOf(props map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := props[n]; ok {
			out[n] = policyText(scalar(v))
		}
	}
	return out
}

// scalarsOf returns the attributes that are no documents.
func scalarsOf(attributes []string) []string { return slices.DeleteFunc(attributes, isDocument) }

// scalar returns numbers and truth values as text, and the rest as it is.
func scalar(v any) any {
	switch v.(type) {
	case map[string]any, []any:
		return v
	}
	return scalarText(v)
}

func policyTextOrEmpty(v any) string {
	if v == nil {
		return ""
	}
	return policyText(scalar(v))
}

func topicAttributes() []string {
	return []string{"DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope", "SignatureVersion", "TracingConfig", "ArchivePolicy"}
}

func subscriptionAttributes() []string {
	return []string{"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "DeliveryPolicy", "RedrivePolicy", "SubscriptionRoleArn", "ReplayPolicy"}
}

func createTopic(c *call) error {
	if err := c.refuseProps("DataProtectionPolicy", "DeliveryStatusLogging"); err != nil {
		return err
	}
	name, generated := c.name("TopicName", naming{max: 250})
	if generated && strings.EqualFold(c.text("FifoTopic"), "true") {
		name += ".fifo"
	}
	in := map[string]any{"Name": name}
	if a := attributesOf(c.props, topicAttributes()...); len(a) > 0 {
		in["Attributes"] = a
	}
	if t := tagsOf(c.props); len(t) > 0 {
		in["Tags"] = tagList(t)
	}
	if !generated && !c.repeat {
		if _, err := c.do("sns", "GetTopicAttributes", map[string]any{"TopicArn": c.arnOf("sns", name)}); err == nil {
			return &PropertyError{"TopicName", name + " already exists"}
		}
	}
	out, err := c.do("sns", "CreateTopic", in)
	if err != nil {
		return err
	}
	c.physical = get(out, "TopicArn")
	c.attrs = map[string]any{"TopicArn": c.physical, "TopicName": name}
	return c.subscribeAll(list(c.props, "Subscription"))
}

func (c *call) subscribeAll(subscriptions []any) error {
	for _, s := range subscriptions {
		obj, _ := s.(map[string]any)
		arn, err := c.subscribe(c.physical, obj, nil)
		if err != nil {
			return err
		}
		if c.private == nil {
			c.private = map[string]string{}
		}
		c.private[jsonText(s)] = arn
	}
	return nil
}

func (c *call) subscribe(topic string, props, attributes map[string]any) (string, error) {
	in := map[string]any{"TopicArn": topic, "Protocol": scalarText(props["Protocol"]), "ReturnSubscriptionArn": true}
	if e := scalarText(props["Endpoint"]); e != "" {
		in["Endpoint"] = e
	}
	if len(attributes) > 0 {
		in["Attributes"] = attributes
	}
	out, err := c.do("sns", "Subscribe", in)
	return get(out, "SubscriptionArn"), err
}

func (c *call) unsubscribe(arn string) error {
	if arn == "" {
		return nil
	}
	_, err := c.do("sns", "Unsubscribe", map[string]any{"SubscriptionArn": arn})
	if err != nil && strings.Contains(err.Error(), "pending confirmation") {
		return nil // as on AWS: one that nobody confirmed ends by itself, or with its topic
	}
	return gone(err)
}

func updateTopic(c *call) error {
	for _, a := range topicAttributes() {
		if !c.changed(a) {
			continue
		}
		in := map[string]any{"TopicArn": c.physical, "AttributeName": a, "AttributeValue": policyTextOrEmpty(c.props[a])}
		if _, err := c.do("sns", "SetTopicAttributes", in); err != nil {
			return err
		}
	}
	if c.changed("Subscription") {
		for _, s := range without(list(c.old, "Subscription"), list(c.props, "Subscription")) {
			if err := c.unsubscribe(c.private[jsonText(s)]); err != nil {
				return err
			}
		}
		if err := c.subscribeAll(without(list(c.props, "Subscription"), list(c.old, "Subscription"))); err != nil {
			return err
		}
	}
	if c.changed("Tags") {
		return c.retag("sns", "TagResource", "UntagResource", "ResourceArn", c.physical)
	}
	return nil
}

func removeTopic(c *call) error {
	_, err := c.do("sns", "DeleteTopic", map[string]any{"TopicArn": c.physical})
	return gone(err)
}

func (c *call) topicPolicy() error {
	for _, t := range list(c.props, "Topics") {
		in := map[string]any{"TopicArn": scalarText(t), "AttributeName": "Policy", "AttributeValue": policyText(c.props["PolicyDocument"])}
		if _, err := c.do("sns", "SetTopicAttributes", in); err != nil {
			return err
		}
	}
	return nil
}

func queueAttributes() []string {
	return []string{"FifoQueue", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout", "RedrivePolicy",
		"RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}
}

func createQueue(c *call) error {
	name, generated := c.name("QueueName", naming{max: 75})
	if generated && strings.EqualFold(c.text("FifoQueue"), "true") {
		name += ".fifo"
	}
	in := map[string]any{"QueueName": name}
	if a := attributesOf(c.props, queueAttributes()...); len(a) > 0 {
		in["Attributes"] = a
	}
	if t := tagsOf(c.props); len(t) > 0 {
		in["tags"] = t
	}
	if !generated && !c.repeat {
		if _, err := c.do("sqs", "GetQueueUrl", map[string]any{"QueueName": name}); err == nil {
			return &PropertyError{"QueueName", name + " already exists"}
		}
	}
	out, err := c.do("sqs", "CreateQueue", in)
	if err != nil {
		return err
	}
	c.physical = get(out, "QueueUrl")
	c.attrs = map[string]any{"Arn": c.arnOf("sqs", name), "QueueName": name, "QueueUrl": c.physical}
	return nil
}

func updateQueue(c *call) error {
	changed := changedProperties(only(c.old, queueAttributes()...), only(c.props, queueAttributes()...))
	if len(changed) > 0 {
		attributes := attributesOf(c.props, changed...)
		for _, name := range changed {
			if _, ok := attributes[name]; !ok {
				attributes[name] = queueDefault(name)
			}
		}
		if _, err := c.do("sqs", "SetQueueAttributes", map[string]any{"QueueUrl": c.physical, "Attributes": attributes}); err != nil {
			return err
		}
	}
	if c.changed("Tags") {
		return c.retag("sqs", "TagQueue", "UntagQueue", "QueueUrl", c.physical)
	}
	return nil
}

// queueDefault is what an attribute of a queue is where a template leaves it
// out.
func queueDefault(name string) string {
	switch name {
	case "MaximumMessageSize":
		return "262144"
	case "MessageRetentionPeriod":
		return "345600"
	case "VisibilityTimeout":
		return "30"
	case "DelaySeconds", "ReceiveMessageWaitTimeSeconds":
		return "0"
	case "ContentBasedDeduplication":
		return "false"
	}
	return ""
}

func (c *call) queuePolicy(props map[string]any, policy string) error {
	for _, q := range list(props, "Queues") {
		in := map[string]any{"QueueUrl": scalarText(q), "Attributes": map[string]any{"Policy": policy}}
		if _, err := c.do("sqs", "SetQueueAttributes", in); err != nil {
			return err
		}
	}
	return nil
}
