package console

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func zipText(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // to memory
	_ = w.Close()
	return b.String()
}

func TestPreviewTellsWhatAFileIs(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // kind, compression, delimiter, header, columns, rows
	}{
		{"csv", "id,name\n1,a\n2,\"b,c\"\n", `delimited none "," true [id name] [[1 a] [2 b,c]]`},
		{"dat", "1|a|\n2|b|\n", `delimited none "|" false [] [[1 a ] [2 b ]]`},
		{"tabs", "1\ta\n2\tb\n", `delimited none "\t" false [] [[1 a] [2 b]]`},
		{"tildes", "1~a, b~\n2~b~x\n", `delimited none "~" false [] [[1 a, b ] [2 b x]]`},
		{"gzip", zipText("1|a\n2|b\n"), `delimited gzip "|" false [] [[1 a] [2 b]]`},
		{"broken gzip", zipText(strings.Repeat("1|a\n", 50))[:11], `binary gzip "" false [] []`},
		{"json", `{"a": [1, 2]}`, `json none "" false [] []`},
		{"json lines", "{\"a\":1}\n{\"b\":\"x\"}\n", `jsonlines none "" false [a b] [[1] [ x]]`},
		{"text", "hello\nworld, you\nand more\n", `text none "" false [] []`},
		{"latin1", "1;caf\xe9\n2;th\xe9\n", `delimited none ";" false [] [[1 café] [2 thé]]`},
		{"binary", "\x00\x01\x02", `binary none "" false [] []`},
		{"parquet", "PAR1\x15\x04", `parquet none "" false [] []`},
		{"escape", "\x1b[31mred\x1b[0m\n", `text none "" false [] []`},
		{"empty", "", `empty none "" false [] []`},
	} {
		p := look([]byte(c.text), int64(len(c.text)), previewBytes)
		got := fmt.Sprintf("%s %s %q %v %v %v", p.Kind, p.Compression, p.Delimiter, p.Header, p.Columns, p.Rows)
		if got != c.want {
			t.Errorf("%s: got %s; want %s", c.name, got, c.want)
		}
	}
	// A line that is cut is none.
	p := look([]byte("1|aaaa\n2|b"), 100, previewBytes)
	if len(p.Rows) != 1 || !p.Truncated {
		t.Errorf("cut: got %+v", p)
	}
	// What a small file says of itself costs no more than was asked for.
	if p := look([]byte(zipText(strings.Repeat("1|a\n", 1<<20))), 5000, previewBytes); len(p.Text) > previewBytes || !p.Truncated {
		t.Errorf("bomb: got %d bytes", len(p.Text))
	}
}

func TestCopyIsWrittenForWhatAFileIs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"id,name\n1,\"a\"\n", "CSV|IGNOREHEADER 1"},
		{zipText("1|a\n2|b\n"), "DELIMITER '|'|GZIP"},
		{"1\ta\n2\tb\n", `DELIMITER '\t'`},
		{"{\"a\":1}\n{\"a\":2}\n", "JSON 'auto'"},
		{"PAR1....", "FORMAT AS PARQUET"},
	} {
		sql, _ := copyOf(look([]byte(c.text), int64(len(c.text)), previewBytes), "s3://b/it's", "t", "arn")
		_, options, _ := strings.Cut(sql, "IAM_ROLE 'arn'\n")
		if got := strings.TrimSuffix(strings.ReplaceAll(options, "\n", "|"), ";"); got != c.want {
			t.Errorf("got %s; want %s", got, c.want)
		}
		if !strings.Contains(sql, "'s3://b/it''s'") {
			t.Errorf("got %s; want the quote doubled", sql)
		}
	}
	if got := tableName("in/2026 Sales-Ö.csv.gz"); got != "_2026_sales" {
		t.Errorf("got %q", got)
	}
}

func FuzzLook(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "{\"a\":1}\n{}", zipText("1|2\n"), "\xff\xfe", "BZh9", "\x28\xb5\x2f\xfd\x00", "\"a\nb\",c\n", "1\x012\n"} {
		f.Add([]byte(s), int64(len(s)))
		f.Add([]byte(s), int64(1000))
	}
	f.Fuzz(func(t *testing.T, text []byte, size int64) {
		p := look(text, max(size, int64(len(text))), 64<<10)
		if len(p.Text) > 8*(64<<10)+8*len(text) || p.Kind == "" {
			t.Errorf("got %q with %d bytes of text", p.Kind, len(p.Text))
		}
		sql, _ := copyOf(p, "s3://b/k", "t", "r")
		if create := createOf(p, "t"); !utf8.ValidString(sql) || !utf8.ValidString(create) {
			t.Errorf("got %q, %q", sql, create)
		}
	})
}

func TestDateOf(t *testing.T) {
	for text, want := range map[string]string{
		`{"run_date":"2026-01-31"}`: "2026-01-31", "backfill-2026-01-31-2": "2026-01-31", "in/2026/01/31/x": "2026-01-31", "d20260131": "2026-01-31",
		"2026-13-01": "", "12026-01-31": "", "2026-01/31": "", "": "", "99999999 2026-02-01": "2026-02-01",
	} {
		if got := dateOf(text); got != want {
			t.Errorf("%q: got %q; want %q", text, got, want)
		}
	}
}

func TestTasksAreFound(t *testing.T) {
	s := taskScan{states: map[int64]string{}, open: map[int64]int{}}
	for _, raw := range []string{
		`{"id":1,"previousEventId":0,"type":"ExecutionStarted"}`,
		`{"id":2,"previousEventId":0,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"Load"}}`,
		`{"id":3,"previousEventId":2,"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"batch","resource":"submitJob.sync","parameters":"{}"}}`,
		`{"id":4,"previousEventId":3,"type":"TaskStarted"}`,
		`{"id":5,"previousEventId":4,"type":"TaskSubmitted","taskSubmittedEventDetails":{"resourceType":"batch","output":"{\"JobId\":\"6f2d7c7e-0000-4000-8000-000000000001\"}"}}`,
		`{"id":6,"previousEventId":5,"type":"TaskSucceeded","taskSucceededEventDetails":{"resourceType":"batch","output":"{}"}}`,
		`{"id":7,"previousEventId":6,"type":"TaskStateExited","stateExitedEventDetails":{"name":"Load"}}`,
		`{"id":8,"previousEventId":7,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"Submit"}}`,
		`{"id":9,"previousEventId":8,"type":"LambdaFunctionScheduled","lambdaFunctionScheduledEventDetails":{"resource":"arn:aws:lambda:us-east-1:000000000000:function:submit"}}`,
		`{"id":10,"previousEventId":9,"type":"LambdaFunctionSucceeded","lambdaFunctionSucceededEventDetails":{"output":"{\"jobId\":\"6f2d7c7e-0000-4000-8000-000000000002\"}"}}`,
	} {
		ev, err := readEvent([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		s.take(ev)
	}
	want := `[{3 Load job 6f2d7c7e-0000-4000-8000-000000000001  batch:submitJob.sync    } {9 Submit function submit  arn:aws:lambda:us-east-1:000000000000:function:submit /aws/lambda/submit   } {10 Submit job 6f2d7c7e-0000-4000-8000-000000000002      }]`
	if got := fmt.Sprint(s.tasks); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
