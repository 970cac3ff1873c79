package psql

import "strings"

// unaligned writes the table with separators.
func (p *page) unaligned() {
	s := separated{page: p, began: !p.head()}
	if p.head() && !p.tuplesOnly {
		if p.title != "" {
			s.record(p.title)
		}
		names := make([]string, len(p.t.columns))
		for i, c := range p.t.columns {
			names[i] = c.name
		}
		s.record(strings.Join(names, p.fieldSep))
	}
	for _, row := range p.t.rows {
		s.next()
		for i, c := range row {
			if i > 0 {
				p.w.WriteString(p.fieldSep)
			}
			p.w.WriteString(p.value(c))
		}
	}
	if p.t.more {
		return
	}
	if !p.tuplesOnly {
		for _, line := range p.footers() {
			s.record(line)
		}
	}
	s.end()
}

// unalignedExpanded writes each field on a line of its own.
func (p *page) unalignedExpanded() {
	s := separated{page: p, began: !p.head()}
	if p.head() && !p.tuplesOnly && p.title != "" {
		s.record(p.title)
	}
	for _, row := range p.t.rows {
		if s.began {
			s.record("") // an empty record separates rows
		}
		for i, c := range row {
			s.record(p.t.columns[i].name + p.fieldSep + p.value(c))
		}
	}
	if p.t.more {
		return
	}
	if !p.tuplesOnly && p.t.footers != nil {
		p.w.WriteString(p.recordSep)
		for _, line := range p.t.footers {
			s.record(line)
		}
	}
	s.end()
}

// separated puts the record separator between records.
type separated struct {
	*page
	began bool
}

func (s *separated) next() {
	if s.began {
		s.w.WriteString(s.recordSep)
	}
	s.began = true
}

func (s *separated) record(text string) {
	s.next()
	s.w.WriteString(text)
}

func (s *separated) end() {
	switch {
	case !s.began:
	case s.recordSep == "\x00":
		s.w.WriteByte(0)
	default:
		s.w.WriteByte('\n')
	}
}

// csv writes the table as comma-separated values with a line of names.
func (p *page) csv() {
	if p.head() && !p.tuplesOnly {
		for i, c := range p.t.columns {
			p.csvField(i, c.name)
		}
		p.w.WriteByte('\n')
	}
	for _, row := range p.t.rows {
		for i, c := range row {
			p.csvField(i, p.value(c))
		}
		p.w.WriteByte('\n')
	}
}

// csvExpanded writes each field as a line with name and value.
func (p *page) csvExpanded() {
	for _, row := range p.t.rows {
		for i, c := range row {
			p.csvField(0, p.t.columns[i].name)
			p.csvField(1, p.value(c))
			p.w.WriteByte('\n')
		}
	}
}

func (p *page) csvField(i int, s string) {
	if i > 0 {
		p.w.WriteString(p.csvSep)
	}
	if s == `\.` || p.csvSep == `\` && strings.Contains(s, `\`) || strings.ContainsAny(s, "\"\r\n"+p.csvSep) {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	p.w.WriteString(s)
}
