package psql

import (
	"bufio"
	"strings"
)

// unaligned writes t with separators.
func (o printOptions) unaligned(w *bufio.Writer, t table) {
	p := plainWriter{o: o, w: w}
	if !o.tuplesOnly {
		if o.title != "" {
			p.record(o.title)
		}
		names := make([]string, len(t.columns))
		for i, c := range t.columns {
			names[i] = c.name
		}
		p.record(strings.Join(names, o.fieldSep))
	}
	for _, row := range t.rows {
		p.next()
		for i, c := range row {
			if i > 0 {
				w.WriteString(o.fieldSep)
			}
			w.WriteString(o.value(c))
		}
	}
	for _, line := range o.footers(t) {
		p.record(line)
	}
	p.end()
}

// unalignedExpanded writes each field on a line of its own.
func (o printOptions) unalignedExpanded(w *bufio.Writer, t table) {
	p := plainWriter{o: o, w: w}
	if !o.tuplesOnly && o.title != "" {
		p.record(o.title)
	}
	for n, row := range t.rows {
		if n > 0 {
			// An empty record separates rows.
			p.record("")
		}
		for i, c := range row {
			p.record(t.columns[i].name + o.fieldSep + o.value(c))
		}
	}
	p.end()
}

// A plainWriter puts the record separator between records.
type plainWriter struct {
	o     printOptions
	w     *bufio.Writer
	began bool
}

func (p *plainWriter) next() {
	if p.began {
		p.w.WriteString(p.o.recordSep)
	}
	p.began = true
}

func (p *plainWriter) record(s string) {
	p.next()
	p.w.WriteString(s)
}

func (p *plainWriter) end() {
	if !p.began {
		return
	}
	if p.o.recordSep == "\x00" {
		p.w.WriteByte(0)
		return
	}
	p.w.WriteByte('\n')
}

// csv writes t as comma-separated values with a line of names.
func (o printOptions) csv(w *bufio.Writer, t table) {
	if !o.tuplesOnly {
		for i, c := range t.columns {
			o.csvField(w, i, c.name)
		}
		w.WriteByte('\n')
	}
	for _, row := range t.rows {
		for i, c := range row {
			o.csvField(w, i, o.value(c))
		}
		w.WriteByte('\n')
	}
}

// csvExpanded writes each field as a line with name and value.
func (o printOptions) csvExpanded(w *bufio.Writer, t table) {
	for _, row := range t.rows {
		for i, c := range row {
			o.csvField(w, 0, t.columns[i].name)
			o.csvField(w, 1, o.value(c))
			w.WriteByte('\n')
		}
	}
}

func (o printOptions) csvField(w *bufio.Writer, i int, s string) {
	if i > 0 {
		w.WriteString(o.csvSep)
	}
	if s == `\.` || strings.ContainsAny(s, "\"\r\n"+o.csvSep) {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	w.WriteString(s)
}
