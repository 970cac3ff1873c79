package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"salamander/internal/value"
)

// delimiters are the values of CSVDelimiter.
var delimiters = map[string]byte{"": ',', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}

// readCSV gives the rows of a CSV file as objects of strings. A row has the
// fields of the header: missing ones are empty, further ones are left out.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
func readCSV(r io.Reader, delimiter byte, location string, headers []string) (func() (value.Value, *string, error), error) {
	c := &csvReader{r: bufio.NewReaderSize(r, 64<<10), delimiter: delimiter}
	if b, err := c.r.Peek(3); err == nil && string(b) == "\ufeff" {
		if _, err := c.r.Discard(3); err != nil {
			return nil, err
		}
	}
	if location == "FIRST_ROW" {
		var err error
		if headers, err = c.row(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, h := range headers {
		if seen[h] {
			return nil, failed("CSV headers cannot contain duplicates.")
		}
		seen[h] = true
	}
	return func() (value.Value, *string, error) {
		fields, err := c.row()
		if err != nil {
			return nil, nil, err
		}
		o := new(value.Object)
		for i, h := range headers {
			field := ""
			if i < len(fields) {
				field = fields[i]
			}
			o.Set(h, field)
		}
		return o.HashOrdered(), nil, nil
	}, nil
}

// A csvReader reads rows.
type csvReader struct {
	r         *bufio.Reader
	delimiter byte
	line      int // of the last row's first line, from 1
	lines     int // read
}

// row reads the next row that is not empty, or [io.EOF].
func (c *csvReader) row() ([]string, error) {
	for {
		fields, blank, err := c.read()
		if err != nil || !blank {
			return fields, err
		}
	}
}

// read reads one row; blank tells that its line has nothing in it.
func (c *csvReader) read() (fields []string, blank bool, err error) {
	var field []byte
	quoted, any := false, false
	size := 0
	c.line = c.lines + 1
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return nil, false, err
			}
			if quoted {
				return nil, false, fmt.Errorf("row at line %d: a quoted field does not end", c.line)
			}
			if !any {
				return nil, false, io.EOF
			}
			return append(fields, string(field)), false, nil
		}
		if b == '\n' {
			c.lines++
		}
		if size++; size > maxItem {
			return nil, false, fmt.Errorf("row at line %d: longer than %d bytes", c.line, maxItem)
		}
		switch {
		case b == '\\':
			any = true
			if field, err = c.escaped(field); err != nil {
				return nil, false, err
			}
		case b == '"' && quoted:
			if next, err := c.r.Peek(1); err == nil && next[0] == '"' {
				c.r.ReadByte()
				field = append(field, '"')
			} else {
				quoted = false
			}
		case quoted:
			field = append(field, b)
		case b == '"' && len(field) == 0:
			quoted, any = true, true
		case b == c.delimiter:
			any = true
			fields, field = append(fields, string(field)), nil
		case b == '\r' && c.follows('\n'):
		case b == '\n':
			if !any {
				return nil, true, nil
			}
			return append(fields, string(field)), false, nil
		default:
			any = true
			field = append(field, b)
		}
	}
}

// escaped adds what follows a backslash. It escapes itself, a double quotation
// mark and the delimiter; before anything else it is left out.
func (c *csvReader) escaped(field []byte) ([]byte, error) {
	next, err := c.r.Peek(1)
	if err != nil {
		return field, nil // the end of the file, or an error that comes again
	}
	if b := next[0]; b == '\\' || b == '"' || b == c.delimiter {
		if _, err := c.r.ReadByte(); err != nil {
			return nil, err
		}
		field = append(field, b)
	}
	return field, nil
}

func (c *csvReader) follows(b byte) bool {
	next, err := c.r.Peek(1)
	return err == nil && next[0] == b
}
