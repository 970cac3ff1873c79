package dialect

import (
	"strings"
	"unicode/utf8"

	"salamander/sqltext"
	"salamander/warehouse/redshift"
	"salamander/warehouse/sqlstate"
)

// similar rewrites x [NOT] SIMILAR TO 'pattern' [ESCAPE 'c'] at node i: DuckDB
// takes a regular expression there.
//
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-similar-to.html
func (r *rewriter) similar(nodes []sqltext.Node, i int) {
	at := i + 2
	if r.word(nodes, i+1) != "to" || at >= len(nodes) {
		r.fail(r.unexpected(min(at, len(nodes)), nodes))
		return
	}
	if last := r.patternEnd(nodes, at); last != at+1 || !nodes[at].Kind.IsString() {
		if r.word(nodes, last) == "escape" {
			r.fail(sqlstate.Unsupported(nodes[at].Pos, "SIMILAR TO … ESCAPE with a pattern that is no constant"))
			return
		}
		r.wrap(nodes[at].Pos, nodes[last-1].Last(), "rs_similar_pattern(", ", '\\')")
		return
	}
	pattern, err := r.str(nodes[at])
	if err != nil {
		r.fail(err)
		return
	}
	escape := '\\'
	end := nodes[at].End
	if r.word(nodes, at+1) == "escape" && at+2 < len(nodes) && nodes[at+2].Kind.IsString() {
		text, err := r.str(nodes[at+2])
		if err != nil || utf8.RuneCountInString(text) > 1 {
			r.fail(&sqlstate.Error{Code: "22019", Message: "invalid escape string", At: nodes[at+2].Pos + 1})
			return
		}
		escape, _ = utf8.DecodeRuneInString(text)
		if text == "" {
			escape = 0
		}
		r.write(nodes[at+2])
		end = nodes[at+2].End
	}
	r.write(nodes[at])
	r.replace(nodes[at].Pos, end, QuoteText(redshift.SimilarPattern(pattern, escape)))
}

// write notes that a constant is written anew.
func (r *rewriter) write(n sqltext.Node) {
	if r.written == nil {
		r.written = map[int]bool{}
	}
	r.written[n.Pos] = true
}

// posix rewrites x ~ pattern and its kin, whose operator is the bytes from pos
// to end before node i+1. A pattern of POSIX is found anywhere in a text,
// DuckDB's is for the whole.
//
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-posix.html
func (r *rewriter) posix(nodes []sqltext.Node, i, pos, end int, op string) {
	at := i + 1
	if at >= len(nodes) {
		r.fail(r.unexpected(at, nodes))
		return
	}
	flags := "(?s)"
	if strings.HasSuffix(op, "*") {
		flags = "(?si)"
	}
	word := " SIMILAR TO "
	if op[0] == '!' {
		word = " NOT SIMILAR TO "
	}
	r.replace(pos, end, word)
	if r.patternEnd(nodes, at) == at+1 && nodes[at].Kind.IsString() {
		pattern, err := r.str(nodes[at])
		if err != nil {
			r.fail(err)
			return
		}
		r.write(nodes[at])
		r.replace(nodes[at].Pos, nodes[at].End, QuoteText(flags+".*(?:"+pattern+").*"))
		return
	}
	last := r.patternEnd(nodes, at)
	r.wrap(nodes[at].Pos, nodes[last-1].Last(), "('"+flags+".*(?:' || (", ") || ').*')")
}
