package asl

import (
	"strings"
	"testing"
)

// What the notes on recordings tell of Map is what it does.
func TestRecordedNotes(t *testing.T) {
	for key := range RecordedNotes() {
		table, field, _ := strings.Cut(key, ".")
		known, ok := fieldsOf(table)
		if !ok || !hasField(known, field) {
			t.Errorf("a note on %s, which is no field ", key)
		}
	}
	for _, fields := range []string{``, `"ItemsPath":"$",`, `"QueryLanguage":"JSONata",`, `"QueryLanguage":"JSONata","Items":{"a":1},`} {
		m, err := Parse([]byte(`{"StartAt":"M","States":{"M":{"Type":"Map",`+fields+`"End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`), ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		dec, err := m.Start(Start{At: began, Input: []byte(`{"a":1}`)})
		if err != nil || dec.Outcome == nil || dec.Outcome.Status != Failed {
			t.Errorf("%s: got %v, %v; want it to fail", fields, dec.Outcome, err)
		}
	}
}
