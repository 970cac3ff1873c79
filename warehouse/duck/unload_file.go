//go:build cgo

package duck

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"slices"

	db "github.com/duckdb/duckdb-go-bindings"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"salamander/internal/value"
)

// An unloadFile is a file that UNLOAD writes, on disk until it is stored.
type unloadFile struct {
	u       *unloading
	dir     string // the partition's prefix, or that of all files
	key     string
	part    int
	rows    int64
	path    string
	open    bool
	file    *os.File
	counter *countingWriter
	pack    io.WriteCloser // nil without compression
	w       *bufio.Writer
	columns *parquetFile // nil but for Parquet
	line    []byte
}

// A countingWriter counts what was written.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write passes b on.
func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func newUnloadFile(u *unloading, dir, key string, part int) (*unloadFile, error) {
	file, err := os.CreateTemp(u.s.e.temp(), "unload-")
	if err != nil {
		return nil, err
	}
	f := &unloadFile{u: u, dir: dir, key: key, part: part, path: file.Name(), open: true, file: file, counter: &countingWriter{w: file}}
	var w io.Writer = f.counter
	switch u.to.Compression {
	case "gzip":
		f.pack = gzip.NewWriter(w)
	case "zstd":
		z, err := zstd.NewWriter(w)
		if err != nil {
			return nil, err
		}
		f.pack = z
	}
	if f.pack != nil {
		w = f.pack
	}
	f.w = bufio.NewWriterSize(w, 64<<10)
	if u.to.Format == "parquet" {
		f.columns, err = newParquetFile(u, f.w)
		return f, err
	}
	if u.to.Header {
		for i, c := range u.columns {
			if i > 0 {
				f.line = append(f.line, u.to.Delimiter)
			}
			f.text([]byte(u.r.columns[c].Name))
		}
		f.line = append(f.line, '\n')
		_, err = f.w.Write(f.line)
	}
	return f, err
}

// size is about how many bytes the file has.
func (f *unloadFile) size() int64 { return f.counter.n + int64(f.w.Buffered()) }

func (f *unloadFile) close() error {
	var err error
	if f.columns != nil {
		err = f.columns.close()
	}
	if e := f.w.Flush(); err == nil {
		err = e
	}
	if f.pack != nil {
		if e := f.pack.Close(); err == nil {
			err = e
		}
	}
	if e := f.file.Close(); err == nil {
		err = e
	}
	return err
}

// write writes one row.
func (f *unloadFile) write(row int) error {
	u := f.u
	rd := u.r.rd
	if f.columns != nil {
		return f.columns.write(row)
	}
	f.line = f.line[:0]
	if u.to.Format == "json" {
		f.object(row)
	} else {
		for i, c := range u.columns {
			if i > 0 {
				f.line = append(f.line, u.to.Delimiter)
			}
			if rd.null(c, row) {
				f.line = append(f.line, u.to.Null...)
				continue
			}
			f.text(rd.append(nil, c, row))
		}
	}
	f.line = append(f.line, '\n')
	_, err := f.w.Write(f.line)
	return err
}

// text writes one value of a line.
func (f *unloadFile) text(b []byte) {
	to := f.u.to
	switch {
	case to.Format == "csv":
		if !bytes.ContainsAny(b, "\"\n\r") && bytes.IndexByte(b, to.Delimiter) < 0 {
			f.line = append(f.line, b...)
			return
		}
		f.line = append(f.line, '"')
		f.line = append(f.line, bytes.ReplaceAll(b, []byte(`"`), []byte(`""`))...)
		f.line = append(f.line, '"')
		return
	case to.AddQuotes:
		f.line = append(f.line, '"')
	}
	for _, c := range b {
		if to.Escape && (c == to.Delimiter || c == '\n' || c == '\r' || c == '\\' || c == '"' || c == '\'') {
			f.line = append(f.line, '\\')
		}
		f.line = append(f.line, c)
	}
	if to.AddQuotes {
		f.line = append(f.line, '"')
	}
}

// numbers are the types that JSON has as numbers.
var numbers = []db.Type{db.TypeTinyInt, db.TypeSmallInt, db.TypeInteger, db.TypeBigInt, db.TypeHugeInt, db.TypeUTinyInt, db.TypeUSmallInt,
	db.TypeUInteger, db.TypeUBigInt, db.TypeUHugeInt, db.TypeFloat, db.TypeDouble, db.TypeDecimal}

// object writes a row as a JSON object.
func (f *unloadFile) object(row int) {
	rd := f.u.r.rd
	f.line = append(f.line, '{')
	for i, c := range f.u.columns {
		if i > 0 {
			f.line = append(f.line, ',')
		}
		f.line = value.AppendString(f.line, f.u.r.columns[c].Name)
		f.line = append(f.line, ':')
		typ := rd.columns[c].typ
		text := rd.appendUnlessNull(c, row)
		switch {
		case text == nil:
			f.line = append(f.line, "null"...)
		case rd.columns[c].super:
			f.line = append(f.line, text...) // it is JSON
		case typ == db.TypeBoolean:
			f.line = append(f.line, map[bool]string{true: "true", false: "false"}[text[0] == 't']...)
		case slices.Contains(numbers, typ) && text[len(text)-1] >= '0' && text[len(text)-1] <= '9':
			f.line = append(f.line, text...)
		default:
			f.line = value.AppendString(f.line, string(text))
		}
	}
	f.line = append(f.line, '}')
}

// appendUnlessNull returns a value's text, or nil.
func (rd *reader) appendUnlessNull(col, row int) []byte {
	if rd.null(col, row) {
		return nil
	}
	return rd.append([]byte{}, col, row)
}
