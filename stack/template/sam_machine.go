package template

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const samMachineProperties = `Definition DefinitionUri Logging Role RolePath DefinitionSubstitutions Events Name Type Tags Policies
	Tracing PermissionsBoundary AutoPublishAlias UseAliasAsEventTarget`

// stateMachine expands AWS::Serverless::StateMachine.
func (r *samResource) stateMachine() {
	if !r.known("AWS::Serverless::StateMachine", samMachineProperties, "PropagateTags DeploymentPreference") {
		return
	}
	m := object(r.node)
	substitutions := r.props.Get("DefinitionSubstitutions").clone()
	definition, uri := r.props.Get("Definition"), r.props.Get("DefinitionUri")
	switch {
	case definition != nil && uri != nil:
		r.fail(uri, "Specify either 'Definition' or 'DefinitionUri' property and not both.")
		return
	case definition != nil:
		d := definition.clone()
		if substitutions == nil {
			substitutions = object(definition)
		}
		count := 0
		substitute(d, substitutions, &count)
		lines := list(definition)
		for _, line := range strings.Split(string(pythonJSON(nil, d, 0)), "\n") {
			lines.Items = append(lines.Items, str(definition, line))
		}
		m.set("DefinitionString", object(definition, "Fn::Join", list(definition, str(definition, "\n"), lines)))
	case uri != nil:
		place := r.location("DefinitionUri", uri, "Bucket", "Key", "Version")
		if place == nil {
			return
		}
		m.set("DefinitionS3Location", place)
	default:
		r.fail(nil, "Either 'Definition' or 'DefinitionUri' property must be specified.")
		return
	}
	if substitutions != nil && len(substitutions.Members) > 0 {
		m.set("DefinitionSubstitutions", substitutions)
	}
	r.target = func() *Node { return ref(r.node, r.id) }
	if !r.machineRole(m) {
		return
	}
	for from, to := range map[string]string{"Name": "StateMachineName", "Type": "StateMachineType", "Logging": "LoggingConfiguration", "Tracing": "TracingConfiguration"} {
		if v := r.props.Get(from); v != nil {
			m.set(to, v.clone())
		}
	}
	slices.SortStableFunc(m.Members, func(a, b Member) int { return strings.Compare(a.Key, b.Key) })
	m.set("Tags", r.tags("stateMachine:createdBy"))
	r.put(r.id, "AWS::StepFunctions::StateMachine", m, true)
	r.publishMachine()
	r.events(machineEvents)
}

func (r *samResource) machineRole(m *Node) bool {
	role := r.props.Get("Role")
	if role != nil && r.props.Get("Policies") != nil {
		r.fail(role, "Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them")
		return false
	}
	if role != nil {
		m.set("RoleArn", role.clone())
		return true
	}
	m.set("RoleArn", getAtt(r.node, r.id+"Role", "Arn"))
	r.makeRole("states.amazonaws.com", "stateMachine:createdBy", nil, nil)
	if r.props.Get("Tracing").Get("Enabled").string() == "true" {
		r.addManaged("AWSXrayWriteOnlyAccess")
	}
	return true
}

// publishMachine makes the version and the alias of AutoPublishAlias.
func (r *samResource) publishMachine() {
	name, use := r.props.Get("AutoPublishAlias"), r.props.Get("UseAliasAsEventTarget")
	if name == nil {
		if use.string() == "true" {
			r.fail(use, "'UseAliasAsEventTarget' requires 'AutoPublishAlias' property to be specified.")
		}
		return
	}
	if name.Kind != String || !aliasName(name.Text) {
		r.fail(name, "AutoPublishAlias must be the alias's name.")
		return
	}
	version := r.put(r.id+"Version", "AWS::StepFunctions::StateMachineVersion", object(r.node,
		"StateMachineArn", ref(r.node, r.id), "StateMachineRevisionId", getAtt(r.node, r.id, "StateMachineRevisionId")), false)
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if version.Get(policy) == nil {
			version.set(policy, "Retain")
		}
	}
	r.alias = r.id + "Alias" + name.Text
	r.put(r.alias, "AWS::StepFunctions::StateMachineAlias", object(r.node, "Name", name.clone(), "DeploymentPreference",
		object(r.node, "Type", "ALL_AT_ONCE", "StateMachineVersionArn", ref(r.node, r.id+"Version"))), false)
	if use.string() == "true" {
		r.target = func() *Node { return ref(r.node, r.alias) }
	}
}

// machineEvents are the types of events of a state machine.
var machineEvents = map[string]eventKind{
	"Schedule":        {"Schedule Input Enabled State Name Description DeadLetterConfig RetryPolicy Target RoleArn", (*samResource).machineSchedule},
	"ScheduleV2":      {scheduleV2Properties, func(r *samResource, e samEvent) { r.scheduleV2(e, false) }},
	"CloudWatchEvent": {"EventBusName RuleName Pattern Input InputPath DeadLetterConfig RetryPolicy State Target InputTransformer", (*samResource).machineRule},
	"EventBridgeRule": {"EventBusName RuleName Pattern Input InputPath DeadLetterConfig RetryPolicy State Target InputTransformer", (*samResource).machineRule},
}

func (r *samResource) machineSchedule(e samEvent) {
	r.startRule(e, r.scheduleRule(e))
}

func (r *samResource) machineRule(e samEvent) {
	r.startRule(e, r.patternRule(e))
}

// startRule gives a rule the state machine as its target, and the role to
// start it.
func (r *samResource) startRule(e samEvent, rule *Node) {
	id := r.id + e.name
	role := e.props.Get("RoleArn").clone()
	if role == nil {
		role = getAtt(e.node, id+"Role", "Arn")
		made := object(e.node, "AssumeRolePolicyDocument", assumeRole(e.node, "events.amazonaws.com"),
			"Policies", list(e.node, r.allow(e, id+"RoleStartExecutionPolicy", "states:StartExecution")))
		r.copy(made, "PermissionsBoundary")
		r.put(id+"Role", "AWS::IAM::Role", made, false)
	}
	rule.set("Targets", list(e.node, r.ruleTarget(e, "StepFunctionsTarget", role)))
	r.put(id, "AWS::Events::Rule", rule, false)
}

// substitute puts ${definition_substitution_1} and so on in the place of the
// functions and dynamic references of a definition, in the order of the keys.
func substitute(n *Node, into *Node, count *int) {
	members := make([]*Member, len(n.Members))
	for i := range n.Members {
		members[i] = &n.Members[i]
	}
	slices.SortFunc(members, func(a, b *Member) int { return strings.Compare(a.Key, b.Key) })
	replace := func(child *Node) *Node {
		_, _, call := child.call()
		if !call && !(child.Kind == String && strings.HasPrefix(child.Text, dynamicStart) && strings.HasSuffix(child.Text, "}}")) {
			substitute(child, into, count)
			return child
		}
		*count++
		name := fmt.Sprintf("definition_substitution_%d", *count)
		into.set(name, child)
		return str(child, "${"+name+"}")
	}
	for _, m := range members {
		m.Value = replace(m.Value)
	}
	for i, item := range n.Items {
		n.Items[i] = replace(item)
	}
}

// pythonJSON writes a node as Python's json.dumps with sorted keys does, on
// lines with an indentation of four, or on one line without blanks if depth is
// negative: the ids of versions are hashes of such texts.
func pythonJSON(b []byte, n *Node, depth int) []byte {
	line := func(d int) {
		if depth >= 0 {
			b = append(append(b, '\n'), strings.Repeat("    ", d)...)
		}
	}
	next := depth
	if depth >= 0 {
		next++
	}
	switch n.Kind {
	case List:
		if len(n.Items) == 0 {
			return append(b, "[]"...)
		}
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			line(next)
			b = pythonJSON(b, item, next)
		}
		line(depth)
		return append(b, ']')
	case Map:
		if len(n.Members) == 0 {
			return append(b, "{}"...)
		}
		members := slices.Clone(n.Members)
		slices.SortFunc(members, func(x, y Member) int { return strings.Compare(x.Key, y.Key) })
		b = append(b, '{')
		for i, m := range members {
			if i > 0 {
				b = append(b, ',')
			}
			line(next)
			b = append(pythonString(b, m.Key), ':')
			if depth >= 0 {
				b = append(b, ' ')
			}
			b = pythonJSON(b, m.Value, next)
		}
		line(depth)
		return append(b, '}')
	case String:
		return pythonString(b, n.Text)
	case Null:
		return append(b, "null"...)
	}
	return append(b, n.Text...)
}

// pythonString writes a JSON string in ASCII.
func pythonString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c >= 0x20 && c < 0x7f:
			b = append(b, byte(c))
		default:
			for _, unit := range utf16.Encode([]rune{c}) {
				b = append(b, `\u`...)
				hex := strconv.FormatUint(uint64(unit), 16)
				b = append(append(b, "0000"[len(hex):]...), hex...)
			}
		}
	}
	return append(b, '"')
}
