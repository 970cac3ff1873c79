package dialect

import (
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// encodings are the compressions, each with the kinds of types that it takes:
// n whole numbers and decimals, f floating point, d dates and times, b
// booleans, c CHAR, v VARCHAR.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
var encodings = map[string]string{
	"raw": "nfdbcv", "az64": "nd", "bytedict": "nfdcv", "delta": "nd", "delta32k": "nd", "lzo": "ndcv", "mostly8": "n", "mostly16": "n", "mostly32": "n",
	"runlength": "nfdbcv", "text255": "v", "text32k": "v", "zstd": "nfdbcv",
}

// kindOf is the letter of a type, 0 where no encoding is known for it.
func (r *rewriter) kindOf(typ []sqltext.Node) byte {
	switch w := r.word(typ, 0); w {
	case "smallint", "int2", "int", "integer", "int4", "bigint", "int8", "numeric", "decimal", "dec":
		return 'n'
	case "real", "float", "float4", "float8", "double":
		return 'f'
	case "date", "time", "timestamp", "timestamptz", "datetime":
		return 'd'
	case "bool", "boolean":
		return 'b'
	case "varchar", "nvarchar", "text":
		return 'v'
	case "char", "character", "nchar", "bpchar":
		if r.word(typ, 1) == "varying" {
			return 'v'
		}
		return 'c'
	}
	return 0
}

// encoding checks what stands behind ENCODE at a column.
func (r *rewriter) encoding(column string, typ []sqltext.Node, n sqltext.Node) {
	name := strings.ToLower(n.Text(r.src))
	kinds, ok := encodings[name]
	if kind := r.kindOf(typ); !ok || kind != 0 && strings.IndexByte(kinds, kind) < 0 {
		r.fail(&sqlstate.Error{Code: "42611", Message: fmt.Sprintf("invalid encoding type specified for column \"%s\"", column), At: n.Pos + 1})
	}
}

// distKey is what DISTKEY (columns) says.
func (r *rewriter) distKey(attr *Attributes, group sqltext.Node) {
	names := r.columnList(group)
	if len(names) != 1 {
		r.fail(r.near(group.Token))
		return
	}
	r.onlyDistKey(attr, names[0], group.Pos)
}

func (r *rewriter) onlyDistKey(attr *Attributes, name string, at int) {
	if attr.DistKey != "" {
		r.fail(invalidTable(at, "multiple distribution keys for a table are not allowed"))
	}
	attr.DistKey = name
}

// sortKey is what SORTKEY (columns) says.
func (r *rewriter) sortKey(attr *Attributes, group sqltext.Node) {
	if len(attr.SortKey) > 0 {
		r.fail(invalidTable(group.Pos, "multiple sort keys for a table are not allowed"))
	}
	attr.SortKey = r.columnList(group)
}

func invalidTable(at int, text string) error {
	return &sqlstate.Error{Code: "42P16", Message: text, At: at + 1}
}

// layoutOf checks the attributes of a table that is made at a place in the
// text. columns are those it has, nil where they are not known.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (r *rewriter) layoutOf(attr *Attributes, columns []string, at int) {
	keys := attr.SortKey
	if attr.DistKey != "" {
		keys = append([]string{attr.DistKey}, keys...)
	}
	for _, name := range keys {
		if columns != nil && !slices.Contains(columns, name) {
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedColumn, Message: fmt.Sprintf("column \"%s\" named in key does not exist", name), At: at + 1})
		}
	}
	for i, name := range attr.SortKey {
		if slices.Contains(attr.SortKey[:i], name) {
			r.fail(&sqlstate.Error{Code: "42701", Message: fmt.Sprintf("column \"%s\" appears twice in the sort key", name), At: at + 1})
		}
	}
	switch {
	case attr.DistKey != "" && attr.DistStyle != "" && attr.DistStyle != "key":
		r.fail(invalidTable(at, "cannot specify a DISTKEY column with DISTSTYLE "+strings.ToUpper(attr.DistStyle)))
	case attr.DistKey == "" && attr.DistStyle == "key":
		r.fail(invalidTable(at, "DISTSTYLE KEY requires a DISTKEY column"))
	case attr.Interleaved && len(attr.SortKey) > 8:
		r.fail(invalidTable(at, "an interleaved sort key can have 8 columns at most"))
	case len(attr.SortKey) > 400:
		r.fail(invalidTable(at, "a sort key can have 400 columns at most"))
	}
}

// likeLayout gives a table the layout of the one that it is LIKE, which it
// cannot have otherwise.
//
// https://docs.aws.amazon.com/redshift/latest/dg/performing-a-deep-copy.html
func (r *rewriter) likeLayout(attr *Attributes, from Name, at int) {
	a, err := r.env.Catalog.Attributes(from)
	if err != nil {
		r.fail(err)
		return
	}
	if attr.DistKey != "" || len(attr.SortKey) > 0 {
		r.fail(invalidTable(at, "a table that is LIKE another has its distribution style and sort key"))
		return
	}
	r.liked = true
	attr.DistStyle, attr.DistKey, attr.SortKey, attr.Interleaved = a.DistStyle, a.DistKey, a.SortKey, a.Interleaved
	for name, e := range a.Encode {
		if attr.Encode == nil {
			attr.Encode = map[string]string{}
		}
		attr.Encode[name] = e
	}
}
