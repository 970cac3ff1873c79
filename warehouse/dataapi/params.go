package dataapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// A ParameterError tells what is wrong with the parameters, in the words of
// the Data API.
type ParameterError struct{ Msg string }

// Error returns the message.
func (e *ParameterError) Error() string { return e.Msg }

// A query is SQL with $1 for its parameters, and their values.
type query struct {
	sql    string
	values [][]byte
}

// bindAll binds the parameters of statements. Every parameter must be used by
// one of them.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-authentication.html
func bindAll(sqls []string, params []Parameter) ([]query, error) {
	used := map[string]bool{}
	queries := make([]query, len(sqls))
	for i, sql := range sqls {
		if len(params) == 0 {
			queries[i] = query{sql: sql}
			continue
		}
		var err error
		if queries[i], err = bind(sql, params, used); err != nil {
			return nil, err
		}
	}
	var unused []string
	for _, p := range params {
		if !used[p.Name] {
			unused = append(unused, p.Name)
		}
	}
	if len(unused) > 0 {
		return nil, &ParameterError{fmt.Sprintf("Parameters list contains unused parameters. Unused parameters: [%s]", strings.Join(unused, ", "))}
	}
	return queries, nil
}

// bind writes $1, $2 … for the parameters' names, which stand outside of
// quotes and comments.
func bind(sql string, params []Parameter, used map[string]bool) (query, error) {
	toks, err := sqltext.Lex(sql, sqltext.Options{BackslashEscapes: true, Variables: true, HashNames: true})
	if err != nil {
		return query{sql: sql}, nil // the database tells it better
	}
	var out strings.Builder
	q := query{}
	numbers := map[string]int{}
	for _, tok := range toks {
		text := tok.Text(sql)
		if tok.Kind != sqltext.Variable {
			out.WriteString(text)
			continue
		}
		name := text[1:]
		i := slices.IndexFunc(params, func(p Parameter) bool { return p.Name == name })
		if i < 0 {
			return query{}, &ParameterError{"Cannot find parameter: " + name}
		}
		used[name] = true
		if numbers[name] == 0 {
			q.values = append(q.values, []byte(params[i].Value))
			numbers[name] = len(q.values)
		}
		out.WriteString("$" + strconv.Itoa(numbers[name]))
	}
	q.sql = out.String()
	return q, nil
}
