package dialect

import (
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
	Overwrite   bool // ALLOWOVERWRITE, and CLEANPATH
	Parallel    bool
	MaxFileSize int64 // bytes
	Manifest    bool
	Partition   []string
	Include     bool // the partition's columns stay in the files
	Extension   string
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
	if u.URL, err = s.str(n[3]); err != nil {
		return nil, err
	}
	u.URLAt = n[3].Pos + 1
	if u.Bucket, u.Key, err = splitURL(u.URL); err != nil {
		return nil, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: u.URLAt, Message: "UNLOAD destination must be of the form s3://bucket/prefix"}
	}
	credentials, delimited := false, false
	i := 4
	text := func() (string, error) {
		if s.word(n, i) == "as" {
			i++
		}
		if i >= len(n) {
			return "", s.unexpected(i, n)
		}
		i++
		return s.str(n[i-1])
	}
	onOff := func() bool {
		if s.word2(n, i, "on", "true") {
			i++
			return true
		}
		if s.word2(n, i, "off", "false") {
			i++
			return false
		}
		return true
	}
	for i < len(n) {
		w, at := s.word(n, i), i
		i++
		switch w {
		case "with", "as":
		case "format":
			if s.word(n, i) == "as" {
				i++
			}
			if !s.word2(n, i, "csv", "json", "parquet") {
				return nil, s.unexpected(i, n)
			}
		case "csv", "json", "parquet":
			u.Format = w
		case "iam_role":
			credentials = true
			if s.word(n, i) == "default" {
				i++
			} else {
				_, err = text()
			}
		case "credentials", "access_key_id", "secret_access_key", "session_token":
			credentials = true
			_, err = text()
		case "region":
			_, err = text()
		case "delimiter":
			var v string
			if v, err = text(); err == nil && len(v) != 1 {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "UNLOAD delimiter must be a single character", At: n[i-1].Pos + 1}
			} else if err == nil {
				u.Delimiter, delimited = v[0], true
			}
		case "header":
			u.Header = true
		case "gzip", "zstd":
			u.Compression = w
		case "addquotes":
			u.AddQuotes = true
		case "escape":
			u.Escape = true
		case "null":
			u.Null, err = text()
		case "allowoverwrite", "cleanpath":
			if w == "cleanpath" {
				return nil, sqlstate.Unsupported(n[at].Pos, "UNLOAD … CLEANPATH")
			}
			u.Overwrite = true
		case "parallel":
			u.Parallel = onOff()
		case "maxfilesize":
			if s.word(n, i) == "as" {
				i++
			}
			if i >= len(n) {
				return nil, s.unexpected(i, n)
			}
			size, bad := strconv.ParseFloat(n[i].Text(s.src), 64)
			if bad != nil {
				return nil, s.near(n[i].Token)
			}
			i++
			unit := float64(1 << 20)
			if s.word2(n, i, "gb", "mb") {
				if s.word(n, i) == "gb" {
					unit = 1 << 30
				}
				i++
			}
			if u.MaxFileSize = int64(size * unit); u.MaxFileSize < 5<<20 || u.MaxFileSize > maxFileSize {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "MAXFILESIZE must be from 5 MB to 6.2 GB", At: n[at].Pos + 1}
			}
		case "manifest":
			if s.word(n, i) == "verbose" {
				return nil, sqlstate.Unsupported(n[i].Pos, "UNLOAD … MANIFEST VERBOSE")
			}
			u.Manifest = true
		case "partition":
			if s.word(n, i) != "by" || i+1 >= len(n) || !n[i+1].IsGroup() {
				return nil, s.unexpected(i, n)
			}
			for _, c := range splitCommas(n[i+1].Children) {
				if len(c) != 1 || !c[0].Kind.IsName() {
					return nil, s.near(n[i+1].Token)
				}
				u.Partition = append(u.Partition, Ident(c[0].Token, s.src))
			}
			if i += 2; s.word(n, i) == "include" {
				u.Include = true
				i++
			}
		case "rowgroupsize":
			for i < len(n) && (n[i].Kind == sqltext.Integer || s.word2(n, i, "mb", "gb", "as")) {
				i++
			}
		case "extension":
			u.Extension, err = text()
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
	case !credentials:
		conflict = "CREDENTIALS argument is required but missing"
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
	return u, nil
}
