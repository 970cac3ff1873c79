package template

import (
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strings"
)

const samFunctionProperties = `FunctionName Handler Runtime CodeUri ImageUri PackageType InlineCode DeadLetterQueue Description
	MemorySize Timeout VpcConfig Role AssumeRolePolicyDocument Policies RolePath PermissionsBoundary Environment Events
	Tags Tracing KmsKeyArn ReservedConcurrentExecutions Layers EphemeralStorage AutoPublishAlias
	VersionDescription FileSystemConfigs ImageConfig CodeSigningConfigArn Architectures SnapStart
	RuntimeManagementConfig LoggingConfig RecursiveLoop`

const samFunctionRefused = `PropagateTags DeploymentPreference EventInvokeConfig AutoPublishCodeSha256 AutoPublishAliasAllProperties
	ProvisionedConcurrencyConfig FunctionUrlConfig SourceKMSKeyArn CapacityProviderConfig FunctionScalingConfig
	PublishToLatestPublished VersionDeletionPolicy TenancyConfig DurableConfig`

// function expands AWS::Serverless::Function.
func (r *samResource) function() {
	if !r.known("AWS::Serverless::Function", samFunctionProperties, samFunctionRefused) {
		return
	}
	code := r.code()
	if code == nil {
		return
	}
	f := object(r.node, "Code", code)
	r.copy(f, "FunctionName", "Handler", "Runtime", "Description", "MemorySize", "Timeout", "VpcConfig", "KmsKeyArn",
		"ReservedConcurrentExecutions", "Environment", "Layers", "EphemeralStorage", "PackageType", "FileSystemConfigs", "ImageConfig",
		"CodeSigningConfigArn", "Architectures", "SnapStart", "RuntimeManagementConfig", "LoggingConfig", "RecursiveLoop")
	if r.props.Get("ImageUri") != nil {
		f.set("PackageType", "Image")
	}
	managed := []string{"AWSLambdaBasicExecutionRole"}
	if t := r.props.Get("Tracing"); t != nil {
		f.set("TracingConfig", object(t, "Mode", t.clone()))
		managed = append(managed, "AWSXrayWriteOnlyAccess")
	}
	if r.props.Get("VpcConfig") != nil {
		managed = append(managed, "AWSLambdaVPCAccessExecutionRole")
	}
	policies := r.deadLetters(f)
	f.set("Tags", r.tags("lambda:createdBy"))
	r.target = func() *Node { return getAtt(r.node, r.id, "Arn") }
	if role := r.props.Get("Role"); role != nil {
		if name, _, ok := role.call(); ok && name == "Fn::If" {
			r.fail(role, "Fn::If as Role is not implemented.")
			return
		}
		f.set("Role", role.clone())
	} else {
		f.set("Role", getAtt(r.node, r.id+"Role", "Arn"))
		r.makeRole("lambda.amazonaws.com", "lambda:createdBy", managed, policies)
	}
	r.put(r.id, "AWS::Lambda::Function", f, true)
	r.publish(code, f)
	r.events(functionEvents)
}

// code returns the property Code.
func (r *samResource) code() *Node {
	inline, uri, image := r.props.Get("InlineCode"), r.props.Get("CodeUri"), r.props.Get("ImageUri")
	switch {
	case image != nil:
		return object(image, "ImageUri", image.clone())
	case inline != nil && uri != nil:
		r.fail(inline, "Only one of 'InlineCode' or 'CodeUri' can be set.")
	case inline != nil:
		return object(inline, "ZipFile", inline.clone())
	case uri != nil:
		return r.location("CodeUri", uri, "S3Bucket", "S3Key", "S3ObjectVersion")
	default:
		r.fail(nil, "Either 'InlineCode' or 'CodeUri' must be set.")
	}
	return nil
}

// deadLetters sets DeadLetterConfig, and returns the policy that it needs.
func (r *samResource) deadLetters(f *Node) []*Node {
	dlq := r.props.Get("DeadLetterQueue")
	if dlq == nil {
		return nil
	}
	action := map[string]string{"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}[dlq.Get("Type").string()]
	target := dlq.Get("TargetArn")
	if target == nil || dlq.Get("Type") == nil {
		r.fail(dlq, "'DeadLetterQueue' requires Type and TargetArn properties to be specified.")
		return nil
	}
	if action == "" {
		r.fail(dlq, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']")
		return nil
	}
	f.set("DeadLetterConfig", object(dlq, "TargetArn", target.clone()))
	return []*Node{object(dlq, "PolicyName", "DeadLetterQueuePolicy", "PolicyDocument", object(dlq, "Version", "2012-10-17",
		"Statement", list(dlq, object(dlq, "Action", action, "Resource", target.clone(), "Effect", "Allow"))))}
}

// string is the text of a node that may be nil.
func (n *Node) string() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// publish makes the version and the alias of AutoPublishAlias. The version's id
// changes with the code, the environment and the memory.
func (r *samResource) publish(code, f *Node) {
	name := r.props.Get("AutoPublishAlias")
	if name == nil {
		return
	}
	if name.Kind != String || strings.Trim(name.Text, "0123456789") == "" || !aliasName(name.Text) {
		r.fail(name, "AutoPublishAlias name ('%s') must contain only alphanumeric characters, hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.", name.Text)
		return
	}
	data := object(r.node)
	for _, m := range code.Members {
		data.set(m.Key, m.Value)
	}
	if env := r.props.Get("Environment"); env != nil {
		for _, m := range env.Members {
			data.set(m.Key, m.Value)
		}
	}
	if memory := r.props.Get("MemorySize"); memory != nil {
		data.set("MemorySize", memory)
	}
	if snap := r.props.Get("SnapStart"); snap != nil && snap.Get("ApplyOn").string() != "None" {
		data.set("SnapStart", snap)
	}
	sum := sha1.Sum(pythonJSON(nil, data, -1))
	version := r.id + "Version" + hex.EncodeToString(sum[:])[:10]
	v := object(r.node, "FunctionName", ref(r.node, r.id))
	if d := r.props.Get("VersionDescription"); d != nil {
		v.set("Description", d.clone())
	}
	n := r.put(version, "AWS::Lambda::Version", v, false)
	if n.Get("DeletionPolicy") == nil {
		n.set("DeletionPolicy", "Retain")
	}
	r.alias = r.id + "Alias" + strings.NewReplacer("-", "D", "_", "U").Replace(name.Text)
	r.put(r.alias, "AWS::Lambda::Alias", object(r.node, "Name", name.clone(), "FunctionName", ref(r.node, r.id),
		"FunctionVersion", getAtt(r.node, version, "Version")), false)
	r.renamed[r.id+".Alias"], r.renamed[r.id+".Version"] = r.alias, version
	r.target = func() *Node { return ref(r.node, r.alias) }
}

func aliasName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	})
}

// permission lets a service call the function.
func (r *samResource) permission(event, service string, source *Node, account bool) string {
	id := r.id + event + "Permission"
	name := ref(r.node, r.id)
	if r.alias != "" {
		name = ref(r.node, r.alias)
	}
	p := object(r.node, "Action", "lambda:InvokeFunction", "FunctionName", name, "Principal", service)
	if source != nil {
		p.set("SourceArn", source)
	}
	if account {
		p.set("SourceAccount", ref(r.node, "AWS::AccountId"))
	}
	r.put(id, "AWS::Lambda::Permission", p, false)
	return id
}

// functionEvents are the types of events of a function.
var functionEvents = map[string]eventKind{
	"Schedule":        {"Schedule Input Enabled State Name Description DeadLetterConfig RetryPolicy", (*samResource).functionSchedule},
	"ScheduleV2":      {scheduleV2Properties, func(r *samResource, e samEvent) { r.scheduleV2(e, true) }},
	"CloudWatchEvent": {"EventBusName Pattern DeadLetterConfig RetryPolicy Input InputPath Target Enabled State", (*samResource).functionRule},
	"EventBridgeRule": {"EventBusName Pattern DeadLetterConfig RetryPolicy Input InputPath Target InputTransformer RuleName State", (*samResource).functionRule},
	"S3":              {"Bucket Events Filter", (*samResource).functionFile},
	"SNS":             {"Topic Region FilterPolicy FilterPolicyScope RedrivePolicy", (*samResource).functionTopic},
	"SQS": {"Queue BatchSize Enabled MaximumBatchingWindowInSeconds FilterCriteria KmsKeyArn ScalingConfig FunctionResponseTypes MetricsConfig ProvisionedPollerConfig",
		(*samResource).functionQueue},
}

func (r *samResource) functionSchedule(e samEvent) {
	rule := r.scheduleRule(e)
	rule.set("Targets", list(e.node, r.ruleTarget(e, "LambdaTarget", nil)))
	r.put(r.id+e.name, "AWS::Events::Rule", rule, false)
	r.permission(e.name, "events.amazonaws.com", getAtt(e.node, r.id+e.name, "Arn"), false)
}

func (r *samResource) functionRule(e samEvent) {
	rule := r.patternRule(e)
	rule.set("Targets", list(e.node, r.ruleTarget(e, "LambdaTarget", nil)))
	r.put(r.id+e.name, "AWS::Events::Rule", rule, false)
	r.permission(e.name, "events.amazonaws.com", getAtt(e.node, r.id+e.name, "Arn"), false)
}

// functionFile gives a bucket of the same template its notifications.
func (r *samResource) functionFile(e samEvent) {
	name, arg, ok := e.props.Get("Bucket").nilCall()
	bucket := r.resources.Get(arg.string())
	if !ok || name != "Ref" || bucket.Get("Type").string() != "AWS::S3::Bucket" {
		r.failEvent(e, "S3 events must reference an S3 bucket in the same template.")
		return
	}
	types := e.props.Get("Events")
	if types == nil {
		r.failEvent(e, "Missing required property 'Events'.")
		return
	}
	if types.Kind != List {
		types = list(types, types)
	}
	if r.node.Get("Condition") != nil {
		r.failEvent(e, "S3 events of a function with a Condition are not implemented.")
		return
	}
	props := bucket.Get("Properties")
	if props == nil {
		props = object(bucket)
		bucket.set("Properties", props)
	}
	config := props.Get("NotificationConfiguration")
	if config == nil {
		config = object(bucket)
		props.set("NotificationConfiguration", config)
	}
	all := config.Get("LambdaConfigurations")
	if all == nil {
		all = list(bucket)
		config.set("LambdaConfigurations", all)
	}
	for _, t := range types.Items {
		c := object(e.node, "Function", r.target())
		if filter := e.props.Get("Filter"); filter != nil {
			c.set("Filter", filter.clone())
		}
		c.set("Event", t.clone())
		all.Items = append(all.Items, c)
	}
	permission := r.permission(e.name, "s3.amazonaws.com", nil, true)
	depends := list(bucket)
	if d := bucket.Get("DependsOn"); d != nil && d.Kind == String {
		depends.Items = append(depends.Items, d)
	} else if d != nil {
		depends.Items = append(depends.Items, d.Items...)
	}
	if !slices.ContainsFunc(depends.Items, func(n *Node) bool { return n.Text == permission }) {
		depends.Items = append(depends.Items, str(bucket, permission))
	}
	bucket.set("DependsOn", depends)
}

// nilCall is call for a node that may be nil.
func (n *Node) nilCall() (string, *Node, bool) {
	if n == nil {
		return "", nil, false
	}
	return n.call()
}

func (r *samResource) functionTopic(e samEvent) {
	topic := e.props.Get("Topic")
	if topic == nil {
		r.failEvent(e, "Missing required property 'Topic'.")
		return
	}
	r.permission(e.name, "sns.amazonaws.com", topic.clone(), false)
	s := object(e.node, "Protocol", "lambda", "Endpoint", r.target(), "TopicArn", topic.clone())
	e.copy(s, "Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")
	r.put(r.id+e.name, "AWS::SNS::Subscription", s, false)
}

func (r *samResource) functionQueue(e samEvent) {
	queue := e.props.Get("Queue")
	if queue == nil {
		r.failEvent(e, "No Queue (for SQS) or Stream (for Kinesis, DynamoDB or MSK) or Broker (for Amazon MQ) or DocumentDB Cluster provided.")
		return
	}
	name := ref(e.node, r.id)
	if r.alias != "" {
		name = ref(e.node, r.alias)
	}
	m := object(e.node, "FunctionName", name, "EventSourceArn", queue.clone())
	e.copy(m, "BatchSize", "Enabled", "MaximumBatchingWindowInSeconds", "FilterCriteria", "KmsKeyArn", "ScalingConfig", "FunctionResponseTypes", "MetricsConfig", "ProvisionedPollerConfig")
	r.put(r.id+e.name, "AWS::Lambda::EventSourceMapping", m, false)
	r.addManaged("AWSLambdaSQSQueueExecutionRole")
}
