package dialect

import (
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A CopyFrom is a COPY that loads a table from S3.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
type CopyFrom struct {
	Table         Name
	Columns       []string // nil is all
	URL           string   // s3://bucket/prefix
	Bucket, Key   string
	Delimiter     byte
	Compression   string // "", "gzip", "bzip2" or "zstd"
	Manifest      bool
	IgnoreHeader  int
	Null          string // "\N" where not given
	EmptyAsNull   bool
	BlanksAsNull  bool
	Truncate      bool // TRUNCATECOLUMNS
	TrimBlanks    bool
	CSV, Parquet  bool
	Quote         byte   // of CSV; 0 is "
	JSON          string // "auto", "auto ignorecase" or the URL of a JSONPaths file; "" for no JSON
	JSONAt        int    // where it stands, counted from 1
	Widths        string // of FIXEDWIDTH
	WidthsAt      int
	Escape        bool
	RemoveQuotes  bool
	FillRecord    bool
	BlankLines    bool // IGNOREBLANKLINES
	InvalidChars  byte // ACCEPTINVCHARS; 0 refuses
	RoundDec      bool
	DateFormat    string
	TimeFormat    string
	AnyDate       bool
	Encoding      string // "" is UTF-8
	MaxError      int
	ExplicitIDs   bool
	SerializeJSON bool // SERIALIZETOJSON
	NoLoad        bool
	URLAt         int // where the URL stands, counted from 1
	Access        S3Access
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
			if err := distinct(c.Columns, col[0].Pos+1); err != nil {
				return nil, err
			}
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
	o := &optionReader{Statement: s, n: n, i: i}
	if c.URL, c.Bucket, c.Key, c.URLAt, err = o.url("COPY source"); err != nil {
		return nil, err
	}
	delimited := false
	for o.i < len(n) {
		w := s.word(n, o.i)
		at := o.i
		o.i++
		if done, err := o.common(w); err != nil {
			return nil, err
		} else if done {
			continue
		}
		if err := o.once(w, at); err != nil {
			return nil, err
		}
		var v string
		var num int
		switch w {
		case "format":
			o.skipAs()
			if !s.word2(n, o.i, "csv", "json", "parquet", "avro", "orc", "shapefile", "delimiter", "fixedwidth") {
				err = s.unexpected(o.i, n)
			}
		case "csv":
			c.CSV = true
			if !delimited {
				c.Delimiter = ','
			}
		case "quote":
			c.Quote, err = o.char("COPY quote")
		case "json":
			c.JSON, c.JSONAt = "auto", n[at].Pos+1
			if o.i < len(n) && (s.word(n, o.i) == "as" || n[o.i].Kind.IsString()) {
				c.JSON, err = o.text()
				c.JSONAt = n[o.i-1].Pos + 1
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
			c.Widths, err = o.text()
			c.WidthsAt = n[o.i-1].Pos + 1
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
		case "serializetojson":
			c.SerializeJSON = true
		case "acceptinvchars":
			c.InvalidChars = '?'
			if o.i < len(n) && (s.word(n, o.i) == "as" || n[o.i].Kind.IsString()) {
				if v, err = o.text(); err == nil && (len(v) != 1 || v[0] == 0 || v[0] >= 0x80) {
					err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "ACCEPTINVCHARS takes a single ASCII character", At: n[o.i-1].Pos + 1}
				} else if err == nil {
					c.InvalidChars = v[0]
				}
			}
		case "encoding":
			o.skipAs()
			if o.i >= len(n) {
				err = s.unexpected(o.i, n)
				break
			}
			v = strings.Trim(n[o.i].Text(s.src), "'")
			o.i++
			switch c.Encoding = strings.ToLower(v); c.Encoding {
			case "utf8":
				c.Encoding = ""
			case "utf16", "utf16le", "utf16be", "iso88591":
			default:
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("invalid encoding \"%s\"", v), At: n[o.i-1].Pos + 1}
			}
		case "comprows", "readratio":
			_, err = o.number()
		case "explicit_ids":
			c.ExplicitIDs = true
		case "delimiter":
			c.Delimiter, err = o.char("COPY delimiter")
			delimited = true
		case "gzip", "bzip2", "zstd":
			c.Compression = w
		case "manifest":
			c.Manifest = true
		case "ignoreheader":
			c.IgnoreHeader, err = o.number()
		case "null":
			c.Null, err = o.null()
		case "emptyasnull":
			c.EmptyAsNull = true
		case "trimblanks":
			c.TrimBlanks = true
		case "blanksasnull":
			c.BlanksAsNull = true
		case "truncatecolumns":
			c.Truncate = true
		case "dateformat", "timeformat":
			if v, err = o.text(); err != nil {
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
			if num, err = o.number(); err == nil && num > 100000 {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: "MAXERROR must be from 0 to 100000", At: n[o.i-1].Pos + 1}
			}
			c.MaxError = num
		case "compupdate", "statupdate":
			if s.word(n, o.i) == "preset" {
				o.i++
			} else {
				o.onOff()
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
	if err := o.authorized(c.URLAt); err != nil {
		return nil, err
	}
	c.Access = o.access
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
	case c.SerializeJSON && !c.Parquet:
		return "SERIALIZETOJSON goes with PARQUET only"
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
