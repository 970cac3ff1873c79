//go:build cgo

package duck

import (
	"regexp"

	"salamander/warehouse/sqlstate"
)

// A phrase is what DuckDB says of a mistake, and what PostgreSQL says of it.
type phrase struct {
	duck *regexp.Regexp
	code string
	text string // $1 is the first group
	hint string
}

func says(duck, code, text string) phrase {
	return phrase{duck: regexp.MustCompile(duck), code: code, text: text}
}

// phrases are looked through in order.
//
// https://www.postgresql.org/docs/15/errcodes-appendix.html
var phrases = [...]phrase{
	says(`^Table "([^"]*)" does not have a column named "([^"]*)"`, sqlstate.UndefinedColumn, `column $1.$2 does not exist`),
	says(`^Table "([^"]*)" does not have a column with name "([^"]*)"`, sqlstate.UndefinedColumn, `column "$2" of relation "$1" does not exist`),
	says(`^Referenced update column (.*) not found in table`, sqlstate.UndefinedColumn, `column "$1" does not exist`),
	says(`^Referenced table "([^"]*)" not found`, sqlstate.UndefinedTable, `missing FROM-clause entry for table "$1"`),
	says(`^column "([^"]*)" must appear in the GROUP BY clause`, sqlstate.GroupingError, `column "$1" must appear in the GROUP BY clause or be used in an aggregate function`),
	says(`^(WHERE|GROUP BY|JOIN|ON|LIMIT|VALUES|UPDATE|RETURNING) clause cannot contain aggregates`, sqlstate.GroupingError, `aggregates not allowed in $1 clause`),
	says(`^aggregate function calls cannot be nested`, sqlstate.GroupingError, `aggregate function calls may not be nested`),
	says(`^aggregate function calls cannot contain window function calls`, sqlstate.GroupingError, `aggregate function calls may not contain window function calls`),
	says(`^(WHERE|GROUP BY|HAVING|JOIN|ON|LIMIT|VALUES|UPDATE) clause cannot contain window functions`, "42P20", `window functions not allowed in $1 clause`),
	says(`^window function calls cannot be nested`, "42P20", `window function calls may not be nested`),
	says(`^(ORDER|GROUP BY) term out of range`, "42P10", `$1 position is not in select list`),
	says(`^LIMIT/OFFSET cannot be negative`, "2201W", `LIMIT must not be negative`),
	says(`^Duplicate column name "([^"]*)" in INSERT`, "42701", `column "$1" specified more than once`),
	says(`^Column name/value mismatch for insert`, sqlstate.SyntaxError, `INSERT has more target columns than expressions, or fewer`),
	says(`^table (.*) has \d+ columns but \d+ values were supplied`, sqlstate.SyntaxError, `INSERT has more target columns than expressions, or fewer`),
	says(`^Column with name (.*) already exists`, "42701", `column "$1" specified more than once`),
	says(`^Schema with name (.*) does not exist`, sqlstate.InvalidSchema, `schema "$1" does not exist`),
	says(`^Schema with name "([^"]*)" already exists`, sqlstate.DuplicateSchema, `Schema "$1" already exists`),
	{regexp.MustCompile(`^Cannot drop entry "([^"]*)" because there are entries that depend on it`), sqlstate.DependentObjects, `cannot drop schema $1 because other objects depend on it`, "Use DROP ... CASCADE to drop the dependent objects too."},
	says(`^Set operations can only apply to expressions with the same number of result columns`, sqlstate.SyntaxError, `each UNION, INTERSECT or EXCEPT query must have the same number of columns`),
	says(`^Ambiguous reference to column name "([^"]*)"`, sqlstate.AmbiguousColumn, `column reference "$1" is ambiguous`),
	says(`^Ambiguous reference to table "([^"]*)"`, "42P09", `table reference "$1" is ambiguous`),
	says(`^Duplicate alias "([^"]*)" in query`, "42712", `table name "$1" specified more than once`),
	says(`^Duplicate CTE name "([^"]*)"`, "42712", `WITH query name "$1" specified more than once`),
	says(`^SELECT locking clause is not supported`, sqlstate.FeatureNotSupported, `SELECT FOR UPDATE is not supported by the embedded warehouse`),
	says(`^Could not convert string '(.*)' to INTERVAL`, sqlstate.InvalidDatetime, `invalid input syntax for type interval: "$1"`),
	says(`^time field value out of range: "(.*)", expected`, sqlstate.InvalidDatetime, `invalid input syntax for type time: "$1"`),
	says(`^Could not convert string '(.*)' to TIME\b`, sqlstate.InvalidDatetime, `invalid input syntax for type time: "$1"`),
	says(`^Values were not provided for the following prepared statement parameters: (\d+)`, "42P02", `there is no parameter $$$1`),
	says(`^DECIMAL type width must be between 1 and 38`, sqlstate.InvalidParameterValue, `NUMERIC precision must be between 1 and 38`),
	says(`^DECIMAL type scale cannot be greater than width`, sqlstate.InvalidParameterValue, `NUMERIC scale must be between 0 and the precision`),
	says(`^Could not cast value .* to DECIMAL\(`, sqlstate.NumericOutOfRange, `numeric field overflow`),
	says(`^Casting value ".*" to type DECIMAL\(.*failed: value is out of range`, sqlstate.NumericOutOfRange, `numeric field overflow`),
	says(`^Could not convert string "[-+]?[0-9.]+" to DECIMAL\(`, sqlstate.NumericOutOfRange, `numeric field overflow`),
	says(`can't be cast (?:because the value is out of range for|to) the destination type INT16`, sqlstate.NumericOutOfRange, `smallint out of range`),
	says(`can't be cast (?:because the value is out of range for|to) the destination type INT32`, sqlstate.NumericOutOfRange, `integer out of range`),
	says(`can't be cast (?:because the value is out of range for|to) the destination type INT64`, sqlstate.NumericOutOfRange, `bigint out of range`),
	says(`can't be cast (?:because the value is out of range for|to) the destination type (?:FLOAT|DOUBLE)`, sqlstate.NumericOutOfRange, `value out of range: overflow`),
	says(`^Subquery returns (\d+) columns - expected (\d+)`, sqlstate.SyntaxError, `subquery must return only one column`),
	says(`^Macro "?(?:[a-z_]+\.)?(?:rs_)?([a-z0-9_]+)(?:\(\))?"?(?:\(\))? does not support the supplied arguments`, sqlstate.UndefinedFunction, `function $1 does not exist with the given arguments`),
	says(`^Type [A-Z0-9]+ with value .* can't be cast`, sqlstate.NumericOutOfRange, `numeric field overflow`),
	says(`^HAVING clause cannot`, sqlstate.GroupingError, `HAVING needs a GROUP BY or aggregates`),
}

var (
	cannotCast = regexp.MustCompile(`^Unimplemented type for cast \((.*) -> (.*)\)`)
	compared   = regexp.MustCompile(`^Cannot (?:compare values of type|mix values of type|combine types) (.*?) (?:and of type|and) (.*?) (?:- an explicit cast|in )`)
)

// rephrase gives an error PostgreSQL's words where they are known.
func rephrase(e *nativeError, r *sqlstate.Error) {
	for _, p := range phrases {
		m := p.duck.FindStringSubmatchIndex(r.Message)
		if m == nil {
			continue
		}
		r.Message = string(p.duck.ExpandString(nil, p.text, r.Message, m))
		r.Code, r.Hint = p.code, p.hint
		return
	}
	if m := cannotCast.FindStringSubmatch(r.Message); m != nil {
		r.Message, r.Hint, r.Code = "cannot cast type "+typeInWords(m[1])+" to "+typeInWords(m[2]), "", "42846"
	} else if m := compared.FindStringSubmatch(r.Message); m != nil {
		r.Message, r.Hint, r.Code = "types "+typeInWords(m[1])+" and "+typeInWords(m[2])+" cannot be matched", "", sqlstate.DatatypeMismatch
	}
}
