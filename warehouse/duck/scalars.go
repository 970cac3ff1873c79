//go:build cgo

package duck

import (
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"time"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/redshift"
)

const (
	anyType   = db.TypeAny
	text      = db.TypeVarchar
	whole     = db.TypeBigInt
	timestamp = db.TypeTimestamp
)

// scalars are the functions that DuckDB gets from us. The dialect calls them
// by these names.
var scalars = [...]scalar{
	{"rs_to_char", []db.Type{anyType, text}, false, text, toChar},
	{"rs_to_date", []db.Type{text, text}, false, db.TypeDate, func(a *args) error {
		t, err := redshift.ParseTimeLax(a.text(0), a.text(1))
		a.setDate(t)
		return err
	}},
	{"rs_to_timestamp", []db.Type{text, text}, true, db.TypeTimestampTZ, func(a *args) error {
		t, err := redshift.ParseTime(a.text(0), a.text(1))
		a.setTime(t)
		return err
	}},
	{"rs_to_number", []db.Type{text, text}, false, text, func(a *args) error {
		s, err := redshift.ParseNumber(a.text(0), a.text(1))
		a.setText(s)
		return err
	}},
	{"rs_add_months", []db.Type{timestamp, whole}, false, timestamp, func(a *args) error {
		a.setTime(redshift.AddMonths(a.time(0), a.integer(1)))
		return nil
	}},
	{"rs_months_between", []db.Type{timestamp, timestamp}, false, db.TypeDouble, func(a *args) error {
		a.setFloat(redshift.MonthsBetween(a.time(0), a.time(1)))
		return nil
	}},
	{"rs_next_day", []db.Type{timestamp, text}, false, db.TypeDate, func(a *args) error {
		t, err := redshift.NextDay(a.time(0), a.text(1))
		a.setDate(t)
		return err
	}},
	{"rs_convert_timezone", []db.Type{text, timestamp}, false, timestamp, func(a *args) error {
		t, err := redshift.ConvertTimezone("UTC", a.text(0), a.time(1))
		a.setTime(t)
		return err
	}},
	{"rs_convert_timezone", []db.Type{text, text, timestamp}, false, timestamp, func(a *args) error {
		t, err := redshift.ConvertTimezone(a.text(0), a.text(1), a.time(2))
		a.setTime(t)
		return err
	}},
	{"rs_initcap", []db.Type{text}, false, text, func(a *args) error {
		a.setText(redshift.Initcap(a.text(0)))
		return nil
	}},
	{"rs_sha2", []db.Type{text, whole}, false, text, func(a *args) error {
		s, ok := redshift.SHA2(a.text(0), a.integer(1))
		if a.setText(s); !ok {
			a.setNull()
		}
		return nil
	}},
	{"rs_crc32", []db.Type{text}, false, text, func(a *args) error {
		a.setText(fmt.Sprintf("%x", crc32.ChecksumIEEE([]byte(a.text(0)))))
		return nil
	}},
	{"rs_soundex", []db.Type{text}, false, text, func(a *args) error {
		s, err := redshift.Soundex(a.text(0))
		a.setText(s)
		return err
	}},
	{"rs_quote_ident", []db.Type{text}, false, text, func(a *args) error {
		a.setText(redshift.QuoteIdent(a.text(0)))
		return nil
	}},
	{"rs_quote_literal", []db.Type{text}, false, text, func(a *args) error {
		a.setText(`'` + strings.ReplaceAll(strings.ReplaceAll(a.text(0), `'`, `''`), `\`, `\\`) + `'`)
		return nil
	}},
	{"rs_regexp_count", []db.Type{text, text}, false, whole, regexpCount},
	{"rs_regexp_count", []db.Type{text, text, whole}, false, whole, regexpCount},
	{"rs_regexp_count", []db.Type{text, text, whole, text}, false, whole, regexpCount},
	{"rs_regexp_substr", []db.Type{text, text}, false, text, regexpSubstr},
	{"rs_regexp_substr", []db.Type{text, text, whole}, false, text, regexpSubstr},
	{"rs_regexp_substr", []db.Type{text, text, whole, whole}, false, text, regexpSubstr},
	{"rs_regexp_substr", []db.Type{text, text, whole, whole, text}, false, text, regexpSubstr},
	{"rs_regexp_instr", []db.Type{text, text}, false, whole, regexpInstr},
	{"rs_regexp_instr", []db.Type{text, text, whole}, false, whole, regexpInstr},
	{"rs_regexp_instr", []db.Type{text, text, whole, whole}, false, whole, regexpInstr},
	{"rs_regexp_instr", []db.Type{text, text, whole, whole, whole}, false, whole, regexpInstr},
	{"rs_regexp_instr", []db.Type{text, text, whole, whole, whole, text}, false, whole, regexpInstr},
	{"rs_regexp_replace", []db.Type{text, text}, false, text, regexpReplace},
	{"rs_regexp_replace", []db.Type{text, text, text}, false, text, regexpReplace},
	{"rs_regexp_replace", []db.Type{text, text, text, whole}, false, text, regexpReplace},
	{"rs_regexp_replace", []db.Type{text, text, text, whole, text}, false, text, regexpReplace},
	{"rs_json_extract_path_text", []db.Type{text, text}, true, text, jsonPath},
	{"rs_json_extract_path_text_or_null", []db.Type{text, text}, true, text, orNull(jsonPath)},
	{"rs_json_extract_array_element_text", []db.Type{text, whole}, false, text, jsonElement},
	{"rs_json_extract_array_element_text_or_null", []db.Type{text, whole}, false, text, orNull(jsonElement)},
	{"rs_json_array_length", []db.Type{text}, false, whole, jsonLength},
	{"rs_json_array_length_or_null", []db.Type{text}, false, whole, orNull(jsonLength)},
	{"rs_type_name", []db.Type{text}, false, text, func(a *args) error {
		a.setText(redshift.TypeName(a.text(0)))
		return nil
	}},
	{"rs_type_oid", []db.Type{text}, false, whole, func(a *args) error {
		a.setInt(int(redshift.TypeOID(a.text(0))))
		return nil
	}},
	{"rs_type_len", []db.Type{text}, false, whole, func(a *args) error {
		a.setInt(redshift.TypeLen(a.text(0)))
		return nil
	}},
	{"rs_type_mod", []db.Type{text}, false, whole, func(a *args) error {
		a.setInt(redshift.TypeMod(a.text(0)))
		return nil
	}},
	{"rs_format_type", []db.Type{whole, whole}, false, text, func(a *args) error {
		a.setText(redshift.FormatType(int64(a.integer(0)), a.integer(1)))
		return nil
	}},
	{"rs_declared", []db.Type{text}, false, text, func(a *args) error {
		name, _, _, _ := dialect.TypeOfCheck(a.text(0))
		a.setText(name)
		return nil
	}},
	{"rs_attribute", []db.Type{text, text}, false, text, func(a *args) error {
		a.setText(dialect.ReadAttributes(a.text(0)).Get(a.text(1)))
		return nil
	}},
	{"rs_encoding", []db.Type{text, text, text}, false, text, func(a *args) error {
		a.setText(dialect.ReadAttributes(a.text(0)).Encoding(a.text(1), a.text(2)))
		return nil
	}},
	{"rs_sort_position", []db.Type{text, text}, false, whole, func(a *args) error {
		a.setInt(dialect.ReadAttributes(a.text(0)).SortPosition(a.text(1)))
		return nil
	}},
	{"rs_is_valid_json", []db.Type{text}, false, db.TypeBoolean, func(a *args) error {
		a.setBool(redshift.IsJSON(a.text(0)))
		return nil
	}},
	{"rs_is_valid_json_array", []db.Type{text}, false, db.TypeBoolean, func(a *args) error {
		a.setBool(redshift.IsJSONArray(a.text(0)))
		return nil
	}},
}

func dateAt(a *args, i int) time.Time {
	return time.Unix(int64(at[int32](a.in.data[i], a.row))*86400, 0).UTC()
}

// toChar is TO_CHAR of a time or a number.
func toChar(a *args) error {
	format := a.text(1)
	f := a.in.columns[0]
	var s string
	var err error
	switch f.typ {
	case db.TypeTimestamp, db.TypeTimestampTZ:
		s, err = redshift.FormatTime(a.time(0), format)
	case db.TypeDate:
		s, err = redshift.FormatTime(dateAt(a, 0), format)
	case db.TypeVarchar, db.TypeBoolean, db.TypeTime, db.TypeInterval:
		return fmt.Errorf("function to_char takes a time or a number, and a format")
	case db.TypeFloat, db.TypeDouble:
		r, ok := new(big.Rat).SetString(a.any(0))
		if !ok {
			return fmt.Errorf("to_char of %s is not supported", a.any(0))
		}
		s, err = redshift.FormatNumber(r.FloatString(15), format)
	default:
		s, err = redshift.FormatNumber(a.any(0), format)
	}
	a.setText(s)
	return err
}

func jsonPath(a *args) error {
	var keys []string
	for i := 1; i < a.count(); i++ {
		keys = append(keys, a.text(i))
	}
	s, err := redshift.JSONExtractPath(a.text(0), keys)
	a.setText(s)
	return err
}

func jsonElement(a *args) error {
	s, err := redshift.JSONElement(a.text(0), a.integer(1))
	a.setText(s)
	return err
}

func jsonLength(a *args) error {
	n, err := redshift.JSONArrayLength(a.text(0))
	a.setInt(n)
	return err
}

// orNull makes an error a null.
func orNull(call func(*args) error) func(*args) error {
	return func(a *args) error {
		if call(a) != nil {
			a.setNull()
		}
		return nil
	}
}

func regexpCount(a *args) error {
	n, err := redshift.RegexpCount(a.text(0), a.text(1), a.integerOr(2, 1), a.textOr(3, ""))
	a.setInt(n)
	return err
}

func regexpSubstr(a *args) error {
	s, err := redshift.RegexpSubstr(a.text(0), a.text(1), a.integerOr(2, 1), a.integerOr(3, 1), a.textOr(4, ""))
	a.setText(s)
	return err
}

func regexpInstr(a *args) error {
	n, err := redshift.RegexpInstr(a.text(0), a.text(1), a.integerOr(2, 1), a.integerOr(3, 1), a.integerOr(4, 0), a.textOr(5, ""))
	a.setInt(n)
	return err
}

func regexpReplace(a *args) error {
	s, err := redshift.RegexpReplace(a.text(0), a.text(1), a.textOr(2, ""), a.integerOr(3, 1), a.textOr(4, ""))
	a.setText(s)
	return err
}
