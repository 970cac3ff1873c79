package psql

import (
	"fmt"
	"strings"
)

// troff writes the table for tbl and the ms macros.
func (p *page) troff() {
	w := p.w
	if p.head() {
		p.troffStart()
		var cols, names []string
		for _, c := range p.t.columns {
			cols = append(cols, string(c.align()))
			names = append(names, `\fI`+troffText(c.name)+`\fP`)
		}
		between := " | "
		if p.border == 0 {
			between = ""
		}
		w.WriteString(strings.Join(cols, between) + ".\n")
		if !p.tuplesOnly {
			w.WriteString(strings.Join(names, "\t") + "\n_\n")
		}
	}
	for _, row := range p.t.rows {
		for i, c := range row {
			if i > 0 {
				w.WriteByte('\t')
			}
			w.WriteString(troffText(p.value(c)))
		}
		w.WriteByte('\n')
	}
	p.troffEnd(p.footers())
}

// troffExpanded writes each field as a row with name and value. Where the
// form of the rows changes, it says so.
func (p *page) troffExpanded() {
	w := p.w
	fields := "c l"
	if p.border == 1 {
		fields = "c | l"
	}
	if p.head() {
		p.troffStart()
		if p.tuplesOnly {
			w.WriteString("c l;\n")
		}
	}
	for i, row := range p.t.rows {
		if p.tuplesOnly {
			if p.border >= 1 {
				w.WriteString("_\n")
			}
		} else {
			if i > 0 || p.t.prior > 0 {
				if p.border >= 2 {
					w.WriteString("_\n")
				}
				w.WriteString(".T&\n")
			}
			fmt.Fprintf(w, "c s.\n\\fIRecord %d\\fP\n", p.t.prior+i+1)
			if p.border >= 1 {
				w.WriteString("_\n")
			}
			w.WriteString(".T&\n" + fields + ".\n")
		}
		for j, c := range row {
			w.WriteString(troffText(p.t.columns[j].name) + "\t" + troffText(p.value(c)) + "\n")
		}
	}
	p.troffEnd(p.t.footers)
}

func (p *page) troffStart() {
	if p.title != "" && !p.tuplesOnly {
		p.w.WriteString(".LP\n.DS C\n" + troffText(p.title) + "\n.DE\n")
	}
	box := ""
	if p.border >= 2 {
		box = " box"
	}
	p.w.WriteString(".LP\n.TS\ncenter" + box + ";\n")
}

func (p *page) troffEnd(footers []string) {
	if p.t.more {
		return
	}
	p.w.WriteString(".TE\n.DS L\n")
	if !p.tuplesOnly {
		for _, line := range footers {
			p.w.WriteString(troffText(line) + "\n")
		}
	}
	p.w.WriteString(".DE\n")
}

func troffText(s string) string { return strings.ReplaceAll(s, `\`, `\(rs`) }
