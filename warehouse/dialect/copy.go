package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A CopyFrom is a COPY that loads a table from S3.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
type CopyFrom struct {
	Table        Name
	Columns      []string // nil is all
	URL          string   // s3://bucket/prefix
	Bucket, Key  string
	Delimiter    byte
	Compression  string // "", "gzip", "bzip2" or "zstd"
	Manifest     bool
	IgnoreHeader int
	Null         string // "\N" where not given
	EmptyAsNull  bool
	BlanksAsNull bool
	Truncate     bool // TRUNCATECOLUMNS
	TrimBlanks   bool
	CSV, Parquet bool
	Quote        byte   // of CSV; 0 is "
	JSON         string // "auto", "auto ignorecase" or the URL of a JSONPaths file; "" for no JSON
	JSONAt       int    // where it stands, counted from 1
	Widths       string // of FIXEDWIDTH
	WidthsAt     int
	Escape       bool
	RemoveQuotes bool
	FillRecord   bool
	BlankLines   bool // IGNOREBLANKLINES
	InvalidChars byte // ACCEPTINVCHARS; 0 refuses
	RoundDec     bool
	DateFormat   string
	TimeFormat   string
	AnyDate      bool
	Encoding     string // "" is UTF-8
	MaxError     int
	ExplicitIDs  bool
	NoLoad       bool
	URLAt        int // where the URL stands, counted from 1
}

// Copy reads a COPY statement.
func (s *Statement) Copy() (*CopyFrom, error) {
	n := s.nodes
	c := &CopyFrom{Delimiter: '|', Null: `\N`}
	name, i, err := s.name(n, 1)
	if err != nil {
		return nil, err
	}
	c.Table = name
	if i < len(n) && n[i].Kind == sqltext.OpenParen {
		for _, col := range splitCommas(n[i].Children) {
			if len(col) != 1 || !col[0].Kind.IsName() {
				return nil, s.near(n[i].Token)
			}
			c.Columns = append(c.Columns, Ident(col[0].Token, s.src))
		}
		i++
	}
	if s.word(n, i) == "to" {
		return nil, sqlstate.Unsupported(n[i].Pos, "COPY TO")
	}
	if s.word(n, i) != "from" {
		return nil, s.unexpected(i, n)
	}
	i++
	if s.word(n, i) == "stdin" {
		return nil, sqlstate.Unsupported(n[i].Pos, "COPY FROM STDIN")
	}
	if i >= len(n) {
		return nil, s.unexpected(i, n)
	}
	if c.URL, err = s.str(n[i]); err != nil {
		return nil, err
	}
	c.URLAt = n[i].Pos + 1
	if c.Bucket, c.Key, err = splitURL(c.URL); err != nil {
		return nil, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: err.Error(), At: c.URLAt,
			Hint: "The embedded warehouse loads from s3:// only."}
	}
	credentials, delimited := false, false
	for i++; i < len(n); {
		w := s.word(n, i)
		at := i
		i++
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
		number := func() (int, error) {
			if s.word(n, i) == "as" {
				i++
			}
			if i >= len(n) || n[i].Kind != sqltext.Integer {
				return 0, s.unexpected(i, n)
			}
			i++
			return strconv.Atoi(n[i-1].Text(s.src))
		}
		var v string
		var num int
		switch w {
		case "with", "as":
			continue
		case "format":
			if s.word(n, i) == "as" {
				i++
			}
			if !s.word2(n, i, "csv", "json", "parquet", "avro", "orc", "shapefile", "delimiter", "fixedwidth") {
				err = s.unexpected(i, n)
			}
		case "csv":
			c.CSV = true
			if !delimited {
				c.Delimiter = ','
			}
		case "quote":
			if v, err = text(); err == nil && len(v) != 1 {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "COPY quote must be a single character", At: n[i-1].Pos + 1}
			} else if err == nil {
				c.Quote = v[0]
			}
		case "json":
			c.JSON, c.JSONAt = "auto", n[at].Pos+1
			if i < len(n) && (s.word(n, i) == "as" || n[i].Kind.IsString()) {
				c.JSON, err = text()
				c.JSONAt = n[i-1].Pos + 1
			}
			if l := strings.ToLower(c.JSON); err == nil && l != "auto" && l != "auto ignorecase" {
				if _, _, bad := splitURL(c.JSON); bad != nil {
					err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: c.JSONAt,
						Message: fmt.Sprintf("JSON takes 'auto', 'auto ignorecase' or the s3:// URL of a JSONPaths file, not '%s'", c.JSON)}
				}
			}
		case "parquet":
			c.Parquet = true
		case "fixedwidth":
			c.Widths, err = text()
			c.WidthsAt = n[i-1].Pos + 1
		case "escape":
			c.Escape = true
		case "removequotes":
			c.RemoveQuotes = true
		case "fillrecord":
			c.FillRecord = true
		case "ignoreblanklines":
			c.BlankLines = true
		case "acceptanydate":
			c.AnyDate = true
		case "roundec":
			c.RoundDec = true
		case "noload":
			c.NoLoad = true
		case "acceptinvchars":
			c.InvalidChars = '?'
			if i < len(n) && (s.word(n, i) == "as" || n[i].Kind.IsString()) {
				if v, err = text(); err == nil && (len(v) != 1 || v[0] == 0 || v[0] >= 0x80) {
					err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "ACCEPTINVCHARS takes a single ASCII character", At: n[i-1].Pos + 1}
				} else if err == nil {
					c.InvalidChars = v[0]
				}
			}
		case "encoding":
			if s.word(n, i) == "as" {
				i++
			}
			if i >= len(n) {
				err = s.unexpected(i, n)
				break
			}
			v = strings.Trim(n[i].Text(s.src), "'")
			i++
			switch c.Encoding = strings.ToLower(v); c.Encoding {
			case "utf8":
				c.Encoding = ""
			case "utf16", "utf16le", "utf16be", "iso88591":
			default:
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("invalid encoding \"%s\"", v), At: n[i-1].Pos + 1}
			}
		case "comprows", "readratio":
			_, err = number()
		case "explicit_ids":
			c.ExplicitIDs = true
		case "credentials":
			if v, err = text(); err == nil && !strings.HasPrefix(v, "aws_iam_role=") && !strings.HasPrefix(v, "aws_access_key_id=") {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: n[i-1].Pos + 1,
					Message: "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'"}
			}
			credentials = true
		case "iam_role":
			credentials = true
			if s.word(n, i) == "default" {
				i++
			} else {
				_, err = text()
			}
		case "access_key_id", "secret_access_key", "session_token":
			credentials = true
			_, err = text()
		case "delimiter":
			if v, err = text(); err == nil && len(v) != 1 {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "COPY delimiter must be a single character", At: n[i-1].Pos + 1}
			} else if err == nil {
				c.Delimiter, delimited = v[0], true
			}
		case "gzip", "bzip2", "zstd":
			c.Compression = w
		case "manifest":
			c.Manifest = true
		case "region":
			_, err = text()
		case "ignoreheader":
			c.IgnoreHeader, err = number()
		case "null":
			c.Null, err = text()
		case "emptyasnull":
			c.EmptyAsNull = true
		case "trimblanks":
			c.TrimBlanks = true
		case "blanksasnull":
			c.BlanksAsNull = true
		case "truncatecolumns":
			c.Truncate = true
		case "dateformat", "timeformat":
			if v, err = text(); err != nil {
				break
			}
			if l := strings.ToLower(v); l == "auto" || l == "epochsecs" || l == "epochmillisecs" {
				v = l
			} else if v == "YYYY-MM-DD" || v == "YYYY-MM-DD HH:MI:SS" {
				v = ""
			}
			if w == "dateformat" {
				c.DateFormat = v
			} else {
				c.TimeFormat = v
			}
		case "maxerror":
			if num, err = number(); err == nil && num > 100000 {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "MAXERROR must be from 0 to 100000", At: n[i-1].Pos + 1}
			}
			c.MaxError = num
		case "compupdate", "statupdate":
			if s.word2(n, i, "on", "off", "true", "false", "preset") {
				i++
			}
		case "lzop", "avro", "orc", "encrypted", "ssh", "master_symmetric_key", "shapefile":
			return nil, sqlstate.Unsupported(n[at].Pos, "COPY … %s", strings.ToUpper(w))
		default:
			return nil, s.near(n[at].Token)
		}
		if err != nil {
			return nil, err
		}
	}
	if bad := c.conflict(); bad != "" {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, At: s.Pos + 1, Message: bad}
	}
	if !credentials {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, At: c.URLAt, Message: "CREDENTIALS argument is required but missing",
			Hint: "Add IAM_ROLE default or CREDENTIALS 'aws_iam_role=…'."}
	}
	return c, nil
}

// conflict names options that do not go together.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
func (c *CopyFrom) conflict() string {
	forms := 0
	for _, is := range []bool{c.CSV, c.JSON != "", c.Parquet, c.Widths != ""} {
		if is {
			forms++
		}
	}
	switch {
	case forms > 1:
		return "COPY takes one of CSV, JSON, PARQUET and FIXEDWIDTH"
	case c.CSV && (c.Escape || c.RemoveQuotes):
		return "CSV is not compatible with ESCAPE and REMOVEQUOTES"
	case c.Widths != "" && (c.Escape || c.RemoveQuotes):
		return "FIXEDWIDTH is not compatible with ESCAPE and REMOVEQUOTES"
	case c.JSON != "" && (c.Escape || c.RemoveQuotes || c.FillRecord || c.IgnoreHeader > 0):
		return "JSON is not compatible with ESCAPE, REMOVEQUOTES, FILLRECORD and IGNOREHEADER"
	case c.Parquet && (c.Compression != "" || c.IgnoreHeader > 0 || c.Escape || c.RemoveQuotes || c.MaxError > 0):
		return "PARQUET takes no options of texts, of compression or MAXERROR"
	case c.Quote != 0 && !c.CSV:
		return "QUOTE can only be specified with CSV"
	}
	return ""
}

// word2 reports whether node i is one of words.
func (s *Statement) word2(nodes []sqltext.Node, i int, words ...string) bool {
	w := s.word(nodes, i)
	return w != "" && slices.Contains(words, w)
}

type urlError string

func (e urlError) Error() string { return string(e) }

// splitURL cuts s3://bucket/key.
func splitURL(url string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", urlError("COPY source must be of the form s3://bucket/prefix")
	}
	return bucket, key, nil
}

// SplitURL cuts the bucket and the key from s3://bucket/key.
func SplitURL(url string) (bucket, key string, err error) { return splitURL(url) }

// A Setting is what SET, RESET or SHOW names.
type Setting struct {
	Name   string
	Values []string // of SET; nil for SHOW, RESET and SET … TO DEFAULT
	At     int      // where the name stands, counted from 1
}

// Setting reads a SET, RESET or SHOW statement.
func (s *Statement) Setting() (Setting, error) {
	n := s.nodes
	i := 1
	if s.head == "set" && (s.word(n, i) == "session" || s.word(n, i) == "local") {
		if s.word(n, i) == "local" || s.word(n, i+1) == "authorization" || s.word(n, i+1) == "characteristics" {
			return Setting{}, sqlstate.Unsupported(n[i].Pos, "SET %s", strings.ToUpper(s.word(n, i)))
		}
		i++
	}
	if i >= len(n) || !n[i].Kind.IsName() {
		return Setting{}, s.unexpected(i, n)
	}
	set := Setting{Name: Ident(n[i].Token, s.src), At: n[i].Pos + 1}
	i++
	for i+1 < len(n) && n[i].Kind == sqltext.Dot {
		set.Name += "." + Ident(n[i+1].Token, s.src)
		i += 2
	}
	if s.head == "set" && set.Name == "time" && s.word(n, i) == "zone" {
		set.Name = "timezone"
		i++
	} else if s.head == "set" {
		if s.word(n, i) != "to" && !(i < len(n) && n[i].IsOp(s.src, "=")) {
			return Setting{}, s.unexpected(i, n)
		}
		i++
	} else if i < len(n) {
		return Setting{}, s.unexpected(i, n)
	}
	if s.head != "set" {
		return set, nil
	}
	if s.word(n, i) == "default" && i+1 == len(n) {
		return set, nil
	}
	for _, part := range splitCommas(n[min(i, len(n)):]) {
		text := ""
		for _, node := range part {
			switch {
			case node.Kind.IsString():
				v, err := s.str(node)
				if err != nil {
					return Setting{}, err
				}
				text += v
			case node.Kind == sqltext.QuotedIdent:
				text += Ident(node.Token, s.src)
			case node.IsGroup():
				return Setting{}, s.near(node.Token)
			default:
				text += node.Text(s.src)
			}
		}
		set.Values = append(set.Values, text)
	}
	if len(set.Values) == 0 {
		return Setting{}, s.unexpected(len(n), n)
	}
	return set, nil
}

// IsReset reports whether a SET-like statement is RESET.
func (s *Statement) IsReset() bool { return s.head == "reset" }

// Words reports whether the statement begins with the given words.
func (s *Statement) Words(words ...string) bool { return s.words(s.nodes, 0, words...) }
