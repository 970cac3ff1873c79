package dialect

import (
	"strings"

	"salamander/sqltext"
)

// textArguments are the functions that take texts, with the places of these:
// Redshift makes texts of numbers and times there, as PostgreSQL 8.0 does, and
// DuckDB does not.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
var textArguments = map[string]string{
	"upper": "0", "lower": "0", "initcap": "0", "length": "0", "char_length": "0", "character_length": "0", "textlen": "0", "octet_length": "0", "btrim": "01", "ltrim": "01", "rtrim": "01", "trim": "0",
	"lpad": "02", "rpad": "02", "left": "0", "right": "0", "replace": "012", "translate": "012", "strpos": "01", "reverse": "0", "repeat": "0", "replicate": "0", "ascii": "0",
	"md5": "0", "sha": "0", "sha1": "0", "func_sha1": "0", "sha2": "0", "crc32": "0", "soundex": "0", "quote_literal": "0", "quote_ident": "0",
	"regexp_substr": "0", "regexp_replace": "0", "regexp_instr": "0", "regexp_count": "0", "strtol": "0", "json_extract_path_text": "0", "listagg": "0",
}

// becomesText reports whether a value of a type of DuckDB's becomes a text
// without a cast.
func becomesText(typ string) bool {
	switch typ {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "INTEGER_LITERAL", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME":
		return true
	}
	return strings.HasPrefix(typ, "DECIMAL(")
}

// implicitTexts casts the arguments of a call that DuckDB would not take.
func (r *rewriter) implicitTexts(name string, at sqltext.Node, args [][]sqltext.Node) {
	types, ok := r.env.Mismatched[at.Pos]
	if !ok || name == "trim" && len(args) == 1 && len(args[0]) > 1 && r.hasWord(args[0], "from") {
		return
	}
	for _, place := range textArguments[name] {
		i := int(place - '0')
		if i < len(args) && i < len(types) && len(args[i]) > 0 && becomesText(types[i]) {
			r.wrap(args[i][0].Pos, args[i][len(args[i])-1].Last(), "CAST(", " AS VARCHAR)")
		}
	}
}

func (r *rewriter) hasWord(nodes []sqltext.Node, word string) bool {
	for i := range nodes {
		if r.word(nodes, i) == word {
			return true
		}
	}
	return false
}

// implicitLike casts what stands before LIKE, node i.
func (r *rewriter) implicitLike(nodes []sqltext.Node, i int) {
	end, at := i, nodes[i].Pos
	if r.word(nodes, i-1) == "not" {
		end--
	}
	types, ok := r.env.Mismatched[at]
	if !ok && end < i {
		types, ok = r.env.Mismatched[nodes[end].Pos]
	}
	if !ok || len(types) == 0 || !becomesText(types[0]) {
		return
	}
	b := &blanks{rewriter: r}
	if from, _ := b.beside(nodes, end); from < end {
		r.wrap(nodes[from].Pos, nodes[end-1].Last(), "CAST(", " AS VARCHAR)")
	}
}

// implicitTime makes a time of the constant behind the minus at node i: beside
// a time it is one.
func (r *rewriter) implicitTime(nodes []sqltext.Node, i int) {
	types := r.env.Mismatched[nodes[i].Pos]
	if len(types) != 2 || i+1 >= len(nodes) || !nodes[i+1].Kind.IsString() || types[1] != "STRING_LITERAL" {
		return
	}
	switch types[0] {
	case "DATE", "TIMESTAMP":
		r.wrap(nodes[i+1].Pos, nodes[i+1].End, "CAST(", " AS "+types[0]+")")
	}
}

// BecomeTexts reports whether there is one among the types of arguments that
// DuckDB has no function for, in its words, which rewriting can help.
func BecomeTexts(types []string) bool {
	for _, typ := range types {
		if becomesText(typ) {
			return true
		}
	}
	return false
}
