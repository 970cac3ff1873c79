package jsonata

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"salamander/internal/value"
)

func TestStepFunctions(t *testing.T) {
	counter := uint64(0)
	env := Env{Library: StepFunctions(), Random: func() uint64 { counter++; return counter * 0x9e3779b97f4a7c15 }}
	for expr, want := range map[string]string{
		`$partition([1,2,3,4,5], 2)`:          `[[1,2],[3,4],[5]]`,
		`$partition([0], 1)`:                  `[[0]]`,
		`$partition([], 1)`:                   `[]`,
		`$partition([1], 0)`:                  `D3143`,
		`$partition([1], 1.5)`:                `D3143`,
		`$range(0, 10, 5)`:                    `[0,5,10]`,
		`$range(5, 1, -2)`:                    `[5,3,1]`,
		`$range(1, 9, 9)`:                     `1`,
		`$range(1, 2, 0)`:                     `D3143`,
		`$range(-1.7, 2, 1)`:                  `[-1,0,1,2]`,
		`$count($range(1, 200000, 1))`:        `200000`,
		`$range(1, 360146, 1)`:                `U1002`,
		`$hash('input data', 'SHA-1')`:        `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		`$hash('a', 'MD5')`:                   `"0cc175b9c0f1b6a831c399e269772661"`,
		`$hash('a', 'CRC')`:                   `D3143`,
		`$random(7) = $random(7)`:             `true`,
		`$random(7) = $random(8)`:             `false`,
		`($r := $random(); $r >= 0 and $r<1)`: `true`,
		`$uuid() ~> /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/ ~> $exists()`: `true`,
		`$parse('{"a":[1,{"b":null}]}').a[1].b`:                                                           `null`,
		`$parse('{')`:                                                                                     `D3143`,
		`$eval('1')`:                                                                                      `T1006`,
		`$sum([1,2])`:                                                                                     `3`,
	} {
		if got := outcome(expr, env); got != want {
			t.Errorf("%s = %s; want %s", expr, got, want)
		}
	}
	if got := outcome(`$partition([1],1)`, Env{}); got != "T1006" {
		t.Errorf("JSONata alone has $partition: %s", got)
	}
}

// Cases recorded from AWS, of single expressions in a Pass state's Output.
func TestRecordedExpressions(t *testing.T) {
	files, _ := filepath.Glob("../../shared/conformance/cases/intrinsics/*.json")
	if len(files) == 0 {
		t.Skip("the recorded cases ../shared/conformance/cases are not here")
	}
	whole := regexp.MustCompile(`"Output": "\{%(.*?)%\}"`)
	n := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := whole.FindStringSubmatch(string(data))
		var c struct {
			Input  json.RawMessage
			Expect struct {
				Status string
				Output json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		if m == nil || c.Expect.Status != "SUCCEEDED" {
			continue
		}
		in, err := value.Parse(c.Input)
		if err != nil {
			t.Fatal(err)
		}
		want, err := value.Parse(c.Expect.Output)
		if err != nil {
			t.Fatal(err)
		}
		expr := strings.TrimSpace(m[1])
		env := Env{NoInput: true, Library: StepFunctions(), Bindings: map[string]value.Value{
			"states": value.NewObject(value.Member{Key: "input", Value: in}),
		}}
		if got := outcome(expr, env); got != value.Text(want) {
			t.Errorf("%s: %s on %s = %s; want %s", filepath.Base(f), expr, value.Text(in), got, value.Text(want))
		}
		n++
	}
	t.Logf("%d recorded expressions", n)
}

func TestQuoteNonFinite(t *testing.T) {
	env := Env{Library: StepFunctions(), QuoteNonFinite: true, Limits: Limits{Range: 1000}}
	for expr, want := range map[string]string{
		`1/0`:                `"Infinity"`,
		`{'k': [-1/0, 0.5]}`: `{"k":["-Infinity",0.5]}`,
		`$sum([1..1000])`:    `500500`,
		`$sum([1..1001])`:    `U1002`,
	} {
		if got := outcome(expr, env); got != want {
			t.Errorf("%s = %s; want %s", expr, got, want)
		}
	}
}
