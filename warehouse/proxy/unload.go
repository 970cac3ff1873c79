package proxy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"salamander/internal/value"
	"salamander/warehouse/dialect"
	"salamander/warehouse/source"
	"salamander/warehouse/sqlstate"
)

// unload writes a query's rows to S3 and tells the client.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (r *relay) unload(st *dialect.Statement) error {
	to, err := st.Unload()
	if err != nil {
		return err
	}
	unsupported := func(format string, args ...any) error {
		return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: st.Pos + 1, Message: fmt.Sprintf(format, args...) + " is not supported by the PostgreSQL warehouse"}
	}
	switch {
	case to.Format == "parquet":
		return unsupported("UNLOAD … PARQUET")
	case len(to.Partition) > 0:
		return unsupported("UNLOAD … PARTITION BY")
	}
	sql, err := r.unloaded(to)
	if err != nil {
		return err
	}
	src := source.New(r.s.p.opt.Objects, r.s.p.opt.Account, to.Access)
	u := &unloading{to: to, store: func(key, path string) error { return src.Put(r.ctx, to.Bucket, key, path, to.URLAt) }}
	u.clean = sync.OnceValue(func() error {
		if !to.Clean {
			return nil
		}
		return src.Remove(r.ctx, to.Bucket, to.Key, to.URLAt)
	})
	defer u.abandon()
	if !to.Overwrite && !to.Clean {
		there, err := src.Any(r.ctx, to.Bucket, to.Key, to.URLAt)
		if err != nil {
			return err
		}
		if there != "" {
			return &sqlstate.Error{Code: sqlstate.InternalError, At: to.URLAt,
				Message: "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
				Detail:  "There is " + there + "."}
		}
	}
	if err := r.rows(sql, u); err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) {
			moved := *e
			moved.At = to.QueryAt
			return &moved
		}
		return err
	}
	if err := u.end(); err != nil {
		return err
	}
	r.out.Lock()
	defer r.out.Unlock()
	r.c.Send(&pgproto3.NoticeResponse{Severity: "INFO", SeverityUnlocalized: "INFO", Code: "00000", Message: fmt.Sprintf("UNLOAD completed, %d record(s) unloaded successfully.", u.count)})
	r.c.Send(&pgproto3.CommandComplete{CommandTag: []byte("UNLOAD")})
	return nil
}

// unloaded returns the query that an UNLOAD holds as a text, rewritten.
func (r *relay) unloaded(to *dialect.UnloadTo) (string, error) {
	within := func(err error) error {
		var e *sqlstate.Error
		if !errors.As(err, &e) {
			return err
		}
		moved := *e
		moved.At = to.QueryAt
		return &moved
	}
	all, err := dialect.ParseVerbatim(to.Query)
	if err != nil {
		return "", within(err)
	}
	if len(all) != 1 {
		return "", &sqlstate.Error{Code: sqlstate.SyntaxError, At: to.QueryAt, Message: "UNLOAD takes one query"}
	}
	out, err := r.rewrite(all[0])
	if err != nil {
		return "", within(err)
	}
	if out == nil || all[0].Kind != dialect.Query {
		return "", &sqlstate.Error{Code: sqlstate.SyntaxError, At: to.QueryAt, Message: "UNLOAD takes a SELECT"}
	}
	if err := all[0].Unlimited(); err != nil {
		return "", within(err)
	}
	return out.SQL, nil
}

// rows runs a query that the client does not see and hands its columns and
// rows to u, one after the other.
func (r *relay) rows(sql string, u *unloading) error {
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: parse, hidden: true})
	r.add(&entry{kind: bind, hidden: true})
	failed := make(chan struct{})
	r.add(&entry{kind: describe, hidden: true, described: func(fields []pgproto3.FieldDescription) {
		if u.begin(fields); u.err != nil {
			close(failed)
		}
	}})
	e := r.add(&entry{kind: execute, hidden: true, row: func(row [][]byte) {
		if u.err == nil {
			if u.err = u.write(row); u.err != nil {
				close(failed)
			}
		}
	}})
	err := r.write(&pgproto3.Close{ObjectType: 'P', Name: ownName}, &pgproto3.Close{ObjectType: 'S', Name: ownName}, &pgproto3.Parse{Name: ownName, Query: sql},
		&pgproto3.Bind{DestinationPortal: ownName, PreparedStatement: ownName}, &pgproto3.Describe{ObjectType: 'P', Name: ownName}, &pgproto3.Execute{Portal: ownName}, &pgproto3.Flush{})
	if err != nil {
		return err
	}
	select {
	case <-e.done:
	case <-failed:
		r.s.cancel() // no more rows are of use
		<-e.done
	}
	if u.err != nil {
		return u.err
	}
	return e.failed
}

// An unloading writes the rows of one UNLOAD. It is not for concurrent use.
type unloading struct {
	to    *dialect.UnloadTo
	store func(key, path string) error
	clean func() error // for CLEANPATH, called before a file is stored; only the first call counts
	names []string
	oids  []uint32
	err   error
	count int64
	urls  []string

	file *os.File // nil where none is open
	pack io.WriteCloser
	w    *bufio.Writer
	size int64 // what was written, before it was packed
	line []byte
}

// Types in pg_type.
const (
	oidBool   = 16
	oidBpchar = 1042
)

// numeric are the types that JSON has as numbers.
var numeric = map[uint32]bool{20: true, 21: true, 23: true, 700: true, 701: true, 1700: true}

func (u *unloading) begin(fields []pgproto3.FieldDescription) {
	for _, f := range fields {
		u.names = append(u.names, string(f.Name))
		u.oids = append(u.oids, f.DataTypeOID)
	}
	u.err = u.to.Distinct(u.names)
}

// write writes one row.
func (u *unloading) write(row [][]byte) error {
	if u.file == nil {
		if err := u.open(); err != nil {
			return err
		}
	}
	u.line = u.line[:0]
	if u.to.Format == "json" {
		u.object(row)
	} else {
		for i, v := range row {
			if i > 0 {
				u.line = append(u.line, u.to.Delimiter)
			}
			if v == nil {
				u.line = append(u.line, u.to.Null...)
				continue
			}
			u.text(u.trimmed(i, v))
		}
	}
	u.line = append(u.line, '\n')
	if _, err := u.w.Write(u.line); err != nil {
		return err
	}
	u.count++
	if u.size += int64(len(u.line)); u.size >= u.to.MaxFileSize {
		return u.finish()
	}
	return nil
}

// trimmed is a value without the blanks that fill a CHAR.
func (u *unloading) trimmed(i int, v []byte) []byte {
	if u.oids[i] == oidBpchar {
		return bytes.TrimRight(v, " ")
	}
	return v
}

// text writes one value of a line.
func (u *unloading) text(b []byte) {
	switch {
	case u.to.Format == "csv":
		if !bytes.ContainsAny(b, "\"\n\r") && bytes.IndexByte(b, u.to.Delimiter) < 0 {
			u.line = append(u.line, b...)
			return
		}
		u.line = append(append(append(u.line, '"'), bytes.ReplaceAll(b, []byte(`"`), []byte(`""`))...), '"')
		return
	case u.to.AddQuotes:
		u.line = append(u.line, '"')
	}
	for _, c := range b {
		if u.to.Escape && (c == u.to.Delimiter || c == '\n' || c == '\r' || c == '\\' || c == '"' || c == '\'') {
			u.line = append(u.line, '\\')
		}
		u.line = append(u.line, c)
	}
	if u.to.AddQuotes {
		u.line = append(u.line, '"')
	}
}

// object writes a row as a JSON object.
func (u *unloading) object(row [][]byte) {
	u.line = append(u.line, '{')
	for i, v := range row {
		if i > 0 {
			u.line = append(u.line, ',')
		}
		u.line = append(value.AppendString(u.line, u.names[i]), ':')
		switch {
		case v == nil:
			u.line = append(u.line, "null"...)
		case u.oids[i] == oidBool:
			u.line = append(u.line, map[bool]string{true: "true", false: "false"}[v[0] == 't']...)
		case numeric[u.oids[i]] && v[len(v)-1] >= '0' && v[len(v)-1] <= '9':
			u.line = append(u.line, v...)
		default:
			u.line = value.AppendString(u.line, string(u.trimmed(i, v)))
		}
	}
	u.line = append(u.line, '}')
}

// open begins the next file.
func (u *unloading) open() (err error) {
	if u.file, err = os.CreateTemp("", "salamander-unload-"); err != nil {
		return err
	}
	var w io.Writer = u.file
	switch u.pack = nil; u.to.Compression {
	case "gzip":
		u.pack = gzip.NewWriter(w)
	case "zstd":
		if u.pack, err = zstd.NewWriter(w); err != nil {
			return err
		}
	}
	if u.pack != nil {
		w = u.pack
	}
	u.w, u.size = bufio.NewWriterSize(w, 64<<10), 0
	if !u.to.Header {
		return nil
	}
	u.line = u.line[:0]
	for i, name := range u.names {
		if i > 0 {
			u.line = append(u.line, u.to.Delimiter)
		}
		u.text([]byte(name))
	}
	_, err = u.w.Write(append(u.line, '\n'))
	return err
}

// finish ends a file and stores it.
func (u *unloading) finish() error {
	err := u.w.Flush()
	if u.pack != nil {
		err = errors.Join(err, u.pack.Close())
	}
	err = errors.Join(err, u.file.Close())
	path := u.file.Name()
	u.file = nil
	defer os.Remove(path)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("0000_part_%02d", len(u.urls))
	if !u.to.Parallel {
		name = fmt.Sprintf("%03d", len(u.urls))
	}
	suffix := map[string]string{"json": ".json"}[u.to.Format] + map[string]string{"gzip": ".gz", "zstd": ".zst"}[u.to.Compression]
	if u.to.Extension != "" {
		suffix = "." + strings.TrimPrefix(u.to.Extension, ".")
	}
	key := u.to.Key + name + suffix
	if err := u.clean(); err != nil {
		return err
	}
	if err := u.store(key, path); err != nil {
		return err
	}
	u.urls = append(u.urls, "s3://"+u.to.Bucket+"/"+key)
	return nil
}

// end stores the last file and the manifest.
func (u *unloading) end() error {
	if u.count == 0 { // there is a file even so
		if err := u.open(); err != nil {
			return err
		}
	}
	if u.file != nil {
		if err := u.finish(); err != nil {
			return err
		}
	}
	if !u.to.Manifest {
		return nil
	}
	type listed struct {
		URL string `json:"url"`
	}
	var m struct {
		Entries []listed `json:"entries"`
	}
	for _, url := range u.urls {
		m.Entries = append(m.Entries, listed{url})
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp("", "salamander-unload-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return u.store(u.to.Key+"manifest", f.Name())
}

// abandon removes what was not stored.
func (u *unloading) abandon() {
	if u.file != nil {
		u.file.Close()
		os.Remove(u.file.Name())
	}
}
