package template

// The transforms of CloudFormation that are expanded here.
const (
	samTransform       = "AWS::Serverless-2016-10-31"
	extensionTransform = "AWS::LanguageExtensions"
)

// transform returns the template as its transforms make it, or root itself if
// it has none.
func (b *builder) transform(root *Node) (*Node, error) {
	n := root.Get("Transform")
	if n == nil {
		if g := root.Get("Globals"); g != nil {
			return nil, errorAt(g, "Invalid template property or properties [Globals]")
		}
		return root, nil
	}
	names := n.Items
	if n.Kind == String {
		names = []*Node{n}
	}
	serverless := false
	for _, name := range names {
		switch name.Text {
		case samTransform:
			serverless = true
		case extensionTransform:
			b.t.extensions = true
		default:
			return nil, errorAt(name, "No transform named %s found.", name.Text).hint("it is not implemented")
		}
		b.t.Transforms = append(b.t.Transforms, name.Text)
	}
	if b.t.extensions {
		var err error
		if root, err = expandLoops(root); err != nil {
			return nil, err
		}
	}
	if serverless {
		return expandSAM(root)
	}
	return root, nil
}
