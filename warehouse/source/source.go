// Package source finds and reads what a COPY loads: objects by prefix or by
// manifest, unpacked and decoded, in blocks of whole lines.
package source

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/sqlstate"
)

// A Source is where the objects of an account are. Goroutines may share it.
type Source struct {
	Objects warehouse.Objects
	Account string // 12 digits
	Access  dialect.S3Access
}

// New returns the source of a COPY or an UNLOAD.
func New(objects warehouse.Objects, account string, access dialect.S3Access) Source {
	return Source{objects, account, access}
}

func (s Source) access() warehouse.Access {
	return warehouse.Access{AccessKey: s.Access.AccessKey, Secret: s.Access.Secret, Token: s.Access.Token, Region: s.Access.Region}
}

// Name is what errors and system tables call an object.
func Name(o warehouse.PinnedObject) string { return "s3://" + o.Bucket + "/" + o.Key }

// Files resolves and pins what a COPY names. The caller must call release.
func (s Source) Files(ctx context.Context, from *dialect.CopyFrom) (files []warehouse.PinnedObject, release func(), err error) {
	if !from.Manifest {
		files, release, err := s.pin(ctx, warehouse.PinRequest{Bucket: from.Bucket, Key: from.Key}, from.URLAt)
		if err == nil && len(files) == 0 {
			release()
			return nil, nil, &sqlstate.Error{Code: sqlstate.InternalError, At: from.URLAt,
				Message: fmt.Sprintf("The specified S3 prefix '%s' does not exist", from.Key),
				Detail:  fmt.Sprintf("No object of bucket %q begins with this key.", from.Bucket)}
		}
		return files, release, err
	}
	b, err := s.whole(ctx, from.Bucket, from.Key, from.URLAt, "Manifest file "+from.URL+" does not exist")
	if err != nil {
		return nil, nil, err
	}
	return s.manifest(ctx, from, b)
}

// whole reads one object; missing is the error's text where there is none.
func (s Source) whole(ctx context.Context, bucket, key string, at int, missing string) ([]byte, error) {
	files, release, err := s.pin(ctx, warehouse.PinRequest{Bucket: bucket, Key: key, Exact: true}, at)
	if err != nil {
		return nil, err
	}
	defer release()
	if len(files) == 0 {
		return nil, &sqlstate.Error{Code: sqlstate.InternalError, At: at, Message: missing}
	}
	r, err := files[0].Open(ctx)
	if err == nil {
		defer r.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(r, maxWhole+1)); err == nil && len(b) > maxWhole {
			err = fmt.Errorf("%s is longer than %d bytes", Name(files[0]), maxWhole)
		}
		if err == nil {
			return b, nil
		}
	}
	return nil, refused(err, files[0], at)
}

// maxWhole is how long a manifest or a JSONPaths file may be, in bytes.
const maxWhole = 256 << 20

// manifest pins the entries of a manifest.
//
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
func (s Source) manifest(ctx context.Context, from *dialect.CopyFrom, b []byte) ([]warehouse.PinnedObject, func(), error) {
	var m struct {
		Entries []struct {
			URL       string `json:"url"`
			Mandatory bool   `json:"mandatory"`
		} `json:"entries"`
	}
	fail := func(format string, args ...any) *sqlstate.Error {
		return &sqlstate.Error{Code: sqlstate.InternalError, At: from.URLAt, Message: fmt.Sprintf(format, args...)}
	}
	if err := json.Unmarshal(b, &m); err != nil || len(m.Entries) == 0 {
		e := fail("Manifest file %s is not in correct json format", from.URL)
		if e.Detail = "It has no entries."; err != nil {
			e.Detail = err.Error()
		}
		return nil, nil, e
	}
	var files []warehouse.PinnedObject
	var releases []func()
	release := func() {
		for _, r := range releases {
			r()
		}
	}
	for _, entry := range m.Entries {
		bucket, key, err := dialect.SplitURL(entry.URL)
		if err != nil {
			release()
			return nil, nil, fail("Manifest file %s names %q, which is no s3:// URL", from.URL, entry.URL)
		}
		found, r, err := s.pin(ctx, warehouse.PinRequest{Bucket: bucket, Key: key, Exact: true}, from.URLAt)
		if err != nil {
			release()
			return nil, nil, err
		}
		releases = append(releases, r)
		if len(found) == 0 && entry.Mandatory {
			release()
			e := fail("Problem reading manifest file - S3ServiceException: The specified key does not exist., %s", entry.URL)
			e.Detail = fmt.Sprintf("Manifest file %s lists it as mandatory.", from.URL)
			return nil, nil, e
		}
		files = append(files, found...)
	}
	if len(files) == 0 { // whatever is mandatory
		release()
		return nil, nil, fail("None of the files that the manifest %s lists exists", from.URL)
	}
	return files, release, nil
}

// Any returns the name of an object whose key begins with key, or "" where
// there is none. Errors stand at byte at, counted from 1.
func (s Source) Any(ctx context.Context, bucket, key string, at int) (string, error) {
	files, release, err := s.pin(ctx, warehouse.PinRequest{Bucket: bucket, Key: key, Max: 1}, at)
	if err != nil {
		return "", err
	}
	defer release()
	if len(files) == 0 {
		return "", nil
	}
	return Name(files[0]), nil
}

// Put stores a file as an object. Errors stand at byte at, counted from 1.
func (s Source) Put(ctx context.Context, bucket, key, path string, at int) error {
	err := s.Objects.Put(ctx, warehouse.PutRequest{Account: s.Account, Bucket: bucket, Key: key, Path: path, Access: s.access()})
	return refused(err, warehouse.PinnedObject{Bucket: bucket, Key: key}, at)
}

// Remove deletes the objects whose keys begin with key. Errors stand at byte
// at, counted from 1.
func (s Source) Remove(ctx context.Context, bucket, key string, at int) error {
	err := s.Objects.Remove(ctx, warehouse.PinRequest{Account: s.Account, Bucket: bucket, Key: key, Access: s.access()})
	return refused(err, warehouse.PinnedObject{Bucket: bucket, Key: key}, at)
}

// pin pins what req names.
func (s Source) pin(ctx context.Context, req warehouse.PinRequest, at int) ([]warehouse.PinnedObject, func(), error) {
	req.Account, req.Access = s.Account, s.access()
	files, release, err := s.Objects.Pin(ctx, req)
	if err != nil {
		return nil, nil, refused(err, warehouse.PinnedObject{Bucket: req.Bucket, Key: req.Key}, at)
	}
	return files, release, nil
}

// refused tells what an object store answered. Other errors are returned as
// they are.
//
// https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html
func refused(err error, o warehouse.PinnedObject, at int) error {
	var service *warehouse.ServiceError
	switch {
	case errors.Is(err, warehouse.ErrNoBucket):
		return &sqlstate.Error{Code: sqlstate.InternalError, At: at,
			Message: fmt.Sprintf("S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket: %s", o.Bucket),
			Hint:    "Buckets of another S3 endpoint are found where warehouse-s3-endpoint is configured."}
	case errors.As(err, &service):
		return &sqlstate.Error{Code: sqlstate.InternalError, At: at, Message: service.Error(), Detail: fmt.Sprintf("At bucket %s, key %s.", o.Bucket, o.Key)}
	}
	return err
}

// Options are how the files of a COPY are read.
func (s Source) Options(ctx context.Context, from *dialect.CopyFrom) (load.Options, error) {
	opt := load.Options{
		Delimiter: from.Delimiter, IgnoreHeader: from.IgnoreHeader, Null: from.Null,
		EmptyAsNull: from.EmptyAsNull, BlanksAsNull: from.BlanksAsNull, Truncate: from.Truncate, TrimBlanks: from.TrimBlanks,
		CSV: from.CSV, Quote: from.Quote, Escape: from.Escape, RemoveQuotes: from.RemoveQuotes, FillRecord: from.FillRecord,
		IgnoreBlankLines: from.BlankLines, InvalidChars: from.InvalidChars, RoundDecimals: from.RoundDec,
		DateFormat: from.DateFormat, TimeFormat: from.TimeFormat, AnyDate: from.AnyDate, SerializeJSON: from.SerializeJSON,
	}
	if from.Widths != "" {
		widths, err := load.ParseWidths(from.Widths)
		if err != nil {
			return opt, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: err.Error(), At: from.WidthsAt}
		}
		opt.Widths = widths
	}
	if from.JSON == "" {
		return opt, nil
	}
	if opt.DateFormat == "" {
		opt.DateFormat = "auto"
	}
	if opt.TimeFormat == "" {
		opt.TimeFormat = "auto"
	}
	switch strings.ToLower(from.JSON) {
	case "auto", "auto ignorecase":
		opt.JSON = &load.JSON{IgnoreCase: len(from.JSON) > 4}
		return opt, nil
	}
	bucket, key, err := dialect.SplitURL(from.JSON)
	if err != nil {
		return opt, err
	}
	b, err := s.whole(ctx, bucket, key, from.JSONAt, "The JSONPaths file "+from.JSON+" does not exist")
	if err != nil {
		return opt, err
	}
	paths, err := load.ParsePaths(b)
	if err != nil {
		return opt, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: err.Error(), Detail: "In " + from.JSON + ".", At: from.JSONAt}
	}
	opt.JSON = &load.JSON{Paths: paths}
	return opt, nil
}

// Blocks reads one file and hands its blocks to take. It returns how many lines
// there are.
func Blocks(ctx context.Context, from *dialect.CopyFrom, opt *load.Options, o warehouse.PinnedObject, take func(load.Block) error) (lines int64, err error) {
	f, err := o.Open(ctx)
	if err != nil {
		return 0, refused(err, o, from.URLAt)
	}
	defer f.Close()
	watched := &watchedReader{r: f}
	var r io.Reader = watched
	switch from.Compression {
	case "bzip2":
		r = bzip2.NewReader(bufio.NewReader(r))
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			return 0, inflated(o, err)
		}
		defer z.Close()
		r = z
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return 0, inflated(o, err)
		}
		defer z.Close()
		r = z
	}
	switch from.Encoding {
	case "utf16":
		r = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(r)
	case "utf16le":
		r = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case "utf16be":
		r = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case "iso88591":
		r = charmap.ISO8859_1.NewDecoder().Reader(r)
	}
	err = load.ReadBlocks(Name(o), r, opt, func(b load.Block) error {
		lines += int64(bytes.Count(b.Data, []byte{'\n'}))
		if !bytes.HasSuffix(b.Data, []byte{'\n'}) {
			lines++
		}
		return take(b)
	})
	if watched.err != nil { // whatever became of it above
		return lines, refused(watched.err, o, from.URLAt)
	}
	return lines, inflated(o, err)
}

// A watchedReader keeps the error that ended its reading before the end.
type watchedReader struct {
	r   io.Reader
	err error
}

// Read reads from the reader below.
func (w *watchedReader) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// inflated names the file whose compression is broken.
func inflated(o warehouse.PinnedObject, err error) error {
	if err == io.EOF || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		err != nil && (strings.Contains(err.Error(), "flate") || strings.Contains(err.Error(), "bzip2") || errors.Is(err, zstd.ErrMagicMismatch)) {
		return sqlstate.Errorf(sqlstate.InternalError, "failed to inflate %s: invalid or incomplete deflate data (%v)", Name(o), err)
	}
	return err
}

// Failure tells which line stopped the load of a table. Errors other than
// [*load.Error] are returned as they are.
func Failure(err error, table string) error {
	var bad *load.Error
	if !errors.As(err, &bad) {
		return err
	}
	detail := fmt.Sprintf("%s, line %d", bad.File, bad.Line)
	if bad.Column != "" {
		detail += fmt.Sprintf(", column %s (%s), value %q", bad.Column, bad.Type, clip(bad.Raw))
	} else {
		detail += fmt.Sprintf(", value %q", clip(bad.Raw))
	}
	code := ""
	if bad.Code != 0 { // else it is no error of Redshift's
		code = fmt.Sprintf(" (error %d)", bad.Code)
	}
	return &sqlstate.Error{Code: sqlstate.InternalError,
		Message: fmt.Sprintf("Load into table '%s' failed.  Check 'stl_load_errors' system table for details.", table),
		Detail:  detail + ": " + bad.Reason + code}
}

func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
