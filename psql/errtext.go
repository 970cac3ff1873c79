package psql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// verbosity is the value of VERBOSITY.
type verbosity uint8

const (
	verbosityDefault verbosity = iota
	verbosityVerbose
	verbosityTerse
	verbositySQLState
)

// errorText formats an error or a notice as libpq does. query is the text
// that was sent.
func errorText(e *pgproto3.ErrorResponse, query string, v verbosity, context string, single bool) string {
	var b strings.Builder
	if e.Severity != "" {
		b.WriteString(e.Severity + ":  ")
	}
	isError := e.SeverityUnlocalized != "NOTICE" && e.SeverityUnlocalized != "WARNING" && e.SeverityUnlocalized != "INFO" &&
		e.SeverityUnlocalized != "LOG" && e.SeverityUnlocalized != "DEBUG"
	if v == verbositySQLState && e.Code != "" {
		return b.String() + e.Code + "\n"
	}
	if v == verbosityVerbose && e.Code != "" {
		b.WriteString(e.Code + ": ")
	}
	b.WriteString(e.Message)
	text, pos := query, int(e.Position)
	if pos == 0 {
		text, pos = e.InternalQuery, int(e.InternalPosition)
	}
	switch {
	case pos > 0 && (v == verbosityTerse || text == ""):
		fmt.Fprintf(&b, " at character %d", pos)
		text = ""
	case pos == 0:
		text = ""
	}
	b.WriteByte('\n')
	if v == verbosityTerse {
		return b.String()
	}
	if text != "" {
		b.WriteString(errorPosition(text, pos, single))
	}
	line := func(label, value string) {
		if value != "" {
			b.WriteString(label + ":  " + value + "\n")
		}
	}
	line("DETAIL", e.Detail)
	line("HINT", e.Hint)
	line("QUERY", e.InternalQuery)
	if context == "always" || context == "errors" && isError {
		line("CONTEXT", e.Where)
	}
	if v != verbosityVerbose {
		return b.String()
	}
	line("SCHEMA NAME", e.SchemaName)
	line("TABLE NAME", e.TableName)
	line("COLUMN NAME", e.ColumnName)
	line("DATATYPE NAME", e.DataTypeName)
	line("CONSTRAINT NAME", e.ConstraintName)
	if e.File != "" || e.Line != 0 || e.Routine != "" {
		b.WriteString("LOCATION:  ")
		if e.Routine != "" {
			b.WriteString(e.Routine + ", ")
		}
		if e.File != "" && e.Line != 0 {
			b.WriteString(e.File + ":" + strconv.Itoa(int(e.Line)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const (
	displaySize = 60 // columns of the query's line that an error shows
	minRightCut = 10 // columns that stay visible right of the position
)

// errorPosition shows the line of query that holds its character loc, counted
// from 1, and a caret below it. It returns nothing for a position beyond the
// text.
func errorPosition(query string, loc int, single bool) string {
	loc--
	text := func(chars []rune) string { return string(chars) }
	if single { // bytes are characters
		wide := make([]rune, len(query))
		for i := range len(query) {
			wide[i] = rune(query[i])
		}
		query = string(wide)
		text = func(chars []rune) string {
			b := make([]byte, len(chars))
			for i, r := range chars {
				b[i] = byte(r)
			}
			return string(b)
		}
	}
	var chars []rune
	var cols []int // screen column of each character
	col, begin, end, lines := 0, 0, -1, 1
	for _, r := range query {
		n := len(chars)
		switch r {
		case '\t':
			r = ' '
		case '\r', '\n':
			if n < loc {
				if r == '\r' || n == 0 || chars[n-1] != '\r' {
					lines++
				}
				begin = n + 1
			} else {
				end = n
			}
		}
		chars, cols = append(chars, r), append(cols, col)
		if end >= 0 {
			break
		}
		col += max(1, runeWidth(r))
	}
	if end < 0 {
		end = len(chars)
		cols = append(cols, col)
	}
	if loc < 0 || loc > end {
		return ""
	}
	left, right := "", ""
	if cols[end]-cols[begin] > displaySize {
		if cols[begin]+displaySize >= cols[loc]+minRightCut {
			for cols[end]-cols[begin] > displaySize {
				end--
			}
			right = "..."
		} else {
			for cols[loc]+minRightCut < cols[end] {
				end--
				right = "..."
			}
			for cols[end]-cols[begin] > displaySize {
				begin++
				left = "..."
			}
		}
	}
	prefix := fmt.Sprintf("LINE %d: %s", lines, left)
	indent := len(prefix) + cols[loc] - cols[begin]
	return prefix + text(chars[begin:end]) + right + "\n" + strings.Repeat(" ", max(0, indent)) + "^\n"
}
