package template

import (
	"maps"
	"slices"
	"strings"
)

// forEach begins the key of a loop: Fn::ForEach::Topics.
const forEach = "Fn::ForEach::"

// maxLoops is how many bodies the loops of a template may make.
const maxLoops = 10_000

// loops expands Fn::ForEach.
type loops struct{ made int }

// expandLoops expands the loops of a template over lists that the template
// spells out. A list of parameters is refused: it would change with each stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
func expandLoops(root *Node) (out *Node, err error) {
	defer func() {
		if e := recover(); e != nil {
			bad, ok := e.(*Error)
			if !ok {
				panic(e)
			}
			out, err = nil, bad
		}
	}()
	l := &loops{}
	out = l.expand(root, nil)
	out.adopt()
	return out, nil
}

const extensionFailed = "Transform AWS::LanguageExtensions failed with: "

func (l *loops) expand(n *Node, values map[string]string) *Node {
	if name, arg, ok := n.call(); ok && name == "Ref" {
		if v, ok := values[arg.Text]; ok {
			return str(n, v)
		}
	}
	c := *n
	c.up, c.key = nil, ""
	c.Text = replaceNames(n.Text, values)
	if n.Kind == List {
		c.Items = make([]*Node, len(n.Items))
		for i, item := range n.Items {
			c.Items[i] = l.expand(item, values)
		}
	}
	c.Members = nil
	seen := make(map[string]bool, len(n.Members))
	for _, m := range n.Members {
		if strings.HasPrefix(m.Key, forEach) {
			l.loop(&c, seen, m, values)
			continue
		}
		key := replaceNames(m.Key, values)
		if seen[key] {
			panic(errorAt(m.Value, extensionFailed+"the key %s is made twice", key))
		}
		seen[key] = true
		c.Members = append(c.Members, Member{key, m.KeyAt, l.expand(m.Value, values)})
	}
	return &c
}

// loop adds to a map, whose keys are seen, what a loop makes.
func (l *loops) loop(to *Node, seen map[string]bool, m Member, outer map[string]string) {
	args := m.Value.list(3)
	if args == nil || args[0].Kind != String || args[2].Kind != Map {
		panic(errorAt(m.Value, extensionFailed+"Fn::ForEach needs an identifier, a collection and a map"))
	}
	if args[1].Kind != List {
		panic(errorAt(args[1], extensionFailed+"a collection of Fn::ForEach that is not spelled out is not implemented"))
	}
	for _, item := range args[1].Items {
		v, ok := item.scalarText()
		if !ok {
			panic(errorAt(item, extensionFailed+"an entry of Fn::ForEach that is not spelled out is not implemented"))
		}
		if l.made++; l.made > maxLoops {
			panic(errorAt(m.Value, extensionFailed+"the loops make more than %d copies", maxLoops))
		}
		values := map[string]string{args[0].Text: replaceNames(v, outer)}
		for name, v := range outer {
			if _, taken := values[name]; !taken {
				values[name] = v
			}
		}
		body := l.expand(args[2], values)
		for _, made := range body.Members {
			if seen[made.Key] {
				panic(errorAt(m.Value, extensionFailed+"Fn::ForEach makes the key %s twice", made.Key))
			}
			seen[made.Key] = true
			to.Members = append(to.Members, made)
		}
	}
}

// replaceNames puts values in the place of ${Name}, and of &{Name} without
// what is not alphanumeric.
func replaceNames(s string, values map[string]string) string {
	if len(values) == 0 || !strings.Contains(s, "{") {
		return s
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		s = strings.ReplaceAll(s, "${"+name+"}", v)
		s = strings.ReplaceAll(s, "&{"+name+"}", strings.Map(func(c rune) rune {
			if alphanumeric(string(c)) {
				return c
			}
			return -1
		}, v))
	}
	return s
}
