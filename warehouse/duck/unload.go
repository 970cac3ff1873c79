//go:build cgo

package duck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/redshift"
	"salamander/warehouse/source"
	"salamander/warehouse/sqlstate"
)

// unload writes a query's rows to S3 and returns the command tag.
func (s *session) unload(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	to, err := st.Unload()
	if err != nil {
		return "", err
	}
	query, err := queryOf(to)
	if err != nil {
		return "", err
	}
	src := s.source(to.Access)
	if !to.Overwrite && !to.Clean {
		there, err := src.Any(ctx, to.Bucket, to.Key, to.URLAt)
		if err != nil {
			return "", err
		}
		if there != "" {
			return "", &sqlstate.Error{Code: sqlstate.InternalError, At: to.URLAt,
				Message: "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
				Detail:  "There is " + there + "."}
		}
	}
	res, out, err := s.execute(ctx, query, w)
	if err != nil {
		return "", within(err, to.QueryAt)
	}
	r, err := newRows(query, res, out)
	if err != nil {
		return "", err
	}
	defer r.close()
	defer s.c.interruptible(ctx)()
	u := &unloading{s: s, src: src, to: to, r: r, files: map[string]*unloadFile{}}
	defer u.abandon()
	progress := s.e.history.moved.begin(&transfer{verb: "UNLOAD", query: s.query.id, pid: s.start.PID, userID: s.user, location: to.URL, format: to.Format, compression: to.Compression})
	u.progress = progress
	n, err := u.run(ctx)
	if failed := r.failed(ctx); failed != nil {
		err = within(failed, to.QueryAt)
	}
	s.e.history.moved.end(progress, n, 0, err)
	if err != nil {
		return "", err
	}
	s.last.UnloadRows = n
	w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000", Message: fmt.Sprintf("UNLOAD completed, %d record(s) unloaded successfully.", n)})
	return "UNLOAD", nil
}

// queryOf reads the query that an UNLOAD holds as a text.
func queryOf(to *dialect.UnloadTo) (*dialect.Statement, error) {
	all, err := dialect.Parse(to.Query)
	if err != nil {
		return nil, within(err, to.QueryAt)
	}
	if len(all) != 1 {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, At: to.QueryAt, Message: "UNLOAD takes one query"}
	}
	if err := all[0].Classify(); err != nil {
		return nil, within(err, to.QueryAt)
	}
	if all[0].Kind != dialect.Query {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, At: to.QueryAt, Message: "UNLOAD takes a SELECT"}
	}
	return all[0], within(all[0].Unlimited(), to.QueryAt)
}

// within moves an error of a text that stands in another one to its place.
func within(err error, at int) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.At = at
	return &moved
}

// An unloading is one UNLOAD at work.
type unloading struct {
	s       *session
	src     source.Source
	to      *dialect.UnloadTo
	r       *rows
	parts   []int // the columns of PARTITION BY
	columns []int // those that are written
	files   map[string]*unloadFile
	stored  []stored
	cleaned map[string]bool // what CLEANPATH has removed

	progress *transfer
}

// A stored file is one that is in its bucket.
type stored struct {
	url        string
	size, rows int64
}

// maxPartitions bounds the files that are open at a time.
const maxPartitions = 1000

func (u *unloading) run(ctx context.Context) (int64, error) {
	for _, name := range u.to.Partition {
		i := slices.IndexFunc(u.r.columns, func(c pgwire.Column) bool { return c.Name == name })
		if i < 0 {
			return 0, sqlstate.Errorf(sqlstate.UndefinedColumn, "column \"%s\" of PARTITION BY is not in the query", name)
		}
		u.parts = append(u.parts, i)
	}
	for i := range u.r.columns {
		if u.to.Include || !slices.Contains(u.parts, i) {
			u.columns = append(u.columns, i)
		}
	}
	if len(u.columns) == 0 {
		return 0, sqlstate.Errorf(sqlstate.InvalidParameterValue, "PARTITION BY all columns needs INCLUDE")
	}
	names := make([]string, len(u.columns))
	for i, c := range u.columns {
		names[i] = u.r.columns[c].Name
	}
	if err := u.to.Distinct(names); err != nil {
		return 0, err
	}
	var count int64
	err := u.r.rd.each(func(row int) error {
		f, err := u.file(ctx, row)
		if err != nil {
			return err
		}
		if err := f.write(row); err != nil {
			return err
		}
		f.rows++
		if count++; count%4096 == 0 {
			if err := pgwire.Cause(ctx); err != nil {
				return err
			}
		}
		if f.size() >= u.to.MaxFileSize {
			return u.finish(ctx, f)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if count == 0 && len(u.parts) == 0 { // there is a file even so
		if _, err := u.open(""); err != nil {
			return 0, err
		}
	}
	for _, prefix := range sortedKeys(u.files) {
		if f := u.files[prefix]; f.open {
			if err := u.finish(ctx, f); err != nil {
				return 0, err
			}
		}
	}
	return count, u.manifest(ctx)
}

func sortedKeys(m map[string]*unloadFile) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// file returns the file that a row goes to.
func (u *unloading) file(ctx context.Context, row int) (*unloadFile, error) {
	prefix := ""
	for _, i := range u.parts {
		value := "__HIVE_DEFAULT_PARTITION__"
		if !u.r.rd.null(i, row) {
			value = url.PathEscape(string(u.r.rd.append(nil, i, row)))
		}
		prefix += u.r.columns[i].Name + "=" + value + "/"
	}
	if f := u.files[prefix]; f != nil && f.open {
		return f, nil
	}
	if len(u.files) >= maxPartitions {
		return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "UNLOAD into more than %d partitions is not supported by the embedded warehouse", maxPartitions)
	}
	return u.open(prefix)
}

// open begins the next file of a partition.
func (u *unloading) open(prefix string) (*unloadFile, error) {
	part := 0
	if old := u.files[prefix]; old != nil {
		part = old.part + 1
	}
	name := fmt.Sprintf("0000_part_%02d", part)
	if !u.to.Parallel {
		name = fmt.Sprintf("%03d", part)
	}
	dir := u.to.Key + prefix
	if prefix != "" && u.to.Key != "" && !strings.HasSuffix(u.to.Key, "/") {
		dir = u.to.Key + "/" + prefix
	}
	f, err := newUnloadFile(u, dir, dir+name+suffix(u.to), part)
	if err != nil {
		return nil, err
	}
	u.files[prefix] = f
	return f, nil
}

func suffix(to *dialect.UnloadTo) string {
	if to.Extension != "" {
		return "." + strings.TrimPrefix(to.Extension, ".")
	}
	s := map[string]string{"json": ".json", "parquet": ".parquet"}[to.Format]
	return s + map[string]string{"gzip": ".gz", "zstd": ".zst"}[to.Compression]
}

// finish ends a file and stores it.
func (u *unloading) finish(ctx context.Context, f *unloadFile) error {
	f.open = false
	if err := f.close(); err != nil {
		return err
	}
	defer os.Remove(f.path)
	if err := u.clean(ctx, f.dir); err != nil {
		return err
	}
	u.progress.filesDone.Add(1)
	u.progress.bytesDone.Add(f.counter.n)
	if err := u.put(ctx, f.key, f.path); err != nil {
		return err
	}
	u.stored = append(u.stored, stored{"s3://" + u.to.Bucket + "/" + f.key, f.counter.n, f.rows})
	return nil
}

// clean removes what is at a prefix, before the first file is stored there:
// with PARTITION BY, only in the directories that get files.
func (u *unloading) clean(ctx context.Context, prefix string) error {
	if !u.to.Clean || u.cleaned[prefix] {
		return nil
	}
	if u.cleaned == nil {
		u.cleaned = map[string]bool{}
	}
	u.cleaned[prefix] = true
	return u.src.Remove(ctx, u.to.Bucket, prefix, u.to.URLAt)
}

func (u *unloading) put(ctx context.Context, key, path string) error {
	return u.src.Put(ctx, u.to.Bucket, key, path, u.to.URLAt)
}

// manifest lists the files, with VERBOSE also their sizes and the columns.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (u *unloading) manifest(ctx context.Context) error {
	if !u.to.Manifest {
		return nil
	}
	type meta struct {
		Length int64 `json:"content_length"`
		Rows   int64 `json:"record_count"`
	}
	type entry struct {
		URL  string `json:"url"`
		Meta *meta  `json:"meta,omitempty"`
	}
	type kind struct {
		Base string `json:"base"`
	}
	type element struct {
		Name string `json:"name"`
		Type kind   `json:"type"`
	}
	type schema struct {
		Elements []element `json:"elements"`
	}
	type author struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	var m struct {
		Entries []entry `json:"entries"`
		Schema  *schema `json:"schema,omitempty"`
		Meta    *meta   `json:"meta,omitempty"`
		Author  *author `json:"author,omitempty"`
	}
	var all meta
	for _, f := range u.stored {
		e := entry{URL: f.url}
		if u.to.Verbose {
			e.Meta = &meta{f.size, f.rows}
			all.Length += f.size
			all.Rows += f.rows
		}
		m.Entries = append(m.Entries, e)
	}
	if u.to.Verbose {
		m.Schema, m.Meta, m.Author = &schema{}, &all, &author{"Amazon Redshift", "1.0.0"}
		for _, i := range u.columns {
			c := u.r.columns[i]
			m.Schema.Elements = append(m.Schema.Elements, element{c.Name, kind{redshift.FormatType(int64(c.OID), -1)}})
		}
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(u.s.e.temp(), "unload-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return u.put(ctx, u.to.Key+"manifest", f.Name())
}

// abandon removes what was not stored.
func (u *unloading) abandon() {
	for _, f := range u.files {
		if f.open {
			f.close()
			os.Remove(f.path)
		}
	}
}
