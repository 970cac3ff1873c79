package dialect

import (
	"cmp"
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// clauses corrects what belongs to a whole query: TOP, MINUS, and what may
// stand in a FROM clause.
func (r *rewriter) clauses(nodes []sqltext.Node) {
	from := false
	for i, n := range nodes {
		switch w := r.word(nodes, i); w {
		case "from", "join", "using":
			from = true
		case "where", "group", "order", "having", "limit", "union", "except", "intersect", "select", "set", "on", "values", "window", "qualify":
			from = false
			if w == "select" {
				r.top(nodes, i)
				if r.words(nodes, i+1, "distinct", "on") && i+3 < len(nodes) && nodes[i+3].IsGroup() {
					r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "SELECT DISTINCT ON is not supported", At: nodes[i+1].Pos + 1})
				}
			}
		case "minus":
			if r.word(nodes, i+1) == "select" || r.word(nodes, i+1) == "all" || i+1 < len(nodes) && nodes[i+1].IsGroup() && r.isQuery(nodes[i+1].Children) {
				r.replace(n.Pos, n.End, "EXCEPT")
				from = false
			}
		case "connect", "start":
			if r.word2(nodes, i+1, "by", "with") && !r.word2(nodes, i-1, "as", "select") {
				r.fail(sqlstate.Unsupported(n.Pos, "CONNECT BY"))
			}
		case "sample":
			if from && !r.word2(nodes, i-1, "as", "from", "join") {
				r.fail(sqlstate.Unsupported(n.Pos, "%s", n.Text(r.src)))
			}
		}
		if !from || i == 0 {
			continue
		}
		afterTable := nodes[i-1].Kind == sqltext.Comma || r.word2(nodes, i-1, "from", "join", "using")
		if afterTable && n.Kind.IsString() {
			r.fail(r.near(n.Token))
		}
		if afterTable && n.Kind.IsName() && (i+1 >= len(nodes) || nodes[i+1].Kind != sqltext.OpenParen) {
			if !r.unnest(nodes, i) {
				r.tableName(nodes, i)
			}
		}
		if n.IsGroup() && afterTable {
			r.clausesFrom(n.Children)
		}
	}
}

// clausesFrom checks joins within parentheses, whose first member is a table.
func (r *rewriter) clausesFrom(nodes []sqltext.Node) {
	if len(nodes) > 0 && !r.isQuery(nodes) && nodes[0].Kind.IsString() {
		r.fail(r.near(nodes[0].Token))
	}
	if len(nodes) > 0 && !r.isQuery(nodes) && nodes[0].Kind.IsName() {
		r.tableName(nodes, 0)
	}
}

// tableName refuses the views of the engine's own state.
func (r *rewriter) tableName(nodes []sqltext.Node, i int) {
	name, end, err := r.name(nodes, i)
	if err != nil {
		r.fail(err)
		return
	}
	if to := systemTable(name); to != "" {
		r.replace(nodes[i].Pos, nodes[end-1].Last(), to)
		r.history = r.history || historyTables[name.Table]
		r.sizes = r.sizes || sizeTables[name.Table]
		return
	}
	if end < len(nodes) && nodes[end].Kind == sqltext.OpenParen {
		return // a function
	}
	if name.Schema == "pg_catalog" && !unknownSystemTable(name) || name.Schema == "information_schema" || name.Schema == "" && strings.HasPrefix(name.Table, "pg_") {
		if t, err := r.env.Catalog.Table(name); name.Schema != "" || err != nil || t == nil { // DuckDB has some of its own
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("relation \"%s\" does not exist", name.Table), At: nodes[i].Pos + 1})
		}
		return
	}
	if unknownSystemTable(name) {
		if t, err := r.env.Catalog.Table(name); err != nil || t == nil {
			r.fail(sqlstate.Unsupported(nodes[i].Pos, "the system table %s", name.Table))
		}
		return
	}
	if len(name.Table) >= 7 && (name.Table[:7] == "duckdb_" || name.Table[:7] == "pragma_") || len(name.Table) > 6 && name.Table[:6] == "sqlite" || name.Schema == "rs" {
		r.fail(&sqlstate.Error{Code: sqlstate.InsufficientPrivilege, At: nodes[i].Pos + 1,
			Message: fmt.Sprintf("permission denied for relation %s", name.Table)})
	}
}

// top turns SELECT TOP n into LIMIT n.
func (r *rewriter) top(nodes []sqltext.Node, sel int) {
	i := sel + 1
	if w := r.word(nodes, i); w == "distinct" || w == "all" {
		i++
	}
	if r.word(nodes, i) != "top" || i+2 >= len(nodes) {
		return
	}
	count := nodes[i+1]
	if count.Kind == sqltext.OpenParen && len(count.Children) == 1 {
		count = count.Children[0]
	}
	if count.Kind != sqltext.Integer {
		return
	}
	for k := i + 2; k < len(nodes); k++ {
		switch r.word(nodes, k) {
		case "union", "except", "intersect", "minus", "limit":
			r.fail(sqlstate.Unsupported(nodes[i].Pos, "TOP together with %s", nodes[k].Text(r.src)))
			return
		}
	}
	r.replace(nodes[i].Pos, nodes[i+1].Last(), "")
	end := nodes[len(nodes)-1].Last()
	r.edits = append(r.edits, edit{pos: end, end: end, text: " LIMIT " + count.Text(r.src), rank: rankInsert, span: 1}) // after an alias
}

// resultNames returns the names of a query's columns as Redshift gives them,
// "" where DuckDB's own is right, or nil when they cannot be told.
func (s *Statement) resultNames() []string {
	items, ok := s.selected(s.nodes)
	if !ok {
		return nil
	}
	var names []string
	for _, item := range items {
		if len(item) == 0 || item[len(item)-1].IsOp(s.src, "*") {
			return nil
		}
		names = append(names, s.resultName(item))
	}
	return names
}

// resultName returns the name of one item of a SELECT list.
func (s *Statement) resultName(item []sqltext.Node) string {
	r := &rewriter{Statement: s}
	if len(item) == 0 {
		return "" // a mistake, which DuckDB tells
	}
	for k := range item {
		if s.word(item, k) == "as" && k == len(item)-2 {
			return ""
		}
	}
	if !r.operandAt(item, 0) { // a sign, NOT
		if s.aliased(item) {
			return ""
		}
		return "?column?"
	}
	primary := 1
	switch {
	case item[0].Kind.IsName() && s.word(item, 0) != "case":
		primary = r.nameOrCall(item, 0, nil)
	case s.word(item, 0) == "case":
		primary = r.caseEnd(item, 0)
	}
	end := r.operandShape(item, 0, nil)
	if end == len(item)-1 && item[end].Kind.IsName() {
		return "" // an alias without AS
	}
	if end < len(item) {
		if s.aliased(item) {
			return ""
		}
		return "?column?"
	}
	first := item[0]
	switch {
	case s.word(item, 0) == "case":
		return "case"
	case s.word(item, 0) == "null" && primary == 1 && end == 1:
		return "?column?"
	case s.word2(item, 0, "true", "false") && end == 1:
		return "bool"
	case first.IsGroup() && end == 1 && r.isQuery(first.Children): // it has the name of its one column
		if items, _ := r.selected(first.Children); len(items) == 1 && len(items[0]) > 0 {
			inner := items[0]
			if name := s.resultName(inner); name != "" {
				return name
			}
			if last := inner[len(inner)-1]; last.Kind.IsName() {
				return Ident(last.Token, s.src)
			}
		}
	case first.IsGroup() && end == 1 && !r.isQuery(first.Children) && len(splitCommas(first.Children)) == 1:
		if name := s.resultName(first.Children); name != "" { // the parentheses do not count
			return name
		}
	case first.Kind.IsName():
		last := 0
		for last+2 < primary && item[last+1].Kind == sqltext.Dot {
			last += 2
		}
		name := Ident(item[last].Token, s.src)
		if last+1 < len(item) && item[last+1].Kind == sqltext.OpenParen {
			if name == "cast" && len(item) == 2 {
				return s.castName(item[1].Children)
			}
			if name == "trim" {
				return s.trimName(item[last+1].Children)
			}
			return cmp.Or(calledNames[name], name)
		}
		if last+1 < len(item) && item[last+1].Kind.IsString() {
			return name
		}
		if primary == 1 && (name == "sysdate" || name == "current_date") {
			return calledNames[name]
		}
		return name
	case end > primary:
		for k := primary; k < end; k++ {
			if item[k].Kind == sqltext.Typecast && k+1 < end {
				return typeName(Ident(item[k+1].Token, s.src))
			}
		}
	}
	return "?column?"
}

// calledNames are the names of columns that are a function's, where they are not
// its own: those that its documentation's examples show.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATE_PART_function.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_NVL_function.html
var calledNames = map[string]string{
	"dateadd": "date_add", "datediff": "date_diff", "date_part": "pgdate_part", "datepart": "pgdate_part", "extract": "date_part",
	"nvl": "coalesce", "decode": "case", "getdate": "timestamp", "sysdate": "timestamp", "current_date": "date",
}

// trimName is the function that TRIM's words mean.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRIM.html
func (s *Statement) trimName(args []sqltext.Node) string {
	switch s.word(args, 0) {
	case "leading":
		return "ltrim"
	case "trailing":
		return "rtrim"
	}
	return "btrim"
}

func (s *Statement) castName(c []sqltext.Node) string {
	for i := range c {
		if s.word(c, i) == "as" && i+1 < len(c) {
			if i == 1 && c[0].Kind.IsName() {
				return Ident(c[0].Token, s.src)
			}
			return typeName(Ident(c[i+1].Token, s.src))
		}
	}
	return "?column?"
}

// typeName returns the name in pg_type of a type.
func typeName(word string) string {
	switch word {
	case "int", "integer":
		return "int4"
	case "bigint":
		return "int8"
	case "smallint":
		return "int2"
	case "char", "character":
		return "bpchar"
	case "decimal", "dec":
		return "numeric"
	case "boolean":
		return "bool"
	case "double", "float":
		return "float8"
	case "real":
		return "float4"
	}
	return word
}
