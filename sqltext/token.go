// Package sqltext reads SQL text as PostgreSQL and psql read it: a lossless
// lexer with byte offsets, the statement splitter, token trees, and psql's
// variables. It knows tokens, not grammar, and does no I/O.
//
// The lexical rules are those of
// https://www.postgresql.org/docs/15/sql-syntax-lexical.html.
package sqltext

import (
	"fmt"
	"strings"
)

// A Kind tells what a [Token] is.
type Kind uint8

// The kinds of tokens. Only Space and Comment are trivia.
const (
	Invalid       Kind = iota // the zero Kind; no token has it
	Space                     // blanks, tabs, line ends
	Comment                   // -- to the end of the line, or /* nested */
	Ident                     // name or keyword, not quoted
	QuotedIdent               // "name"
	UnicodeIdent              // U&"name"
	String                    // 'text', also N'text'
	EscapeString              // E'text' with backslash escapes
	UnicodeString             // U&'text'
	BitString                 // B'0101'
	HexString                 // X'1F'
	DollarString              // $tag$text$tag$
	Integer                   // 42
	Float                     // 4.2, .5, 1e10
	Param                     // $1
	Operator                  // + - * / < > = ~ ! @ # % ^ & | ` ? in PostgreSQL's groups, also <= and ->>
	Comma                     // ,
	Semicolon                 // ;
	Dot                       // .
	DotDot                    // ..
	Colon                     // :
	Typecast                  // ::
	ColonEquals               // :=
	OpenParen                 // (
	CloseParen                // )
	OpenBracket               // [
	CloseBracket              // ]
	Variable                  // :name
	VariableText              // :'name'
	VariableName              // :"name"
	VariableTest              // :{?name}
	Other                     // a byte that begins no token: \ { } NUL
)

var kindNames = [...]string{
	"Invalid", "Space", "Comment", "Ident", "QuotedIdent", "UnicodeIdent", "String", "EscapeString",
	"UnicodeString", "BitString", "HexString", "DollarString", "Integer", "Float", "Param", "Operator",
	"Comma", "Semicolon", "Dot", "DotDot", "Colon", "Typecast", "ColonEquals", "OpenParen", "CloseParen",
	"OpenBracket", "CloseBracket", "Variable", "VariableText", "VariableName", "VariableTest", "Other",
}

// String returns the kind's name in this package.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// IsTrivia reports whether k separates tokens without meaning of its own.
func (k Kind) IsTrivia() bool { return k == Space || k == Comment }

// IsString reports whether k is a string constant of any form. Bit and
// hexadecimal strings are not.
func (k Kind) IsString() bool {
	return k == String || k == EscapeString || k == UnicodeString || k == DollarString
}

// IsName reports whether k can name a thing: an identifier of any form,
// keywords included.
func (k Kind) IsName() bool { return k == Ident || k == QuotedIdent || k == UnicodeIdent }

// A Token is a piece of a source text: the bytes from Pos up to End.
type Token struct {
	Kind     Kind
	Pos, End int
}

// Text returns the token's bytes in src, the text it was read from.
func (t Token) Text(src string) string { return src[t.Pos:t.End] }

// Is reports whether t is the unquoted name word, in any case.
func (t Token) Is(src, word string) bool {
	return t.Kind == Ident && t.End-t.Pos == len(word) && strings.EqualFold(src[t.Pos:t.End], word)
}

// IsOp reports whether t is the operator op.
func (t Token) IsOp(src, op string) bool {
	return t.Kind == Operator && src[t.Pos:t.End] == op
}

// Options change how text is read. The zero value reads as PostgreSQL does.
type Options struct {
	// BackslashEscapes lets a backslash escape the next byte in '…' strings,
	// as Redshift does, and PostgreSQL without standard_conforming_strings.
	BackslashEscapes bool

	// Variables reads psql's :name, :'name', :"name" and :{?name} as
	// tokens. Otherwise the colon is a token of its own.
	Variables bool

	// HashNames reads #name as a name, as Redshift does: a temporary table's.
	HashNames bool
}

// An Error tells where a text cannot be read.
type Error struct {
	Pos int    // byte offset where the unreadable token begins
	Msg string // PostgreSQL's message: "unterminated quoted string"
}

// Error returns the message and the offset.
func (e *Error) Error() string { return fmt.Sprintf("%s at byte %d", e.Msg, e.Pos) }

// Position returns the line and the column of byte offset off in src, both
// counted from 1; the column counts characters. An offset beyond the text is
// its end.
func Position(src string, off int) (line, col int) {
	off = max(0, min(off, len(src)))
	head := src[:off]
	start := strings.LastIndexByte(head, '\n') + 1
	line = 1 + strings.Count(head, "\n")
	for range head[start:] {
		col++
	}
	return line, col + 1
}
