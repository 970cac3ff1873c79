package console

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// A preview is what an object begins with, and what it seems to be.
type preview struct {
	Kind        string     `json:"kind"`        // "delimited", "json", "jsonlines", "text", "binary", "parquet" or "empty"
	Compression string     `json:"compression"` // "none", "gzip", "bzip2" or "zstd"
	Delimiter   string     `json:"delimiter,omitempty"`
	Quoted      bool       `json:"quoted,omitempty"` // fields are quoted as in CSV
	Header      bool       `json:"header,omitempty"` // the first row names the columns
	Columns     []string   `json:"columns,omitempty"`
	Rows        [][]string `json:"rows,omitempty"`
	Text        string     `json:"text,omitempty"`
	Size        int64      `json:"size"`
	Read        int        `json:"read"` // bytes of the object
	Truncated   bool       `json:"truncated"`
	Encoding    string     `json:"encoding,omitempty"` // "utf-8" or "latin1"
}

// look tells what text, the beginning of an object, is. It reads at most so many
// bytes of what is compressed in it.
func look(text []byte, size int64, most int) *preview {
	p := &preview{Compression: "none", Size: size, Read: len(text), Truncated: int64(len(text)) < size}
	if size == 0 {
		p.Kind = "empty"
		return p
	}
	text, p.Compression = expand(text, most, &p.Truncated)
	switch {
	case bytes.HasPrefix(text, []byte("PAR1")):
		p.Kind = "parquet"
		return p
	case len(text) == 0:
		p.Kind = "binary" // its compression is broken at once
		return p
	}
	decoded, ok := p.decode(text)
	if !ok {
		p.Kind = "binary"
		p.Text = dump(text)
		return p
	}
	body := decoded
	if p.Truncated { // a line that is cut is none
		if i := strings.LastIndexByte(body, '\n'); i > 0 {
			body = body[:i+1]
		}
	}
	switch {
	case p.jsonKind(body), p.delimited(body):
	default:
		p.Kind = "text"
	}
	p.Text = decoded
	return p
}

// expand takes the compression away. What cannot be read to its end is cut
// there.
func expand(text []byte, most int, truncated *bool) ([]byte, string) {
	var r io.Reader
	name := ""
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		name = "gzip"
		if gz, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			r = gz
		}
	case bytes.HasPrefix(text, []byte("BZh")):
		name, r = "bzip2", bzip2.NewReader(bytes.NewReader(text))
	case bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		name = "zstd"
		if d, err := zstd.NewReader(bytes.NewReader(text), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20)); err == nil {
			defer d.Close()
			r = d
		}
	default:
		return text, "none"
	}
	if r == nil {
		return nil, name
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil || len(out) > most {
		*truncated = true
	}
	return out[:min(len(out), most)], name
}

// decode reads bytes as text: UTF-8, or where there is none of its control
// characters, Latin-1.
func (p *preview) decode(text []byte) (string, bool) {
	for _, c := range text {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b && c != 1 && c != 0x1e && c != 0x1f {
			return "", false
		}
	}
	whole := text
	if p.Truncated { // the last character may be cut
		for i := 0; i < utf8.UTFMax && len(whole) > 0 && !utf8.Valid(whole); i++ {
			whole = whole[:len(whole)-1]
		}
	}
	if utf8.Valid(whole) {
		p.Encoding = "utf-8"
		return strings.TrimPrefix(string(whole), "\ufeff"), true
	}
	odd := 0
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
		if c >= 0x7f && c < 0xa0 {
			odd++
		}
	}
	if odd*20 > len(text) {
		return "", false
	}
	p.Encoding = "latin1"
	return string(runes), true
}

// dump shows bytes as hexadecimal digits and characters.
func dump(text []byte) string {
	var b strings.Builder
	for at := 0; at < min(len(text), 4096); at += 16 {
		row := text[at:min(at+16, len(text))]
		b.WriteString(strconv.FormatInt(int64(at)|1<<32, 16)[1:] + "  ")
		for i := range 16 {
			if i < len(row) {
				b.WriteString(strconv.FormatInt(int64(row[i])|0x100, 16)[1:] + " ")
			} else {
				b.WriteString("   ")
			}
		}
		b.WriteByte(' ')
		for _, c := range row {
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// jsonKind reports whether a text is JSON, or lines of it.
func (p *preview) jsonKind(text string) bool {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		return false
	}
	first, rest, _ := strings.Cut(trimmed, "\n")
	if strings.HasPrefix(trimmed, "{") && json.Valid([]byte(first)) && strings.TrimSpace(rest) != "" {
		p.Kind = "jsonlines"
		p.records(trimmed)
		return true
	}
	var v any
	err := json.Unmarshal([]byte(trimmed), &v)
	if err != nil && !(p.Truncated && strings.Contains(err.Error(), "unexpected end")) {
		return false
	}
	p.Kind = "json"
	return true
}

// records reads lines of JSON objects as rows.
func (p *preview) records(text string) {
	at := map[string]int{}
	for line := range strings.Lines(text) {
		dec := json.NewDecoder(strings.NewReader(line))
		var names []string
		values := map[string]string{}
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			continue
		}
		for dec.More() {
			name, err := dec.Token()
			var v json.RawMessage
			if err != nil || dec.Decode(&v) != nil {
				break
			}
			s := string(v)
			if text := ""; json.Unmarshal(v, &text) == nil {
				s = text
			}
			names = append(names, name.(string))
			values[name.(string)] = shorten(s, maxPreviewField)
		}
		for _, n := range names {
			if _, ok := at[n]; !ok && len(at) < 200 {
				at[n] = len(p.Columns)
				p.Columns = append(p.Columns, n)
			}
		}
		row := make([]string, len(p.Columns))
		for n, v := range values {
			if i, ok := at[n]; ok {
				row[i] = v
			}
		}
		if p.Rows = append(p.Rows, row); len(p.Rows) >= maxPreviewRows {
			return
		}
	}
}

// delimiters are what fields are told apart with, the likelier first.
var delimiters = [...]rune{',', '|', '\t', ';', '~', '^', '#', 1, 0x1f}

// delimited reports whether the lines of a text have fields.
func (p *preview) delimited(text string) bool {
	var best rune
	most := 1
	for _, d := range delimiters {
		rows, ok := fields(text, d, 20)
		if !ok || len(rows) == 0 {
			continue
		}
		n := len(rows[0])
		if n > most && !slices.ContainsFunc(rows, func(row []string) bool { return len(row) != n }) {
			best, most = d, n
		}
	}
	if best == 0 {
		return false
	}
	rows, ok := fields(text, best, maxPreviewRows)
	if !ok {
		return false
	}
	p.Kind, p.Delimiter, p.Quoted = "delimited", string(best), strings.Contains(text, `"`)
	p.Header = looksLikeHeader(rows)
	if p.Header {
		p.Columns, rows = rows[0], rows[1:]
	}
	p.Rows = rows
	return true
}

// fields splits the first lines of a text.
func fields(text string, delimiter rune, most int) (rows [][]string, ok bool) {
	if !strings.Contains(text, `"`) { // each line for itself
		lines := bufio.NewScanner(strings.NewReader(text))
		lines.Buffer(nil, maxPreviewBytes)
		for len(rows) < most && lines.Scan() {
			rows = append(rows, shortened(strings.Split(strings.TrimSuffix(lines.Text(), "\r"), string(delimiter))))
		}
		return rows, true
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = delimiter, -1, delimiter != ','
	for len(rows) < most {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return rows, len(rows) > 1
		}
		rows = append(rows, shortened(row))
	}
	return rows, true
}

func shortened(row []string) []string {
	for i, v := range row {
		row[i] = shorten(v, maxPreviewField)
	}
	return row
}

// looksLikeHeader reports whether the first row names the columns: its fields
// are different words, and a row below it has a number where it has none.
func looksLikeHeader(rows [][]string) bool {
	if len(rows) < 2 {
		return false
	}
	seen := map[string]bool{}
	for _, name := range rows[0] {
		if name == "" || seen[name] || len(name) > 127 || strings.ContainsAny(name[:1], "0123456789-+.") {
			return false
		}
		seen[name] = true
	}
	for _, row := range rows[1:] {
		for _, v := range row {
			if v != "" && strings.ContainsAny(v[:1], "0123456789-+.") {
				return true
			}
		}
	}
	return false
}
