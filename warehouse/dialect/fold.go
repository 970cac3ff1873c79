package dialect

import (
	"slices"
	"strings"

	"salamander/sqltext"
)

// fold returns text with the names in it as Redshift keeps them, in lower case:
// all that stand without quotes, and the quoted ones of statements that define
// tables, views or schemas. Only letters of ASCII change, so that all positions
// stay. toks are the tokens of text.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
func fold(text string, toks []sqltext.Token) string {
	var b []byte
	for part := range sqltext.Split(text, toks) {
		quoted := definesNames(text, part.Tokens)
		for _, tok := range part.Tokens {
			if tok.Kind != sqltext.Ident && (tok.Kind != sqltext.QuotedIdent || !quoted) {
				continue
			}
			i := strings.IndexFunc(tok.Text(text), func(r rune) bool { return 'A' <= r && r <= 'Z' })
			if i < 0 || tok.Kind == sqltext.Ident && reserved[strings.ToLower(tok.Text(text))] {
				continue
			}
			if b == nil {
				b = []byte(text)
			}
			for k := tok.Pos + i; k < tok.End; k++ {
				if 'A' <= b[k] && b[k] <= 'Z' {
					b[k] += 'a' - 'A'
				}
			}
		}
	}
	if b == nil {
		return text
	}
	return string(b)
}

// definesNames reports whether a statement gives names to tables, views,
// schemas or their columns.
func definesNames(text string, toks []sqltext.Token) bool {
	var words []string
	for _, tok := range toks {
		if tok.Kind.IsTrivia() {
			continue
		}
		if tok.Kind != sqltext.Ident || len(words) == 5 {
			break
		}
		words = append(words, strings.ToLower(tok.Text(text)))
	}
	return len(words) > 1 && (words[0] == "create" || words[0] == "alter") &&
		slices.ContainsFunc(words[1:], func(w string) bool { return w == "table" || w == "view" || w == "schema" })
}
