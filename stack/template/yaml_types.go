package template

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// resolve gives a plain scalar its type, by the rules of YAML 1.1: yes, no, on
// and off are booleans, 010 is eight, 1:30 is ninety. Dates stay text.
//
// https://yaml.org/type/
func (y *yamlReader) resolve(s string, offset int) *Node {
	n := &Node{Kind: String, Text: s, At: y.at(offset)}
	switch s {
	case "", "~", "null", "Null", "NULL":
		n.Kind, n.Text = Null, ""
		return n
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		n.Kind, n.Text = Bool, "true"
		return n
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		n.Kind, n.Text = Bool, "false"
		return n
	}
	if c := s[0]; c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') {
		return n
	}
	if text, ok := yamlInt(s); ok {
		n.Kind, n.Text = Number, text
	} else if text, ok := yamlFloat(s); ok {
		n.Kind, n.Text = Number, text
	}
	return n
}

func yamlInt(s string) (string, bool) {
	sign := ""
	if s[0] == '+' || s[0] == '-' {
		if s[0] == '-' {
			sign = "-"
		}
		s = s[1:]
	}
	if s == "" || s[0] < '0' || s[0] > '9' || len(s) > 1000 {
		return "", false
	}
	if strings.Contains(s, ":") {
		total, ok := sexagesimal(s)
		return sign + strconv.FormatInt(total, 10), ok
	}
	digits := strings.ReplaceAll(s, "_", "")
	base := 10
	switch {
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0x"):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return "", false
	}
	i, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return "", false
	}
	if i.Sign() == 0 {
		sign = ""
	}
	return sign + i.String(), true
}

// sexagesimal reads 1:30:00; each part but the first is below 60.
func sexagesimal(s string) (total int64, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 6 || parts[0] == "" || parts[0][0] == '0' {
		return 0, false
	}
	for i, part := range parts {
		part = strings.ReplaceAll(part, "_", "")
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil || i > 0 && (n > 59 || len(part) > 2) {
			return 0, false
		}
		total = total*60 + int64(n)
	}
	return total, true
}

func yamlFloat(s string) (string, bool) {
	digits := strings.ReplaceAll(s, "_", "")
	dot := strings.IndexByte(digits, '.')
	if dot < 0 || strings.Trim(digits, "+-.0123456789eE") != "" || strings.Trim(digits, "+-.eE") == "" || len(s) > 1000 {
		return "", false
	}
	if e := strings.IndexAny(digits, "eE"); e >= 0 && (e < dot || !strings.ContainsAny(digits[e:], "+-")) {
		return "", false // YAML 1.1 wants the exponent's sign
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if math.Abs(f) >= 1e7 || f != 0 && math.Abs(f) < 1e-3 {
		text = strconv.FormatFloat(f, 'E', -1, 64)
	} else if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text, true
}

// tagged applies a tag: a function in its short form, or a standard type.
func (y *yamlReader) tagged(tag string, at int, n *Node) *Node {
	if tag == "" {
		return n
	}
	if standard, ok := strings.CutPrefix(strings.Replace(tag, "!<tag:yaml.org,2002:", "!!", 1), "!!"); ok {
		return y.standardTag(strings.TrimSuffix(standard, ">"), at, n)
	}
	name := tag[1:]
	switch name {
	case "":
		if text, ok := n.scalarText(); ok {
			n = &Node{Kind: String, Text: text, At: n.At}
		}
		return n
	case "Ref", "Condition":
	case "GetAtt":
		name = "Fn::GetAtt"
		if id, attribute, ok := cutAttribute(name, n); ok {
			n = list(n, str(n, id), str(n, attribute))
		}
	case "And", "Base64", "Cidr", "Equals", "FindInMap", "ForEach", "GetAZs", "If", "ImportValue", "Join",
		"Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform",
		"Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll":
		name = "Fn::" + name
	default:
		y.failAt(at, "no function has the tag %q", tag)
	}
	if n.Kind == Null { // nothing after the tag
		n = &Node{Kind: String, At: n.At}
	}
	place := y.at(at)
	return &Node{Kind: Map, At: place, Members: []Member{{Key: name, KeyAt: place, Value: n}}}
}

// cutAttribute splits the form of Fn::GetAtt that is one string.
func cutAttribute(name string, arg *Node) (id, attribute string, ok bool) {
	if name != "Fn::GetAtt" || arg.Kind != String {
		return "", "", false
	}
	return strings.Cut(arg.Text, ".")
}

func (y *yamlReader) standardTag(name string, at int, n *Node) *Node {
	switch text, scalar := n.scalarText(); name {
	case "str":
		if scalar || n.Kind == Null {
			return &Node{Kind: String, Text: text, At: n.At}
		}
	case "int":
		if scalar && text != "" {
			if i, ok := yamlInt(text); ok {
				return &Node{Kind: Number, Text: i, At: n.At}
			}
		}
	case "float":
		if _, err := strconv.ParseFloat(text, 64); scalar && err == nil && !strings.ContainsAny(text, "nNxX_") {
			return &Node{Kind: Number, Text: text, At: n.At}
		}
	case "bool":
		if r := y.resolve(text, at); scalar && r.Kind == Bool {
			return r
		}
	case "null":
		if n.Kind == Null {
			return n
		}
	case "map":
		if n.Kind == Map {
			return n
		}
	case "seq":
		if n.Kind == List {
			return n
		}
	}
	y.failAt(at, "CloudFormation does not take the tag \"!!%s\" here", name)
	return nil
}
