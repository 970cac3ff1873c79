package tpcds

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var refreshDay = time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)

func files(t testing.TB, opt Options) []File {
	t.Helper()
	all, err := Files(opt)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func text(t testing.TB, f File) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The bytes of a seed and scale never change: checksums in documentation and
// demos depend on them.
func TestGolden(t *testing.T) {
	var b strings.Builder
	for _, seed := range []uint64{0, 7} {
		for _, f := range files(t, Options{Seed: seed, Scale: 0.002, Dates: []time.Time{refreshDay}}) {
			fmt.Fprintf(&b, "%d %s %d %x\n", seed, f.Key, f.Rows, sha256.Sum256([]byte(text(t, f))))
		}
	}
	const golden = "testdata/golden.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestRowsOfOneGigabyte(t *testing.T) {
	want := map[string]int{"store_sales": 2880404, "date_dim": 73049, "time_dim": 86400, "item": 18000, "customer": 100000,
		"customer_address": 50000, "customer_demographics": 1920800, "household_demographics": 7200, "store": 12, "promotion": 300}
	got := map[string]int{}
	for _, f := range files(t, Options{Scale: 1}) {
		got[f.Table] += f.Rows
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// table reads a table or extract, one map of values a row, and checks that
// every value fits its column.
func table(t *testing.T, all []File, name, date string) []map[string]string {
	t.Helper()
	var rows []map[string]string
	def, _ := Lookup(name)
	columns := def.Columns
	if date != "" {
		columns = Extract(name)
	}
	for _, f := range all {
		if f.Table != name || f.Date != date {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(text(t, f), "\n"), "\n")
		if date == "" {
			lines = lines[1:]
		}
		if len(lines) != f.Rows {
			t.Errorf("%s: got %d rows; want %d", f.Key, len(lines), f.Rows)
		}
		for _, line := range lines {
			fields := strings.Split(line, "~")
			if len(fields) != len(columns) {
				t.Fatalf("%s: %d fields in %q; want %d", f.Key, len(fields), line, len(columns))
			}
			row := make(map[string]string, len(fields))
			for i, c := range columns {
				row[c.Name] = fields[i]
				if err := fits(c, fields[i]); err != nil {
					t.Fatalf("%s: %s: %v", f.Key, c.Name, err)
				}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func fits(c Column, v string) error {
	kind, args, _ := strings.Cut(strings.TrimSuffix(c.Type, ")"), "(")
	if v == "" {
		if c.NotNull {
			return fmt.Errorf("is empty and not null")
		}
		return nil
	}
	var err error
	switch kind {
	case "char", "varchar":
		n, _ := strconv.Atoi(args)
		if len(v) > n || strings.TrimSpace(v) != v {
			err = fmt.Errorf("%q is no %s", v, c.Type)
		}
	case "integer":
		_, err = strconv.ParseInt(v, 10, 32)
	case "bigint":
		_, err = strconv.ParseInt(v, 10, 64)
	case "date":
		_, err = time.Parse(time.DateOnly, v)
	case "numeric":
		p, scale, _ := strings.Cut(args, ",")
		digits, _ := strconv.Atoi(p)
		whole, frac, _ := strings.Cut(strings.TrimPrefix(v, "-"), ".")
		if n, _ := strconv.Atoi(scale); len(whole) > digits-n || len(frac) != n {
			err = fmt.Errorf("%q is no %s", v, c.Type)
		}
	default:
		err = fmt.Errorf("type %s", c.Type)
	}
	return err
}

func keys(rows []map[string]string, column string) map[string]bool {
	set := map[string]bool{}
	for _, r := range rows {
		set[r[column]] = true
	}
	return set
}

func TestKeysJoin(t *testing.T) {
	all := files(t, Options{Seed: 3, Scale: 0.004})
	data := map[string][]map[string]string{}
	for _, def := range Tables() {
		rows := table(t, all, def.Name, "")
		data[def.Name] = rows
		seen := map[string]bool{}
		for _, r := range rows {
			pk := ""
			for _, c := range def.PrimaryKey {
				pk += r[c] + "/"
			}
			if seen[pk] {
				t.Fatalf("%s: key %s twice", def.Name, pk)
			}
			seen[pk] = true
		}
	}
	for _, ref := range []struct{ table, column, target, key string }{
		{"store_sales", "ss_sold_date_sk", "date_dim", "d_date_sk"}, {"store_sales", "ss_sold_time_sk", "time_dim", "t_time_sk"},
		{"store_sales", "ss_item_sk", "item", "i_item_sk"}, {"store_sales", "ss_customer_sk", "customer", "c_customer_sk"},
		{"store_sales", "ss_cdemo_sk", "customer_demographics", "cd_demo_sk"}, {"store_sales", "ss_hdemo_sk", "household_demographics", "hd_demo_sk"},
		{"store_sales", "ss_addr_sk", "customer_address", "ca_address_sk"}, {"store_sales", "ss_store_sk", "store", "s_store_sk"},
		{"store_sales", "ss_promo_sk", "promotion", "p_promo_sk"}, {"customer", "c_current_addr_sk", "customer_address", "ca_address_sk"},
		{"customer", "c_current_cdemo_sk", "customer_demographics", "cd_demo_sk"}, {"customer", "c_current_hdemo_sk", "household_demographics", "hd_demo_sk"},
		{"customer", "c_first_sales_date_sk", "date_dim", "d_date_sk"}, {"promotion", "p_item_sk", "item", "i_item_sk"},
		{"promotion", "p_start_date_sk", "date_dim", "d_date_sk"}, {"promotion", "p_end_date_sk", "date_dim", "d_date_sk"},
		{"date_dim", "d_first_dom", "date_dim", "d_date_sk"},
	} {
		set := keys(data[ref.target], ref.key)
		for _, r := range data[ref.table] {
			// The first days of date_dim point before its first row.
			if v := r[ref.column]; v != "" && !set[v] && r["d_year"] != "1900" {
				t.Fatalf("%s.%s = %s is not in %s", ref.table, ref.column, v, ref.target)
			}
		}
	}
	for _, history := range []struct{ table, id, end string }{{"item", "i_item_id", "i_rec_end_date"}, {"store", "s_store_id", "s_rec_end_date"}} {
		open := map[string]int{}
		for _, r := range data[history.table] {
			if r[history.end] == "" {
				open[r[history.id]]++
			} else {
				open[r[history.id]] += 0
			}
		}
		for id, n := range open {
			if n != 1 {
				t.Errorf("%s: %s has %d open rows; want 1", history.table, id, n)
			}
		}
	}
	if d := data["date_dim"]; d[0]["d_date"] != "1900-01-02" || d[len(d)-1]["d_date"] != "2100-01-01" || !keys(d, "d_date_sk")["2452642"] {
		t.Errorf("date_dim runs from %s to %s", d[0]["d_date"], d[len(d)-1]["d_date"])
	}
	for _, r := range data["store_sales"] {
		if sk, _ := strconv.Atoi(r["ss_sold_date_sk"]); sk < firstSale || sk > 2452642 {
			t.Fatalf("sale on day %d", sk)
		}
	}
}

// Extracts refer to what is in the initial load or in the day's other
// extracts, apart from the unknown keys that are meant to be there.
func TestExtractsJoin(t *testing.T) {
	all := files(t, Options{Seed: 3, Scale: 0.004, Dates: []time.Time{refreshDay}})
	const date = "2003-01-02"
	sales := table(t, all, "store_sales", date)
	items, newItems := keys(table(t, all, "item", ""), "i_item_id"), table(t, all, "item", date)
	addresses, newAddresses := keys(table(t, all, "customer_address", ""), "ca_address_id"), table(t, all, "customer_address", date)
	customers := keys(table(t, all, "customer", ""), "c_customer_id")
	stores := keys(table(t, all, "store", ""), "s_store_id")
	var freshItems, freshAddresses, late, soldNew, soldThere int
	for _, r := range newItems {
		if !items[r["i_item_id"]] {
			freshItems++
		}
	}
	for _, r := range newAddresses {
		if !addresses[r["ca_address_id"]] {
			freshAddresses++
		}
	}
	both := keys(newItems, "i_item_id")
	there := keys(newAddresses, "ca_address_id")
	seen := map[string]bool{}
	for _, r := range sales {
		id := r["i_item_id"]
		if !items[id] {
			soldNew++
			if !both[id] {
				t.Fatalf("item %s is nowhere", id)
			}
		}
		if a := r["ca_address_id"]; !addresses[a] {
			soldThere++
			if !there[a] {
				t.Fatalf("address %s is nowhere", a)
			}
		}
		if !customers[r["c_customer_id"]] {
			late++
		}
		if !stores[r["s_store_id"]] || r["sold_date"] != date {
			t.Fatalf("row %v", r)
		}
		if pk := r["ss_ticket_number"] + "/" + id; seen[pk] {
			t.Fatalf("%s twice", pk)
		} else {
			seen[pk] = true
		}
	}
	if len(sales) < 600 || freshItems < 10 || freshAddresses < 10 || late < 10 || soldNew < 10 || soldThere < 10 {
		t.Errorf("too few rows that matter: %d sales, %d new items, %d new addresses, %d late customers, %d sales of new items, %d at new addresses",
			len(sales), freshItems, freshAddresses, late, soldNew, soldThere)
	}
	names := ""
	for _, r := range table(t, all, "customer", "") {
		names += r["c_last_name"]
	}
	places := ""
	for _, r := range table(t, all, "customer_address", "") {
		places += r["ca_city"] + r["ca_street_name"]
	}
	if !strings.Contains(names, "O'") || !strings.Contains(places, "é") {
		t.Error("no apostrophes in names, or no accents in places")
	}
}

func TestWriteCompresses(t *testing.T) {
	f := files(t, Options{Scale: 0.001})[0]
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || string(got) != text(t, f) {
		t.Errorf("the compressed file differs: %v", err)
	}
}

func TestManifestNamesEveryPart(t *testing.T) {
	opt := Options{}
	var want []string
	for _, f := range files(t, opt) {
		if f.Table == "store_sales" {
			want = append(want, "s3://b/"+f.Key)
		}
	}
	doc, err := Manifest(opt, "store_sales", "s3://b/")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Entries []struct {
			URL       string
			Mandatory bool
		}
	}
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range m.Entries {
		got = append(got, e.URL)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 2 || !m.Entries[0].Mandatory {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if _, err := Manifest(opt, "nothing", "s3://b"); err == nil {
		t.Error("a manifest of an unknown table")
	}
}

func TestBadOptionsAreAllNamed(t *testing.T) {
	_, err := Files(Options{Scale: -1, Dates: []time.Time{refreshDay.AddDate(40, 0, 0)}})
	if err == nil || !strings.Contains(err.Error(), "scale -1") || !strings.Contains(err.Error(), "date 2043-01-02") {
		t.Errorf("got %v", err)
	}
}

func TestAFailingWriterIsReported(t *testing.T) {
	full := errFull("no space")
	if err := files(t, Options{})[0].WriteText(full); err != error(full) {
		t.Errorf("got %v; want %v", err, full)
	}
}

type errFull string

func (e errFull) Error() string             { return string(e) }
func (e errFull) Write([]byte) (int, error) { return 0, e }

func BenchmarkFiles(b *testing.B) {
	for _, scale := range []float64{0.01, DefaultScale} {
		b.Run(fmt.Sprintf("scale=%v", scale), func(b *testing.B) {
			b.ReportAllocs()
			all := files(b, Options{Scale: scale, Dates: []time.Time{refreshDay}})
			for b.Loop() {
				for _, f := range all {
					if err := f.Write(io.Discard); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// A CHAR of Redshift's has no characters of several bytes.
func TestCharsAreOfOneByte(t *testing.T) {
	day := time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)
	all := files(t, Options{Scale: 0.01, Dates: []time.Time{day}})
	for _, tab := range Tables() {
		for _, date := range []string{"", day.Format(time.DateOnly)} {
			columns := tab.Columns
			if date != "" {
				if columns = Extract(tab.Name); columns == nil {
					continue
				}
			}
			for _, row := range table(t, all, tab.Name, date) {
				for _, c := range columns {
					if v := row[c.Name]; strings.HasPrefix(c.Type, "char(") && strings.ContainsFunc(v, func(r rune) bool { return r >= 0x80 }) {
						t.Fatalf("%s.%s: %q", tab.Name, c.Name, v)
					}
				}
			}
		}
	}
}
