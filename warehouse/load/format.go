package load

import (
	"bytes"
	"fmt"
)

// A field is one value of a record as the file has it.
type field struct {
	text   []byte
	quoted bool // never null by its text
	absent bool // JSON: there is no such member, or it is null
}

// plain reports whether records are lines and fields end at delimiters, with
// nothing else to look at.
func (o *Options) plain() bool {
	return !o.CSV && !o.Escape && !o.RemoveQuotes && o.Widths == nil && o.JSON == nil && !o.FillRecord && !o.IgnoreBlankLines
}

// recordEnd returns the length of the first record of b, its end of line
// included, or 0 where b does not hold a whole one.
func (o *Options) recordEnd(b []byte) int {
	switch {
	case o.JSON != nil:
		return objectEnd(b)
	case o.CSV:
		inside := false
		for i := 0; i < len(b); i++ {
			switch b[i] {
			case o.quote():
				inside = !inside
			case '\n':
				if !inside {
					return i + 1
				}
			}
		}
		return 0
	case o.Escape:
		for i := 0; i < len(b); i++ {
			switch b[i] {
			case '\\':
				i++
			case '\n':
				return i + 1
			}
		}
		return 0
	}
	return bytes.IndexByte(b, '\n') + 1
}

// lastEnd returns where the last whole record of b ends, or 0.
func (o *Options) lastEnd(b []byte) int {
	if !o.CSV && !o.Escape && o.JSON == nil {
		return bytes.LastIndexByte(b, '\n') + 1
	}
	end := 0
	for {
		n := o.recordEnd(b[end:])
		if n == 0 {
			return end
		}
		end += n
	}
}

func (o *Options) quote() byte {
	if o.Quote == 0 {
		return '"'
	}
	return o.Quote
}

// objectEnd returns the length of the first JSON object or array of b with what
// stands before it, or 0.
func objectEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return 0
}

// split cuts a record into its fields.
func (o *Options) split(record []byte, columns []Column, into []field) ([]field, *Error) {
	switch {
	case o.JSON != nil:
		return o.JSON.split(record, columns, into)
	case o.Widths != nil:
		return o.fixed(record, into)
	case o.CSV:
		return o.csv(record, into)
	}
	return o.delimited(record, into)
}

// fixed cuts a record by widths in characters.
func (o *Options) fixed(record []byte, into []field) ([]field, *Error) {
	for _, w := range o.Widths {
		n := 0
		for k := 0; k < w && n < len(record); k++ {
			n++
			for n < len(record) && record[n]&0xc0 == 0x80 {
				n++
			}
		}
		into = append(into, field{text: record[:n]})
		record = record[n:]
	}
	return into, nil
}

// csv cuts a record as RFC 4180 has it, with any quote and delimiter.
func (o *Options) csv(record []byte, into []field) ([]field, *Error) {
	q := o.quote()
	for i := 0; ; {
		if i < len(record) && record[i] == q {
			var text []byte
			i++
			for {
				k := bytes.IndexByte(record[i:], q)
				if k < 0 {
					return into, &Error{Raw: string(record), Code: 1214, Reason: "Invalid quote formatting for CSV", Position: i}
				}
				text = append(text, record[i:i+k]...)
				i += k + 1
				if i >= len(record) || record[i] != q {
					break
				}
				text = append(text, q)
				i++
			}
			into = append(into, field{text: text, quoted: true})
			if i < len(record) && record[i] != o.Delimiter {
				return into, &Error{Raw: string(record), Code: 1214, Reason: "Invalid quote formatting for CSV", Position: i}
			}
		} else {
			k := bytes.IndexByte(record[i:], o.Delimiter)
			if k < 0 {
				k = len(record) - i
			}
			text := record[i : i+k]
			if bytes.IndexByte(text, q) >= 0 {
				return into, &Error{Raw: string(record), Code: 1214, Reason: "Invalid quote formatting for CSV", Position: i}
			}
			into = append(into, field{text: text})
			i += k
		}
		if i >= len(record) {
			return into, nil
		}
		i++ // the delimiter
	}
}

// delimited cuts a record at delimiters, with ESCAPE and REMOVEQUOTES.
func (o *Options) delimited(record []byte, into []field) ([]field, *Error) {
	for i := 0; ; {
		if o.RemoveQuotes && i < len(record) && (record[i] == '"' || record[i] == '\'') {
			q := record[i]
			end := i + 1
			for end < len(record) && (record[end] != q || end+1 < len(record) && record[end+1] != o.Delimiter) {
				if o.Escape && record[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(record) {
				return into, &Error{Raw: string(record), Code: 1212, Reason: "Delimited value missing end quote", Position: i}
			}
			into = append(into, o.unescaped(record[i+1:end], true))
			i = end + 1
		} else {
			end := i
			for end < len(record) && record[end] != o.Delimiter {
				if o.Escape && record[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(record))
			into = append(into, o.unescaped(record[i:end], false))
			i = end
		}
		if i >= len(record) {
			return into, nil
		}
		i++
	}
}

func (o *Options) unescaped(b []byte, quoted bool) field {
	if !o.Escape || bytes.IndexByte(b, '\\') < 0 || string(b) == o.Null {
		return field{text: b, quoted: quoted}
	}
	text := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		text = append(text, b[i])
	}
	return field{text: text, quoted: true}
}

// special loads one record of a form that is not plain.
func (l *Loader) special(record []byte) *Error {
	fields, bad := l.Options.split(record, l.Columns, l.fields[:0])
	l.fields = fields
	if bad != nil {
		return bad
	}
	next := 0
	for i := range l.Columns {
		c := &l.Columns[i]
		if c.Kind == Skip {
			continue
		}
		var f field
		switch {
		case next < len(fields):
			f = fields[next]
		case !l.Options.FillRecord:
			return &Error{Column: c.Name, Type: c.Type, Raw: string(record), Code: 1214, Reason: "Delimiter not found", Position: len(record)}
		case c.Kind != Text || l.Options.EmptyAsNull:
			f.absent = true
		}
		next++
		var err *Error
		switch {
		case f.absent:
			err = l.null(c)
		case f.quoted && c.Kind == Text && !((l.Options.EmptyAsNull || c.Super) && len(f.text) == 0):
			err = l.text(c, f.text)
		default:
			err = l.field(c, f.text)
		}
		if err != nil {
			err.Column, err.Type = c.Name, c.Type
			if err.Raw == "" {
				err.Raw = string(f.text)
			}
			return err
		}
	}
	if next < len(fields) && l.Options.JSON == nil && !(next == len(fields)-1 && len(fields[next].text) == 0) {
		return &Error{Raw: string(record), Code: 1202, Reason: "Extra column(s) found"}
	}
	return nil
}

func (l *Loader) null(c *Column) *Error {
	if c.NotNull {
		return &Error{Code: 1213, Reason: "Missing data for not-null field"}
	}
	c.Null(l.rows)
	return nil
}

// ParseWidths reads the specification of FIXEDWIDTH: 'a:10,b:5' or '10,5'.
func ParseWidths(spec string) ([]int, error) {
	var all []int
	for _, part := range bytes.Split([]byte(spec), []byte{','}) {
		if i := bytes.LastIndexByte(part, ':'); i >= 0 {
			part = part[i+1:]
		}
		n, ok := digits(bytes.TrimSpace(part))
		if !ok || n < 1 || n > maxLine {
			return nil, fmt.Errorf("invalid fixed width specification %q: need 'column:width, …'", spec)
		}
		all = append(all, n)
	}
	return all, nil
}
