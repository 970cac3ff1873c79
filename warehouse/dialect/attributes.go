package dialect

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// ReadAttributes reads what a table's comment keeps. A comment that is none of
// ours is the zero Attributes.
func ReadAttributes(comment string) Attributes {
	var a Attributes
	if json.Unmarshal([]byte(comment), &a) != nil {
		return Attributes{}
	}
	return a
}

// Text is what the table's comment is to be, "" for nothing.
func (a Attributes) Text() string {
	b, _ := json.Marshal(a)
	if string(b) == "{}" {
		return ""
	}
	return string(b)
}

// Get returns a property by the name that the system's views give it: distkey,
// diststyle, sortkey1, sortkey_num, encoded, comment or
// query.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
func (a Attributes) Get(name string) string {
	switch name {
	case "distkey":
		return a.DistKey
	case "comment":
		return a.Comment
	case "query":
		return a.Query
	case "diststyle":
		switch {
		case a.DistKey != "":
			return "KEY(" + a.DistKey + ")"
		case a.DistStyle == "" || a.DistStyle == "auto":
			return "AUTO(ALL)"
		}
		return strings.ToUpper(a.DistStyle)
	case "sortkey1":
		switch {
		case len(a.SortKey) == 0:
			return ""
		case a.Interleaved:
			return "INTERLEAVED"
		}
		return a.SortKey[0]
	case "sortkey_num":
		return strconv.Itoa(len(a.SortKey))
	case "encoded":
		if len(a.Encode) > 0 {
			return "Y"
		}
	}
	return ""
}

// SortPosition is the place of a column in the sort key, from 1; 0 is none. In
// an interleaved key every other one is negative.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
func (a Attributes) SortPosition(column string) int {
	i := slices.Index(a.SortKey, column) + 1
	if a.Interleaved && i%2 == 0 {
		return -i
	}
	return i
}

// Encoding is the compression that a column was declared with, or the one that
// Redshift gives it by default.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
func (a Attributes) Encoding(column, typeName string) string {
	e := a.Encode[column]
	switch {
	case e == "raw":
		return "none"
	case e != "":
		return e
	case slices.Contains(a.SortKey, column), typeName == "boolean", typeName == "real", typeName == "double precision":
		return "none"
	case strings.HasPrefix(typeName, "char"):
		return "lzo"
	}
	return "az64"
}
