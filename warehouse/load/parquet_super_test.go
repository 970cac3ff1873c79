package load

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

type line struct {
	Item  string   `parquet:"item"`
	Count *int32   `parquet:"count,optional"`
	Tags  []string `parquet:"tags,list"`
}

type order struct {
	ID    int64             `parquet:"id"`
	Lines []line            `parquet:"lines,list"`
	Plain []int32           `parquet:"plain"`
	Who   *person           `parquet:"who,optional"`
	Props map[string]string `parquet:"props"`
}

type person struct {
	Name  string    `parquet:"name"`
	Price int32     `parquet:"price,decimal(2:7)"`
	Born  int32     `parquet:"born,date"`
	At    time.Time `parquet:"at,timestamp(microsecond)"`
	Raw   string    `parquet:"raw,json"`
	Ratio float64   `parquet:"ratio"`
	Ok    bool      `parquet:"ok"`
	Deep  [][]int32 `parquet:"deep,list"`
}

// superTable loads into an integer and columns of SUPER.
func superTable(opt Options, columns int) (*Loader, *[]string) {
	var rows []string
	l := &Loader{Options: opt, Size: 2, Columns: []Column{{Name: "id", Type: "bigint", Kind: Int64, I64: make([]int64, 2)}}}
	texts := map[[2]int]string{}
	for i := range columns {
		l.Columns = append(l.Columns, Column{Name: string(rune('a' + i)), Type: "super", Kind: Text, Super: true,
			Null: func(row int) { texts[[2]int{row, i}] = "NULL" },
			Text: func(row int, b []byte) { texts[[2]int{row, i}] = string(b) }})
	}
	l.Flush = func(n int) error {
		for row := range n {
			var parts []string
			for i := range columns {
				parts = append(parts, texts[[2]int{row, i}])
			}
			rows = append(rows, strings.Join(parts, " | "))
		}
		clear(texts)
		return nil
	}
	return l, &rows
}

// Nested columns of Parquet become JSON.
func TestParquetSuper(t *testing.T) {
	two := int32(2)
	at := time.Date(2026, 3, 1, 10, 11, 12, 500_000_000, time.UTC)
	var file bytes.Buffer
	err := parquet.Write(&file, []order{
		{1, []line{{"a\"b", &two, []string{"x", "y"}}, {"c", nil, nil}}, []int32{5, 6}, &person{"Zoë", 150, 20513, at, `{"k": [1, 2.50]}`, 0.1, true, [][]int32{{1, 2}, {}, {3}}}, map[string]string{"one": "1"}},
		{2, nil, nil, nil, nil},
		{3, []line{{"d", &two, []string{"z"}}}, []int32{7}, &person{Raw: "null"}, nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, rows := superTable(Options{SerializeJSON: true}, 4)
	if err := l.Parquet("f", bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
		t.Fatal(err)
	}
	if err := l.End(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`[{"item":"a\"b","count":2,"tags":["x","y"]},{"item":"c","count":null,"tags":[]}] | [5,6] | {"name":"Zoë","price":1.50,"born":"2026-03-01","at":"2026-03-01 10:11:12.5","raw":{"k":[1,2.50]},"ratio":0.1,"ok":true,"deep":[[1,2],[],[3]]} | {"one":"1"}`,
		`[] | [] | NULL | {}`,
		`[{"item":"d","count":2,"tags":["z"]}] | [7] | {"name":"","price":0.00,"born":"1970-01-01","at":"0001-01-01 00:00:00","raw":null,"ratio":0,"ok":false,"deep":[]} | {}`,
	}
	if diff := cmp.Diff(want, *rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		opt     Options
		columns int
		want    string
	}{
		{Options{}, 4, "COPY of Parquet into SUPER needs the option SERIALIZETOJSON"},
		{Options{SerializeJSON: true}, 3, "unmatched number of columns between table and file: table columns 4, data columns 5"},
	} {
		l, _ := superTable(tt.opt, tt.columns)
		err := l.Parquet("f", bytes.NewReader(file.Bytes()), int64(file.Len()))
		if bad := (*Error)(nil); !errors.As(err, &bad) || bad.File != "f" || bad.Reason != tt.want {
			t.Errorf("got %v; want %s", err, tt.want)
		}
	}
}

// FuzzParquet reads whatever bytes: there is an error, or rows.
func FuzzParquet(f *testing.F) {
	var file bytes.Buffer
	if err := parquet.Write(&file, []order{{1, []line{{"a", nil, []string{"x"}}}, []int32{5}, &person{Raw: "1"}, map[string]string{"k": "v"}}, {ID: 2}}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(file.Bytes()[:file.Len()/2])
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, _ := superTable(Options{SerializeJSON: true}, 4)
		if err := l.Parquet("f", bytes.NewReader(b), int64(len(b))); err == nil {
			l.End()
		}
	})
}
