package jsonata

import "salamander/internal/regex"

type kind uint8

const (
	kEnd      kind = iota
	kOperator      // a symbol where an operand is expected
	kName
	kString
	kNumber
	kValue
	kVariable
	kRegex
	kWildcard
	kDescendant
	kParent
	kPlaceholder // ? among arguments
	kBinary
	kMinus
	kArray
	kObject
	kCall
	kPartial
	kLambda
	kCondition
	kElvis    // lhs ?: rhs
	kCoalesce // lhs ?? rhs
	kTransform
	kBlock
	// Made by resolving.
	kPath
	kBind
	kApply
	kSort
)

// kindName is the reference's name, for error tokens.
func (k kind) String() string {
	return [...]string{"(end)", "operator", "name", "string", "number", "value", "variable", "regex", "wildcard",
		"descendant", "parent", "operator", "binary", "unary", "unary", "unary", "function", "partial", "lambda",
		"condition", "condition", "condition", "transform", "block", "path", "bind", "apply", "sort"}[k]
}

// A node is a part of an expression. Once resolved it never changes.
type node struct {
	kind kind
	pos  int
	text string // a name, a string, an operator
	op   op     // of kBinary
	num  float64
	val  any // of kNumber (boxed) and kValue
	re   *regex.Regexp

	lhs, rhs *node   // operands; of a call, lhs is the procedure; of a lambda, rhs is the body
	els      *node   // kCondition: lhs ? rhs : els; kTransform: | lhs | rhs, els |
	list     []*node // arguments, items, steps, the parts of a block
	pairs    [][2]*node
	terms    []term
	sig      *signature
	fn       *builtin // of kVariable: the library's function of that name

	keepArray     bool // [] follows
	keepSingleton bool // a path whose result stays an array
	cons          bool // an array constructor at a path's end
	tuple         bool // a step that makes a tuple stream
	tail          bool // a call in tail position
	focus, index  string
	ancestor      *slot
	predicates    []stage
	stages        []stage
	group         *group

	slot    *slot
	seeking []*slot
}

type term struct {
	descending bool
	expr       *node
}

// A stage follows a step of a path: a filter, or a binding of the position.
type stage struct {
	expr  *node  // of a filter
	index string // the variable otherwise
}

type group struct {
	pairs [][2]*node
	pos   int
}

// A slot is where the value of a parent operator % is found.
type slot struct {
	label string
	level int
}

type op uint8

const (
	opNone op = iota
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opConcat
	opAnd
	opOr
	opIn
	opRange
)

func opOf(s string) op {
	switch s {
	case "+":
		return opAdd
	case "-":
		return opSub
	case "*":
		return opMul
	case "/":
		return opDiv
	case "%":
		return opMod
	case "=":
		return opEq
	case "!=":
		return opNe
	case "<":
		return opLt
	case "<=":
		return opLe
	case ">":
		return opGt
	case ">=":
		return opGe
	case "&":
		return opConcat
	case "and":
		return opAnd
	case "or":
		return opOr
	case "in":
		return opIn
	case "..":
		return opRange
	}
	return opNone
}
