package tpcds

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// DefaultScale is the scale of the demo: 144,020 rows of store_sales.
const DefaultScale = 0.05

// Options says what to generate. The zero value is seed 0, the default scale
// and no extracts.
type Options struct {
	Seed  uint64
	Scale float64     // 1 is 1 GB; 0 means DefaultScale; from 0.0001 to 100
	Dates []time.Time // days to make extracts for, from 1998-01-02 to 2020-12-31
}

// Validate reports every problem of the options.
func (o Options) Validate() error {
	var all []error
	if o.Scale != 0 && !(o.Scale >= 0.0001 && o.Scale <= 100) {
		all = append(all, fmt.Errorf("scale %v: need 0.0001 to 100", o.Scale))
	}
	last := DateKey(time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC))
	for _, day := range o.Dates {
		if sk := DateKey(day); sk < firstSale || sk > last {
			all = append(all, fmt.Errorf("date %s: need 1998-01-02 to 2020-12-31", day.Format(time.DateOnly)))
		}
	}
	return errors.Join(all...)
}

// A File is one file to generate. Files are independent of each other: any
// number of goroutines may write them in any order, again and again.
type File struct {
	Table  string
	Key    string // "tpcds/item/part-000.gz", "store_sales/saledate=2003-01-02/part-000.gz"
	Date   string // of an extract: "2003-01-02"; empty in the initial load
	Rows   int    // without the header line
	header string
	rows   func(*sink)
}

// Write writes the file, compressed with gzip.
func (f File) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := f.WriteText(z); err != nil {
		return err
	}
	return z.Close()
}

// WriteText writes the file without compression. These bytes are the same for
// the same options, on every machine.
func (f File) WriteText(w io.Writer) error {
	s := &sink{w: w, buf: make([]byte, 0, 80<<10)}
	s.buf = append(s.buf, f.header...)
	f.rows(s)
	s.flush()
	return s.err
}

// partRows is the number of rows in a part of the initial load at most. It is
// a multiple of pairLines.
const partRows = 120_000

// generator holds what the rows of one data set depend on.
type generator struct {
	seed  uint64
	scale float64
	days  []int // days of sale, the busier ones several times
	items, stores, promotions,
	customers, addresses, demographics, households int
}

// Files returns the files of the initial load, table by table, and then the
// extracts of each date. Manifests are apart: see [Manifest].
func Files(opt Options) ([]File, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if opt.Scale == 0 {
		opt.Scale = DefaultScale
	}
	rows := func(table string) int { return rowsOf(table, opt.Scale) }
	g := &generator{seed: opt.Seed, scale: opt.Scale, days: saleDays(),
		items: rows("item"), stores: rows("store"), promotions: rows("promotion"), customers: rows("customer"),
		addresses: rows("customer_address"), demographics: rows("customer_demographics"), households: rows("household_demographics")}
	var files []File
	for _, t := range Tables() {
		files = append(files, g.parts(t)...)
	}
	for _, day := range opt.Dates {
		files = append(files, g.extracts(day)...)
	}
	return files, nil
}

func (g *generator) parts(t Table) []File {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	write := g.writer(t.Name)
	total := t.Rows(g.scale)
	var files []File
	for from := 0; from < total; from += partRows {
		to := min(from+partRows, total)
		files = append(files, File{
			Table: t.Name, Rows: to - from, Key: partKey(t.Name, len(files)),
			header: strings.Join(names, string(delimiter)) + "\n",
			rows:   func(s *sink) { write(s, from, to) },
		})
	}
	return files
}

func partKey(table string, n int) string { return fmt.Sprintf("tpcds/%s/part-%03d.gz", table, n) }

// writer returns the function that writes rows from to to-1 of a table.
func (g *generator) writer(table string) func(s *sink, from, to int) {
	switch table {
	case "date_dim":
		return writeDates
	case "time_dim":
		return writeTimes
	case "household_demographics":
		return writeHouseholds
	case "store":
		return g.writeStores
	case "promotion":
		return g.writePromotions
	case "item":
		return g.writeItems
	case "customer_address":
		return g.writeAddresses
	case "customer_demographics":
		return writeDemographics
	case "customer":
		return g.writeCustomers
	case "store_sales":
		return g.writeSales
	}
	panic("no writer for table " + table)
}

func (g *generator) extracts(at time.Time) []File {
	day := DateKey(at)
	count := func(known, fresh int) int { return known + fresh }
	return []File{
		extract("customer_address", at, count(g.extractAddressCounts()), func(s *sink) { g.writeAddressExtract(s, day) }),
		extract("item", at, count(g.extractItemCounts()), func(s *sink) { g.writeItemExtract(s, day) }),
		extract("store_sales", at, g.extractSalesRows(), func(s *sink) { g.writeSalesExtract(s, day) }),
	}
}

func extract(table string, at time.Time, rows int, write func(*sink)) File {
	return File{Table: table, Key: ExtractPrefix(table, at) + "part-000.gz", Date: at.Format(time.DateOnly), Rows: rows, rows: write}
}

// ExtractPrefix returns the prefix of the keys of a table's extract of a day:
// "store_sales/saledate=2003-01-02/", and loaddate for the dimensions.
func ExtractPrefix(table string, day time.Time) string {
	name := "loaddate"
	if table == "store_sales" {
		name = "saledate"
	}
	return table + "/" + name + "=" + day.Format(time.DateOnly) + "/"
}

// ManifestKey returns the key of a table's manifest: "tpcds/item/manifest".
func ManifestKey(table string) string { return "tpcds/" + table + "/manifest" }

// Manifest returns the manifest of a table's initial load for COPY. bucketURI
// is the place of the keys, such as "s3://bucket/".
//
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
func Manifest(opt Options, table, bucketURI string) ([]byte, error) {
	type entry struct {
		URL       string `json:"url"`
		Mandatory bool   `json:"mandatory"`
	}
	if opt.Dates = nil; opt.Scale == 0 {
		opt.Scale = DefaultScale
	}
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	t, ok := Lookup(table)
	if !ok {
		return nil, fmt.Errorf("no table %q", table)
	}
	var doc struct {
		Entries []entry `json:"entries"`
	}
	for n := range (t.Rows(opt.Scale) + partRows - 1) / partRows {
		doc.Entries = append(doc.Entries, entry{strings.TrimSuffix(bucketURI, "/") + "/" + partKey(table, n), true})
	}
	return json.MarshalIndent(doc, "", "  ")
}
