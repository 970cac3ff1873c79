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
	"os"
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
}

// Name is what errors and system tables call an object.
func Name(o warehouse.PinnedObject) string { return "s3://" + o.Bucket + "/" + o.Key }

// Files resolves and pins what a COPY names. The caller must call release.
func (s Source) Files(ctx context.Context, from *dialect.CopyFrom) (files []warehouse.PinnedObject, release func(), err error) {
	if !from.Manifest {
		files, release, err := s.Pin(ctx, from.Bucket, from.Key, false, from.URLAt)
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
	files, release, err := s.Pin(ctx, bucket, key, true, at)
	if err != nil {
		return nil, err
	}
	defer release()
	if len(files) == 0 {
		return nil, &sqlstate.Error{Code: sqlstate.InternalError, At: at, Message: missing}
	}
	b, err := os.ReadFile(files[0].Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Name(files[0]), err)
	}
	return b, nil
}

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
		found, r, err := s.Pin(ctx, bucket, key, true, from.URLAt)
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

// Pin pins the objects of a bucket whose keys begin with key, or are key where
// exact. Errors stand at byte at, counted from 1.
func (s Source) Pin(ctx context.Context, bucket, key string, exact bool, at int) ([]warehouse.PinnedObject, func(), error) {
	files, release, err := s.Objects.Pin(ctx, warehouse.PinRequest{Account: s.Account, Bucket: bucket, Key: key, Exact: exact})
	if errors.Is(err, warehouse.ErrNoBucket) {
		return nil, nil, &sqlstate.Error{Code: sqlstate.InternalError, At: at,
			Message: fmt.Sprintf("S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket: %s", bucket),
			Hint:    "The warehouse serves only buckets of this server, none of other S3 endpoints."}
	}
	return files, release, err
}

// Options are how the files of a COPY are read.
func (s Source) Options(ctx context.Context, from *dialect.CopyFrom) (load.Options, error) {
	opt := load.Options{
		Delimiter: from.Delimiter, IgnoreHeader: from.IgnoreHeader, Null: from.Null,
		EmptyAsNull: from.EmptyAsNull, BlanksAsNull: from.BlanksAsNull, Truncate: from.Truncate, TrimBlanks: from.TrimBlanks,
		CSV: from.CSV, Quote: from.Quote, Escape: from.Escape, RemoveQuotes: from.RemoveQuotes, FillRecord: from.FillRecord,
		IgnoreBlankLines: from.BlankLines, InvalidChars: from.InvalidChars, RoundDecimals: from.RoundDec,
		DateFormat: from.DateFormat, TimeFormat: from.TimeFormat, AnyDate: from.AnyDate,
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
func Blocks(from *dialect.CopyFrom, opt *load.Options, o warehouse.PinnedObject, take func(load.Block) error) (lines int64, err error) {
	f, err := os.Open(o.Path)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", Name(o), err)
	}
	defer f.Close()
	var r io.Reader = f
	switch from.Compression {
	case "bzip2":
		r = bzip2.NewReader(bufio.NewReader(f))
	case "zstd":
		z, err := zstd.NewReader(f)
		if err != nil {
			return 0, inflated(o, err)
		}
		defer z.Close()
		r = z
	case "gzip":
		z, err := gzip.NewReader(f)
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
	return lines, inflated(o, err)
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
