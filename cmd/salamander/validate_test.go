package main

import (
	"bytes"
	"strings"
	"testing"

	"salamander/asl"
)

func TestPlausibleValues(t *testing.T) {
	const template = `{"Resource": "${Fn}", "RoleArn": "${Role}", "x.$": "${My-Path}", "InputPath":"${P}", "End": ${Last}, "TimeoutSeconds" : ${T},
 "a": "${AWS::Partition}/${DeployRegion}/${AWS::AccountId}/${Bucket.Name}", "s": "\"${Fn}\"", "no": "$ ${} ${a b} ${a:1}"}`
	const want = `{"Resource": "arn:aws:lambda:us-east-1:000000000000:function:Fn", "RoleArn": "arn:aws:iam::000000000000:role/Role", "x.$": "$.My_Path", "InputPath":"$.P", "End": true, "TimeoutSeconds" : 1,
 "a": "aws/us-east-1/000000000000/Bucket-Name", "s": "\"Fn\"", "no": "$ ${} ${a b} ${a:1}"}`
	if got := string(fillTemplate([]byte(template), nil).text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := string(fillTemplate([]byte(`{"a": "${V}", "b": ${V}}`), map[string]string{"V": `"1"`}).text), `{"a": "\"1\"", "b": "1"}`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

// A definition with as many mistakes as fit is reported in a moment.
func TestValidateManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Comment": "${C}"`)
	for range 2000 {
		b.WriteString(",\n\"Wrong\": 1")
	}
	b.WriteString("}}}")
	source := []byte(b.String())
	f := fillTemplate(source, nil)
	_, err := asl.Parse(f.text, asl.ParseOptions{})
	v := verdict{File: "f", Mistakes: f.mistakes(err), source: source}
	var out bytes.Buffer
	if err := v.writeText(&out); err != nil {
		t.Fatal(err)
	}
	if n := len(v.Mistakes); n < 1000 {
		t.Fatalf("got %d mistakes; want the first thousand", n)
	}
	if one := v.Mistakes[998]; one.Line != 1001 {
		t.Errorf("got line %d; want 1001", one.Line)
	}
}

// What stands before, between and behind placeholders keeps its place.
func FuzzTemplate(f *testing.F) {
	f.Add([]byte(`{"a": "${X}"`+"\n"+`, "b": ${Y}, "${X}": "\"${X}"}`), "1\n2")
	f.Add([]byte("${X}${X}"), "")
	f.Add([]byte(`"\`), "é")
	f.Add([]byte("\n${AWS::Region}\n}"), "z")
	f.Fuzz(func(t *testing.T, source []byte, x string) {
		filled := fillTemplate(source, map[string]string{"X": x})
		text, src := indexLines(filled.text), indexLines(source)
		holes, inSource := filled.holes, 0
		for at := 0; at < len(filled.text); at++ {
			for len(holes) > 0 && at >= holes[0].textEnd {
				inSource = holes[0].sourceEnd - holes[0].textEnd
				holes = holes[1:]
			}
			want := at + inSource
			if len(holes) > 0 && at >= holes[0].text {
				want = holes[0].source
			} else if source[want] != filled.text[at] {
				t.Fatalf("byte %d: got %q; want %q", at, filled.text[at], source[want])
			}
			line, column := filled.place(text, src, lineOfOffset(text, at), columnOfOffset(text, at))
			if wantLine, wantColumn := src.place(want); line != wantLine || column != wantColumn {
				t.Fatalf("byte %d: got %d:%d; want %d:%d", at, line, column, wantLine, wantColumn)
			}
			_ = quoteSource(source[src.start(line):], column)
		}
	})
}

func lineOfOffset(l lineIndex, at int) int   { line, _ := l.place(at); return line }
func columnOfOffset(l lineIndex, at int) int { _, column := l.place(at); return column }
