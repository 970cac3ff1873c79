package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"salamander/asl"
	"salamander/internal/value"
)

// written is a Parquet file of rows, in groups of so many.
func written[T any](t testing.TB, group int, rows ...T) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(int64(group)))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var parquetItems = asl.ItemReader{Action: "getObject", InputType: "PARQUET", Arguments: json.RawMessage(`{"Bucket":"b","Key":"k"}`)}

type inner struct {
	A int32   `parquet:"a"`
	B *string `parquet:"b,optional"`
}

type wide struct {
	ID     int64            `parquet:"id"`
	Name   string           `parquet:"name"`
	None   *int64           `parquet:"none,optional"`
	OK     bool             `parquet:"ok"`
	Price  int64            `parquet:"price,decimal(2:10)"`
	Rate   float64          `parquet:"rate"`
	Small  float32          `parquet:"small"`
	Huge   uint64           `parquet:"huge"`
	Day    int32            `parquet:"day,date"`
	At     time.Time        `parquet:"at,timestamp(microsecond)"`
	Old    deprecated.Int96 `parquet:"old"`
	Raw    []byte           `parquet:"raw"`
	Tags   []string         `parquet:"tags,list"`
	Plain  []int32          `parquet:"plain"`
	Nested inner            `parquet:"nested"`
	Many   []inner          `parquet:"many,list"`
	ByName map[string]int32 `parquet:"by_name"`
	ID2    [16]byte         `parquet:"id2,uuid"`
}

func TestReadParquet(t *testing.T) {
	x := "x"
	rows := []wide{
		{ID: 1, Name: "a\"b", OK: true, Price: 1050, Rate: 2, Small: 0.5, Huge: math.MaxUint64, Day: 1, At: time.UnixMilli(1_700_000_000_123), Old: deprecated.Int96{1_000_000, 0, 2440589}, Raw: []byte{0xff, 0},
			Tags: []string{"p", "q"}, Plain: []int32{7}, Nested: inner{3, &x}, Many: []inner{{1, nil}, {2, &x}}, ByName: map[string]int32{"k": 9}, ID2: [16]byte{1, 2}},
		{ID: -2, Price: -5, Rate: math.NaN(), Day: -1, At: time.UnixMicro(-1), Old: deprecated.Int96{0, 0, 2440588}, Raw: []byte("t")},
	}
	want := `{"id":1,"name":"a\"b","none":null,"ok":true,"price":10.50,"rate":2.0,"small":0.5,"huge":18446744073709551615,"day":"1970-01-02","at":1700000000123,"old":86400001,"raw":"/wA=","tags":["p","q"],"plain":[7],"nested":{"a":3,"b":"x"},"many":[{"a":1,"b":null},{"a":2,"b":"x"}],"by_name":{"k":9},"id2":"01020000-0000-0000-0000-000000000000"}
{"id":-2,"name":"","none":null,"ok":false,"price":-0.05,"rate":"NaN","small":0.0,"huge":0,"day":"1969-12-31","at":-1,"old":0,"raw":"t","tags":[],"plain":[],"nested":{"a":0,"b":null},"many":[],"by_name":{},"id2":"00000000-0000-0000-0000-000000000000"}
`
	for _, group := range []int{1, 100} {
		got, err := read(t, parquetItems, objects{"k": written(t, group, rows...)})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("groups of %d: %v (-want +got):\n%s", group, err, diff)
		}
	}
}

// A large file is read as a stream, all of it, in order.
func TestReadParquetLarge(t *testing.T) {
	type row struct {
		ID   int64  `parquet:"id"`
		Name string `parquet:"name"`
	}
	rows := make([]row, 20_000)
	for i := range rows {
		rows[i] = row{int64(i), fmt.Sprint("row ", i)}
	}
	r := parquetItems
	d, err := Open(t.Context(), &r, objects{"k": written(t, 3000, rows...)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i := range rows {
		it, err := d.Next()
		if want := fmt.Sprintf(`{"id":%d,"name":"row %d"}`, i, i); err != nil || value.Text(it.Value) != want || it.Index != int64(i) || it.Source != "S3://b/k" {
			t.Fatalf("row %d: got %+v, %v", i, it, err)
		}
	}
	if _, err := d.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last: got %v", err)
	}
}

func TestReadParquetBroken(t *testing.T) {
	whole := written(t, 100, inner{A: 1}, inner{A: 2})
	for name, tc := range map[string]struct{ body, want string }{
		"empty":   {"", "this is no Parquet file: "},
		"text":    {strings.Repeat("no parquet ", 10), "this is no Parquet file: "},
		"cut":     {whole[:len(whole)/2], "this is no Parquet file: "},
		"footer":  {whole[:len(whole)-8] + "\xff\xff\xff\x7fPAR1", "this is no Parquet file: its footer is longer than the file"},
		"damaged": {whole[:6] + strings.Repeat("\xff", 30) + whole[36:], "Parquet file "},
	} {
		_, err := read(t, parquetItems, objects{"k": tc.body})
		var bad *asl.MapFailure
		if !errors.As(err, &bad) || bad.Name != asl.ItemReaderFailed || !strings.Contains(bad.Cause, tc.want) {
			t.Errorf("%s: got %v; want %q", name, err, tc.want)
		}
	}
}

// FuzzReadParquet reads whatever comes without panic.
func FuzzReadParquet(f *testing.F) {
	x := "x"
	f.Add([]byte(written(f, 1, inner{1, &x}, inner{2, nil})))
	f.Add([]byte(written(f, 9, wide{ID: 1, Tags: []string{"a"}, ByName: map[string]int32{"k": 1}, Many: []inner{{1, &x}}})))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := read(t, parquetItems, objects{"k": string(body)})
		if err != nil {
			return
		}
		if again, err := read(t, asl.ItemReader{Action: "getObject", Arguments: parquetItems.Arguments, InputType: "JSONL"}, objects{"k": got}); err != nil || again != got {
			t.Errorf("items %q come again as %q, %v", got, again, err)
		}
	})
}
