//go:build cgo

package duck

import (
	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/redshift"
)

// superScalars take the JSON text of a SUPER.
var superScalars = [...]scalar{
	{"rs_json_parse", []db.Type{text}, false, text, func(a *args) error {
		s, err := redshift.ParseSuper(a.text(0))
		a.setText(s)
		return err
	}},
	{"rs_can_json_parse", []db.Type{text}, false, db.TypeBoolean, func(a *args) error {
		_, err := redshift.ParseSuper(a.text(0))
		a.setBool(err == nil)
		return nil
	}},
	{"rs_super_typeof", []db.Type{text}, false, text, func(a *args) error {
		a.setText(redshift.SuperType(a.text(0)))
		return nil
	}},
	{"rs_super_kind", []db.Type{text, text}, false, db.TypeBoolean, func(a *args) error {
		a.setBool(redshift.SuperIs(a.text(0), a.text(1)))
		return nil
	}},
	{"rs_super_cast", []db.Type{text, text}, false, text, func(a *args) error {
		s, ok, err := redshift.CastSuper(a.text(0), a.text(1))
		a.setTextOrNull(s, ok)
		return err
	}},
	{"rs_subarray", []db.Type{text, whole, whole}, false, text, func(a *args) error {
		a.setTextOrNull(redshift.Subarray(a.text(0), a.integer(1), a.integer(2)))
		return nil
	}},
	{"rs_array_concat", []db.Type{text, text}, false, text, func(a *args) error {
		a.setTextOrNull(redshift.ConcatArrays(a.text(0), a.text(1)))
		return nil
	}},
	{"rs_array_flatten", []db.Type{text}, false, text, func(a *args) error {
		a.setTextOrNull(redshift.FlattenArray(a.text(0)))
		return nil
	}},
	{"rs_split_to_array", []db.Type{text, text}, false, text, func(a *args) error {
		a.setText(redshift.SplitToArray(a.text(0), a.text(1)))
		return nil
	}},
}

// setTextOrNull makes s the result, or null where there is none.
func (a *args) setTextOrNull(s string, ok bool) {
	if a.setText(s); !ok {
		a.setNull()
	}
}
