package dialect

import "salamander/sqltext"

// nameColumns gives the columns of queries the names that Redshift gives them,
// as explicit aliases, where what PostgreSQL is sent is not what was written:
// its own name would be that of another function. All other edits must have
// been made.
func (p *pgRewriter) nameColumns(nodes []sqltext.Node) {
	r := &rewriter{Statement: p.Statement}
	items, _ := r.selected(nodes)
	for _, item := range items {
		if len(item) == 0 || item[len(item)-1].Kind == sqltext.Operator || r.plainColumn(item) || !p.edited(item[0].Pos, item[len(item)-1].Last()) {
			continue
		}
		if name := p.resultName(item); name != "" {
			p.insert(item[len(item)-1].Last(), " AS "+Quote(name))
		}
	}
	p.nameWithin(r, nodes)
}

// nameWithin names the columns of the queries that parentheses enclose.
func (p *pgRewriter) nameWithin(r *rewriter, nodes []sqltext.Node) {
	for _, n := range nodes {
		switch {
		case len(n.Children) == 0:
		case n.IsGroup() && r.isQuery(n.Children):
			p.nameColumns(n.Children)
		default:
			p.nameWithin(r, n.Children)
		}
	}
}

// edited reports whether bytes from pos up to end were changed.
func (p *pgRewriter) edited(pos, end int) bool {
	for _, e := range p.edits {
		if e.text == p.src[e.pos:e.end] {
			continue
		}
		if e.pos < end && e.end > pos || e.pos == e.end && e.pos >= pos && e.pos <= end {
			return true
		}
	}
	return false
}

// merge refuses the forms of MERGE that PostgreSQL has and Redshift has not.
func (p *pgRewriter) merge() {
	if at, what := p.foreignMerge(); what != "" {
		p.fail(pgUnsupported(at, "%s", what))
	}
}
