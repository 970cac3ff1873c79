package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// An UnloadTo is an UNLOAD that writes a query's rows to S3.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
type UnloadTo struct {
	Query       string
	URL         string // s3://bucket/prefix
	Bucket, Key string
	URLAt       int    // where the URL stands, counted from 1
	QueryAt     int    // and the query
	Format      string // "text", "csv", "json" or "parquet"
	Delimiter   byte
	Header      bool
	Compression string // "", "gzip" or "zstd"
	AddQuotes   bool
	Escape      bool
	Null        string
	Overwrite   bool // ALLOWOVERWRITE
	Clean       bool // CLEANPATH: what is at the URL is removed first
	Parallel    bool
	MaxFileSize int64 // bytes
	Manifest    bool
	Verbose     bool // the manifest tells sizes and columns
	Partition   []string
	Include     bool // the partition's columns stay in the files
	Extension   string
	Access      S3Access
}

// maxFileSize is what a file may have where MAXFILESIZE is not given.
const maxFileSize int64 = 6349 << 20

// Unload reads an UNLOAD statement.
func (s *Statement) Unload() (*UnloadTo, error) {
	n := s.nodes
	u := &UnloadTo{Format: "text", Parallel: true, MaxFileSize: maxFileSize}
	if len(n) < 4 || !n[1].IsGroup() || len(n[1].Children) != 1 || s.word(n, 2) != "to" {
		return nil, s.unexpected(min(1, len(n)), n)
	}
	var err error
	if u.Query, err = s.str(n[1].Children[0]); err != nil {
		return nil, err
	}
	u.QueryAt = n[1].Children[0].Pos + 1
	o := &optionReader{Statement: s, n: n, i: 3}
	if u.URL, u.Bucket, u.Key, u.URLAt, err = o.url("UNLOAD destination"); err != nil {
		return nil, err
	}
	delimited := false
	for o.i < len(n) {
		w, at := s.word(n, o.i), o.i
		o.i++
		if done, err := o.common(w); err != nil {
			return nil, err
		} else if done {
			continue
		}
		if err := o.once(w, at); err != nil {
			return nil, err
		}
		switch w {
		case "format":
			o.skipAs()
			if !s.word2(n, o.i, "csv", "json", "parquet") {
				return nil, s.unexpected(o.i, n)
			}
		case "csv", "json", "parquet":
			u.Format = w
		case "delimiter":
			u.Delimiter, err = o.char("UNLOAD delimiter")
			delimited = true
		case "header":
			u.Header = true
		case "gzip", "zstd":
			u.Compression = w
		case "addquotes":
			u.AddQuotes = true
		case "escape":
			u.Escape = true
		case "null":
			u.Null, err = o.null()
		case "allowoverwrite":
			u.Overwrite = true
		case "cleanpath":
			u.Clean = true
		case "parallel":
			u.Parallel = o.onOff()
		case "maxfilesize":
			o.skipAs()
			if o.i >= len(n) {
				return nil, s.unexpected(o.i, n)
			}
			size, bad := strconv.ParseFloat(n[o.i].Text(s.src), 64)
			if bad != nil {
				return nil, s.near(n[o.i].Token)
			}
			o.i++
			unit := float64(1 << 20)
			if s.word2(n, o.i, "gb", "mb") {
				if s.word(n, o.i) == "gb" {
					unit = 1 << 30
				}
				o.i++
			}
			if u.MaxFileSize = int64(size * unit); u.MaxFileSize < 5<<20 || u.MaxFileSize > maxFileSize {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "MAXFILESIZE must be from 5 MB to 6.2 GB", At: n[at].Pos + 1}
			}
		case "manifest":
			u.Manifest = true
			if s.word(n, o.i) == "verbose" {
				u.Verbose = true
				o.i++
			}
		case "partition":
			if s.word(n, o.i) != "by" || o.i+1 >= len(n) || !n[o.i+1].IsGroup() {
				return nil, s.unexpected(o.i, n)
			}
			for _, c := range splitCommas(n[o.i+1].Children) {
				if len(c) != 1 || !c[0].Kind.IsName() {
					return nil, s.near(n[o.i+1].Token)
				}
				u.Partition = append(u.Partition, Ident(c[0].Token, s.src))
			}
			if o.i += 2; s.word(n, o.i) == "include" {
				u.Include = true
				o.i++
			}
		case "rowgroupsize":
			for o.i < len(n) && (n[o.i].Kind == sqltext.Integer || s.word2(n, o.i, "mb", "gb", "as")) {
				o.i++
			}
		case "extension":
			u.Extension, err = o.text()
		case "encrypted", "kms_key_id", "master_symmetric_key", "bzip2", "fixedwidth":
			return nil, sqlstate.Unsupported(n[at].Pos, "UNLOAD … %s", strings.ToUpper(w))
		default:
			return nil, s.near(n[at].Token)
		}
		if err != nil {
			return nil, err
		}
	}
	if !delimited {
		u.Delimiter = '|'
		if u.Format == "csv" {
			u.Delimiter = ','
		}
	}
	conflict := ""
	switch {
	case u.Clean && u.Overwrite:
		conflict = "CLEANPATH and ALLOWOVERWRITE exclude one another"
	case u.Format != "text" && (u.AddQuotes || u.Escape):
		conflict = "ADDQUOTES and ESCAPE go with delimited text only"
	case (u.Format == "json" || u.Format == "parquet") && (u.Header || delimited || u.Null != ""):
		conflict = strings.ToUpper(u.Format) + " takes no DELIMITER, HEADER or NULL AS"
	case u.Format == "parquet" && u.Compression != "":
		conflict = "PARQUET takes no compression: it is compressed with SNAPPY"
	}
	if conflict != "" {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, At: s.Pos + 1, Message: conflict}
	}
	if err := o.authorized(u.URLAt); err != nil {
		return nil, err
	}
	u.Access = o.access
	return u, nil
}

// Distinct tells that of the columns names one comes twice, where the files
// keep values by their columns' names.
func (u *UnloadTo) Distinct(names []string) error {
	if u.Format != "json" && u.Format != "parquet" {
		return nil
	}
	return distinct(names, u.QueryAt)
}

// distinct tells that one of names comes twice.
func distinct(names []string, at int) error {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return &sqlstate.Error{Code: sqlstate.DuplicateColumn, At: at, Message: fmt.Sprintf("column \"%s\" specified more than once", name)}
		}
		seen[name] = true
	}
	return nil
}

// Unlimited tells that the query of an UNLOAD has a LIMIT of its own, not one
// of a query within it.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-limit-clause
func (s *Statement) Unlimited() error {
	n := s.nodes
	for len(n) == 1 && n[0].IsGroup() {
		n = n[0].Children
	}
	for i := range n {
		if s.word(n, i) == "limit" && (i == 0 || n[i-1].Kind != sqltext.Dot) {
			return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: n[i].Pos + 1, Message: "LIMIT clause is not supported in the outer SELECT of UNLOAD",
				Hint: "Nest it: UNLOAD ('SELECT * FROM (SELECT … LIMIT 10)')."}
		}
	}
	return nil
}
