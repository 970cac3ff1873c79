package sqltext

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// show writes tokens as "Kind:text", trivia left out.
func show(src string, toks []Token) string {
	var out []string
	for _, tok := range toks {
		if !tok.Kind.IsTrivia() {
			out = append(out, fmt.Sprintf("%s:%s", tok.Kind, tok.Text(src)))
		}
	}
	return strings.Join(out, " ")
}

func TestLex(t *testing.T) {
	vars := Options{Variables: true}
	back := Options{BackslashEscapes: true}
	for _, c := range []struct {
		src  string
		opt  Options
		want string
	}{
		{"", Options{}, ""},
		{"select a1$ FROM é", Options{}, "Ident:select Ident:a1$ Ident:FROM Ident:é"},
		{`"a""b" U&"d\0061t"`, Options{}, `QuotedIdent:"a""b" UnicodeIdent:U&"d\0061t"`},
		{`'it''s' 'a\'`, Options{}, `String:'it''s' String:'a\'`},
		{`'a\'b'`, back, `String:'a\'b'`},
		{`e'a\'b' E'\\'`, Options{}, `EscapeString:e'a\'b' EscapeString:E'\\'`},
		{"b'01' X'1F' n'x' u&'\\0041' u&a", Options{}, "BitString:b'01' HexString:X'1F' String:n'x' UnicodeString:u&'\\0041' Ident:u Operator:& Ident:a"},
		{"$$a'b$$ $q$ $$ $x$ $q$ $1 $a", Options{}, "DollarString:$$a'b$$ DollarString:$q$ $$ $x$ $q$ Param:$1 Other:$ Ident:a"},
		{"'a'\n -- why\n 'b' 'c'", Options{}, "String:'a'\n -- why\n 'b' String:'c'"},
		{"1 1.5 .5 1. 1e5 1e+5 1e x 1..2 12abc", Options{}, "Integer:1 Float:1.5 Float:.5 Float:1. Float:1e5 Float:1e+5 Integer:1 Ident:e Ident:x Integer:1 DotDot:.. Integer:2 Integer:12 Ident:abc"},
		{"a<=b <> -1 a@-b a*-b ->> =- /*x*/ +--y", Options{}, "Ident:a Operator:<= Ident:b Operator:<> Operator:- Integer:1 Ident:a Operator:@- Ident:b Ident:a Operator:* Operator:- Ident:b Operator:->> Operator:= Operator:- Operator:+"},
		{"a::int := [1:n] (x.y),z;", Options{}, "Ident:a Typecast::: Ident:int ColonEquals::= OpenBracket:[ Integer:1 Colon:: Ident:n CloseBracket:] OpenParen:( Ident:x Dot:. Ident:y CloseParen:) Comma:, Ident:z Semicolon:;"},
		{`:a :'a' :"a" :{?a} ::a :=a : a :'a :{?a :`, vars, `Variable::a VariableText::'a' VariableName::"a" VariableTest::{?a} Typecast::: Ident:a ColonEquals::= Ident:a Colon:: Ident:a Colon:: String:'a :{?a :`},
		{`:{?a :`, vars, `Colon:: Other:{ Operator:? Ident:a Colon::`},
		{"/* a /* b */ c */ d -- e", Options{}, "Ident:d"},
		{"a\\b{}", Options{}, "Ident:a Other:\\ Ident:b Other:{ Other:}"},
	} {
		toks, err := Lex(c.src, c.opt)
		if diff := cmp.Diff(c.want, show(c.src, toks)); diff != "" {
			t.Errorf("Lex(%q) (-want +got):\n%s", c.src, diff)
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("Lex(%q): got %v; want an *Error", c.src, err)
		}
		tiles(t, c.src, toks)
	}
}

// tiles checks that toks cover src without gap or overlap.
func tiles(t *testing.T, src string, toks []Token) {
	t.Helper()
	at := 0
	for _, tok := range toks {
		if tok.Pos != at || tok.End <= tok.Pos || tok.Kind == Invalid {
			t.Fatalf("%q: token %v at %d", src, tok, at)
		}
		at = tok.End
	}
	if at != len(src) {
		t.Fatalf("%q: tokens end at %d; want %d", src, at, len(src))
	}
}

func TestLexUnterminated(t *testing.T) {
	for _, c := range []struct {
		src  string
		want Error
	}{
		{"select 'a", Error{7, "unterminated quoted string"}},
		{"select E'a\\'", Error{7, "unterminated quoted string"}},
		{`x "a""`, Error{2, "unterminated quoted identifier"}},
		{"/* /* */", Error{0, "unterminated /* comment"}},
		{"$a$ $b$", Error{0, "unterminated dollar-quoted string"}},
		{"b'0", Error{0, "unterminated bit string literal"}},
		{"x'0", Error{0, "unterminated hexadecimal string literal"}},
	} {
		_, err := Lex(c.src, Options{})
		var got *Error
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("Lex(%q): got error %v; want %v", c.src, err, &c.want)
		}
	}
}

func TestPosition(t *testing.T) {
	const src = "a\nbé\nc"
	for _, c := range [][3]int{{0, 1, 1}, {1, 1, 2}, {2, 2, 1}, {3, 2, 2}, {5, 2, 3}, {6, 3, 1}, {99, 3, 2}, {-1, 1, 1}} {
		if line, col := Position(src, c[0]); line != c[1] || col != c[2] {
			t.Errorf("Position(%d): got %d:%d; want %d:%d", c[0], line, col, c[1], c[2])
		}
	}
}

func TestNameAndValue(t *testing.T) {
	for _, c := range []struct {
		src  string
		opt  Options
		want string
	}{
		{"SeLect", Options{}, "select"},
		{`"A""b"`, Options{}, `A"b`},
		{`U&"d\0061t\+000061"`, Options{}, "data"},
		{"'it''s'", Options{}, "it's"},
		{"N'x'", Options{}, "x"},
		{`'a\tb'`, Options{}, `a\tb`},
		{`'a\tb\''`, Options{BackslashEscapes: true}, "a\tb'"},
		{`E'\x41\101\u00e9\q\\'`, Options{}, `AAéq\`},
		{`U&'\0041\\'`, Options{}, `A\`},
		{"$q$a'$q$", Options{}, "a'"},
		{"'a'\n'b'", Options{}, "ab"},
	} {
		toks, err := Lex(c.src, c.opt)
		if err != nil || len(toks) != 1 {
			t.Fatalf("Lex(%q): got %v, %v; want one token", c.src, toks, err)
		}
		got := Name(c.src, toks[0])
		if !toks[0].Kind.IsName() {
			got, _ = Value(c.src, toks[0], c.opt)
		}
		if got != c.want {
			t.Errorf("%s: got %q; want %q", c.src, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{"": "''", "a'b": "'a''b'", `a\'b`: ` E'a\\''b'`} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q): got %s; want %s", in, got, want)
		}
	}
	if got := QuoteName(`a"b`); got != `"a""b"` {
		t.Errorf("QuoteName: got %s", got)
	}
}

func statements(src string) []string {
	toks, _ := Lex(src, Options{})
	var got []string
	for s := range Split(src, toks) {
		got = append(got, s.Text(src))
	}
	return got
}

func TestSplit(t *testing.T) {
	const routine = "create or replace function f() returns int begin atomic select 1; select case when true then 1 end; end"
	for _, c := range []struct {
		src  string
		want []string
	}{
		{"", nil},
		{" -- nothing\n ; ;", nil},
		{"-- why\nselect 1 ; select /* in */ 2 -- end\n;\n", []string{"select 1", "select /* in */ 2"}},
		{"select ';' ; select 2 ", []string{"select ';'", "select 2"}},
		{"select (1;2); b", []string{"select (1;2)", "b"}},
		{"begin; select 1; end;", []string{"begin", "select 1", "end"}},
		{routine + "; select 2", []string{routine, "select 2"}},
		{"do $$ a; b; $$; c", []string{"do $$ a; b; $$", "c"}},
		{"a); b", []string{"a)", "b"}},
	} {
		if diff := cmp.Diff(c.want, statements(c.src)); diff != "" {
			t.Errorf("Split(%q) (-want +got):\n%s", c.src, diff)
		}
	}
}

func TestTree(t *testing.T) {
	const src = "f(a, [1], (b)) -- x"
	toks, _ := Lex(src, Options{})
	nodes, err := Tree(src, toks)
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes) != 2 || !nodes[1].IsGroup() || len(nodes[1].Children) != 5 || nodes[1].Last() != 14 {
		t.Errorf("got %+v", nodes)
	}
	if got := Match(toks, 1); got < 0 || toks[got].Pos != 13 {
		t.Errorf("Match: got %d", got)
	}
	for src, want := range map[string]Error{
		"(a":                      {0, "parenthesis or bracket that none closes"},
		"a)":                      {1, "closing parenthesis or bracket that none opened"},
		"(a]":                     {2, "closing parenthesis or bracket that none opened"},
		strings.Repeat("(", 5000): {1000, "more than 1000 nested parentheses"},
	} {
		toks, _ := Lex(src, Options{})
		_, err := Tree(src, toks)
		var got *Error
		if !errors.As(err, &got) || *got != want {
			t.Errorf("Tree(%.10q): got %v; want %v", src, err, &want)
		}
	}
}

func TestCursor(t *testing.T) {
	const src = "create /* x */ TABLE if not exists t (a int) = 3"
	toks, _ := Lex(src, Options{})
	c := Cursor{Src: src, Toks: toks}
	if c.Accept("create", "view") || !c.Accept("create", "table") || !c.Accept("if", "not", "exists") {
		t.Fatal("words not accepted as they stand")
	}
	if tok, ok := c.AcceptKind(Ident); !ok || Name(src, tok) != "t" {
		t.Fatalf("got %v, %v; want t", tok, ok)
	}
	if in, ok := c.Group(); !ok || show(src, in) != "Ident:a Ident:int" {
		t.Fatalf("got %v, %v; want the group", show(src, in), ok)
	}
	if c.Done() || !c.AcceptOp("=") || c.Next().Kind != Integer || !c.Done() || c.Next().Kind != Invalid {
		t.Fatal("the rest is not read to its end")
	}
}

func seeds(f *testing.F) {
	files, _ := filepath.Glob("../psql/testdata/*.sql")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(string(b))
		}
	}
	for _, s := range []string{
		"select 'a''b', e'\\'', \"q\"\"\", $$x$$, $a$ $a$, :v, :'v', :\"v\", :{?v}, a::b, 1.5e3, .5, 1..2",
		"/* /* */ */ -- c\n;(;);create function f() begin atomic select 1; end;", "'a'\n'b'", "E'", "$", ":", "U&\"", "\x00\xff",
	} {
		f.Add(s)
	}
}

func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		for _, opt := range []Options{{}, {BackslashEscapes: true}, {Variables: true}} {
			toks, err := Lex(src, opt)
			tiles(t, src, toks)
			for _, tok := range toks {
				Name(src, tok)
				if err == nil {
					Value(src, tok, opt)
				}
			}
			_, _ = Tree(src, toks)
		}
	})
}

// Statements that Split yields, joined by semicolons, split the same again.
func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := Lex(src, Options{}); err != nil {
			t.Skip("no statements")
		}
		want := statements(src)
		got := statements(strings.Join(want, "\n;"))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("split of %q (-first +second):\n%s", src, diff)
		}
	})
}

func BenchmarkLex(b *testing.B) {
	src := strings.Repeat("INSERT INTO t SELECT a.b, 'text', 12.5::numeric(7,2) FROM x LEFT JOIN y ON (x.id = y.id); -- done\n", 1000)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Lex(src, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
