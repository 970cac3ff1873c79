package psql

import (
	"fmt"
	"strings"
)

// latex writes the table as a LaTeX tabular.
func (p *page) latex() {
	w := p.w
	border := min(p.border, 3)
	if p.head() {
		p.latexTitle()
		w.WriteString("\\begin{tabular}{" + p.latexColumns(func(c column) string { return string(c.align()) }) + "}\n")
		if !p.tuplesOnly {
			if border >= 2 {
				w.WriteString("\\hline\n")
			}
			for i, c := range p.t.columns {
				if i > 0 {
					w.WriteString(" & ")
				}
				w.WriteString("\\textit{" + latexText(c.name) + "}")
			}
			w.WriteString(" \\\\\n\\hline\n")
		}
	}
	for _, row := range p.t.rows {
		for i, c := range row {
			if i > 0 {
				w.WriteString(" & ")
			}
			w.WriteString(latexText(p.value(c)))
		}
		w.WriteString(" \\\\\n")
		if border == 3 {
			w.WriteString("\\hline\n")
		}
	}
	p.latexEnd(p.footers())
}

// longtable writes the table as a LaTeX longtable.
func (p *page) longtable() {
	w := p.w
	border := min(p.border, 3)
	if p.head() {
		p.longtableStart(border)
	}
	for _, row := range p.t.rows {
		for i, c := range row {
			if i > 0 {
				w.WriteString("\n&\n")
			}
			w.WriteString("\\raggedright{" + latexText(p.value(c)) + "}")
		}
		w.WriteString(" \\tabularnewline\n")
		if border == 3 {
			w.WriteString(" \\hline\n")
		}
	}
	if !p.t.more {
		w.WriteString("\\end{longtable}\n")
	}
}

// longtableStart writes the heads of the first and the other pages, and the
// captions. \pset tableattr has the widths of the left-aligned columns, as
// parts of the text's; the last one holds for the rest.
func (p *page) longtableStart(border int) {
	w := p.w
	widths := strings.Fields(p.tableAttr)
	w.WriteString("\\begin{longtable}{" + p.latexColumns(func(c column) string {
		if c.align() == 'r' || len(widths) == 0 {
			return string(c.align())
		}
		width := widths[0]
		if len(widths) > 1 {
			widths = widths[1:]
		}
		return "p{" + width + "\\textwidth}"
	}) + "}\n")
	if p.tuplesOnly {
		return
	}
	names := func() {
		if border >= 2 {
			w.WriteString("\\toprule\n")
		}
		for i, c := range p.t.columns {
			if i > 0 {
				w.WriteString(" & ")
			}
			w.WriteString("\\small\\textbf{\\textit{" + latexText(c.name) + "}}")
		}
		w.WriteString(" \\\\\n")
	}
	names()
	w.WriteString("\\midrule\n\\endfirsthead\n")
	names()
	if border != 3 {
		w.WriteString("\\midrule\n")
	}
	w.WriteString("\\endhead\n")
	if p.title == "" && border < 2 {
		return
	}
	title := latexText(p.title)
	for _, foot := range [][2]string{{" (Continued)", "\\endfoot"}, {"", "\\endlastfoot"}} {
		if border == 2 || border == 3 && title == "" {
			w.WriteString("\\bottomrule\n")
		}
		if title != "" {
			w.WriteString("\\caption[" + title + foot[0] + "]{" + title + "}\n")
		}
		w.WriteString(foot[1] + "\n")
	}
}

// latexExpanded writes each field as a row with name and value.
func (p *page) latexExpanded() {
	w := p.w
	border := min(p.border, 2)
	if p.head() {
		p.latexTitle()
		w.WriteString("\\begin{tabular}{" + [...]string{"cl", "c|l", "|c|l|"}[border] + "}\n")
	}
	for i, row := range p.t.rows {
		switch {
		case p.tuplesOnly:
		case border == 2:
			fmt.Fprintf(w, "\\hline\n\\multicolumn{2}{|c|}{\\textit{Record %d}} \\\\\n", p.t.prior+i+1)
		default:
			fmt.Fprintf(w, "\\multicolumn{2}{c}{\\textit{Record %d}} \\\\\n", p.t.prior+i+1)
		}
		if border >= 1 {
			w.WriteString("\\hline\n")
		}
		for j, c := range row {
			w.WriteString(latexText(p.t.columns[j].name) + " & " + latexText(p.value(c)) + " \\\\\n")
		}
	}
	p.latexEnd(p.t.footers)
}

func (p *page) latexTitle() {
	if p.title != "" && !p.tuplesOnly {
		p.w.WriteString("\\begin{center}\n" + latexText(p.title) + "\n\\end{center}\n\n")
	}
}

// latexColumns returns the columns' specification with lines between them.
func (p *page) latexColumns(spec func(column) string) string {
	var cols []string
	for _, c := range p.t.columns {
		cols = append(cols, spec(c))
	}
	switch {
	case p.border == 0:
		return strings.Join(cols, "")
	case p.border == 1:
		return strings.Join(cols, " | ")
	}
	return "| " + strings.Join(cols, " | ") + " |"
}

func (p *page) latexEnd(footers []string) {
	if p.t.more {
		return
	}
	if p.border == 2 || p.expanded == expandedOn && p.border > 2 {
		p.w.WriteString("\\hline\n")
	}
	p.w.WriteString("\\end{tabular}\n\n\\noindent ")
	if !p.tuplesOnly {
		for _, line := range footers {
			p.w.WriteString(latexText(line) + " \\\\\n")
		}
	}
	p.w.WriteByte('\n')
}

func latexText(s string) string {
	return strings.NewReplacer("#", `\#`, "$", `\$`, "%", `\%`, "&", `\&`, "<", `\textless{}`, ">", `\textgreater{}`,
		`\`, `\textbackslash{}`, "^", `\^{}`, "_", `\_`, "{", `\{`, "|", `\textbar{}`, "}", `\}`, "~", `\~{}`, "\n", `\\`).Replace(s)
}
