package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A materialized view is three things: a view of its query and a table of its
// rows in the schema rs, and a view of that table under its own name.
type materialized struct {
	name, query, rows Name
}

func materializedOf(name Name) materialized {
	if name.Schema == "" {
		name.Schema = "public"
	}
	return materialized{name, Name{"rs", "mv query " + name.Schema + "." + name.Table}, Name{"rs", "mv rows " + name.Schema + "." + name.Table}}
}

// Materialized returns the names of what keeps the rows and the query of a
// materialized view.
func Materialized(name Name) (rows, query Name) {
	m := materializedOf(name)
	return m.rows, m.query
}

// createMaterialized rewrites CREATE MATERIALIZED VIEW, from its name at node
// i on.
//
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html
func (r *rewriter) createMaterialized(out *Rewritten, i int) {
	n := r.nodes
	name, k, err := r.name(n, i)
	if err != nil {
		r.fail(err)
		return
	}
	for k < len(n) && r.word(n, k) != "as" {
		switch w := r.word(n, k); {
		case w == "backup" && r.word2(n, k+1, "yes", "no"), w == "diststyle" && r.word2(n, k+1, "even", "all", "key", "auto"),
			w == "distkey" && k+1 < len(n) && n[k+1].IsGroup(), w == "sortkey" && k+1 < len(n) && n[k+1].IsGroup():
			k += 2
		case w == "auto" && r.word(n, k+1) == "refresh" && r.word(n, k+2) == "no":
			k += 3
		case w == "auto" && r.word(n, k+1) == "refresh":
			r.fail(sqlstate.Unsupported(n[k].Pos, "AUTO REFRESH YES"))
			return
		default:
			r.fail(r.unexpected(k, n))
			return
		}
	}
	if k+1 >= len(n) {
		r.fail(r.unexpected(k+1, n))
		return
	}
	bound := r.bind(n[k+1:], false, false)
	r.level(n[k+1:], true)
	if r.history || r.sizes {
		r.fail(sqlstate.Unsupported(n[k].Pos, "a view of the system's statements and sizes"))
	}
	m := materializedOf(name)
	out.Table = m.name
	r.replace(r.Pos, n[k].End, "CREATE VIEW "+m.query.String()+" AS")
	out.After = append(out.After,
		fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM %s", m.rows, m.query),
		fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s", m.name, m.rows),
		fmt.Sprintf("COMMENT ON VIEW %s IS %s", m.name, QuoteText(bound.attributes("").Text())))
}

// dropMaterialized rewrites DROP MATERIALIZED VIEW.
func (r *rewriter) dropMaterialized(out *Rewritten, i int) {
	n := r.nodes
	if r.words(n, i, "if", "exists") {
		out.Exists = true
		i += 2
	}
	m, end := r.existingView(i, out.Exists)
	if r.word2(n, end, "cascade", "restrict") {
		end++
	}
	if r.err == nil && end < len(n) {
		r.fail(r.unexpected(end, n))
	}
	out.Table = m.name
	if m.rows.Table == "" {
		r.replace(r.Pos, r.End, "SELECT 1 WHERE false")
		return
	}
	r.replace(r.Pos, r.End, "DROP VIEW "+m.name.String())
	out.After = append(out.After, "DROP TABLE "+m.rows.String(), "DROP VIEW "+m.query.String())
}

// refresh rewrites REFRESH MATERIALIZED VIEW: the rows are computed again.
//
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
func (r *rewriter) refresh(out *Rewritten) {
	n := r.nodes
	if !r.words(n, 1, "materialized", "view") {
		r.fail(r.unexpected(1, n))
		return
	}
	m, end := r.existingView(3, false)
	if r.word2(n, end, "restrict", "cascade") {
		if r.word(n, end) == "cascade" {
			r.fail(sqlstate.Unsupported(n[end].Pos, "REFRESH … CASCADE"))
		}
		end++
	}
	if r.err == nil && end < len(n) {
		r.fail(r.unexpected(end, n))
	}
	if r.err != nil {
		return
	}
	out.Table = m.rows
	r.replace(r.Pos, r.End, "DELETE FROM "+m.rows.String())
	out.After = append(out.After, fmt.Sprintf("INSERT INTO %s SELECT * FROM %s", m.rows, m.query))
}

// existingView reads the name of a materialized view at node i, and returns
// the index after it. Where it may be missing the zero value tells that it is.
func (r *rewriter) existingView(i int, maybe bool) (materialized, int) {
	name, end, err := r.name(r.nodes, i)
	if err != nil {
		r.fail(err)
		return materialized{}, end
	}
	m := materializedOf(name)
	table, err := r.env.Catalog.Table(m.rows)
	switch {
	case err != nil:
		r.fail(err)
	case table == nil && maybe:
		return materialized{name: m.name}, end
	case table == nil:
		r.fail(&sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("materialized view \"%s\" does not exist", name.Table), At: r.nodes[i].Pos + 1})
	}
	return m, end
}

// notMaterialized refuses DROP VIEW of a materialized one.
func (r *rewriter) notMaterialized(name Name, at int) {
	table, err := r.env.Catalog.Table(materializedOf(name).rows)
	if err == nil && table != nil {
		err = &sqlstate.Error{Code: sqlstate.WrongObjectType, Message: fmt.Sprintf("\"%s\" is a materialized view", name.Table), At: at + 1, Hint: "Use DROP MATERIALIZED VIEW to remove a materialized view."}
	}
	if err != nil {
		r.fail(err)
	}
}

// schema rewrites what follows the name in CREATE SCHEMA: AUTHORIZATION of the
// user itself, and a QUOTA, which is not kept.
func (r *rewriter) schema(i int) {
	n := r.nodes
	for i < len(n) && r.err == nil {
		start := i
		switch w := r.word(n, i); {
		case w == "authorization" && i+1 < len(n) && n[i+1].Kind.IsName():
			if name := Ident(n[i+1].Token, r.src); name != r.env.User {
				r.fail(noUser(name, n[i+1].Pos))
			}
			i += 2
		case w == "quota" && r.word(n, i+1) == "unlimited":
			i += 2
		case w == "quota" && i+1 < len(n) && n[i+1].Kind == sqltext.Integer:
			r.fail(sqlstate.Unsupported(n[i].Pos, "CREATE SCHEMA … QUOTA"))
		default:
			r.fail(sqlstate.Unsupported(n[i].Pos, "CREATE SCHEMA %s", strings.ToUpper(n[i].Text(r.src))))
		}
		r.replace(n[start].Pos, n[min(i, len(n))-1].Last(), "")
	}
}
