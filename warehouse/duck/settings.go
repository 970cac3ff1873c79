//go:build cgo

package duck

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
	"idle_session_timeout": "0", "idle_in_transaction_session_timeout": "0", "search_path": "public", "query_group": "", "statement_timeout": "0", "lock_timeout": "0", "client_encoding": "UTF8", "client_min_messages": "notice",
	"datestyle": "ISO, MDY", "extra_float_digits": "0", "application_name": "", "timezone": "UTC", "wlm_query_slot_count": "1",
	"enable_result_cache_for_session": "on", "analyze_threshold_percent": "10", "server_version": "8.0.2", "server_encoding": "UTF8",
	"standard_conforming_strings": "off", "transaction_isolation": "serializable", "describe_field_name_in_uppercase": "off",

	"auto_analyze": "on", "cast_super_null_on_error": "on", "downcase_delimited_identifier": "on", "enable_case_sensitive_identifier": "off",
	"enable_case_sensitive_super_attribute": "off", "enable_numeric_rounding": "on", "enable_result_cache": "on", "enable_vacuum_boost": "off", "error_on_nondeterministic_update": "off",
	"interval_forbid_composite_literals": "off", "json_serialization_enable": "off", "json_serialization_parse_nested_strings": "off", "max_concurrency_scaling_clusters": "0",
	"max_cursor_result_set_size": "0", "mv_enable_aqmv_for_session": "on", "navigate_super_null_on_error": "on", "parse_super_null_on_error": "off", "pg_federation_repeatable_read": "on",
	"spectrum_query_maxerror": "-1", "stored_proc_log_min_messages": "log", "use_fips_ssl": "off", "wlm_json_configuration": "",
	"session_authorization": "default", "max_identifier_length": "127", "integer_datetimes": "on", "is_superuser": "on", "default_transaction_isolation": "serializable",
}

// fixed are settings that can have one value only.
var fixed = map[string]string{
	"client_encoding": "utf8 utf-8 unicode", "datestyle": "iso iso,mdy", "timezone": "utc gmt default",
	"server_version": "", "server_encoding": "", "standard_conforming_strings": "off", "transaction_isolation": "",
	"describe_field_name_in_uppercase": "off false", "downcase_delimited_identifier": "on true", "enable_case_sensitive_identifier": "off false",
	"enable_case_sensitive_super_attribute": "off false", "json_serialization_enable": "off false", "error_on_nondeterministic_update": "off false",
	"navigate_super_null_on_error": "on true", "cast_super_null_on_error": "on true", "parse_super_null_on_error": "off false", "json_serialization_parse_nested_strings": "off false",
	"interval_forbid_composite_literals": "off false", "max_cursor_result_set_size": "0", "wlm_json_configuration": "", "session_authorization": "default",
	"max_identifier_length": "", "integer_datetimes": "", "is_superuser": "", "default_transaction_isolation": "serializable",
}

// setting returns a setting's value, or that of a session context variable,
// whose name has a point.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
func (s *session) setting(name string) (string, bool) {
	v, ok := s.settings[name]
	return v, ok
}

// resetAll gives all settings their defaults back.
func (s *session) resetAll(ctx context.Context) error {
	if _, err := s.c.exec(ctx, "SET search_path = 'public,rs'"); err != nil {
		return translate(err, nil, nil)
	}
	s.timeout, s.locks.timeout = 0, 0
	app := s.settings["application_name"]
	clear(s.settings)
	for name, value := range defaults {
		s.settings[name] = value
	}
	s.settings["application_name"] = app
	return nil
}

func (s *session) set(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) error {
	set, err := st.Setting()
	if err != nil {
		return err
	}
	if set.Name == "all" && st.IsReset() {
		return s.resetAll(ctx)
	}
	old, known := defaults[set.Name]
	if strings.Contains(set.Name, ".") {
		if set.Values == nil {
			delete(s.settings, set.Name)
			return nil
		}
		known = true
	}
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
	case "idle_session_timeout", "idle_in_transaction_session_timeout":
		if ms, err := strconv.Atoi(value); err != nil || ms < 0 {
			return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("invalid value for parameter \"%s\": \"%s\"", set.Name, value), At: set.At}
		}
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
		if err := s.follow(ctx, set.Values); err != nil {
			return err
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
	if set.Name == "all" {
		w.Columns([]pgwire.Column{{Name: "name", OID: oidText, Size: -1, Mod: -1}, {Name: "setting", OID: oidText, Size: -1, Mod: -1}})
		for _, name := range slices.Sorted(maps.Keys(s.settings)) {
			w.BeginRow(2)
			w.Value(func(b []byte) []byte { return append(b, name...) })
			w.Value(func(b []byte) []byte { return append(b, s.settings[name]...) })
			if err := w.EndRow(); err != nil {
				return err
			}
		}
		return nil
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
