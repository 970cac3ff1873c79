// Package dataset reads the items of a map run from objects: JSON, JSON Lines,
// CSV and Parquet files, listings, and what manifests name. It reads as a
// stream: a file of any size takes the memory of its longest item, or of a page
// of each column.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
package dataset

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"salamander/asl"
	"salamander/internal/value"
)

// Objects is where a map run reads objects and writes them, in the name of an
// execution's role. An error's text is the cause that the user sees.
type Objects interface {
	// Get returns the body of an object; the arguments are those of S3's
	// GetObject. The caller closes it.
	Get(ctx context.Context, arguments json.RawMessage) (io.ReadCloser, error)
	// List returns a page of a listing; the arguments are those of S3's
	// ListObjectsV2.
	List(ctx context.Context, arguments json.RawMessage) (Page, error)
	// Put writes an object.
	Put(ctx context.Context, bucket, key string, body []byte) error
}

// None is [Objects] of a driver that has none: every call fails.
type None struct{}

var errNone = errors.New("objects are not to be had here")

// Get fails.
func (None) Get(context.Context, json.RawMessage) (io.ReadCloser, error) { return nil, errNone }

// List fails.
func (None) List(context.Context, json.RawMessage) (Page, error) { return Page{}, errNone }

// Put fails.
func (None) Put(context.Context, string, string, []byte) error { return errNone }

// A Page is a page of a listing.
type Page struct {
	Objects []Object
	Next    string // the ContinuationToken of the next page; empty behind the last
}

// An Object is one object of a listing.
type Object struct {
	Key          string
	ETag         string // with its quotes
	Modified     time.Time
	Size         int64 // in bytes
	StorageClass string
}

// maxItems is how many items a map run reads at most.
const maxItems = 100_000_000

// maxItem is the length of one item at most, in bytes.
const maxItem = 8 << 20

// A Reader gives the items of a data set in their order. It is not safe for
// many goroutines. The caller closes it.
type Reader struct {
	next  func() (asl.MapItem, error)
	close []io.Closer
	index int64
	most  int64
}

// Open opens the data set that r names. The error is an [*asl.MapFailure], or that of ctx.
func Open(ctx context.Context, r *asl.ItemReader, objects Objects) (*Reader, error) {
	if r.MaxItems < 0 {
		return nil, failed("field MaxItems must be positive")
	}
	d := &Reader{most: maxItems}
	if r.MaxItems > 0 {
		d.most = min(d.most, r.MaxItems)
	}
	o := &opener{ctx: ctx, r: r, objects: objects, d: d}
	var err error
	if d.next, err = o.open(); err != nil {
		d.Close()
		return nil, o.failure(err)
	}
	next := d.next
	d.next = func() (asl.MapItem, error) {
		it, err := next()
		if err != nil && !errors.Is(err, io.EOF) {
			err = o.failure(err)
		}
		return it, err
	}
	return d, nil
}

// Next returns the next item, or [io.EOF] behind the last.
func (d *Reader) Next() (asl.MapItem, error) {
	if d.index >= d.most {
		return asl.MapItem{}, io.EOF
	}
	it, err := d.next()
	if err != nil {
		return asl.MapItem{}, err
	}
	it.Index = d.index
	d.index++
	return it, nil
}

// Close closes what is open.
func (d *Reader) Close() {
	for _, c := range d.close {
		c.Close()
	}
	d.close = nil
}

func failed(format string, args ...any) error {
	return &asl.MapFailure{Name: asl.ItemReaderFailed, Cause: fmt.Sprintf(format, args...)}
}

// An opener opens the objects of one data set.
type opener struct {
	ctx     context.Context
	r       *asl.ItemReader
	objects Objects
	d       *Reader
}

// failure makes an error the failure of the map run.
func (o *opener) failure(err error) error {
	var known *asl.MapFailure
	if errors.As(err, &known) || o.ctx.Err() != nil {
		return err
	}
	return failed("%s", err)
}

// A place is what the arguments of a reader name.
type place struct {
	Bucket, Key string
}

func (p place) source() string {
	if p.Key == "" {
		return "S3://" + p.Bucket
	}
	return "S3://" + p.Bucket + "/" + p.Key
}

// arguments returns the arguments of an object of the data set.
func (p place) arguments() json.RawMessage {
	return json.RawMessage(value.Text(value.NewObject(value.Member{Key: "Bucket", Value: p.Bucket}, value.Member{Key: "Key", Value: p.Key})))
}

type nextFunc = func() (asl.MapItem, error)

func (o *opener) open() (nextFunc, error) {
	var at place
	if err := json.Unmarshal(o.r.Arguments, &at); err != nil {
		return nil, fmt.Errorf("the arguments of the ItemReader: %w", err)
	}
	if o.r.Action == "listObjectsV2" {
		list := o.list(at)
		if o.r.Transformation != "LOAD_AND_FLATTEN" {
			return list, nil
		}
		return o.chain(func() (place, error) {
			for {
				it, err := list()
				if err != nil {
					return place{}, err
				}
				key, _ := it.Value.(*value.Object).Get("Key")
				if name := key.(string); !strings.HasSuffix(name, "/") { // a folder of the console
					return place{at.Bucket, name}, nil
				}
			}
		}), nil
	}
	switch {
	case o.r.ManifestType == "ATHENA_DATA":
		return o.athena(at)
	case o.r.ManifestType == "S3_INVENTORY" || o.r.InputType == "MANIFEST":
		return o.inventory(at)
	}
	return o.file(at, o.r.Arguments, o.r.InputType, nil)
}

// list gives the objects of a listing as items.
func (o *opener) list(at place) nextFunc {
	var page Page
	started := false
	arguments := o.r.Arguments
	return func() (asl.MapItem, error) {
		for len(page.Objects) == 0 {
			if started && page.Next == "" {
				return asl.MapItem{}, io.EOF
			}
			if started {
				v, err := value.Parse(o.r.Arguments)
				if err != nil {
					return asl.MapItem{}, err
				}
				arguments = json.RawMessage(value.Text(v.(*value.Object).With("ContinuationToken", page.Next)))
			}
			var err error
			if page, err = o.objects.List(o.ctx, arguments); err != nil {
				return asl.MapItem{}, err
			}
			started = true
		}
		ob := page.Objects[0]
		page.Objects = page.Objects[1:]
		return asl.MapItem{Source: place{Bucket: at.Bucket}.source(), Value: value.NewObject(
			value.Member{Key: "Etag", Value: ob.ETag}, value.Member{Key: "LastModified", Value: value.Int(ob.Modified.Unix())},
			value.Member{Key: "Key", Value: ob.Key}, value.Member{Key: "Size", Value: value.Int(ob.Size)},
			value.Member{Key: "StorageClass", Value: ob.StorageClass})}, nil
	}
}

// chain gives the items of one file after the other.
func (o *opener) chain(files func() (place, error)) nextFunc {
	var current nextFunc
	return func() (asl.MapItem, error) {
		for {
			if current != nil {
				it, err := current()
				if !errors.Is(err, io.EOF) {
					return it, err
				}
				o.d.Close()
				current = nil
			}
			at, err := files()
			if err != nil {
				return asl.MapItem{}, err
			}
			if current, err = o.file(at, at.arguments(), o.r.InputType, nil); err != nil {
				return asl.MapItem{}, err
			}
		}
	}
}

// body opens an object, unpacked where its name tells that it is packed.
func (o *opener) body(at place, arguments json.RawMessage) (io.Reader, error) {
	body, err := o.objects.Get(o.ctx, arguments)
	if err != nil {
		return nil, err
	}
	o.d.close = append(o.d.close, body)
	switch {
	case strings.HasSuffix(at.Key, ".gz"), strings.HasSuffix(at.Key, ".gzip"):
		unpacked, err := gzip.NewReader(bufio.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("%s is not a GZIP file: %w", at.source(), err)
		}
		return unpacked, nil
	case strings.HasSuffix(at.Key, ".zst"), strings.HasSuffix(at.Key, ".zstd"):
		unpacked, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, fmt.Errorf("%s is not a ZSTD file: %w", at.source(), err)
		}
		o.d.close = append(o.d.close, unpacked.IOReadCloser())
		return unpacked, nil
	}
	return body, nil
}

// file gives the items of one file. headers are those of a CSV file that are
// known from elsewhere.
func (o *opener) file(at place, arguments json.RawMessage, kind string, headers []string) (nextFunc, error) {
	body, err := o.body(at, arguments)
	if err != nil {
		return nil, err
	}
	source := at.source()
	var next func() (value.Value, *string, error)
	switch kind {
	case "JSON":
		next, err = readJSON(body, o.r.ItemsPointer)
	case "JSONL":
		next = readLines(body)
	case "PARQUET":
		var open io.Closer
		if next, open, err = readParquet(body); err == nil {
			o.d.close = append(o.d.close, open)
		}
	case "CSV":
		location := o.r.HeaderLocation
		if headers == nil {
			headers = o.r.Headers
		} else {
			location = "GIVEN"
		}
		next, err = readCSV(body, delimiters[o.r.Delimiter], location, headers)
	default:
		err = fmt.Errorf("InputType %s is not implemented", kind)
	}
	if err != nil {
		return nil, err
	}
	return func() (asl.MapItem, error) {
		v, key, err := next()
		return asl.MapItem{Value: v, Key: key, Source: source}, err
	}, nil
}
