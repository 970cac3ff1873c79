//go:build cgo

package duck

import (
	"context"
	"slices"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// startupSettings are the settings that a client may give when it connects, by
// their names alone. Others that drivers send tell of themselves (their zone,
// their version) and change nothing here.
var startupSettings = []string{"client_encoding", "search_path", "query_group", "statement_timeout", "idle_session_timeout", "idle_in_transaction_session_timeout", "extra_float_digits"}

// startup sets what a client asked for when it connected: parameters, and
// options as PostgreSQL's server takes them, -c name=value or --name=value.
//
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
func (s *session) startup() error {
	options, err := splitOptions(s.start.Params["options"])
	if err != nil {
		return err
	}
	for _, name := range startupSettings {
		if value, ok := s.start.Params[name]; ok {
			options = append(options, [2]string{name, value})
		}
	}
	for _, o := range options {
		name := strings.ToLower(strings.ReplaceAll(o[0], "-", "_"))
		value := o[1]
		if name == "client_encoding" && strings.EqualFold(value, "sql_ascii") {
			continue // the bytes as they are
		}
		text := "SET " + dialect.Quote(name) + " TO " + strings.ReplaceAll(dialect.QuoteText(value), `\`, `\\`)
		if name == "search_path" { // a list of names
			var parts []string
			for part := range strings.SplitSeq(value, ",") {
				parts = append(parts, dialect.Quote(strings.Trim(strings.TrimSpace(part), `"`)))
			}
			text = "SET search_path TO " + strings.Join(parts, ", ")
		}
		all, err := dialect.Parse(text)
		if err == nil {
			err = all[0].Classify()
		}
		if err == nil {
			err = s.set(context.Background(), all[0], nil)
		}
		if err != nil {
			return unplaced(err)
		}
	}
	return nil
}

// splitOptions reads the words of the parameter options, in which a backslash
// takes the meaning from a blank.
func splitOptions(text string) ([][2]string, error) {
	var words []string
	word, some := []byte{}, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			word, some = append(word, text[i]), true
		case c == ' ' || c == '\t' || c == '\n':
			if some {
				words = append(words, string(word))
			}
			word, some = word[:0], false
		default:
			word, some = append(word, c), true
		}
	}
	if some {
		words = append(words, string(word))
	}
	var all [][2]string
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-c" && i+1 < len(words):
			i++
			w = words[i]
		case strings.HasPrefix(w, "-c"), strings.HasPrefix(w, "--"):
			w = w[2:]
		default:
			return nil, sqlstate.Errorf(sqlstate.SyntaxError, "invalid command-line argument for server process: %s", w)
		}
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, sqlstate.Errorf(sqlstate.SyntaxError, "-c %s requires a value", w)
		}
		if slices.Contains([]string{"application_name", "session_authorization"}, strings.ToLower(name)) {
			return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "the option %s is not supported by the embedded warehouse", name)
		}
		all = append(all, [2]string{name, value})
	}
	return all, nil
}
