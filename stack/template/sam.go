package template

import (
	"fmt"
	"slices"
	"strings"
)

// sam expands the resources of the Serverless Application Model as
// aws-sam-translator does: the same logical ids, types and properties. What it
// does not know is refused by name.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
type sam struct {
	root      *Node
	resources *Node // the expanded ones
	globals   *Node
	renamed   map[string]string // "F.Alias" to the id of the alias
	problems  []string          // in AWS's words
	first     *Node             // where the first problem is
}

// expandSAM returns the template without AWS::Serverless types.
func expandSAM(root *Node) (*Node, error) {
	s := &sam{root: root.clone(), globals: root.Get("Globals"), renamed: map[string]string{}}
	s.root.adopt()
	s.resources = &Node{Kind: Map, At: root.At}
	all := s.root.Get("Resources")
	if all == nil || all.Kind != Map || len(all.Members) > MaxResources {
		return root, nil // the check of resources tells
	}
	s.resources.At = all.At
	s.checkGlobals()
	s.resources.Members = append(s.resources.Members, all.Members...) // events change buckets, wherever they are
	for _, m := range all.Members {
		typ := m.Value.Get("Type")
		if typ == nil || !strings.HasPrefix(typ.Text, "AWS::Serverless::") {
			continue
		}
		props := m.Value.Get("Properties")
		if props != nil && props.Kind != Map {
			s.invalid(m.Key, props, "Properties should be a map.")
			continue
		}
		if props == nil {
			props = object(m.Value)
		}
		r := &samResource{sam: s, id: m.Key, node: m.Value, props: s.merge(typ.Text, props)}
		switch typ.Text {
		case "AWS::Serverless::Function":
			r.function()
		case "AWS::Serverless::StateMachine":
			r.stateMachine()
		default:
			s.invalid(m.Key, typ, "%s is not implemented.", typ.Text)
		}
	}
	if s.problems != nil {
		return nil, errorAt(s.first, "Transform %s failed with: Invalid Serverless Application Specification document. Number of errors found: %d. %s",
			samTransform, len(s.problems), strings.Join(s.problems, " "))
	}
	out := &Node{Kind: Map, At: root.At}
	for _, m := range s.root.Members {
		switch m.Key {
		case "Globals", "Transform":
			continue
		case "Resources":
			m.Value = s.resources
		}
		out.Members = append(out.Members, m)
	}
	s.rename(out)
	return out, nil
}

// invalid notes what is wrong with a resource.
func (s *sam) invalid(id string, at *Node, format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf("Resource with id [%s] is invalid. ", id)+fmt.Sprintf(format, args...))
	if s.first == nil {
		s.first = at
	}
}

// globalSections are the types that Globals can speak of.
var globalSections = []string{"Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebSocketApi"}

func (s *sam) checkGlobals() {
	if s.globals == nil {
		return
	}
	if s.globals.Kind != Map {
		s.problems, s.first = append(s.problems, "'Globals' section is invalid. It must be a non-empty dictionary"), s.globals
		return
	}
	for _, m := range s.globals.Members {
		if !slices.Contains(globalSections, m.Key) {
			s.problems, s.first = append(s.problems, fmt.Sprintf("'Globals' section is invalid. '%s' is not supported. Must be one of the following values - ['%s']",
				m.Key, strings.Join(globalSections, "', '"))), m.Value
		}
	}
}

// merge adds the properties of Globals to a resource's: maps are merged, lists
// joined, and of other values the resource's own counts.
func (s *sam) merge(typ string, props *Node) *Node {
	global := s.globals.Get(strings.TrimPrefix(typ, "AWS::Serverless::"))
	if global == nil || global.Kind != Map {
		return props
	}
	return mergeNodes(global, props)
}

func mergeNodes(global, local *Node) *Node {
	_, _, globalCall := global.call()
	_, _, localCall := local.call()
	switch {
	case globalCall || localCall || global.Kind != local.Kind:
		return local
	case global.Kind == List:
		out := list(local)
		for _, item := range global.Items {
			out.Items = append(out.Items, item.clone())
		}
		out.Items = append(out.Items, local.Items...)
		return out
	case global.Kind == Map:
		out := object(local)
		place := map[string]int{}
		for i, m := range global.Members {
			place[m.Key] = i
			out.Members = append(out.Members, Member{m.Key, m.KeyAt, m.Value.clone()})
		}
		for _, m := range local.Members {
			if i, both := place[m.Key]; both {
				out.Members[i].Value = mergeNodes(out.Members[i].Value, m.Value)
			} else {
				out.Members = append(out.Members, m)
			}
		}
		return out
	}
	return local
}

// rename replaces references to what a function publishes: !Ref F.Alias,
// ${F.Version}.
func (s *sam) rename(n *Node) {
	if len(s.renamed) == 0 {
		return
	}
	if name, arg, ok := n.call(); ok {
		switch {
		case name == "Ref" && s.renamed[arg.Text] != "":
			arg.Text = s.renamed[arg.Text]
		case name == "Fn::GetAtt":
			s.renameAttribute(arg)
		case name == "Fn::Sub":
			text := arg
			if arg.Kind == List && len(arg.Items) > 0 {
				text = arg.Items[0]
			}
			for from, to := range s.renamed {
				text.Text = strings.ReplaceAll(text.Text, "${"+from+"}", "${"+to+"}")
				text.Text = strings.ReplaceAll(text.Text, "${"+from+".", "${"+to+".")
			}
		}
	}
	for _, item := range n.Items {
		s.rename(item)
	}
	for _, m := range n.Members {
		s.rename(m.Value)
	}
}

// renameAttribute makes "F.Version.Version" the attribute of what F.Version
// stands for.
func (s *sam) renameAttribute(arg *Node) {
	text := arg.Text
	if arg.Kind == List {
		if len(arg.Items) != 2 || arg.Items[0].Kind != String || arg.Items[1].Kind != String {
			return
		}
		text = arg.Items[0].Text + "." + arg.Items[1].Text
	}
	for from, to := range s.renamed {
		attribute, ok := strings.CutPrefix(text, from+".")
		switch {
		case !ok:
		case arg.Kind == List:
			arg.Items[0].Text, arg.Items[1].Text = to, attribute
		default:
			arg.Text = to + "." + attribute
		}
	}
}

// samResource is one AWS::Serverless resource under expansion.
type samResource struct {
	*sam
	id    string
	node  *Node // the declaration
	props *Node // with Globals

	target func() *Node // the ARN that events call
	role   *Node        // properties of the role made for it; nil if it has one
	alias  string       // id of the alias that events call; "" if none
}

func (r *samResource) fail(at *Node, format string, args ...any) {
	if at == nil {
		at = r.node
	}
	r.invalid(r.id, at, format, args...)
}

// known refuses properties that the type does not have, and those that are not
// implemented here.
func (r *samResource) known(typ string, names, refused string) bool {
	ok := true
	for _, m := range r.props.Members {
		switch {
		case slices.Contains(strings.Fields(refused), m.Key):
			r.fail(m.Value, "the property %s of %s is not implemented.", m.Key, typ)
			ok = false
		case !slices.Contains(strings.Fields(names), m.Key):
			r.fail(m.Value, "property %s not defined for resource of type %s", m.Key, typ)
			ok = false
		}
	}
	return ok
}

// put makes the resource id of the expansion. own says that it stands for the
// declaration itself, and takes all its attributes.
func (r *samResource) put(id, typ string, props *Node, own bool) *Node {
	n := object(r.node, "Type", typ)
	if len(props.Members) > 0 {
		n.set("Properties", props)
	}
	attributes := []string{"Condition", "DeletionPolicy", "UpdateReplacePolicy"}
	if own {
		attributes = append(attributes, "DependsOn", "UpdatePolicy", "Metadata")
	}
	for _, a := range attributes {
		if v := r.node.Get(a); v != nil {
			n.set(a, v.clone())
		}
	}
	if !own && r.resources.Get(id) != nil {
		r.fail(nil, "the expansion needs the id %s, which another resource has.", id)
	}
	r.resources.set(id, n)
	return n
}

// copy copies properties under their own names.
func (r *samResource) copy(to *Node, names ...string) {
	for _, name := range names {
		if v := r.props.Get(name); v != nil {
			to.set(name, v.clone())
		}
	}
}

// tags returns the list of tags with SAM's own first.
func (r *samResource) tags(own string) *Node {
	tags := list(r.node, object(r.node, "Key", own, "Value", "SAM"))
	if t := r.props.Get("Tags"); t != nil {
		for _, m := range t.Members {
			tags.Items = append(tags.Items, object(r.node, "Key", m.Key, "Value", m.Value.clone()))
		}
	}
	return tags
}

// location takes apart an S3 location: "s3://bucket/key?versionId=v" or a map
// of Bucket, Key and Version.
func (r *samResource) location(property string, n *Node, bucket, key, version string) *Node {
	if n.Kind == Map {
		if n.Get("Bucket") == nil || n.Get("Key") == nil {
			r.fail(n, "'%s' requires Bucket and Key properties to be specified.", property)
			return nil
		}
		return object(n, bucket, n.Get("Bucket").clone(), key, n.Get("Key").clone(), version, n.Get("Version").clone())
	}
	rest, ok := strings.CutPrefix(n.Text, "s3://")
	name, object_, slash := strings.Cut(rest, "/")
	object_, query, _ := strings.Cut(object_, "?")
	if n.Kind != String || !ok || !slash || name == "" || object_ == "" {
		r.fail(n, "'%s' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.", property)
		return nil
	}
	out := object(n, bucket, name, key, object_)
	if v, ok := strings.CutPrefix(query, "versionId="); ok && v != "" {
		out.set(version, v)
	}
	return out
}
