package load

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// drain returns the rows as text.
func drain(next func() ([]Value, error)) (string, error) {
	var b strings.Builder
	for {
		row, err := next()
		if err == io.EOF {
			return b.String(), nil
		} else if err != nil {
			return b.String(), err
		}
		for _, v := range row {
			if v.Null {
				b.WriteString("~")
			}
			b.Write(v.Text)
			b.WriteByte('|')
		}
		b.WriteByte('\n')
	}
}

// However the text arrives, it is the same rows.
func FuzzStream(f *testing.F) {
	f.Add("1\tx\\ty\n2\t\\N\n", byte('\t'), `\N`, false)
	f.Add("1,\"x,\"\"y\"\"\r\n\"\r\n2,\r\n", byte(','), "", true)
	f.Add("1\tx\r\n2\ty\n", byte('\t'), `\N`, false)
	f.Add("\\.\n", byte('\t'), `\N`, false)
	f.Add("\\x41\\101\\\\\t\\\n", byte('\t'), "", false)
	f.Fuzz(func(t *testing.T, text string, delimiter byte, null string, csv bool) {
		o := StreamOptions{CSV: csv, Delimiter: delimiter, Null: null, Quote: '"', Escape: '"', Columns: []string{"a", "b"}}
		whole, err := drain(NewStream(strings.NewReader(text), o).Next)
		slow, slowErr := drain(NewStream(iotest.OneByteReader(strings.NewReader(text)), o).Next)
		if whole != slow || (err == nil) != (slowErr == nil) {
			t.Errorf("whole: %q, %v; byte by byte: %q, %v", whole, err, slow, slowErr)
		}
	})
}

func FuzzBinaryStream(f *testing.F) {
	head := binarySignature + "\x00\x00\x00\x00\x00\x00\x00\x00"
	f.Add([]byte(head + "\xff\xff"))
	f.Add([]byte(head + "\x00\x02\x00\x00\x00\x04\x00\x00\x00\x07\x00\x00\x00\x0a\x00\x01\x00\x00\x00\x00\x00\x02\x00\x07"))
	columns := []Column{{Name: "a", Kind: Int32}, {Name: "n", Kind: Decimal64, Precision: 9, Scale: 2}}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		drain(NewBinaryStream(bytes.NewReader(data), columns).Next)
	})
}

func TestNumericText(t *testing.T) {
	for _, tc := range []struct {
		b    string
		want string
	}{
		{"\x00\x00\x00\x00\x00\x00\x00\x00", "0"},
		{"\x00\x02\x00\x00\x40\x00\x00\x02\x00\x01\x13\x88", "-1.50"},
		{"\x00\x01\xff\xff\x00\x00\x00\x04\x00\x01", "0.0001"},
		{"\x00\x01\x00\x01\x00\x00\x00\x00\x00\x02", "20000"},
	} {
		got, err := numericText([]byte(tc.b))
		if err != nil || string(got) != tc.want {
			t.Errorf("%x: got %q, %v; want %q", tc.b, got, err, tc.want)
		}
	}
}
