//go:build cgo

package duck

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// defaults are the settings that a session has. Those that change nothing
// here change nothing in a result on Redshift either.
var defaults = map[string]string{
	"search_path": "public", "query_group": "", "statement_timeout": "0", "lock_timeout": "0", "client_encoding": "UTF8", "client_min_messages": "notice",
	"datestyle": "ISO, MDY", "extra_float_digits": "0", "application_name": "", "timezone": "UTC", "wlm_query_slot_count": "1",
	"enable_result_cache_for_session": "on", "analyze_threshold_percent": "10", "server_version": "8.0.2", "server_encoding": "UTF8",
	"standard_conforming_strings": "off", "transaction_isolation": "serializable", "describe_field_name_in_uppercase": "off",
}

// fixed are settings that can have one value only.
var fixed = map[string]string{
	"client_encoding": "utf8 utf-8 unicode", "datestyle": "iso iso,mdy", "timezone": "utc gmt default",
	"server_version": "", "server_encoding": "", "standard_conforming_strings": "off", "transaction_isolation": "",
	"describe_field_name_in_uppercase": "off",
}

func (s *session) set(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) error {
	set, err := st.Setting()
	if err != nil {
		return err
	}
	old, known := defaults[set.Name]
	if !known {
		return unknownSetting(set)
	}
	value := strings.Join(set.Values, ", ")
	if set.Values == nil {
		value = old
	} else if allowed, ok := fixed[set.Name]; ok {
		flat := strings.ToLower(strings.ReplaceAll(value, " ", ""))
		if !contains(strings.Fields(allowed), flat) {
			return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: set.At,
				Message: fmt.Sprintf("setting %s to \"%s\" is not supported by the embedded warehouse", set.Name, value)}
		}
	}
	switch set.Name {
	case "statement_timeout":
		ms, err := strconv.Atoi(value)
		if err != nil || ms < 0 {
			return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("invalid value for parameter \"statement_timeout\": \"%s\"", value), At: set.At}
		}
		s.timeout = time.Duration(ms) * time.Millisecond
	case "lock_timeout":
		ms, err := strconv.Atoi(value)
		if err != nil || ms < 0 {
			return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("invalid value for parameter \"lock_timeout\": \"%s\"", value), At: set.At}
		}
		s.locks.timeout = time.Duration(ms) * time.Millisecond
	case "search_path":
		var path []string
		for _, v := range append(set.Values, "rs") {
			if v != "$user" && v != "main" {
				path = append(path, dialect.Quote(v))
			}
		}
		if set.Values == nil {
			path = []string{"public", "rs"}
		}
		if _, err := s.c.exec(ctx, "SET search_path = "+dialect.QuoteText(strings.Join(path, ","))); err != nil {
			return translate(err, st, nil)
		}
	case "application_name":
		w.Status(set.Name, value)
	}
	s.settings[set.Name] = value
	return nil
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

func unknownSetting(set dialect.Setting) error {
	return &sqlstate.Error{Code: sqlstate.UndefinedObject, Message: fmt.Sprintf("unrecognized configuration parameter \"%s\"", set.Name), At: set.At}
}

func (s *session) show(st *dialect.Statement, w *pgwire.Writer) error {
	set, err := st.Setting()
	if err != nil {
		return err
	}
	value, known := s.settings[set.Name]
	if !known {
		return unknownSetting(set)
	}
	w.Columns([]pgwire.Column{{Name: set.Name, OID: oidText, Size: -1, Mod: -1}})
	w.BeginRow(1)
	w.Value(func(b []byte) []byte { return append(b, value...) })
	return w.EndRow()
}
