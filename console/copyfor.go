package console

import (
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// copyFor writes the COPY that would load an object.
//
//	POST /api/copyfor {"bucket", "key", "table"?} -> {"sql", "create"?, "notes"}
func (c *Console) copyFor(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ Bucket, Key, Table string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if in.Bucket == "" || in.Key == "" {
		return nil, invalid("need bucket and key")
	}
	text, size, _, err := c.head(r.Context(), in.Bucket, in.Key, previewBytes)
	if err != nil {
		return nil, err
	}
	p := look(text, size, previewBytes)
	if in.Table == "" {
		in.Table = tableName(in.Key)
	}
	sql, notes := copyOf(p, "s3://"+in.Bucket+"/"+in.Key, in.Table, "arn:aws:iam::"+c.opt.Caller.Account+":role/salamander")
	out := document{"sql": sql, "notes": notes}
	if create := createOf(p, in.Table); create != "" {
		out["create"] = create
	}
	return out, nil
}

var notAName = regexp.MustCompile(`[^a-z0-9_]+`)

// tableName is a name for the table of a file.
func tableName(key string) string {
	name := strings.ToLower(path.Base(key))
	for _, suffix := range []string{".gz", ".bz2", ".zst", ".csv", ".tsv", ".dat", ".txt", ".json", ".jsonl", ".parquet"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return columnName(name, "loaded")
}

func columnName(text, otherwise string) string {
	name := strings.Trim(notAName.ReplaceAllString(strings.ToLower(text), "_"), "_")
	if name == "" {
		return otherwise
	}
	if name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return shortName(name)
}

func shortName(name string) string { return name[:min(len(name), 127)] }

// sqlText quotes a text for SQL.
func sqlText(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
}

// copyOf writes a COPY for what an object seems to be.
func copyOf(p *preview, from, table, role string) (sql string, notes []string) {
	lines := []string{"COPY " + table, "FROM " + sqlText(from), "IAM_ROLE " + sqlText(role)}
	notes = []string{}
	switch p.Kind {
	case "parquet":
		lines = append(lines, "FORMAT AS PARQUET")
	case "json", "jsonlines":
		lines = append(lines, "JSON 'auto'")
		if p.Kind == "json" && strings.HasPrefix(strings.TrimSpace(p.Text), "[") {
			notes = append(notes, "COPY reads one object after the other, not an array of them.")
		}
	case "delimited":
		switch {
		case p.Quoted && p.Delimiter == ",":
			lines = append(lines, "CSV")
		case p.Quoted:
			lines = append(lines, "CSV DELIMITER "+delimiterText(p.Delimiter))
		default:
			lines = append(lines, "DELIMITER "+delimiterText(p.Delimiter))
		}
		if p.Header {
			lines = append(lines, "IGNOREHEADER 1")
			notes = append(notes, "The first line seems to name the columns and is left out.")
		}
		if trailing(p.Rows) {
			notes = append(notes, "Each line ends with the delimiter: COPY takes that as one more field only where the table has one.")
		}
	case "empty":
		notes = append(notes, "The object is empty: COPY will load no rows.")
	default:
		lines = append(lines, "DELIMITER '|'")
		notes = append(notes, "What the object holds could not be told: check the options.")
	}
	switch p.Compression {
	case "gzip":
		lines = append(lines, "GZIP")
	case "bzip2":
		lines = append(lines, "BZIP2")
	case "zstd":
		lines = append(lines, "ZSTD")
	}
	if p.Encoding == "latin1" {
		lines = append(lines, "ACCEPTINVCHARS")
		notes = append(notes, "The text is not UTF-8: characters that are none are replaced.")
	}
	return strings.Join(lines, "\n") + ";", notes
}

func delimiterText(d string) string {
	switch d {
	case "\t":
		return `'\t'`
	case "\x01":
		return `'\001'`
	case "\x1f":
		return `'\037'`
	}
	return sqlText(d)
}

// trailing reports whether each row ends with an empty field.
func trailing(rows [][]string) bool {
	for _, row := range rows {
		if len(row) < 2 || row[len(row)-1] != "" {
			return false
		}
	}
	return len(rows) > 0
}

// maxColumns is how many columns a table of Redshift has at most.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html
const maxColumns = 1600

// createOf guesses a table for the rows of an object; empty where it has none.
func createOf(p *preview, table string) string {
	if len(p.Rows) == 0 {
		return ""
	}
	n := 0
	for _, row := range p.Rows {
		n = max(n, len(row))
	}
	if trailing(p.Rows) && !p.Header {
		n--
	}
	if n > maxColumns {
		return ""
	}
	used := map[string]bool{}
	columns := make([]string, n)
	for i := range columns {
		name := "column" + strconv.Itoa(i+1)
		if i < len(p.Columns) {
			name = columnName(p.Columns[i], name)
		}
		for used[name] {
			name += "_"
		}
		used[name] = true
		columns[i] = "    " + name + " " + typeOf(p.Rows, i)
	}
	return "CREATE TABLE " + table + " (\n" + strings.Join(columns, ",\n") + "\n);"
}

// typeOf is the narrowest type that takes all values of a column.
func typeOf(rows [][]string, i int) string {
	whole, decimal, date, stamp, longest, some := true, true, true, true, 1, false
	for _, row := range rows {
		if i >= len(row) || row[i] == "" {
			continue
		}
		v := row[i]
		some = true
		longest = max(longest, len(v))
		if _, err := strconv.ParseInt(v, 10, 64); err != nil || len(v) > 1 && v[0] == '0' {
			whole = false
		}
		if _, err := strconv.ParseFloat(v, 64); err != nil || len(v) > 1 && v[0] == '0' && v[1] != '.' {
			decimal = false
		}
		if _, err := time.Parse("2006-01-02", v); err != nil {
			date = false
		}
		if _, err := time.Parse("2006-01-02 15:04:05.999999", strings.Replace(v, "T", " ", 1)); err != nil {
			stamp = false
		}
	}
	switch {
	case !some:
		return "VARCHAR(256)"
	case whole:
		return "BIGINT"
	case decimal:
		return "DOUBLE PRECISION"
	case date:
		return "DATE"
	case stamp:
		return "TIMESTAMP"
	}
	size := 16
	for size < longest*2 {
		size *= 2
	}
	return "VARCHAR(" + strconv.Itoa(min(size, 65535)) + ")"
}
