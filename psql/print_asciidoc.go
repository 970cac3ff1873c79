package psql

import (
	"fmt"
	"strings"
)

// asciidoc writes the table as an AsciiDoc table.
func (p *page) asciidoc() {
	w := p.w
	if p.head() {
		var cols []string
		for _, c := range p.t.columns {
			cols = append(cols, asciidocAlign(c))
		}
		header := ""
		if !p.tuplesOnly {
			header = "options=\"header\","
		}
		p.asciidocStart(header + "cols=\"" + strings.Join(cols, ",") + "\"")
		if !p.tuplesOnly {
			for i, c := range p.t.columns {
				if i > 0 {
					w.WriteByte(' ')
				}
				w.WriteString("^l|" + asciidocText(c.name))
			}
			w.WriteByte('\n')
		}
	}
	for _, row := range p.t.rows {
		for i, c := range row {
			last := i == len(row)-1
			if i > 0 {
				w.WriteByte(' ')
			}
			w.WriteByte('|')
			switch text := p.value(c); {
			case !isBlank(text):
				w.WriteString(asciidocText(text))
			case !last:
				w.WriteByte(' ')
			}
		}
		w.WriteByte('\n')
	}
	p.asciidocEnd(p.footers())
}

// asciidocExpanded writes each field as a row with name and value.
func (p *page) asciidocExpanded() {
	w := p.w
	if p.head() {
		p.asciidocStart("cols=\"h,l\"")
	}
	for i, row := range p.t.rows {
		if p.tuplesOnly {
			w.WriteString("2+|\n")
		} else {
			fmt.Fprintf(w, "2+^|Record %d\n", p.t.prior+i+1)
		}
		for j, c := range row {
			text := " "
			if v := p.value(c); !isBlank(v) {
				text = asciidocText(v)
			}
			col := p.t.columns[j]
			w.WriteString("<l|" + asciidocText(col.name) + " " + asciidocAlign(col) + "|" + text + "\n")
		}
	}
	p.asciidocEnd(p.t.footers)
}

func (p *page) asciidocStart(options string) {
	p.w.WriteByte('\n')
	if p.title != "" && !p.tuplesOnly {
		p.w.WriteString("." + p.title + "\n")
	}
	frame := ""
	switch p.border {
	case 0:
		frame = `,frame="none",grid="none"`
	case 1:
		frame = `,frame="none"`
	case 2:
		frame = `,frame="all",grid="all"`
	}
	p.w.WriteString("[" + options + frame + "]\n|====\n")
}

func (p *page) asciidocEnd(footers []string) {
	p.w.WriteString("|====\n")
	if p.t.more || p.tuplesOnly || footers == nil {
		return
	}
	p.w.WriteString("\n....\n")
	for _, line := range footers {
		p.w.WriteString(line + "\n")
	}
	p.w.WriteString("....\n")
}

func asciidocAlign(c column) string {
	if c.align() == 'r' {
		return ">l"
	}
	return "<l"
}

func asciidocText(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
