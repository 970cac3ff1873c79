package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A typ is a type that a user wrote.
type typ struct {
	duck   string // DuckDB's word, "" where the user's is right
	length int    // of texts, in bytes; 0 is none
	blank  bool   // CHAR
}

func (t typ) suffix() string {
	if t.blank {
		return "_char"
	}
	return ""
}

// inCatalog is the type of a column that is declared by word and t, as a
// [Catalog] has it, "" where that is not known.
func (t typ) inCatalog(word string) string {
	if t.length > 0 {
		return textType(t.length, t.blank)
	}
	switch {
	case t.duck == "" || t.duck == "TIMESTAMPTZ":
		return inCatalog[word]
	case t.duck == "DOUBLE" || t.duck == "TIMESTAMP" || t.duck == "BIGINT" || t.duck == "JSON" || strings.HasPrefix(t.duck, "DECIMAL("):
		return t.duck
	}
	return ""
}

// inCatalog are the names that DuckDB's catalog has for types that the user may
// write.
var inCatalog = map[string]string{
	"int": "INTEGER", "integer": "INTEGER", "int4": "INTEGER", "smallint": "SMALLINT", "int2": "SMALLINT", "bigint": "BIGINT", "int8": "BIGINT",
	"date": "DATE", "boolean": "BOOLEAN", "bool": "BOOLEAN", "real": "FLOAT", "float4": "FLOAT", "float8": "DOUBLE", "time": "TIME",
	"timestamptz": "TIMESTAMP WITH TIME ZONE", "timestamp": "TIMESTAMP WITH TIME ZONE",
}

// maxVarchar is the longest VARCHAR in bytes, and that of VARCHAR(MAX).
const maxVarchar = 65535

// typeOf reads the nodes of a type in an expression: a VARCHAR without a length
// is there as long as what is cast.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func (s *Statement) typeOf(nodes []sqltext.Node) (typ, error) { return s.readType(nodes, false) }

// readType reads the nodes of a type. declared tells that it is a column's.
func (s *Statement) readType(nodes []sqltext.Node, declared bool) (typ, error) {
	if len(nodes) == 0 {
		return typ{}, &sqlstate.Error{Code: sqlstate.SyntaxError, At: s.End + 1, Message: "syntax error at end of input"}
	}
	if s.word(nodes, 0) == "pg_catalog" && len(nodes) > 2 && nodes[1].Kind == sqltext.Dot {
		t, err := s.readType(nodes[2:], declared)
		if err == nil && t.duck == "" {
			t.duck = nodes[2].Text(s.src)
		}
		return t, err
	}
	word := s.word(nodes, 0)
	if nodes[0].Kind == sqltext.QuotedIdent {
		word = Ident(nodes[0].Token, s.src)
	}
	varying := s.word(nodes, 1) == "varying"
	var args []int
	for _, n := range nodes {
		if n.Kind != sqltext.OpenParen {
			continue
		}
		for _, c := range n.Children {
			switch {
			case c.Kind == sqltext.Integer:
				v, _ := strconv.Atoi(c.Text(s.src))
				args = append(args, v)
			case c.Is(s.src, "max"):
				args = append(args, maxVarchar)
			case c.Kind != sqltext.Comma:
				return typ{}, s.near(c.Token)
			}
		}
	}
	text := func(def, limit int, blank bool) (typ, error) {
		n := def
		if len(args) > 0 {
			n = args[0]
		}
		if len(args) > 1 || n < 1 || n > limit {
			return typ{}, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: nodes[0].Pos + 1,
				Message: fmt.Sprintf("length for type %s must be from 1 to %d", word, limit)}
		}
		return typ{duck: "VARCHAR", length: n, blank: blank}, nil
	}
	switch word {
	case "char", "character", "nchar":
		if varying {
			return text(256, maxVarchar, false)
		}
		return text(1, 4096, true)
	case "bpchar":
		return text(256, 4096, true)
	case "varchar", "nvarchar":
		if len(args) == 0 && !declared {
			return typ{duck: "VARCHAR"}, nil
		}
		return text(256, maxVarchar, false)
	case "text":
		if !declared {
			return typ{duck: "VARCHAR"}, nil
		}
		return text(256, maxVarchar, false)
	case "numeric", "decimal", "dec":
		switch len(args) {
		case 0:
			return typ{duck: "DECIMAL(18,0)"}, nil
		case 1:
			return typ{duck: fmt.Sprintf("DECIMAL(%d,0)", args[0])}, nil
		}
		return typ{duck: fmt.Sprintf("DECIMAL(%d,%d)", args[0], args[1])}, nil
	case "int", "integer", "int4", "smallint", "int2", "bigint", "int8", "date", "boolean", "bool",
		"real", "float4", "float8", "time", "timestamptz":
		return typ{}, nil
	case "oid":
		return typ{duck: "BIGINT"}, nil
	case "name":
		return typ{duck: "VARCHAR"}, nil
	case "double", "float":
		return typ{duck: "DOUBLE"}, nil
	case "timestamp", "datetime":
		if s.word(nodes, len(nodes)-3) == "with" {
			return typ{duck: "TIMESTAMPTZ"}, nil
		}
		return typ{duck: "TIMESTAMP"}, nil
	case "interval", "varbyte", "varbinary", "binary", "super", "hllsketch", "geometry", "geography", "timetz":
		if word == "interval" && !declared {
			return typ{}, nil
		}
		return typ{}, sqlstate.Unsupported(nodes[0].Pos, "the type %s", strings.ToUpper(word))
	}
	return typ{}, &sqlstate.Error{Code: sqlstate.UndefinedObject, At: nodes[0].Pos + 1,
		Message: fmt.Sprintf("type \"%s\" does not exist", nodes[0].Text(s.src))}
}
