package template

import (
	"fmt"
	"slices"
	"strings"
)

// A use is a name that a node uses.
type use struct {
	kind      useKind
	name      string
	attribute string
	at        *Node
}

type useKind uint8

const (
	useRef       useKind = iota // Ref X, ${X}
	useAtt                      // Fn::GetAtt
	useSubAtt                   // ${X.Y}
	useCondition                // Fn::If
	useMap                      // Fn::FindInMap
)

// uses walks over the calls below n in the order of the text. taken chooses the
// branch of an Fn::If; nil takes both. Mistakes of form go to bad.
func uses(n *Node, taken func(n, arg *Node) *Node, visit func(use), bad func(*Error)) {
	name, arg, ok := n.call()
	if !ok {
		for _, item := range n.Items {
			uses(item, taken, visit, bad)
		}
		for _, m := range n.Members {
			uses(m.Value, taken, visit, bad)
		}
		return
	}
	switch name {
	case "Ref":
		if arg.Kind != String {
			bad(errorAt(n, "Template error: every Ref object must have a single String value."))
			return
		}
		visit(use{useRef, arg.Text, "", n})
	case "Fn::GetAtt":
		args := arg.list(2)
		if args == nil || args[0].Kind != String || args[0].Text == "" || args[1].Kind == String && args[1].Text == "" {
			bad(errorAt(n, getAttForm))
			return
		}
		visit(use{useAtt, args[0].Text, args[1].Text, n})
		uses(args[1], taken, visit, bad)
	case "Fn::Sub":
		pieces, variables, err := subForm(arg)
		if err != nil {
			bad(err)
			return
		}
		used := map[string]bool{}
		for _, p := range pieces {
			if !p.name || used[p.text] {
				continue
			}
			used[p.text] = true
			if v := variables.Get(p.text); v != nil {
				continue
			} else if id, attribute, ok := strings.Cut(p.text, "."); ok {
				visit(use{useSubAtt, id, attribute, n})
			} else {
				visit(use{useRef, p.text, "", n})
			}
		}
		if variables != nil {
			uses(variables, taken, visit, bad)
		}
	case "Fn::If":
		args := arg.list(3)
		if args == nil || args[0].Kind != String {
			bad(errorAt(n, ifForm))
			return
		}
		visit(use{useCondition, args[0].Text, "", n})
		if taken != nil {
			uses(taken(n, arg), taken, visit, bad)
			return
		}
		uses(args[1], nil, visit, bad)
		uses(args[2], nil, visit, bad)
	case "Fn::FindInMap":
		if arg.Kind == List && len(arg.Items) >= 3 && arg.Items[0].Kind == String {
			visit(use{useMap, arg.Items[0].Text, "", n})
		}
		uses(arg, taken, visit, bad)
	case "Fn::Join", "Fn::Select", "Fn::Split", "Fn::ImportValue", "Fn::Base64", "Fn::Cidr", "Fn::GetAZs":
		form(n, name, arg, bad)
		uses(arg, taken, visit, bad)
	case "Fn::Length", "Fn::ToJsonString":
		uses(arg, taken, visit, bad)
	default:
		bad(unknownFunction(n, name))
	}
}

// form checks the number of a function's arguments.
func form(n *Node, name string, arg *Node, bad func(*Error)) {
	want := map[string]string{"Fn::Join": joinForm, "Fn::Select": selectForm, "Fn::Split": splitForm}[name]
	if want != "" && arg.list(2) == nil {
		bad(errorAt(n, "%s", want))
	} else if name == "Fn::Cidr" && arg.list(3) == nil {
		bad(errorAt(n, cidrForm))
	}
}

// references checks that all names that the resources and outputs use are
// there. AWS names the unresolved ones of a section in one message.
func (b *builder) references() {
	b.extensionCalls(b.t.Root.Get("Resources"))
	b.block("Resources", func(visit func(*Node)) {
		for _, r := range b.t.Resources {
			for _, n := range []*Node{r.Properties, r.CreationPolicy, r.UpdatePolicy} {
				if n != nil {
					visit(n)
				}
			}
		}
	})
	b.block("Outputs", func(visit func(*Node)) {
		for _, o := range b.t.Outputs {
			visit(o.Value)
			if o.Export != nil {
				visit(o.Export)
			}
		}
	})
}

func (b *builder) block(name string, each func(func(*Node))) {
	var missing []string
	var first *Node
	missed := map[string]bool{}
	miss := func(id string, at *Node) {
		if !missed[id] && len(missing) < maxErrors {
			missed[id] = true
			missing = append(missing, id)
		}
		if first == nil {
			first = at
		}
	}
	known := map[string]bool{}
	for _, r := range b.t.Resources {
		known[r.ID] = true
	}
	if name == "Resources" {
		for _, r := range b.t.Resources {
			for _, id := range r.DependsOn {
				if !known[id] {
					miss(id, r.Node.Get("DependsOn"))
				}
			}
		}
	}
	each(func(n *Node) {
		uses(n, nil, func(u use) {
			switch u.kind {
			case useRef:
				if !known[u.name] && b.t.Parameter(u.name) == nil && !isPseudo(u.name) {
					miss(u.name, u.at)
				}
			case useAtt:
				if !known[u.name] {
					b.push(b.near(errorAt(u.at, "Template error: instance of Fn::GetAtt references undefined resource %s", u.name), u.name))
				}
			case useSubAtt:
				if !known[u.name] {
					b.push(b.near(errorAt(u.at, "Template error: instance of Fn::Sub references invalid resource attribute %s.%s", u.name, u.attribute), u.name))
				}
			case useCondition:
				if _, ok := b.t.conditions[u.name]; !ok {
					b.add(u.at, "Template error: unresolved condition dependency %s in the %s block of the template", u.name, name)
				}
			case useMap:
				if b.t.mappings[u.name] == nil && !b.t.extensions {
					b.add(u.at, "Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", u.name)
				}
			}
		}, b.push)
	})
	if missing != nil {
		b.push(b.near(errorAt(first, "Template format error: Unresolved resource dependencies [%s] in the %s block of the template", strings.Join(missing, ", "), name), missing[0]))
	}
}

// extensionCalls refuses the functions of AWS::LanguageExtensions without it.
func (b *builder) extensionCalls(n *Node) {
	if b.t.extensions || n == nil {
		return
	}
	if name, _, ok := n.call(); ok && (name == "Fn::Length" || name == "Fn::ToJsonString") {
		b.add(n, "Template error: %s needs the transform AWS::LanguageExtensions", name)
	}
	for _, item := range n.Items {
		b.extensionCalls(item)
	}
	for _, m := range n.Members {
		b.extensionCalls(m.Value)
	}
}

// near adds the name that was perhaps meant.
func (b *builder) near(e *Error, name string) *Error {
	if len(b.all) >= maxErrors {
		return e // nobody will see it
	}
	best, distance := "", 3
	consider := func(s string) {
		if d := editDistance(s, name); d < distance {
			best, distance = s, d
		}
	}
	for _, r := range b.t.Resources {
		consider(r.ID)
	}
	for _, p := range b.t.Parameters {
		consider(p.Name)
	}
	if best != "" {
		e.hint("did you mean %q?", best)
	}
	return e
}

func editDistance(s, t string) int {
	if len(s)-len(t) > 3 || len(t)-len(s) > 3 {
		return 4
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(t)]
}

// references refuses what the conditions leave without a resource, and cycles.
func (b *Bound) references() error {
	graph, errs := b.dependencies()
	if errs != nil {
		return errs
	}
	ids := make([]string, 0, len(graph))
	for _, r := range b.Resources() {
		ids = append(ids, r.ID)
	}
	for _, cycle := range cycles(ids, func(id string) []string { return graph[id] }) {
		return errorAt(b.t.Resource(cycle[0]).Node, "Circular dependency between resources: [%s]", strings.Join(cycle, ", ")).
			hint("%s", chain(cycle, graph))
	}
	return nil
}

// Dependencies tells for each resource that takes part those that must be there
// before it, in the order in which it names them.
func (b *Bound) Dependencies() map[string][]string {
	graph, _ := b.dependencies() // Bind has seen the errors
	return graph
}

func (b *Bound) dependencies() (map[string][]string, error) {
	var all errorList
	here := map[string]bool{}
	active := b.Resources()
	for _, r := range active {
		here[r.ID] = true
	}
	taken := func(n, arg *Node) *Node {
		branch, err := b.branch(n, arg)
		if err != nil {
			return &Node{} // the static check has refused it
		}
		return branch
	}
	graph := make(map[string][]string, len(active))
	for _, r := range active {
		needs := []string{}
		add := func(id string) {
			if here[id] && id != r.ID && !slices.Contains(needs, id) {
				needs = append(needs, id)
			}
		}
		for _, id := range r.DependsOn {
			add(id)
			if id == r.ID {
				needs = append(needs, id)
			}
		}
		for _, n := range []*Node{r.Properties, r.CreationPolicy, r.UpdatePolicy} {
			if n == nil {
				continue
			}
			uses(n, taken, func(u use) {
				if u.kind > useSubAtt {
					return
				}
				if u.name == r.ID {
					needs = append(needs, u.name)
				} else if !here[u.name] && b.t.Resource(u.name) != nil {
					all.push(absent(u, b.t.Resource(u.name), "Resources"))
				}
				add(u.name)
			}, func(*Error) {})
		}
		graph[r.ID] = needs
	}
	for _, o := range b.t.Outputs {
		if o.Condition != "" && !b.conditions[o.Condition] {
			continue
		}
		uses(o.Value, taken, func(u use) {
			if u.kind <= useSubAtt && !here[u.name] && b.t.Resource(u.name) != nil {
				all.push(absent(u, b.t.Resource(u.name), "Outputs"))
			}
		}, func(*Error) {})
	}
	return graph, all.err()
}

func absent(u use, r *Resource, block string) *Error {
	return errorAt(u.at, "Template format error: Unresolved resource dependencies [%s] in the %s block of the template", u.name, block).
		hint("its condition %q is false", r.Condition)
}

// chain shows one way round a cycle: "A needs B, B needs A".
func chain(cycle []string, graph map[string][]string) string {
	in := map[string]bool{}
	for _, id := range cycle {
		in[id] = true
	}
	// Walk within the component until a name comes again.
	seen := map[string]int{}
	var walk []string
	for id := cycle[0]; ; {
		if i, ok := seen[id]; ok {
			walk = append(walk[i:], id)
			break
		}
		seen[id] = len(walk)
		walk = append(walk, id)
		for _, next := range graph[id] {
			if in[next] {
				id = next
				break
			}
		}
	}
	var parts []string
	for i := 0; i+1 < len(walk) && i < 10; i++ {
		parts = append(parts, fmt.Sprintf("%s needs %s", walk[i], walk[i+1]))
	}
	return strings.Join(parts, ", ")
}
