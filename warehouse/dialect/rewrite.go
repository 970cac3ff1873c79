package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A Column is a column of a table that exists.
type Column struct {
	Name     string
	Type     string // in Redshift's words: "character(16)", "numeric(7,2)"
	Blank    bool   // CHAR: trailing blanks do not count
	NotNull  bool
	Nullable bool
	Identity Identity
	Default  string // in DuckDB's words, "" for none
}

// A Table is a table that exists.
type Table struct {
	Columns []Column
}

// A Catalog knows the tables that exist. A nil Table means none.
type Catalog interface {
	Table(name Name) (*Table, error)
	Attributes(name Name) (Attributes, error) // the zero value where there are none
}

// Types are the operand types that an engine found for the operations that
// depend on them, by their offset in the text: ["DECIMAL(7,2)", "INTEGER"].
type Types map[int][]string

// An Env is what rewriting needs to know.
type Env struct {
	Catalog  Catalog
	Database string
	User     string
	Version  string // what version() says
	PID      uint32
	Last     Last
	Serial   string // no other statement has the same
	Types    Types

	// Mismatched are the types of the arguments of the calls and operators, by
	// their offset in the text, that DuckDB has no function for: Redshift makes
	// texts of numbers and times where it needs texts.
	Mismatched Types

	// Schema returns the schema in which a relation without one is found,
	// [TemporarySchema] for a temporary table, "" where there is none. nil knows
	// none.
	Schema func(table string) (string, error)

	// Setting returns the value of a session's setting, and whether there is
	// one; nil knows none.
	Setting func(name string) (string, bool)
}

// Last are what a session did last, 0 where it did nothing of the kind.
type Last struct {
	Query, Copy int64 // ids of statements
	CopyRows    int64
	UnloadRows  int64
}

// A Rewritten is a statement in DuckDB's words.
type Rewritten struct {
	SQL     string
	Mapping Mapping
	Names   []string // of the result's columns, "" where DuckDB's own is right; nil for unknown
	Before  []string // statements that must run before it is prepared
	After   []string // statements that belong to it
	Table   Name     // of DDL: the table that it makes
	Others  []Name   // of DROP: the tables after the first
	Exists  bool     // IF NOT EXISTS, IF EXISTS
	Columns []Column // of CREATE TABLE: its columns as a [Catalog] has them; nil where DuckDB has to be asked

	Made    *Made    // of CREATE TABLE AS and SELECT INTO
	Rebuild *Rebuild // of ALTER TABLE: the table is to be made anew; SQL does nothing
	Alone   string   // what the statement is called when it must not be in a transaction block, ""

	Sets [][2]string // settings that set_config gives, with their values

	History bool // it asks which statements ran
	Sizes   bool // it asks how large tables are

	// Probes are the places where a type must be found before the
	// statement can run: see [Types]. While there are any, SQL is good for
	// nothing but to be prepared, which fails and tells a type.
	Probes []int
}

// A rewriter edits one statement.
type rewriter struct {
	*Statement
	editor
	env    Env
	probes []int

	sets           [][2]string
	history, sizes bool     // see [Rewritten]
	before         []string // see [Rewritten]

	super *supers // nil where no name means SUPER

	serial  bool         // a list of SELECT has GENERATE_SERIES
	written map[int]bool // the constants, by their offset, that were written anew

	liked   bool // a table takes its layout from another one
	altered Name // by ALTER TABLE, where its attributes change

	columns []Column // see [Rewritten]
	err     error
}

func (r *rewriter) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Rewrite returns s in DuckDB's words. Classify must have been called.
func (s *Statement) Rewrite(env Env) (*Rewritten, error) {
	r := &rewriter{Statement: s, env: env}
	out := &Rewritten{}
	if s.Kind != Define || s.head == "create" || s.head == "drop" || s.head == "alter" {
		r.hashNames(s.nodes, 0, 0)
	}
	if s.Kind == Query || s.Kind == Write || s.Kind == Define || s.head == "explain" {
		r.findSupers()
		r.superDistinct(s.nodes)
	}
	r.quoteWords(s.nodes)
	var merged merge
	once := false
	switch {
	case s.Kind == Define:
		r.define(out)
	case s.head == "explain":
		r.explain()
	case s.head == "insert":
		r.insertStatement()
	case s.head == "update":
		r.update()
	case s.head == "merge":
		merged, once = r.merge()
	case s.head == "truncate":
		r.truncate()
	case s.head == "delete":
		if len(s.nodes) > 1 && s.word(s.nodes, 1) != "from" {
			r.insert(s.nodes[0].End, " FROM")
		}
		r.level(s.nodes, true)
	default:
		r.level(s.nodes, true)
		if s.Kind == Query {
			out.Names = s.resultNames()
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	r.blanks()
	r.exact()
	if s.Kind == Query || s.Kind == Write || s.Kind == Define {
		r.nameColumns(s.head != "insert" && s.head != "explain" && out.Names == nil)
	}
	if once {
		r.mergeOnce(merged)
	}
	if r.err != nil {
		return nil, r.err
	}
	out.SQL, out.Mapping = r.apply(s.src, s.Pos, s.End)
	out.Probes = r.probes
	out.Before, out.Sets = r.before, r.sets
	out.History, out.Sizes = r.history, r.sizes
	return out, nil
}

func (r *rewriter) explain() {
	if w := r.word(r.nodes, 1); w == "analyze" || w == "verbose" {
		r.fail(sqlstate.Unsupported(r.nodes[1].Pos, "EXPLAIN %s", strings.ToUpper(w)))
		return
	}
	switch r.word(r.nodes, 1) {
	case "select", "with", "insert", "update", "delete":
		r.level(r.nodes[1:], true)
	default:
		r.fail(r.unexpected(1, r.nodes))
	}
}

func (r *rewriter) truncate() {
	i := 1
	if r.word(r.nodes, i) == "table" {
		i++
	}
	_, end, err := r.name(r.nodes, i)
	if err != nil {
		r.fail(err)
	} else if end < len(r.nodes) {
		r.fail(r.unexpected(end, r.nodes))
	}
}

// insertStatement rewrites INSERT INTO t [(columns)] query. Where the table
// has CHAR columns their trailing blanks are dropped on the way in. What comes
// from other CHAR columns has none.
func (r *rewriter) insertStatement() {
	n := r.nodes
	if r.words(n, 1, "or", "replace") || r.words(n, 1, "or", "ignore") {
		r.fail(sqlstate.Unsupported(n[1].Pos, "INSERT OR %s", strings.ToUpper(n[2].Text(r.src))))
		return
	}
	if r.word(n, 1) != "into" {
		r.fail(r.unexpected(1, n))
		return
	}
	name, i, err := r.name(n, 2)
	if err != nil {
		r.fail(err)
		return
	}
	var columns []string
	listed := i < len(n) && n[i].Kind == sqltext.OpenParen && !r.isQuery(n[i].Children)
	if listed {
		for _, c := range n[i].Children {
			if c.Kind.IsName() {
				columns = append(columns, Ident(c.Token, r.src))
			} else if c.Kind != sqltext.Comma {
				r.fail(r.near(c.Token))
				return
			}
		}
		i++
	}
	if i >= len(n) {
		r.fail(r.unexpected(i, n))
		return
	}
	if r.words(n, i, "default", "values") {
		return
	}
	r.notOurs(n[i:])
	r.level(n[i:], true)
	table, err := r.env.Catalog.Table(name)
	if err != nil {
		r.fail(err)
	}
	if table == nil || r.err != nil {
		return
	}
	count := r.values(n[i:])
	if listed && count > len(columns) || !listed && count > len(table.Columns) {
		r.fail(&sqlstate.Error{Code: sqlstate.SyntaxError, Message: "INSERT has more expressions than target columns", At: n[i].Pos + 1})
		return
	}
	blank, super := map[string]bool{}, map[string]bool{}
	for _, c := range table.Columns {
		blank[c.Name], super[c.Name] = c.Blank, c.Type == "JSON"
		if !listed {
			columns = append(columns, c.Name)
		}
	}
	if r.given(table, columns, n[i:]); r.err != nil {
		return
	}
	r.mixedValues(table, columns, n[i:])
	if !listed && count > 0 && count < len(columns) { // the rest has its defaults
		columns = columns[:count]
		var list []string
		for _, c := range columns {
			list = append(list, Quote(c))
		}
		r.insert(n[i-1].Last(), " ("+strings.Join(list, ", ")+")")
	}
	if known := (&lengths{r: r}).query(n[i:]); len(known) == len(columns) {
		for k, c := range columns {
			blank[c] = blank[c] && !known[k].Blank
		}
	}
	any := false
	for _, c := range columns {
		any = any || blank[c] || super[c]
		if super[c] && r.mentionsDefault(n[i:]) {
			r.fail(sqlstate.Unsupported(n[i].Pos, "DEFAULT beside a SUPER"))
		}
	}
	if !any || r.mentionsDefault(n[i:]) {
		return
	}
	var list, aliases []string
	for k, c := range columns {
		alias := fmt.Sprintf("c%d", k+1)
		aliases = append(aliases, alias)
		if blank[c] {
			alias = "rs_shorn(" + alias + ")"
		} else if super[c] {
			alias = "rs_super(" + alias + ")"
		}
		list = append(list, alias)
	}
	r.wrap(n[i].Pos, r.End, "SELECT "+strings.Join(list, ", ")+" FROM (", "\n) AS rs_rows("+strings.Join(aliases, ", ")+")")
}

// isColumn reports whether nodes are a name, or names with dots between.
func (r *rewriter) isColumn(nodes []sqltext.Node) bool {
	for i, n := range nodes {
		if i%2 == 0 && (!n.Kind.IsName() || reserved[n.Word]) || i%2 == 1 && n.Kind != sqltext.Dot {
			return false
		}
	}
	return len(nodes)%2 == 1
}

// values is how many values a query gives, 0 where that cannot be told.
func (r *rewriter) values(nodes []sqltext.Node) int {
	if r.word(nodes, 0) == "values" && len(nodes) > 1 && nodes[1].IsGroup() {
		return 1 + commas(nodes[1].Children)
	}
	if r.word(nodes, 0) == "with" {
		for i := range nodes {
			if r.word(nodes, i) == "select" {
				return r.values(nodes[i:])
			}
		}
	}
	if r.word(nodes, 0) == "select" {
		sub := &Statement{text: r.text, src: r.src, nodes: nodes, Pos: r.Pos, End: r.End}
		return len(sub.resultNames())
	}
	return 0
}

// notOurs refuses clauses of INSERT that PostgreSQL and DuckDB have, and
// Redshift has not.
func (r *rewriter) notOurs(nodes []sqltext.Node) {
	for i := range nodes {
		switch {
		case r.words(nodes, i, "on", "conflict"):
			r.fail(sqlstate.Unsupported(nodes[i].Pos, "ON CONFLICT"))
		case i > 0 && nodes[i-1].IsGroup() && r.word(nodes, i) == "returning":
			r.fail(sqlstate.Unsupported(nodes[i].Pos, "RETURNING"))
		}
	}
}

func commas(nodes []sqltext.Node) int {
	count := 0
	for _, n := range nodes {
		if n.Kind == sqltext.Comma {
			count++
		}
	}
	return count
}

func (r *rewriter) mentionsDefault(nodes []sqltext.Node) bool {
	for _, n := range nodes {
		if n.Is(r.src, "default") || n.IsGroup() && r.mentionsDefault(n.Children) {
			return true
		}
	}
	return false
}

// update rewrites UPDATE t SET c = x, …, with trailing blanks dropped for CHAR
// columns. What comes from other CHAR columns has none.
func (r *rewriter) update() {
	n := r.nodes
	r.level(n, true)
	name, i, err := r.name(n, 1)
	if err != nil {
		r.fail(err)
		return
	}
	table, err := r.env.Catalog.Table(name)
	if err != nil {
		r.fail(err)
	}
	if table == nil {
		return
	}
	blank, identity, super := map[string]bool{}, map[string]bool{}, map[string]bool{}
	declared := map[string]Column{}
	for _, c := range table.Columns {
		declared[c.Name] = c
		blank[c.Name], identity[c.Name], super[c.Name] = c.Blank, c.Identity == IdentityAlways, c.Type == "JSON"
	}
	for ; i < len(n) && r.word(n, i) != "set"; i++ {
	}
	known := &lengths{r: r}
	sources, _ := known.sources(n)
	for i++; i+2 < len(n); {
		end := i
		for end < len(n) && n[end].Kind != sqltext.Comma && r.word(n, end) != "from" && r.word(n, end) != "where" {
			end++
		}
		if n[i].Kind.IsName() && identity[Ident(n[i].Token, r.src)] {
			r.fail(errIdentity(n[i].Pos))
			return
		}
		if end == i+3 && n[i].Kind.IsName() {
			r.stored(declared[Ident(n[i].Token, r.src)], n[i+2])
		}
		if end > i+2 && n[i].Kind.IsName() && super[Ident(n[i].Token, r.src)] {
			if to, ok := r.superShape(n, i+2); !ok || to < end {
				r.wrap(n[i+2].Pos, n[end-1].Last(), "rs_super(", ")")
			}
		}
		if end > i+2 && n[i].Kind.IsName() && n[i+1].IsOp(r.src, "=") && blank[Ident(n[i].Token, r.src)] && r.word(n, i+2) != "default" {
			switch value := n[i+2 : end]; {
			case !r.isColumn(value):
				r.wrap(n[i+2].Pos, n[end-1].Last(), "rtrim(CAST(", " AS VARCHAR))")
			case !strings.HasPrefix(known.value(value, sources, false), "character("): // rs_shorn reads its argument again
				r.wrap(n[i+2].Pos, n[end-1].Last(), "rs_shorn(", ")")
			}
		}
		if end >= len(n) || n[end].Kind != sqltext.Comma {
			return
		}
		i = end + 1
	}
}

// isQuery reports whether nodes, the inside of a parenthesis, are a query.
func (r *rewriter) isQuery(nodes []sqltext.Node) bool {
	switch r.word(nodes, 0) {
	case "select", "with", "values", "from", "table":
		return true
	}
	return len(nodes) > 0 && nodes[0].Kind == sqltext.OpenParen && r.isQuery(nodes[0].Children)
}
