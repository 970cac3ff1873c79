package psql

import (
	"fmt"
	"strings"
)

// html writes the table as an HTML table.
func (p *page) html() {
	w := p.w
	if p.head() {
		p.htmlStart()
		if !p.tuplesOnly {
			w.WriteString("  <tr>\n")
			for _, c := range p.t.columns {
				w.WriteString("    <th align=\"center\">" + htmlText(c.name) + "</th>\n")
			}
			w.WriteString("  </tr>\n")
		}
	}
	for _, row := range p.t.rows {
		w.WriteString("  <tr valign=\"top\">\n")
		for i, c := range row {
			p.htmlValue(i, c)
		}
		w.WriteString("  </tr>\n")
	}
	p.htmlEnd(p.footers())
}

// htmlExpanded writes each field as a row with name and value.
func (p *page) htmlExpanded() {
	w := p.w
	if p.head() {
		p.htmlStart()
	}
	for i, row := range p.t.rows {
		if p.tuplesOnly {
			w.WriteString("\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n")
		} else {
			fmt.Fprintf(w, "\n  <tr><td colspan=\"2\" align=\"center\">Record %d</td></tr>\n", p.t.prior+i+1)
		}
		for j, c := range row {
			w.WriteString("  <tr valign=\"top\">\n    <th>" + htmlText(p.t.columns[j].name) + "</th>\n")
			p.htmlValue(j, c)
			w.WriteString("  </tr>\n")
		}
	}
	p.htmlEnd(p.t.footers)
}

func (p *page) htmlStart() {
	fmt.Fprintf(p.w, "<table border=\"%d\"", p.border)
	if p.tableAttr != "" {
		p.w.WriteString(" " + p.tableAttr)
	}
	p.w.WriteString(">\n")
	if p.title != "" && !p.tuplesOnly {
		p.w.WriteString("  <caption>" + htmlText(p.title) + "</caption>\n")
	}
}

func (p *page) htmlValue(i int, c cell) {
	align := "left"
	if p.t.columns[i].align() == 'r' {
		align = "right"
	}
	text := p.value(c)
	if isBlank(text) {
		text = "&nbsp; "
	} else {
		text = htmlText(text)
	}
	p.w.WriteString("    <td align=\"" + align + "\">" + text + "</td>\n")
}

func (p *page) htmlEnd(footers []string) {
	if p.t.more {
		return
	}
	p.w.WriteString("</table>\n")
	if !p.tuplesOnly && footers != nil {
		p.w.WriteString("<p>")
		for _, line := range footers {
			p.w.WriteString(htmlText(line) + "<br />\n")
		}
		p.w.WriteString("</p>")
	}
	p.w.WriteByte('\n')
}

// htmlText escapes s; blanks at its start stay visible.
func htmlText(s string) string {
	rest := strings.TrimLeft(s, " ")
	return strings.Repeat("&nbsp;", len(s)-len(rest)) +
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br />\n", `"`, "&quot;").Replace(rest)
}
