package sqltext

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// script reads text as a script and returns what it found, one item a line.
func script(text string, vars map[string]string) []string {
	var got []string
	s := Scanner{
		Lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
		Warn:   func(msg string) { got = append(got, "warn "+msg) },
	}
	var buf []byte
	for line := range strings.SplitSeq(text, "\n") {
		if len(buf) > 0 {
			buf = append(buf, '\n')
		}
		s.Line(line)
		for stop := AtBackslash; stop != AtEnd; {
			buf, stop = s.Scan(buf)
			switch stop {
			case AtSemicolon:
				got = append(got, "send "+string(buf))
				buf = buf[:0]
			case AtBackslash:
				cmd := "command " + s.Command()
				for {
					arg, ok, err := s.Arg(ArgNormal, false)
					if !ok {
						break
					}
					cmd += fmt.Sprintf(" [%s]", arg.Text)
					if err != nil {
						cmd += " " + err.Error()
					}
				}
				s.EndCommand()
				got = append(got, cmd)
			}
		}
	}
	if len(buf) > 0 {
		got = append(got, "left "+string(buf))
	}
	return got
}

func TestScanner(t *testing.T) {
	vars := map[string]string{"dt": "2003-01-02", "it": "it's", "two": "select 1; select :dt", "me": "x :me", "cmd": `\echo hi`, "q": `'a`, "bs": `a\b`}
	for _, c := range []struct {
		src  string
		want []string
	}{
		{"", nil},
		{"-- leading\n  \nselect 1 -- in\n, 2;", []string{"send select 1 -- in\n, 2;"}},
		{"select :dt, :'it', :\"dt\", :nope, ':dt', :{?dt}, :{?no}, a::dt;", []string{`send select 2003-01-02, 'it''s', "2003-01-02", :nope, ':dt', TRUE, FALSE, a::dt;`}},
		{":'bs';", []string{`send  E'a\\b';`}},
		{":two;", []string{"send select 1;", "send select 2003-01-02;"}},
		{":me;", []string{`warn skipping recursive expansion of variable "me"`, "send x :me;"}},
		{"select :q:dt';", []string{"send select 'a:dt';"}},
		{":cmd there\nx;", []string{"command echo [hi] [there]", "send x;"}},
		{`select 1 \; select 2 \: ;`, []string{"send select 1 ; select 2 : ;"}},
		{`\set a 'x\ty' :dt"B b":'it' :nope;`, []string{"command set [a] [x\ty] [2003-01-02\"B b\"'it''s'] [:nope;]"}},
		{`\echo a b \\ select 1;`, []string{"command echo [a] [b]", "send select 1;"}},
		{`\echo a\p\echo ''''`, []string{"command echo [a]", "command p", "command echo [']"}},
		{`\echo 'open`, []string{"warn unterminated quoted string", "command echo"}},
		{"\\echo a`ls`", []string{"command echo [a] backquoted shell commands are refused"}},
		{"select 'a\nb;", []string{"left select 'a\nb;"}},
		{"/* a;\n b; */ select $x$ ;\n \\echo $x$;", []string{"send /* a;\n b; */ select $x$ ;\n \\echo $x$;"}},
		{"select (1;\n2);", []string{"send select (1;\n2);"}},
		{"create procedure p() begin atomic select 1;\nend; x;", []string{"send create procedure p() begin atomic select 1;\nend;", "send x;"}},
		{"select 1\r\n;\r", []string{"send select 1\r\n;"}},
	} {
		if diff := cmp.Diff(c.want, script(c.src, vars)); diff != "" {
			t.Errorf("script %q (-want +got):\n%s", c.src, diff)
		}
	}
}

func TestArgModes(t *testing.T) {
	for _, c := range []struct {
		src  string
		mode ArgMode
		trim bool
		want string
	}{
		{`\x on;;`, ArgNormal, true, "on"},
		{`\x 'on;';`, ArgNormal, true, "on;"},
		{`\x Foo"Bar"""`, ArgName, false, `fooBar"`},
		{`\x a"b""C"D`, ArgName, false, `ab"Cd`},
		{`\x | cat x ; `, ArgFile, false, "| cat x ; "},
		{`\x  a  'b ; `, ArgLine, true, "a  'b"},
	} {
		var s Scanner
		s.Line(c.src)
		s.Scan(nil)
		s.Command()
		if got, ok, err := s.Arg(c.mode, c.trim); got.Text != c.want || !ok || err != nil {
			t.Errorf("%s: got %q, %v, %v; want %q", c.src, got.Text, ok, err, c.want)
		}
	}
}

func FuzzScanner(f *testing.F) {
	seeds(f)
	f.Add(`\set a 'x' :b \\ :a \echo "a" ` + "`ls`")
	f.Fuzz(func(t *testing.T, src string) {
		script(src, map[string]string{"a": "'", "b": ":a;:b", "c": `\x`})
	})
}
